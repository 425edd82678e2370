//! Which nodes are meant, and which machines they are.

use std::collections::BTreeSet;

use lifeboat_storage::id::{ClusterName, InstanceId, NodeName};
use lifeboat_storage::plan::{ProbeKind, Target};

use super::{cut, inventory};
use crate::facts::{Inventory, Matched, Node, NodeRole, PodState, ProbeResult, Ready};
use crate::fleet::Cluster;
use crate::refusal::{FleetRefusal, Named, Refusal};
use crate::verb::Scene;

/// Nodes of one cluster.
pub struct Meant<'a> {
    /// Their cluster.
    pub cluster: &'a Cluster,
    /// What is seen of it.
    pub seen: &'a Inventory,
    /// The nodes, by name.
    pub nodes: Vec<&'a Node>,
}

/// Reads a target: names with commas between, `all`, `failing`, `pool:NAME`. All nodes are workers of one cluster.
///
/// # Errors
/// [`FleetRefusal::NoSuch`], [`FleetRefusal::ControlPlane`], [`FleetRefusal::NoTarget`], [`FleetRefusal::FactsOld`].
pub fn meant<'a>(scene: &Scene<'a>, typed: &str) -> Result<Meant<'a>, Refusal> {
    if scene.fleet.clusters.is_empty() {
        return Err(FleetRefusal::NothingConfigured.into());
    }
    if let Some(pool) = typed.strip_prefix("pool:") {
        return of_pool(scene, pool);
    }
    if matches!(typed, "all" | "failing") {
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
        here.nodes.push(node);
    }
    found.ok_or_else(|| FleetRefusal::NoTarget { typed: cut(typed) }.into())
}

fn find<'a>(scene: &Scene<'a>, name: &str) -> Result<(&'a Cluster, &'a Inventory, &'a Node), Refusal> {
    let wanted = NodeName::new(name);
    for cluster in &scene.fleet.clusters {
        let Some(node) = scene.facts.clusters.get(&cluster.name).and_then(|seen| seen.nodes.get(&wanted))
        else {
            continue;
        };
        if node.role == NodeRole::ControlPlane {
            return Err(FleetRefusal::ControlPlane { node: wanted }.into());
        }
        return Ok((cluster, inventory(scene, &cluster.name)?, node));
    }
    let workers = scene.facts.clusters.values().flat_map(Inventory::workers);
    let known = workers.map(|node| node.name.to_string()).collect();
    Err(FleetRefusal::NoSuch { what: Named::Node, typed: cut(name), known }.into())
}

/// Groups are of the cluster that carries traffic now.
fn of_group<'a>(scene: &Scene<'a>, typed: &str) -> Result<Meant<'a>, Refusal> {
    let cluster = active(scene).ok_or(FleetRefusal::NothingConfigured)?;
    let seen = inventory(scene, &cluster.name)?;
    let nodes: Vec<&Node> = seen
        .workers()
        .filter(|node| is_on(scene, cluster, node))
        .filter(|node| typed == "all" || is_failing(scene, &cluster.name, seen, node))
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
    let percent = |cluster: &Cluster| {
        let facts = cluster.traffic.as_ref().and_then(|name| scene.facts.traffic.get(name));
        let weight =
            facts.and_then(|facts| facts.weights.iter().find(|weight| weight.cluster == cluster.name));
        weight.map_or(0, |weight| weight.percent)
    };
    let clusters = scene.fleet.clusters.iter().enumerate();
    clusters
        .max_by_key(|(at, cluster)| (percent(cluster), std::cmp::Reverse(*at)))
        .map(|(_, cluster)| cluster)
}

/// Its machine is not switched off.
fn is_on(scene: &Scene<'_>, cluster: &Cluster, node: &Node) -> bool {
    if node.ready == Ready::Yes {
        return true;
    }
    let cloud = scene.facts.clouds.get(&cluster.cloud);
    let instance = machine(scene, cluster, node).ok().and_then(|id| cloud?.instances.get(&id));
    instance.is_none_or(|instance| instance.state == crate::facts::InstanceState::Running)
}

/// Pods fail to start there, or a probe does, or it is not Ready.
#[must_use]
pub fn is_failing(scene: &Scene<'_>, cluster: &ClusterName, seen: &Inventory, node: &Node) -> bool {
    let pod_fails = seen
        .pods
        .values()
        .any(|pod| pod.node.as_ref() == Some(&node.name) && matches!(pod.state, PodState::Failing { .. }));
    let probe_fails = ProbeKind::ALL.iter().any(|probe| {
        let fact = scene.facts.probes.get(&(cluster.clone(), node.name.clone(), *probe));
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
