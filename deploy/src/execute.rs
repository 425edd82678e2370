//! Carries out a plan step by step: a pure state machine over what is recorded and what is seen.
//!
//! | module | decides |
//! | --- | --- |
//! | [`gate`] | what must hold before a step: fresh facts, floors, the right machine |
//! | [`act`] | the call of a step, and when it is not needed |
//! | [`look`] | whether a step is done, from facts alone |
//! | [`answer`] | what an answer means |
//!
//! ```text
//! StepStarted (durable) ─▶ call ─▶ answer ─▶ StepEnded
//!                            └─ no answer, or nobody knows ─▶ look at facts newer than the call ─▶ done | again | unknown
//! ```
//!
//! Nothing here touches a machine: the engine records what [`next`] asks for and makes the calls, and only on what is
//! durable. After a crash the memory is empty: a step that was under way is looked at before it is done again.

use chrono::TimeDelta;
use lifeboat_commands::facts::Facts;
use lifeboat_commands::fleet::Fleet;
use lifeboat_commands::floors;
use lifeboat_commands::ports::call::Call;
use lifeboat_storage::event::{Kind, Share, Time};
use lifeboat_storage::id::{ClusterName, IdemKey, ServiceName, TrafficName};
use lifeboat_storage::plan::run::{Progress, Run, Standing};
use lifeboat_storage::plan::{
    FailedBy, PauseReason, Proof, RebootMode, Step, StepOutcome, StepResult, Verb, Weight,
};
use lifeboat_storage::state::State;

mod act;
mod answer;
mod gate;
mod look;
#[cfg(test)]
mod tests;

pub use answer::answered;

/// What a step is decided on.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The plan and how far it went, as durable.
    pub run: &'a Run,
    /// What all events add up to, as durable.
    pub state: &'a State,
    /// What is seen.
    pub facts: &'a Facts,
    /// What is configured.
    pub fleet: &'a Fleet,
    /// Failed of all requests of a service in the last half minute, where known.
    pub share: &'a dyn Fn(&ServiceName) -> Option<Share>,
    /// Now.
    pub now: Time,
}

/// What one process remembers of the step of a plan that is next; a new process remembers nothing, and a plan that was
/// paused is remembered no longer: then the step is looked at before it is done again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// The step this is about.
    pub step: Option<u32>,
    /// Since when this process sees to it. Deadlines count from here, so neither time spent dead nor a clock that was
    /// set makes a step late.
    pub since: Option<Time>,
    /// The attempt that this process started.
    pub attempt: Option<u32>,
    /// A call of it was made.
    pub called: bool,
    /// Its answer said that nobody knows, or it never came: facts newer than this decide.
    pub doubt_since: Option<Time>,
    /// No call before this.
    pub not_before: Option<Time>,
    /// Going back has begun: the watch over moved traffic failed.
    pub going_back: Option<Share>,
}

impl Memory {
    /// This process starts an attempt. All attempts of a step share one deadline; what it waited before the first
    /// does not count.
    #[must_use]
    pub fn started(&self, step: u32, attempt: u32) -> Self {
        let since = self.since.filter(|_| self.step == Some(step) && attempt > 1);
        Self { step: Some(step), since, attempt: Some(attempt), ..Self::default() }
    }

    /// The clock by which these times were taken was set by so much.
    pub fn shift(&mut self, by: TimeDelta) {
        for at in [&mut self.since, &mut self.doubt_since, &mut self.not_before] {
            *at = at.map(|at| at + by);
        }
    }
}

/// What is to be done now.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// Record these; then ask again.
    Record(Vec<Kind>),
    /// Make this call.
    Call(Box<Call>),
    /// Nothing yet.
    Wait,
}

