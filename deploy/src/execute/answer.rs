//! What an answer means for the step it belongs to.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use lifeboat_commands::facts::ProbeResult;
use lifeboat_commands::ports::Outcome;
use lifeboat_commands::ports::call::Answer;
use lifeboat_commands::ports::cloud::RunResult;
use lifeboat_commands::ports::orchestrator::Drained;
use lifeboat_storage::event::Kind;
use lifeboat_storage::id::InstanceId;
use lifeboat_storage::plan::run::Standing;
use lifeboat_storage::plan::{FailedBy, Step, StepOutcome, StepResult};

use super::act::AGAIN;
use super::{Memory, Next, View, failed, succeeded};

/// Takes in the answer to the call of the step that is under way; what it means is recorded.
///
/// People may have paused or ended the plan while the call was on its way. A pause keeps what was done; what failed
/// is tried again when the plan goes on. After the end it is only told how the step went.
#[must_use]
pub fn answered(view: &View<'_>, memory: &mut Memory, answer: &Answer) -> Vec<Kind> {
    let Some((index, step)) = view.run.next_step() else { return Vec::new() };
    memory.called = true;
    let mut kinds = meaning(view, memory, index, step, answer);
    let fails = |kind: &Kind| matches!(kind, Kind::StepEnded { outcome: StepOutcome::Failed { .. }, .. });
    match view.run.standing {
        Standing::Running => {}
        Standing::Paused if kinds.iter().any(fails) => kinds.clear(),
        _ => kinds.retain(|kind| matches!(kind, Kind::StepEnded { .. })),
    }
    kinds
}

fn meaning(view: &View<'_>, memory: &mut Memory, index: u32, step: &Step, answer: &Answer) -> Vec<Kind> {
    let ends = match answer {
        Answer::Probed(result) => probed(step, result),
        Answer::Each(each) => return each_of(view, memory, index, step, each),
        Answer::Drained(Outcome::Done(drained)) => return drained_of(view, memory, index, step, drained),
        Answer::Ran(Outcome::Done(result)) => ran(memory, view, result),
        Answer::Machine(outcome) => plain(view, memory, outcome, |id: &InstanceId| StepResult::Gained {
            instances: vec![id.clone()],
            refused: BTreeMap::new(),
        }),
        Answer::Schedulable(outcome) => schedulable(view, memory, index, step, outcome),
        Answer::Spread(outcome) => spread(view, memory, step, outcome),
        Answer::Plain(outcome) => done_or_not(view, memory, step, outcome),
        Answer::Drained(outcome) => plain(view, memory, outcome, |_| StepResult::Plain),
        Answer::Ran(outcome) => plain(view, memory, outcome, |_| StepResult::Plain),
        _ => None,
    };
    let next = match ends {
        None => return Vec::new(),
        Some(Ok(result)) => succeeded(view, index, step, result),
        Some(Err(by)) => failed(view, index, step, by),
    };
    recorded(next)
}

/// Whether it took pods before tells who cordoned it. A repeat finds it as the first try left it: as the step began
/// this plan had found it open, so the cordon counts as its own.
fn schedulable(
    view: &View<'_>,
    memory: &mut Memory,
    index: u32,
    step: &Step,
    outcome: &Outcome<bool>,
) -> Ends {
    let tries = view.run.steps.get(&index).map_or(1, |progress| progress.attempts);
    let first = tries == 1 && memory.attempt == Some(1) && memory.doubt_since.is_none();
    let ends = plain(view, memory, outcome, |before| StepResult::SchedulableWas { before: *before });
    match (step, ends) {
        // Only that it takes no pods was asked; that it is a node is seen.
        (Step::Join { .. }, Some(Ok(_))) => None,
        // An earlier try may have come there all the same: no refusal of this one says that it did not.
        (Step::Cordon { .. }, Some(Err(FailedBy::Denied { .. }))) if memory.doubt_since.is_some() => {
            memory.called = false;
            memory.not_before = Some(view.now + AGAIN);
            None
        }
        (Step::Cordon { .. }, Some(Ok(_))) if !first => Some(Ok(StepResult::SchedulableWas { before: true })),
        (_, ends) => ends,
    }
}

fn done_or_not(view: &View<'_>, memory: &mut Memory, step: &Step, outcome: &Outcome<()>) -> Ends {
    if matches!((step, outcome), (Step::Forget { .. }, Outcome::NotFound)) {
        return Some(Ok(StepResult::Plain));
    }
    match plain(view, memory, outcome, |()| StepResult::Plain) {
        // That it came in is seen.
        Some(Ok(_)) if matches!(step, Step::Join { .. }) => None,
        // How it went is asked.
        Some(Ok(_)) if matches!(step, Step::Leave { .. }) => {
            memory.not_before = Some(view.now + AGAIN);
            None
        }
        ends => ends,
    }
}

fn recorded(next: Next) -> Vec<Kind> {
    match next {
        Next::Record(kinds) => kinds,
        Next::Call(_) | Next::Wait => Vec::new(),
    }
}

type Ends = Option<Result<StepResult, FailedBy>>;

/// What most outcomes mean: done, never, later, or nobody knows.
fn plain<T>(
    view: &View<'_>,
    memory: &mut Memory,
    outcome: &Outcome<T>,
    result: impl FnOnce(&T) -> StepResult,
) -> Ends {
    match outcome {
        Outcome::Done(value) => Some(Ok(result(value))),
        Outcome::NoCapacity(evidence) => Some(Err(FailedBy::NoCapacity { evidence: evidence.clone() })),
        Outcome::Denied(evidence) => Some(Err(FailedBy::Denied { evidence: evidence.clone() })),
        Outcome::NotFound => Some(Err(FailedBy::NotFound)),
        Outcome::Busy { after_ms } | Outcome::Throttled { after_ms } => {
            later(view, memory, *after_ms);
            None
        }
        Outcome::Unknown(_) => {
            doubt(view, memory);
            None
        }
    }
}

