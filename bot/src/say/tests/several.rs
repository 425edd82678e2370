//! An incident in which requests to several services fail.

use lifeboat_storage::event::Time;
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

fn impact_row(story: &Story, say: Say, clock: &str) -> String {
    plain(&story.at(say, clock, |scene| card::card(scene, story.incident(42)).rows[0].text.clone()))
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