/// Looks on: which step is next and since when, and whether moved traffic goes well. Call before [`next`].
pub fn notice(view: &View<'_>, memory: &mut Memory) {
    let next = view.run.next_step();
    let index = next.map(|(index, _)| index);
    if memory.step != index {
        *memory = Memory { step: index, ..Memory::default() };
    }
    let since = *memory.since.get_or_insert(view.now);
    let Some((index, Step::Hold { traffic, abort_above_permille, back, .. })) = next else { return };
    let limit = unexplained(view, index, traffic, back).max(*abort_above_permille);
    // The first half minute still counts requests from before.
    let settled = (view.now - since).num_seconds() >= 30;
    let share = (view.share)(&view.run.plan.service).filter(|_| settled).unwrap_or_default();
    if memory.going_back.is_none() && share.bad * 1_000 > share.total * u64::from(limit) {
        memory.going_back = Some(share);
        memory.called = false;
    }
}

/// How many of a thousand may fail before the shift is to blame. Where too many failed already when it began, what was
/// not moved may come to fail wholly meanwhile: that is no reason to move the rest back to it, unless what it was moved
/// to is seen not to answer.
fn unexplained(view: &View<'_>, hold: u32, traffic: &TrafficName, back: &[Weight]) -> u32 {
    let limit = view.fleet.limits.abort_permille;
    let before = view.run.plan.steps.iter().zip(0_u32..).take_while(|(_, at)| *at < hold);
    let shift = before.filter_map(|(step, at)| match step {
        Step::Shift { weights, .. } => Some((weights, at)),
        _ => None,
    });
    let Some((weights, at)) = shift.last() else { return 0 };
    let had = |of: &Weight| back.iter().find(|one| one.cluster == of.cluster).map_or(0, |one| one.percent);
    let (stayed, moved): (Vec<&Weight>, Vec<&Weight>) =
        weights.iter().partition(|weight| weight.percent <= had(weight));
    let before = view.run.steps.get(&at).is_some_and(|shift| failed_before(view, shift));
    if !before || moved.iter().any(|to| is_dead(view, traffic, &to.cluster)) {
        return 0;
    }
    stayed.iter().map(|weight| u32::from(weight.percent) * 10).sum::<u32>() + limit
}

/// Too many requests failed when traffic began to move, or an alert told so before and it was not over by then.
fn failed_before(view: &View<'_>, shift: &Progress) -> bool {
    let service = &view.run.plan.service;
    let told = view.state.alerts.values().any(|alert| {
        let before = alert.raised_at <= shift.started_at && alert.returned == 0;
        alert.firing && before && alert.service == *service && alert.what.is_of_requests()
    });
    let share = match &shift.ended {
        Some((_, StepOutcome::Succeeded { result: StepResult::WeightsWere { share, .. } })) => *share,
        _ => None,
    };
    let limit = u64::from(view.fleet.limits.abort_permille);
    share.map_or(told, |share| share.bad * 1_000 > share.total * limit || (told && share.bad > 0))
}

/// Nothing serves in a cluster, or it is seen not to answer through the entry.
fn is_dead(view: &View<'_>, traffic: &TrafficName, cluster: &ClusterName) -> bool {
    let seen = view.facts.clusters.get(cluster);
    let serves = seen.is_none_or(|seen| !seen.serving(&view.run.plan.service).is_empty());
    let health = view.facts.traffic.get(traffic).and_then(|entry| entry.health.get(cluster));
    !serves || health == Some(&false)
}

/// What is to be done now for a plan.
#[must_use]
pub fn next(view: &View<'_>, memory: &Memory) -> Next {
    match view.run.standing {
        Standing::Proposed if is_too_old(view, view.run.proposed_at) => expired(view),
        Standing::Running => running(view, memory),
        _ => Next::Wait,
    }
}

/// A yes lasts so long; where the clock was set back since, nobody can say how old it is.
fn is_too_old(view: &View<'_>, given: Time) -> bool {
    let age = (view.now - given).num_seconds();
    age > i64::from(view.fleet.limits.approval_s) || age < -floors::CLOCKS_DIFFER_S
}

fn expired(view: &View<'_>) -> Next {
    Next::Record(vec![Kind::PlanExpired { plan: view.run.id }])
}

