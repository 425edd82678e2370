//! A whole story in every format and both languages.

pub(super) mod story;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use lifeboat_storage::event::{AlertEvidence, AlertKind, Event, Kind, Milestone, Severity, Share, Status};
use lifeboat_storage::id::{AlertKey, ClusterName, PlanId, Seq, ServiceName, World};
use lifeboat_storage::plan::{Blast, Consent, Cost, PauseReason, Plan, RebootMode, Undo, Verb};
use proptest::prelude::*;

use super::*;
use story::{Story, at, whole};

fn rendered(story: &Story, format: Format, lang: Lang) -> String {
    let (postmortem, state) = (story.postmortem(), story.state());
    let now = at("11:52:00");
    let source = Source { postmortem: &postmortem, state: &state, zone: chrono_tz::Asia::Shanghai, now };
    render(&source, format, lang)
}

#[test]
fn a_whole_story_in_english_markdown() {
    insta::assert_snapshot!(rendered(&whole(World::Real), Format::Markdown, Lang::En));
}

#[test]
fn a_whole_story_in_chinese_markdown() {
    insta::assert_snapshot!(rendered(&whole(World::Drill(3)), Format::Markdown, Lang::ZhCn));
}

/// Rows of the written document that are the one place of an event.
fn places(text: &str, format: Format) -> BTreeMap<String, usize> {
    let mut places = BTreeMap::new();
    let mut count = |place: &str| *places.entry(place.to_owned()).or_default() += 1;
    match format {
        Format::Html => {
            text.split("<tr id=\"e").skip(1).for_each(|rest| count(rest.split('"').next().unwrap()))
        }
        _ => {
            let record = &text[text.find("| No. | Happened | Recorded").unwrap_or(text.len())..];
            for row in record.lines().filter(|line| line.starts_with("| ")) {
                let first = row[2..].split(' ').next().unwrap();
                if first.bytes().all(|b| b.is_ascii_digit()) {
                    count(first);
                }
            }
        }
    }
    places
}

#[test]
fn each_event_has_one_row_in_markdown_and_in_html() {
    let story = whole(World::Real);
    let expected: BTreeMap<String, usize> =
        story.events.iter().map(|event| (event.seq.to_string(), 1)).collect();
    for format in [Format::Markdown, Format::Html] {
        assert_eq!(places(&rendered(&story, format, Lang::En), format), expected, "{format}");
    }
}

#[test]
fn json_holds_the_typed_events_once_and_the_words() {
    let story = whole(World::Real);
    let json: serde_json::Value = serde_json::from_str(&rendered(&story, Format::Json, Lang::En)).unwrap();
    let timeline = json["postmortem"]["timeline"].as_object().unwrap();
    let mut seqs: Vec<u64> = timeline
        .values()
        .flat_map(|list| list.as_array().unwrap())
        .map(|e| e["seq"].as_u64().unwrap())
        .collect();
    seqs.sort_unstable();
    assert_eq!(seqs, story.events.iter().map(|event| event.seq.0).collect::<Vec<_>>());
    assert_eq!(json["words"]["head"]["incident"], "INC-0001");
    assert_eq!(json["zone"], "Asia/Shanghai");
}

#[test]
fn everything_from_a_drill_says_so_in_its_first_line() {
    let story = whole(World::Drill(3));
    for format in Format::ALL {
        for lang in Lang::ALL {
            let text = rendered(&story, format, lang);
            assert!(text.lines().next().unwrap().contains("DRILL-3"), "{format} {lang}: {}", &text[..80]);
            let real = rendered(&whole(World::Real), format, lang);
            assert!(!real.contains("DRILL"), "{format} {lang}");
        }
    }
    let json = rendered(&story, Format::Json, Lang::En);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap()["drill"], "DRILL-3");
}

