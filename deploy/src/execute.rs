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

use lifeboat_commands::facts::Facts;
use lifeboat_commands::fleet::Fleet;
use lifeboat_commands::ports::call::Call;
use lifeboat_storage::event::{Kind, Share, Time};
use lifeboat_storage::id::{IdemKey, ServiceName};
use lifeboat_storage::plan::run::{Progress, Run, Standing};
use lifeboat_storage::plan::{FailedBy, PauseReason, Proof, RebootMode, Step, StepOutcome, StepResult, Verb};
use lifeboat_storage::state::State;

mod act;
mod answer;
mod gate;
mod look;

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

/// What one process remembers of a running plan; a new process remembers nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// The step and attempt that this process started.
    pub started: Option<(u32, u32)>,
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
    /// A step begins: nothing is remembered of the last one.
    #[must_use]
    pub fn of(step: u32, attempt: u32) -> Self {
        Self { started: Some((step, attempt)), ..Self::default() }
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

/// Watches over moved traffic: when too much of it fails, going back begins.
pub fn watch(view: &View<'_>, memory: &mut Memory) {
    let Some((index, Step::Hold { abort_above_permille, .. })) = view.run.next_step() else { return };
    let begun = view.run.steps.get(&index).map(|progress| progress.started_at);
    // The first half minute still counts requests from before.
    let settled = begun.is_some_and(|at| (view.now - at).num_seconds() >= 30);
    let share = (view.share)(&view.run.plan.service).filter(|_| settled).unwrap_or_default();
    if memory.going_back.is_none() && share.bad * 1_000 > share.total * u64::from(*abort_above_permille) {
        memory.going_back = Some(share);
        memory.called = false;
    }
}

/// What is to be done now for a plan.
#[must_use]
pub fn next(view: &View<'_>, memory: &Memory) -> Next {
    match view.run.standing {
        Standing::Proposed => expiry(view),
        Standing::Running => running(view, memory),
        _ => Next::Wait,
    }
}

fn expiry(view: &View<'_>) -> Next {
    let age = (view.now - view.run.proposed_at).num_seconds();
    if age > i64::from(view.fleet.limits.approval_s) {
        return Next::Record(vec![Kind::PlanExpired { plan: view.run.id }]);
    }
    Next::Wait
}

fn running(view: &View<'_>, memory: &Memory) -> Next {
    let Some((index, step)) = view.run.next_step() else { return Next::Record(vec![ended(view, false)]) };
    match view.run.steps.get(&index) {
        None => begin(view, index, step),
        Some(progress) => go_on(view, memory, index, step, progress),
    }
}

fn begin(view: &View<'_>, index: u32, step: &Step) -> Next {
    if let Some(why) = act::skip(view, index, step) {
        let outcome = StepOutcome::Skipped { why };
        return Next::Record(vec![Kind::StepEnded { plan: view.run.id, step: index, outcome }]);
    }
    match gate::closed(view, step) {
        // Facts may only be late by a moment: wait for them before pausing.
        Some(PauseReason::FactsOld { .. }) if since_last_change(view) < gate::PATIENCE_S => Next::Wait,
        Some(why) => Next::Record(vec![Kind::PlanPaused { plan: view.run.id, why }]),
        None => Next::Record(vec![started(view, index, 1)]),
    }
}

/// Seconds since the last step ended, or the plan was approved.
fn since_last_change(view: &View<'_>) -> i64 {
    let ended = view.run.steps.values().filter_map(|step| step.ended.as_ref()).map(|(at, _)| *at).max();
    ended.or(view.run.approved_at).map_or(0, |at| (view.now - at).num_seconds())
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
    let ours = memory.started == Some((index, progress.attempts));
    let doubt = match (ours, memory.doubt_since) {
        (true, since) => since,
        // Another process began it, or somebody resumed it: nobody here knows how far it went.
        (false, _) => Some(progress.tried_at),
    };
    match look::at(view, step, progress, doubt, memory) {
        look::Seen::Done(result) => return succeeded(view, index, step, result),
        look::Seen::Failed(by) => return failed(view, index, step, by),
        look::Seen::NotDone => return Next::Record(vec![started(view, index, progress.attempts + 1)]),
        look::Seen::NotYet => {}
    }
    let overdue = (view.now - progress.started_at).num_seconds() > act::deadline_s(view, step);
    match (overdue, doubt) {
        (true, Some(_)) if !act::only_watches(step) => unknown(view, index, progress),
        (true, _) => failed(view, index, step, act::late(view, step, progress)),
        (false, Some(_)) if !ours && act::may_repeat(step) => {
            Next::Record(vec![started(view, index, progress.attempts + 1)])
        }
        (false, Some(_)) if !act::may_repeat(step) && !act::only_watches(step) => Next::Wait,
        _ => act::call(view, memory, step, progress).map_or(Next::Wait, |call| Next::Call(Box::new(call))),
    }
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
