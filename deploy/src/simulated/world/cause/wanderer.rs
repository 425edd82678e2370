//! `wanderer`: somebody's workload eats the node it lands on, and finds the next.

use lifeboat_storage::id::{ClusterName, NodeName};

use crate::simulated::scenario::Payload;
use crate::simulated::world::World;
use crate::simulated::world::cloud::Power;
use crate::simulated::world::cluster::{Cluster, Role};

/// Where the workload is, and since when.
#[derive(Clone, Debug)]
pub(in crate::simulated) struct Wanderer {
    pub(super) cluster: ClusterName,
    pub(super) from: i64,
    pub(super) slots: u32,
    pub(super) kills_after_s: i64,
    pub(super) away_s: i64,
    /// Seconds of work until it is done; none: never.
    pub(super) works_s: Option<i64>,
    pub(super) payload: Payload,
    pub(super) pod: Option<String>,
    /// It sits on this node since then.
    pub(super) at: Option<(NodeName, i64)>,
    pub(super) worked_s: i64,
}

impl Wanderer {
    pub(super) fn tick(&mut self, world: &mut World) {
        let second = world.second;
        let done = self.works_s.is_some_and(|works| self.worked_s >= works);
        let Some(cluster) = world.clusters.get_mut(&self.cluster) else { return };
        if second < self.from || done {
            return;
        }
        if !self.pod.as_ref().is_some_and(|name| cluster.units.contains_key(name)) {
            self.pod = Some(cluster.add_unit(Role::Other { slots: self.slots }, None, second));
            self.at = None;
            return;
        }
        let Some(node) = self.works_on(cluster) else {
            self.at = None;
            return;
        };
        let since = match &self.at {
            Some((there, since)) if *there == node => *since,
            _ => second,
        };
        self.at = Some((node.clone(), since));
        self.worked_s += 1;
        if self.works_s.is_some_and(|works| self.worked_s >= works) {
            self.ends(cluster);
        } else if second - since >= self.kills_after_s && !self.finds_room(cluster, &node) {
            self.kills(world, &node);
        }
    }

    /// The node it runs on, if that is up.
    fn works_on(&self, cluster: &Cluster) -> Option<NodeName> {
        let node = cluster.units.get(self.pod.as_ref()?)?.pod.node.clone()?;
        cluster.hosts.get(&node).filter(|host| host.up && host.ready_at.is_none())?;
        Some(node)
    }

    /// A job eats whatever there is; a heavy set leaves a node alone that has room for all of it.
    fn finds_room(&self, cluster: &Cluster, node: &NodeName) -> bool {
        let host = cluster.hosts.get(node);
        self.payload == Payload::HeavySet && host.is_some_and(|host| host.slots >= self.slots)
    }

    fn ends(&mut self, cluster: &mut Cluster) {
        if let Some(pod) = self.pod.take() {
            cluster.remove_pod(&pod);
        }
    }

    /// The node panics; it boots by itself. The workload is made anew at once.
    fn kills(&mut self, world: &mut World, node: &NodeName) {
        let second = world.second;
        let Some(cluster) = world.clusters.get_mut(&self.cluster) else { return };
        self.ends(cluster);
        self.at = None;
        cluster.node_down(node, second);
        if let Some(host) = cluster.hosts.get(node) {
            let until = second + self.away_s;
            world.cloud.set_power(&host.machine, Power::Booting { until });
        }
    }
}
