//! The verbs that change an incident.

use lifeboat_storage::event::{Kind, Milestone, Role, Severity, Status, TaskKind, Time};
use lifeboat_storage::id::{IncidentId, PersonName, Seq};
use lifeboat_storage::incident::Incident;

use super::{Change, Scene};
use crate::command::Command;
use crate::refusal::Refusal;

type Decided = Result<Vec<Change>, Refusal>;

/// Decides one of the incident verbs; a command of another kind changes nothing.
///
/// # Errors
/// Every [`Refusal`] that speaks of incidents.
pub fn decide(scene: &Scene<'_>, command: &Command) -> Decided {
    match command {
        Command::Ack { incident } => acknowledge(scene, scene.open_incident(*incident)?),
        Command::Severity { to, incident } => severity(scene, scene.open_incident(*incident)?, *to),
        Command::Status { to, incident, at, reason, reopen: true } => {
            reopen(scene, scene.incident(*incident)?, &Wanted { to: *to, at: *at, reason })
        }
        Command::Status { to, incident, at, reason, reopen: false } => {
            status(scene, scene.open_incident(*incident)?, &Wanted { to: *to, at: *at, reason })
        }
        Command::Role { role, person, incident } => {
            take_role(scene, scene.open_incident(*incident)?, *role, person.as_deref())
        }
        Command::Update { conditions, actions, needs, incident } => {
            let told = Kind::UpdatePosted {
                conditions: conditions.clone(),
                actions: actions.clone(),
                needs: needs.clone(),
            };
            one(scene, scene.open_incident(*incident)?.id, told)
        }
        Command::Note { text, at, incident } => note(scene, scene.incident(*incident)?, text, *at),
        Command::Task { text, owner, what, incident } => {
            task(scene, scene.incident(*incident)?, text, owner.as_deref(), *what)
        }
        Command::TaskDone { task, incident } => task_done(scene, scene.incident(*incident)?, *task),
        Command::Merge { into, incident } => merge(scene, scene.open_incident(*incident)?, *into),
        Command::Pin { message } => pin(scene, *message),
        Command::Redact { event, reason } => redact(scene, *event, reason),
        _ => Ok(Vec::new()),
    }
}

fn one(scene: &Scene<'_>, id: IncidentId, kind: Kind) -> Decided {
    Ok(vec![Change::of(id, scene.now, kind)])
}

fn acknowledge(scene: &Scene<'_>, incident: &Incident) -> Decided {
    match incident.at(Milestone::Acknowledged) {
        Some(at) => {
            Err(Refusal::AlreadyAcknowledged { id: incident.id, by: incident.acknowledged_by.clone(), at })
        }
        None => one(scene, incident.id, Kind::Acknowledged),
    }
}

fn severity(scene: &Scene<'_>, incident: &Incident, to: Severity) -> Decided {
    if incident.severity == to {
        return Err(Refusal::SameSeverity { id: incident.id, severity: to });
    }
    one(scene, incident.id, Kind::SeverityChanged { from: incident.severity, to })
}

/// A status somebody wants.
struct Wanted<'a> {
    to: Status,
    at: Option<Time>,
    reason: &'a str,
}

impl Wanted<'_> {
    fn change(&self, scene: &Scene<'_>, incident: &Incident, at: Time) -> Change {
        let kind = Kind::StatusChanged {
            from: incident.status,
            to: self.to,
            head: scene.head.map(str::to_owned),
            reason: self.reason.to_owned(),
        };
        Change::of(incident.id, at, kind)
    }
}

fn status(scene: &Scene<'_>, incident: &Incident, wanted: &Wanted<'_>) -> Decided {
    if incident.status == wanted.to {
        return correct(scene, incident, wanted);
    }
    let ready = matches!(incident.status, Status::Mitigated | Status::Resolved);
    if wanted.to == Status::Closed && !ready {
        return Err(Refusal::NotResolved { id: incident.id, status: incident.status });
    }
    let at =
        scene.moment(wanted.at.or_else(|| proposed(incident, wanted.to)), incident.at(Milestone::Started))?;
    Ok(vec![wanted.change(scene, incident, at)])
}

/// Who confirms a measured recovery confirms its measured moment.
fn proposed(incident: &Incident, to: Status) -> Option<Time> {
    incident.recovery_proposed.filter(|_| to == Status::Mitigated)
}

/// The same status with another moment corrects the milestone; without one there is nothing to change.
fn correct(scene: &Scene<'_>, incident: &Incident, wanted: &Wanted<'_>) -> Decided {
    let milestone = match wanted.to {
        Status::Identified => Milestone::Identified,
        Status::Mitigated => Milestone::Mitigated,
        Status::Resolved => Milestone::Resolved,
        _ => return Err(Refusal::SameStatus { id: incident.id, status: wanted.to }),
    };
    let (Some(_), Some(old)) = (wanted.at, incident.milestones.get(&milestone)) else {
        return Err(Refusal::SameStatus { id: incident.id, status: wanted.to });
    };
    let at = scene.moment(wanted.at, incident.at(Milestone::Started))?;
    let mut change = Change::of(incident.id, at, Kind::MilestoneSet { milestone });
    change.supersedes = Some(old.by);
    Ok(vec![change])
}

