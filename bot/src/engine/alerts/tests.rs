use lifeboat_commands::fleet::Fleet;
use lifeboat_commands::people::People;
use lifeboat_storage::event::{Event, Share};
use lifeboat_storage::id::{Seq, World};
use lifeboat_storage::state::State;

use super::*;
use crate::detect::Limits;
use crate::engine::Setup;
use crate::engine::cards::Rhythm;
use crate::engine::shelf::Shelf;

/// So many seconds after the first.
fn at(s: i64) -> Time {
    Time::UNIX_EPOCH + TimeDelta::seconds(1_767_578_400 + s)
}

fn evidence(since: Time) -> AlertEvidence {
    AlertEvidence { since: Some(since), now: Share { bad: 20, total: 100 }, ..AlertEvidence::default() }
}

/// An alert fires that was too small for an incident.
fn engine(raised: Kind) -> Engine {
    let setup = Setup {
        world: World::Real,
        people: People::from(Vec::new()),
        zone: chrono_tz::UTC,
        open_at: Severity::Sev2,
        limits: Limits::default(),
        services: Vec::new(),
        probes: Vec::new(),
        webhook: false,
        discord: false,
        rhythm: Rhythm::default(),
        fleet: Fleet::default(),
        hints: None,
        scenarios: Vec::new(),
    };
    let mut state = State::new();
    state.apply(&Event {
        seq: Seq(1),
        incident: None,
        world: World::Real,
        occurred_at: at(30),
        recorded_at: at(31),
        actor: Actor::lifeboat(Origin::Detector),
        kind: raised,
        correlation: None,
        supersedes: None,
    });
    Engine::new(setup, state, Shelf::default(), None)
}

#[test]
fn an_incident_that_an_alert_opens_as_it_grows_was_detected_when_the_alert_was_raised() {
    let finding = |what, s| Finding {
        service: ServiceName::new("blog-web"),
        source: None,
        kind: AlertKind::BadGateway,
        at: at(s).timestamp_millis(),
        what,
    };
    let opened = Found::Opened { severity: Severity::Sev3, evidence: evidence(at(0)) };
    let engine = engine(raised(&finding(opened, 30)).unwrap());

    let grew = Found::Grew { severity: Severity::Sev2, evidence: evidence(at(0)) };
    let changes = engine.changes_of(&finding(grew, 600), at(601));

    let reached = changes.iter().filter_map(|change| match change.kind {
        Kind::MilestoneSet { milestone } => Some((milestone, change.occurred_at)),
        _ => None,
    });
    assert_eq!(reached.collect::<Vec<_>>(), [(Milestone::Started, at(0)), (Milestone::Detected, at(30))]);
}
