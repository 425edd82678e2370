//! Planners that went wrong: each breaks one rule.

use std::collections::BTreeSet;

use lifeboat_commands::guard::{self, Broken};
use lifeboat_storage::id::CloudName;
use lifeboat_storage::plan::{
    Consent, Cost, Floor, Plan, ProbeKind, Proof, RebootMode, Step, Target, Undo, Verb, Weight,
};

use crate::fleets;
use crate::world::{Deed, World, cluster, machine, node};

/// From a good plan to a bad one; none where it does not apply.
pub(crate) type Mutant = fn(&Plan) -> Option<Plan>;

fn changed(plan: &Plan, how: impl FnOnce(&mut Plan)) -> Option<Plan> {
    let mut bad = plan.clone();
    how(&mut bad);
    (bad != *plan).then_some(bad)
}

/// The plan shows what its steps leave, so that only the rule in question is broken.
pub(crate) fn shown(world: &World, mut plan: Plan) -> Plan {
    let seen = world.facts.clusters.get(&plan.cluster).expect("a cluster of the fixture");
    plan.blast.left = guard::left_serving(&seen.serving(&plan.service), &plan.steps);
    plan
}

fn reboots(plan: &Plan) -> bool {
    matches!(plan.verb, Verb::NodeReboot { .. })
}

fn without(plan: &Plan, gone: impl Fn(&Step) -> bool) -> Option<Plan> {
    changed(plan, |plan| plan.steps.retain(|step| !gone(step)))
}

fn on_the_control_plane(plan: &Plan) -> Option<Plan> {
    changed(plan, |plan| {
        if let Some(Step::Drain { node: name, .. } | Step::Cordon { node: name, .. }) =
            plan.steps.iter_mut().find(|step| matches!(step, Step::Drain { .. } | Step::Cordon { .. }))
        {
            *name = node("cp-1");
        }
    })
}

fn targets_the_control_plane(plan: &Plan) -> Option<Plan> {
    changed(plan, |plan| {
        plan.targets.push(Target {
            cluster: plan.cluster.clone(),
            node: node("cp-1"),
            instance: None,
            identity: None,
            serving: false,
        });
    })
}

fn in_another_cluster(plan: &Plan) -> Option<Plan> {
    changed(plan, |plan| {
        for step in &mut plan.steps {
            if let Step::Cordon { cluster: of, .. }
            | Step::Reboot { cluster: of, .. }
            | Step::Admit { cluster: of, .. } = step
            {
                *of = cluster("third");
            }
        }
    })
}

fn in_another_cloud(plan: &Plan) -> Option<Plan> {
    changed(plan, |plan| {
        for step in &mut plan.steps {
            if let Step::Obtain { cloud, .. } | Step::Reboot { cloud, .. } | Step::Stop { cloud, .. } = step {
                *cloud = CloudName::new("elsewhere");
            }
        }
    })
}

fn on_other_traffic(plan: &Plan) -> Option<Plan> {
    changed(plan, |plan| {
        for step in &mut plan.steps {
            if let Step::Shift { traffic, weights } = step {
                *traffic = lifeboat_storage::id::TrafficName::new("shop");
                weights.push(Weight { cluster: cluster("third"), percent: 0 });
            }
        }
    })
}

/// Everything is taken away before anything comes back.
pub(crate) fn all_at_once(plan: &Plan) -> Option<Plan> {
    if !reboots(plan) {
        return None;
    }
    changed(plan, |plan| {
        plan.steps.sort_by_key(|step| match step {
            Step::Probe { .. } | Step::Cordon { .. } => 0,
            Step::Drain { .. } | Step::Reboot { .. } => 1,
            Step::Prove { .. } => 4,
            Step::Uncordon { .. } => 3,
            _ => 2,
        });
    })
}

/// What serves first, although the site is down.
pub(crate) fn serving_first(plan: &Plan) -> Option<Plan> {
    changed(plan, |plan| {
        let serving: BTreeSet<_> =
            plan.targets.iter().filter(|one| one.serving).map(|one| one.node.clone()).collect();
        let first = |step: &Step| matches!(step, Step::Reboot { node, .. } if serving.contains(node));
        plan.steps.sort_by_key(|step| !first(step));
    })
}

/// What the plan cordoned stays so. (Opening a node that was never closed is no loss.)
fn never_uncordons(plan: &Plan) -> Option<Plan> {
    let cordoned = |name: &lifeboat_storage::id::NodeName| {
        plan.steps.iter().any(|step| matches!(step, Step::Cordon { node, .. } if node == name))
    };
    let opens = |step: &Step| matches!(step, Step::Uncordon { node, .. } if cordoned(node));
    reboots(plan).then(|| without(plan, opens)).flatten()
}

