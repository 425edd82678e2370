//! One step of a plan in words: what it does, how it ended, what it brought.

use chrono::TimeDelta;
use lifeboat_storage::id::{InstanceId, NodeName};
use lifeboat_storage::plan::run::Run;
use lifeboat_storage::plan::{
    FailedBy, Floor, LaunchSpec, PauseReason, ProbeKind, Proof, Rung, SkipReason, Step, StepOutcome,
    StepResult, Weight,
};

use super::{amount, floor};
use crate::say::{Say, Scene, limits, time, word};

/// A step in a few words; `node` is the one a gained machine became.
#[must_use]
pub fn step(say: Say, step: &Step, node: Option<&NodeName>) -> String {
    let named = |key: &str, name: &NodeName| say.text(key, &[("node", say.name(name.as_str()).into())]);
    let slot = |key: &str, slot: u32| match node {
        Some(node) => named(key, node),
        None => say.text(key, &[("node", say.text("plan-slot", &[("n", (slot + 1).into())]).into())]),
    };
    match step {
        Step::Obtain { rung: Rung::Start { instances }, .. } => {
            say.text("plan-step-start", &[("n", instances.len().into())])
        }
        Step::Obtain { rung: Rung::Launch(spec), .. } => {
            say.text("plan-step-launch", &[("machine", launched(say, spec).into())])
        }
        Step::Join { slot: at, .. } => slot("plan-step-join", *at),
        Step::Admit { slot: at, .. } => slot("plan-step-admit", *at),
        Step::Probe { node, probe: kind, .. } => say.text(
            "plan-step-probe",
            &[("node", say.name(node.as_str()).into()), ("probe", probe(say, *kind).into())],
        ),
        Step::Cordon { node, .. } => named("plan-step-cordon", node),
        Step::Uncordon { node, .. } => named("plan-step-uncordon", node),
        Step::Drain { node, .. } => named("plan-step-drain", node),
        Step::Reboot { node, .. } => named("plan-step-reboot", node),
        Step::AwaitBoot { node, .. } => named("plan-step-await", node),
        Step::Leave { node, .. } => named("plan-step-leave", node),
        Step::Reimage { node, .. } => named("plan-step-reimage", node),
        Step::Forget { node, .. } => named("plan-step-forget", node),
        Step::Stop { node, .. } => named("plan-step-stop", node),
        Step::InstallCanary { .. }
        | Step::Preflight { .. }
        | Step::Shift { .. }
        | Step::Hold { .. }
        | Step::Prove { .. } => short(say, step),
    }
}

/// The step at an index of a plan that runs.
pub(super) fn step_of(say: Say, run: &Run, index: u32) -> Option<String> {
    let one = run.plan.steps.get(usize::try_from(index).ok()?)?;
    Some(step(say, one, became(run, one)))
}

/// The node that the machine of a step became.
pub(super) fn became<'a>(run: &'a Run, step: &Step) -> Option<&'a NodeName> {
    match step {
        Step::Join { slot, .. } | Step::Admit { slot, .. } => run.joined.get(slot),
        _ => None,
    }
}

