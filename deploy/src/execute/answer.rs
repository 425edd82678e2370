//! What an answer means for the step it belongs to.

use chrono::TimeDelta;
use lifeboat_commands::facts::ProbeResult;
use lifeboat_commands::ports::Outcome;
use lifeboat_commands::ports::call::Answer;
use lifeboat_commands::ports::cloud::RunResult;
use lifeboat_commands::ports::orchestrator::Drained;
use lifeboat_storage::event::Kind;
use lifeboat_storage::id::InstanceId;
use lifeboat_storage::plan::{FailedBy, Step, StepResult};

use super::act::AGAIN;
use super::{Memory, Next, View, failed, succeeded};

/// Takes in the answer to the call of the step that is under way; what it means is recorded.
#[must_use]
pub fn answered(view: &View<'_>, memory: &mut Memory, answer: &Answer) -> Vec<Kind> {
    let Some((index, step)) = view.run.next_step() else { return Vec::new() };
    memory.called = true;
    let ends = match answer {
        Answer::Probed(result) => probed(step, result),
        Answer::Each(each) => return each_of(view, memory, index, step, each),
        Answer::Drained(Outcome::Done(drained)) => return drained_of(view, memory, index, step, drained),
        Answer::Ran(Outcome::Done(result)) => ran(memory, view, result),
        Answer::Machine(outcome) => plain(view, memory, outcome, |id: &InstanceId| StepResult::Gained {
            instances: vec![id.clone()],
            refused: std::collections::BTreeMap::new(),
        }),
        Answer::Schedulable(outcome) => {
            let ends = plain(view, memory, outcome, |before| StepResult::SchedulableWas { before: *before });
            match (step, ends) {
                // Only that it takes no pods was asked; that it is a node is seen.
                (Step::Join { .. }, Some(Ok(_))) => None,
                // A repeat finds it as the first try left it: this plan had found it open.
                (Step::Cordon { .. }, Some(Ok(_))) => Some(Ok(StepResult::SchedulableWas { before: true })),
                (_, ends) => ends,
            }
        }
        Answer::Spread(outcome) => spread(view, memory, step, outcome),
        Answer::Plain(Outcome::NotFound) if matches!(step, Step::Forget { .. }) => {
            Some(Ok(StepResult::Plain))
        }
        Answer::Plain(outcome) => match plain(view, memory, outcome, |()| StepResult::Plain) {
            Some(Ok(_)) if matches!(step, Step::Join { .. }) => None,
            Some(Ok(_)) if matches!(step, Step::Leave { .. }) => {
                memory.not_before = Some(view.now + AGAIN);
                None
            }
            ends => ends,
        },
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
    each: &std::collections::BTreeMap<InstanceId, Outcome<()>>,
) -> Vec<Kind> {
    let unclear = |outcome: &Outcome<()>| {
        matches!(outcome, Outcome::Busy { .. } | Outcome::Throttled { .. } | Outcome::Unknown(_))
    };
    if each.values().any(unclear) {
        // Starting or stopping twice is doing it once.
        later(view, memory, 3_000);
        return Vec::new();
    }
    let done = |outcome: &Outcome<()>| matches!(outcome, Outcome::Done(()));
    let instances: Vec<InstanceId> =
        each.iter().filter(|(_, one)| done(one)).map(|(id, _)| id.clone()).collect();
    let refused = each.iter().filter_map(|(id, outcome)| Some((id.clone(), refusal(outcome)?)));
    let refused: std::collections::BTreeMap<_, _> = refused.collect();
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
    let ends = plain(view, memory, outcome, |_| StepResult::WeightsWere { before });
    match (ends, memory.going_back) {
        // The traffic is back where it was: the watch has failed, and that is what is told.
        (Some(Ok(_)), Some(share)) => Some(Err(FailedBy::ErrorShare { share })),
        (ends, _) => ends,
    }
}
