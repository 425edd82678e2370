//! Which nodes are meant, and which machines they are.

use std::collections::BTreeSet;

use lifeboat_storage::id::{ClusterName, InstanceId, NodeName};
use lifeboat_storage::plan::{ProbeKind, Target};

use super::{cut, inventory};
use crate::facts::{
    Facts, InstanceState, Inventory, Matched, Node, NodeRole, Pod, PodState, ProbeResult, Ready,
};
use crate::fleet::{Cluster, Fleet};
use crate::refusal::{FleetRefusal, Named, Refusal};
use crate::verb::Scene;

/// Targets that are no names.
pub const GROUPS: [&str; 2] = ["failing", "all"];

/// Nodes of one cluster.
pub struct Meant<'a> {
    /// Their cluster.
    pub cluster: &'a Cluster,
    /// What is seen of it.
    pub seen: &'a Inventory,
    /// The nodes, by name.
    pub nodes: Vec<&'a Node>,
}

impl<'a> Meant<'a> {
    /// Of these, the ones where something is left to do.
    ///
    /// # Errors
    /// [`FleetRefusal::AlreadySo`] when there is none.
    pub fn only(mut self, left: impl Fn(&Node) -> bool) -> Result<Self, Refusal> {
        let all: Vec<NodeName> = self.nodes.iter().map(|node| node.name.clone()).collect();
        self.nodes.retain(|node| left(node));
        if self.nodes.is_empty() {
            return Err(FleetRefusal::AlreadySo { nodes: all }.into());
        }
        Ok(self)
    }
}

/// Not every node that serves is among them.
///
/// # Errors
/// [`FleetRefusal::LastServing`].
pub fn spares_one(meant: &Meant<'_>) -> Result<(), Refusal> {
    let serving = meant.seen.serving(&meant.cluster.service);
    let taken = |name: &NodeName| meant.nodes.iter().any(|node| node.name == *name);
    if !serving.is_empty() && serving.iter().all(taken) {
        return Err(FleetRefusal::LastServing { cluster: meant.cluster.name.clone() }.into());
    }
    Ok(())
}

/// Reads a target: names with commas between, `all`, `failing`, `pool:NAME`. All nodes are workers of one cluster.
/// A name that several clusters have is told from the others as `cluster/name`.
///
/// # Errors
/// [`FleetRefusal::NoSuch`], [`FleetRefusal::SeveralSuch`], [`FleetRefusal::ControlPlane`],
/// [`FleetRefusal::NoTarget`], [`FleetRefusal::FactsOld`].
pub fn meant<'a>(scene: &Scene<'a>, typed: &str) -> Result<Meant<'a>, Refusal> {
    if scene.fleet.clusters.is_empty() {
        return Err(FleetRefusal::NothingConfigured.into());
    }
    if let Some(pool) = typed.strip_prefix("pool:") {
        return of_pool(scene, pool);
    }
    if GROUPS.contains(&typed) {
        return of_group(scene, typed);
    }
    let names: BTreeSet<&str> = typed.split([',', ' ', '，', '、']).filter(|name| !name.is_empty()).collect();
    let mut found: Option<Meant<'a>> = None;
    for name in names {
        let (cluster, seen, node) = find(scene, name)?;
        let here = found.get_or_insert(Meant { cluster, seen, nodes: Vec::new() });
        if here.cluster.name != cluster.name {
            return Err(FleetRefusal::NoTarget { typed: cut(typed) }.into());
        }
        if !here.nodes.iter().any(|other| other.name == node.name) {
            here.nodes.push(node);
        }
    }
    found.ok_or_else(|| FleetRefusal::NoTarget { typed: cut(typed) }.into())
}

/// How a node is typed so that it means this one: its name, with its cluster where the name alone is not clear.
#[must_use]
pub fn address(fleet: &Fleet, facts: &Facts, cluster: &ClusterName, node: &NodeName) -> String {
    let has = |of: &&Cluster| facts.clusters.get(&of.name).is_some_and(|seen| seen.nodes.contains_key(node));
    let several = fleet.clusters.iter().filter(has).count() > 1;
    if several || GROUPS.contains(&node.as_str()) { format!("{cluster}/{node}") } else { node.to_string() }
}

