//! What the events of a plan add up to: how far it went, what it gained, what it left behind. Pure.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{Forgotten, PauseReason, Plan, Step, StepOutcome, StepResult};
use crate::event::{Event, Kind, Time};
use crate::id::{ClusterName, IdemKey, IncidentId, InstanceId, NodeName, PersonName, PlanId, Seq};

/// Where a plan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Shown; waits for consent.
    Proposed,
    /// Consent is there; it runs or is about to.
    Running,
    /// Stands still between two steps; keeps its lock.
    Paused,
    /// Refused by a person.
    Rejected,
    /// Nobody said yes in time, or it did not begin in time after that.
    Expired,
    /// Ended by a person before its end.
    Cancelled,
    /// Its last step proved the effect.
    Proven,
    /// It ended without proof.
    Failed,
}

/// How a step stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// When it was first started, or the plan resumed while it was open.
    pub started_at: Time,
    /// When it was last started, or the plan resumed while it was open.
    pub tried_at: Time,
    /// How often.
    pub attempts: u32,
    /// How often it ended as failed; a plan that is resumed keeps it.
    #[serde(default)]
    pub failures: u32,
    /// The key of its newest call.
    pub key: IdemKey,
    /// What is left, and what keeps it, as last told.
    pub left: Option<(u32, Vec<String>)>,
    /// When and how it ended; absent while it is under way. `Unknown` may be followed by another try.
    pub ended: Option<(Time, StepOutcome)>,
}

impl Progress {
    /// Under way, or nobody knows.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.ended, None | Some((_, StepOutcome::Unknown { .. })))
    }

    /// Done, seen.
    #[must_use]
    pub fn has_succeeded(&self) -> bool {
        matches!(self.ended, Some((_, StepOutcome::Succeeded { .. })))
    }
}

/// A time in which a plan stood still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// When it was paused.
    pub from: Time,
    /// When it was resumed or ended; absent while it stands still.
    pub to: Option<Time>,
}

/// A plan and how far it went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Its number.
    pub id: PlanId,
    /// What it does.
    pub plan: Plan,
    /// What an approval must name.
    pub hash: String,
    /// The incident it belongs to: the one it was asked for in, else the first of which one of its events is.
    pub incident: Option<IncidentId>,
    /// Who asked; absent when a schedule did.
    pub asked_by: Option<PersonName>,
    /// The event that proposed it.
    pub proposed: Seq,
    /// When.
    pub proposed_at: Time,
    /// Who said yes, in order.
    pub approved_by: Vec<PersonName>,
    /// When consent was complete.
    pub approved_at: Option<Time>,
    /// Where it stands.
    pub standing: Standing,
    /// Why it is paused.
    pub paused: Option<PauseReason>,
    /// When it stood still, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<Pause>,
    /// Steps begun or ended, by index.
    pub steps: BTreeMap<u32, Progress>,
    /// Machines it gained, in order: slot 0 is the first.
    pub gained: Vec<InstanceId>,
    /// Which node a gained machine became, by slot.
    pub joined: BTreeMap<u32, NodeName>,
    /// Nodes it cordoned and has not uncordoned.
    pub cordoned: BTreeSet<NodeName>,
    /// The newest event of it.
    pub changed: Seq,
    /// When it ended.
    pub ended_at: Option<Time>,
}

impl Run {
    /// The run that a proposal opens.
    #[must_use]
    pub fn proposed(event: &Event) -> Option<Self> {
        let Kind::PlanProposed { plan, body, hash } = event.kind.lasting() else { return None };
        Some(Self {
            id: *plan,
            plan: Plan::clone(body),
            hash: hash.clone(),
            incident: event.incident,
            asked_by: event.actor.person.clone(),
            proposed: event.seq,
            proposed_at: event.recorded_at,
            approved_by: Vec::new(),
            approved_at: None,
            standing: Standing::Proposed,
            paused: None,
            pauses: Vec::new(),
            steps: BTreeMap::new(),
            gained: Vec::new(),
            joined: BTreeMap::new(),
            cordoned: BTreeSet::new(),
            changed: event.seq,
            ended_at: None,
        })
    }

