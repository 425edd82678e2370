//! The timeline of an incident: each of its events once, in the order in which it happened.
//!
//! | place | what stands there |
//! | --- | --- |
//! | [`Place::Story`] | what happened and what people did, with chat messages that were pinned |
//! | [`Place::Said`] | other chat messages |
//! | [`Place::Worked`] | single steps of plans that went as planned; what a plan came to is story |
//! | [`Place::Measured`] | counted requests, the data of the chart |
//! | [`Place::Kept`] | deliveries, exports, pins, refused commands: kept so that nothing is missing |

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::Serialize;

use crate::event::{Event, Kind};
use crate::id::{IncidentId, Seq};
use crate::incident::Incident;
use crate::plan::{StepOutcome, StepResult};
use crate::state::State;

/// The second clock is told where an event was recorded more than this later than it happened.
pub const LATE: TimeDelta = TimeDelta::seconds(5);

/// Where an event stands in the record of its incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// What happened and what people did.
    Story,
    /// What people said, and nobody pinned.
    Said,
    /// Steps of plans.
    Worked,
    /// Counted requests.
    Measured,
    /// Deliveries and bookkeeping.
    Kept,
}

/// An event and how it stands in the record.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// The event, as it stands in the log; the name of its channel as it is shown.
    #[serde(flatten)]
    pub event: Event,
    /// A later event corrects it: shown struck through, never left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrected_by: Option<Seq>,
    /// A message that was put on the timeline (📌).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
    /// Its letter on the chart, where it is a turning point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub letter: Option<char>,
}

impl Entry {
    /// It was recorded so much later than it happened that both clocks are told.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.event.recorded_at - self.event.occurred_at > LATE
    }
}

/// The events of one incident, sorted into their places, each in order of `(occurred_at, seq)`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Timeline {
    /// What happened and what people did.
    pub story: Vec<Entry>,
    /// What people said.
    pub said: Vec<Entry>,
    /// Steps of plans.
    pub worked: Vec<Entry>,
    /// Counted requests.
    pub measured: Vec<Entry>,
    /// Deliveries and bookkeeping.
    pub kept: Vec<Entry>,
}

impl Timeline {
    /// Sorts the events that belong to the incident; others, and second copies, are left out.
    #[must_use]
    pub fn of<'a>(incident: &Incident, events: impl IntoIterator<Item = &'a Event>, state: &State) -> Self {
        let own: BTreeMap<Seq, &Event> = of_incident(incident.id, events);
        let mut timeline = Self::default();
        for event in own.into_values() {
            let entry = entry(event, incident, state);
            timeline.place_mut(place(event, state)).push(entry);
        }
        let Self { story, said, worked, measured, kept } = &mut timeline;
        for list in [story, said, worked, measured, kept] {
            list.sort_by_key(|entry| (entry.event.occurred_at, entry.event.seq));
        }
        timeline
    }

    /// Every entry, place after place.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        [&self.story, &self.said, &self.worked, &self.measured, &self.kept].into_iter().flatten()
    }

    /// How many events there are in all.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries().count()
    }

    /// The incident has no event here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn place_mut(&mut self, place: Place) -> &mut Vec<Entry> {
        match place {
            Place::Story => &mut self.story,
            Place::Said => &mut self.said,
            Place::Worked => &mut self.worked,
            Place::Measured => &mut self.measured,
            Place::Kept => &mut self.kept,
        }
    }
}

/// Where an event stands.
#[must_use]
pub fn place(event: &Event, state: &State) -> Place {
    match event.kind.lasting() {
        Kind::MessageSaid { .. } if !state.pinned.contains(&event.seq) => Place::Said,
        Kind::TrafficMeasured { .. } => Place::Measured,
        kind if is_work(kind) => Place::Worked,
        Kind::PostmortemExported { .. } | Kind::MessagePinned { .. } | Kind::CommandRefused { .. } => {
            Place::Kept
        }
        kind if kind.is_delivery() => Place::Kept,
        _ => Place::Story,
    }
}

/// A step of a plan that tells nothing new: it began, went on, was not needed, or went as planned. What changed a
/// machine or the traffic for good, what failed and what nobody knows is story.
#[must_use]
pub fn is_work(kind: &Kind) -> bool {
    match kind {
        Kind::StepStarted { .. } | Kind::StepProgressed { .. } => true,
        Kind::StepEnded { outcome, .. } => match outcome {
            StepOutcome::Failed { .. } | StepOutcome::Unknown { .. } => false,
            StepOutcome::Skipped { .. } => true,
            StepOutcome::Succeeded { result } => !matches!(
                result,
                StepResult::Joined { .. } | StepResult::Booted { .. } | StepResult::WeightsWere { .. }
            ),
        },
        _ => false,
    }
}

fn of_incident<'a>(id: IncidentId, events: impl IntoIterator<Item = &'a Event>) -> BTreeMap<Seq, &'a Event> {
    events.into_iter().filter(|event| event.incident == Some(id)).map(|event| (event.seq, event)).collect()
}

fn entry(event: &Event, incident: &Incident, state: &State) -> Entry {
    let mut shown = event.clone();
    if let Some(channel) = shown.kind.channel_mut() {
        *channel = state.shown_channel(channel);
    }
    Entry {
        event: shown,
        corrected_by: incident.corrections.get(&event.seq).copied(),
        pinned: matches!(*event.kind.lasting(), Kind::MessageSaid { .. })
            && state.pinned.contains(&event.seq),
        letter: None,
    }
}
