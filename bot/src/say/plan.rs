//! Plans in words: what will be done, how far it went, what it left.

use chrono::TimeDelta;
use lifeboat_storage::event::{Event, Kind};
use lifeboat_storage::id::{InstanceId, NodeName};
use lifeboat_storage::plan::run::{Run, Standing};
use lifeboat_storage::plan::{
    Consent, Cost, FailedBy, Floor, Forgotten, PauseReason, Plan, Proof, RebootMode, Rung, SkipReason, Step,
    StepOutcome, StepResult, SwapMode, Undo, Verb, Weight,
};

use super::{Say, Scene, limits, time, word};
use crate::console::view::Action;

/// How many steps or nodes of a list are told.
const TOLD: usize = 12;
/// How long the bar is.
const BAR: u32 = 12;
/// Digits of a hash that an approval names.
const HASH: usize = 8;

/// What a plan does, in a few words: `reboot (rolling) on k8s-main`.
#[must_use]
pub fn title(say: Say, plan: &Plan) -> String {
    let verb = match &plan.verb {
        Verb::NodeAdd { count, pool } => {
            say.text("plan-verb-add", &[("n", (*count).into()), ("pool", say.name(pool.as_str()).into())])
        }
        Verb::CapacityRun { schedule } => {
            say.text("plan-verb-capacity", &[("schedule", say.name(schedule.as_str()).into())])
        }
        Verb::NodeReboot { mode } => say.text(
            "plan-verb-reboot",
            &[("n", plan.targets.len().into()), ("mode", reboot_mode(*mode).into())],
        ),
        Verb::NodeMove { to } => say.text(
            "plan-verb-move",
            &[("n", plan.targets.len().into()), ("to", say.name(to.as_str()).into())],
        ),
        Verb::ClusterSwap { to, mode } => say.text(
            "plan-verb-swap",
            &[("to", say.name(to.as_str()).into()), ("mode", swap_mode(*mode).into())],
        ),
        quiet => say.text(&format!("fleet-verb-{}", quiet.key()), &[("n", plan.targets.len().into())]),
    };
    say.text("plan-title", &[("verb", verb.into()), ("cluster", say.name(plan.cluster.as_str()).into())])
}

/// As typed: `rolling`.
#[must_use]
pub fn reboot_mode(mode: RebootMode) -> &'static str {
    match mode {
        RebootMode::Canary => "canary",
        RebootMode::Rolling => "rolling",
        RebootMode::Emergency => "emergency",
    }
}

/// As typed: `stepwise`.
#[must_use]
pub fn swap_mode(mode: SwapMode) -> &'static str {
    match mode {
        SwapMode::AtOnce => "at-once",
        SwapMode::Stepwise => "stepwise",
    }
}

/// A plan as it is proposed: everything an approval binds, on lines of their own.
#[must_use]
pub fn proposal(scene: &Scene<'_>, id: &str, plan: &Plan, hash: &str) -> String {
    let say = scene.say;
    let least = plan.blast.left.iter().copied().min().unwrap_or(plan.blast.serving);
    let mut lines =
        vec![say.text("plan-proposed", &[("plan", id.into()), ("what", title(say, plan).into())])];
    if !plan.targets.is_empty() {
        lines.push(say.text("plan-targets", &[("list", targets(scene, plan).into())]));
    }
    let serving =
        [("now", plan.blast.serving.into()), ("wanted", plan.blast.wanted.into()), ("least", least.into())];
    lines.push(say.text("plan-serving", &serving));
    lines.push(cost(scene, &plan.cost));
    let length = time::duration(say, TimeDelta::seconds(i64::from(plan.expected_s)));
    lines.push(say.text("plan-time", &[("time", length.into())]));
    lines.push(undo(say, &plan.undo));
    lines.extend(floors(say, plan));
    if let Some(reason) = &plan.override_reason {
        lines.push(say.text("plan-override", &[("reason", say.outside(reason, limits::LINE).into())]));
    }
    lines.push(say.text("plan-steps", &[("list", steps(scene, plan).into())]));
    let short: String = hash.chars().take(HASH).collect();
    lines.push(say.text(consent(plan.consent), &[("plan", id.into()), ("hash", short.into())]));
    lines.join("\n")
}