    /// Not ended: it may still change machines.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.standing, Standing::Proposed | Standing::Running | Standing::Paused)
    }

    /// It holds the locks of its clusters.
    #[must_use]
    pub fn holds_lock(&self) -> bool {
        matches!(self.standing, Standing::Running | Standing::Paused)
    }

    /// Whether it is about this cluster.
    #[must_use]
    pub fn is_about(&self, cluster: &ClusterName) -> bool {
        self.plan.cluster == *cluster || self.plan.other.as_ref() == Some(cluster)
    }

    /// The first step that has not ended well, failed or been skipped.
    #[must_use]
    pub fn next_step(&self) -> Option<(u32, &Step)> {
        self.plan.steps.iter().enumerate().find_map(|(index, step)| {
            let index = u32::try_from(index).ok()?;
            let open = self.steps.get(&index).is_none_or(Progress::is_open);
            open.then_some((index, step))
        })
    }

    /// How long it stood still between two moments.
    #[must_use]
    pub fn stood(&self, from: Time, to: Time) -> TimeDelta {
        let within = |pause: &Pause| pause.to.unwrap_or(to).min(to) - pause.from.max(from);
        self.pauses.iter().map(within).filter(|length| *length > TimeDelta::zero()).sum()
    }

    /// It is paused by a step that failed again after the plan was resumed: a third try is no cure.
    #[must_use]
    pub fn fails_again(&self) -> bool {
        let failed = self.paused == Some(PauseReason::StepFailed);
        failed && self.steps.values().next_back().is_some_and(|last| last.failures > 1)
    }

    /// How many steps have ended.
    #[must_use]
    pub fn done(&self) -> u32 {
        u32::try_from(self.steps.values().filter(|step| !step.is_open()).count()).unwrap_or(u32::MAX)
    }

    /// What it would leave if it ended now.
    #[must_use]
    pub fn leaves(&self) -> Forgotten {
        let steps = self.plan.steps.iter().zip(0_u32..);
        let unknown = steps.filter(|(step, index)| match self.steps.get(index) {
            Some(progress) => progress.is_open(),
            None => self.is_booting(step),
        });
        Forgotten {
            cordoned: self.cordoned.iter().cloned().collect(),
            unknown: unknown.map(|(_, index)| index).collect(),
        }
    }

    /// A boot was ordered, and nobody has begun to look whether the node came back.
    fn is_booting(&self, waits: &Step) -> bool {
        let Step::AwaitBoot { cluster: of, node: awaited, .. } = waits else { return false };
        self.plan.steps.iter().zip(0_u32..).any(|(step, index)| {
            matches!(step, Step::Reboot { cluster, node, .. } if cluster == of && node == awaited)
                && self.steps.get(&index).is_some_and(Progress::has_succeeded)
        })
    }

    /// Machines that it gained, or took out of their cluster, and that are on and no node: as far as its steps tell.
    /// One of which nobody knows whether it was stopped is not among them.
    #[must_use]
    pub fn strays(&self) -> Vec<InstanceId> {
        let steps = || self.plan.steps.iter().zip(0_u32..);
        let stops = |(step, index): (&Step, u32), id: &InstanceId| {
            matches!(step, Step::Stop { instance, .. } if instance == id)
                && self
                    .steps
                    .get(&index)
                    .is_some_and(|progress| progress.is_open() || progress.has_succeeded())
        };
        let left = steps().filter_map(|(step, index)| match step {
            Step::Leave { instance, .. } if self.steps.get(&index)?.has_succeeded() => Some(instance),
            _ => None,
        });
        let left = left.filter(|id| !self.gained.contains(id) && !steps().any(|step| stops(step, id)));
        let gained = self.gained.iter().zip(0_u32..).filter(|(_, slot)| !self.joined.contains_key(slot));
        gained.map(|(id, _)| id).chain(left).cloned().collect()
    }

    /// Takes in one more of its events. Events that do not fit change nothing.
    pub fn apply(&mut self, event: &Event) {
        self.changed = event.seq;
        self.incident = self.incident.or(event.incident);
        let at = event.recorded_at;
        match event.kind.lasting() {
            Kind::PlanApproved { hash, .. } => self.approve(hash, event),
            Kind::PlanRejected { .. } => self.end(Standing::Rejected, at),
            Kind::PlanExpired { .. } => self.end(Standing::Expired, at),
            Kind::PlanCancelled { .. } => self.end(Standing::Cancelled, at),
            Kind::PlanEnded { proven: true, .. } => self.end(Standing::Proven, at),
            Kind::PlanEnded { proven: false, .. } => self.end(Standing::Failed, at),
            Kind::PlanPaused { why, .. } if self.standing == Standing::Running => {
                self.standing = Standing::Paused;
                self.paused = Some(why.clone());
                self.pauses.push(Pause { from: at, to: None });
            }
            Kind::PlanResumed { .. } if self.standing == Standing::Paused => self.resume(at),
            Kind::StepStarted { step, attempt, key, .. } => self.start(*step, *attempt, key, at),
            Kind::StepProgressed { step, left, blocked_by, .. } => {
                if let Some(progress) = self.steps.get_mut(step) {
                    progress.left = Some((*left, blocked_by.clone()));
                }
            }
            Kind::StepEnded { step, outcome, .. } => self.finish(*step, outcome, at),
            _ => {}
        }
    }

    fn approve(&mut self, hash: &str, event: &Event) {
        if self.standing != Standing::Proposed || *hash != self.hash {
            return;
        }
        self.approved_by.extend(event.actor.person.clone());
        self.approved_at = Some(event.recorded_at);
        self.standing = Standing::Running;
    }

    /// What is unknown is looked at anew, with all its time; so is the step whose failure paused the plan. Who resumes
    /// a plan of which nothing was begun says yes to it anew.
    fn resume(&mut self, at: Time) {
        let failed = self.paused == Some(PauseReason::StepFailed);
        let last = self.steps.keys().next_back().copied().filter(|_| failed);
        let again = |(index, progress): &(&u32, &mut Progress)| progress.is_open() || Some(**index) == last;
        for (_, progress) in self.steps.iter_mut().filter(again) {
            progress.started_at = at;
            progress.tried_at = at;
            progress.ended = None;
        }
        if self.steps.is_empty() {
            self.approved_at = Some(at);
        }
        self.standing = Standing::Running;
        self.stands_no_longer(at);
    }

    fn end(&mut self, standing: Standing, at: Time) {
        if self.is_open() {
            self.standing = standing;
            self.stands_no_longer(at);
            self.ended_at = Some(at);
        }
    }

    fn stands_no_longer(&mut self, at: Time) {
        self.paused = None;
        if let Some(pause) = self.pauses.last_mut() {
            pause.to.get_or_insert(at);
        }
    }

    fn start(&mut self, step: u32, attempt: u32, key: &IdemKey, at: Time) {
        let progress = self.steps.entry(step).or_insert_with(|| Progress {
            started_at: at,
            tried_at: at,
            attempts: 0,
            failures: 0,
            key: key.clone(),
            left: None,
            ended: None,
        });
        progress.tried_at = at;
        progress.attempts = attempt;
        progress.key = key.clone();
        progress.ended = None;
    }

    fn finish(&mut self, step: u32, outcome: &StepOutcome, at: Time) {
        let none = || Progress {
            started_at: at,
            tried_at: at,
            attempts: 0,
            failures: 0,
            key: IdemKey::new(""),
            left: None,
            ended: None,
        };
        let progress = self.steps.entry(step).or_insert_with(none);
        progress.ended = Some((at, outcome.clone()));
        progress.failures += u32::from(matches!(outcome, StepOutcome::Failed { .. }));
        let Some(planned) = usize::try_from(step).ok().and_then(|step| self.plan.steps.get(step)) else {
            return;
        };
        if let StepOutcome::Succeeded { result } = outcome {
            Self::keep(&mut self.gained, &mut self.joined, &mut self.cordoned, planned, result);
        }
    }

    fn keep(
        gained: &mut Vec<InstanceId>,
        joined: &mut BTreeMap<u32, NodeName>,
        cordoned: &mut BTreeSet<NodeName>,
        step: &Step,
        result: &StepResult,
    ) {
        match (step, result) {
            (_, StepResult::Gained { instances, .. }) => gained.extend(instances.iter().cloned()),
            (Step::Reimage { instance, .. }, _) => gained.push(instance.clone()),
            (_, StepResult::Joined { slot, node }) => {
                joined.insert(*slot, node.clone());
                cordoned.insert(node.clone());
            }
            (Step::Admit { slot, .. }, _) => {
                if let Some(node) = joined.get(slot) {
                    cordoned.remove(node);
                }
            }
            (Step::Cordon { node, .. }, StepResult::SchedulableWas { before: true }) => {
                cordoned.insert(node.clone());
            }
            (Step::Uncordon { node, .. } | Step::Forget { node, .. }, _) => _ = cordoned.remove(node),
            _ => {}
        }
    }
}

/// The plan an event is about.
#[must_use]
pub fn plan_of(kind: &Kind) -> Option<PlanId> {
    match kind {
        Kind::PlanProposed { plan, .. }
        | Kind::PlanApproved { plan, .. }
        | Kind::PlanRejected { plan, .. }
        | Kind::PlanExpired { plan }
        | Kind::PlanPaused { plan, .. }
        | Kind::PlanResumed { plan }
        | Kind::PlanCancelled { plan, .. }
        | Kind::PlanEnded { plan, .. }
        | Kind::StepStarted { plan, .. }
        | Kind::StepProgressed { plan, .. }
        | Kind::StepEnded { plan, .. } => Some(*plan),
        _ => None,
    }
}
