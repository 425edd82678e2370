//! Plans in words: what will be done, how far it went, what it left.
//!
//! | module | words |
//! | --- | --- |
//! | [`card`] | the card of a plan, edited in place |
//! | [`course`] | its steps, a line for each node or matter |
//! | [`step`] | one step, how it ended, what it brought |

mod card;
mod course;
mod step;

use lifeboat_storage::event::{Event, Kind};
use lifeboat_storage::id::NodeName;
use lifeboat_storage::plan::run::{Run, Standing};
use lifeboat_storage::plan::{
    Consent, Cost, Floor, Forgotten, PauseReason, Plan, RebootMode, Step, StepOutcome, SwapMode, Target,
    Undo, Verb,
};

use super::{Arg, Say, Scene, limits, time, word};
use crate::console::view::{Action, PlanLine};

pub use card::card;
pub use step::{failed_by, paused, step};

/// How many steps or nodes of a list are told.
const TOLD: usize = 12;
/// Nodes named in a title; more are counted.
const NAMED: usize = 3;
/// How long the bar is.
const BAR: u32 = 12;
/// Digits of a hash that an approval names.
const HASH: usize = 8;

/// What a plan does: `Rolling reboot of 4 nodes`.
fn heading(say: Say, plan: &Plan) -> String {
    verb(say, plan, "title")
}

/// What a plan does, and where: `Rolling reboot of 4 nodes · k8s-main`.
#[must_use]
pub fn title(say: Say, plan: &Plan) -> String {
    let what = heading(say, plan);
    say.text("plan-title", &[("verb", what.into()), ("cluster", say.name(plan.cluster.as_str()).into())])
}

/// What a plan does, inside a sentence: `reboot worker-4`.
pub(super) fn what(say: Say, plan: &Plan) -> String {
    verb(say, plan, "what")
}

fn verb(say: Say, plan: &Plan, form: &str) -> String {
    let touched = plan.targets.iter().map(|target| &target.node);
    let nodes = ("nodes", nodes(say, touched).into());
    match &plan.verb {
        Verb::NodeAdd { count, pool } => say.text(
            &format!("plan-{form}-add"),
            &[("n", (*count).into()), ("pool", say.name(pool.as_str()).into())],
        ),
        Verb::CapacityRun { schedule } => {
            let args = [("schedule", say.name(schedule.as_str()).into())];
            say.text(&format!("plan-{form}-capacity"), &args)
        }
        Verb::NodeReboot { mode } => {
            say.text(&format!("plan-{form}-reboot-{}", reboot_mode(*mode)), &[nodes])
        }
        Verb::NodeMove { to } => {
            say.text(&format!("plan-{form}-move"), &[nodes, ("to", say.name(to.as_str()).into())])
        }
        Verb::ClusterSwap { to, mode } => {
            let args = [("to", say.name(to.as_str()).into())];
            say.text(&format!("plan-{form}-swap-{}", swap_mode(*mode)), &args)
        }
        Verb::ClusterCanary => {
            let args = [("cluster", say.name(plan.cluster.as_str()).into())];
            say.text(&format!("plan-{form}-canary"), &args)
        }
        Verb::NodeCordon => say.text(&format!("plan-{form}-cordon"), &[nodes]),
        Verb::NodeUncordon => say.text(&format!("plan-{form}-uncordon"), &[nodes]),
        Verb::NodeDrain => say.text(&format!("plan-{form}-drain"), &[nodes]),
        Verb::NodeRemove => say.text(&format!("plan-{form}-remove"), &[nodes]),
    }
}

/// A few nodes by name, more by number.
fn nodes<'a>(say: Say, nodes: impl Iterator<Item = &'a NodeName>) -> String {
    let names: Vec<String> = nodes.map(|node| say.name(node.as_str())).collect();
    if names.len() > NAMED {
        return say.text("plan-nodes", &[("n", names.len().into())]);
    }
    word::names(say, &names)
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
    let mut lines =
        vec![say.text("plan-proposed", &[("plan", id.into()), ("what", title(say, plan).into())])];
    lines.extend(course::proposed(say, plan).iter().map(|one| line_text(say, one)));
    lines.extend(facts(scene, plan).into_iter().map(|(label, text)| labelled(say, label, text)));
    lines.extend(stay_cordoned(say, plan));
    let short: String = hash.chars().take(HASH).collect();
    lines.push(say.text(consent(plan.consent), &[("plan", id.into()), ("hash", short.into())]));
    lines.join("\n")
}