/// Nothing was done: the same call again, later.
fn later(view: &View<'_>, memory: &mut Memory, after_ms: u64) {
    let after = i64::try_from(after_ms).unwrap_or(60_000).clamp(500, 60_000);
    memory.called = false;
    memory.not_before = Some(view.now + TimeDelta::milliseconds(after));
}

/// Nobody knows: what is safe is done again, anything else is looked at first.
fn doubt(view: &View<'_>, memory: &mut Memory) {
    memory.doubt_since = Some(view.now);
    memory.called = false;
    memory.not_before = Some(view.now + AGAIN);
}

fn probed(step: &Step, result: &ProbeResult) -> Ends {
    let Step::Probe { probe, must_pass, .. } = step else { return None };
    let (pass, evidence) = match result {
        ProbeResult::Pass => (true, Default::default()),
        ProbeResult::Fail(evidence) | ProbeResult::Unknown(evidence) => (false, evidence.clone()),
    };
    if !pass && *must_pass {
        return Some(Err(FailedBy::Probe { probe: *probe, evidence }));
    }
    Some(Ok(StepResult::Probed { pass, evidence }))
}

fn ran(memory: &mut Memory, view: &View<'_>, result: &RunResult) -> Ends {
    match result {
        RunResult::Running => {
            memory.not_before = Some(view.now + AGAIN);
            None
        }
        RunResult::Succeeded => Some(Ok(StepResult::Plain)),
        RunResult::Failed(evidence) => Some(Err(FailedBy::Denied { evidence: evidence.clone() })),
    }
}

/// Several machines at once: what came is counted, what did not is told.
fn each_of(
    view: &View<'_>,
    memory: &mut Memory,
    index: u32,
    step: &Step,
    each: &BTreeMap<InstanceId, Outcome<()>>,
) -> Vec<Kind> {
    let unclear = |outcome: &Outcome<()>| {
        matches!(outcome, Outcome::Busy { .. } | Outcome::Throttled { .. } | Outcome::Unknown(_))
    };
    if each.values().any(unclear) {
        // Starting or stopping twice is doing it once.
        later(view, memory, 3_000);
        memory.doubt_since = Some(view.now);
        return Vec::new();
    }
    let done = |outcome: &Outcome<()>| matches!(outcome, Outcome::Done(()));
    let instances: Vec<InstanceId> =
        each.iter().filter(|(_, one)| done(one)).map(|(id, _)| id.clone()).collect();
    let refused = each.iter().filter_map(|(id, outcome)| Some((id.clone(), refusal(outcome)?)));
    let refused: BTreeMap<_, _> = refused.collect();
    if matches!(step, Step::Obtain { .. }) && !instances.is_empty() {
        return recorded(succeeded(view, index, step, StepResult::Gained { instances, refused }));
    }
    match refused.into_values().next() {
        Some(by) => recorded(failed(view, index, step, by)),
        None => recorded(succeeded(view, index, step, StepResult::Plain)),
    }
}

fn refusal(outcome: &Outcome<()>) -> Option<FailedBy> {
    match outcome {
        Outcome::NoCapacity(evidence) => Some(FailedBy::NoCapacity { evidence: evidence.clone() }),
        Outcome::Denied(evidence) => Some(FailedBy::Denied { evidence: evidence.clone() }),
        Outcome::NotFound => Some(FailedBy::NotFound),
        _ => None,
    }
}

/// Asked again until nobody is left; told when it changes.
fn drained_of(view: &View<'_>, memory: &mut Memory, index: u32, step: &Step, drained: &Drained) -> Vec<Kind> {
    if drained.done {
        return recorded(succeeded(view, index, step, StepResult::Plain));
    }
    memory.not_before = Some(view.now + AGAIN);
    let told = view.run.steps.get(&index).and_then(|progress| progress.left.clone());
    let now = (drained.left, drained.blocked_by.clone());
    if told.as_ref() == Some(&now) {
        return Vec::new();
    }
    let (left, blocked_by) = now;
    vec![Kind::StepProgressed { plan: view.run.id, step: index, left, blocked_by }]
}

fn spread(
    view: &View<'_>,
    memory: &mut Memory,
    step: &Step,
    outcome: &Outcome<lifeboat_commands::ports::traffic::Spread>,
) -> Ends {
    let before = match step {
        Step::Shift { traffic, .. } | Step::Hold { traffic, .. } => {
            view.facts.traffic.get(traffic).map(|facts| facts.weights.clone()).unwrap_or_default()
        }
        _ => Vec::new(),
    };
    let share = (view.share)(&view.run.plan.service);
    let ends = plain(view, memory, outcome, |_| StepResult::WeightsWere { before, share });
    if matches!((step, outcome), (Step::Shift { .. }, Outcome::Busy { .. })) {
        // Somebody changed it meanwhile, or an earlier try of ours did: looked at before it is done again.
        doubt(view, memory);
    }
    match (ends, memory.going_back) {
        // The traffic is back where it was: the watch has failed, and that is what is told.
        (Some(Ok(_)), Some(share)) => Some(Err(FailedBy::ErrorShare { share })),
        (ends, _) => ends,
    }
}