/// Everywhere a name is known.
type Place<'a> = (&'a Cluster, &'a Node);

fn find<'a>(scene: &Scene<'a>, typed: &str) -> Result<(&'a Cluster, &'a Inventory, &'a Node), Refusal> {
    let (within, name) = match typed.split_once('/') {
        Some((cluster, name)) => (Some(cluster), NodeName::new(name)),
        None => (None, NodeName::new(typed)),
    };
    let clusters =
        scene.fleet.clusters.iter().filter(|cluster| within.is_none_or(|name| cluster.name.as_str() == name));
    let node =
        |cluster: &'a Cluster| Some((cluster, scene.facts.clusters.get(&cluster.name)?.nodes.get(&name)?));
    let places: Vec<Place<'a>> = clusters.filter_map(node).collect();
    match places.as_slice() {
        [(_, node)] if node.role == NodeRole::ControlPlane => {
            Err(FleetRefusal::ControlPlane { node: name }.into())
        }
        [(cluster, node)] => Ok((cluster, inventory(scene, &cluster.name)?, node)),
        [] => {
            let workers = scene.facts.clusters.values().flat_map(Inventory::workers);
            let known = workers.map(|node| node.name.to_string()).collect();
            Err(FleetRefusal::NoSuch { what: Named::Node, typed: cut(typed), known }.into())
        }
        several => {
            let clusters = several.iter().map(|(cluster, _)| cluster.name.clone()).collect();
            Err(FleetRefusal::SeveralSuch { typed: cut(typed), clusters }.into())
        }
    }
}

/// Groups are of the cluster that carries traffic now.
fn of_group<'a>(scene: &Scene<'a>, typed: &str) -> Result<Meant<'a>, Refusal> {
    let cluster = active(scene).ok_or(FleetRefusal::NothingConfigured)?;
    let seen = inventory(scene, &cluster.name)?;
    let nodes: Vec<&Node> = seen
        .workers()
        .filter(|node| is_on(scene, cluster, node))
        .filter(|node| typed == "all" || is_failing(scene.facts, &cluster.name, node))
        .collect();
    if nodes.is_empty() {
        return Err(FleetRefusal::NoTarget { typed: cut(typed) }.into());
    }
    Ok(Meant { cluster, seen, nodes })
}

fn of_pool<'a>(scene: &Scene<'a>, name: &str) -> Result<Meant<'a>, Refusal> {
    let pool = scene.fleet.pools.iter().find(|pool| pool.name.as_str() == name).ok_or_else(|| {
        let known = scene.fleet.pools.iter().map(|pool| pool.name.to_string()).collect();
        Refusal::from(FleetRefusal::NoSuch { what: Named::Pool, typed: cut(name), known })
    })?;
    let cluster = super::cluster(scene, pool.cluster.as_str())?;
    let seen = inventory(scene, &cluster.name)?;
    let of_pool = |node: &&Node| machine(scene, cluster, node).is_ok_and(|id| pool.members.contains(&id));
    let nodes: Vec<&Node> =
        seen.workers().filter(of_pool).filter(|node| is_on(scene, cluster, node)).collect();
    if nodes.is_empty() {
        return Err(FleetRefusal::NoTarget { typed: cut(name) }.into());
    }
    Ok(Meant { cluster, seen, nodes })
}

/// The cluster that gets most of the traffic; without a traffic entry, the first.
#[must_use]
pub fn active<'a>(scene: &Scene<'a>) -> Option<&'a Cluster> {
    active_in(scene.fleet, scene.facts)
}