/// What an approver was shown, on one line: the least that keeps serving, the cost, the time, what is kept.
#[must_use]
pub fn shown(scene: &Scene<'_>, plan: &Plan) -> String {
    let say = scene.say;
    let mut parts = vec![serving(say, plan), cost(scene, &plan.cost), about(say, plan)];
    parts.extend(floors(say, plan));
    word::listed(say, &parts)
}

/// What would be proposed, in a line or two: under the command line, before anything is sent.
#[must_use]
pub fn preview(scene: &Scene<'_>, plan: &Plan) -> String {
    let say = scene.say;
    let parts = [title(say, plan), serving(say, plan), cost(scene, &plan.cost), about(say, plan)];
    let key = match plan.consent {
        Consent::Given => "plan-preview-given",
        Consent::Confirm => "plan-preview-confirm",
        Consent::TwoPeople => "plan-preview-two",
    };
    say.text(key, &[("what", word::listed(say, &parts).into())])
}

fn consent(consent: Consent) -> &'static str {
    match consent {
        Consent::Given => "plan-consent-given",
        Consent::Confirm => "plan-consent-confirm",
        Consent::TwoPeople => "plan-consent-two",
    }
}

fn labelled(say: Say, label: &str, text: String) -> String {
    say.text("plan-fact", &[("label", say.word(label).into()), ("text", text.into())])
}

fn line_text(say: Say, line: &PlanLine) -> String {
    say.text("plan-line-text", &[("name", line.name.as_str().into()), ("text", line.text.as_str().into())])
}

/// What is told of a plan before it is approved: a label and a text each, in this order.
fn facts(scene: &Scene<'_>, plan: &Plan) -> Vec<(&'static str, String)> {
    let say = scene.say;
    let mut facts = Vec::new();
    if !plan.targets.is_empty() {
        facts.push(("plan-row-targets", targets(say, plan)));
    }
    facts.push(("plan-row-serving", serving(say, plan)));
    facts.push(("plan-row-cost", cost(scene, &plan.cost)));
    facts.push(("plan-row-time", about(say, plan)));
    facts.push(("plan-row-undo", undo(say, plan)));
    facts.extend(floors(say, plan).map(|kept| ("plan-row-keeps", kept)));
    if let Some(reason) = &plan.override_reason {
        facts.push(("plan-row-override", say.outside(reason, limits::LINE)));
    }
    facts
}

/// The least that is left at any step.
fn lowest(plan: &Plan) -> u32 {
    plan.blast.left.iter().copied().min().unwrap_or(plan.blast.serving)
}

fn serving(say: Say, plan: &Plan) -> String {
    let args = [
        ("now", plan.blast.serving.into()),
        ("wanted", plan.blast.wanted.into()),
        ("least", lowest(plan).into()),
    ];
    say.text("plan-serving", &args)
}

fn about(say: Say, plan: &Plan) -> String {
    say.text("plan-time", &[("time", time::seconds(say, plan.expected_s).into())])
}

