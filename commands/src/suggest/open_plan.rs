//! What may be typed about a plan that is open: let it go on, or end it.

use lifeboat_storage::id::{ClusterName, ServiceName};
use lifeboat_storage::plan::run::{Progress, Run, Standing};
use lifeboat_storage::plan::{Floor, PauseReason, Rung, Step, Verb};

use super::{Sight, Suggestion, Why, firing_share, line};
use crate::diagnose::{self, Verdict};
use crate::fleet::Cluster;
use crate::floors::{self, Ground};

/// A plan that waits for machines of a kind that never join.
pub(super) fn in_vain(sight: &Sight<'_>, cluster: &Cluster, run: &Run) -> Option<Suggestion> {
    let adds = matches!(run.plan.verb, Verb::NodeAdd { .. } | Verb::CapacityRun { .. });
    let found = diagnose::diagnose(&cluster.name, sight.facts, sight.fleet);
    let begun = run.standing != Standing::Proposed && !starts_what_was_off(run);
    let vain = adds && begun && found.verdict == Some(Verdict::NeverJoin);
    vain.then(|| line(format!("/plan cancel {}", run.id), Why::Points(Verdict::NeverJoin)))
}

/// Machines that were nodes before are being started, or were: those do join.
fn starts_what_was_off(run: &Run) -> bool {
    let starts = |(step, index): (&Step, u32)| {
        let may_come = |progress: &Progress| progress.is_open() || progress.has_succeeded();
        matches!(step, Step::Obtain { rung: Rung::Start { .. }, .. })
            && run.steps.get(&index).is_none_or(may_come)
    };
    run.plan.steps.iter().zip(0..).any(starts)
}

/// What to do about a plan that is paused: let it go on where it could, end it where it could not or where its step
/// failed twice; where a freeze holds it up, lift that first.
pub(super) fn standing_still(sight: &Sight<'_>, run: &Run) -> Vec<Suggestion> {
    use PauseReason::{Asked, StepFailed, StepUnknown, TargetChanged, TrafficChanged};
    let resume = |why| line(format!("/plan resume {}", run.id), why);
    let cancel = |why| line(format!("/plan cancel {}", run.id), why);
    match &run.paused {
        None => Vec::new(),
        Some(TargetChanged { .. } | TrafficChanged { .. }) => vec![cancel(Why::NoLongerSo)],
        Some(StepFailed) if run.fails_again() => vec![cancel(Why::FailsAgain)],
        Some(_) if is_held_up(sight, run) => match frozen(sight, run) {
            Some(cluster) => {
                let lift = line(format!("/cluster unfreeze cluster:{cluster}"), Why::Frozen { cluster });
                vec![lift, cancel(Why::OrEnd)]
            }
            None => vec![cancel(Why::HeldUp)],
        },
        Some(Asked) => vec![resume(Why::PausedByPerson)],
        Some(StepUnknown) => vec![resume(Why::LooksAgain), cancel(Why::OrEnd)],
        Some(StepFailed) => vec![resume(Why::TriesAgain), cancel(Why::OrEnd)],
        Some(_) => vec![resume(Why::GoesOn)],
    }
}

/// Resumed now, a plan would stand still again: what its next step is decided on is too old, or a floor is broken.
fn is_held_up(sight: &Sight<'_>, run: &Run) -> bool {
    let Some(step) = resumed_step(run) else { return false };
    let share = |service: &ServiceName| firing_share(sight.state, service);
    let spare = floors::spare(run, sight.facts);
    let ground = Ground { facts: sight.facts, state: sight.state, share: &share, spare: &spare };
    let limit_s = sight.fleet.limits.facts_age_s;
    floors::too_old(&run.plan, step, sight.facts, limit_s, sight.now).is_some()
        || floors::broken(&run.plan, step, &ground).is_some()
}

/// The cluster whose freeze holds a plan up.
fn frozen(sight: &Sight<'_>, run: &Run) -> Option<ClusterName> {
    run.plan.floors.iter().find_map(|floor| match floor {
        Floor::NotFrozen { cluster } if sight.state.frozen.contains_key(cluster) => Some(cluster.clone()),
        _ => None,
    })
}

/// The step that a resumed plan begins with: the one that failed is tried again.
fn resumed_step(run: &Run) -> Option<&Step> {
    let failed = run.steps.keys().next_back().filter(|_| run.paused == Some(PauseReason::StepFailed));
    match failed {
        Some(index) => run.plan.steps.get(usize::try_from(*index).ok()?),
        None => run.next_step().map(|(_, step)| step),
    }
}
