//! A command as a typed value: what a person wants, before anybody asked whether it can be.

use chrono::TimeDelta;
use lifeboat_storage::event::{Role, Severity, Status, TaskKind, Time};
use lifeboat_storage::id::{IncidentId, PlanId, Seq, ServiceName};
use lifeboat_storage::plan::{RebootMode, SwapMode};

/// How a postmortem is written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Markdown.
    Markdown,
    /// One HTML file that prints well.
    Html,
    /// Typed values and sentences.
    Json,
}

/// A command with its values read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the options of table.rs, by their names")]
pub enum Command {
    /// `/incident declare`.
    Declare {
        title: String,
        severity: Option<Severity>,
        service: Option<ServiceName>,
        at: Option<Time>,
        alert: Option<String>,
    },
    /// `/incident list`.
    List { all: bool },
    /// `/incident show`.
    Show { incident: Option<IncidentId> },
    /// `/incident ack`.
    Ack { incident: Option<IncidentId> },
    /// `/incident severity`.
    Severity { to: Severity, incident: Option<IncidentId> },
    /// `/incident status`, `mitigate`, `resolve`, `close`, `cancel` and `reopen`.
    Status { to: Status, incident: Option<IncidentId>, at: Option<Time>, reason: String, reopen: bool },
    /// `/incident role`.
    Role { role: Role, person: Option<String>, incident: Option<IncidentId> },
    /// `/incident update`.
    Update { conditions: String, actions: String, needs: String, incident: Option<IncidentId> },
    /// `/incident note`.
    Note { text: String, at: Option<Time>, incident: Option<IncidentId> },
    /// `/incident task`, adding.
    Task { text: String, owner: Option<String>, what: TaskKind, incident: Option<IncidentId> },
    /// `/incident task done:`.
    TaskDone { task: u32, incident: Option<IncidentId> },
    /// `/incident merge`.
    Merge { into: IncidentId, incident: Option<IncidentId> },
    /// `/incident pin`, or 📌 on a message.
    Pin { message: Seq },
    /// `/incident redact`.
    Redact { event: Seq, reason: String },
    /// `/incident postmortem`.
    Postmortem { incident: Option<IncidentId>, format: Format, lang: Option<String> },
    /// `/alert list`.
    AlertList,
    /// `/alert silence`.
    Silence { alert: String, for_: TimeDelta, reason: String },
    /// `/alert unsilence`.
    Unsilence { alert: String },
    /// `/alert test`.
    AlertTest,
    /// `/node …`.
    Node(NodeCommand),
    /// `/cluster …`.
    Cluster(ClusterCommand),
    /// `/capacity …`.
    Capacity(CapacityCommand),
    /// `/plan …`.
    Plan(PlanCommand),
    /// `/drill …`.
    Drill(DrillCommand),
}

/// A command on nodes. `over` is the reason of an emergency override.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the options of table.rs, by their names")]
pub enum NodeCommand {
    /// `/node list`.
    List { cluster: Option<String> },
    /// `/node add`.
    Add { count: u32, pool: String },
    /// `/node cordon`.
    Cordon { target: String },
    /// `/node uncordon`.
    Uncordon { target: String },
    /// `/node drain`.
    Drain { target: String },
    /// `/node reboot`.
    Reboot { target: String, mode: RebootMode, over: Option<String> },
    /// `/node move`.
    Move { target: String, to: String, over: Option<String> },
    /// `/node remove`.
    Remove { target: String, over: Option<String> },
}

/// A command on clusters.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the options of table.rs, by their names")]
pub enum ClusterCommand {
    /// `/cluster list`.
    List,
    /// `/cluster status`.
    Status { cluster: Option<String> },
    /// `/cluster check`.
    Check { cluster: Option<String> },
    /// `/cluster diagnose`.
    Diagnose { cluster: Option<String> },
    /// `/cluster swap`.
    Swap { to: String, mode: Option<SwapMode>, over: Option<String> },
    /// `/cluster freeze`.
    Freeze { cluster: String, reason: String },
    /// `/cluster unfreeze`.
    Unfreeze { cluster: String },
    /// `/cluster canary install`.
    Canary { cluster: Option<String> },
}

/// A command on schedules.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the options of table.rs, by their names")]
pub enum CapacityCommand {
    /// `/capacity show`.
    Show,
    /// `/capacity check`.
    Check { schedule: Option<String> },
    /// `/capacity run`.
    Run { schedule: String },
    /// `/capacity skip`.
    Skip { schedule: String, reason: String },
}

/// A command on plans; without a number, the newest one that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the options of table.rs, by their names")]
pub enum PlanCommand {
    /// `/plan show`.
    Show { plan: Option<PlanId> },
    /// `/plan approve`.
    Approve { plan: Option<PlanId>, hash: Option<String> },
    /// `/plan reject`.
    Reject { plan: Option<PlanId>, reason: String },
    /// `/plan pause`.
    Pause { plan: Option<PlanId> },
    /// `/plan resume`.
    Resume { plan: Option<PlanId> },
    /// `/plan cancel`.
    Cancel { plan: Option<PlanId> },
}

/// A command of a drill.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the options of table.rs, by their names")]
pub enum DrillCommand {
    /// `/drill start`. `speed` is simulated seconds a real second.
    Start { scenario: Option<String>, speed: Option<u32> },
    /// `/drill hint`.
    Hint,
    /// `/drill stop`.
    Stop,
}
