//! Killed and started again, while the access log went on.

use chrono::TimeDelta;
use lifeboat_storage::event::{Event, Kind, Milestone, Time};
use lifeboat_storage::id::IncidentId;
use lifeboat_storage::postmortem::{Postmortem, assemble};
use lifeboat_tests::world::World;

const INC: IncidentId = IncidentId(1);

/// So many requests with this answer, one each time so much has passed, read as they are written.
fn live(world: &mut World, count: u32, every: TimeDelta, status: u16) {
    for _ in 0..count {
        world.pass(every);
        let line = world.request(status);
        world.lines(line);
    }
}

/// The same while Lifeboat is down.
fn unread(world: &mut World, count: u32, every: TimeDelta, status: u16) -> String {
    let mut text = String::new();
    for _ in 0..count {
        world.away(every);
        text += &world.request(status);
    }
    text
}

/// When good requests began to be counted, by what was told.
fn good_since(world: &World) -> Option<Time> {
    world.events().into_iter().rev().find_map(|event| match event.kind {
        Kind::AlertRecovered { good_since, .. } => Some(good_since),
        _ => None,
    })
}

fn postmortem(world: &World) -> Postmortem {
    let incident = &world.state().incidents[&INC];
    let events: Vec<Event> = world.events().into_iter().filter(|event| event.incident == Some(INC)).collect();
    assemble(incident, &events, world.state())
}

/// An outage in a service of one request each time so much has passed; while Lifeboat is down, so many more fail, and
/// then so many are good. It is over since the first of these.
#[track_caller]
fn check_end(name: &str, every: TimeDelta, (failing, good): (u32, u32)) {
    let mut world = World::quiet();
    live(&mut world, 60, every, 200);
    live(&mut world, 20, every, 502);
    world.pass(TimeDelta::seconds(2));
    let mut text = unread(&mut world, failing, every, 502);
    let last_failed = world.now.wall;
    text += &unread(&mut world, good, every, 200);
    world.restart_behind(&text);
    live(&mut world, u32::try_from(6 * 60_000 / every.num_milliseconds()).unwrap_or(0), every, 200);

    let good_since = good_since(&world).unwrap_or_else(|| panic!("{name}: a recovery is told"));
    let late = good_since - (last_failed + every);
    assert!(late.abs() <= TimeDelta::seconds(1), "{name}: {late} after the first good request");
    world.types("mei", "/incident mitigate INC-0001");
    let mitigated = world.state().incidents[&INC].at(Milestone::Mitigated);
    assert_eq!(mitigated, Some(good_since), "{name}");
    let told = postmortem(&world);
    let reached = told.milestones.iter().find(|reached| reached.milestone == Milestone::Mitigated);
    assert_eq!(reached.map(|reached| reached.at), mitigated, "{name}: the postmortem");
}

#[test]
fn an_outage_that_ended_while_lifeboat_was_down_is_over_since_the_log_says_so() {
    let every = TimeDelta::milliseconds;
    check_end("down for twenty seconds", every(100), (20, 180));
    check_end("down for twelve minutes", every(100), (1_200, 6_000));
    check_end("seldom asked", every(40_000), (5, 45));
}

#[test]
fn what_failed_while_lifeboat_was_down_is_in_the_chart_of_the_incident() {
    let mut world = World::quiet();
    let every = TimeDelta::milliseconds(500);
    live(&mut world, 600, every, 200);
    live(&mut world, 120, every, 502);
    world.pass(TimeDelta::seconds(2));
    let mut text = unread(&mut world, 120, every, 502);
    text += &unread(&mut world, 40 * 60 * 2, every, 200);
    world.restart_behind(&text);
    live(&mut world, 120, every, 200);
    for word in ["ack", "mitigate", "resolve", "close"] {
        world.types("mei", &format!("/incident {word} INC-0001"));
    }
    let failed = postmortem(&world).impact.failed.expect("requests were counted");
    assert_eq!(failed.bad, 240);
}

#[test]
fn an_outage_that_began_while_lifeboat_was_down_has_its_whole_chart() {
    let mut world = World::quiet();
    let every = TimeDelta::milliseconds(500);
    live(&mut world, 600, every, 200);
    world.pass(TimeDelta::seconds(2));
    let mut text = unread(&mut world, 600, every, 200);
    text += &unread(&mut world, 600, every, 502);
    text += &unread(&mut world, 1_200, every, 200);
    world.restart_behind(&text);
    live(&mut world, 120, every, 200);
    for word in ["ack", "mitigate", "resolve", "close"] {
        world.types("mei", &format!("/incident {word} INC-0001"));
    }
    let failed = postmortem(&world).impact.failed.expect("requests were counted");
    assert_eq!(failed.bad, 600);
}

#[test]
fn time_passes_before_the_log_is_read_only_where_its_reader_hangs() {
    let mut world = World::quiet();
    let every = TimeDelta::milliseconds(100);
    live(&mut world, 600, every, 200);
    live(&mut world, 100, every, 502);
    live(&mut world, 290 * 10, every, 200);
    world.pass(TimeDelta::seconds(2));
    world.start_again();
    world.pass(TimeDelta::seconds(50));
    assert_eq!(good_since(&world), None, "lines may be on their way");
    world.pass(TimeDelta::seconds(20));
    assert!(good_since(&world).is_some(), "nobody waits for a dead mount for ever");
}

#[test]
fn a_silent_log_holds_nothing_up_after_a_restart() {
    let mut world = World::quiet();
    let every = TimeDelta::milliseconds(100);
    live(&mut world, 600, every, 200);
    live(&mut world, 100, every, 502);
    live(&mut world, 290 * 10, every, 200);
    world.pass(TimeDelta::seconds(2));
    world.away(TimeDelta::seconds(30));
    world.restart();
    world.pass(TimeDelta::seconds(1));
    assert!(good_since(&world).is_some());
}
