//! An alert that opens no incident by itself, and the line that opens one of it.

use std::sync::Arc;

use chrono::TimeDelta;
use lifeboat::engine::effect::Answer;
use lifeboat::say::{Lang, Say, Scene, message};
use lifeboat_commands::refusal::Refusal;
use lifeboat_storage::event::{Kind, Milestone, Severity};
use lifeboat_storage::id::{AlertKey, ChannelName, IncidentId, Seq, ServiceName};
use lifeboat_storage::incident::{Alert, Incident};
use lifeboat_storage::state::ALERTS;
use lifeboat_tests::world::{SERVICE, World};

const KEY: &str = "bad_gateway/blog-web";
const INC: IncidentId = IncidentId(1);

/// One request of fifteen fails, and nothing is opened.
fn mild() -> World {
    let mut world = World::quiet();
    world.traffic(TimeDelta::seconds(65), 10, 502, 0);
    for number in 0..900 {
        let line = world.request(if number % 15 == 14 { 502 } else { 200 });
        world.lines(line);
        world.pass(TimeDelta::milliseconds(100));
    }
    assert!(world.state().incidents.is_empty() && alert(&world).firing, "it is mild and fires");
    world
}

fn alert(world: &World) -> Alert {
    world.state().alerts[&AlertKey::new(KEY)].clone()
}

fn incident(world: &World) -> &Incident {
    &world.state().incidents[&INC]
}

/// The line that the notice of the alert suggests.
#[track_caller]
fn suggested(world: &World, lang: Lang) -> String {
    let events = world.events();
    let lookup = |seq: Seq| events.iter().find(|event| event.seq == seq).cloned().map(Arc::new);
    let say = Say::new(lang, chrono_tz::UTC);
    let scene =
        Scene { say, state: world.state(), lookup: &lookup, fleet: None, people: None, now: world.now.wall };
    let raised = events.iter().find(|event| matches!(event.kind, Kind::AlertRaised { .. }));
    let notice = message::notice(&scene, raised.expect("an alert"), &ChannelName::new(ALERTS));
    let (_, line) = notice.split_once("/incident").unwrap_or_else(|| panic!("no line in {notice}"));
    format!("/incident{line}")
}

#[track_caller]
fn check_opens(lang: Lang) {
    let mut world = mild();
    let told = alert(&world);
    let line = suggested(&world, lang);
    let answer = world.types("lin", &line);
    assert!(matches!(answer, Answer::Done(_)), "{line}: {answer:?}");
    let opened = incident(&world);
    assert_eq!((opened.severity, &opened.service), (told.severity, &Some(ServiceName::new(SERVICE))));
    assert_eq!(opened.alerts, [told.key]);
    assert_eq!(alert(&world).incident, Some(INC));
    assert_eq!(opened.at(Milestone::Started), Some(told.since));
    assert_eq!(opened.at(Milestone::Detected), Some(told.raised_at));
    assert_eq!(opened.recovery_proposed, None);

    world.traffic(TimeDelta::minutes(10), 20, 502, 0);
    let over = alert(&world).recovered_at;
    assert!(over.is_some(), "it is over");
    assert_eq!(incident(&world).recovery_proposed, over);
}

#[test]
fn the_line_of_the_notice_opens_an_incident_of_the_alert_in_both_languages() {
    check_opens(Lang::En);
    check_opens(Lang::ZhCn);
}

#[test]
fn what_is_said_beside_the_alert_wins() {
    let mut world = mild();
    world.types("lin", &format!("/incident declare title:few images severity:SEV2 alert:{KEY}"));
    assert_eq!((incident(&world).title.as_str(), incident(&world).severity), ("few images", Severity::Sev2));
}

#[test]
fn an_incident_of_an_alert_that_is_over_is_proposed_to_be_over() {
    let mut world = mild();
    let line = suggested(&world, Lang::En);
    world.traffic(TimeDelta::minutes(10), 20, 502, 0);
    world.types("lin", &line);
    let over = alert(&world).recovered_at;
    assert!(over.is_some(), "it is over");
    assert_eq!(incident(&world).recovery_proposed, over);
}

#[test]
fn an_alert_opens_one_incident_and_only_one_that_is_known() {
    let mut world = mild();
    let line = suggested(&world, Lang::En);
    world.types("lin", &line);
    let taken = Refusal::AlertTaken { alert: AlertKey::new(KEY), id: INC };
    assert_eq!(world.types("lin", &line), Answer::Refused(taken));
    let answer = world.types("lin", "/incident declare title:x alert:bad_gateway/none");
    assert!(matches!(answer, Answer::Refused(Refusal::NoSuchAlert { .. })), "{answer:?}");
}
