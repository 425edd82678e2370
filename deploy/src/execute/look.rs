//! Whether a step is done, from facts alone.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use lifeboat_commands::facts::{InstanceState, Inventory, Matched, Node, PodClass, ProbeResult, Ready};
use lifeboat_commands::preflight;
use lifeboat_storage::event::Time;
use lifeboat_storage::id::{BootId, ClusterName, InstanceId, NodeName, TrafficName};
use lifeboat_storage::plan::run::Progress;
use lifeboat_storage::plan::{FailedBy, ProbeKind, Proof, Rung, Step, StepResult, Weight};

use super::gate::is_spread;
use super::{Memory, View, proven_nodes, proves_gain};

/// A boot that was asked for shows within this time; a node that is well after it was never booted. A call that is
/// given up may still arrive for some seconds, and a node may look well for most of a minute after it went down.
const BOOT_SHOWS: TimeDelta = TimeDelta::seconds(120);
/// A node that is Ready so long and still fails a probe will not mend itself.
const WONT_MEND: TimeDelta = TimeDelta::seconds(120);

/// How a step stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Seen {
    /// Done, seen.
    Done(StepResult),
    /// It cannot be done.
    Failed(FailedBy),
    /// For sure not done: it may be done again.
    NotDone,
    /// Not seen yet.
    NotYet,
}

/// Looks at a step; `doubt` is since when nobody knows how it stands.
pub(super) fn at(
    view: &View<'_>,
    index: u32,
    step: &Step,
    progress: &Progress,
    doubt: Option<Time>,
    memory: &Memory,
) -> Seen {
    let since = memory.since.unwrap_or(view.now);
    match step {
        Step::Reboot { cluster, node, .. } => {
            doubt.map_or(Seen::NotYet, |since| rebooted(view, cluster, node, progress, since))
        }
        Step::AwaitBoot { cluster, node, before, stable_s } => {
            booted(view, index, cluster, node, before.as_ref(), *stable_s)
        }
        Step::Join { slot, cluster, cloud, .. } => joined(view, *slot, cluster, cloud),
        Step::Admit { slot, cluster } => admitted(view, *slot, cluster, memory),
        Step::Shift { traffic, weights } => {
            doubt.map_or(Seen::NotYet, |since| shifted(view, traffic, weights, since))
        }
        Step::Preflight { cluster } => {
            let red = preflight::check(cluster, view.facts, view.fleet, view.now);
            if red.is_empty() {
                return Seen::Done(StepResult::Plain);
            }
            Seen::Failed(FailedBy::Preflight { items: red.into_keys().collect() })
        }
        Step::Hold { seconds, .. } => held(view, *seconds, since, memory),
        Step::Prove { proof, nodes, cluster } => proven(view, proof, nodes, cluster, since),
        _ => Seen::NotYet,
    }
}

/// At the end of a step's time: what came of it although some answers never did. Only starting machines is so.
pub(super) fn what_came(view: &View<'_>, step: &Step, doubt: Option<Time>) -> Option<StepResult> {
    let Step::Obtain { cloud, rung: Rung::Start { instances }, .. } = step else { return None };
    let facts = view.facts.clouds.get(cloud).filter(|facts| facts.as_of > doubt)?;
    let is_on = |id: &&InstanceId| {
        let state = facts.instances.get(*id).map(|one| one.state);
        matches!(state, Some(InstanceState::Starting | InstanceState::Running))
    };
    let instances: Vec<InstanceId> = instances.iter().filter(is_on).cloned().collect();
    (!instances.is_empty()).then(|| StepResult::Gained { instances, refused: BTreeMap::new() })
}

fn node<'a>(view: &View<'a>, cluster: &ClusterName, node: &NodeName) -> Option<&'a Node> {
    view.facts.clusters.get(cluster)?.nodes.get(node)
}

