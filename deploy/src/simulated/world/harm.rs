//! What a call did to the world, in the moment it was made: the harm that the score tells.

use std::collections::BTreeMap;

use chrono::Timelike;
use lifeboat_commands::facts::{NodeRole, Ready};
use lifeboat_storage::id::{ClusterName, InstanceId, NodeName};

use super::cluster::Host;
use super::{World, load};
use crate::simulated::truth::Harm;

/// A pod that fails over and over is Ready now and then: one that a boot meets so is no harm, more are.
const LOST_IN_PASSING: u32 = 1;

impl World {
    fn harm(&mut self, harm: Harm) {
        self.truth.harms.push((self.now, harm));
    }

    /// Pods that ran well were ended. `spared`: it was a boot that the node needed, in its turn.
    pub(super) fn judge_lost(&mut self, cluster: &ClusterName, lost: u32, spared: bool) {
        if lost == 0 {
            return;
        }
        self.truth.healthy_pods_lost += lost;
        if !spared {
            self.harm(Harm::HealthyPodsLost);
        }
        let carries = self.site.weights.get(cluster).is_some_and(|percent| *percent > 0);
        let serves = self.clusters.get(cluster).is_some_and(|cluster| cluster.serving_pods() > 0);
        if carries && !serves {
            self.harm(Harm::LastServingLost);
        }
    }

    /// A boot ended pods that ran well. `mends`: the node needed it; `needed`: it had to wait until others serve.
    pub(super) fn judge_booted(&mut self, cluster: &ClusterName, lost: u32, mends: bool, needed: bool) {
        if needed {
            self.truth.lost_while_needed += lost;
        }
        let too_early = needed && self.truth.lost_while_needed > LOST_IN_PASSING;
        self.judge_lost(cluster, lost, mends && !too_early);
    }

    /// The others do not carry what comes, not even once the pods of all that are sound have started.
    pub(super) fn is_needed(&self, cluster: &ClusterName, node: &NodeName) -> bool {
        let Some(cluster_now) = self.clusters.get(cluster) else { return false };
        let is_sound = |host: &&Host| {
            host.up
                && host.node.ready == Ready::Yes
                && host.node.schedulable
                && host.node.role == NodeRole::Worker
                && !host.resolver.rotten
        };
        let others = cluster_now.hosts.values().filter(|host| host.node.name != *node).filter(is_sound);
        let pods: u32 = others.map(|host| host.slots).sum();
        f64::from(pods) * cluster_now.file.pod_per_s < self.comes_to(cluster)
    }

    /// Whether a boot changes anything for the better on a node: judged before it boots.
    pub(super) fn boot_mends(&self, cluster: &ClusterName, node: &NodeName) -> bool {
        let host = self.clusters.get(cluster).and_then(|cluster| cluster.hosts.get(node));
        host.is_some_and(|host| self.has_rot(cluster) && !host.resolver.is_fresh())
    }

    /// A node was booted again that was well.
    pub(super) fn judge_boot(&mut self, cluster: &ClusterName, node: &NodeName) {
        let Some(cluster_now) = self.clusters.get(cluster) else { return };
        let well = cluster_now
            .hosts
            .get(node)
            .is_some_and(|host| host.up && !host.agent_refuses && !cluster_now.file.no_pod_network);
        if well && !self.boot_mends(cluster, node) {
            self.harm(Harm::RebootedWell);
        }
    }

    /// A machine was stopped: can it be started again?
    pub(super) fn judge_stop(&mut self, id: &InstanceId) {
        let Some(machine) = self.cloud.machines.get(id).cloned() else { return };
        let shelf = self.cloud.shelf(&machine.machine, &machine.zone, machine.spot);
        if shelf.is_none_or(|shelf| shelf.left == Some(0)) {
            self.harm(Harm::StoppedForGood);
        }
    }

    /// A machine could not be started again that a call had stopped.
    pub(super) fn judge_refused(&mut self, id: &InstanceId) {
        if self.truth.stops.iter().any(|(_, stopped)| stopped == id) {
            self.harm(Harm::StoppedForGood);
        }
    }

    /// Requests a second that come in and find the entry open.
    pub(super) fn entry_passes(&self, cluster: &ClusterName) -> f64 {
        self.clusters.get(cluster).map_or(0.0, load::entry)
    }

    /// A node was closed, or opened: `passed` is what the entry let through before.
    pub(super) fn judge_closing(&mut self, cluster: &ClusterName, passed: f64) {
        let (passes, comes) = (self.entry_passes(cluster), self.comes_to(cluster));
        if passes < passed && passes < comes {
            self.harm(Harm::ClosedEntry);
        }
    }

    /// Traffic was moved; `before` is how it was spread, and `answered` what was answered then.
    pub(super) fn judge_shift(&mut self, before: &BTreeMap<ClusterName, u8>, answered: f64) {
        let had = |name: &ClusterName| before.get(name).copied().unwrap_or(0);
        let mut grew = self.site.weights.iter().filter(|(name, percent)| **percent > had(name));
        let too_much = grew.any(|(name, _)| self.would_answer(name) < self.comes_to(name));
        if too_much && self.answered() <= answered {
            self.harm(Harm::ShiftedTooMuch);
        }
    }

    /// Requests a second that would be answered as traffic is spread now, once causes have had their way.
    pub(super) fn answered(&self) -> f64 {
        self.clusters.keys().map(|name| self.would_answer(name)).sum()
    }

    fn would_answer(&self, name: &ClusterName) -> f64 {
        let Some(cluster) = self.clusters.get(name) else { return 0.0 };
        let comes = self.comes_to(name);
        let fails = self.causes.iter().map(|cause| cause.fails_at(cluster, comes)).fold(0.0, f64::max);
        comes.min(load::capacity(cluster)) * (1.0 - fails)
    }

    fn comes_to(&self, cluster: &ClusterName) -> f64 {
        let local = self.now.with_timezone(&self.scene.zone).num_seconds_from_midnight();
        let percent = self.site.weights.get(cluster).copied().unwrap_or(0);
        self.site.expected(local) * f64::from(percent) / 100.0
    }
}
