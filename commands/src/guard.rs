//! Guard-rails: what every plan must keep, checked anew on the finished plan, whoever made it. Pure.

use std::collections::BTreeSet;

use lifeboat_storage::id::NodeName;
use lifeboat_storage::plan::{Consent, Floor, Plan, RebootMode, Step, Verb};

use crate::facts::{Facts, Matched, NodeRole};
use crate::fleet::Fleet;

/// A rule that a plan breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Broken {
    /// A step touches a control plane or manager.
    ControlPlane,
    /// More serving nodes at once than the allowed share.
    TooManyAtOnce,
    /// The last serving node is taken in a careful mode.
    LastServing,
    /// A node it cordoned is not schedulable again at the end.
    LeftCordoned,
    /// The last step is not the proof.
    NoProof,
    /// A machine is not the one behind the node.
    WrongMachine,
    /// What changes machines asks nobody.
    NoConsent,
    /// A machine is given back to boot it again.
    NotInPlace,
    /// The floors do not hold at the lowest point it foresees.
    FloorTooHigh,
    /// A batch boots without a canary that was looked at before.
    NoCanary,
}

impl Broken {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::ControlPlane,
        Self::TooManyAtOnce,
        Self::LastServing,
        Self::LeftCordoned,
        Self::NoProof,
        Self::WrongMachine,
        Self::NoConsent,
        Self::NotInPlace,
        Self::FloorTooHigh,
        Self::NoCanary,
    ];

    /// A key of the catalogue.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::ControlPlane => "control-plane",
            Self::TooManyAtOnce => "too-many-at-once",
            Self::LastServing => "last-serving",
            Self::LeftCordoned => "left-cordoned",
            Self::NoProof => "no-proof",
            Self::WrongMachine => "wrong-machine",
            Self::NoConsent => "no-consent",
            Self::NotInPlace => "not-in-place",
            Self::FloorTooHigh => "floor-too-high",
            Self::NoCanary => "no-canary",
        }
    }
}

/// Checks a plan against every rule.
///
/// # Errors
/// The first rule it breaks.
pub fn check(plan: &Plan, facts: &Facts, fleet: &Fleet) -> Result<(), Broken> {
    let rules: [(Broken, bool); 9] = [
        (Broken::ControlPlane, touches_control_plane(plan, facts)),
        (Broken::LastServing, takes_the_last(plan)),
        (Broken::TooManyAtOnce, takes_too_many(plan, fleet)),
        (Broken::LeftCordoned, leaves_cordoned(plan)),
        (Broken::NoProof, !matches!(plan.steps.last(), Some(Step::Prove { .. }))),
        (Broken::WrongMachine, mistakes_a_machine(plan, facts, fleet)),
        (Broken::NoConsent, asks_nobody(plan)),
        (Broken::NotInPlace, gives_back_to_boot(plan)),
        (Broken::FloorTooHigh, foresees_below_its_floor(plan)),
    ];
    match rules.into_iter().find(|(_, broken)| *broken) {
        Some((rule, _)) => Err(rule),
        None if boots_without_canary(plan) => Err(Broken::NoCanary),
        None => Ok(()),
    }
}

/// The node a step changes, where it is about one.
#[must_use]
pub fn node_of(step: &Step) -> Option<&NodeName> {
    match step {
        Step::Cordon { node, .. }
        | Step::Uncordon { node, .. }
        | Step::Drain { node, .. }
        | Step::Reboot { node, .. }
        | Step::Leave { node, .. }
        | Step::Reimage { node, .. }
        | Step::Forget { node, .. }
        | Step::Stop { node, .. } => Some(node),
        _ => None,
    }
}

/// Whether a step takes pods or a machine away.
#[must_use]
pub fn takes_away(step: &Step) -> bool {
    matches!(
        step,
        Step::Drain { .. }
            | Step::Reboot { .. }
            | Step::Leave { .. }
            | Step::Reimage { .. }
            | Step::Stop { .. }
    )
}

