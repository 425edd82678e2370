//! An incident of several services: each is counted, told and recorded for itself.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use lifeboat_storage::event::{Event, Kind, Share, Time};
use lifeboat_storage::id::{AlertKey, IncidentId};
use lifeboat_tests::world::World;

use crate::fate::{failing, serve};

const INC: IncidentId = IncidentId(1);
const DEAD: &str = "10.0.0.3:8080";

/// Both behind the same upstream: all requests of both fail.
fn both() -> World {
    failing(&[("a.example", DEAD, 502), ("b.example", DEAD, 502)])
}

/// What was measured into the record of an incident: of each service the first and the last moment. Each measurement
/// begins where the one before ended.
fn measured(world: &World, incident: IncidentId) -> BTreeMap<String, (Time, Time)> {
    let mut spans: BTreeMap<String, (Time, Time)> = BTreeMap::new();
    for event in own(world, incident) {
        let Kind::TrafficMeasured { service, from, step_s, counts } = event.kind else { continue };
        let length = TimeDelta::seconds(i64::from(step_s)) * i32::try_from(counts.len()).expect("few steps");
        let span = spans.entry(service.to_string()).or_insert((from, from));
        assert_eq!(span.1, from, "{service} goes on where its record ended");
        span.1 = from + length;
    }
    spans
}

/// The events of an incident.
fn own(world: &World, incident: IncidentId) -> Vec<Event> {
    world.events().into_iter().filter(|event| event.incident == Some(incident)).collect()
}

/// How many requests of a service failed by the newest word on each step.
fn failed(world: &World, incident: IncidentId, service: &str) -> u64 {
    let mut steps = BTreeMap::new();
    for event in own(world, incident) {
        let Kind::TrafficMeasured { service: of, from, counts, .. } = event.kind else { continue };
        if of.as_str() == service {
            steps.extend(counts.into_iter().enumerate().map(|(n, share)| ((from, n), share.bad)));
        }
    }
    steps.into_values().sum()
}

#[test]
fn the_share_of_a_service_that_joined_follows_it_within_half_a_minute() {
    let mut world = both();
    serve(&mut world, 75, &[("a.example", DEAD, 502), ("b.example", DEAD, 200)]);
    let now = |service: &str| world.state().alerts[&AlertKey::new(format!("bad_gateway/{service}"))].now;
    assert_eq!(now("b.example").bad, 0, "{:?}", now("b.example"));
    assert_eq!(now("a.example").ratio(), Share { bad: 1, total: 1 }.ratio());
}

#[test]
fn each_service_of_an_incident_is_recorded_from_before_it_failed() {
    let mut world = both();
    serve(&mut world, 60, &[("a.example", DEAD, 502), ("b.example", DEAD, 502)]);
    let spans = measured(&world, INC);
    assert_eq!(spans.keys().collect::<Vec<_>>(), ["a.example", "b.example"]);
    for (service, (first, end)) in spans {
        assert!(end - first >= TimeDelta::seconds(80), "{service}: {first} to {end}");
        assert!(failed(&world, INC, &service) >= 250, "{service}");
    }
}

#[test]
fn neither_a_restart_nor_a_full_disk_nor_the_end_leaves_a_gap_in_the_record_of_any_service() {
    let hosts = [("a.example", DEAD, 502), ("b.example", DEAD, 502)];
    let mut world = both();
    serve(&mut world, 50, &hosts);
    world.restart();
    serve(&mut world, 90, &hosts);
    world.disk_full = true;
    serve(&mut world, 60, &hosts);
    world.disk_full = false;
    serve(&mut world, 90, &hosts);
    for word in ["mitigate", "resolve", "close"] {
        world.types("mei", &format!("/incident {word} INC-0001"));
    }
    let spans = measured(&world, INC);
    assert_eq!(spans.keys().collect::<Vec<_>>(), ["a.example", "b.example"]);
    for (service, (_, end)) in spans {
        assert!(end >= world.now.wall, "{service} is recorded up to the end: {end}");
    }
}

#[test]
fn what_a_service_suffered_before_its_incident_was_merged_is_in_the_record_of_the_other() {
    let hosts = [("a.example", DEAD, 502), ("b.example", "10.0.0.4:8080", 502)];
    let mut world = failing(&hosts);
    assert_eq!(world.state().incidents.len(), 2);
    serve(&mut world, 45 * 60, &hosts);
    let before = failed(&world, IncidentId(2), "b.example");
    world.types("mei", "/incident merge INC-1 incident:INC-2");
    serve(&mut world, 90, &hosts);
    let spans = measured(&world, INC);
    assert_eq!(spans.keys().collect::<Vec<_>>(), ["a.example", "b.example"]);
    let after = failed(&world, INC, "b.example");
    assert!(after > before, "{after} of {before} and what came since");
}