/// The boot id of a node when the plan was made.
pub(super) fn boot_before<'a>(view: &View<'a>, name: &NodeName) -> Option<&'a BootId> {
    view.run.plan.steps.iter().find_map(|step| match step {
        Step::AwaitBoot { node, before, .. } if node == name => before.as_ref(),
        _ => None,
    })
}

/// Nobody knows whether the boot was asked for: the boot id tells. Without one nobody ever will.
fn rebooted(
    view: &View<'_>,
    cluster: &ClusterName,
    name: &NodeName,
    progress: &Progress,
    since: Time,
) -> Seen {
    let fresh = view.facts.clusters.get(cluster).and_then(|seen| seen.as_of).filter(|at| *at > since);
    let (Some(as_of), Some(node)) = (fresh, node(view, cluster, name)) else { return Seen::NotYet };
    let (Some(before), Some(boot)) = (boot_before(view, name), &node.boot_id) else { return Seen::NotYet };
    if boot != before {
        return Seen::Done(StepResult::Plain);
    }
    let untouched = node.ready == Ready::Yes && node.ready_since < progress.tried_at;
    if untouched && as_of > since + BOOT_SHOWS { Seen::NotDone } else { Seen::NotYet }
}

/// A new boot, Ready and stable when last looked at, and no probe fails since. A probe that cannot be made says nothing
/// about the node.
fn booted(
    view: &View<'_>,
    index: u32,
    cluster: &ClusterName,
    name: &NodeName,
    before: Option<&BootId>,
    stable_s: u32,
) -> Seen {
    let Some(node) = node(view, cluster, name).filter(|node| node.ready == Ready::Yes) else {
        return Seen::NotYet;
    };
    let new = match before {
        Some(before) => node.boot_id.as_ref().filter(|boot| *boot != before),
        None => node.boot_id.as_ref().filter(|_| came_back(view, index, name, node)),
    };
    let (Some(boot), Some(ready_for)) = (new, ready_for(view, cluster, node)) else { return Seen::NotYet };
    if let Some(failed) = failing(view, cluster, node).filter(|_| ready_for >= WONT_MEND) {
        return Seen::Failed(failed);
    }
    let made = |probe: &ProbeKind| {
        probed(view, cluster, node, *probe).is_some_and(|result| !matches!(result, ProbeResult::Fail(_)))
    };
    let stable = ready_for.num_seconds() >= i64::from(stable_s);
    let well = stable && ProbeKind::ALL.iter().all(made);
    if well { Seen::Done(StepResult::Booted { boot: boot.clone() }) } else { Seen::NotYet }
}

/// Its boot id was not known before: it has become Ready after the boot was asked for.
fn came_back(view: &View<'_>, index: u32, name: &NodeName, node: &Node) -> bool {
    let steps = view.run.plan.steps.iter().zip(0_u32..).take_while(|(_, at)| *at < index);
    let asked = steps.filter_map(|(step, at)| match step {
        Step::Reboot { node, .. } if node == name => view.run.steps.get(&at),
        _ => None,
    });
    asked.last().is_some_and(|asked| node.ready_since > asked.tried_at)
}

/// How long a node had been Ready when it was last looked at.
fn ready_for(view: &View<'_>, cluster: &ClusterName, node: &Node) -> Option<TimeDelta> {
    let as_of = view.facts.clusters.get(cluster)?.as_of?;
    (node.ready == Ready::Yes).then(|| as_of - node.ready_since)
}

/// A probe that failed since the node became Ready.
fn failing(view: &View<'_>, cluster: &ClusterName, node: &Node) -> Option<FailedBy> {
    ProbeKind::ALL.into_iter().find_map(|probe| match probed(view, cluster, node, probe) {
        Some(ProbeResult::Fail(evidence)) => Some(FailedBy::Probe { probe, evidence: evidence.clone() }),
        _ => None,
    })
}

