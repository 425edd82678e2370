//! What failed twice with the same error is not offered a third time: the next rung is. Pure.
//!
//! It is forgotten after a while, or once the same action has worked: causes are mended, stock comes back.

use chrono::TimeDelta;
use lifeboat_storage::event::Time;
use lifeboat_storage::id::{ClusterName, InstanceId, NodeName};
use lifeboat_storage::plan::run::{Progress, Run};
use lifeboat_storage::plan::{FailedBy, LaunchSpec, Rung, Step, StepOutcome, StepResult};
use lifeboat_storage::state::State;

/// So long after the last failure it is not offered.
const REMEMBERED: TimeDelta = TimeDelta::minutes(10);

/// How an action ended once; none: it worked.
type Ended = (Time, Option<FailedBy>);

/// Whether two failures are the same error, whatever exactly was said.
fn is_same(one: &FailedBy, other: &FailedBy) -> bool {
    match (one, other) {
        (FailedBy::Probe { probe: one, .. }, FailedBy::Probe { probe: other, .. }) => one == other,
        (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
    }
}

/// The last two ends of an action are the same failure, and not long ago.
fn twice(mut ends: Vec<Ended>, now: Time) -> Option<(Time, FailedBy)> {
    ends.sort_by_key(|(at, _)| *at);
    match ends.as_slice() {
        [.., (_, Some(before)), (at, Some(last))] if is_same(before, last) && now - *at < REMEMBERED => {
            Some((*at, last.clone()))
        }
        _ => None,
    }
}

/// How the steps of a plan ended that `means` picks: it tells the failure, or that it worked.
fn of_run(run: &Run, means: impl Fn(&Step, &StepOutcome) -> Option<Option<FailedBy>>) -> Vec<Ended> {
    let ended = |(index, progress): (&u32, &Progress)| {
        let step = run.plan.steps.get(usize::try_from(*index).ok()?)?;
        let (at, outcome) = progress.ended.as_ref()?;
        Some((*at, means(step, outcome)?))
    };
    run.steps.iter().filter_map(ended).collect()
}

/// The same of all plans.
fn ends(state: &State, means: impl Fn(&Step, &StepOutcome) -> Option<Option<FailedBy>>) -> Vec<Ended> {
    state.plans.values().flat_map(|run| of_run(run, &means)).collect()
}

/// A step that is wholly about the action.
fn plainly(outcome: &StepOutcome) -> Option<Option<FailedBy>> {
    match outcome {
        StepOutcome::Succeeded { .. } => Some(None),
        StepOutcome::Failed { by } => Some(Some(by.clone())),
        StepOutcome::Unknown { .. } | StepOutcome::Skipped { .. } => None,
    }
}

/// Launching this type there failed twice with the same error; when it last did.
#[must_use]
pub fn launch(state: &State, spec: &LaunchSpec, now: Time) -> Option<(Time, FailedBy)> {
    let same = |other: &LaunchSpec| {
        (&other.machine, &other.zone, other.spot) == (&spec.machine, &spec.zone, spec.spot)
    };
    let means = |step: &Step, outcome: &StepOutcome| match step {
        Step::Obtain { rung: Rung::Launch(other), .. } if same(other) => plainly(outcome),
        _ => None,
    };
    twice(ends(state, means), now)
}

/// How one step ended for one machine that was to be started.
fn started(step: &Step, outcome: &StepOutcome, id: &InstanceId) -> Option<Option<FailedBy>> {
    let Step::Obtain { rung: Rung::Start { instances: asked }, .. } = step else { return None };
    match outcome {
        StepOutcome::Succeeded { result: StepResult::Gained { instances, refused } } => {
            refused.get(id).map(|by| Some(by.clone())).or_else(|| instances.contains(id).then_some(None))
        }
        StepOutcome::Failed { by } => asked.contains(id).then(|| Some(by.clone())),
        _ => None,
    }
}

/// Starting this machine failed twice with the same error; when it last did.
#[must_use]
pub fn start(state: &State, id: &InstanceId, now: Time) -> Option<(Time, FailedBy)> {
    twice(ends(state, |step, outcome| started(step, outcome, id)), now)
}

/// Why a plan could not start a machine, where it tried.
#[must_use]
pub fn start_failed(run: &Run, id: &InstanceId) -> Option<FailedBy> {
    let mut ends = of_run(run, |step, outcome| started(step, outcome, id));
    ends.sort_by_key(|(at, _)| *at);
    ends.pop()?.1
}

/// Booting this node of this cluster, or what was to be seen after it, failed twice with the same error.
#[must_use]
pub fn reboot(state: &State, cluster: &ClusterName, node: &NodeName, now: Time) -> Option<(Time, FailedBy)> {
    let is_it = |of: &ClusterName, name: &NodeName| (of, name) == (cluster, node);
    let means = |step: &Step, outcome: &StepOutcome| match step {
        Step::Reboot { cluster: of, node: name, .. } | Step::AwaitBoot { cluster: of, node: name, .. }
            if is_it(of, name) =>
        {
            match outcome {
                // That it was asked for is no success yet.
                StepOutcome::Succeeded { .. } => None,
                outcome => plainly(outcome),
            }
        }
        Step::Probe { cluster: of, node: name, must_pass: true, .. } if is_it(of, name) => plainly(outcome),
        _ => None,
    };
    twice(ends(state, means), now)
}
