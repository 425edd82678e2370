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

mod fleet;
mod plan;

use serde::{Deserialize, Serialize};

pub use fleet::{
    Cell, ClusterView, Column, FleetView, Matrix, MatrixRow, NodeSeat, ScheduleView, Standby, Suggested,
};
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

/// What stands in a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Its event; also its id on the page.
    pub seq: u64,
    /// The channel's name.
    pub channel: String,
    /// When it was said.
    pub at: Moment,
    /// Who said it; Lifeboat where `bot`.
    pub author: String,
    /// The author's role in the incident, worded, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Said by Lifeboat.
    pub bot: bool,
    /// `text` (a person), `command` (what a person typed as a command), `notice` (Lifeboat), `card`, `plan`.
    pub kind: &'static str,
    /// The text, empty for a card or a plan.
    pub text: String,
    /// The card; all messages that show the same incident show the same card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    /// The plan; all messages that show the same plan show the same card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<Box<PlanCard>>,
    /// On the timeline already (📌).
    pub pinned: bool,
    /// Not recorded: said in degraded mode.
    pub unrecorded: bool,
}

/// A page of messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Messages {
    /// Oldest first.
    pub messages: Vec<Message>,
    /// How many older ones there are.
    pub earlier: usize,
}

/// A channel of the rail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Channel {
    /// `alerts`, `inc-0042-blog-web`.
    pub name: String,
    /// The name as it is shown: without the words of a title that was redacted.
    pub label: String,
    /// The topic: the incident's title, Chinese included.
    pub topic: String,
    /// The number of the incident it belongs to, or none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident: Option<u32>,
    /// Its incident is closed or cancelled.
    pub closed: bool,
    /// Newest message.
    pub newest: u64,
}

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

/// Error share over time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Chart {
    /// Which service.
    pub service: String,
    /// Start of the first step, RFC 3339.
    pub from: String,
    /// Length of a step, in seconds.
    pub step_s: u32,
    /// `[bad, total]` a step; `null` where nothing is known.
    pub counts: Vec<Option<[u64; 2]>>,
    /// The alert's limit, 0 to 1.
    pub limit: f64,
    /// The usual share, 0 to 1.
    pub usual: f64,
    /// Letters on top.
    pub marks: Vec<Mark>,
    /// Minutes to add to UTC for the axis.
    pub zone_offset_min: i32,
}

/// A letter on the chart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// A to Z.
    pub letter: String,
    /// RFC 3339.
    pub at: String,
    /// What happened.
    pub text: String,
    /// Its event.
    pub seq: u64,
}

/// The letter of a timeline entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Letter {
    /// A to Z.
    pub letter: String,
    /// The event the entry is of.
    pub seq: u64,
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

/// A line a person sent.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CommandRequest {
    /// `/incident ack`.
    pub line: String,
    /// The channel it was typed in; names the incident where the line does not.
    #[serde(default)]
    pub channel: String,
    /// `en` or `zh-CN`: of the private answer.
    #[serde(default)]
    pub lang: String,
    /// As whom, one of [`Me::plays`]; empty: as oneself.
    #[serde(default, rename = "as")]
    pub part: String,
}

/// The private answer to a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandReply {
    /// Its durable event, or none for a reading command or a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// `done`, `shown`, `refused`, `failed`, `unknown`.
    pub outcome: String,
    /// Worded; lines are separated by `\n`.
    pub text: String,
    /// Where to go: a channel or an export.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<String>,
}

/// Completion of what is typed so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Completion {
    /// The signature: `/incident severity`, `to`, `incident?`.
    pub signature: Vec<Part>,
    /// At most 25, best first.
    pub options: Vec<Choice>,
    /// What would happen with what is typed, or why it would be refused; empty where nothing can be said.
    pub preview: String,
    /// It would be refused.
    pub refused: bool,
}

/// A piece of a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Its text.
    pub text: String,
    /// The one being typed.
    pub current: bool,
}

/// A choice of the completion list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// The whole line when it is taken.
    pub line: String,
    /// What is shown: the last piece.
    pub label: String,
    /// One plain line.
    pub about: String,
    /// What it needs, or why it is refused; empty where nothing.
    pub need: String,
    /// It would be refused; it stays in the list, with the reason.
    pub refused: bool,
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