#[test]
fn the_draft_for_the_public_names_no_person_no_host_and_nothing_somebody_typed() {
    let mut story = whole(World::Real);
    if let Kind::IncidentDeclared { title, .. } = &mut story.events[0].kind {
        *title = "wk-3 is down, ask Mei".to_owned();
    }
    let (postmortem, state) = (story.postmortem(), story.state());
    let source = Source {
        postmortem: &postmortem,
        state: &state,
        zone: chrono_tz::Asia::Shanghai,
        now: at("11:52:00"),
    };
    for lang in Lang::ALL {
        let say = Say::new(lang, source.zone);
        let draft = serde_json::to_string(&public::draft(source.postmortem, lang, say)).unwrap();
        for name in ["Mei", "Lin", "林", "Chen", "wk-", "10.0.0", "203.0", "/p/", "INC-", "502"] {
            assert!(!draft.contains(name), "{lang} names {name}: {draft}");
        }
        assert!(draft.contains("blog-web") && draft.contains("10:15") && draft.contains("11:21"), "{draft}");
    }
}

#[test]
fn both_drafts_for_the_public_stand_in_each_document() {
    for lang in Lang::ALL {
        for format in Format::ALL {
            let text = rendered(&whole(World::Real), format, lang);
            assert!(text.contains("Disturbance of blog-web on 2026-01-05"), "{format} {lang}");
            assert!(text.contains("2026-01-05 blog-web 故障说明"), "{format} {lang}");
        }
    }
}

#[test]
fn the_barest_incident_is_written_without_a_gap_in_its_sentences() {
    let mut story = Story::new(World::Real);
    let declared = |service| Kind::IncidentDeclared {
        title: String::new(),
        severity: Severity::Sev4,
        service,
        alert: None,
    };
    story.add("10:00:00", None, declared(Some(ServiceName::new("blog-web"))));
    insta::assert_snapshot!(rendered(&story, Format::Markdown, Lang::En));
    let mut story = Story::new(World::Real);
    story.add("10:00:00", None, declared(Some(ServiceName::new("博客"))));
    assert!(rendered(&story, Format::Html, Lang::ZhCn).contains("<h1>博客 的事件</h1>"));
}

#[test]
fn the_same_source_gives_the_same_text() {
    for format in Format::ALL {
        let twice = [0, 1].map(|_| rendered(&whole(World::Real), format, Lang::En));
        assert_eq!(twice[0], twice[1]);
    }
}

#[test]
fn a_format_is_read_the_way_people_type_it() {
    for (text, format) in [
        ("md", Format::Markdown),
        ("Markdown", Format::Markdown),
        ("HTML", Format::Html),
        ("json", Format::Json),
    ] {
        assert_eq!(text.parse(), Ok(format));
    }
    assert_eq!("pdf".parse::<Format>(), Err(NotAFormat("pdf".to_owned())));
}

#[test]
fn what_was_redacted_is_nowhere_and_its_place_says_who_and_why() {
    for (format, lang) in Format::ALL.into_iter().zip(Lang::ALL.into_iter().cycle()) {
        let text = rendered(&whole(World::Real), format, lang);
        assert!(!text.contains("hunter2"), "{format}");
        assert!(text.contains("a password was pasted"), "{format}");
    }
}

#[test]
fn where_a_warning_came_first_each_time_tells_what_it_is_counted_from() {
    let mut story = whole(World::Real);
    let raised =
        story.events.iter_mut().find(|event| matches!(event.kind, Kind::AlertRaised { .. })).unwrap();
    let mut later = raised.kind.clone();
    let Kind::AlertRaised { what, .. } = &mut raised.kind else { unreachable!("it was found as one") };
    *what = AlertKind::CapacityShort;
    if let Kind::AlertRaised { alert, evidence, .. } = &mut later {
        *alert = AlertKey::new("bad_gateway/blog-api");
        evidence.since = Some(at("10:45:00"));
    }
    story.add("11:50:00", None, later);
    let text = rendered(&story, Format::Markdown, Lang::En);
    let times: Vec<&str> = text.lines().filter(|line| line.starts_with("- **Time to ")).collect();
    let ends = |title: &str, ends: &str| {
        times.iter().any(|line| line.starts_with(&format!("- **{title}:**")) && line.ends_with(ends))
    };
    assert!(ends("Time to mitigate, from the warning", "(10:15:00 → 11:21:00)"), "{times:?}");
    assert!(ends("Time to mitigate, from the first failed requests", "(10:45:00 → 11:21:00)"), "{times:?}");
    assert!(
        text.contains("> We noticed it at 11:50. Since"),
        "the warning came before anything failed: {text}"
    );
}

