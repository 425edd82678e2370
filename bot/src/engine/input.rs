//! What goes into the engine.

use lifeboat_commands::parse::Values;
use lifeboat_commands::people::Person;
use lifeboat_commands::ports::call::Answer as CallAnswer;
use lifeboat_commands::ports::orchestrator::Seen;
use lifeboat_commands::table::Spec;
use lifeboat_storage::event::{Actor, ChatKind, Instead, Kind, Place, ProbeFailure, Time};
use lifeboat_storage::id::{
    ChannelName, ClusterName, Correlation, IncidentId, PersonName, Seq, ServiceName, SourceName,
};

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
    /// It is no longer configured: nobody reads it any more.
    Unwatched,
}

/// Who speaks: the person, if configured, and the account used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speaker {
    /// The configured person.
    pub person: Option<PersonName>,
    /// How it reached us.
    pub actor: Actor,
    /// What they may, where the chat they speak in adds to the configuration (roles there); else as configured.
    pub granted: Option<Person>,
}

/// How the lasting link to a chat outside stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// It is up, or told of something that may let through what did not go before.
    Up,
    /// It is down and being mended.
    Down,
    /// It does not come up by itself: a person is needed, or a day must pass.
    Over,
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

/// A command whose values were chosen one by one, in a form instead of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Where the answer goes.
    pub ticket: Ticket,
    /// Which command.
    pub spec: &'static Spec,
    /// The values as given: untrusted.
    pub values: Values,
    /// The channel it was given in.
    pub channel: Option<ChannelName>,
    /// Who.
    pub speaker: Speaker,
    /// Names this very wish: what was recorded under it before is not done again.
    pub once: Option<Correlation>,
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
    /// No append, but the disk has room again: the reserve is no longer in use.
    Roomy,
}

/// How a delivery ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// The other side said yes.
    Yes,
    /// The other side said yes, and this is its id there.
    Sent {
        /// Its id.
        message: String,
    },
    /// The other side said no for good.
    Refused {
        /// HTTP status.
        status: u16,
    },
    /// The place for it is gone.
    Gone,
    /// Something it rests on is not there yet; no failure.
    NotYet {
        /// When to look again, in milliseconds.
        after_ms: u64,
    },
    /// It may work later.
    Later {
        /// How long the other side asked us to wait, in milliseconds.
        after_ms: Option<u64>,
        /// It may have arrived all the same: no answer in time, or an error after the work was done.
        maybe_arrived: bool,
    },
}

/// How an edit of a card ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edited {
    /// It stands there now.
    Yes {
        /// The newest event it tells.
        shown: Seq,
    },
    /// It would read the same: nothing was sent.
    Same {
        /// The newest event it tells.
        shown: Seq,
    },
    /// It may work later.
    Later {
        /// How long the other side asked us to wait, in milliseconds.
        after_ms: Option<u64>,
    },
    /// Its turn has not come; no failure.
    NotYet {
        /// When to look again, in milliseconds.
        after_ms: u64,
    },
    /// The other side edits messages of that age no more for a while.
    TooOld,
    /// It was deleted there.
    Gone,
    /// The channel it stood in was deleted there.
    PlaceGone,
    /// The other side said no for good.
    Refused {
        /// HTTP status.
        status: u16,
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
    /// What stood in the logs of a service when its reader started is read, or it was said what cannot be.
    CaughtUp {
        /// Of which.
        service: ServiceName,
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
    /// A command from a form.
    Chosen(Chosen),
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
    /// An edit of a card ended.
    Edited {
        /// Which: the event that queued the card.
        queued: Seq,
        /// How.
        outcome: Edited,
    },
    /// A chat outside has a place for us.
    Found {
        /// Which chat.
        chat: ChatKind,
        /// What for.
        place: Place,
        /// Its id there.
        id: String,
        /// Why it is not a channel of its own, where it is not.
        instead: Option<Instead>,
    },
    /// A chat outside says that a channel was deleted there, ours or not.
    Lost {
        /// Which chat.
        chat: ChatKind,
        /// Its id there.
        id: String,
    },
    /// The lasting link to a chat outside came up or went down.
    Link {
        /// Which chat.
        chat: ChatKind,
        /// How it stands now.
        link: Link,
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
