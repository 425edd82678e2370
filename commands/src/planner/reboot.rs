//! `/node reboot`: in place, never by giving a machine back.

use lifeboat_storage::id::InstanceId;
use lifeboat_storage::plan::{Consent, Cost, Plan, Policy, ProbeKind, Proof, RebootMode, Step, Undo, Verb};

use super::target::{self, Meant};
use super::{Draft, count, finish, free};
use crate::facts::Node;
use crate::refusal::{FleetRefusal, Refusal};
use crate::verb::Scene;

/// A boot and the time it must stay Ready, in seconds: an estimate.
const ONE_BOOT_S: u32 = 150;

/// A node and its machine.
struct One<'a> {
    node: &'a Node,
    instance: InstanceId,
    serving: bool,
}

/// Plans a reboot.
///
/// # Errors
/// [`FleetRefusal`]: no such node, unclear machine, last serving node, not down, locked, frozen, facts too old.
pub fn plan(scene: &Scene<'_>, typed: &str, mode: RebootMode, over: Option<String>) -> Result<Plan, Refusal> {
    let meant = target::meant(scene, typed)?;
    let cluster = meant.cluster;
    free(scene, &cluster.name, over.as_ref())?;
    let serving = meant.seen.serving(&cluster.service);
    let mut all: Vec<One<'_>> = Vec::new();
    for node in &meant.nodes {
        let instance = target::machine(scene, cluster, node)?;
        all.push(One { node, instance, serving: serving.contains(&node.name) });
    }
    // What serves comes last.
    all.sort_by_key(|one| (one.serving, one.node.name.clone()));
    if mode == RebootMode::Canary {
        all.truncate(1);
    }
    let down = is_down(scene, &meant);
    match mode {
        RebootMode::Emergency if !down => {
            let serving = count(serving.len());
            return Err(FleetRefusal::NotDown { serving, wanted: cluster.wanted }.into());
        }
        RebootMode::Canary | RebootMode::Rolling
            if serving.len() == 1 && all.iter().any(|one| one.serving) =>
        {
            return Err(FleetRefusal::LastServing { cluster: cluster.name.clone() }.into());
        }
        _ => {}
    }
    let mut steps = match mode {
        RebootMode::Canary => one_after_the_other(scene, &meant, &all),
        RebootMode::Rolling => rolling(scene, &meant, &all),
        RebootMode::Emergency => emergency(scene, &meant, &all),
    };
    let was = count(serving.len());
    let dead = count(all.iter().filter(|one| !one.serving).count());
    let comes_back = all.iter().any(|one| will_take_pods(scene, one.node));
    let at_least = match mode {
        RebootMode::Emergency => was.max(dead.div_ceil(2)),
        _ if dead > 0 && comes_back => was + 1,
        _ => was,
    };
    steps.push(Step::Prove {
        proof: Proof::Serving {
            cluster: cluster.name.clone(),
            at_least: at_least.min(cluster.wanted.max(was)),
        },
        nodes: all.iter().map(|one| one.node.name.clone()).collect(),
        cluster: cluster.name.clone(),
    });
    let rounds = match mode {
        RebootMode::Emergency => {
            1 + (count(all.len()) - 1).div_ceil(scene.fleet.limits.emergency_batch.max(1))
        }
        _ => count(all.len()),
    };
    let draft = Draft {
        verb: Verb::NodeReboot { mode },
        other: None,
        steps,
        targets: all.iter().map(|one| target::target(&meant, one.node, Some(one.instance.clone()))).collect(),
        least: (mode == RebootMode::Emergency).then_some(0),
        cost: Cost::Nothing,
        expected_s: rounds * ONE_BOOT_S,
        undo: Undo::NotNeeded,
        consent: if mode == RebootMode::Emergency { Consent::TwoPeople } else { Consent::Confirm },
        over,
    };
    finish(scene, cluster, draft)
}

/// At most a third of what is wanted serves, or half of all requests fail.
fn is_down(scene: &Scene<'_>, meant: &Meant<'_>) -> bool {
    let cluster = meant.cluster;
    let serving = count(meant.seen.serving(&cluster.service).len());
    let share = (scene.share)(&cluster.service);
    let failing = share.is_some_and(|share| share.total >= 20 && share.bad * 2 >= share.total);
    serving * 3 <= cluster.wanted || failing
}