/// A step without its node, as a link of a chain: `drain`, `reboot in place`.
pub(super) fn short(say: Say, step: &Step) -> String {
    let seconds = |key: &str, n: u32| say.text(key, &[("time", time::seconds(say, n).into())]);
    match step {
        Step::Obtain { rung: Rung::Start { instances }, .. } => {
            let names: Vec<String> = instances.iter().map(|id| say.name(id.as_str())).collect();
            say.text("plan-short-start", &[("list", super::cut_list(say, names).into())])
        }
        Step::Obtain { rung: Rung::Launch(spec), .. } => launched(say, spec),
        Step::Join { .. } => say.word("plan-short-join"),
        Step::Admit { .. } => say.word("plan-short-admit"),
        Step::Probe { probe: kind, must_pass, .. } => {
            let key = if *must_pass { "plan-short-probe-must" } else { "plan-short-probe" };
            say.text(key, &[("probe", probe(say, *kind).into())])
        }
        Step::Cordon { .. } => say.word("plan-short-cordon"),
        Step::Uncordon { .. } => say.word("plan-short-uncordon"),
        Step::Drain { .. } => say.word("plan-short-drain"),
        Step::Reboot { .. } => say.word("plan-short-reboot"),
        Step::AwaitBoot { stable_s, .. } => seconds("plan-short-await", *stable_s),
        Step::Leave { .. } => say.word("plan-short-leave"),
        Step::Reimage { .. } => say.word("plan-short-reimage"),
        Step::Forget { .. } => say.word("plan-short-forget"),
        Step::Stop { .. } => say.word("plan-short-stop"),
        Step::InstallCanary { cluster } => {
            say.text("plan-step-canary", &[("cluster", say.name(cluster.as_str()).into())])
        }
        Step::Preflight { cluster } => {
            say.text("plan-step-preflight", &[("cluster", say.name(cluster.as_str()).into())])
        }
        Step::Shift { weights: to, .. } => {
            say.text("plan-step-shift", &[("weights", weights(say, to).into())])
        }
        Step::Hold { seconds: n, .. } => seconds("plan-step-hold", *n),
        Step::Prove { proof, .. } => say.word(match proof {
            Proof::Serving { .. } => "plan-step-prove-serving",
            Proof::Traffic { .. } => "plan-step-prove-traffic",
            Proof::Gone => "plan-step-prove-gone",
            Proof::Schedulable { .. } => "plan-step-prove-schedulable",
            Proof::Empty => "plan-step-prove-empty",
            Proof::Booted => "plan-step-prove-booted",
            Proof::CanaryAnswers => "plan-step-prove-canary",
        }),
    }
}

/// `c6.4c8g in zone-k, spot, 0.98 CNY an hour`.
fn launched(say: Say, spec: &LaunchSpec) -> String {
    let kind = if spec.spot { "plan-machine-spot" } else { "plan-machine" };
    let place =
        [("machine", say.name(spec.machine.as_str()).into()), ("zone", say.name(spec.zone.as_str()).into())];
    let price = spec.price.as_ref().map(|price| {
        let args = [("amount", amount(price.micros).into()), ("currency", say.name(&price.currency).into())];
        say.text("plan-price", &args)
    });
    word::listed(say, &std::iter::once(say.text(kind, &place)).chain(price).collect::<Vec<_>>())
}

/// A probe by its name.
pub(super) fn probe(say: Say, kind: ProbeKind) -> String {
    say.word(&format!("fleet-probe-{}", kind.key()))
}

/// `k8s-main 90 %, k8s-ha 10 %`.
pub(super) fn weights(say: Say, weights: &[Weight]) -> String {
    let some = weights.iter().filter(|weight| weight.percent > 0);
    let told = some.map(|weight| {
        let args =
            [("cluster", say.name(weight.cluster.as_str()).into()), ("n", u32::from(weight.percent).into())];
        say.text("plan-weight", &args)
    });
    word::names(say, &told.collect::<Vec<_>>())
}

/// How a step ended, as a fact: `worker-3 booted and is Ready again`, `drain worker-3: not done after 10 min`.
pub(super) fn ended(scene: &Scene<'_>, run: &Run, index: u32, outcome: &StepOutcome) -> String {
    let say = scene.say;
    let told = ("step", step_of(say, run, index).unwrap_or_default().into());
    match outcome {
        StepOutcome::Succeeded { result } => done(scene, run, index, result),
        StepOutcome::Failed { by } => failed(say, run, index, by),
        StepOutcome::Unknown { .. } => say.text("plan-step-unknown", &[told]),
        StepOutcome::Skipped { why } => {
            say.text("plan-step-skipped", &[told, ("why", skipped(say, *why).into())])
        }
    }
}