/// A reboot that Mei asked for against a freeze, and approved.
fn overridden(story: &mut Story) {
    let plan = Plan {
        verb: Verb::NodeReboot { mode: RebootMode::Emergency },
        cluster: ClusterName::new("blog-k8s"),
        other: None,
        traffic: None,
        service: ServiceName::new("blog-web"),
        steps: Vec::new(),
        targets: Vec::new(),
        floors: Vec::new(),
        blast: Blast::default(),
        cost: Cost::Nothing,
        expected_s: 150,
        undo: Undo::NotNeeded,
        consent: Consent::Confirm,
        override_reason: Some("nobody else awake".to_owned()),
    };
    let (id, hash) = (PlanId(1), plan.hash());
    let body = Box::new(plan);
    story.add("11:03:00", Some("Mei"), Kind::PlanProposed { plan: id, body, hash: hash.clone() });
    story.add("11:03:10", Some("Mei"), Kind::PlanApproved { plan: id, hash });
}

#[test]
fn an_override_stands_among_the_plans_and_in_the_timeline_with_who_waived_what_and_why() {
    let mut story = whole(World::Real);
    overridden(&mut story);
    let text = rendered(&story, Format::Markdown, Lang::En);
    let waived = "Mei waived the second person and any freeze: nobody else awake";
    assert!(text.lines().any(|line| line == format!("- **Override:** {waived}")), "{text}");
    let rows = text.lines().filter(|line| line.starts_with("| ") && line.contains(waived)).count();
    assert!(rows >= 2, "asked for and approved: {text}");
}

#[test]
fn a_plan_begun_before_its_incident_and_at_work_in_it_is_told_with_what_became_of_it_there() {
    let mut story = Story::new(World::Real);
    overridden(&mut story);
    story.events.iter_mut().for_each(|event| event.incident = None);
    let (title, service) = (String::new(), Some(ServiceName::new("blog-web")));
    story.add(
        "11:05:00",
        None,
        Kind::IncidentDeclared { title, severity: Severity::Sev2, service, alert: None },
    );
    let (plan, why) = (PlanId(1), PauseReason::Asked);
    let paused = story.add("11:10:00", Some("Mei"), Kind::PlanPaused { plan, why });
    let resumed = story.add("11:31:00", Some("Mei"), Kind::PlanResumed { plan });
    let postmortem = story.postmortem();
    let plans: Vec<PlanId> = postmortem.plans.iter().map(|run| run.id).collect();
    assert_eq!(plans, [plan]);
    let told: Vec<Seq> = postmortem.timeline.story.iter().map(|entry| entry.event.seq).collect();
    assert_eq!(told[1..], [paused, resumed]);
    let text = rendered(&story, Format::Markdown, Lang::En);
    assert!(text.contains("nobody else awake"), "{text}");
}