fn consent(consent: Consent) -> &'static str {
    match consent {
        Consent::Given => "plan-consent-given",
        Consent::Confirm => "plan-consent-confirm",
        Consent::TwoPeople => "plan-consent-two",
    }
}

fn targets(scene: &Scene<'_>, plan: &Plan) -> String {
    let say = scene.say;
    let one = |target: &lifeboat_storage::plan::Target| {
        let node = say.name(target.node.as_str());
        let key = if target.serving { "plan-target-serving" } else { "plan-target" };
        match &target.instance {
            Some(instance) => {
                say.text(key, &[("node", node.into()), ("machine", say.name(instance.as_str()).into())])
            }
            None => node,
        }
    };
    cut_list(say, plan.targets.iter().map(one).collect())
}

fn cut_list(say: Say, mut parts: Vec<String>) -> String {
    let more = parts.len().saturating_sub(TOLD);
    parts.truncate(TOLD);
    if more > 0 {
        parts.push(say.text("plan-more", &[("n", more.into())]));
    }
    word::names(say, &parts)
}

fn cost(scene: &Scene<'_>, cost: &Cost) -> String {
    let say = scene.say;
    match cost {
        Cost::Nothing => say.word("plan-cost-nothing"),
        Cost::Unknown => say.word("plan-cost-unknown"),
        Cost::AtMost { per_hour, quoted_at } => say.text(
            "plan-cost",
            &[
                ("amount", amount(per_hour.micros).into()),
                ("currency", say.name(&per_hour.currency).into()),
                ("at", scene.at(*quoted_at).into()),
            ],
        ),
    }
}

/// Two digits behind the point, rounded up: never less than it costs.
fn amount(micros: u64) -> String {
    let cents = micros.div_ceil(10_000);
    format!("{}.{:02}", cents / 100, cents % 100)
}

fn undo(say: Say, undo: &Undo) -> String {
    match undo {
        Undo::NotNeeded => say.word("plan-undo-not-needed"),
        Undo::By { line } => say.text("plan-undo", &[("line", say.outside(line, limits::LINE).into())]),
        Undo::Impossible => say.word("plan-undo-impossible"),
    }
}

fn floors(say: Say, plan: &Plan) -> Option<String> {
    let told: Vec<String> = plan.floors.iter().filter_map(|one| floor(say, one)).collect();
    (!told.is_empty()).then(|| say.text("plan-floors", &[("list", word::names(say, &told).into())]))
}

/// What must hold; what always must is not told each time.
fn floor(say: Say, floor: &Floor) -> Option<String> {
    match floor {
        Floor::Serving { least: 0, .. } | Floor::NoControlPlane | Floor::NotFrozen { .. } => None,
        Floor::Serving { least, of, .. } => {
            Some(say.text("plan-floor-serving", &[("least", (*least).into()), ("of", (*of).into())]))
        }
        Floor::ManagerMajority { least, .. } => {
            Some(say.text("plan-floor-managers", &[("least", (*least).into())]))
        }
        Floor::ErrorShare { at_most_permille, .. } => {
            Some(say.text("plan-floor-share", &[("permille", (*at_most_permille).into())]))
        }
    }
}