fn planned(run: &Run, index: u32) -> Option<&Step> {
    run.plan.steps.get(usize::try_from(index).ok()?)
}

fn done(scene: &Scene<'_>, run: &Run, index: u32, result: &StepResult) -> String {
    let say = scene.say;
    let named = |key: &str, node: &NodeName| say.text(key, &[("node", say.name(node.as_str()).into())]);
    match (planned(run, index), result) {
        (Some(Step::AwaitBoot { node, .. }), _) => named("plan-fact-booted", node),
        (_, StepResult::Joined { node, .. }) => named("plan-fact-joined", node),
        (Some(step @ Step::Shift { .. }), _) => short(say, step),
        _ => {
            let told = ("step", step_of(say, run, index).unwrap_or_default().into());
            match brought(scene, result) {
                Some(brought) => say.text("plan-step-done-with", &[told, ("brought", brought.into())]),
                None => say.text("plan-step-done", &[told]),
            }
        }
    }
}

fn failed(say: Say, run: &Run, index: u32, by: &FailedBy) -> String {
    let step = planned(run, index);
    let why = ("why", failed_by(say, by).into());
    match (step, step.and_then(|step| became(run, step)), by) {
        (Some(Step::Admit { .. }), Some(node), FailedBy::Probe { .. }) => {
            say.text("plan-fact-not-let-in", &[("node", say.name(node.as_str()).into()), why])
        }
        (Some(Step::Prove { .. }), _, FailedBy::NotFound) => say.word("plan-failed-none-through"),
        _ => {
            let told = step_of(say, run, index).unwrap_or_default();
            say.text("plan-step-failed", &[("step", told.into()), why])
        }
    }
}

/// Why a step was left out.
pub(super) fn skipped(say: Say, why: SkipReason) -> String {
    say.word(match why {
        SkipReason::Enough => "plan-skip-enough",
        SkipReason::NothingGained => "plan-skip-nothing-gained",
        SkipReason::AlreadySo => "plan-skip-already-so",
        SkipReason::NotOurCordon => "plan-skip-not-our-cordon",
        SkipReason::EarlierFailed => "plan-skip-earlier-failed",
    })
}

/// What a step brought, where there is more to tell than that it was done.
pub(super) fn brought(scene: &Scene<'_>, result: &StepResult) -> Option<String> {
    let say = scene.say;
    match result {
        StepResult::Gained { instances, refused } => {
            let told: Vec<String> = instances.iter().map(|id| say.name(id.as_str())).collect();
            let gained = say.text("plan-gained", &[("list", word::names(say, &told).into())]);
            let refused = refused.iter().next().map(|(id, by)| refusal(say, id, by));
            Some(word::listed(say, &std::iter::once(gained).chain(refused).collect::<Vec<_>>()))
        }
        StepResult::Joined { node, .. } => Some(say.name(node.as_str())),
        StepResult::Probed { pass: true, .. } => Some(say.word("plan-probe-passed")),
        StepResult::Probed { evidence, .. } => {
            Some(say.text("plan-probe-failed", &[("said", say.outside(&evidence.0, limits::LINE).into())]))
        }
        StepResult::Proven { serving, idle, share } => {
            let counted = |key: &str, of: &[NodeName]| {
                (!of.is_empty()).then(|| say.text(key, &[("n", of.len().into())]))
            };
            let nodes = [counted("plan-proven-serving", serving), counted("plan-proven-idle", idle)];
            let share = share.map(|share| time::share(say, share));
            let share = share.map(|share| say.text("plan-proven-share", &[("share", share.into())]));
            let told: Vec<String> = nodes.into_iter().flatten().chain(share).collect();
            (!told.is_empty()).then(|| word::listed(say, &told))
        }
        StepResult::Held { share } => {
            let share = time::share(say, *share);
            Some(say.text("plan-proven-share", &[("share", share.into())]))
        }
        StepResult::Plain
        | StepResult::SchedulableWas { .. }
        | StepResult::Booted { .. }
        | StepResult::WeightsWere { .. } => None,
    }
}

