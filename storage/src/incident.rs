//! The folded state of one incident: what its events add up to.

mod alert;

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::event::{Event, Kind, Milestone, Role, Severity, Status, TaskKind, Time};
use crate::id::{AlertKey, ChannelName, IncidentId, PersonName, Seq, ServiceName, World};

pub use self::alert::Alert;

/// A moment and the event that set it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// The moment.
    pub at: Time,
    /// The event that set it last.
    pub by: Seq,
}

/// Somebody took a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The event that tells it.
    pub by: Seq,
    /// Which role.
    pub role: Role,
    /// Who has held it since then.
    pub person: PersonName,
}

/// A task and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Number within the incident, from 1.
    pub number: u32,
    /// The event that added it.
    pub by: Seq,
    /// What for.
    pub what: TaskKind,
    /// As typed.
    pub text: String,
    /// Who does it.
    pub owner: Option<PersonName>,
    /// Since when it is done.
    pub done_at: Option<Time>,
}

/// Conditions, actions, needs, as last told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update {
    /// The event that told it.
    pub by: Seq,
    /// When.
    pub at: Time,
    /// What is.
    pub conditions: String,
    /// What is done.
    pub actions: String,
    /// What is needed.
    pub needs: String,
}

/// One incident, as far as its events tell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Its number.
    pub id: IncidentId,
    /// Real or drill.
    pub world: World,
    /// As typed; empty when a rule opened it.
    pub title: String,
    /// The service that fails, where known.
    pub service: Option<ServiceName>,
    /// How bad it is.
    pub severity: Severity,
    /// Where it stands.
    pub status: Status,
    /// Milestones reached; a missing one is absent, never 0.
    pub milestones: BTreeMap<Milestone, Stamp>,
    /// Who holds which role.
    pub roles: BTreeMap<Role, PersonName>,
    /// Every time somebody took a role, in order.
    pub taken: Vec<Taken>,
    /// Who acknowledged.
    pub acknowledged_by: Option<PersonName>,
    /// Alerts of the same fate, in order of joining.
    pub alerts: Vec<AlertKey>,
    /// Its channel.
    pub channel: Option<ChannelName>,
    /// Tasks in order.
    pub tasks: Vec<Task>,
    /// The newest update.
    pub update: Option<Update>,
    /// By which its failure is found again: `name-resolution/all-nodes`. The newest.
    pub signature: Option<String>,
    /// All of them, as its failure spread.
    #[serde(default)]
    pub signatures: BTreeSet<String>,
    /// All alerts recovered at that moment; a person is asked to confirm.
    pub recovery_proposed: Option<Time>,
    /// It went on in another.
    pub merged_into: Option<IncidentId>,
    /// Others that were merged into this one.
    pub merged_from: Vec<IncidentId>,
    /// Its events, in order.
    pub events: Vec<Seq>,
    /// Superseded event → the event that corrects it.
    pub corrections: BTreeMap<Seq, Seq>,
    /// The newest thing that changed, for the card.
    pub changed: Option<Seq>,
    /// When that happened; absent in what an older Lifeboat folded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<Time>,
    /// The newest event by which its card may tell something else.
    pub told: Seq,
    /// Time of its newest event.
    pub touched_at: Time,
    /// Up to when the requests of each service are counted in its record; absent where none are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub measured_to: BTreeMap<ServiceName, Time>,
}

impl Incident {
    /// The incident its first event opens.
    #[must_use]
    pub fn declared(id: IncidentId, event: &Event) -> Option<Self> {
        let Kind::IncidentDeclared { title, severity, service, alert } = event.kind.lasting() else {
            return None;
        };
        let mut incident = Self {
            id,
            world: event.world,
            title: title.clone(),
            service: service.clone(),
            severity: *severity,
            status: Status::Investigating,
            milestones: BTreeMap::new(),
            roles: BTreeMap::new(),
            taken: Vec::new(),
            acknowledged_by: None,
            alerts: alert.iter().cloned().collect(),
            channel: None,
            tasks: Vec::new(),
            update: None,
            signature: None,
            signatures: BTreeSet::new(),
            recovery_proposed: None,
            merged_into: None,
            merged_from: Vec::new(),
            events: Vec::new(),
            corrections: BTreeMap::new(),
            changed: None,
            changed_at: None,
            told: event.seq,
            touched_at: event.recorded_at,
            measured_to: BTreeMap::new(),
        };
        incident.set(Milestone::Declared, event);
        Some(incident)
    }

