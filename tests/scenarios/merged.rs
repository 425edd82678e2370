//! Incidents of which one goes on in the other, and what is known of the recovery of both.

use std::sync::Arc;

use lifeboat::say::{Lang, Say, Scene, card};
use lifeboat_storage::event::{Kind, Milestone, Status, Time};
use lifeboat_storage::id::{IncidentId, Seq};
use lifeboat_storage::incident::Incident;
use lifeboat_storage::postmortem::assemble;
use lifeboat_tests::world::World;

use crate::fate::{Host, failing, serve};

const FIRST: IncidentId = IncidentId(1);
const LAST: IncidentId = IncidentId(2);

/// Both hosts, with these answers; each of another kind and upstream.
fn hosts(first: u16, last: u16) -> [Host<'static>; 2] {
    [("a.example", "10.0.0.3:8080", first), ("b.example", "10.0.0.4:8080", last)]
}

/// Two incidents: the first was over half a minute before the last.
fn both_over() -> World {
    let mut world = failing(&hosts(502, 504));
    serve(&mut world, 30, &hosts(200, 504));
    serve(&mut world, 8 * 60, &hosts(200, 200));
    world
}

fn incident(world: &World, id: IncidentId) -> &Incident {
    &world.state().incidents[&id]
}

/// The moment from which on an incident is proposed to be over.
#[track_caller]
fn over_since(world: &World, id: IncidentId) -> Time {
    incident(world, id).recovery_proposed.unwrap_or_else(|| panic!("{id} is not proposed to be over"))
}

/// The title of the card and what it asks for next.
fn card(world: &World, id: IncidentId) -> String {
    let events = world.events();
    let lookup = |seq: Seq| events.iter().find(|event| event.seq == seq).cloned().map(Arc::new);
    let say = Say::new(Lang::En, chrono_tz::UTC);
    let scene =
        Scene { say, state: world.state(), lookup: &lookup, fleet: None, people: None, now: world.now.wall };
    let card = card::card(&scene, incident(world, id));
    let rows: Vec<String> = card.rows.into_iter().map(|row| row.text).collect();
    format!("{}\n{}", card.title, rows.join("\n"))
}

#[track_caller]
fn check_over_since_the_later(into: IncidentId, from: IncidentId) {
    let mut world = both_over();
    let (first, last) = (over_since(&world, FIRST), over_since(&world, LAST));
    assert!(first < last, "{first} is before {last}");
    world.types("mei", &format!("/incident merge {into} incident:{from}"));
    assert_eq!(over_since(&world, into), last);
    let card = card(&world, into);
    let since = last.format("%H:%M:%S").to_string();
    assert!(card.contains("over. Mitigated?") && card.contains(&since), "{card} does not tell {since}");

    world.types("lin", &format!("/incident mitigate {into}"));
    assert_eq!(incident(&world, into).at(Milestone::Mitigated), Some(last));
    let events = world.events();
    let written = assemble(incident(&world, into), &events, world.state());
    let ended = written.milestones.iter().find(|reached| reached.milestone == Milestone::Mitigated);
    assert_eq!(ended.map(|reached| reached.at), Some(last));
}

#[test]
fn two_incidents_that_are_over_are_one_that_is_over_since_the_later_recovery() {
    check_over_since_the_later(FIRST, LAST);
    check_over_since_the_later(LAST, FIRST);
}

#[test]
fn a_later_recovery_that_comes_with_a_merge_is_told_once_and_by_lifeboat() {
    let mut world = both_over();
    let before = world.state().applied;
    world.types("mei", "/incident merge INC-0001 incident:INC-0002");
    let events = world.events().into_iter().filter(|event| event.seq > before);
    let proposed: Vec<_> =
        events.filter(|event| matches!(event.kind, Kind::RecoveryProposed { .. })).collect();
    assert_eq!(proposed.len(), 1, "{proposed:?}");
    assert_eq!((proposed[0].incident, proposed[0].actor.person.as_ref()), (Some(FIRST), None));
}

#[test]
fn what_still_fires_takes_a_proposed_recovery_back_when_it_is_merged() {
    let mut world = failing(&hosts(502, 504));
    serve(&mut world, 8 * 60, &hosts(200, 504));
    over_since(&world, FIRST);
    world.types("mei", "/incident merge INC-0001 incident:INC-0002");
    assert_eq!(incident(&world, FIRST).recovery_proposed, None);
    serve(&mut world, 8 * 60, &hosts(200, 200));
    over_since(&world, FIRST);
}

#[test]
fn an_incident_called_back_to_work_is_not_over_by_a_merge() {
    let mut world = both_over();
    for word in ["mitigate INC-0001", "status investigating INC-0001"] {
        world.types("mei", &format!("/incident {word}"));
    }
    world.types("mei", "/incident merge INC-0001 incident:INC-0002");
    let incident = incident(&world, FIRST);
    assert_eq!((incident.status, incident.recovery_proposed), (Status::Investigating, None));
}