fn steps(scene: &Scene<'_>, plan: &Plan) -> String {
    let mut told: Vec<String> = Vec::new();
    for one in &plan.steps {
        let text = step(scene.say, one, None);
        if told.last() != Some(&text) {
            told.push(text);
        }
    }
    cut_list(scene.say, told)
}

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
        Step::Obtain { rung: Rung::Launch(spec), .. } => say.text(
            if spec.spot { "plan-step-launch-spot" } else { "plan-step-launch" },
            &[
                ("machine", say.name(spec.machine.as_str()).into()),
                ("zone", say.name(spec.zone.as_str()).into()),
            ],
        ),
        Step::Join { slot: at, .. } => slot("plan-step-join", *at),
        Step::Admit { slot: at, .. } => slot("plan-step-admit", *at),
        Step::Probe { node, probe, .. } => say.text(
            "plan-step-probe",
            &[
                ("node", say.name(node.as_str()).into()),
                ("probe", say.word(&format!("fleet-probe-{}", probe.key())).into()),
            ],
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
        Step::Preflight { cluster } => {
            say.text("plan-step-preflight", &[("cluster", say.name(cluster.as_str()).into())])
        }
        Step::Shift { weights: to, .. } => {
            say.text("plan-step-shift", &[("weights", weights(say, to).into())])
        }
        Step::Hold { seconds, .. } => say.text("plan-step-hold", &[("n", (*seconds).into())]),
        Step::Prove { proof, .. } => say.word(match proof {
            Proof::Serving { .. } => "plan-step-prove-serving",
            Proof::Traffic { .. } => "plan-step-prove-traffic",
            Proof::Gone => "plan-step-prove-gone",
            Proof::Schedulable { .. } => "plan-step-prove-schedulable",
            Proof::Empty => "plan-step-prove-empty",
        }),
    }
}

fn weights(say: Say, weights: &[Weight]) -> String {
    let some = weights.iter().filter(|weight| weight.percent > 0);
    let told = some.map(|weight| format!("{} {} %", say.name(weight.cluster.as_str()), weight.percent));
    word::names(say, &told.collect::<Vec<_>>())
}

/// Where a plan stands.
#[must_use]
pub fn standing(say: Say, standing: Standing) -> String {
    say.word(match standing {
        Standing::Proposed => "plan-standing-proposed",
        Standing::Running => "plan-standing-running",
        Standing::Paused => "plan-standing-paused",
        Standing::Rejected => "plan-standing-rejected",
        Standing::Expired => "plan-standing-expired",
        Standing::Cancelled => "plan-standing-cancelled",
        Standing::Proven => "plan-standing-proven",
        Standing::Failed => "plan-standing-failed",
    })
}

/// One line: what it does, where it stands, a bar, what is next, how long it may still take.
#[must_use]
pub fn line(scene: &Scene<'_>, run: &Run) -> String {
    let say = scene.say;
    let head = say.text(
        "plan-line",
        &[
            ("plan", run.id.to_string().into()),
            ("what", title(say, &run.plan).into()),
            ("standing", standing(say, run.standing).into()),
        ],
    );
    let mut parts = vec![head];
    if matches!(run.standing, Standing::Running | Standing::Paused) {
        parts.push(bar(run));
        parts.extend(doing(scene, run));
    }
    if let Some(why) = &run.paused {
        parts.push(paused(say, why));
    }
    parts.extend(remaining(scene, run).filter(|_| run.standing == Standing::Running));
    word::listed(say, &parts)
}

fn bar(run: &Run) -> String {
    let all = u32::try_from(run.plan.steps.len()).unwrap_or(u32::MAX).max(1);
    let full = (run.done() * BAR / all).min(BAR);
    let filled = "█".repeat(usize::try_from(full).unwrap_or(0));
    let empty = "░".repeat(usize::try_from(BAR - full).unwrap_or(0));
    format!("{filled}{empty} {}/{all}", run.done())
}

fn doing(scene: &Scene<'_>, run: &Run) -> Option<String> {
    let (index, next) = run.next_step()?;
    let node = match next {
        Step::Join { slot, .. } | Step::Admit { slot, .. } => run.joined.get(slot),
        _ => None,
    };
    let told = step(scene.say, next, node);
    let left = run.steps.get(&index).and_then(|progress| progress.left.as_ref());
    Some(match left {
        Some((left, blocked)) if !blocked.is_empty() => scene.say.text(
            "plan-doing-blocked",
            &[("step", told.into()), ("left", (*left).into()), ("by", scene.say.name(&blocked[0]).into())],
        ),
        Some((left, _)) => {
            scene.say.text("plan-doing-left", &[("step", told.into()), ("left", (*left).into())])
        }
        None => scene.say.text("plan-doing", &[("step", told.into())]),
    })
}

