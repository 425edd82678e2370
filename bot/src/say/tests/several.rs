//! An incident in which requests fail with several codes, or to several services.

use lifeboat_storage::event::{AlertEvidence, Time};
use lifeboat_storage::id::AlertKey;

use super::*;

/// An alert on requests that joins the incident 42.
fn joins(story: &mut Story, clock: &str, what: AlertKind, service: &str) {
    let alert = AlertKey::new(format!("{}/{service}", what.key()));
    let (service, severity) = (ServiceName::new(service), Severity::Sev2);
    let raised = Kind::AlertRaised { alert: alert.clone(), what, service, severity, evidence: evidence() };
    story.rule(clock, Some(42), raised);
    story.rule(clock, Some(42), Kind::AlertJoined { alert });
}

fn measured(story: &mut Story, clock: &str, from: &str, service: &str, counts: &[(u64, u64)]) {
    let counts = counts.iter().map(|(bad, total)| share(*bad, *total)).collect();
    let service = ServiceName::new(service);
    story.rule(clock, Some(42), Kind::TrafficMeasured { service, from: at(from), step_s: 10, counts });
}

fn over(story: &mut Story, good_since: &str, alert: &str, bad: u64) {
    let good_since: Time = at(good_since);
    let (now, peak, whole) = (share(0, 1_000), share(bad, 2_000), share(bad, 4_000));
    let recovered = Kind::AlertRecovered { alert: key(alert), good_since, now, peak, whole };
    story.rule("10:30:00", Some(42), recovered);
}

fn plain(text: &str) -> String {
    text.replace(['\u{2068}', '\u{2069}'], "")
}

fn header(story: &Story, say: Say, clock: &str) -> [String; 2] {
    let told = |scene: &Scene<'_>| {
        let known = story.incident(42);
        [incident::sentence(scene, known), card::card(scene, known).title].map(|text| plain(&text))
    };
    story.at(say, clock, told)
}

fn impact_row(story: &Story, say: Say, clock: &str) -> String {
    plain(&story.at(say, clock, |scene| card::card(scene, story.incident(42)).rows[0].text.clone()))
}

/// 502 and 504 at once, and what was measured of both.
fn two_codes() -> Story {
    let mut story = Story::opened(42, "blog-web");
    joins(&mut story, "10:16:00", AlertKind::GatewayTimeout, "blog-web");
    measured(&mut story, "10:16:30", "10:16:00", "blog-web", &[(600, 1_000); 3]);
    story
}

#[test]
fn where_requests_fail_with_several_codes_what_is_measured_is_told_without_one() {
    let story = two_codes();
    let expected = [
        (EN, ["60 % of requests to blog-web fail.", "blog-web: 60 % of requests fail"]),
        (ZH, ["blog-web 有 60% 的请求失败。", "blog-web：60% 的请求失败"]),
    ];
    for (say, expected) in expected {
        assert_eq!(header(&story, say, "10:16:31"), expected);
    }
}

#[test]
fn what_one_alert_tells_of_itself_and_what_fails_with_one_code_keeps_its_code() {
    let mut story = Story::opened(42, "blog-web");
    measured(&mut story, "10:16:30", "10:16:00", "blog-web", &[(600, 1_000); 3]);
    for text in header(&story, EN, "10:16:31") {
        assert!(text.contains("502"), "{text}");
    }
    let mut story = two_codes();
    story.rule("10:17:00", Some(42), grew(Severity::Sev1));
    for text in header(&story, EN, "10:17:01") {
        assert!(text.contains("41 %") && text.contains("502"), "{text}");
    }
}

#[test]
fn in_all_counts_what_failed_with_every_code() {
    let mut story = two_codes();
    measured(&mut story, "10:30:00", "10:16:30", "blog-web", &[(600, 1_000), (0, 1_000), (0, 1_000)]);
    over(&mut story, "10:16:35", "gateway_timeout/blog-web", 900);
    over(&mut story, "10:16:40", "bad_gateway/blog-web", 1_500);
    assert_eq!(impact_row(&story, EN, "10:30:00"), "2,400 of 4,000 requests failed in all; 1 more alert");
    assert_eq!(impact_row(&story, ZH, "10:30:00"), "共 4,000 个请求，2,400 个失败；另有 1 条告警");
}

#[test]
fn where_nothing_was_measured_in_all_adds_up_what_failed_with_each_code() {
    let mut story = Story::opened(42, "blog-web");
    joins(&mut story, "10:16:00", AlertKind::GatewayTimeout, "blog-web");
    over(&mut story, "10:16:35", "gateway_timeout/blog-web", 900);
    over(&mut story, "10:16:40", "bad_gateway/blog-web", 1_500);
    assert_eq!(impact_row(&story, EN, "10:30:00"), "2,400 requests failed in all; 1 more alert");
    assert_eq!(impact_row(&story, ZH, "10:30:00"), "共 2,400 个请求失败；另有 1 条告警");
}