fn uncordons_before_the_boot(plan: &Plan) -> Option<Plan> {
    if !plan.steps.iter().any(|step| matches!(step, Step::Cordon { .. })) || !reboots(plan) {
        return None;
    }
    changed(plan, |plan| {
        plan.steps.sort_by_key(|step| match step {
            Step::Cordon { .. } => 0,
            Step::Drain { .. } | Step::Probe { must_pass: false, .. } => 1,
            Step::Reboot { .. } => 2,
            Step::Uncordon { .. } => 3,
            Step::Prove { .. } => 5,
            _ => 4,
        });
    })
}

fn never_lets_in(plan: &Plan) -> Option<Plan> {
    without(plan, |step| matches!(step, Step::Admit { .. }))
}

fn never_proves(plan: &Plan) -> Option<Plan> {
    without(plan, |step| matches!(step, Step::Prove { .. }))
}

fn proves_first(plan: &Plan) -> Option<Plan> {
    changed(plan, |plan| plan.steps.rotate_right(1))
}

fn proves_something_else(plan: &Plan) -> Option<Plan> {
    changed(plan, |plan| {
        if let Some(Step::Prove { proof, .. }) = plan.steps.last_mut() {
            *proof = match proof {
                Proof::Gone => Proof::Empty,
                _ => Proof::Gone,
            };
        }
    })
}

fn proves_on_nobody(plan: &Plan) -> Option<Plan> {
    changed(plan, |plan| {
        if let Some(Step::Prove { nodes, .. }) = plan.steps.last_mut() {
            nodes.clear();
        }
    })
}

fn never_waits_for_a_boot(plan: &Plan) -> Option<Plan> {
    without(plan, |step| matches!(step, Step::AwaitBoot { .. }))
}

fn another_machine(plan: &Plan) -> Option<Plan> {
    changed(plan, |plan| {
        for step in &mut plan.steps {
            if let Step::Reboot { instance, .. }
            | Step::Stop { instance, .. }
            | Step::Leave { instance, .. } = step
            {
                *instance = machine("sp-1");
            }
        }
    })
}

fn hides_its_targets(plan: &Plan) -> Option<Plan> {
    let takes = plan.steps.iter().any(|step| matches!(step, Step::Reboot { .. } | Step::Stop { .. }));
    takes.then(|| changed(plan, |plan| plan.targets.iter_mut().for_each(|one| one.instance = None))).flatten()
}

fn a_node_nobody_knows(plan: &Plan) -> Option<Plan> {
    changed(plan, |plan| {
        for step in &mut plan.steps {
            if let Step::Uncordon { node: name, .. } | Step::Forget { node: name, .. } = step {
                *name = node("wk-99");
            }
        }
    })
}

fn asks_nobody(plan: &Plan) -> Option<Plan> {
    if matches!(plan.verb, Verb::NodeCordon | Verb::NodeUncordon) {
        return None;
    }
    changed(plan, |plan| plan.consent = Consent::Given)
}

fn asks_one_instead_of_two(plan: &Plan) -> Option<Plan> {
    if plan.consent != Consent::TwoPeople {
        return None;
    }
    changed(plan, |plan| plan.consent = Consent::Confirm)
}

fn overrides_without_a_reason(plan: &Plan) -> Option<Plan> {
    changed(plan, |plan| plan.override_reason = Some("  ".to_owned()))
}

fn replaces_instead_of_booting(plan: &Plan) -> Option<Plan> {
    if !reboots(plan) {
        return None;
    }
    changed(plan, |plan| {
        let stops = plan.steps.iter().find_map(|step| match step {
            Step::Reboot { node, cloud, instance, .. } => {
                Some(Step::Stop { node: node.clone(), cloud: cloud.clone(), instance: instance.clone() })
            }
            _ => None,
        });
        let at = plan.steps.iter().position(|step| matches!(step, Step::AwaitBoot { .. })).unwrap_or(0);
        plan.steps.splice(at..at, stops);
    })
}

fn forgets_the_floor(plan: &Plan) -> Option<Plan> {
    changed(plan, |plan| plan.floors.retain(|floor| !matches!(floor, Floor::Serving { .. })))
}

/// The floor is nothing, although the plan is a careful one.
fn lets_the_last_one_go(plan: &Plan) -> Option<Plan> {
    let careful = plan.verb != Verb::NodeReboot { mode: RebootMode::Emergency };
    if !careful || plan.blast.serving == 0 || !plan.steps.iter().any(guard::takes_away) {
        return None;
    }
    changed(plan, |plan| {
        for floor in &mut plan.floors {
            if let Floor::Serving { least, .. } = floor {
                *least = 0;
            }
        }
    })
}

fn forgets_the_freeze(plan: &Plan) -> Option<Plan> {
    changed(plan, |plan| plan.floors.retain(|floor| !matches!(floor, Floor::NotFrozen { .. })))
}

fn forgets_the_managers(plan: &Plan) -> Option<Plan> {
    changed(plan, |plan| plan.floors.retain(|floor| !matches!(floor, Floor::ManagerMajority { .. })))
}