fn running(view: &View<'_>, memory: &Memory) -> Next {
    let Some((index, step)) = view.run.next_step() else { return Next::Record(vec![ended(view, false)]) };
    match view.run.steps.get(&index) {
        None if view.run.steps.is_empty() && view.run.approved_at.is_some_and(|at| is_too_old(view, at)) => {
            expired(view)
        }
        None => begin(view, memory, index, step),
        Some(progress) => go_on(view, memory, index, step, progress),
    }
}

/// What may be skipped is told by the facts too: they must be fresh first.
fn begin(view: &View<'_>, memory: &Memory, index: u32, step: &Step) -> Next {
    if let Some(why) = gate::facts_old(view, step) {
        return held_up(view, memory, why);
    }
    if let Some(why) = act::skip(view, index, step) {
        let outcome = StepOutcome::Skipped { why };
        return Next::Record(vec![Kind::StepEnded { plan: view.run.id, step: index, outcome }]);
    }
    match gate::closed(view, index, step) {
        Some(why) => held_up(view, memory, why),
        None => Next::Record(vec![started(view, index, 1)]),
    }
}

/// Facts may only be late by a moment, as after a start, and a node that the plan let in again serves only when its
/// pods are up: that is waited for before the plan pauses.
fn held_up(view: &View<'_>, memory: &Memory, why: PauseReason) -> Next {
    let passes = match &why {
        PauseReason::FactsOld { .. } => true,
        PauseReason::FloorBroken { floor, .. } => floors::serves_soon(view.run, view.facts, floor),
        _ => false,
    };
    if passes && waited_s(view, memory) < gate::PATIENCE_S { Next::Wait } else { paused(view, why) }
}

/// Seconds since this process sees to the step.
fn waited_s(view: &View<'_>, memory: &Memory) -> i64 {
    memory.since.map_or(0, |since| (view.now - since).num_seconds())
}

fn paused(view: &View<'_>, why: PauseReason) -> Next {
    Next::Record(vec![Kind::PlanPaused { plan: view.run.id, why }])
}

fn started(view: &View<'_>, step: u32, attempt: u32) -> Kind {
    Kind::StepStarted { plan: view.run.id, step, attempt, key: key(view, step, attempt) }
}

/// The same wish has the same key, but a boot is a new wish each time.
fn key(view: &View<'_>, index: u32, attempt: u32) -> IdemKey {
    let step = usize::try_from(index).ok().and_then(|index| view.run.plan.steps.get(index));
    let plan = format!("{}-{}", view.run.id, view.run.proposed);
    match step {
        Some(Step::Reboot { .. }) => IdemKey::new(format!("{plan}-{index}-{attempt}")),
        _ => IdemKey::new(format!("{plan}-{index}")),
    }
}

fn go_on(view: &View<'_>, memory: &Memory, index: u32, step: &Step, progress: &Progress) -> Next {
    let ours = memory.attempt == Some(progress.attempts);
    // Another process began it, or somebody resumed it: nobody here knows how far it went.
    let doubt = if ours { memory.doubt_since } else { memory.since };
    match look::at(view, index, step, progress, doubt, memory) {
        look::Seen::Done(result) => return succeeded(view, index, step, result),
        look::Seen::Failed(by) => return failed(view, index, step, by),
        look::Seen::NotDone => return Next::Record(vec![started(view, index, progress.attempts + 1)]),
        look::Seen::NotYet => {}
    }
    if waited_s(view, memory) > act::deadline_s(view, step) {
        return late(view, memory, index, step, progress, doubt);
    }
    match doubt {
        Some(_) if !act::may_repeat(step) => Next::Wait,
        Some(_) if !ours && !act::only_watches(step) => {
            Next::Record(vec![started(view, index, progress.attempts + 1)])
        }
        _ => call(view, memory, index, step, progress),
    }
}

/// What must hold before a step must hold before each of its calls.
fn call(view: &View<'_>, memory: &Memory, index: u32, step: &Step, progress: &Progress) -> Next {
    let Some(call) = act::call(view, memory, step, progress) else { return Next::Wait };
    // Nothing holds up a look, nor the way back.
    let closed = if call.reads() || matches!(step, Step::Hold { .. }) {
        None
    } else {
        gate::facts_old(view, step).or_else(|| gate::closed(view, index, step))
    };
    closed.map_or_else(|| Next::Call(Box::new(call)), |why| held_up(view, memory, why))
}

