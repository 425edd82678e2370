use insta::assert_snapshot;
use lifeboat_commands::people::Person;
use lifeboat_storage::event::{AlertEvidence, AlertKind, Milestone, Share};
use lifeboat_storage::id::PlanId;
use lifeboat_storage::plan::{Plan, StepOutcome, StepResult};
use serde_json::{Value, json};

use super::super::render::render;
use super::*;
use crate::say::Lang;
use crate::say::fixture::{BOTH, Story, at, status};

const INC: IncidentId = IncidentId(42);
const ROLE: u64 = 300_000_000_000_000_001;

fn people() -> People {
    let person = |name: &str, id: u64| Person {
        name: PersonName::new(name),
        console: None,
        os: None,
        discord: Some(id.to_string()),
        permissions: Vec::new(),
    };
    People::from(vec![person("Mei", 200_000_000_000_000_002), person("Lin", 200_000_000_000_000_003)])
}

fn told(story: &Story, clock: &str, lang: Lang, drill: bool, channel: &str, post: &PostKind) -> Value {
    let say = BOTH[usize::from(lang == Lang::ZhCn)];
    story.at(say, clock, |scene| {
        let people = people();
        let wake = Some((Severity::Sev2, ROLE));
        let page = Some("https://lifeboat.example.org");
        let teller = Teller { scene, people: &people, chat: None, wake, page, drill };
        render(&teller.post(&ChannelName::new(channel), post).unwrap()).create("a1b2c3d4e5f60718293a4b5c")
    })
}

/// A message as people see it: its content, its embed, its buttons, and who is woken.
fn seen(body: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut lines = vec![text(&body["content"])];
    for embed in body["embeds"].as_array().unwrap() {
        lines.push(format!("┃ {}  #{:06X}", text(&embed["title"]), embed["color"].as_u64().unwrap()));
        lines.extend(text(&embed["description"]).lines().map(|line| format!("┃ {line}")));
        for field in embed["fields"].as_array().into_iter().flatten() {
            lines.push(format!("┃ [{}]", text(&field["name"])));
            lines.extend(text(&field["value"]).lines().map(|line| format!("┃   {line}")));
        }
        lines.push(format!("┃ — {}", text(&embed["footer"]["text"])));
    }
    for button in
        body["components"].as_array().unwrap().iter().flat_map(|row| row["components"].as_array().unwrap())
    {
        let carried = if button["style"] == 5 { &button["url"] } else { &button["custom_id"] };
        lines.push(format!("({}) {} → {}", button["style"], text(&button["label"]), text(carried)));
    }
    lines.push(format!("wakes {} silent {}", body["allowed_mentions"]["roles"], body["flags"] == 4_096));
    lines.join("\n")
}

fn both(story: &Story, clock: &str, channel: &str, post: &PostKind) -> String {
    Lang::ALL.map(|lang| seen(&told(story, clock, lang, false, channel, post))).join("\n\n")
}

const CARD: PostKind = PostKind::Card { incident: INC };

#[test]
fn design_1_a_502_spike_wakes_those_who_must_come() {
    let story = Story::opened(42, "blog-web");
    assert_snapshot!(both(&story, "10:15:42", "alerts", &CARD));
}

#[test]
fn design_1_goes_on_when_taken_worse_mitigated_and_closed() {
    let mut story = Story::whole();
    assert_snapshot!("taken", both(&story, "11:31:05", "alerts", &CARD));
    story.person("11:32:00", Some(42), "Mei", status(Status::Identified, Status::Mitigated, ""));
    story.person("11:50:00", Some(42), "Mei", status(Status::Mitigated, Status::Resolved, ""));
    assert_snapshot!("resolved", both(&story, "11:50:01", "alerts", &CARD));
    story.person("11:55:00", Some(42), "Mei", status(Status::Resolved, Status::Closed, ""));
    let closed = told(&story, "11:55:01", Lang::En, false, "alerts", &CARD);
    let buttons: Vec<&Value> = closed["components"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|row| row["components"].as_array().unwrap())
        .collect();
    assert!(
        buttons.iter().all(|button| button["style"] == 5),
        "no command can be pressed any more: {buttons:?}"
    );
}

#[test]
fn design_6_the_pinned_status_is_one_source_of_truth() {
    assert_snapshot!(both(&Story::whole(), "11:31:05", "inc-0042-blog-web", &CARD));
}