/// Each target with its machine, and whether it serves.
fn targets(say: Say, plan: &Plan) -> String {
    let one = |target: &Target| {
        let node = say.name(target.node.as_str());
        let machine = target.instance.as_ref().map(|instance| say.name(instance.as_str()));
        let args = |machine: String| [("node", node.clone().into()), ("machine", machine.into())];
        match (machine.filter(|machine| *machine != node), target.serving) {
            (Some(machine), true) => say.text("plan-target-serving", &args(machine)),
            (Some(machine), false) => say.text("plan-target", &args(machine)),
            (None, true) => say.text("plan-target-only-serving", &[("node", node.into())]),
            (None, false) => node,
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
#[must_use]
pub fn amount(micros: u64) -> String {
    let cents = micros.div_ceil(10_000);
    format!("{}.{:02}", cents / 100, cents % 100)
}

fn undo(say: Say, plan: &Plan) -> String {
    match &plan.undo {
        Undo::NotNeeded => say.word("plan-undo-not-needed"),
        Undo::ByHand => say.word("plan-undo-by-hand"),
        Undo::RemoveGained => say.word("plan-undo-gained"),
        Undo::By { line } => say.outside(line, limits::LINE),
        Undo::Impossible => say.word("plan-undo-impossible"),
    }
}

/// Nodes that boot and take no pods afterwards: somebody else cordoned them.
fn stay_cordoned(say: Say, plan: &Plan) -> Option<String> {
    let opened = |name: &NodeName| {
        plan.steps.iter().any(|step| matches!(step, Step::Uncordon { node, .. } if node == name))
    };
    let boots = plan.steps.iter().filter_map(|step| match step {
        Step::Reboot { node, .. } if !opened(node) => Some(say.name(node.as_str())),
        _ => None,
    });
    let names: Vec<String> = boots.collect();
    (!names.is_empty()).then(|| say.text("plan-stay-cordoned", &[("list", word::names(say, &names).into())]))
}

/// How what a plan gained is given back, now that it is known.
fn undo_of_gained(say: Say, run: &Run) -> Option<String> {
    let gained = run.plan.undo == Undo::RemoveGained && !run.is_open() && !run.joined.is_empty();
    let names: Vec<&str> = run.joined.values().map(NodeName::as_str).collect();
    let line = format!("/node remove {}", names.join(","));
    gained.then(|| say.text("plan-undo", &[("line", say.outside(&line, limits::LINE).into())]))
}

fn floors(say: Say, plan: &Plan) -> Option<String> {
    let told: Vec<String> = plan.floors.iter().filter_map(|one| floor(say, one)).collect();
    (!told.is_empty()).then(|| word::names(say, &told))
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
        parts.extend(doing(say, run));
    }
    if let Some(why) = &run.paused {
        parts.push(paused(say, why));
    }
    parts.extend(card::remaining(scene, run).filter(|_| run.standing == Standing::Running));
    word::listed(say, &parts)
}

fn bar(run: &Run) -> String {
    let all = u32::try_from(run.plan.steps.len()).unwrap_or(u32::MAX).max(1);
    let full = (run.done() * BAR / all).min(BAR);
    let filled = "█".repeat(usize::try_from(full).unwrap_or(0));
    let empty = "░".repeat(usize::try_from(BAR - full).unwrap_or(0));
    format!("{filled}{empty} {}/{all}", run.done())
}

/// The step that is under way, or comes next.
fn doing(say: Say, run: &Run) -> Option<String> {
    let (index, next) = run.next_step()?;
    let told = say.text("plan-doing", &[("step", step(say, next, step::became(run, next)).into())]);
    Some(course::doing(say, told, run.steps.get(&index)))
}

/// A plan with all there is to know: as proposed, or how far each node is and what it left.
#[must_use]
pub fn whole(scene: &Scene<'_>, run: &Run) -> String {
    let say = scene.say;
    if run.standing == Standing::Proposed {
        return proposal(scene, &run.id.to_string(), &run.plan, &run.hash);
    }
    let mut lines = vec![line(scene, run)];
    lines.extend(course::followed(scene, run).iter().map(|one| {
        let args = [
            ("word", one.word.as_str().into()),
            ("name", one.name.as_str().into()),
            ("text", one.text.as_str().into()),
        ];
        say.text("plan-line-stands", &args)
    }));
    let rows = card::card(scene, run).rows.into_iter();
    lines.extend(
        rows.map(|row| say.text("plan-fact", &[("label", row.label.into()), ("text", row.text.into())])),
    );
    lines.extend(undo_of_gained(say, run));
    lines.join("\n")
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

/// What a plan that is over leaves: nodes kept from pods, machines that are no node, steps of which nobody knows.
fn left(say: Say, run: Option<&Run>, left: &Forgotten) -> Option<String> {
    let part = |key: &str, names: Vec<String>| {
        (!names.is_empty()).then(|| say.text(key, &[("list", cut_list(say, names).into())]))
    };
    let cordoned = left.cordoned.iter().map(|node| say.name(node.as_str())).collect();
    let unknown = left.unknown.iter().filter_map(|index| step::step_of(say, run?, *index)).collect();
    let parts = [
        part("plan-left-cordoned", cordoned),
        part("plan-left-machines", run.map(|run| strays(say, run)).unwrap_or_default()),
        part("plan-left-unknown", unknown),
    ];
    chained(say, parts.into_iter().flatten())
}

/// Machines of a plan that run and are no node, by name.
fn strays(say: Say, run: &Run) -> Vec<String> {
    run.strays().iter().map(|id| say.name(id.as_str())).collect()
}

/// What a person does about the machines of a plan that is over, where some are no node.
fn next_of_strays(say: Say, run: &Run) -> Option<String> {
    let names = strays(say, run);
    let some = !run.is_open() && !names.is_empty();
    some.then(|| say.text("plan-next-machines", &[("list", cut_list(say, names).into())]))
}

/// One thing after the other: `cordoned wk-2; rebooted wk-1`.
fn chained(say: Say, parts: impl Iterator<Item = String>) -> Option<String> {
    parts.reduce(|list, next| say.text("plan-changed", &[("list", list.into()), ("next", next.into())]))
}

/// What an event of a plan tells in a line or two; none for any other kind.
#[must_use]
pub fn told(scene: &Scene<'_>, event: &Event) -> Option<String> {
    let say = scene.say;
    let kind = event.kind.lasting();
    let id = lifeboat_storage::plan::run::plan_of(kind)?;
    let run = scene.state.plans.get(&id);
    let named = ("plan", fluent_bundle::FluentValue::from(id.to_string()));
    let step = |index: u32| run.and_then(|run| step::step_of(say, run, index)).unwrap_or_default();
    Some(match kind {
        Kind::PlanProposed { body, .. } => say.text(
            "event-plan-proposed",
            &[named, ("what", title(say, body).into()), ("serving", serving(say, body).into())],
        ),
        Kind::PlanApproved { .. } => {
            let what = run.map(|run| title(say, &run.plan)).unwrap_or_default();
            say.text("event-plan-approved", &[named, ("what", what.into())])
        }
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
            with_left(say, say.text("event-plan-cancelled", &[named]), run, what)
        }
        Kind::PlanEnded { proven, left, .. } => over(scene, run, named, *proven, left),
        Kind::StepStarted { step: index, .. } | Kind::StepProgressed { step: index, .. } => {
            say.text("event-step-started", &[named, ("step", step(*index).into())])
        }
        Kind::StepEnded { step: index, outcome, .. } => {
            let text = run.map(|run| step::ended(scene, run, *index, outcome)).unwrap_or_default();
            say.text("event-step-ended", &[named, ("told", text.into())])
        }
        _ => return None,
    })
}

/// How a plan ended: what is proven with its numbers, or what failed; and what it left.
fn over(scene: &Scene<'_>, run: Option<&Run>, named: Arg<'_>, proven: bool, what: &Forgotten) -> String {
    let say = scene.say;
    let key = if proven { "event-plan-proven" } else { "event-plan-failed" };
    let title = run.map(|run| title(say, &run.plan)).unwrap_or_default();
    let text = say.text(key, &[named, ("what", title.into())]);
    let more = run.and_then(|run| if proven { proof(scene, run) } else { last_failure(scene, run) });
    let text = more.map_or(text.clone(), |more| format!("{text}\n{more}"));
    with_left(say, text, run, what)
}

/// With what it left, and what to do about machines that nobody else would tell of.
fn with_left(say: Say, text: String, run: Option<&Run>, what: &Forgotten) -> String {
    let next = run.and_then(|run| next_of_strays(say, run));
    let next = next.map(|next| labelled(say, "plan-row-next", next));
    let lines: Vec<String> = std::iter::once(text).chain(left(say, run, what)).chain(next).collect();
    lines.join("\n")
}

/// The step that failed or is unknown and tells most: the newest, a proof only where nothing else failed.
fn last_failure(scene: &Scene<'_>, run: &Run) -> Option<String> {
    let failed = run.steps.iter().filter_map(|(index, progress)| match &progress.ended {
        Some((at, outcome @ (StepOutcome::Failed { .. } | StepOutcome::Unknown { .. }))) => {
            let step = run.plan.steps.get(usize::try_from(*index).ok()?)?;
            Some((!matches!(step, Step::Prove { .. }), *at, *index, outcome))
        }
        _ => None,
    });
    let (_, _, index, outcome) = failed.max_by_key(|(tells, at, index, _)| (*tells, *at, *index))?;
    Some(step::ended(scene, run, index, outcome))
}

/// The numbers of the proof.
fn proof(scene: &Scene<'_>, run: &Run) -> Option<String> {
    let (_, progress) = run.steps.last_key_value()?;
    match &progress.ended {
        Some((_, StepOutcome::Succeeded { result })) => step::brought(scene, result),
        _ => None,
    }
}

/// Buttons under a plan for chats without cards of their own: the same lines as on the card.
#[must_use]
pub fn actions(say: Say, run: &Run) -> Vec<Action> {
    let whole = card::actions(say, run, &[], &[]);
    whole
        .into_iter()
        .map(|one| Action { label: one.label, command: one.command, primary: one.primary })
        .collect()
}