/// Its time is over. What cannot be seen is not called failed, and what nobody knows is not either.
fn late(
    view: &View<'_>,
    memory: &Memory,
    index: u32,
    step: &Step,
    progress: &Progress,
    doubt: Option<Time>,
) -> Next {
    if let Some(why) = gate::facts_old(view, step) {
        return paused(view, why);
    }
    if let Some(result) = look::what_came(view, step, doubt) {
        return succeeded(view, index, step, result);
    }
    let unclear = doubt.is_some() && !act::only_watches(step);
    if unclear || memory.going_back.is_some() {
        return unknown(view, index, progress);
    }
    failed(view, index, step, act::late(view, step, progress))
}

fn unknown(view: &View<'_>, step: u32, progress: &Progress) -> Next {
    // Told once; a resumed plan looks again and may pause again.
    let plan = view.run.id;
    let evidence = lifeboat_storage::plan::Evidence(progress.key.to_string());
    Next::Record(vec![
        Kind::StepEnded { plan, step, outcome: StepOutcome::Unknown { evidence } },
        Kind::PlanPaused { plan, why: PauseReason::StepUnknown },
    ])
}

/// A step is done; with the proof the plan is.
fn succeeded(view: &View<'_>, index: u32, step: &Step, result: StepResult) -> Next {
    let outcome = StepOutcome::Succeeded { result };
    let mut kinds = vec![Kind::StepEnded { plan: view.run.id, step: index, outcome }];
    if matches!(step, Step::Prove { .. }) {
        kinds.push(ended(view, true));
    }
    Next::Record(kinds)
}

/// A step failed for good: others go on, the plan pauses, or it ends.
fn failed(view: &View<'_>, index: u32, step: &Step, by: FailedBy) -> Next {
    let plan = view.run.id;
    let mut kinds = vec![Kind::StepEnded { plan, step: index, outcome: StepOutcome::Failed { by } }];
    let canary = view.run.plan.verb == (Verb::NodeReboot { mode: RebootMode::Canary });
    match step {
        Step::Obtain { .. } | Step::Join { .. } | Step::Admit { .. } => {}
        Step::Preflight { .. } | Step::Shift { .. } | Step::Hold { .. } | Step::Prove { .. } => {
            kinds.push(ended(view, false));
        }
        _ if canary => kinds.push(ended(view, false)),
        _ => kinds.push(Kind::PlanPaused { plan, why: PauseReason::StepFailed }),
    }
    Next::Record(kinds)
}

/// The plan is over. What it leaves is told with it: a step that just ended is not among it.
fn ended(view: &View<'_>, proven: bool) -> Kind {
    let mut left = view.run.leaves();
    if let Some((index, _)) = view.run.next_step() {
        left.unknown.retain(|step| *step != index);
    }
    Kind::PlanEnded { plan: view.run.id, proven, left }
}

/// Nodes that a proof is about: those named, else those this plan gained and let in.
fn proven_nodes(
    view: &View<'_>,
    named: &[lifeboat_storage::id::NodeName],
) -> Vec<lifeboat_storage::id::NodeName> {
    if !named.is_empty() {
        return named.to_vec();
    }
    let admitted = |index: usize| {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        let ended = view.run.steps.get(&index).and_then(|step| step.ended.as_ref());
        matches!(ended, Some((_, StepOutcome::Succeeded { .. })))
    };
    let steps = view.run.plan.steps.iter().enumerate();
    let slots = steps.filter_map(|(index, step)| match step {
        Step::Admit { slot, .. } if admitted(index) => view.run.joined.get(slot).cloned(),
        _ => None,
    });
    slots.collect()
}

/// Whether a proof is one that nodes were gained.
fn proves_gain(proof: &Proof) -> bool {
    matches!(proof, Proof::Serving { at_least: 0, .. })
}