/// It takes pods now, or a plan of ours keeps it cordoned until it is sound.
fn will_take_pods(scene: &Scene<'_>, node: &Node) -> bool {
    node.schedulable || ours(scene, node)
}

/// A plan of ours cordoned it and has not taken that back.
fn ours(scene: &Scene<'_>, node: &Node) -> bool {
    scene.state.plans.values().any(|run| run.cordoned.contains(&node.name))
}

fn one_after_the_other(scene: &Scene<'_>, meant: &Meant<'_>, nodes: &[One<'_>]) -> Vec<Step> {
    let mut steps = Vec::new();
    for one in nodes {
        let (cluster, node) = (meant.cluster.name.clone(), one.node.name.clone());
        let probe = ProbeKind::NameResolution;
        steps.push(Step::Probe { cluster: cluster.clone(), node: node.clone(), probe, must_pass: false });
        if one.node.schedulable {
            steps.push(Step::Cordon { cluster: cluster.clone(), node: node.clone() });
        }
        if one.serving {
            steps.push(Step::Drain { cluster: cluster.clone(), node: node.clone(), policy: Policy::Budgets });
        }
        steps.push(reboot(meant, one));
        steps.push(await_boot(scene, meant, one));
        steps.push(Step::Probe { cluster: cluster.clone(), node: node.clone(), probe, must_pass: true });
        steps.extend(uncordon(scene, meant, one));
    }
    steps
}

/// What does not serve goes together, in batches; what serves, one after the other.
fn rolling(scene: &Scene<'_>, meant: &Meant<'_>, nodes: &[One<'_>]) -> Vec<Step> {
    let dead = nodes.iter().take_while(|one| !one.serving).count();
    let (dead, serving) = nodes.split_at(dead);
    let mut steps = together(scene, meant, dead, scene.fleet.limits.emergency_batch);
    steps.extend(one_after_the_other(scene, meant, serving));
    steps
}

/// The canary first; then batches without drain; nodes that serve last, one after the other.
fn emergency(scene: &Scene<'_>, meant: &Meant<'_>, nodes: &[One<'_>]) -> Vec<Step> {
    let (canary, rest) = nodes.split_at(1);
    let dead = rest.iter().take_while(|one| !one.serving).count();
    let (dead, serving) = rest.split_at(dead);
    let mut steps = together(scene, meant, canary, 1);
    for one in canary {
        let (cluster, node) = (meant.cluster.name.clone(), one.node.name.clone());
        steps.push(Step::Probe { cluster, node, probe: ProbeKind::NameResolution, must_pass: true });
    }
    steps.extend(together(scene, meant, dead, scene.fleet.limits.emergency_batch));
    steps.extend(together(scene, meant, serving, 1));
    steps
}

fn together(scene: &Scene<'_>, meant: &Meant<'_>, nodes: &[One<'_>], at_once: u32) -> Vec<Step> {
    let mut steps = Vec::new();
    for batch in nodes.chunks(usize::try_from(at_once.max(1)).unwrap_or(1)) {
        steps.extend(batch.iter().map(|one| reboot(meant, one)));
        steps.extend(batch.iter().map(|one| await_boot(scene, meant, one)));
        steps.extend(batch.iter().filter_map(|one| uncordon(scene, meant, one)));
    }
    steps
}

fn reboot(meant: &Meant<'_>, one: &One<'_>) -> Step {
    Step::Reboot {
        cluster: meant.cluster.name.clone(),
        node: one.node.name.clone(),
        cloud: meant.cluster.cloud.clone(),
        instance: one.instance.clone(),
    }
}

fn await_boot(scene: &Scene<'_>, meant: &Meant<'_>, one: &One<'_>) -> Step {
    Step::AwaitBoot {
        cluster: meant.cluster.name.clone(),
        node: one.node.name.clone(),
        before: one.node.boot_id.clone(),
        stable_s: scene.fleet.limits.stable_s,
    }
}

/// Only where we cordoned: this plan, or an earlier one of ours that left it so.
fn uncordon(scene: &Scene<'_>, meant: &Meant<'_>, one: &One<'_>) -> Option<Step> {
    let always = !one.node.schedulable && ours(scene, one.node);
    let (cluster, node) = (meant.cluster.name.clone(), one.node.name.clone());
    (one.node.schedulable || always).then_some(Step::Uncordon { cluster, node, always })
}