#[test]
fn where_requests_fail_with_several_codes_likely_speaks_of_all_of_them_and_the_list_of_alerts_says_so() {
    let mut story = Story::opened(42, "blog-web");
    let (what, service) = (AlertKind::GatewayTimeout, ServiceName::new("blog-web"));
    let alert = key("gateway_timeout/blog-web");
    let upstreams = vec![Counted { name: "10.0.0.9:8080".to_owned(), count: 223 }];
    let evidence = AlertEvidence { upstreams, paths: vec![], clients: vec![], ..evidence() };
    let raised =
        Kind::AlertRaised { alert: alert.clone(), what, service, severity: Severity::Sev2, evidence };
    story.rule("10:16:00", Some(42), raised);
    story.rule("10:16:00", Some(42), Kind::AlertJoined { alert });
    measured(&mut story, "10:16:30", "10:16:00", "blog-web", &[(600, 1_000); 3]);
    for (say, likely, listed) in [
        (EN, "failures come from 2 upstreams", "60 % of requests fail with all codes together"),
        (ZH, "失败来自 2 个上游", "各状态码合计占比 60%"),
    ] {
        let told = story.at(say, "10:16:31", |scene| {
            let rows = card::card(scene, story.incident(42)).rows;
            (plain(&rows[1].text), plain(&reply::show(scene, &Show::Alerts).text))
        });
        assert_eq!(told.0, likely);
        assert_eq!(told.1.matches(listed).count(), 2, "{}", told.1);
    }
}

/// The alert of the web is over, that of the API fires; only the web is measured after it was raised.
fn two_services() -> Story {
    let mut story = Story::opened(42, "blog-web");
    joins(&mut story, "10:16:00", AlertKind::BadGateway, "blog-api");
    measured(&mut story, "10:20:30", "10:20:00", "blog-web", &[(0, 1_000); 3]);
    over(&mut story, "10:16:40", "bad_gateway/blog-web", 1_500);
    story
}

#[test]
fn the_card_says_to_when_the_number_of_this_service_was_counted_and_whose_it_is() {
    let mut story = two_services();
    let expected =
        "blog-api: 223 of 1,240 requests failed in 41 s; before: 0.02 %; 1 more alert · counted to 10:16:00";
    assert_eq!(impact_row(&story, EN, "10:30:00"), expected);
    story.person("10:31:00", Some(42), "Mei", status(Status::Investigating, Status::Resolved, ""));
    assert_eq!(impact_row(&story, EN, "10:31:00"), expected, "nothing was measured of it");
    measured(&mut story, "10:31:30", "10:20:00", "blog-api", &[(10, 20); 3]);
    let told = impact_row(&story, EN, "10:31:30");
    assert_eq!(told, "blog-api: 30 of 60 requests failed in all; 1 more alert · counted to 10:20:30");
}

#[test]
fn a_step_that_was_still_running_when_it_was_told_is_counted_up_to_then() {
    let mut story = Story::opened(42, "blog-web");
    measured(&mut story, "10:16:24", "10:16:00", "blog-web", &[(600, 1_000); 3]);
    assert!(impact_row(&story, EN, "10:16:24").ends_with("counted to 10:16:24"));
}

#[test]
fn the_header_names_an_upstream_so_that_it_is_known_or_not_at_all() {
    for length in 8..limits::NAME {
        let name = format!("backend{}:8080", "-7".repeat(length).split_at(length - 5).0);
        let counted = vec![Counted { name: name.clone(), count: 508 }];
        let worse = AlertEvidence { now: share(508, 1_240), upstreams: counted, ..evidence() };
        for service in ["blog-web", "a-long-name-of-a-service.example"] {
            let mut story = Story::opened(42, service);
            let alert = key(&format!("bad_gateway/{service}"));
            let severity = Severity::Sev1;
            story.rule(
                "10:22:00",
                Some(42),
                Kind::AlertGrew { alert, severity, evidence: worse.clone(), moved: false },
            );
            for (say, before) in [(EN, "come from "), (ZH, "全部来自 ")] {
                let [sentence, _] = header(&story, say, "10:22:01");
                let Some((_, told)) = sentence.split_once(before) else { continue };
                let told = told.trim_end_matches(['.', '。']);
                let known = told == name
                    || (told.chars().count() >= 16 && told.starts_with("backend") && told.ends_with(":8080"));
                assert!(known, "{sentence}");
            }
        }
    }
}
