//! When the disk refuses.

use chrono::TimeDelta;
use lifeboat::console::answers;
use lifeboat::desk::Room;
use lifeboat::engine::effect::Answer;
use lifeboat::engine::input::{Appended, Condition, Input};
use lifeboat::say::{Lang, Say};
use lifeboat_commands::refusal::Refusal;
use lifeboat_storage::event::Kind;
use lifeboat_storage::id::{ChannelName, Seq};
use lifeboat_storage::state::ALERTS;
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
fn whoever_opens_the_console_while_nothing_is_recorded_finds_the_alerts_that_were_said() {
    let mut world = World::quiet();
    world.traffic(TimeDelta::minutes(10), 20, 502, 0);
    let shown = |world: &World| {
        let room = Room { engine: &world.engine, log: &*world.log, now: world.now };
        let alerts = ChannelName::new(ALERTS);
        let say = Say::new(Lang::En, chrono_tz::UTC);
        let found = answers::messages(&room, say, &alerts, Seq(u64::MAX), 50);
        let messages = found.map(|found| found.messages).unwrap_or_default();
        messages.into_iter().filter(|message| message.unrecorded).map(|message| message.text).collect()
    };
    world.disk_full = true;
    world.traffic(TimeDelta::seconds(10), 20, 502, 50);
    let told: Vec<String> = shown(&world);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("Not recorded: "), "{told:?}");

    recording_returns(&mut world);
    let told: Vec<String> = shown(&world);
    assert!(told.is_empty(), "it is recorded now: {told:?}");
}

#[test]
fn what_is_said_without_a_record_after_a_restart_takes_the_place_of_nothing_said_before() {
    let mut world = World::quiet();
    world.traffic(TimeDelta::minutes(10), 20, 502, 0);
    let newest = |world: &World| world.engine.degraded()?.said().map(|(number, _)| number).max();
    world.disk_full = true;
    world.traffic(TimeDelta::seconds(10), 20, 502, 50);
    let before = newest(&world);
    world.restart();
    world.traffic(TimeDelta::seconds(10), 20, 502, 50);
    let after = newest(&world);
    assert!(before.is_some() && before < after, "{before:?}, then {after:?}");
}

#[test]
fn a_reserve_in_use_is_told_until_there_is_room_again() {
    let mut world = World::quiet();
    world.reserve_in_use = true;
    world.types("lin", "/incident declare the front page is empty");
    assert!(world.engine.reserve_in_use());
    let told = world.events().into_iter().filter(|event| event.kind == Kind::ReserveInUse).count();
    assert_eq!(told, 1);

    world.give(Input::Appended { batch: 0, outcome: Appended::Roomy });
    assert!(!world.engine.reserve_in_use());
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
    assert!(answer.is_not_recorded(), "no way of asking takes it for done");
    assert!(matches!(world.types("lin", "/incident list"), Answer::Show(_)), "reading goes on");

    world.disk_full = false;
    world.pass(TimeDelta::seconds(3));
    assert!(matches!(world.types("lin", "/incident declare the front page is empty"), Answer::Done(_)));
}

#[test]
fn a_source_lost_or_found_while_nothing_is_recorded_is_told_once_recording_returns() {
    let mut world = World::quiet();
    let lost = || Condition::Blind("missing".to_owned());
    let told = |world: &World| (world.state().blind.len(), about_sources(world));
    // The event that finds the disk full is about the source itself.
    world.disk_full = true;
    world.source(lost());
    recording_returns(&mut world);
    assert_eq!(told(&world), (1, 1), "it is lost");

    world.disk_full = true;
    world.types("lin", "/incident declare nothing can be recorded");
    world.source(Condition::Seen);
    recording_returns(&mut world);
    assert_eq!(told(&world), (0, 2), "it is found");

    world.disk_full = true;
    world.source(lost());
    world.source(Condition::Seen);
    recording_returns(&mut world);
    assert_eq!(told(&world), (0, 2), "lost and found meanwhile is no news");

    world.source(lost());
    world.disk_full = true;
    world.source(Condition::Unwatched);
    recording_returns(&mut world);
    assert_eq!(told(&world), (0, 4), "it is no longer looked at");
}

fn recording_returns(world: &mut World) {
    assert!(world.engine.degraded().is_some());
    world.disk_full = false;
    world.pass(TimeDelta::seconds(3));
    assert!(world.engine.degraded().is_none());
}

fn about_sources(world: &World) -> usize {
    let about = |kind: &Kind| {
        matches!(kind, Kind::SourceBlind { .. } | Kind::SourceSeen { .. } | Kind::SourceUnwatched { .. })
    };
    world.events().iter().filter(|event| about(&event.kind)).count()
}
