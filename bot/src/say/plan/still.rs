//! A plan that stands still: why, as it is now, and what a person does about it.

use lifeboat_commands::floors::{self, Ground, Since};
use lifeboat_commands::suggest::firing_share;
use lifeboat_storage::id::ServiceName;
use lifeboat_storage::plan::run::{Run, Standing};
use lifeboat_storage::plan::{Floor, PauseReason, Step, StepOutcome};

use super::{floor, paused};
use crate::say::{Say, Scene};

/// What must be read before anything else.
pub(super) fn lead(scene: &Scene<'_>, run: &Run) -> String {
    let (over, why) = told(scene, run).unwrap_or_default();
    scene.say.text(if over { "plan-lead-over" } else { "plan-lead-paused" }, &[("why", why.into())])
}

/// Why it stands still, as a part of a line.
pub(super) fn why(scene: &Scene<'_>, run: &Run) -> Option<String> {
    let (over, why) = told(scene, run)?;
    Some(if over { scene.say.text("plan-paused-over", &[("why", why.into())]) } else { why })
}

/// Whether what paused it is over, and what that is or was, with the numbers of now.
fn told(scene: &Scene<'_>, run: &Run) -> Option<(bool, String)> {
    let say = scene.say;
    let stored = run.paused.as_ref()?;
    Some(match (since(scene, run), stored) {
        (Some(Since::Over), PauseReason::FloorBroken { floor, .. }) => (true, stood(say, floor)),
        (Some(Since::Broken { floor, now }), _) => {
            (false, paused(say, &PauseReason::FloorBroken { floor: floor.clone(), now }))
        }
        _ => (false, paused(say, stored)),
    })
}

/// What became of the floor that paused it, where that can be told.
fn since<'a>(scene: &Scene<'_>, run: &'a Run) -> Option<Since<'a>> {
    let (fleet, facts) = scene.fleet?;
    let share = |service: &ServiceName| firing_share(scene.state, service);
    let spare = floors::spare(run, facts);
    let ground = Ground { facts, state: scene.state, share: &share, spare: &spare };
    floors::since_paused(run, &ground, fleet.limits.facts_age_s, scene.now)
}

/// A floor that holds again, as the reason why a plan stood still.
fn stood(say: Say, broken: &Floor) -> String {
    match broken {
        Floor::NotFrozen { cluster } => {
            say.text("plan-stood-frozen", &[("cluster", say.name(cluster.as_str()).into())])
        }
        Floor::NoControlPlane => say.word("plan-stood-control-plane"),
        broken => {
            let told = floor(say, broken).unwrap_or_else(|| say.word("plan-floor-always"));
            say.text("plan-stood-floor", &[("floor", told.into())])
        }
    }
}

/// What a plan that is paused as too few serve asks a yes for: what would be left now, as against when it was approved.
pub(super) fn asks_again(scene: &Scene<'_>, run: &Run) -> Option<String> {
    let Some(PauseReason::FloorBroken { floor: Floor::Serving { of, .. }, now }) = &run.paused else {
        return None;
    };
    let (index, _) = run.next_step()?;
    let then = run.plan.blast.left.get(usize::try_from(index).ok()?)?;
    // What is too old to judge the floor on is too old to count on as well.
    let seen = since(scene, run).and(scene.fleet).and_then(|(_, facts)| floors::left_now(run, facts));
    let args = [("then", (*then).into()), ("of", (*of).into()), ("now", seen.unwrap_or(*now).into())];
    Some(scene.say.text("plan-asks-again", &args))
}

/// What a person can do now about a plan that is paused; none for any other.
pub(super) fn next(scene: &Scene<'_>, run: &Run) -> Option<String> {
    let say = scene.say;
    let plan = ("plan", run.id.to_string().into());
    let key = match &run.paused {
        _ if run.standing != Standing::Paused => return None,
        Some(PauseReason::Asked) | None => "plan-next-asked",
        Some(PauseReason::FloorBroken { .. }) => "plan-next-floor",
        Some(PauseReason::TargetChanged { .. }) => "plan-next-target",
        Some(PauseReason::TrafficChanged { .. }) => return None,
        Some(PauseReason::FactsOld { .. }) => "plan-next-facts",
        Some(PauseReason::StepUnknown) => {
            let machine = unknown_machine(run).unwrap_or_else(|| say.word("plan-the-machine"));
            return Some(say.text("plan-next-unknown", &[plan, ("machine", machine.into())]));
        }
        Some(PauseReason::StepFailed) if run.fails_again() => "plan-next-fails-again",
        Some(PauseReason::StepFailed) => "plan-next-failed",
        Some(PauseReason::NotRecording) => "plan-next-recording",
    };
    Some(say.text(key, &[plan]))
}

/// The machine of the step that nobody knows about.
fn unknown_machine(run: &Run) -> Option<String> {
    let unknown = run
        .steps
        .iter()
        .find(|(_, progress)| matches!(progress.ended, Some((_, StepOutcome::Unknown { .. }))));
    let step = run.plan.steps.get(usize::try_from(*unknown?.0).ok()?)?;
    match step {
        Step::Reboot { node, instance, .. }
        | Step::Leave { node, instance, .. }
        | Step::Reimage { node, instance, .. }
        | Step::Stop { node, instance, .. } => Some(format!("{node} ({instance})")),
        Step::Cordon { node, .. } | Step::Uncordon { node, .. } | Step::Drain { node, .. } => {
            Some(node.to_string())
        }
        _ => None,
    }
}
