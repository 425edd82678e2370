//! What the page is given of plans.

use serde::Serialize;

use super::{Flag, Moment, Row};

/// The card of a plan, edited in place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanCard {
    /// `P-7`.
    pub id: String,
    /// The incident it belongs to, `INC-0042`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
    /// Where it stands: `WAITS`, `3 / 7`, `PAUSED`, `PROVEN`, ...
    pub flag: Flag,
    /// `proposed`, `running`, `paused`, `rejected`, `expired`, `cancelled`, `proven`, `failed`.
    pub standing: &'static str,
    /// It may still change machines.
    pub open: bool,
    /// What it does, on what.
    pub title: String,
    /// One grey line: where, who asked, who said yes.
    pub meta: String,
    /// What must be read before anything else: what it waits for, what is done now, why it stands, what is proven.
    pub lead: String,
    /// Until when somebody may say yes; the page counts down to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
    /// How far it is, while it runs or stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bar: Option<Bar>,
    /// What is done, a line for each node or matter, in order.
    pub lines: Vec<PlanLine>,
    /// Nodes that serve: now, at the lowest, afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blast: Option<Blast>,
    /// Targets, cost, time, undo, what is kept; what changed and what is left.
    pub rows: Vec<Row>,
    /// At most four, best first.
    pub actions: Vec<PlanAction>,
    /// The first digits of its hash: what a yes binds.
    pub hash: String,
    /// Number of its newest event.
    pub state: u64,
    /// When that was.
    pub edited: Moment,
}

/// How far a plan is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bar {
    /// Steps that ended.
    pub done: u32,
    /// All steps.
    pub total: u32,
    /// `7 of 15 steps`.
    pub text: String,
    /// `done about 11:19, 4 min left`; empty while it stands.
    pub left: String,
}

/// A line about a node, a machine to be gained, or a matter of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanLine {
    /// Shape in front: `check`, `cross`, `question`, `run`, `skip`, or `next` for what has not begun.
    pub mark: &'static str,
    /// The shape as a word, for speech.
    pub word: String,
    /// Which node, or what it is about.
    pub name: String,
    /// What is to be done, is done, or came of it.
    pub text: String,
}

/// Serving capacity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Blast {
    /// `Nodes that serve, of 9`.
    pub label: String,
    /// Now.
    pub now: String,
    /// At the lowest.
    pub lowest: String,
    /// When it is done.
    pub after: String,
}

/// A button under a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanAction {
    /// `approve`, `reject`, `pause`, `resume`, `cancel`, `again`: the key that focuses it depends on it.
    pub what: &'static str,
    /// What is written on it.
    pub label: String,
    /// The command line it sends; one that ends in a blank is put into the command line instead.
    pub command: String,
    /// The one that a person most likely wants.
    pub primary: bool,
    /// It ends something.
    pub danger: bool,
    /// Asked in the box before it is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ask: Option<Ask>,
    /// Who may press it, by name.
    pub who: Vec<String>,
    /// Told to everybody else: who could.
    pub why: String,
}

/// A question inside the box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ask {
    /// `Reboot worker-4 now?`
    pub text: String,
    /// `Yes, reboot worker-4`.
    pub yes: String,
    /// What must be typed first (an emergency override asks for the incident's id).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub typed: Option<String>,
}
