//! `/node reboot`: in place, never by giving a machine back.

use lifeboat_storage::id::{InstanceId, NodeName};
use lifeboat_storage::plan::run::Run;
use lifeboat_storage::plan::{Cost, Plan, Policy, ProbeKind, Proof, RebootMode, Step, Undo, Verb};

use super::target::{self, Meant};
use super::{Draft, count, finish, free};
use crate::facts::{Node, ProbeResult};
use crate::guard;
use crate::refusal::{FleetRefusal, Refusal};
use crate::verb::Scene;

/// A boot and the time it must stay Ready, in seconds: an estimate.
const ONE_BOOT_S: u32 = 150;

/// A node and its machine.
struct One<'a> {
    node: &'a Node,
    instance: InstanceId,
    /// The watched service is served from there.
    serving: bool,
    /// Ordinary pods of any service are Ready there: they leave before a careful boot.
    busy: bool,
}

/// Plans a reboot.
///
/// # Errors
/// [`FleetRefusal`]: no such node, unclear machine, switched off, held out, last serving node, not down, locked,
/// frozen, facts too old.
pub fn plan(scene: &Scene<'_>, typed: &str, mode: RebootMode, over: Option<String>) -> Result<Plan, Refusal> {
    let meant = target::meant(scene, typed)?;
    free(scene, &meant.cluster.name, over.as_ref())?;
    target::are_on(scene, &meant)?;
    let mut all = machines(scene, &meant)?;
    // What serves comes last, what is busy with something else before it. What is in quarantine is left to the very
    // end: nothing sick is left then to hand its failure on to a node that is let in.
    all.sort_by_key(|one| {
        let waits = mode != RebootMode::Canary && !one.node.schedulable;
        (waits, one.serving, one.busy, !one.node.schedulable, one.node.name.clone())
    });
    if mode == RebootMode::Canary {
        all.truncate(1);
    }
    may_go(scene, &meant, &all, mode)?;
    let mut steps = match mode {
        RebootMode::Canary => one_after_the_other(scene, &meant, &all.iter().collect::<Vec<_>>()),
        RebootMode::Rolling => rolling(scene, &meant, &all),
        RebootMode::Emergency => emergency(scene, &meant, &all),
    };
    steps.push(proof(scene, &meant, &all, mode));
    let draft = Draft {
        verb: Verb::NodeReboot { mode },
        other: None,
        expected_s: rounds(&steps) * ONE_BOOT_S,
        steps,
        targets: all.iter().map(|one| target::target(&meant, one.node, Some(one.instance.clone()))).collect(),
        least: (mode == RebootMode::Emergency).then_some(0),
        cost: Cost::Nothing,
        undo: Undo::NotNeeded,
        over,
    };
    finish(scene, meant.cluster, draft)
}

/// The nodes with their machines; every one of them must be clear.
fn machines<'a>(scene: &Scene<'_>, meant: &Meant<'a>) -> Result<Vec<One<'a>>, Refusal> {
    let serving = meant.seen.serving(&meant.cluster.service);
    let busy = meant.seen.busy();
    let one = |node: &&'a Node| {
        let instance = target::machine(scene, meant.cluster, node)?;
        let (serving, busy) = (serving.contains(&node.name), busy.contains(&node.name));
        Ok(One { node, instance, serving, busy })
    };
    meant.nodes.iter().map(one).collect()
}

