//! What the page is given: plain values, worded in the reader's language, ready to be set as text.
//!
//! The page forms no sentence of its own beyond the catalogue's `ui-` keys, and never reads markup from here.
//!
//! | request | answer |
//! | --- | --- |
//! | `GET /` `/app.css` `/NAME.js` `/icon.svg` | the page, embedded in the binary |
//! | `GET /login?token=T` | spends the one-time token, sets the cookie, goes to `/` |
//! | `GET /api/i18n/LANG` | `{key: text}`, placeholders as `{name}` |
//! | `GET /api/start?lang=L` | [`Start`] |
//! | `GET /api/messages?channel=C&before=SEQ&limit=N&lang=L` | [`Messages`], oldest first |
//! | `GET /api/incidents/N?lang=L` | [`IncidentPage`] |
//! | `GET /api/chart?service=S` (24 h, steps of 5 min) or `?incident=N` (2 h, steps of 1 min or less) | [`Chart`]; 204 where nothing was counted |
//! | `GET /api/complete?line=TEXT&channel=C&lang=L&as=PERSON` | [`Completion`] |
//! | `POST /api/command` [`CommandRequest`] | [`CommandReply`]; 200 means its event is durable |
//! | `POST /api/say` `{channel, text, as}` | [`CommandReply`] |
//! | `POST /api/pin` `{channel, seq, lang}` | [`CommandReply`]; puts that message on the timeline |
//! | `GET /api/stream?lang=L` (with `Last-Event-ID` or `&since=SEQ`) | server-sent events, see [`Push`] |
//! | `GET /export/INC-0042.{html,md,json}?lang=L` | the postmortem |
//!
//! Every request that writes carries `X-Lifeboat: 1` and a same-origin `Origin`; without a cookie or a bearer
//! token the page is read-only (403 with a [`Problem`]).

mod channel;
mod chart;
mod command;
mod fleet;
mod incident;
mod plan;

use serde::Serialize;

pub use channel::{Channel, Message, Messages};
pub use chart::{Chart, Letter, Mark};
pub use command::{Choice, CommandReply, CommandRequest, Completion, Part};
pub use fleet::{
    Cell, ClusterView, Column, FleetView, Matrix, MatrixRow, NodeSeat, ScheduleView, Standby, Suggested,
};
pub use incident::{Chip, Clock, Entry, Incident, IncidentPage, Seat, Task};
pub use plan::{Ask, Bar, Blast, PlanAction, PlanCard, PlanLine};

/// Shape, word and tone that tell a state; the shape is hidden from speech, the word is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Flag {
    /// `diamond`, `triangle`, `square`, `circle`, `check`, `question`, `cross`, `part`.
    pub shape: &'static str,
    /// `SEV1`, `QUIET`, `ENDED`, ...
    pub word: String,
    /// `sev1`..`sev4`, `quiet`, `blind`, `ended`, `void`, `unsure`.
    pub tone: &'static str,
}

/// A moment: for machines, and as printed in the configured zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// RFC 3339 in UTC, with milliseconds.
    pub utc: String,
    /// `10:15:41`, with the date in front where it is not today's.
    pub text: String,
}

/// A button. Pressing it sends its command, nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Action {
    /// What is written on it.
    pub label: String,
    /// The command line it sends, `/incident ack INC-0042`; one that ends in a blank is put into the command line instead.
    pub command: String,
    /// At most one of a card.
    pub primary: bool,
}

/// One fact of a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// `Impact`, `Likely`, `Changed`, ...
    pub label: String,
    /// One line of text.
    pub text: String,
}

/// The card of an incident, edited in place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Card {
    /// `INC-0042`.
    pub incident: String,
    /// Severity, or how it ended.
    pub flag: Flag,
    /// State, not tool.
    pub title: String,
    /// One grey line: since, taken by, status.
    pub meta: String,
    /// Facts in fixed order.
    pub rows: Vec<Row>,
    /// At most four.
    pub actions: Vec<Action>,
    /// State number: grows with each change.
    pub state: u64,
    /// Of the newest change.
    pub edited: Moment,
}

