//! What the page is given of an incident: its state and its timeline.

use serde::Serialize;

use super::{Card, Flag, Moment, Suggested};

/// One of TTD, TTA, TTM, TTR.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Clock {
    /// `TTD`.
    pub name: String,
    /// What the letters mean, worded.
    pub title: String,
    /// `41 s`, `2 min 39 s`, or `–` where its start is unknown.
    pub value: String,
    /// `10:15:00 → 10:15:41` or `10:15:00 → not yet`.
    pub ends: String,
    /// Still running: the page counts up from here (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running_from: Option<String>,
}

/// Who holds a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Seat {
    /// Worded: `Commander`.
    pub role: String,
    /// Who, or none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The command that takes it, where it is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub take: Option<String>,
}

/// A line of the timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its event.
    pub seq: u64,
    /// When it happened.
    pub at: Moment,
    /// When it was recorded, where that was over 5 s later: `10:52`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded: Option<String>,
    /// Shape on the spine, as in [`Flag`], or `person`, `pin`, `note`, `hash`, `clock`.
    pub shape: &'static str,
    /// Tone of the shape, as in [`Flag`], or `plain`, `good`, `accent`.
    pub tone: &'static str,
    /// What happened.
    pub text: String,
    /// Who did it, empty for Lifeboat.
    pub actor: String,
    /// Evidence chips.
    pub chips: Vec<Chip>,
    /// Corrected by that event: shown struck through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrected_by: Option<u64>,
    /// Its letter on the chart, A to Z.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub letter: Option<String>,
}

/// A piece of evidence: short on the chip, whole when opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chip {
    /// `log ×3`.
    pub label: String,
    /// Lines shown when it is opened; untrusted text, already masked.
    pub lines: Vec<String>,
}

/// A task of an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Task {
    /// Number within the incident.
    pub number: u32,
    /// As typed.
    pub text: String,
    /// Worded kind.
    pub what: String,
    /// Who does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Done.
    pub done: bool,
}

/// The state of an incident: header, card, rail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Incident {
    /// `INC-0042`.
    pub id: String,
    /// 42.
    pub number: u32,
    /// Severity, or how it ended.
    pub flag: Flag,
    /// Title.
    pub title: String,
    /// `investigating`, ...
    pub status: &'static str,
    /// Worded.
    pub status_text: String,
    /// Not closed, not cancelled.
    pub open: bool,
    /// One sentence of truth.
    pub sentence: String,
    /// Since when.
    pub since: Moment,
    /// The service, empty where unknown.
    pub service: String,
    /// Its channel.
    pub channel: String,
    /// Commander, Operations, Communications, Scribe.
    pub seats: Vec<Seat>,
    /// TTD, TTA, TTM, TTR.
    pub clocks: Vec<Clock>,
    /// Its card.
    pub card: Card,
    /// What may be typed next, the best first.
    pub suggested: Vec<Suggested>,
    /// Tasks.
    pub tasks: Vec<Task>,
}

/// An incident with its timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IncidentPage {
    /// State.
    pub incident: Incident,
    /// Oldest first.
    pub timeline: Vec<Entry>,
}