fn touches_control_plane(plan: &Plan, facts: &Facts) -> bool {
    let seen = facts.clusters.get(&plan.cluster);
    let role = |node: &NodeName| seen.and_then(|seen| seen.nodes.get(node)).map(|node| node.role);
    plan.steps.iter().filter_map(node_of).any(|node| role(node) == Some(NodeRole::ControlPlane))
}

fn is_careful(plan: &Plan) -> bool {
    !matches!(
        plan.verb,
        Verb::NodeReboot { mode: RebootMode::Emergency } | Verb::ClusterSwap { .. } | Verb::NodeAdd { .. }
    )
}

fn takes_the_last(plan: &Plan) -> bool {
    let touched = plan.steps.iter().any(takes_away);
    is_careful(plan) && touched && plan.blast.serving > 0 && plan.blast.left.contains(&0)
}

/// In careful modes only so many serving nodes are away at the same time; one always may.
fn takes_too_many(plan: &Plan, fleet: &Fleet) -> bool {
    if !matches!(plan.verb, Verb::NodeReboot { mode: RebootMode::Canary | RebootMode::Rolling }) {
        return false;
    }
    let allowed = (plan.blast.serving * fleet.limits.at_once_percent / 100).max(1);
    plan.blast.left.iter().any(|left| plan.blast.serving.saturating_sub(*left) > allowed)
}

/// Verbs whose purpose it is may leave a node cordoned, or gone.
fn leaves_cordoned(plan: &Plan) -> bool {
    if !matches!(plan.verb, Verb::NodeReboot { .. }) {
        return false;
    }
    let mut cordoned: BTreeSet<&NodeName> = BTreeSet::new();
    for step in &plan.steps {
        match step {
            Step::Cordon { node, .. } => _ = cordoned.insert(node),
            Step::Uncordon { node, .. } => _ = cordoned.remove(node),
            _ => {}
        }
    }
    !cordoned.is_empty()
}

fn mistakes_a_machine(plan: &Plan, facts: &Facts, fleet: &Fleet) -> bool {
    plan.steps.iter().any(|step| match step {
        Step::Reboot { node, instance, cloud, .. }
        | Step::Leave { node, instance, cloud, .. }
        | Step::Reimage { node, instance, cloud }
        | Step::Stop { node, instance, cloud } => {
            let seen = facts.clusters.get(&plan.cluster).and_then(|seen| seen.nodes.get(node));
            let machine = seen.and_then(|node| Some(facts.clouds.get(cloud)?.machine_of(node)));
            fleet.cluster(&plan.cluster).is_none() || machine != Some(Matched::One(instance.clone()))
        }
        _ => false,
    })
}

fn asks_nobody(plan: &Plan) -> bool {
    let changes = |step: &Step| takes_away(step) || matches!(step, Step::Obtain { .. } | Step::Shift { .. });
    plan.consent == Consent::Given && plan.steps.iter().any(changes)
}

fn gives_back_to_boot(plan: &Plan) -> bool {
    let gives_back = |step: &Step| matches!(step, Step::Stop { .. } | Step::Reimage { .. });
    matches!(plan.verb, Verb::NodeReboot { .. }) && plan.steps.iter().any(gives_back)
}

fn foresees_below_its_floor(plan: &Plan) -> bool {
    let lowest = plan.blast.left.iter().copied().min().unwrap_or(plan.blast.serving);
    plan.floors.iter().any(|floor| matches!(floor, Floor::Serving { least, .. } if *least > lowest))
}

/// Before the second node of an emergency boots, a probe on the first must have passed.
fn boots_without_canary(plan: &Plan) -> bool {
    if plan.verb != (Verb::NodeReboot { mode: RebootMode::Emergency }) {
        return false;
    }
    let boots = |step: &&Step| matches!(step, Step::Reboot { .. });
    if plan.steps.iter().filter(boots).count() < 2 {
        return false;
    }
    let second = plan.steps.iter().enumerate().filter(|(_, step)| boots(step)).nth(1).map_or(0, |(at, _)| at);
    !plan.steps[..second].iter().any(|step| matches!(step, Step::Probe { must_pass: true, .. }))
}