/// By how long the steps so far took; before the first ended, what the plan expected.
fn remaining(scene: &Scene<'_>, run: &Run) -> Option<String> {
    let began = run.approved_at?;
    let done = i64::from(run.done());
    let all = i64::try_from(run.plan.steps.len()).ok()?;
    let spent = (scene.now - began).num_seconds().max(0);
    let expected = i64::from(run.plan.expected_s);
    let left = if done == 0 { expected - spent } else { (spent * (all - done) / done).min(expected.max(60)) };
    let left = time::duration(scene.say, TimeDelta::seconds(left.max(5)));
    Some(scene.say.text("plan-remaining", &[("time", left.into())]))
}

/// A plan with every step and how it ended.
#[must_use]
pub fn whole(scene: &Scene<'_>, run: &Run) -> String {
    let mut lines = vec![line(scene, run)];
    if run.standing == Standing::Proposed {
        return proposal(scene, &run.id.to_string(), &run.plan, &run.hash);
    }
    for (index, one) in run.plan.steps.iter().zip(0_u32..).map(|(one, index)| (index, one)) {
        let Some(progress) = run.steps.get(&index) else { continue };
        let node = match one {
            Step::Join { slot, .. } | Step::Admit { slot, .. } => run.joined.get(slot),
            _ => None,
        };
        let told = step(scene.say, one, node);
        lines.push(match &progress.ended {
            Some((at, outcome)) => ended(scene, &told, outcome, scene.at(*at)),
            None => scene.say.text(
                "plan-step-open",
                &[("step", told.into()), ("at", scene.at(progress.started_at).into())],
            ),
        });
    }
    lines.join("\n")
}

fn ended(scene: &Scene<'_>, step: &str, outcome: &StepOutcome, at: String) -> String {
    let say = scene.say;
    let args = |more: Vec<super::Arg<'static>>| {
        let mut args = vec![("step", step.to_owned().into()), ("at", at.clone().into())];
        args.extend(more);
        args
    };
    match outcome {
        StepOutcome::Succeeded { result } => match brought(scene, result) {
            Some(brought) => say.text("plan-step-done-with", &args(vec![("brought", brought.into())])),
            None => say.text("plan-step-done", &args(vec![])),
        },
        StepOutcome::Failed { by } => {
            say.text("plan-step-failed", &args(vec![("why", failed_by(say, by).into())]))
        }
        StepOutcome::Unknown { .. } => say.text("plan-step-unknown", &args(vec![])),
        StepOutcome::Skipped { why } => {
            say.text("plan-step-skipped", &args(vec![("why", say.word(skipped(*why)).into())]))
        }
    }
}

fn skipped(why: SkipReason) -> &'static str {
    match why {
        SkipReason::Enough => "plan-skip-enough",
        SkipReason::NothingGained => "plan-skip-nothing-gained",
        SkipReason::AlreadySo => "plan-skip-already-so",
        SkipReason::NotOurCordon => "plan-skip-not-ours",
        SkipReason::EarlierFailed => "plan-skip-earlier-failed",
    }
}

fn brought(scene: &Scene<'_>, result: &StepResult) -> Option<String> {
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
        StepResult::Probed { evidence, .. } => Some(say.outside(&evidence.0, limits::LINE)),
        StepResult::Proven { serving, share } => {
            let serving = say.text("plan-proven-serving", &[("n", serving.len().into())]);
            let share = share.map(|share| time::share(say, share));
            let share = share.map(|share| say.text("plan-proven-share", &[("share", share.into())]));
            Some(word::listed(say, &std::iter::once(serving).chain(share).collect::<Vec<_>>()))
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
        FailedBy::Deadline { after_s, blocked_by } => {
            let after = time::duration(say, TimeDelta::seconds(i64::from(*after_s)));
            let names: Vec<String> = blocked_by.iter().map(|name| say.name(name)).collect();
            let key = if names.is_empty() { "plan-failed-deadline" } else { "plan-failed-deadline-by" };
            say.text(key, &[("after", after.into()), ("by", word::names(say, &names).into())])
        }
        FailedBy::Probe { probe, evidence } => say.text(
            "plan-failed-probe",
            &[
                ("probe", say.word(&format!("fleet-probe-{}", probe.key())).into()),
                ("said", say.outside(&evidence.0, limits::LINE).into()),
            ],
        ),
        FailedBy::ErrorShare { share } => {
            say.text("plan-failed-share", &[("share", time::share(say, *share).into())])
        }
        FailedBy::Preflight { items } => {
            said("plan-failed-preflight", &super::fleet::check_items(say, items.iter().map(String::as_str)))
        }
        FailedBy::Identity { candidates } => {
            let names: Vec<String> = candidates.iter().map(|id| say.name(id.as_str())).collect();
            said("plan-failed-identity", &word::names(say, &names))
        }
    }
}