#[test]
fn the_short_timeline_is_in_order_of_what_happened_and_holds_no_refusals() {
    let mut story = Story::whole();
    let refused =
        Kind::CommandRefused { command: "incident close".to_owned(), why: "not-resolved".to_owned() };
    story.person("11:32:00", Some(42), "Mei", refused);
    story.person("10:30:00", Some(42), "Lin", Kind::NoteAdded { text: "it began with a release".to_owned() });
    let status = seen(&told(&story, "11:32:05", Lang::En, false, "inc-0042-blog-web", &CARD));
    let clocks: Vec<&str> = status.lines().filter_map(|line| line.strip_prefix("┃   `")?.get(..8)).collect();
    assert_eq!(clocks, ["10:26:00", "10:30:00", "10:40:00", "11:31:00", "11:31:00"], "{status}");
}

/// An incident by another kind of alert, as the fleet raises it.
fn raised(what: AlertKind, now: Share, samples: &[&str]) -> Story {
    let mut story = Story::new();
    let alert = crate::say::fixture::key(&format!("{}/blog-web", what.key()));
    let service = lifeboat_storage::id::ServiceName::new("blog-web");
    let declared = Kind::IncidentDeclared {
        title: String::new(),
        severity: Severity::Sev2,
        service: Some(service.clone()),
        alert: Some(alert.clone()),
    };
    story.rule("10:01:00", Some(42), declared);
    story.rule("10:01:00", Some(42), Kind::ChannelOpened { channel: ChannelName::new("inc-0042-blog-web") });
    story.rule("10:01:00", Some(42), Kind::MilestoneSet { milestone: Milestone::Detected });
    let samples = samples.iter().map(|sample| (*sample).to_owned()).collect();
    let evidence = AlertEvidence { now, samples, ..AlertEvidence::default() };
    story.rule(
        "10:01:00",
        Some(42),
        Kind::AlertRaised { alert, what, service, severity: Severity::Sev2, evidence },
    );
    story
}

#[test]
fn design_2_a_group_that_failed_to_start() {
    let samples = ["web-7c9: CrashLoopBackOff: config: DB_URL: empty value, exit 78"];
    let story = raised(AlertKind::FailedStart, Share { bad: 3, total: 5 }, &samples);
    assert_snapshot!(both(&story, "10:01:05", "alerts", &CARD));
}

#[test]
fn design_3_nodes_that_cannot_start_for_want_of_stock() {
    let story = raised(AlertKind::CapacityShort, Share { bad: 4, total: 4 }, &[]);
    assert_snapshot!(both(&story, "10:01:05", "alerts", &CARD));
}

fn plan(consent: &str) -> Plan {
    let node = |name: &str| json!({ "cluster": "k8s-main", "node": name, "instance": format!("i-{name}"), "serving": true });
    let step = |step: &str, name: &str| json!({ "step": step, "cluster": "k8s-main", "node": name });
    let mut cordon = step("cordon", "wk-1");
    cordon["always"] = json!(false);
    serde_json::from_value(json!({
        "verb": "node_reboot", "mode": "rolling", "cluster": "k8s-main", "service": "blog-web",
        "steps": [cordon, { "step": "uncordon", "cluster": "k8s-main", "node": "wk-1", "always": false }],
        "targets": [node("wk-1"), node("wk-2")],
        "floors": [{ "floor": "serving", "cluster": "k8s-main", "service": "blog-web", "least": 3, "of": 5 }],
        "blast": { "serving": 5, "wanted": 9, "left": [4, 5] },
        "cost": { "cost": "nothing" }, "expected_s": 420, "undo": { "undo": "not_needed" }, "consent": consent
    }))
    .unwrap()
}

fn proposed(consent: &str) -> (Story, String) {
    let mut story = Story::opened(42, "blog-web");
    let plan = plan(consent);
    let hash = plan.hash();
    let kind = Kind::PlanProposed { plan: PlanId(7), body: Box::new(plan), hash: hash.clone() };
    story.person("10:20:00", Some(42), "Mei", kind);
    (story, hash)
}

const PLAN: PostKind = PostKind::Plan { plan: PlanId(7) };

