//! What the page is given of clusters, nodes and schedules.

use serde::Serialize;

use super::Moment;

/// Everything that is configured and seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FleetView {
    /// The one that carries traffic first, then the standbys, best first.
    pub clusters: Vec<ClusterView>,
    /// Schedules with their verdict.
    pub schedules: Vec<ScheduleView>,
}

/// A cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClusterView {
    /// Its name.
    pub name: String,
    /// The watched service it carries.
    pub service: String,
    /// It gets traffic.
    pub active: bool,
    /// `5 of 9 nodes serve`.
    pub headline: String,
    /// Its share of the traffic, worded; empty where there is no traffic entry.
    pub traffic: String,
    /// `frozen by Mei 10:47: ...`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frozen: Option<String>,
    /// When it was seen last; absent when never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<Moment>,
    /// What is seen is too old to act on.
    pub stale: bool,
    /// One for each node wanted or there.
    pub seats: Vec<NodeSeat>,
    /// The probes of its nodes; absent where none was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matrix: Option<Matrix>,
    /// Of a standby: can it take the load?
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standby: Option<Standby>,
}

/// A seat: a node that serves, one that does not, or one that is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NodeSeat {
    /// Its name; empty where nobody sits.
    pub name: String,
    /// `serves`, `held` (kept from pods), `idle`, `down`, `unknown`, `missing`.
    pub state: &'static str,
    /// The state, worded.
    pub word: String,
}

/// Node × probe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Matrix {
    /// The verdict: `Name resolution fails on 4 of 5 nodes`.
    pub caption: String,
    /// What it points at, where it points anywhere.
    pub verdict: String,
    /// The oldest probe of it.
    pub seen: Moment,
    /// Columns.
    pub columns: Vec<Column>,
    /// Head of the column with the pods that serve.
    pub pods: String,
    /// Failing nodes first; alike good ones are folded.
    pub rows: Vec<MatrixRow>,
    /// `41 more, all green`; empty where all are shown.
    pub folded: String,
}

/// A column: one probe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// The probe, worded.
    pub label: String,
    /// It fails on every node.
    pub all_fail: bool,
}

/// A row: one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MatrixRow {
    /// The node.
    pub node: String,
    /// Kept from pods, not Ready, the plan at work on it; empty where nothing is special.
    pub note: String,
    /// A cell a column.
    pub cells: Vec<Cell>,
    /// Pods that serve there.
    pub pods: String,
}

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// `pass`, `fail`, `unknown`, `none` (not asked).
    pub state: &'static str,
    /// The state, worded.
    pub word: String,
    /// What was seen and when; untrusted text, already cut.
    pub evidence: String,
}

/// Whether a standby can take the load.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standby {
    /// `cannot take the load: ...`.
    pub text: String,
    /// Age of its last green check: `green 2 d ago`, `never green`.
    pub check: String,
    /// `good`, `amber`, `red`.
    pub tone: &'static str,
}

/// A schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScheduleView {
    /// Its name.
    pub name: String,
    /// What it brings, and when next.
    pub text: String,
    /// How today's run stands; empty before it.
    pub verdict: String,
    /// It will be late.
    pub short: bool,
}

/// A line that may be typed next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suggested {
    /// The line; it is put into the command line.
    pub line: String,
    /// Why, in one plain line.
    pub why: String,
}