fn shifted(view: &View<'_>, traffic: &TrafficName, weights: &[Weight], since: Time) -> Seen {
    let facts = view.facts.traffic.get(traffic).filter(|facts| facts.as_of.is_some_and(|at| at > since));
    match facts {
        None => Seen::NotYet,
        Some(facts) if is_spread(&facts.weights, weights) => {
            Seen::Done(StepResult::WeightsWere { before: Vec::new(), share: None })
        }
        Some(_) => Seen::NotDone,
    }
}

/// The gained machine is a node that takes no pods.
fn joined(
    view: &View<'_>,
    slot: u32,
    cluster: &ClusterName,
    cloud: &lifeboat_storage::id::CloudName,
) -> Seen {
    let gained = usize::try_from(slot).ok().and_then(|slot| view.run.gained.get(slot));
    let (Some(instance), Some(cloud)) = (gained, view.facts.clouds.get(cloud)) else { return Seen::NotYet };
    let Some(seen) = view.facts.clusters.get(cluster) else { return Seen::NotYet };
    let node = seen.workers().find(|node| cloud.machine_of(node) == Matched::One(instance.clone()));
    match node {
        Some(node) if !node.schedulable => Seen::Done(StepResult::Joined { slot, node: node.name.clone() }),
        _ => Seen::NotYet,
    }
}

/// Ready and stable, and every probe passed since.
pub(super) fn may_be_admitted(view: &View<'_>, cluster: &ClusterName, name: &NodeName) -> bool {
    let Some(node) = node(view, cluster, name) else { return false };
    let Some(ready_for) = ready_for(view, cluster, node) else { return false };
    ready_for.num_seconds() >= i64::from(view.fleet.limits.stable_s)
        && ProbeKind::ALL.iter().all(|probe| probed(view, cluster, node, *probe) == Some(&ProbeResult::Pass))
}

/// A probe made after the node became Ready.
fn probed<'a>(
    view: &View<'a>,
    cluster: &ClusterName,
    node: &Node,
    probe: ProbeKind,
) -> Option<&'a ProbeResult> {
    let fact = view.facts.probes.get(&(cluster.clone(), node.name.clone(), probe))?;
    (fact.as_of > node.ready_since).then_some(&fact.result)
}

fn admitted(view: &View<'_>, slot: u32, cluster: &ClusterName, memory: &Memory) -> Seen {
    let Some(node) = view.run.joined.get(&slot).and_then(|name| node(view, cluster, name)) else {
        return Seen::NotYet;
    };
    if node.schedulable && (memory.called || memory.attempt.is_none()) {
        return Seen::Done(StepResult::SchedulableWas { before: false });
    }
    let wont_mend = ready_for(view, cluster, node).is_some_and(|ready_for| ready_for >= WONT_MEND);
    failing(view, cluster, node).filter(|_| wont_mend).map_or(Seen::NotYet, Seen::Failed)
}

fn is_ready(seen: &Inventory, name: &NodeName) -> bool {
    seen.nodes.get(name).is_some_and(|node| node.ready == Ready::Yes)
}

/// Name resolution was looked at there since, and the answer was yes or no.
fn answers(view: &View<'_>, cluster: &ClusterName, name: &NodeName, since: Time) -> bool {
    let fact = view.facts.probes.get(&(cluster.clone(), name.clone(), ProbeKind::NameResolution));
    fact.is_some_and(|fact| fact.as_of > since && !matches!(fact.result, ProbeResult::Unknown(_)))
}

fn held(view: &View<'_>, seconds: u32, since: Time, memory: &Memory) -> Seen {
    let share = (view.share)(&view.run.plan.service).unwrap_or_default();
    let over = (view.now - since).num_seconds() >= i64::from(seconds);
    if memory.going_back.is_none() && over { Seen::Done(StepResult::Held { share }) } else { Seen::NotYet }
}