#[test]
fn design_4_a_plan_that_runs_shows_how_far_it_went() {
    let (mut story, hash) = proposed("confirm");
    story.person("10:21:00", Some(42), "Mei", Kind::PlanApproved { plan: PlanId(7), hash });
    let key = lifeboat_storage::id::IdemKey::new("k");
    story.rule("10:21:01", Some(42), Kind::StepStarted { plan: PlanId(7), step: 0, attempt: 1, key });
    let outcome = StepOutcome::Succeeded { result: StepResult::SchedulableWas { before: true } };
    story.rule("10:21:03", Some(42), Kind::StepEnded { plan: PlanId(7), step: 0, outcome });
    assert_snapshot!(both(&story, "10:21:05", "inc-0042-blog-web", &PLAN));
}

#[test]
fn design_5_a_plan_for_two_people_carries_its_hash() {
    let (story, hash) = proposed("two_people");
    let shown = both(&story, "10:20:01", "inc-0042-blog-web", &PLAN);
    assert!(shown.contains(&format!("v1:plan approve P-7 hash:{}", &hash[..8])), "{shown}");
    assert_snapshot!(shown.replace(&hash[..8], "<hash>"));
}

#[test]
fn worse_is_a_short_new_message_that_wakes_and_better_is_silent() {
    let story = Story::whole();
    let of = |fits: &dyn Fn(&Kind) -> bool| {
        let event = story.events.iter().find(|event| fits(&event.kind)).unwrap();
        PostKind::Notice { about: event.seq }
    };
    let worse = of(&|kind| matches!(kind, Kind::SeverityChanged { .. }));
    assert_snapshot!("worse", both(&story, "10:22:01", "alerts", &worse));
    let in_channel = told(&story, "10:22:01", Lang::En, false, "inc-0042-blog-web", &worse);
    assert_eq!(in_channel["allowed_mentions"]["roles"], json!([]), "those who came are not woken twice");
    let mut story = Story::whole();
    let better =
        story.rule("11:40:00", Some(42), Kind::SeverityChanged { from: Severity::Sev1, to: Severity::Sev3 });
    let better = told(&story, "11:40:01", Lang::En, false, "alerts", &PostKind::Notice { about: better });
    assert_eq!((&better["flags"], &better["allowed_mentions"]["roles"]), (&json!(4_096), &json!([])));
}

#[test]
fn a_severity_that_a_person_raised_says_on_a_lock_screen_how_bad_what_and_where() {
    let mut story = Story::opened(42, "blog-web");
    let raised = Kind::SeverityChanged { from: Severity::Sev2, to: Severity::Sev1 };
    let raised = PostKind::Notice { about: story.person("10:16:00", Some(42), "Mei", raised) };
    let common = told(&story, "10:16:01", Lang::En, false, "alerts", &raised);
    let whole =
        format!("♦️ **SEV1 (was SEV2) · 502 on blog-web · INC-0042** · <@200000000000000002> · <@&{ROLE}>");
    assert_eq!(common["content"], whole);
    assert_ne!(common["flags"], 4_096);
    let own = told(&story, "10:16:01", Lang::En, false, "inc-0042-blog-web", &raised);
    assert_eq!(own["content"], "<@200000000000000002> · Severity SEV2 → SEV1");
    assert_eq!((&own["flags"], &own["allowed_mentions"]["roles"]), (&json!(4_096), &json!([])));
}

#[test]
fn what_a_person_did_is_told_with_their_name_and_makes_no_sound() {
    let story = Story::whole();
    let taken = story.events.iter().find(|event| event.kind == Kind::Acknowledged).unwrap();
    let taken = told(
        &story,
        "10:16:06",
        Lang::En,
        false,
        "inc-0042-blog-web",
        &PostKind::Notice { about: taken.seq },
    );
    assert_eq!(taken["content"], "<@200000000000000002> · Took it");
    assert_eq!((&taken["flags"], &taken["allowed_mentions"]["users"]), (&json!(4_096), &json!([])));
}

