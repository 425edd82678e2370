//! `control-path-lost`: for a while the control plane hears nothing of some nodes.
//!
//! They are fine and so are their pods; but as nobody knows, the pods are taken out of the balance, and given up when
//! it lasts. A node that boots meanwhile finds no control plane and asks again only now and then.

use lifeboat_commands::facts::{PodState, Ready};
use lifeboat_storage::id::{ClusterName, NodeName};

use crate::simulated::world::World;
use crate::simulated::world::cluster::Cluster;

/// A node that found no control plane when it booted asks again after so long.
const ASKS_AGAIN_S: i64 = 300;

#[derive(Clone, Debug)]
pub(in crate::simulated) struct LostPath {
    pub(super) cluster: ClusterName,
    pub(super) nodes: Vec<NodeName>,
    pub(super) from: i64,
    pub(super) until: i64,
}

impl LostPath {
    pub(super) fn tick(&self, world: &mut World) {
        let second = world.second;
        let Some(cluster) = world.clusters.get_mut(&self.cluster) else { return };
        for name in &self.nodes {
            if (self.from..self.until).contains(&second) {
                self.cut_off(cluster, name, second);
            } else if second >= self.until {
                cluster.heard_again(name, second);
            }
        }
    }

    fn cut_off(&self, cluster: &mut Cluster, name: &NodeName, second: i64) {
        let Some(host) = cluster.hosts.get_mut(name).filter(|host| host.up) else { return };
        match host.ready_at {
            // Booted, and not yet known to be there.
            Some(_) => host.ready_at = Some(self.first_answer(host.booted_at)),
            None if host.node.ready == Ready::Yes => cluster.unheard(name, second),
            None => {}
        }
    }

    /// When a node that booted at that time is answered at last.
    fn first_answer(&self, booted_at: i64) -> i64 {
        let asked = (self.until - booted_at).max(0).div_euclid(ASKS_AGAIN_S);
        let last = booted_at + asked * ASKS_AGAIN_S;
        if last < self.until { last + ASKS_AGAIN_S } else { last }
    }
}

impl Cluster {
    /// Nothing is heard of a node any more: its pods run on, out of the balance.
    fn unheard(&mut self, name: &NodeName, second: i64) {
        if let Some(host) = self.hosts.get_mut(name) {
            host.unheard_since = Some(second);
        }
        self.set_ready(name, Ready::Unknown, second);
        for pod in self.on(name) {
            if self.units[&pod].pod.state == PodState::Ready {
                self.set_pod(&pod, PodState::NotReady, second, i64::MAX);
                self.mute(&pod);
            }
        }
    }

    /// The pods never stopped: they are back in the balance at once.
    fn heard_again(&mut self, name: &NodeName, second: i64) {
        let Some(host) = self.hosts.get_mut(name) else { return };
        if host.unheard_since.take().is_none() || !host.up {
            return;
        }
        self.set_ready(name, Ready::Yes, second);
        for pod in self.on(name) {
            if self.units[&pod].is_unheard() {
                self.set_pod(&pod, PodState::Ready, second, i64::MAX);
            }
        }
    }
}