    /// Not closed and not cancelled.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !matches!(self.status, Status::Closed | Status::Cancelled)
    }

    /// When a milestone was reached.
    #[must_use]
    pub fn at(&self, milestone: Milestone) -> Option<Time> {
        self.milestones.get(&milestone).map(|stamp| stamp.at)
    }

    /// The role that a person held when an event was recorded, that event included.
    #[must_use]
    pub fn role_of(&self, person: &PersonName, at: Seq) -> Option<Role> {
        let taken = self.taken.iter().take_while(|taken| taken.by <= at);
        let held: BTreeMap<Role, &PersonName> = taken.map(|taken| (taken.role, &taken.person)).collect();
        held.into_iter().find(|(_, holder)| *holder == person).map(|(role, _)| role)
    }

    /// Takes in one more of its events. Events that do not fit change nothing.
    pub fn apply(&mut self, event: &Event) {
        self.events.push(event.seq);
        self.touched_at = event.recorded_at;
        if let Some(old) = event.supersedes {
            self.corrections.insert(old, event.seq);
        }
        if tells_a_change(event.kind.lasting()) && !self.is_of_before(event) {
            self.changed = Some(event.seq);
            self.changed_at = Some(event.occurred_at);
        }
        if touches_card(event.kind.lasting()) {
            self.told = event.seq;
        }
        match event.kind.lasting() {
            Kind::ChannelOpened { channel } => self.channel = Some(channel.clone()),
            Kind::AlertJoined { alert } => self.join(alert),
            Kind::AlertRaised { .. } | Kind::AlertReturned { .. } => self.recovery_proposed = None,
            Kind::Acknowledged => self.acknowledge(event),
            Kind::SeverityChanged { to, .. } => self.severity = *to,
            Kind::StatusChanged { to, .. } => self.change_status(*to, event),
            Kind::MilestoneSet { milestone } => self.set(*milestone, event),
            Kind::RoleTaken { role, person } => self.take_role(*role, person, event.seq),
            Kind::RecoveryProposed { good_since } => self.recovery_proposed = Some(*good_since),
            Kind::Diagnosed { signature, share, .. } if share.bad > 0 => {
                self.signature = Some(signature.clone());
                self.signatures.insert(signature.clone());
            }
            Kind::Merged { into } => self.merged_into = Some(*into),
            Kind::MergedFrom { from } => self.merged_from.push(*from),
            Kind::UpdatePosted { conditions, actions, needs } => {
                self.update = Some(Update {
                    by: event.seq,
                    at: event.occurred_at,
                    conditions: conditions.clone(),
                    actions: actions.clone(),
                    needs: needs.clone(),
                });
            }
            Kind::TaskAdded { task, what, text, owner } => self.tasks.push(Task {
                number: *task,
                by: event.seq,
                what: *what,
                text: text.clone(),
                owner: owner.clone(),
                done_at: None,
            }),
            Kind::TaskDone { task } => self.finish(*task, event.occurred_at),
            Kind::Redacted { target, .. } => self.forget_text(*target),
            Kind::TrafficMeasured { service, from, step_s, counts } => {
                self.measured(event, service, *from, (*step_s, counts.len()));
            }
            _ => {}
        }
    }

    /// A step that was still running when it was told is not counted to its end yet.
    fn measured(&mut self, event: &Event, service: &ServiceName, from: Time, (step_s, steps): (u32, usize)) {
        let length = i64::try_from(steps).ok().and_then(|steps| steps.checked_mul(i64::from(step_s)));
        let end = length.and_then(TimeDelta::try_seconds).and_then(|length| from.checked_add_signed(length));
        if let Some(end) = end.map(|end| end.min(event.occurred_at)) {
            let known = self.measured_to.entry(service.clone()).or_insert(end);
            *known = end.max(*known);
        }
    }

    /// A note on what happened before the newest change is none itself.
    fn is_of_before(&self, event: &Event) -> bool {
        let note = matches!(event.kind.lasting(), Kind::NoteAdded { .. });
        note && self.changed_at.is_some_and(|at| event.occurred_at < at)
    }

    fn set(&mut self, milestone: Milestone, event: &Event) {
        self.milestones.insert(milestone, Stamp { at: event.occurred_at, by: event.seq });
    }

    fn join(&mut self, alert: &AlertKey) {
        if !self.alerts.contains(alert) {
            self.alerts.push(alert.clone());
        }
    }

    fn take_role(&mut self, role: Role, person: &PersonName, by: Seq) {
        self.roles.insert(role, person.clone());
        self.taken.push(Taken { by, role, person: person.clone() });
    }

    fn acknowledge(&mut self, event: &Event) {
        if !self.milestones.contains_key(&Milestone::Acknowledged) {
            self.set(Milestone::Acknowledged, event);
            self.acknowledged_by.clone_from(&event.actor.person);
        }
    }

    /// Going forward sets the milestone of that name; going back takes away those that no longer hold.
    fn change_status(&mut self, to: Status, event: &Event) {
        self.status = to;
        let forward = match to {
            Status::Identified => Some(Milestone::Identified),
            Status::Mitigated => Some(Milestone::Mitigated),
            Status::Resolved => Some(Milestone::Resolved),
            Status::Closed => Some(Milestone::Closed),
            Status::Investigating | Status::Cancelled => None,
        };
        if let Some(milestone) = forward {
            self.milestones.retain(|known, _| *known <= milestone);
            self.set(milestone, event);
        } else if to == Status::Investigating {
            self.milestones.retain(|known, _| *known < Milestone::Identified);
            self.recovery_proposed = None;
        }
    }

    /// Takes out what a person typed in a redacted event; what it changed stays.
    fn forget_text(&mut self, target: Seq) {
        if self.milestones.get(&Milestone::Declared).is_some_and(|stamp| stamp.by == target) {
            self.title.clear();
        }
        if let Some(update) = self.update.as_mut().filter(|update| update.by == target) {
            update.conditions.clear();
            update.actions.clear();
            update.needs.clear();
        }
        for task in self.tasks.iter_mut().filter(|task| task.by == target) {
            task.text.clear();
        }
    }

    fn finish(&mut self, number: u32, at: Time) {
        if let Some(task) = self.tasks.iter_mut().find(|task| task.number == number) {
            task.done_at.get_or_insert(at);
        }
    }
}

/// Chart data, deliveries and exports are no news on a card.
fn tells_a_change(kind: &Kind) -> bool {
    let quiet = matches!(
        kind,
        Kind::TrafficMeasured { .. }
            | Kind::PostmortemExported { .. }
            | Kind::MessageSaid { .. }
            | Kind::IncidentDeclared { .. }
            | Kind::ChannelOpened { .. }
            | Kind::MilestoneSet { milestone: Milestone::Started | Milestone::Detected }
            | Kind::CommandRefused { .. }
            | Kind::AlertRaised { .. }
            | Kind::StepStarted { .. }
            | Kind::StepProgressed { .. }
    );
    !quiet && !kind.is_delivery()
}

/// What its card tells may be another now; the place of its channel stands on it too.
fn touches_card(kind: &Kind) -> bool {
    let aside = matches!(
        kind,
        Kind::PostmortemExported { .. } | Kind::MessageSaid { .. } | Kind::CommandRefused { .. }
    );
    matches!(kind, Kind::PlaceFound { .. }) || !(aside || kind.is_delivery())
}
