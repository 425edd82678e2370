//! One second in the life of a cluster's pods and nodes.

use lifeboat_commands::facts::{NodeRole, PodState, Ready};
use lifeboat_storage::id::NodeName;
use lifeboat_storage::plan::Evidence;

use super::cluster::{Cluster, Host, Role};
use crate::simulated::random::Dice;
use crate::simulated::scenario::ClusterKind;

/// From the start of a pod until it is Ready, the image being there.
const START_S: (u32, u32) = (12, 22);
/// Pulling the image.
const PULL_S: (u32, u32) = (10, 25);
/// From the start of a pod until a failing one gives up.
const FAIL_S: (u32, u32) = (5, 12);
/// The longest wait between two tries: kubelet's five minutes.
const LONGEST_WAIT_S: i64 = 300;
/// A pod without a network is reported as hanging after so long.
const HANGS_AFTER_S: i64 = 90;
/// How often a canary looks.
const CANARY_S: i64 = 10;
/// Pods on their way out are gone after so long.
pub(in crate::simulated) const LEAVING_S: i64 = 8;

impl Cluster {
    pub(in crate::simulated) fn tick(&mut self, second: i64, dice: &mut Dice) {
        self.nodes_get_ready(second, dice);
        self.give_up_lost(second);
        self.keep_count(second);
        self.place(second, dice);
        self.pods_get_on(second, dice);
    }

    fn nodes_get_ready(&mut self, second: i64, dice: &mut Dice) {
        let due = |host: &&Host| host.up && host.ready_at.is_some_and(|at| at <= second);
        let names: Vec<NodeName> =
            self.hosts.values().filter(due).map(|host| host.node.name.clone()).collect();
        for name in names {
            if let Some(host) = self.hosts.get_mut(&name) {
                host.ready_at = None;
                host.down_since = None;
            }
            self.set_ready(&name, Ready::Yes, second);
            for pod in self.on(&name) {
                self.begin(&pod, &name, second, dice);
            }
            self.put_canary(name, second);
        }
    }

    /// One canary a node, where there are any.
    pub(super) fn put_canary(&mut self, node: NodeName, second: i64) {
        if self.canary && !self.on(&node).iter().any(|pod| self.units[pod].role == Role::Canary) {
            self.add_unit(Role::Canary, Some(node), second);
        }
    }

    /// Pods of a node that has been away for long are made anew elsewhere.
    fn give_up_lost(&mut self, second: i64) {
        let patience = self.file.gives_up_after_s.map_or(self.default_patience(), i64::from);
        let silent_since = |host: &Host| host.down_since.or(host.unheard_since);
        let lost = |host: &&Host| silent_since(host).is_some_and(|since| second - since >= patience);
        let names: Vec<NodeName> =
            self.hosts.values().filter(lost).map(|host| host.node.name.clone()).collect();
        for name in names {
            for pod in self.on(&name) {
                self.remove_pod(&pod);
            }
        }
    }

    fn default_patience(&self) -> i64 {
        match self.file.kind {
            ClusterKind::Kubernetes => 300,
            ClusterKind::Swarm => 15,
        }
    }

    fn keep_count(&mut self, second: i64) {
        let here =
            |unit: &&super::cluster::Unit| unit.role == Role::Web && unit.pod.state != PodState::Leaving;
        let count = self.units.values().filter(here).count();
        for _ in count..self.file.pods as usize {
            self.add_unit(Role::Web, None, second);
        }
    }

    fn place(&mut self, second: i64, dice: &mut Dice) {
        let pending = |unit: &&super::cluster::Unit| unit.pod.state == PodState::Pending;
        if !self.units.values().any(|unit| pending(&unit)) {
            return;
        }
        let waiting: Vec<String> =
            self.units.values().filter(pending).map(|unit| unit.pod.name.clone()).collect();
        for name in waiting {
            let slots = self.units[&name].slots();
            let Some(node) = self.emptiest(slots) else { continue };
            if let Some(unit) = self.units.get_mut(&name) {
                unit.pod.node = Some(node.clone());
                unit.restarts = 0;
            }
            self.begin(&name, &node, second, dice);
        }
    }

    /// Where most room is; a workload that wants more than any node has goes where most is left.
    fn emptiest(&self, slots: u32) -> Option<NodeName> {
        let room = |host: &Host| {
            let there = self.units.values().filter(|unit| unit.pod.node.as_ref() == Some(&host.node.name));
            host.slots.saturating_sub(there.map(super::cluster::Unit::slots).sum())
        };
        let open = self.hosts.values().filter(|host| {
            host.up
                && host.node.ready == Ready::Yes
                && host.node.schedulable
                && host.node.role == NodeRole::Worker
        });
        let fitting = open.map(|host| (room(host), host)).filter(|(room, _)| *room >= slots.min(1));
        let best = fitting.max_by(|(a, one), (b, other)| a.cmp(b).then(other.node.name.cmp(&one.node.name)));
        best.map(|(_, host)| host.node.name.clone())
    }