fn refusal(say: Say, id: &InstanceId, by: &FailedBy) -> String {
    let why = failed_by(say, by);
    say.text("plan-refused", &[("machine", say.name(id.as_str()).into()), ("why", why.into())])
}

/// What kept a step from being done.
#[must_use]
pub fn failed_by(say: Say, by: &FailedBy) -> String {
    let said = |key: &str, text: &str| say.text(key, &[("said", say.outside(text, limits::LINE).into())]);
    match by {
        FailedBy::NoCapacity { evidence } => said("plan-failed-capacity", &evidence.0),
        FailedBy::Denied { evidence } => said("plan-failed-denied", &evidence.0),
        FailedBy::NotFound => say.word("plan-failed-not-found"),
        FailedBy::NotStarted => say.word("plan-failed-not-started"),
        FailedBy::Deadline { after_s, blocked_by } => {
            let after = time::duration(say, TimeDelta::seconds(i64::from(*after_s)));
            let names: Vec<String> = blocked_by.iter().map(|name| say.name(name)).collect();
            let key = if names.is_empty() { "plan-failed-deadline" } else { "plan-failed-deadline-by" };
            say.text(key, &[("after", after.into()), ("by", word::names(say, &names).into())])
        }
        FailedBy::Probe { probe: kind, evidence } => say.text(
            "plan-failed-probe",
            &[("probe", probe(say, *kind).into()), ("said", say.outside(&evidence.0, limits::LINE).into())],
        ),
        FailedBy::ErrorShare { share } => {
            say.text("plan-failed-share", &[("share", time::share(say, *share).into())])
        }
        FailedBy::Preflight { items } => {
            let items = crate::say::fleet::check_items(say, items.iter().map(String::as_str));
            say.text("plan-failed-preflight", &[("said", items.into())])
        }
        FailedBy::Identity { candidates } => {
            let names: Vec<String> = candidates.iter().map(|id| say.name(id.as_str())).collect();
            say.text("plan-failed-identity", &[("said", word::names(say, &names).into())])
        }
    }
}

/// Why a plan stands still.
#[must_use]
pub fn paused(say: Say, why: &PauseReason) -> String {
    match why {
        PauseReason::Asked => say.word("plan-paused-asked"),
        PauseReason::FloorBroken { floor: Floor::NotFrozen { cluster }, .. } => {
            say.text("plan-paused-frozen", &[("cluster", say.name(cluster.as_str()).into())])
        }
        PauseReason::FloorBroken { floor: Floor::NoControlPlane, .. } => {
            say.word("plan-paused-control-plane")
        }
        PauseReason::TrafficChanged { traffic } => {
            say.text("plan-paused-traffic", &[("traffic", say.name(traffic.as_str()).into())])
        }
        PauseReason::FloorBroken { floor: one, now } => say.text(
            "plan-paused-floor",
            &[
                ("floor", floor(say, one).unwrap_or_else(|| say.word("plan-floor-always")).into()),
                ("now", (*now).into()),
            ],
        ),
        PauseReason::TargetChanged { node } => {
            say.text("plan-paused-target", &[("node", say.name(node.as_str()).into())])
        }
        PauseReason::FactsOld { cluster, age_s } => {
            let cluster = ("cluster", say.name(cluster.as_str()).into());
            match age_s {
                Some(age) => {
                    say.text("plan-paused-facts", &[cluster, ("age", time::seconds(say, *age).into())])
                }
                None => say.text("plan-paused-facts-none", &[cluster]),
            }
        }
        PauseReason::StepUnknown => say.word("plan-paused-unknown"),
        PauseReason::StepFailed => say.word("plan-paused-failed"),
        PauseReason::NotRecording => say.word("plan-paused-recording"),
    }
}