/// What Lifeboat sees, for the header and the calm page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct State {
    /// Worst open incident's flag, `QUIET` or `BLIND`.
    pub flag: Flag,
    /// One sentence of truth.
    pub sentence: String,
    /// Each source: name, what was last seen, and whether it is well.
    pub sources: Vec<SourceState>,
    /// Notices under the header (blind, link down, not recorded), worded.
    pub notices: Vec<Notice>,
    /// The banner, where this is a drill.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drill: Option<Drill>,
}

/// A strip under the header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// `red`, `amber`, `plain`.
    pub tone: &'static str,
    /// Worded.
    pub text: String,
}

/// One source of facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceState {
    /// Its name.
    pub name: String,
    /// It can be read.
    pub well: bool,
    /// Worded: `read to 10:58:02, 41 requests in the last minute`.
    pub text: String,
}

/// Who reads the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Me {
    /// The configured person's name, or none: read-only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// What they may do, worded.
    pub may: String,
    /// Who else they may speak as: only in a drill. Requests name it as `as`, a line as `@mei /plan approve`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plays: Vec<String>,
}

/// The banner of a drill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drill {
    /// What is played: the scenario's title.
    pub title: String,
    /// That nothing is real, or that it is over.
    pub text: String,
}

/// Everything the page needs to draw itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Start {
    /// Newest event; the stream goes on after it.
    pub seq: u64,
    /// The server's clock (RFC 3339), from which the page counts running times.
    pub now: String,
    /// Who reads.
    pub me: Me,
    /// `UTC+8`.
    pub zone: String,
    /// Minutes to add to UTC for times the page prints by itself.
    pub zone_offset_min: i32,
    /// The default language of the service.
    pub lang: String,
    /// How many times as fast as real the server's clock runs: 1 but in a drill.
    pub speed: u32,
    /// What Lifeboat sees.
    pub state: State,
    /// Channels.
    pub channels: Vec<Channel>,
    /// Open incidents by severity, then recently closed, newest first.
    pub incidents: Vec<Incident>,
    /// Services with a chart.
    pub services: Vec<String>,
    /// Plans that are open, and the newest that ended, newest first.
    pub plans: Vec<PlanCard>,
    /// What is seen of clusters and schedules.
    pub fleet: FleetView,
}

/// A problem, as the body of any answer that is not 2xx.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What happened, what was not changed, what to do next.
    pub text: String,
}

/// What the stream carries. The SSE event name is the variant in snake case; `id` is the newest durable `seq`.
/// Besides, `reset` (`{}`): too much was missed, load `/api/start` anew; the stream goes on after its `id`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Push {
    /// `message`: a new message; one known already (same `seq`) replaces the old.
    Message(Message),
    /// `incident`: new state of an incident (card, header, rail).
    Incident(Box<Incident>),
    /// `entry`: a new or changed timeline entry.
    Entry {
        /// The incident's number.
        incident: u32,
        /// The entry.
        entry: Entry,
    },
    /// `letters`: which entries of an incident have a letter now; no others have one.
    Letters {
        /// The incident's number.
        incident: u32,
        /// In the order of the alphabet.
        letters: Vec<Letter>,
    },
    /// `channel`: a channel opened or changed.
    Channel(Channel),
    /// `state`: what Lifeboat sees changed.
    State(State),
    /// `plan`: new state of a plan.
    Plan(Box<PlanCard>),
    /// `fleet`: what is seen of clusters and schedules changed (at most one push a second).
    Fleet(Box<FleetView>),
    /// `traffic`: the newest steps of a service's chart (at most one push a second).
    Traffic(Chart),
    /// `beat`: every 5 s, without an `id`; the page calls Lifeboat lost after 15 s without a word.
    Beat {
        /// The server's clock (RFC 3339).
        now: String,
        /// How many times as fast as real it runs.
        speed: u32,
    },
}