fn proven(view: &View<'_>, proof: &Proof, named: &[NodeName], cluster: &ClusterName, since: Time) -> Seen {
    let fresh = view.facts.clusters.get(cluster).filter(|seen| seen.as_of.is_some_and(|at| at > since));
    let Some(seen) = fresh else { return Seen::NotYet };
    let share = (view.share)(&view.run.plan.service);
    let done = || shown(view, []);
    match proof {
        Proof::Serving { .. } if proves_gain(proof) => gain(view, named, seen),
        Proof::Serving { at_least, .. } => serves(view, named, seen, *at_least),
        Proof::Traffic { traffic, at_most_permille } => {
            let all = Weight { cluster: cluster.clone(), percent: 100 };
            let facts =
                view.facts.traffic.get(traffic).filter(|facts| facts.as_of.is_some_and(|at| at > since));
            let moved = facts.is_some_and(|facts| facts.weights.contains(&all));
            let few =
                share.is_none_or(|share| share.bad * 1_000 <= share.total * u64::from(*at_most_permille));
            let serving = seen.serving(&view.run.plan.service);
            if moved && few && !serving.is_empty() { shown(view, serving) } else { Seen::NotYet }
        }
        Proof::Gone if named.iter().all(|name| !seen.nodes.contains_key(name)) => done(),
        Proof::Schedulable { want } => {
            let so = |name: &NodeName| seen.nodes.get(name).is_some_and(|node| node.schedulable == *want);
            if named.iter().all(so) { done() } else { Seen::NotYet }
        }
        Proof::Empty => {
            let ordinary = seen.pods.values().filter(|pod| pod.class == PodClass::Ordinary);
            let left =
                ordinary.filter(|pod| pod.node.as_ref().is_some_and(|node| named.contains(node))).count();
            if left == 0 { done() } else { Seen::NotYet }
        }
        Proof::Booted if named.iter().all(|name| is_ready(seen, name)) => done(),
        Proof::CanaryAnswers if named.iter().all(|name| answers(view, cluster, name, since)) => done(),
        Proof::Gone | Proof::Booted | Proof::CanaryAnswers => Seen::NotYet,
    }
}

/// It is proven: these serve.
fn shown(view: &View<'_>, serving: impl IntoIterator<Item = NodeName>) -> Seen {
    shown_with(view, serving.into_iter().collect(), Vec::new())
}

/// It is proven: these serve, those are Ready and nothing is left for them to carry.
fn shown_with(view: &View<'_>, serving: Vec<NodeName>, idle: Vec<NodeName>) -> Seen {
    let share = (view.share)(&view.run.plan.service);
    Seen::Done(StepResult::Proven { serving, idle, share })
}

/// All that was gained serves, or is Ready while nothing is left for it to carry.
fn gain(view: &View<'_>, named: &[NodeName], seen: &Inventory) -> Seen {
    let serving = seen.serving(&view.run.plan.service);
    let admitted = proven_nodes(view, named);
    if admitted.is_empty() {
        return Seen::Failed(FailedBy::NotFound);
    }
    let (serve, idle): (Vec<_>, Vec<_>) = admitted.into_iter().partition(|node| serving.contains(node));
    let spared = seen.wants_no_more(&view.run.plan.service) && idle.iter().all(|node| is_ready(seen, node));
    let is_shown = idle.is_empty() || spared;
    if is_shown { shown_with(view, serve, idle) } else { Seen::NotYet }
}

/// So many serve; or, since others may fail meanwhile, what this plan was about does.
fn serves(view: &View<'_>, named: &[NodeName], seen: &Inventory, at_least: u32) -> Seen {
    let serving = seen.serving(&view.run.plan.service);
    let enough = u32::try_from(serving.len()).unwrap_or(u32::MAX) >= at_least;
    let all_named = !named.is_empty() && named.iter().all(|node| serving.contains(node));
    let is_shown = enough || all_named || seen.wants_no_more(&view.run.plan.service);
    if is_shown { shown(view, serving) } else { Seen::NotYet }
}
