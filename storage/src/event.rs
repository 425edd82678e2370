//! The vocabulary everything speaks: an event is a fact in the past tense, never changed, never deleted.
//!
//! Machine events hold no sentence; what people typed is kept as typed. A correction is a new event that
//! `supersedes` an older one.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::{ChannelName, Correlation, IncidentId, PersonName, PlanId, Seq, World};

mod evidence;
mod kind;

pub use evidence::{AlertEvidence, AlertKind, Counted, ProbeFailure, Share, Usual};
pub use kind::Kind;

/// A moment in UTC, to the millisecond.
pub type Time = DateTime<Utc>;

/// One fact, as it stands in the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Place in the log.
    pub seq: Seq,
    /// The incident it belongs to, or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
    /// The real world or a drill.
    #[serde(default)]
    pub world: World,
    /// When it happened.
    pub occurred_at: Time,
    /// When Lifeboat wrote it down; never earlier than the record before it by more than a clock step.
    pub recorded_at: Time,
    /// Who or what did it.
    pub actor: Actor,
    /// What happened.
    pub kind: Kind,
    /// The events of one command or one decision share it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<Correlation>,
    /// The older event that this one corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<Seq>,
}

/// Who or what caused an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The configured person, when it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonName>,
    /// The account used: console token name, OS user, Discord id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// By which way it reached Lifeboat.
    pub origin: Origin,
}

impl Actor {
    /// Lifeboat itself, by its own rules.
    #[must_use]
    pub fn lifeboat(origin: Origin) -> Self {
        Self { person: None, account: None, origin }
    }
}

/// By which way an event reached Lifeboat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A detector judged counted requests.
    Detector,
    /// An HTTP probe from outside.
    Probe,
    /// The web console.
    Console,
    /// The command line on this machine.
    CommandLine,
    /// Discord.
    Discord,
    /// Lifeboat's own rules and life cycle.
    Lifeboat,
}

/// SEV1 is the worst. `Ord` puts the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Severity {
    /// The service is down for most.
    Sev1,
    /// A large share fails.
    Sev2,
    /// A small share fails.
    Sev3,
    /// Still being looked at.
    Sev4,
}

/// Where an incident stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nobody knows yet why.
    Investigating,
    /// The cause is known.
    Identified,
    /// Users no longer suffer.
    Mitigated,
    /// The cause is gone.
    Resolved,
    /// Nothing more will be done here; the postmortem is attached.
    Closed,
    /// It was no incident, or it was merged into another.
    Cancelled,
}

/// Timestamps of an incident; each may be corrected by a later event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Milestone {
    /// First bad line of the run that led to detection.
    Started,
    /// A detector or a person noticed.
    Detected,
    /// The incident was opened.
    Declared,
    /// A person took notice.
    Acknowledged,
    /// The cause was found.
    Identified,
    /// Users no longer suffered.
    Mitigated,
    /// The cause was gone.
    Resolved,
    /// Nothing more was to do.
    Closed,
}

/// Who does what during an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Incident Commander: decides.
    Commander,
    /// Operations: acts.
    Operations,
    /// Communications: tells others.
    Communications,
    /// Scribe: writes; Lifeboat by default.
    Scribe,
}

/// What a message in chat is for; decides where it goes and whether it wakes somebody.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum PostKind {
    /// The card of an incident: edited in place, newest state wins.
    Card {
        /// Whose card.
        incident: IncidentId,
    },
    /// A short new message that tells one event.
    Notice {
        /// The event told.
        about: Seq,
    },
    /// A plan and how far it went: edited in place, newest state wins.
    Plan {
        /// Which.
        plan: PlanId,
    },
    /// No message but the place for an incident's messages: made where there is none yet.
    Room {
        /// Whose.
        incident: IncidentId,
    },
    /// The end of an incident's channel: the postmortem is attached, the channel is put away.
    Farewell {
        /// Of which incident.
        incident: IncidentId,
    },
}

impl PostKind {
    /// Edited in place: of several states only the newest counts.
    #[must_use]
    pub fn is_card(&self) -> bool {
        matches!(self, Self::Card { .. } | Self::Plan { .. })
    }
}

/// Where a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatKind {
    /// The built-in page; a message there is delivered when its event is durable.
    Console,
    /// A configured webhook.
    Webhook,
    /// A Discord server.
    Discord,
}

/// What a place in a chat outside is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Place {
    /// One of our channels.
    Channel {
        /// Which.
        channel: ChannelName,
    },
    /// The group in which channels of open incidents stand.
    Open,
    /// The group in which channels of closed incidents stand.
    Closed,
}

/// Why an incident's channel is no channel of its own in a chat outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Instead {
    /// Configured so for its severity: a thread under its card.
    Mild,
    /// There is no room for another channel there: a thread under its card.
    Full,
    /// The other side allows no channel: a thread under its card.
    Forbidden,
    /// Neither a channel nor a thread could be had: the common channel.
    Nothing,
}

/// How a delivery ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum DeliveryOutcome {
    /// The other side said yes.
    Sent {
        /// Its id there, where it has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    /// The other side said no for good; parked, and shown.
    Refused {
        /// HTTP status.
        status: u16,
    },
    /// Given up after the last try; parked, and shown.
    GaveUp {
        /// How often it was tried.
        tries: u32,
    },
    /// A newer state of the same card went instead.
    Replaced,
}

/// What a task is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// Ends the harm now.
    Mitigate,
    /// Keeps it from happening again.
    Prevent,
    /// Sees it sooner.
    Detect,
    /// Everything else.
    Other,
}
