//! Plans in words: what will be done, how far it went, what it left.
//!
//! | module | words |
//! | --- | --- |
//! | [`card`] | the card of a plan, edited in place |
//! | [`course`] | its steps, a line for each node or matter |
//! | [`facts`] | what is known of it before it is approved |
//! | [`still`] | why it stands still, as it is now, and what to do about that |
//! | [`step`] | one step, how it ended, what it brought |
//! | [`told`] | what its events tell |

mod card;
mod course;
mod facts;
mod step;
mod still;
mod told;

use lifeboat_storage::id::NodeName;
use lifeboat_storage::plan::run::{Run, Standing};
use lifeboat_storage::plan::{Consent, Plan, RebootMode, SwapMode, Undo, Verb};

use super::{Say, Scene, limits, word};
use crate::console::view::{Action, PlanLine};

pub use card::card;
pub use facts::amount;
pub use step::{failed_by, paused, step};
pub use told::{overridden, told};

use facts::{about, cost, cut_list, facts, floor, floors, lowest, serving, stay_cordoned};
use told::{chained, last_failure, left, next_of_strays, proof};

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

/// How what a plan gained is given back, now that it is known.
fn undo_of_gained(say: Say, run: &Run) -> Option<String> {
    let gained = run.plan.undo == Undo::RemoveGained && !run.is_open() && !run.joined.is_empty();
    let names: Vec<&str> = run.joined.values().map(NodeName::as_str).collect();
    let line = format!("/node remove {}", names.join(","));
    gained.then(|| say.text("plan-undo", &[("line", say.outside(&line, limits::LINE).into())]))
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
    parts.extend(still::why(scene, run));
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

/// How far each node of a plan is, none folded away; nothing before its first step.
#[must_use]
pub fn each_node(scene: &Scene<'_>, run: &Run) -> Vec<PlanLine> {
    if run.steps.is_empty() { Vec::new() } else { course::unfolded(scene, run) }
}

/// Buttons under a plan for chats without cards of their own: the same lines as on the card.
#[must_use]
pub fn actions(say: Say, run: &Run) -> Vec<Action> {
    let whole = card::actions(say, run, &card::nobody(), &card::nobody());
    whole
        .into_iter()
        .map(|one| Action { label: one.label, command: one.command, primary: one.primary })
        .collect()
}