fn asks_for_more_than_it_keeps(plan: &Plan) -> Option<Plan> {
    changed(plan, |plan| {
        for floor in &mut plan.floors {
            if let Floor::Serving { least, .. } = floor {
                *least = plan.blast.serving + 1;
            }
        }
    })
}

fn shows_more_than_it_leaves(plan: &Plan) -> Option<Plan> {
    changed(plan, |plan| plan.blast.left.iter_mut().for_each(|left| *left += 1))
}

pub(crate) fn boots_without_a_canary(plan: &Plan) -> Option<Plan> {
    without(plan, |step| matches!(step, Step::Probe { must_pass: true, .. }))
}

pub(crate) fn looks_at_another_node(plan: &Plan) -> Option<Plan> {
    changed(plan, |plan| {
        for step in &mut plan.steps {
            if let Step::Probe { node: name, must_pass: true, probe, .. } = step {
                (*name, *probe) = (node("wk-5"), ProbeKind::Agent);
            }
        }
    })
}

/// Two are booted, and it is called a canary.
pub(crate) fn calls_two_a_canary(plan: &Plan) -> Option<Plan> {
    changed(plan, |plan| plan.verb = Verb::NodeReboot { mode: RebootMode::Canary })
}

fn boots_without_draining(plan: &Plan) -> Option<Plan> {
    reboots(plan).then(|| without(plan, |step| matches!(step, Step::Drain { .. }))).flatten()
}

fn shows_half_the_price(plan: &Plan) -> Option<Plan> {
    changed(plan, |plan| {
        if let Cost::AtMost { per_hour, .. } = &mut plan.cost {
            per_hour.micros /= 2;
        }
    })
}

fn hides_the_price(plan: &Plan) -> Option<Plan> {
    changed(plan, |plan| plan.cost = Cost::Nothing)
}

fn knows_no_way_back(plan: &Plan) -> Option<Plan> {
    matches!(plan.undo, Undo::By { .. })
        .then(|| changed(plan, |plan| plan.undo = Undo::By { line: "/node undo wk-1".to_owned() }))
        .flatten()
}

/// Each mutant, and what it must be caught at.
pub(crate) const MUTANTS: &[(&str, Broken, Mutant)] = &[
    ("on the control plane", Broken::ControlPlane, on_the_control_plane),
    ("targets the control plane", Broken::ControlPlane, targets_the_control_plane),
    ("in another cluster", Broken::Elsewhere, in_another_cluster),
    ("in another cloud", Broken::Elsewhere, in_another_cloud),
    ("on other traffic", Broken::Elsewhere, on_other_traffic),
    ("never uncordons", Broken::LeftCordoned, never_uncordons),
    ("uncordons before the boot", Broken::LeftCordoned, uncordons_before_the_boot),
    ("never lets in", Broken::LeftCordoned, never_lets_in),
    ("never proves", Broken::NoProof, never_proves),
    ("proves first", Broken::NoProof, proves_first),
    ("proves something else", Broken::NoProof, proves_something_else),
    ("proves on nobody", Broken::NoProof, proves_on_nobody),
    ("never waits for a boot", Broken::LeftCordoned, never_waits_for_a_boot),
    ("another machine", Broken::WrongMachine, another_machine),
    ("hides its targets", Broken::WrongMachine, hides_its_targets),
    ("a node nobody knows", Broken::WrongMachine, a_node_nobody_knows),
    ("asks nobody", Broken::NoConsent, asks_nobody),
    ("asks one instead of two", Broken::NoConsent, asks_one_instead_of_two),
    ("overrides without a reason", Broken::NoConsent, overrides_without_a_reason),
    ("replaces instead of booting", Broken::NotInPlace, replaces_instead_of_booting),
    ("forgets the floor", Broken::NoFloor, forgets_the_floor),
    ("lets the last one go meanwhile", Broken::NoFloor, lets_the_last_one_go),
    ("forgets the freeze", Broken::NoFloor, forgets_the_freeze),
    ("forgets the managers", Broken::NoFloor, forgets_the_managers),
    ("asks for more than it keeps", Broken::FloorTooHigh, asks_for_more_than_it_keeps),
    ("shows more than it leaves", Broken::WrongBlast, shows_more_than_it_leaves),
];

/// What the guard does not look at: only the properties catch them.
pub(crate) const UNGUARDED: &[(&str, Mutant)] = &[
    ("boots without draining", boots_without_draining),
    ("shows half the price", shows_half_the_price),
    ("hides the price", hides_the_price),
    ("knows no way back", knows_no_way_back),
];

/// Planners that do not look: what happened after they did.
pub(crate) const BLIND: &[Deed] = &[
    ("works in a frozen cluster", fleets::frozen),
    ("works without a majority", fleets::no_majority),
    ("works on old facts", fleets::old_facts),
    ("works beside another plan", fleets::at_work),
];
