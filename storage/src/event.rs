//! The vocabulary everything speaks: an event is a fact in the past tense, never changed, never deleted.
//!
//! Machine events hold no sentence; what people typed is kept as typed. A correction is a new event that
//! `supersedes` an older one.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::{
    AlertKey, ChannelName, Correlation, IncidentId, PersonName, Seq, ServiceName, SourceName, World,
};

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

/// What kind of failure an alert tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// 502.
    BadGateway,
    /// 500.
    ServerError,
    /// 503.
    Unavailable,
    /// 504.
    GatewayTimeout,
    /// Requests stopped coming.
    Absent,
    /// The outside view: the HTTP probe fails.
    ProbeDown,
    /// A test asked for by a person (`/alert test`).
    Test,
}

impl AlertKind {
    /// Whether it is judged by failed requests.
    #[must_use]
    pub fn is_of_requests(self) -> bool {
        matches!(self, Self::BadGateway | Self::ServerError | Self::Unavailable | Self::GatewayTimeout)
    }
}

/// Failed requests of all requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Failed requests.
    pub bad: u64,
    /// All requests.
    pub total: u64,
}

impl Share {
    /// Between 0 and 1; 0 of 0 is 0.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "request counts stay far below 2^52")]
    pub fn ratio(self) -> f64 {
        if self.total == 0 { 0.0 } else { self.bad as f64 / self.total as f64 }
    }
}

/// A name and how often it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// Masked text from outside: untrusted.
    pub name: String,
    /// How many of the failed requests.
    pub count: u64,
}

/// What an alert rests on. Every text in it is masked, and untrusted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AlertEvidence {
    /// First bad line of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Time>,
    /// The share in the window that decided.
    pub now: Share,
    /// Length of that window, in seconds.
    pub window_s: u32,
    /// The share before it.
    pub before: Share,
    /// Length of the span before, in seconds.
    pub before_s: u32,
    /// Upstreams of the failed requests, most first, at most 5.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub upstreams: Vec<Counted>,
    /// Paths of the failed requests without query values and token-like segments, at most 5.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<Counted>,
    /// Networks (/24, /48) of the clients that got them, at most 5.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clients: Vec<Counted>,
    /// Three masked lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub samples: Vec<String>,
    /// What a probe saw, where a probe raised the alert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<ProbeFailure>,
}

/// How the outside view failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum ProbeFailure {
    /// No connection.
    Refused,
    /// No answer in time.
    TimedOut {
        /// The limit, in milliseconds.
        after_ms: u64,
    },
    /// An answer with another status.
    WrongStatus {
        /// What came.
        status: u16,
        /// What was expected.
        expected: u16,
    },
    /// The right status without the expected text.
    TextMissing,
    /// TLS failed (expired, wrong name, untrusted).
    Tls,
    /// The name did not resolve.
    Name,
    /// Something else broke the exchange.
    Broken,
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
}

/// Where a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatKind {
    /// The built-in page; a message there is delivered when its event is durable.
    Console,
    /// A configured webhook.
    Webhook,
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

