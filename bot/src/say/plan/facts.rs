//! What is told of a plan before it is approved: its targets, what keeps serving, cost, time, undo, floors.

use lifeboat_storage::id::NodeName;
use lifeboat_storage::plan::{Cost, Floor, Plan, Step, Target, Undo};

use crate::say::{Say, Scene, limits, time, word};

/// How many steps or nodes of a list are told.
const TOLD: usize = 12;

/// What is told of a plan before it is approved: a label and a text each, in this order.
pub(super) fn facts(scene: &Scene<'_>, plan: &Plan) -> Vec<(&'static str, String)> {
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
pub(super) fn lowest(plan: &Plan) -> u32 {
    plan.blast.left.iter().copied().min().unwrap_or(plan.blast.serving)
}

pub(super) fn serving(say: Say, plan: &Plan) -> String {
    let args = [
        ("now", plan.blast.serving.into()),
        ("wanted", plan.blast.wanted.into()),
        ("least", lowest(plan).into()),
    ];
    say.text("plan-serving", &args)
}

pub(super) fn about(say: Say, plan: &Plan) -> String {
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

pub(super) fn cut_list(say: Say, mut parts: Vec<String>) -> String {
    let more = parts.len().saturating_sub(TOLD);
    parts.truncate(TOLD);
    if more > 0 {
        parts.push(say.text("plan-more", &[("n", more.into())]));
    }
    word::names(say, &parts)
}

pub(super) fn cost(scene: &Scene<'_>, cost: &Cost) -> String {
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
pub(super) fn stay_cordoned(say: Say, plan: &Plan) -> Option<String> {
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

pub(super) fn floors(say: Say, plan: &Plan) -> Option<String> {
    let managers = |one: &&Floor| matches!(one, Floor::ManagerMajority { .. });
    let several = plan.floors.iter().filter(managers).count() > 1;
    let told = |one: &Floor| match one {
        // Of two clusters, each by name.
        Floor::ManagerMajority { cluster, least } if several => Some(say.text(
            "plan-floor-managers-of",
            &[("least", (*least).into()), ("cluster", say.name(cluster.as_str()).into())],
        )),
        one => floor(say, one),
    };
    let told: Vec<String> = plan.floors.iter().filter_map(told).collect();
    (!told.is_empty()).then(|| word::names(say, &told))
}

/// What must hold; what always must is not told each time.
pub(super) fn floor(say: Say, floor: &Floor) -> Option<String> {
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