fn reopen(scene: &Scene<'_>, incident: &Incident, wanted: &Wanted<'_>) -> Decided {
    if let Some(into) = incident.merged_into {
        return Err(Refusal::MergedAway { id: incident.id, into });
    }
    if matches!(incident.status, Status::Investigating | Status::Identified) {
        return Err(Refusal::NotEnded { id: incident.id, status: incident.status });
    }
    Ok(vec![wanted.change(scene, incident, scene.now)])
}

/// A person named on the line, or the one who asks.
fn person(scene: &Scene<'_>, named: Option<&str>) -> Result<PersonName, Refusal> {
    match named {
        None => scene.who.map(|person| person.name.clone()).ok_or(Refusal::NotSignedIn),
        Some(typed) => {
            scene.people.meant(typed).map(|person| person.name.clone()).ok_or_else(|| Refusal::NoSuchPerson {
                typed: typed.chars().take(60).collect(),
                known: scene.people.all.iter().map(|person| person.name.clone()).collect(),
            })
        }
    }
}

fn take_role(scene: &Scene<'_>, incident: &Incident, role: Role, named: Option<&str>) -> Decided {
    let person = person(scene, named)?;
    if incident.roles.get(&role) == Some(&person) {
        return Err(Refusal::SameRole { person });
    }
    one(scene, incident.id, Kind::RoleTaken { role, person })
}

fn note(scene: &Scene<'_>, incident: &Incident, text: &str, at: Option<Time>) -> Decided {
    let at = scene.moment(at, None)?;
    Ok(vec![Change::of(incident.id, at, Kind::NoteAdded { text: text.to_owned() })])
}

fn task(scene: &Scene<'_>, incident: &Incident, text: &str, owner: Option<&str>, what: TaskKind) -> Decided {
    let owner = owner.map(|owner| person(scene, Some(owner))).transpose()?;
    let task = incident.tasks.last().map_or(1, |task| task.number + 1);
    one(scene, incident.id, Kind::TaskAdded { task, what, text: text.to_owned(), owner })
}

fn task_done(scene: &Scene<'_>, incident: &Incident, number: u32) -> Decided {
    let open = incident.tasks.iter().any(|task| task.number == number && task.done_at.is_none());
    if !open {
        return Err(Refusal::NoSuchTask { task: number, known: incident.tasks.len() });
    }
    one(scene, incident.id, Kind::TaskDone { task: number })
}

/// Both ids stay; events are never moved.
fn merge(scene: &Scene<'_>, from: &Incident, into: IncidentId) -> Decided {
    if from.id == into {
        return Err(Refusal::IntoItself);
    }
    let into = scene.open_incident(Some(into))?;
    let gone = Wanted { to: Status::Cancelled, at: None, reason: "" };
    let mut changes = vec![
        Change::of(from.id, scene.now, Kind::Merged { into: into.id }),
        gone.change(scene, from, scene.now),
        Change::of(into.id, scene.now, Kind::MergedFrom { from: from.id }),
    ];
    let new = from.alerts.iter().filter(|alert| !into.alerts.contains(alert));
    changes
        .extend(new.map(|alert| Change::of(into.id, scene.now, Kind::AlertJoined { alert: alert.clone() })));
    changes.extend(earlier_start(from, into));
    Ok(changes)
}

/// The merged incident began when the earlier of both began.
fn earlier_start(from: &Incident, into: &Incident) -> Option<Change> {
    let earlier = from.at(Milestone::Started)?;
    let old = into.milestones.get(&Milestone::Started);
    if old.is_some_and(|old| old.at <= earlier) {
        return None;
    }
    let mut change = Change::of(into.id, earlier, Kind::MilestoneSet { milestone: Milestone::Started });
    change.supersedes = old.map(|old| old.by);
    Some(change)
}

fn pin(scene: &Scene<'_>, message: Seq) -> Decided {
    if scene.state.pinned.contains(&message) {
        return Err(Refusal::AlreadyPinned { seq: message });
    }
    let event = (scene.event)(message).ok_or(Refusal::NoSuchMessage { seq: message })?;
    let Kind::MessageSaid { channel, .. } = &event.kind else {
        return Err(Refusal::NoSuchMessage { seq: message });
    };
    let here = scene.state.incident_of_channel(channel);
    let incident = scene.incident(event.incident.or(here))?;
    Ok(vec![Change::of(incident.id, event.occurred_at, Kind::MessagePinned { message })])
}

fn redact(scene: &Scene<'_>, target: Seq, reason: &str) -> Decided {
    if let Some(&by) = scene.state.redacted.get(&target) {
        return Err(Refusal::AlreadyRedacted { seq: target, by });
    }
    let event = (scene.event)(target).filter(|event| event.kind.has_text());
    let event = event.ok_or(Refusal::NoSuchEvent { seq: target })?;
    Ok(vec![Change {
        incident: event.incident,
        occurred_at: scene.now,
        kind: Kind::Redacted { target, reason: reason.to_owned() },
        supersedes: None,
    }])
}
