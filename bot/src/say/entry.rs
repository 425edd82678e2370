//! A line of the timeline: what an event tells, its shape, its evidence.

pub mod delivery;
mod told;

use chrono::TimeDelta;
use lifeboat_storage::event::{AlertEvidence, Event, Kind, Severity, Status};
use lifeboat_storage::plan::StepOutcome;
use lifeboat_storage::timeline::is_work;

use super::{Say, Scene, alert, time, word};
use crate::console::view::Entry;

pub use told::text;

/// Recorded later than this after it happened, an event shows both times.
const LATE: TimeDelta = TimeDelta::seconds(5);

/// Which part of the record an event belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The story: a line of the timeline.
    Story,
    /// What people said; on the timeline only where it was pinned, as an event of its own.
    Chat,
    /// Steps of plans that went as planned.
    Work,
    /// The numbers the chart is drawn from.
    Chart,
    /// Messages on their way, and their receipts.
    Delivery,
}

/// Which part of the record an event belongs to.
#[must_use]
pub fn part(kind: &Kind) -> Part {
    match kind.lasting() {
        Kind::MessageSaid { .. } => Part::Chat,
        Kind::TrafficMeasured { .. } => Part::Chart,
        kind if is_work(kind) => Part::Work,
        kind if kind.is_delivery() => Part::Delivery,
        _ => Part::Story,
    }
}

/// Whether an event is a line of the timeline.
#[must_use]
pub fn is_story(kind: &Kind) -> bool {
    matches!(part(kind), Part::Story)
}

/// The line of the timeline an event makes, without its letter: the chart gives that.
#[must_use]
pub fn entry(scene: &Scene<'_>, event: &Event) -> Entry {
    let (shape, tone) = mark(scene, event);
    Entry {
        seq: event.seq.0,
        at: scene.moment(event.occurred_at),
        recorded: recorded(scene, event),
        shape,
        tone,
        text: text(scene, event),
        actor: actor(scene.say, event),
        chips: evidence(&event.kind).map(|evidence| alert::chips(scene.say, evidence)).unwrap_or_default(),
        corrected_by: corrected_by(scene, event),
        letter: None,
    }
}

/// Who did it: the person, else the account; empty for Lifeboat itself.
#[must_use]
pub fn actor(say: Say, event: &Event) -> String {
    let person = event.actor.person.as_ref().map(lifeboat_storage::id::PersonName::as_str);
    say.name(person.or(event.actor.account.as_deref()).unwrap_or_default())
}

/// Who did it, by name: Lifeboat where it was no person.
#[must_use]
pub fn author(say: Say, event: &Event) -> String {
    let actor = actor(say, event);
    if actor.is_empty() { say.word("event-actor-lifeboat") } else { actor }
}

fn recorded(scene: &Scene<'_>, event: &Event) -> Option<String> {
    let (happened, written) = (event.occurred_at, event.recorded_at);
    if written - happened <= LATE {
        return None;
    }
    let clock = time::clock_minutes(scene.say, written);
    let same_day = time::date_of(scene.say, written) == time::date_of(scene.say, happened);
    Some(if same_day { clock } else { format!("{} {clock}", time::date(scene.say, written)) })
}

fn corrected_by(scene: &Scene<'_>, event: &Event) -> Option<u64> {
    let incident = scene.state.incidents.get(&event.incident?)?;
    incident.corrections.get(&event.seq).map(|seq| seq.0)
}

/// The evidence an event carries.
#[must_use]
pub fn evidence(kind: &Kind) -> Option<&AlertEvidence> {
    match kind.lasting() {
        Kind::AlertRaised { evidence, .. }
        | Kind::AlertGrew { evidence, .. }
        | Kind::AlertReturned { evidence, .. } => Some(evidence),
        _ => None,
    }
}

/// Shape and tone on the spine.
fn mark(scene: &Scene<'_>, event: &Event) -> (&'static str, &'static str) {
    match event.kind.lasting() {
        Kind::AlertRaised { severity, .. }
        | Kind::AlertGrew { severity, .. }
        | Kind::AlertReturned { severity, .. }
        | Kind::IncidentDeclared { severity, .. }
        | Kind::SeverityChanged { to: severity, .. } => word::shape_and_tone(*severity),
        Kind::AlertJoined { alert } => {
            word::shape_and_tone(scene.state.alerts.get(alert).map_or(Severity::Sev4, |known| known.severity))
        }
        Kind::AlertRecovered { .. }
        | Kind::RecoveryProposed { .. }
        | Kind::SourceSeen { .. }
        | Kind::RecordingResumed { .. }
        | Kind::TaskDone { .. } => ("check", "good"),
        Kind::StatusChanged { to, .. } => status_mark(*to),
        Kind::SourceBlind { .. } => ("question", "blind"),
        Kind::MilestoneSet { .. } => ("clock", "plain"),
        Kind::Acknowledged | Kind::RoleTaken { .. } | Kind::MessageSaid { .. } => ("person", "accent"),
        Kind::MessagePinned { .. } => ("pin", "accent"),
        Kind::NoteAdded { .. } | Kind::UpdatePosted { .. } | Kind::TaskAdded { .. } => ("note", "accent"),
        Kind::CommandRefused { .. } => ("cross", "plain"),
        Kind::Redacted { .. } => ("hash", "plain"),
        kind => fleet_mark(kind).unwrap_or(("part", "plain")),
    }
}

/// Plans, clusters and schedules.
fn fleet_mark(kind: &Kind) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        Kind::PlanProposed { .. } => ("wait", "sev3"),
        Kind::PlanApproved { .. } | Kind::PlanResumed { .. } => ("person", "accent"),
        Kind::PlanPaused { .. } => ("pause", "sev3"),
        Kind::PlanRejected { .. } | Kind::PlanExpired { .. } | Kind::PlanCancelled { .. } => {
            ("cross", "void")
        }
        Kind::PlanEnded { proven: true, .. } | Kind::ClusterChecked { green: true, .. } => ("check", "good"),
        Kind::PlanEnded { .. } | Kind::ClusterChecked { .. } => ("cross", "sev2"),
        Kind::StepEnded { outcome: StepOutcome::Failed { .. }, .. } => ("cross", "sev2"),
        Kind::StepEnded { outcome: StepOutcome::Unknown { .. }, .. } => ("question", "unsure"),
        Kind::StepEnded { .. } => ("check", "good"),
        Kind::ClusterFrozen { .. } | Kind::ClusterUnfrozen { .. } => ("freeze", "accent"),
        Kind::Diagnosed { .. } => ("question", "accent"),
        Kind::FleetBlind { .. } => ("question", "blind"),
        Kind::FleetSeen { .. } => ("check", "good"),
        Kind::CapacityJudged { wanted, ready, .. } if ready < wanted => ("triangle", "sev2"),
        Kind::CapacityJudged { .. } => ("check", "good"),
        Kind::CapacitySkipped { .. } => ("cross", "plain"),
        Kind::HintGiven { .. } => ("note", "plain"),
        _ => return None,
    })
}

const fn status_mark(to: Status) -> (&'static str, &'static str) {
    match to {
        Status::Mitigated | Status::Resolved | Status::Closed => ("check", "good"),
        Status::Cancelled => ("cross", "void"),
        Status::Investigating | Status::Identified => ("part", "accent"),
    }
}
