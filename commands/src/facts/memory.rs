//! What is remembered of what was seen before: since when a probe fails, what was on a node when it went, which
//! machines appeared. Bounded, pure, and never needed for anything but judging.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use lifeboat_storage::event::Time;
use lifeboat_storage::id::{CloudName, ClusterName, InstanceId, NodeName};
use lifeboat_storage::plan::ProbeKind;

use super::{CloudFacts, Facts, Instance, Inventory, Node, PodClass, ProbeFact, ProbeResult, Ready};
use crate::ports::orchestrator::Fact;

/// Node losses kept; older ones tell nothing about now.
const LOSSES: usize = 64;
/// They are forgotten after so long.
const LOSSES_FOR: TimeDelta = TimeDelta::hours(6);

/// What is remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// The present run of each probe.
    pub runs: BTreeMap<(ClusterName, NodeName, ProbeKind), Run>,
    /// Nodes that went down, oldest first.
    pub losses: Vec<Loss>,
    /// Machines that were not there when a cloud was first read, and when each was first seen.
    pub appeared: BTreeMap<(CloudName, InstanceId), Time>,
}

/// Results of the same kind in a row, on a node that stayed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// It fails.
    pub fails: bool,
    /// Since then.
    pub since: Time,
    /// Since when it had the other result before, on the same boot; none where that was not seen.
    pub before_since: Option<Time>,
    /// When it last went from failing to passing with nobody booting the node.
    pub healed_at: Option<Time>,
}

/// A node that went down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Its cluster.
    pub cluster: ClusterName,
    /// The node.
    pub node: NodeName,
    /// When it was seen to be down.
    pub at: Time,
    /// Workloads that ran there and nowhere else: not those of a watched service.
    pub workloads: BTreeSet<String>,
}

/// The workload a pod or task belongs to, from its name: what its controller added is cut off.
#[must_use]
pub fn workload(pod: &str) -> &str {
    let made = |part: &str| {
        let drawn = part.chars().all(|c| c.is_ascii_digit() || c.is_ascii_lowercase());
        drawn && (part.len() == 5 || part.len() >= 8 && part.contains(|c: char| c.is_ascii_digit()))
    };
    if let Some((task, number)) = pod.rsplit_once('.')
        && number.chars().all(|c| c.is_ascii_digit())
    {
        return task;
    }
    let Some((rest, _)) = pod.rsplit_once('-').filter(|(_, last)| made(last)) else { return pod };
    rest.rsplit_once('-').filter(|(_, last)| last.len() >= 8 && made(last)).map_or(rest, |(name, _)| name)
}

impl Facts {
    /// A probe's answer, asked for at `now`. One that was overtaken by a newer one is no news.
    pub fn probed(
        &mut self,
        (cluster, node, probe): (ClusterName, NodeName, ProbeKind),
        result: ProbeResult,
        now: Time,
    ) {
        let key = (cluster, node, probe);
        if self.probes.get(&key).is_some_and(|known| known.as_of > now) {
            return;
        }
        let fails = match &result {
            ProbeResult::Fail(_) => Some(true),
            ProbeResult::Pass => Some(false),
            ProbeResult::Unknown(_) => None,
        };
        if let Some(fails) = fails {
            let before = self.memory.runs.get(&key).copied();
            let healed = before.is_some_and(|run| run.fails && !fails).then_some(now);
            let same = before.filter(|run| run.fails == fails);
            let since = same.map_or(now, |run| run.since);
            let before_since = same.map_or(before.map(|run| run.since), |run| run.before_since);
            let healed_at = healed.or(before.and_then(|run| run.healed_at));
            self.memory.runs.insert(key.clone(), Run { fails, since, before_since, healed_at });
        }
        self.probes.insert(key, ProbeFact { result, as_of: now });
    }

    /// All machines of a cloud, asked for at `now`, unless newer ones are known.
    pub fn saw_machines(&mut self, cloud: CloudName, machines: Vec<Instance>, now: Time) {
        let known = self.clouds.entry(cloud.clone()).or_default();
        if known.as_of > Some(now) {
            return;
        }
        let CloudFacts { as_of, instances, .. } = known;
        let before = std::mem::take(instances);
        *instances = machines.into_iter().map(|one| (one.id.clone(), one)).collect();
        let first = as_of.replace(now).is_none();
        let ids: BTreeSet<InstanceId> = instances.keys().cloned().collect();
        self.memory.appeared.retain(|(of, id), _| *of != cloud || ids.contains(id));
        for id in ids.into_iter().filter(|id| !first && !before.contains_key(id)) {
            self.memory.appeared.entry((cloud.clone(), id)).or_insert(now);
        }
    }

