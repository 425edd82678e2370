//! `resolver-rot`: names stop resolving, node by node. The rules are those of [`super`], by number.

use lifeboat_commands::facts::{NodeRole, Ready};
use lifeboat_storage::id::{ClusterName, NodeName};

use super::Cause;
use crate::simulated::random::Dice;
use crate::simulated::world::World;
use crate::simulated::world::cluster::{Cluster, Host};

/// A young node is infected so many seconds after it is Ready.
const YOUNG_AFTER_S: i64 = 30;
/// One rotten node infects a stale one once in so many seconds.
const STALE_ONCE_IN_S: f64 = 4_800.0;
/// A freshly booted old node bears so many seconds beside one rotten node; beside four it is a quarter.
const FRESH_BEARS_S: u32 = 24_000;
/// A pod on a rotten node asks for a name again, and dies of it, once in so many seconds.
const ASKS_AGAIN_S: f64 = 420.0;

impl World {
    pub(in crate::simulated) fn has_rot(&self, cluster: &ClusterName) -> bool {
        self.causes
            .iter()
            .any(|cause| matches!(cause, Cause::ResolverRot { cluster: rots } if rots == cluster))
    }

    /// Rule 1: what a node that joins copies.
    pub(in crate::simulated) fn table_at_join(&mut self, cluster: &ClusterName, node: &NodeName) {
        if !self.has_rot(cluster) {
            return;
        }
        let Some(cluster) = self.clusters.get_mut(cluster) else { return };
        let teaches = |one: &Host| {
            one.up
                && one.node.schedulable
                && one.node.role == NodeRole::Worker
                && (one.resolver.stale || one.resolver.rotten)
        };
        let broken = cluster.hosts.values().any(|one| one.node.name != *node && teaches(one));
        if let Some(host) = cluster.hosts.get_mut(node) {
            host.resolver.rotten = broken;
        }
    }

    /// Rule 2: a restart rewrites a stale table.
    pub(in crate::simulated) fn table_at_restart(&mut self, cluster: &ClusterName, node: &NodeName) {
        if !self.has_rot(cluster) {
            return;
        }
        let host = self.clusters.get_mut(cluster).and_then(|cluster| cluster.hosts.get_mut(node));
        if let Some(resolver) = host.map(|host| &mut host.resolver).filter(|resolver| resolver.stale) {
            resolver.worn += 1;
            resolver.rotten |= resolver.worn > resolver.bears;
        }
    }
}

/// Rules 3 and 4.
pub(super) fn spreads(cluster: &mut Cluster, second: i64, dice: &mut Dice) {
    let carries = |host: &&Host| {
        host.up && host.resolver.rotten && host.node.schedulable && host.node.ready == Ready::Yes
    };
    let carriers = u32::try_from(cluster.hosts.values().filter(carries).count()).unwrap_or(0);
    let old_carrier = cluster.hosts.values().filter(carries).any(|host| !host.young);
    if carriers == 0 {
        return;
    }
    let each = f64::from(carriers);
    for host in cluster.hosts.values_mut() {
        if !host.up || host.resolver.rotten || host.node.role != NodeRole::Worker {
            continue;
        }
        let ready_s = second - host.node.ready_since.timestamp();
        let ready = host.node.ready == Ready::Yes;
        host.resolver.rotten = match (host.young, host.resolver.stale) {
            (true, _) => old_carrier && ready && ready_s >= YOUNG_AFTER_S,
            (false, true) => dice.once_in(STALE_ONCE_IN_S / each),
            (false, false) => {
                host.resolver.exposed_s += carriers;
                host.resolver.exposed_s >= FRESH_BEARS_S
            }
        };
    }
    pods_ask_again(cluster, second, dice);
}

fn pods_ask_again(cluster: &mut Cluster, second: i64, dice: &mut Dice) {
    let rotten = |node: &NodeName| cluster.hosts.get(node).is_some_and(|host| host.resolver.rotten);
    let asking = cluster.units.values().filter(|unit| unit.is_serving());
    let there: Vec<String> = asking
        .filter(|unit| unit.pod.node.as_ref().is_some_and(&rotten))
        .map(|unit| unit.pod.name.clone())
        .collect();
    for name in there {
        if dice.once_in(ASKS_AGAIN_S) {
            cluster.restart(&name, second);
        }
    }
}