/// The same, of a fleet and what is seen of it.
#[must_use]
pub fn active_in<'a>(fleet: &'a Fleet, facts: &Facts) -> Option<&'a Cluster> {
    let percent = |cluster: &Cluster| {
        let facts = cluster.traffic.as_ref().and_then(|name| facts.traffic.get(name));
        let weight =
            facts.and_then(|facts| facts.weights.iter().find(|weight| weight.cluster == cluster.name));
        weight.map_or(0, |weight| weight.percent)
    };
    let clusters = fleet.clusters.iter().enumerate();
    clusters
        .max_by_key(|(at, cluster)| (percent(cluster), std::cmp::Reverse(*at)))
        .map(|(_, cluster)| cluster)
}

/// Its machine is not switched off.
fn is_on(scene: &Scene<'_>, cluster: &Cluster, node: &Node) -> bool {
    node.ready == Ready::Yes
        || state(scene, cluster, node).is_none_or(|state| state == InstanceState::Running)
}

/// Its machine is off: so its cloud says, and the cluster does not hear from the node.
#[must_use]
pub fn is_off(scene: &Scene<'_>, cluster: &Cluster, node: &Node) -> bool {
    node.ready != Ready::Yes && state(scene, cluster, node) == Some(InstanceState::Stopped)
}

/// No machine of theirs is off: what is off can neither boot again nor leave its cluster from inside.
///
/// # Errors
/// [`FleetRefusal::SwitchedOff`].
pub fn are_on(scene: &Scene<'_>, meant: &Meant<'_>) -> Result<(), Refusal> {
    let off = meant.nodes.iter().filter(|node| is_off(scene, meant.cluster, node));
    let nodes: Vec<NodeName> = off.map(|node| node.name.clone()).collect();
    if nodes.is_empty() { Ok(()) } else { Err(FleetRefusal::SwitchedOff { nodes }.into()) }
}

/// How its machine stands, where it is clear which one that is.
fn state(scene: &Scene<'_>, cluster: &Cluster, node: &Node) -> Option<InstanceState> {
    let id = machine(scene, cluster, node).ok()?;
    scene.facts.clouds.get(&cluster.cloud)?.instances.get(&id).map(|instance| instance.state)
}

/// Pods fail to start there, or a probe does, or it is not Ready.
#[must_use]
pub fn is_failing(facts: &Facts, cluster: &ClusterName, node: &Node) -> bool {
    let fails =
        |pod: &Pod| pod.node.as_ref() == Some(&node.name) && matches!(pod.state, PodState::Failing { .. });
    let pod_fails = facts.clusters.get(cluster).is_some_and(|seen| seen.pods.values().any(fails));
    let probe_fails = ProbeKind::ALL.iter().any(|probe| {
        let fact = facts.probes.get(&(cluster.clone(), node.name.clone(), *probe));
        fact.is_some_and(|fact| matches!(fact.result, ProbeResult::Fail(_)))
    });
    pod_fails || probe_fails || node.ready != Ready::Yes
}

/// The machine behind a node.
///
/// # Errors
/// [`FleetRefusal::Unclear`] with the candidates.
pub fn machine(scene: &Scene<'_>, cluster: &Cluster, node: &Node) -> Result<InstanceId, Refusal> {
    let cloud = scene.facts.clouds.get(&cluster.cloud);
    match cloud.map_or(Matched::Unclear(Vec::new()), |cloud| cloud.machine_of(node)) {
        Matched::One(id) => Ok(id),
        Matched::Unclear(candidates) => {
            Err(FleetRefusal::Unclear { node: node.name.clone(), candidates }.into())
        }
    }
}

/// A node as a target of a plan, with the machine where the plan touches it.
#[must_use]
pub fn target(meant: &Meant<'_>, node: &Node, instance: Option<InstanceId>) -> Target {
    Target {
        cluster: meant.cluster.name.clone(),
        node: node.name.clone(),
        identity: instance.as_ref().and(node.identity.provider_id.clone().or(node.identity.serial.clone())),
        instance,
        serving: meant.seen.serving(&meant.cluster.service).contains(&node.name),
    }
}