/// What forbids it, beyond the guard-rails of every plan.
fn may_go(scene: &Scene<'_>, meant: &Meant<'_>, all: &[One<'_>], mode: RebootMode) -> Result<(), Refusal> {
    let cluster = meant.cluster;
    let held: Vec<NodeName> = all
        .iter()
        .filter(|one| one.serving && !will_take_pods(scene, meant, one.node))
        .map(|one| one.node.name.clone())
        .collect();
    if !held.is_empty() {
        return Err(FleetRefusal::HeldOut { nodes: held }.into());
    }
    let serving = count(meant.seen.serving(&cluster.service).len());
    match mode {
        RebootMode::Emergency if !is_down(scene, meant) => {
            Err(FleetRefusal::NotDown { serving, wanted: cluster.wanted }.into())
        }
        RebootMode::Canary | RebootMode::Rolling if serving == 1 && all.iter().any(|one| one.serving) => {
            Err(FleetRefusal::LastServing { cluster: cluster.name.clone() }.into())
        }
        _ => Ok(()),
    }
}

/// That more serve than before where what was booted may serve; else that it is up.
fn proof(scene: &Scene<'_>, meant: &Meant<'_>, all: &[One<'_>], mode: RebootMode) -> Step {
    let was = count(meant.seen.serving(&meant.cluster.service).len());
    let dead = count(all.iter().filter(|one| !one.serving && will_take_pods(scene, meant, one.node)).count());
    let at_least = match mode {
        RebootMode::Emergency => was.max(dead.div_ceil(2)),
        _ if dead > 0 => was + 1,
        _ => was,
    };
    let at_least = at_least.min(meant.cluster.wanted.max(was));
    let cluster = meant.cluster.name.clone();
    let proof = match at_least {
        0 => Proof::Booted,
        _ => Proof::Serving { cluster: cluster.clone(), at_least },
    };
    Step::Prove { proof, nodes: all.iter().map(|one| one.node.name.clone()).collect(), cluster }
}

/// Boots that are waited for one after the other.
fn rounds(steps: &[Step]) -> u32 {
    let boots = |step: &Step| matches!(step, Step::Reboot { .. });
    let begins = |pair: &[Step]| matches!(pair, [before, now] if boots(now) && !boots(before));
    let first = steps.first().is_some_and(boots);
    count(steps.windows(2).filter(|pair| begins(pair)).count()) + u32::from(first)
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
fn will_take_pods(scene: &Scene<'_>, meant: &Meant<'_>, node: &Node) -> bool {
    node.schedulable || ours(scene, meant, node)
}

/// A plan of ours cordoned it and has not taken that back.
fn ours(scene: &Scene<'_>, meant: &Meant<'_>, node: &Node) -> bool {
    let here = |run: &Run| run.is_about(&meant.cluster.name) && run.cordoned.contains(&node.name);
    scene.state.plans.values().any(here)
}

/// What is looked at before and after: what fails there now, else whether names resolve.
fn probe_of(scene: &Scene<'_>, meant: &Meant<'_>, node: &Node) -> ProbeKind {
    let fails = |probe: &ProbeKind| {
        let fact = scene.facts.probes.get(&(meant.cluster.name.clone(), node.name.clone(), *probe));
        fact.is_some_and(|fact| matches!(fact.result, ProbeResult::Fail(_)))
    };
    ProbeKind::ALL.into_iter().find(fails).unwrap_or(ProbeKind::NameResolution)
}

fn look(scene: &Scene<'_>, meant: &Meant<'_>, one: &One<'_>, must_pass: bool) -> Step {
    let (cluster, node) = (meant.cluster.name.clone(), one.node.name.clone());
    Step::Probe { cluster, node, probe: probe_of(scene, meant, one.node), must_pass }
}

fn one_after_the_other(scene: &Scene<'_>, meant: &Meant<'_>, nodes: &[&One<'_>]) -> Vec<Step> {
    let mut steps = Vec::new();
    for one in nodes {
        let (cluster, node) = (meant.cluster.name.clone(), one.node.name.clone());
        steps.push(look(scene, meant, one, false));
        if one.node.schedulable {
            steps.push(Step::Cordon { cluster: cluster.clone(), node: node.clone() });
        }
        if one.busy {
            steps.push(Step::Drain { cluster, node, policy: Policy::Budgets });
        }
        steps.push(reboot(meant, one));
        steps.push(await_boot(scene, meant, one));
        steps.push(look(scene, meant, one, true));
        steps.extend(uncordon(scene, meant, one));
    }
    steps
}

/// What carries nothing goes together, within the share allowed; what carries pods, drained, one after the other; then
/// what is in quarantine.
fn rolling(scene: &Scene<'_>, meant: &Meant<'_>, nodes: &[One<'_>]) -> Vec<Step> {
    let limits = &scene.fleet.limits;
    let at_once = guard::share_of(meant.cluster.wanted, limits).min(limits.emergency_batch.max(1));
    let (open, quarantined): (Vec<&One<'_>>, Vec<&One<'_>>) =
        nodes.iter().partition(|one| one.node.schedulable);
    let mut steps = Vec::new();
    for nodes in [open, quarantined] {
        let (busy, idle): (Vec<&One<'_>>, Vec<&One<'_>>) = nodes.into_iter().partition(|one| one.busy);
        steps.extend(together(scene, meant, &idle, at_once));
        steps.extend(one_after_the_other(scene, meant, &busy));
    }
    steps
}

/// The canary first; then batches without drain; nodes that serve last, one after the other; after them what is in
/// quarantine and serves nobody yet.
fn emergency(scene: &Scene<'_>, meant: &Meant<'_>, nodes: &[One<'_>]) -> Vec<Step> {
    let nodes: Vec<&One<'_>> = nodes.iter().collect();
    let (canary, rest) = nodes.split_at(1);
    let (open, quarantined): (Vec<&One<'_>>, Vec<&One<'_>>) =
        rest.iter().partition(|one| one.node.schedulable);
    let mut steps = Vec::new();
    for one in canary {
        steps.extend([reboot(meant, one), await_boot(scene, meant, one), look(scene, meant, one, true)]);
        steps.extend(uncordon(scene, meant, one));
    }
    for nodes in [open, quarantined] {
        let (serving, dead): (Vec<&One<'_>>, Vec<&One<'_>>) = nodes.into_iter().partition(|one| one.serving);
        steps.extend(together(scene, meant, &dead, scene.fleet.limits.emergency_batch));
        steps.extend(together(scene, meant, &serving, 1));
    }
    steps
}

fn together(scene: &Scene<'_>, meant: &Meant<'_>, nodes: &[&One<'_>], at_once: u32) -> Vec<Step> {
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
    let always = !one.node.schedulable && ours(scene, meant, one.node);
    let (cluster, node) = (meant.cluster.name.clone(), one.node.name.clone());
    (one.node.schedulable || always).then_some(Step::Uncordon { cluster, node, always })
}