/// Why a plan stands still, and what to look at.
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
        PauseReason::FloorBroken { floor: one, now } => say.text(
            "plan-paused-floor",
            &[("floor", floor(say, one).unwrap_or_default().into()), ("now", (*now).into())],
        ),
        PauseReason::TargetChanged { node } => {
            say.text("plan-paused-target", &[("node", say.name(node.as_str()).into())])
        }
        PauseReason::FactsOld { cluster, .. } => {
            say.text("plan-paused-facts", &[("cluster", say.name(cluster.as_str()).into())])
        }
        PauseReason::TrafficChanged { traffic } => {
            say.text("plan-paused-traffic", &[("traffic", say.name(traffic.as_str()).into())])
        }
        PauseReason::StepUnknown => say.word("plan-paused-unknown"),
        PauseReason::StepFailed => say.word("plan-paused-failed"),
        PauseReason::NotRecording => say.word("plan-paused-recording"),
    }
}

/// The step that is to be looked at, or that the plan asks anew.
fn more_of_pause(scene: &Scene<'_>, run: &Run, why: &PauseReason) -> Option<String> {
    match why {
        PauseReason::StepUnknown | PauseReason::StepFailed => last_failure(scene, run),
        PauseReason::Asked | PauseReason::NotRecording => None,
        _ => {
            let two = run.plan.consent == Consent::TwoPeople;
            let key = if two { "plan-paused-asks-two" } else { "plan-paused-asks" };
            Some(scene.say.text(key, &[("plan", run.id.to_string().into())]))
        }
    }
}

fn left(say: Say, left: &Forgotten) -> Option<String> {
    let nodes: Vec<String> = left.cordoned.iter().map(|node| say.name(node.as_str())).collect();
    let cordoned = (!nodes.is_empty())
        .then(|| say.text("plan-left-cordoned", &[("list", word::names(say, &nodes).into())]));
    let unknown = (!left.unknown.is_empty())
        .then(|| say.text("plan-left-unknown", &[("n", left.unknown.len().into())]));
    let parts: Vec<String> = cordoned.into_iter().chain(unknown).collect();
    (!parts.is_empty()).then(|| word::listed(say, &parts))
}

