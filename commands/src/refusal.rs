//! Why a command is refused. Nothing was changed when one of these is the answer.

use lifeboat_storage::event::{Severity, Status, Time};
use lifeboat_storage::id::{AlertKey, IncidentId, PersonName, Seq};

use crate::people::WhoCould;

pub mod fleet;

pub use fleet::{FleetRefusal, Named};

/// Why a command is refused, with what the person needs to do better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No such command; `near` are the closest words.
    UnknownCommand {
        /// As typed.
        typed: String,
        /// Commands that exist, nearest first; none where nothing is like it.
        near: Vec<String>,
    },
    /// A required option is missing.
    Missing {
        /// `/incident note`.
        command: String,
        /// `text`.
        option: &'static str,
        /// What was given, as it would be typed again, each with a blank in front: ` incident:INC-0002`.
        given: String,
    },
    /// A value cannot be read.
    BadValue {
        /// `/incident status`.
        command: String,
        /// Which option.
        option: &'static str,
        /// As typed.
        typed: String,
        /// What it may be, where that is a short list.
        known: Vec<String>,
    },
    /// Words are left over that no option takes.
    LeftOver {
        /// As typed.
        typed: String,
        /// `/incident ack`.
        command: String,
    },
    /// A value begins with a quote that nothing closes.
    OpenQuote {
        /// As typed, from the quote on.
        typed: String,
        /// `/incident declare`.
        command: String,
    },
    /// A severity stands in the title, where it would be a word like any other, and none is given.
    SeverityInTitle {
        /// The title as it would be.
        title: String,
        /// What stands in it.
        severity: Severity,
        /// The line that was meant.
        instead: String,
    },
    /// A text is too long.
    TooLong {
        /// Which option.
        option: &'static str,
        /// At most so many characters.
        limit: usize,
    },
    /// Nobody configured is behind the account: read-only.
    NotSignedIn,
    /// The person may not.
    NotAllowed {
        /// Who could, and what it takes.
        who_could: WhoCould,
    },
    /// Neither the line nor the channel says which incident.
    WhichIncident {
        /// Those open.
        open: Vec<IncidentId>,
    },
    /// No such incident.
    NoSuchIncident {
        /// As typed.
        id: IncidentId,
    },
    /// It is closed or cancelled.
    Ended {
        /// Which.
        id: IncidentId,
        /// How.
        status: Status,
    },
    /// It is not ended, so it cannot be reopened.
    NotEnded {
        /// Which.
        id: IncidentId,
        /// Where it stands.
        status: Status,
    },
    /// It was merged; work goes on in the other.
    MergedAway {
        /// Which.
        id: IncidentId,
        /// Into which.
        into: IncidentId,
    },
    /// Closing needs a mitigated or resolved incident.
    NotResolved {
        /// Which.
        id: IncidentId,
        /// Where it stands.
        status: Status,
    },
    /// Somebody acknowledged before.
    AlreadyAcknowledged {
        /// Which.
        id: IncidentId,
        /// Who.
        by: Option<PersonName>,
        /// When.
        at: Time,
    },
    /// It has that severity.
    SameSeverity {
        /// Which.
        id: IncidentId,
        /// The severity.
        severity: Severity,
    },
    /// It has that status.
    SameStatus {
        /// Which.
        id: IncidentId,
        /// The status.
        status: Status,
    },
    /// That person holds that role.
    SameRole {
        /// Who.
        person: PersonName,
    },
    /// No such person is configured.
    NoSuchPerson {
        /// As typed.
        typed: String,
        /// Who is.
        known: Vec<PersonName>,
    },
    /// An incident cannot be merged into itself.
    IntoItself,
    /// No such task.
    NoSuchTask {
        /// As typed.
        task: u32,
        /// How many there are.
        known: usize,
    },
    /// The moment lies ahead.
    Ahead {
        /// As understood.
        at: Time,
    },
    /// The moment lies before the incident began.
    BeforeStart {
        /// As understood.
        at: Time,
        /// When it began.
        started: Time,
    },
    /// No such event, or it holds no text that could be redacted.
    NoSuchEvent {
        /// As typed.
        seq: Seq,
    },
    /// No such event, or it is no message that somebody said.
    NoSuchMessage {
        /// As typed.
        seq: Seq,
    },
    /// It was redacted before.
    AlreadyRedacted {
        /// Which.
        seq: Seq,
        /// By which event.
        by: Seq,
    },
    /// It is on the timeline.
    AlreadyPinned {
        /// Which.
        seq: Seq,
    },
    /// No such alert.
    NoSuchAlert {
        /// As typed.
        typed: String,
        /// Those there are.
        known: Vec<AlertKey>,
    },
    /// It belongs to an incident already.
    AlertTaken {
        /// Which.
        alert: AlertKey,
        /// Its incident.
        id: IncidentId,
    },
    /// It is not muted.
    NotSilenced {
        /// Which.
        alert: AlertKey,
    },
    /// About clusters, nodes and plans.
    Fleet(FleetRefusal),
    /// Recording does not work: no command that writes is taken.
    NotRecording,
}

impl From<FleetRefusal> for Refusal {
    fn from(why: FleetRefusal) -> Self {
        Self::Fleet(why)
    }
}

impl Refusal {
    /// The line cannot be read: whoever typed it has to type another, whatever the state of things.
    #[must_use]
    pub fn is_of_the_line(&self) -> bool {
        matches!(
            self,
            Self::UnknownCommand { .. }
                | Self::Missing { .. }
                | Self::BadValue { .. }
                | Self::LeftOver { .. }
                | Self::OpenQuote { .. }
                | Self::SeverityInTitle { .. }
                | Self::TooLong { .. }
        )
    }

    /// Its key in the catalogue and in the record: `not_allowed`.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::UnknownCommand { .. } => "unknown-command",
            Self::Missing { .. } => "missing",
            Self::BadValue { .. } => "bad-value",
            Self::LeftOver { .. } => "left-over",
            Self::OpenQuote { .. } => "unclosed-quote",
            Self::SeverityInTitle { .. } => "severity-in-title",
            Self::TooLong { .. } => "too-long",
            Self::NotSignedIn => "not-signed-in",
            Self::NotAllowed { .. } => "not-allowed",
            Self::WhichIncident { .. } => "which-incident",
            Self::NoSuchIncident { .. } => "no-such-incident",
            Self::Ended { .. } => "ended",
            Self::NotEnded { .. } => "not-ended",
            Self::MergedAway { .. } => "merged-away",
            Self::NotResolved { .. } => "not-resolved",
            Self::AlreadyAcknowledged { .. } => "already-acknowledged",
            Self::SameSeverity { .. } => "same-severity",
            Self::SameStatus { .. } => "same-status",
            Self::SameRole { .. } => "same-role",
            Self::NoSuchPerson { .. } => "no-such-person",
            Self::IntoItself => "into-itself",
            Self::NoSuchTask { .. } => "no-such-task",
            Self::Ahead { .. } => "ahead",
            Self::BeforeStart { .. } => "before-start",
            Self::NoSuchEvent { .. } => "no-such-event",
            Self::NoSuchMessage { .. } => "no-such-message",
            Self::AlreadyRedacted { .. } => "already-redacted",
            Self::AlreadyPinned { .. } => "already-pinned",
            Self::NoSuchAlert { .. } => "no-such-alert",
            Self::AlertTaken { .. } => "alert-taken",
            Self::NotSilenced { .. } => "not-silenced",
            Self::Fleet(why) => why.key(),
            Self::NotRecording => "not-recording",
        }
    }
}