    fn pods_get_on(&mut self, second: i64, dice: &mut Dice) {
        let due = |unit: &&super::cluster::Unit| unit.due <= second && unit.pod.state != PodState::Pending;
        let names: Vec<String> = self.units.values().filter(due).map(|unit| unit.pod.name.clone()).collect();
        for name in names {
            let unit = &self.units[&name];
            let Some(node) = unit.pod.node.clone() else { continue };
            match (&unit.pod.state, unit.role) {
                (PodState::Leaving, _) => self.remove_pod(&name),
                (_, Role::Canary) => self.canary_looks(&name, &node, second, dice),
                (PodState::Starting, _) => self.started(&name, &node, second, dice),
                (PodState::Failing { .. } | PodState::NotReady, _) => {
                    self.try_again(&name, &node, second, dice)
                }
                _ => self.set_due(&name, i64::MAX),
            }
        }
    }

    fn set_due(&mut self, name: &str, due: i64) {
        if let Some(unit) = self.units.get_mut(name) {
            unit.due = due;
        }
    }

    fn canary_looks(&mut self, name: &str, node: &NodeName, second: i64, dice: &mut Dice) {
        if !self.hosts.get(node).is_some_and(|host| host.up) {
            return self.set_due(name, i64::MAX);
        }
        let state = match self.resolves(node, dice) && !self.file.no_pod_network {
            true => PodState::Ready,
            false => PodState::NotReady,
        };
        self.set_pod(name, state, second, second + CANARY_S);
    }

    pub(in crate::simulated) fn resolves(&self, node: &NodeName, dice: &mut Dice) -> bool {
        let rotten = self.hosts.get(node).is_none_or(|host| host.resolver.rotten);
        !rotten && (self.lookups_fail == 0.0 || dice.share() >= self.lookups_fail)
    }

    fn begin(&mut self, name: &str, node: &NodeName, second: i64, dice: &mut Dice) {
        let due = second + self.start_takes(node, dice);
        self.set_pod(name, PodState::Starting, second, due);
    }

    /// A start is over: how did it end?
    fn started(&mut self, name: &str, node: &NodeName, second: i64, dice: &mut Dice) {
        let began = self.units[name].pod.since.timestamp();
        match self.why_not(node, dice) {
            None => {
                if let Some(host) = self.hosts.get_mut(node) {
                    host.has_image = true;
                }
                self.set_pod(name, PodState::Ready, second, i64::MAX);
            }
            Some(failing) if failing.signature == "network" && second - began < HANGS_AFTER_S => {
                self.set_due(name, began + HANGS_AFTER_S);
            }
            Some(failing) => self.fail(name, failing, second),
        }
    }

    fn start_takes(&self, node: &NodeName, dice: &mut Dice) -> i64 {
        let has_image = self.hosts.get(node).is_some_and(|host| host.has_image);
        let rotten = self.hosts.get(node).is_some_and(|host| host.resolver.rotten);
        let pull = if has_image { 0 } else { dice.between(PULL_S) };
        pull + dice.between(if rotten { FAIL_S } else { START_S })
    }

    fn why_not(&self, node: &NodeName, dice: &mut Dice) -> Option<Failing> {
        let has_image = self.hosts.get(node).is_some_and(|host| host.has_image);
        let pulls = self.file.kind == ClusterKind::Kubernetes || !has_image;
        if self.file.no_pod_network {
            return Some(Failing {
                reason: "ContainerCreating",
                signature: "network",
                said: "failed to create pod sandbox: plugin type=\"calico\" failed: stat /var/lib/calico/nodename",
            });
        }
        if self.registry_down && pulls {
            return Some(Failing {
                reason: "ImagePullBackOff",
                signature: "image-pull",
                said: "failed to pull image: registry.example/blog/web: 503 Service Unavailable",
            });
        }
        if !self.resolves(node, dice) {
            return Some(Failing {
                reason: "CrashLoopBackOff",
                signature: "name-resolution",
                said: "Error: getaddrinfo EAI_AGAIN mysql.blog.svc.cluster.local",
            });
        }
        None
    }

    fn fail(&mut self, name: &str, failing: Failing, second: i64) {
        let Some(unit) = self.units.get_mut(name) else { return };
        unit.restarts += 1;
        let wait = (10_i64 << unit.restarts.min(5).saturating_sub(1)).min(LONGEST_WAIT_S);
        let state = PodState::Failing {
            reason: failing.reason.to_owned(),
            restarts: unit.restarts,
            signature: failing.signature.to_owned(),
            evidence: Evidence(failing.said.to_owned()),
        };
        self.set_pod(name, state, second, second + wait);
    }

    /// The wait is over. What still fails stays in its back-off, without flapping through Starting.
    fn try_again(&mut self, name: &str, node: &NodeName, second: i64, dice: &mut Dice) {
        if !self.hosts.get(node).is_some_and(|host| host.up) {
            return self.set_due(name, i64::MAX);
        }
        match self.why_not(node, dice) {
            Some(failing) => self.fail(name, failing, second),
            None => self.begin(name, node, second, dice),
        }
    }

    /// The node's agent kills a pod that no longer answers and starts it again in its place.
    pub(in crate::simulated) fn restart(&mut self, name: &str, second: i64) -> Option<NodeName> {
        let unit = self.units.get_mut(name)?;
        unit.restarts += 1;
        let node = unit.pod.node.clone();
        self.set_pod(name, PodState::NotReady, second, second + 2);
        node
    }
}

/// Why a pod does not come up.
struct Failing {
    reason: &'static str,
    signature: &'static str,
    said: &'static str,
}
