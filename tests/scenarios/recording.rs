//! When the disk refuses.

use chrono::TimeDelta;
use lifeboat::engine::effect::Answer;
use lifeboat_commands::refusal::Refusal;
use lifeboat_storage::event::Kind;
use lifeboat_tests::world::World;

#[test]
fn an_alert_that_cannot_be_recorded_is_said_once_a_minute_and_recorded_later() {
    let mut world = World::quiet();
    world.traffic(TimeDelta::minutes(10), 20, 502, 0);
    world.disk_full = true;
    world.traffic(TimeDelta::seconds(50), 20, 502, 50);
    assert_eq!(world.unrecorded.len(), 1);
    assert_eq!(world.state().incidents.len(), 0, "nothing is shown as recorded");

    world.disk_full = false;
    world.traffic(TimeDelta::seconds(5), 20, 502, 50);
    assert!(world.engine.degraded().is_none());
    assert_eq!(world.state().incidents.len(), 1);
    let resumed = world.events().into_iter().find_map(|event| match event.kind {
        Kind::RecordingResumed { unrecorded, .. } => Some(unrecorded),
        _ => None,
    });
    assert_eq!(resumed, Some(1));
}

#[test]
fn a_command_that_cannot_be_recorded_is_not_done() {
    let mut world = World::quiet();
    world.disk_full = true;
    let answer = world.types("lin", "/incident declare the front page is empty");
    assert!(matches!(answer, Answer::NotRecorded { .. }), "{answer:?}");
    assert_eq!(world.state().incidents.len(), 0);

    let answer = world.types("lin", "/incident declare the front page is empty");
    assert_eq!(answer, Answer::Refused(Refusal::NotRecording));
    assert!(matches!(world.types("lin", "/incident list"), Answer::Show(_)), "reading goes on");

    world.disk_full = false;
    world.pass(TimeDelta::seconds(3));
    assert!(matches!(world.types("lin", "/incident declare the front page is empty"), Answer::Done(_)));
}
