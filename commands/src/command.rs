//! A command as a typed value: what a person wants, before anybody asked whether it can be.

use chrono::TimeDelta;
use lifeboat_storage::event::{Role, Severity, Status, TaskKind, Time};
use lifeboat_storage::id::{IncidentId, Seq, ServiceName};

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
    Declare { title: String, severity: Option<Severity>, service: Option<ServiceName>, at: Option<Time> },
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
}