#[test]
fn whoever_is_given_a_role_or_a_task_by_another_is_called_and_nobody_else() {
    use crate::say::fixture::role;
    use lifeboat_storage::event::{Role, TaskKind};
    let task = |owner| Kind::TaskAdded {
        task: 1,
        what: TaskKind::Prevent,
        text: "a DNS canary".to_owned(),
        owner: Some(PersonName::new(owner)),
    };
    let mut story = Story::whole();
    for (kind, called) in [
        (role(Role::Commander, "Lin"), json!(["200000000000000003"])),
        (role(Role::Commander, "Mei"), json!([])),
        (task("Lin"), json!(["200000000000000003"])),
        (task("Mei"), json!([])),
    ] {
        let about = story.person("11:40:00", Some(42), "Mei", kind);
        let post = PostKind::Notice { about };
        let body = told(&story, "11:40:01", Lang::En, false, "inc-0042-blog-web", &post);
        let silent = body["flags"] == 4_096;
        assert_eq!((&body["allowed_mentions"]["users"], silent), (&called, called == json!([])), "{body}");
        let drilled = told(&story, "11:40:01", Lang::En, true, "inc-0042-blog-web", &post);
        assert_eq!(drilled["allowed_mentions"]["users"], json!([]));
    }
}

#[test]
fn a_test_alert_wakes_like_the_worst_one() {
    let mut story = Story::new();
    let raised = Kind::AlertRaised {
        alert: crate::say::fixture::key("test"),
        what: AlertKind::Test,
        service: lifeboat_storage::id::ServiceName::new("test"),
        severity: Severity::Sev4,
        evidence: AlertEvidence::default(),
    };
    let raised = story.person("10:20:00", None, "Mei", raised);
    let told = told(&story, "10:20:01", Lang::En, false, "alerts", &PostKind::Notice { about: raised });
    assert_eq!(told["allowed_mentions"]["roles"], json!([ROLE.to_string()]), "{told}");
    assert_ne!(told["flags"], 4_096);
}

#[test]
fn a_drill_says_so_on_everything_and_wakes_nobody() {
    let story = Story::opened(42, "blog-web");
    for lang in Lang::ALL {
        let card = told(&story, "10:15:42", lang, true, "alerts", &CARD);
        let content = card["content"].as_str().unwrap();
        assert!(content.starts_with("**DRILL**") || content.starts_with("**演练**"), "{content}");
        assert!(!content.contains("<@&") && card["allowed_mentions"]["roles"] == json!([]));
    }
}

#[test]
fn a_lock_screen_shows_how_bad_what_and_where() {
    let story = Story::opened(42, "blog-web");
    for lang in Lang::ALL {
        let card = told(&story, "10:15:42", lang, false, "alerts", &CARD);
        let first: String = card["content"].as_str().unwrap().chars().take(90).collect();
        assert!(["SEV2", "502", "blog-web", "18"].iter().all(|word| first.contains(word)), "{first}");
    }
}

#[test]
fn after_an_outage_of_discord_one_summary_tells_what_happened() {
    let mut story = Story::whole();
    let lost = Kind::ChatLost { chat: lifeboat_storage::event::ChatKind::Discord, since: at("10:14:00") };
    let about = story.rule("10:16:00", None, lost);
    assert_snapshot!(both(&story, "11:31:05", "alerts", &PostKind::Notice { about }));
}

#[test]
fn of_one_channel_that_took_no_messages_the_summary_tells_its_own_incident_and_the_common_one_the_way_out() {
    let mut story = Story::whole();
    let chat = lifeboat_storage::event::ChatKind::Discord;
    let channel = ChannelName::new("inc-0042-blog-web");
    let lost = Kind::ChannelUnreached { chat, channel: channel.clone(), since: at("10:14:00") };
    let about = PostKind::Notice { about: story.rule("10:16:00", None, lost) };
    assert_snapshot!("channel_unreached_itself", both(&story, "11:31:05", channel.as_str(), &about));
    assert_snapshot!("channel_unreached_common", both(&story, "11:31:05", "alerts", &about));
}

#[test]
fn text_from_outside_stays_text() {
    let hostile = "<@&300000000000000001> @everyone **x** [a](https://b) `c`";
    let story = Story::opened(42, hostile);
    let card = told(&story, "10:15:42", Lang::En, false, "alerts", &CARD);
    // What we put there ourselves, and what an escape made harmless.
    let ours = [format!("<@&{ROLE}>"), "https://lifeboat.example.org".to_owned(), "\\\\]".to_owned()];
    let all = ours.iter().fold(card.to_string(), |all, one| all.replace(one, ""));
    for alive in ["@everyone", "](", "https://", "**x**", "<@&"] {
        assert!(!all.contains(alive), "{alive} in {all}");
    }
    assert_eq!(card["allowed_mentions"]["roles"], json!([ROLE.to_string()]));
}