#[test]
fn times_after_a_change_of_the_clock_carry_their_own_distance_from_utc() {
    let mut story = Story::new(World::Real);
    let (title, service) = (String::new(), Some(ServiceName::new("blog-web")));
    let declared = Kind::IncidentDeclared { title, severity: Severity::Sev2, service, alert: None };
    story.add("10:15:00", None, declared);
    story.add("10:15:00", None, Kind::MilestoneSet { milestone: Milestone::Started });
    story.add("11:21:00", None, Kind::MilestoneSet { milestone: Milestone::Mitigated });
    // From half an hour before the clock is changed in Berlin.
    let later = TimeDelta::days(83) - TimeDelta::minutes(105);
    story.events.iter_mut().for_each(|event| event.occurred_at += later);
    let (postmortem, state) = (story.postmortem(), story.state());
    let now = at("11:52:00") + later;
    let source = Source { postmortem: &postmortem, state: &state, zone: chrono_tz::Europe::Berlin, now };
    let text = render(&source, Format::Markdown, Lang::En);
    for told in [
        "From 01:30:00 to 03:36:00 (UTC+2), blog-web was disturbed",
        "On 2026-03-29 from 01:30 to 03:36 (UTC+1 → UTC+2), blog-web was disturbed.",
        "Since 03:36 (UTC+2), blog-web has worked again.",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
}

/// Declared and resolved ten minutes later, with these requests a minute, of which none failed.
fn without_failures(requests: [u64; 10]) -> Story {
    let mut story = Story::new(World::Real);
    let service = ServiceName::new("blog-web");
    let (title, of) = (String::new(), Some(service.clone()));
    let declared = Kind::IncidentDeclared { title, severity: Severity::Sev2, service: of, alert: None };
    story.add("10:15:00", None, declared);
    story.add("10:15:00", None, Kind::MilestoneSet { milestone: Milestone::Started });
    let counts = requests.map(|total| Share { bad: 0, total }).to_vec();
    story.add("10:15:00", None, Kind::TrafficMeasured { service, from: at("10:15:00"), step_s: 60, counts });
    let (from, to, reason) = (Status::Investigating, Status::Resolved, String::new());
    story.add("10:25:00", Some("Mei"), Kind::StatusChanged { from, to, head: None, reason });
    story
}

#[test]
fn where_no_request_failed_nothing_is_asked_or_told_of_users_who_suffered() {
    let story = without_failures([400; 10]);
    let text = rendered(&story, Format::Markdown, Lang::En);
    assert!(text.contains("users did not suffer"), "{text}");
    for told in ["Time to mitigate", "no longer suffered", "Worst minute"] {
        assert!(!text.contains(told), "{told}: {text}");
    }
}

#[test]
fn where_nothing_was_counted_for_minutes_nobody_is_said_not_to_have_suffered() {
    let story = without_failures([400, 400, 400, 0, 0, 0, 0, 400, 400, 400]);
    let text = rendered(&story, Format::Markdown, Lang::En);
    assert!(!text.contains("users did not suffer"), "{text}");
    for told in ["counted requests to blog-web failed; for", "Time to mitigate", "no longer suffered"] {
        assert!(text.contains(told), "{told}: {text}");
    }
}

/// Two services of one incident: half of the web fails for two minutes, all of the API for three.
fn two_services() -> Story {
    let mut story = Story::new(World::Real);
    let (title, severity) = (String::new(), Severity::Sev2);
    let service = Some(ServiceName::new("blog-web"));
    story.add("10:15:00", None, Kind::IncidentDeclared { title, severity, service, alert: None });
    story.add("10:15:00", None, Kind::MilestoneSet { milestone: Milestone::Started });
    for (service, shares) in [("blog-web", [100, 100, 0]), ("blog-api", [200, 200, 200])] {
        let service = ServiceName::new(service);
        let counts = shares.map(|bad| Share { bad, total: 200 }).to_vec();
        let from = at("10:15:00");
        story.add("10:18:00", None, Kind::TrafficMeasured { service, from, step_s: 60, counts });
    }
    let (from, to, reason) = (Status::Investigating, Status::Mitigated, String::new());
    story.add("10:18:00", Some("Mei"), Kind::StatusChanged { from, to, head: None, reason });
    story
}

#[test]
fn of_several_services_each_number_is_told_with_its_service() {
    let english = rendered(&two_services(), Format::Markdown, Lang::En);
    for told in [
        "# Requests to blog-web, blog-api failed for 3 min\n",
        "everything has worked again.",
        "200 of 600 requests to blog-web failed (33 %). In that time, 600 of 600 requests to blog-api failed (100 %).",
        "blog-web: 200 of 600 (33 %); blog-api: 600 of 600 (100 %)",
        "blog-web: 50 %, around 10:16:00; blog-api: 100 %, around 10:17:00",
        "blog-web: none; blog-api: 3 min, 10:15:00 → 10:18:00",
        "In that time, about 100 % of requests to blog-api failed, too. For 3 min no request to blog-api succeeded.",
    ] {
        assert!(english.contains(told), "{told}: {english}");
    }
    let chinese = rendered(&two_services(), Format::Markdown, Lang::ZhCn);
    for told in [
        "# blog-web、blog-api 的请求失败，历时 3 分钟\n",
        "blog-api 有 3 分钟没有任何请求成功。",
        "其间 blog-api 共 600 个请求，其中 600 个失败（100%）。",
        "blog-web：600 个中 200 个（33%）；blog-api：",
    ] {
        assert!(chinese.contains(told), "{told}: {chinese}");
    }
}

/// Every request failed from 10:15:00 to 10:15:40 and from 10:21:00 to 10:21:50.
fn failed_twice() -> Story {
    let mut story = Story::new(World::Real);
    let (service, alert) = (ServiceName::new("blog-web"), AlertKey::new("bad_gateway/blog-web"));
    let (title, of, severity) = (String::new(), Some(service.clone()), Severity::Sev1);
    story.add("10:15:03", None, Kind::IncidentDeclared { title, severity, service: of, alert: None });
    let evidence = |since| AlertEvidence { since: Some(at(since)), ..AlertEvidence::default() };
    let recovered = |good_since| Kind::AlertRecovered {
        alert: alert.clone(),
        good_since: at(good_since),
        now: Share::default(),
        peak: Share::default(),
        whole: Share { bad: 45, total: 45 },
    };
    story.add("10:15:00", None, Kind::MilestoneSet { milestone: Milestone::Started });
    let (what, since) = (AlertKind::BadGateway, evidence("10:15:00"));
    let raised = Kind::AlertRaised { alert: alert.clone(), what, service, severity, evidence: since };
    story.add("10:15:03", None, raised);
    story.add("10:17:00", None, recovered("10:15:40"));
    let evidence = evidence("10:21:00");
    story.add(
        "10:21:03",
        None,
        Kind::AlertReturned { alert: alert.clone(), severity, evidence, times: 1, still: false },
    );
    story.add("10:23:00", None, recovered("10:21:50"));
    story
}

#[test]
fn what_failed_twice_is_told_as_twice_and_for_as_long_as_it_failed() {
    let english = rendered(&failed_twice(), Format::Markdown, Lang::En);
    for told in [
        "100 % of requests to blog-web failed, 2 times, for 1 min 30 s in all",
        "Requests failed 2 times (10:15:00 → 10:15:40, 10:21:00 → 10:21:50): in these times, 90 of 90 requests to blog-web",
        "blog-web was disturbed 2 times, for 1 min 30 s in all; in that time, about 100 % of requests failed.",
        "is over since 10:15:40: share 0 %; 45 of 45 requests failed",
        "- **Worst minute:** 100 %\n",
    ] {
        assert!(english.contains(told), "{told}: {english}");
    }
    let chinese = rendered(&failed_twice(), Format::Markdown, Lang::ZhCn);
    assert!(chinese.contains("blog-web 先后 2 次有 100% 的请求失败"), "{chinese}");
}

#[test]
fn events_of_other_incidents_stay_out() {
    let story = whole(World::Real);
    let (state, mut events): (_, Vec<Event>) = (story.state(), story.events.clone());
    let own = story.postmortem();
    let other = Event { incident: None, seq: Seq(900), ..events[0].clone() };
    events.push(other);
    let incident = &state.incidents[&story::INCIDENT];
    assert_eq!(lifeboat_storage::postmortem::assemble(incident, &events, &state), own);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_part_of_a_story_at_any_time_is_written_with_each_event_in_one_row(
        kept in prop::collection::vec(any::<bool>(), 39),
        moved_s in prop::collection::vec(prop_oneof![4 => Just(0_i64), 1 => -900_000..900_000_i64], 39),
    ) {
        let mut story = whole(World::Drill(3));
        let mut place = 0;
        story.events.retain(|_| { place += 1; place == 1 || kept[place - 1] });
        for (seq, event) in (1..).zip(&mut story.events) {
            event.seq = Seq(seq);
            event.occurred_at += TimeDelta::seconds(moved_s[usize::try_from(seq).unwrap() - 1]);
        }
        let expected: BTreeMap<String, usize> =
            story.events.iter().map(|event| (event.seq.to_string(), 1)).collect();
        for format in [Format::Markdown, Format::Html] {
            prop_assert_eq!(&places(&rendered(&story, format, Lang::En), format), &expected);
        }
        let json = rendered(&story, Format::Json, Lang::ZhCn);
        prop_assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());
    }
}