    /// All of a cluster, read at its `as_of`, unless something newer is known: answers may overtake each other.
    pub fn saw_cluster(&mut self, cluster: ClusterName, inventory: Inventory) {
        if self.clusters.get(&cluster).is_some_and(|known| known.as_of > inventory.as_of) {
            return;
        }
        let at = inventory.as_of.unwrap_or_default();
        for node in inventory.nodes.values() {
            self.watch_node(&cluster, node, at);
        }
        self.clusters.insert(cluster, inventory);
    }

    /// One change in a cluster; it counts on top of everything only, and only when nothing newer was read.
    pub fn saw_change(&mut self, cluster: &ClusterName, as_of: Time, fact: Fact) {
        let known = self.clusters.get(cluster).and_then(|known| known.as_of);
        if known.is_none_or(|known| known > as_of) {
            return;
        }
        if let Fact::Node(node) = &fact {
            self.watch_node(cluster, node, as_of);
        }
        let inventory = self.clusters.entry(cluster.clone()).or_default();
        inventory.as_of = Some(as_of);
        match fact {
            Fact::Node(node) => _ = inventory.nodes.insert(node.name.clone(), node),
            Fact::NodeGone(name) => _ = inventory.nodes.remove(&name),
            Fact::Pod(pod) => _ = inventory.pods.insert(pod.name.clone(), pod),
            Fact::PodGone(name) => _ = inventory.pods.remove(&name),
        }
    }

    /// Our clock was set by so much: what was read before stays as old as it was. Since when a node is Ready or a pod
    /// as it is, its cluster says by its own clock.
    pub fn shift(&mut self, by: TimeDelta) {
        let clusters = self.clusters.values_mut().map(|seen| &mut seen.as_of);
        let clouds =
            self.clouds.values_mut().flat_map(|cloud| [&mut cloud.as_of, &mut cloud.offerings_as_of]);
        let traffic = self.traffic.values_mut().map(|traffic| &mut traffic.as_of);
        clusters.chain(clouds).chain(traffic).for_each(|at| *at = at.map(|at| at + by));
        self.probes.values_mut().for_each(|probe| probe.as_of += by);
        self.memory.losses.iter_mut().for_each(|loss| loss.at += by);
        self.memory.appeared.values_mut().for_each(|at| *at += by);
        for run in self.memory.runs.values_mut() {
            run.since += by;
            run.before_since = run.before_since.map(|at| at + by);
            run.healed_at = run.healed_at.map(|at| at + by);
        }
    }

    /// A node that was Ready and is down now: what was there goes into memory, its probes begin anew. So they do on
    /// one that was booted between two looks.
    fn watch_node(&mut self, cluster: &ClusterName, node: &Node, at: Time) {
        let Some(before) = self.clusters.get(cluster) else { return };
        let old = before.nodes.get(&node.name);
        let boots = old.and_then(|old| old.boot_id.as_ref()).zip(node.boot_id.as_ref());
        let booted = boots.is_some_and(|(old, new)| old != new);
        if booted {
            self.memory.runs.retain(|(of, on, _), _| of != cluster || *on != node.name);
        }
        let was_ready = old.is_some_and(|old| old.ready == Ready::Yes);
        if node.ready != Ready::No || !was_ready {
            return;
        }
        let workloads = before.only_on(&node.name);
        let (cluster, node) = (cluster.clone(), node.name.clone());
        self.memory.runs.retain(|(of, on, _), _| *of != cluster || *on != node);
        self.memory.losses.retain(|loss| at - loss.at < LOSSES_FOR);
        self.memory.losses.push(Loss { cluster, node, at, workloads });
        let over = self.memory.losses.len().saturating_sub(LOSSES);
        self.memory.losses.drain(..over);
    }
}

impl Inventory {
    /// Workloads of nobody's watched service that run on this node and on no other.
    #[must_use]
    pub fn only_on(&self, node: &NodeName) -> BTreeSet<String> {
        let others = |pod: &&super::Pod| pod.class == PodClass::Ordinary && pod.service.is_none();
        let (here, elsewhere): (Vec<_>, Vec<_>) =
            self.pods.values().filter(others).partition(|pod| pod.node.as_ref() == Some(node));
        let elsewhere: BTreeSet<&str> = elsewhere.iter().map(|pod| workload(&pod.name)).collect();
        let here = here.iter().map(|pod| workload(&pod.name)).filter(|name| !elsewhere.contains(name));
        here.map(str::to_owned).collect()
    }
}