/// What happened. Stored as `{"kind": "...", fields}`; a kind unknown to this version is kept as it is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Kind {
    /// Lifeboat began to run.
    LifeboatStarted {
        /// Its version.
        version: String,
        /// Bytes of an unfinished last record that were cut.
        #[serde(default, skip_serializing_if = "is_zero")]
        torn_bytes: u64,
    },
    /// Lifeboat was asked to stop and did.
    LifeboatStopped,
    /// Recording works again after it did not.
    RecordingResumed {
        /// When it stopped.
        since: Time,
        /// Things said in chat meanwhile without a record; they follow as events of their own.
        unrecorded: u32,
    },
    /// The disk is nearly full: the reserve segment is in use.
    ReserveInUse,

    /// A detector or probe began to see a failure.
    AlertRaised {
        /// What it is about.
        alert: AlertKey,
        /// Its kind.
        what: AlertKind,
        /// The service that fails.
        service: ServiceName,
        /// How bad.
        severity: Severity,
        /// On what it rests.
        evidence: AlertEvidence,
    },
    /// The failure got worse by a step worth telling.
    AlertGrew {
        /// Which.
        alert: AlertKey,
        /// How bad now.
        severity: Severity,
        /// On what it rests.
        evidence: AlertEvidence,
    },
    /// The failure ended: so many good minutes.
    AlertRecovered {
        /// Which.
        alert: AlertKey,
        /// First second of the good run.
        good_since: Time,
        /// The share in that run.
        now: Share,
        /// Worst share seen in any minute.
        peak: Share,
        /// Failed and all requests from start to recovery.
        whole: Share,
    },
    /// It failed again within 30 minutes of recovery.
    AlertReturned {
        /// Which.
        alert: AlertKey,
        /// How bad now.
        severity: Severity,
        /// On what it rests.
        evidence: AlertEvidence,
        /// How often it has come back.
        times: u32,
    },
    /// A person muted an alert.
    AlertSilenced {
        /// Which.
        alert: AlertKey,
        /// Until when.
        until: Time,
        /// Why.
        reason: String,
    },
    /// A mute was lifted.
    AlertUnsilenced {
        /// Which.
        alert: AlertKey,
    },
    /// Requests of a service in equal steps; the chart is drawn from these.
    TrafficMeasured {
        /// Which service.
        service: ServiceName,
        /// Start of the first step.
        from: Time,
        /// Length of a step, in seconds.
        step_s: u32,
        /// Failed (5xx) and all requests, a step each; 0 of 0 is "no data".
        counts: Vec<Share>,
    },

    /// A source can no longer be read.
    SourceBlind {
        /// Which.
        source: SourceName,
        /// Why, as the operating system says it (untrusted).
        why: String,
    },
    /// A source can be read again.
    SourceSeen {
        /// Which.
        source: SourceName,
    },
    /// A source is behind; lines are counted, evidence is not kept.
    SourceBehind {
        /// Which.
        source: SourceName,
        /// How far, in bytes.
        bytes: u64,
    },

    /// An incident began.
    IncidentDeclared {
        /// As typed, or empty when a rule opened it (then the title is worded from the alert).
        title: String,
        /// How bad.
        severity: Severity,
        /// The service that fails, where known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        service: Option<ServiceName>,
        /// The alert that opened it, where one did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        alert: Option<AlertKey>,
    },
    /// Its channel opened.
    ChannelOpened {
        /// Which.
        channel: ChannelName,
    },
    /// A same-fate alert joined it.
    AlertJoined {
        /// Which.
        alert: AlertKey,
    },
    /// A person took notice.
    Acknowledged,
    /// The severity changed.
    SeverityChanged {
        /// Before.
        from: Severity,
        /// After.
        to: Severity,
    },
    /// The status changed.
    StatusChanged {
        /// Before.
        from: Status,
        /// After.
        to: Status,
        /// Hash of the newest record before this one, so that the chain can be checked from outside.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        head: Option<String>,
        /// Why, as typed.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// A milestone was set or corrected; `occurred_at` is the moment it names.
    MilestoneSet {
        /// Which.
        milestone: Milestone,
    },
    /// A person took a role (or was given it).
    RoleTaken {
        /// Which.
        role: Role,
        /// Who.
        person: PersonName,
    },
    /// Conditions, actions, needs.
    UpdatePosted {
        /// What is.
        conditions: String,
        /// What is done.
        actions: String,
        /// What is needed.
        needs: String,
    },
    /// A person wrote a line for the timeline.
    NoteAdded {
        /// As typed.
        text: String,
    },
    /// A chat message was put on the timeline (📌).
    MessagePinned {
        /// The message.
        message: Seq,
    },
    /// A person said something in a channel.
    MessageSaid {
        /// Where.
        channel: ChannelName,
        /// As typed.
        text: String,
    },
    /// A task was added.
    TaskAdded {
        /// Number within the incident, from 1.
        task: u32,
        /// What for.
        what: TaskKind,
        /// As typed.
        text: String,
        /// Who does it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<PersonName>,
    },
    /// A task was done.
    TaskDone {
        /// Which.
        task: u32,
    },
    /// All alerts of the incident recovered; a person is asked to confirm.
    RecoveryProposed {
        /// First second of the good run.
        good_since: Time,
    },
    /// This incident went on in another; its events stay where they are.
    Merged {
        /// Into which.
        into: IncidentId,
    },
    /// Another incident was merged into this one.
    MergedFrom {
        /// Which.
        from: IncidentId,
    },
    /// The payload of an event was replaced by a tombstone.
    Redacted {
        /// Which event.
        target: Seq,
        /// Why.
        reason: String,
    },
    /// What stands where a payload was redacted. Never appended: the log yields it in the old event's place.
    Tombstone {
        /// The `Redacted` event that says who and why.
        by: Seq,
        /// What is left of the old payload: the same facts without any text from people or from outside.
        left: Box<Kind>,
    },
    /// The postmortem was written out.
    PostmortemExported {
        /// `md`, `html` or `json`.
        format: String,
        /// `en` or `zh-CN`.
        lang: String,
    },
    /// A message waits to be sent; in the console it is said with this very event.
    PostQueued {
        /// By which chat.
        chat: ChatKind,
        /// To which channel.
        channel: ChannelName,
        /// What it is for.
        post: PostKind,
    },
    /// A message left, or never will.
    PostSettled {
        /// The `PostQueued` event.
        queued: Seq,
        /// How it ended.
        outcome: DeliveryOutcome,
    },
    /// A command was refused; kept so that the record shows who tried what.
    CommandRefused {
        /// The command words, without its values (`incident close`).
        command: String,
        /// Why, as a key of the catalogue.
        why: String,
    },
    /// A kind that a newer Lifeboat wrote. Never appended: the log yields it so that nothing is dropped.
    Unknown {
        /// What the newer version calls it.
        name: String,
        /// The whole payload as stored, `kind` included.
        payload: serde_json::Map<String, serde_json::Value>,
    },
}

impl Kind {
    /// The facts that last: those of the payload itself, or what a tombstone left of it.
    #[must_use]
    pub fn lasting(&self) -> &Self {
        match self {
            Self::Tombstone { left, .. } => left.lasting(),
            kind => kind,
        }
    }

    /// The same facts without any text from people or from outside: what a redaction leaves.
    #[must_use]
    pub fn without_text(&self) -> Self {
        let mut left = self.lasting().clone();
        match &mut left {
            Self::AlertRaised { evidence, .. }
            | Self::AlertGrew { evidence, .. }
            | Self::AlertReturned { evidence, .. } => {
                evidence.upstreams.clear();
                evidence.paths.clear();
                evidence.clients.clear();
                evidence.samples.clear();
            }
            Self::UpdatePosted { conditions, actions, needs } => {
                conditions.clear();
                actions.clear();
                needs.clear();
            }
            Self::IncidentDeclared { title: text, .. }
            | Self::AlertSilenced { reason: text, .. }
            | Self::SourceBlind { why: text, .. }
            | Self::StatusChanged { reason: text, .. }
            | Self::NoteAdded { text }
            | Self::MessageSaid { text, .. }
            | Self::TaskAdded { text, .. } => text.clear(),
            _ => {}
        }
        left
    }

    /// Whether it holds text that a redaction would take out.
    #[must_use]
    pub fn has_text(&self) -> bool {
        self.without_text() != *self.lasting()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}