/// What an event of a plan tells; none for any other kind.
#[must_use]
pub fn told(scene: &Scene<'_>, event: &Event) -> Option<String> {
    let say = scene.say;
    let kind = event.kind.lasting();
    let id = lifeboat_storage::plan::run::plan_of(kind)?;
    let run = scene.state.plans.get(&id);
    let named = ("plan", fluent_bundle::FluentValue::from(id.to_string()));
    Some(match kind {
        Kind::PlanProposed { body, hash, .. } => proposal(scene, &id.to_string(), body, hash),
        Kind::PlanApproved { .. } => say.text("event-plan-approved", &[named]),
        Kind::PlanRejected { reason, .. } if reason.trim().is_empty() => {
            say.text("event-plan-rejected", &[named])
        }
        Kind::PlanRejected { reason, .. } => say.text(
            "event-plan-rejected-reason",
            &[named, ("reason", say.outside(reason, limits::LINE).into())],
        ),
        Kind::PlanExpired { .. } => say.text("event-plan-expired", &[named]),
        Kind::PlanPaused { why, .. } => {
            let more = run.and_then(|run| more_of_pause(scene, run, why));
            let why = std::iter::once(paused(say, why)).chain(more).collect::<Vec<_>>().join("\n");
            say.text("event-plan-paused", &[named, ("why", why.into())])
        }
        Kind::PlanResumed { .. } => say.text("event-plan-resumed", &[named]),
        Kind::PlanCancelled { left: what, .. } => {
            with_left(say, say.text("event-plan-cancelled", &[named]), what)
        }
        Kind::PlanEnded { proven, left: what, .. } => {
            let key = if *proven { "event-plan-proven" } else { "event-plan-failed" };
            let told = run.map(|run| title(say, &run.plan)).unwrap_or_default();
            let mut text = say.text(key, &[named, ("what", told.into())]);
            let more =
                run.and_then(|run| if *proven { proof_of(scene, run) } else { last_failure(scene, run) });
            if let Some(more) = more {
                text = format!("{text}\n{more}");
            }
            with_left(say, text, what)
        }
        Kind::StepStarted { step: index, .. } | Kind::StepProgressed { step: index, .. } => {
            let told = run.and_then(|run| step_of(say, run, *index)).unwrap_or_default();
            say.text("event-step-started", &[named, ("step", told.into())])
        }
        Kind::StepEnded { step: index, outcome, .. } => {
            let told = run.and_then(|run| step_of(say, run, *index)).unwrap_or_default();
            let text = ended(scene, &told, outcome, scene.at(event.occurred_at));
            say.text("event-step-ended", &[named, ("told", text.into())])
        }
        _ => return None,
    })
}

fn step_of(say: Say, run: &Run, index: u32) -> Option<String> {
    let one = run.plan.steps.get(usize::try_from(index).ok()?)?;
    let node = match one {
        Step::Join { slot, .. } | Step::Admit { slot, .. } => run.joined.get(slot),
        _ => None,
    };
    Some(step(say, one, node))
}

fn with_left(say: Say, text: String, what: &Forgotten) -> String {
    left(say, what).map_or(text.clone(), |left| format!("{text}\n{left}"))
}

/// The newest step that failed, and why.
fn last_failure(scene: &Scene<'_>, run: &Run) -> Option<String> {
    let failed = run.steps.iter().filter_map(|(index, progress)| match &progress.ended {
        Some((at, outcome @ (StepOutcome::Failed { .. } | StepOutcome::Unknown { .. }))) => {
            Some((*at, *index, outcome))
        }
        _ => None,
    });
    let (at, index, outcome) = failed.max_by_key(|(at, index, _)| (*at, *index))?;
    Some(ended(scene, &step_of(scene.say, run, index)?, outcome, scene.at(at)))
}

fn proof_of(scene: &Scene<'_>, run: &Run) -> Option<String> {
    let (_, progress) = run.steps.last_key_value()?;
    match &progress.ended {
        Some((_, StepOutcome::Succeeded { result })) => brought(scene, result),
        _ => None,
    }
}

/// Buttons under a plan, as fits where it stands; the first two words are enough for a tired person.
#[must_use]
pub fn actions(say: Say, run: &Run) -> Vec<Action> {
    let id = run.id;
    let button = |label: &str, command: String, primary| Action {
        label: say.text(label, &[("plan", id.to_string().into())]),
        command,
        primary,
    };
    let hash: String = run.hash.chars().take(HASH).collect();
    match run.standing {
        Standing::Proposed => vec![
            button("plan-do-approve", format!("/plan approve {id} hash:{hash}"), true),
            button("plan-do-reject", format!("/plan reject {id}"), false),
        ],
        Standing::Running => vec![button("plan-do-pause", format!("/plan pause {id}"), false)],
        Standing::Paused => vec![
            button("plan-do-resume", format!("/plan resume {id}"), true),
            button("plan-do-cancel", format!("/plan cancel {id}"), false),
        ],
        _ => Vec::new(),
    }
}
