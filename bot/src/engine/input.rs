//! What goes into the engine.

use lifeboat_commands::ports::call::Answer as CallAnswer;
use lifeboat_commands::ports::orchestrator::Seen;
use lifeboat_storage::event::{Actor, Kind, ProbeFailure, Time};
use lifeboat_storage::id::{ChannelName, ClusterName, IncidentId, PersonName, Seq, ServiceName, SourceName};

use crate::source::tail::Position;

/// The time, from outside: the wall clock (which may step) and a clock that never goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Wall clock, UTC.
    pub wall: Time,
    /// Milliseconds since the process began; never goes back.
    pub mono_ms: u64,
}

/// Names a command so that its answer finds back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// Names a call on a port so that its answer finds back. Never repeated within a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u64);

/// Whole lines of one source, in order.
#[derive(Clone, Debug)]
pub struct Lines {
    /// Which file: the path as configured or matched.
    pub source: SourceName,
    /// The configured service of that file.
    pub service: ServiceName,
    /// Whole lines with their endings.
    pub bytes: Vec<u8>,
    /// From before the first start: to learn from, not to judge.
    pub history: bool,
    /// How far the source is read after them.
    pub position: Option<Position>,
    /// How far behind the end of the file, in bytes.
    pub behind: u64,
}

/// How a source is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It can be read.
    Seen,
    /// It cannot, and why.
    Blind(String),
}

/// Who speaks: the person, if configured, and the account used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speaker {
    /// The configured person.
    pub person: Option<PersonName>,
    /// How it reached us.
    pub actor: Actor,
}

/// A line somebody typed as a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// Where the answer goes.
    pub ticket: Ticket,
    /// As typed: untrusted.
    pub line: String,
    /// The channel it was typed in.
    pub channel: Option<ChannelName>,
    /// Who.
    pub speaker: Speaker,
}

/// How an append ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    /// On disk.
    Durable {
        /// Hash of the newest record.
        head: String,
        /// The disk is full; the reserve is in use.
        reserve_in_use: bool,
    },
    /// Not on disk.
    Failed {
        /// Why, as the operating system says it.
        why: String,
    },
}

/// How a delivery ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// The other side said yes.
    Yes,
    /// The other side said no for good.
    Refused {
        /// HTTP status.
        status: u16,
    },
    /// It may work later.
    Later {
        /// How long the other side asked us to wait, in milliseconds.
        after_ms: Option<u64>,
        /// It may have arrived all the same: no answer in time, or an error after the work was done.
        maybe_arrived: bool,
    },
}

/// Everything the engine is told.
#[derive(Clone, Debug)]
pub enum Input {
    /// The process began.
    Started {
        /// Version.
        version: String,
        /// Bytes of an unfinished last record that were cut.
        torn_bytes: u64,
    },
    /// Lines of a source.
    Lines(Lines),
    /// A source changed its condition.
    Source {
        /// Which.
        source: SourceName,
        /// How it is.
        condition: Condition,
        /// From where it will be read, where that is known already.
        position: Option<Position>,
    },
    /// A probe came back.
    Probe {
        /// Which.
        source: SourceName,
        /// How it went.
        outcome: Result<(), ProbeFailure>,
    },
    /// A command.
    Command(Typed),
    /// Plain words in a channel (`line` is the text).
    Said(Typed),
    /// A postmortem was written out.
    Exported {
        /// Of which incident.
        incident: IncidentId,
        /// `md`, `html`, `json`.
        format: String,
        /// `en`, `zh-CN`.
        lang: String,
        /// By whom.
        actor: Actor,
    },
    /// An append ended.
    Appended {
        /// Which.
        batch: u64,
        /// How.
        outcome: Appended,
    },
    /// A delivery ended.
    Delivered {
        /// Which: the event that queued it.
        queued: Seq,
        /// How.
        outcome: Delivered,
    },
    /// A call on a port came back.
    Called {
        /// Which.
        id: CallId,
        /// With what.
        answer: Box<CallAnswer>,
    },
    /// Something was seen of a cluster.
    Seen {
        /// Of which.
        cluster: ClusterName,
        /// What.
        seen: Seen,
    },
    /// A drill is over, and this tells how it went; or beside the real record one began or ended.
    Drill(Kind),
    /// Time passed; several times a second.
    Tick,
    /// Lifeboat is asked to stop.
    Stopping,
}
