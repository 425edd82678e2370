//! A simulated cluster: nodes, pods, who goes where, who is Ready.
//!
//! - Pods go to the emptiest node that is up, Ready and schedulable and has a slot left; nothing moves by itself when a
//!   node joins.
//! - A pod that starts pulls its image where the node has none, needs the pod network, and resolves a name; whatever
//!   fails makes it fail, and it is tried again ever more slowly.
//! - Pods of a node that is not heard of are given up after a while and made anew elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use lifeboat_commands::facts::{Inventory, Node, NodeRole, Pod, PodClass, PodState, Ready};
use lifeboat_storage::event::Time;
use lifeboat_storage::id::{BootId, ClusterName, InstanceId, NodeName, ServiceName};

use super::time_of;
use crate::simulated::scenario::{ClusterFile, ClusterKind};

/// The name resolution of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulated) struct Resolver {
    /// Names no longer resolve there.
    pub(in crate::simulated) rotten: bool,
    /// Its agent has run for so long that it hands on a broken table.
    pub(in crate::simulated) stale: bool,
    /// Restarts of pods it has gone through.
    pub(in crate::simulated) worn: u32,
    /// Restarts it bears.
    pub(in crate::simulated) bears: u32,
    /// Seconds beside rotten nodes, each counted.
    pub(in crate::simulated) exposed_s: u32,
}

#[derive(Clone, Debug)]
pub(in crate::simulated) struct Host {
    pub(in crate::simulated) node: Node,
    pub(in crate::simulated) machine: InstanceId,
    pub(in crate::simulated) slots: u32,
    pub(in crate::simulated) up: bool,
    pub(in crate::simulated) booted_at: i64,
    /// It becomes Ready then.
    pub(in crate::simulated) ready_at: Option<i64>,
    pub(in crate::simulated) down_since: Option<i64>,
    /// It joined in play: it has no table of its own yet.
    pub(in crate::simulated) young: bool,
    pub(in crate::simulated) resolver: Resolver,
    pub(in crate::simulated) has_image: bool,
    pub(in crate::simulated) agent_refuses: bool,
    /// The control plane hears nothing of it since then, although it runs.
    pub(in crate::simulated) unheard_since: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulated) enum Role {
    Web,
    Canary,
    /// Somebody else's workload.
    Other {
        slots: u32,
    },
}

#[derive(Clone, Debug)]
pub(in crate::simulated) struct Unit {
    pub(in crate::simulated) pod: Pod,
    pub(in crate::simulated) role: Role,
    /// When its next step is due.
    pub(in crate::simulated) due: i64,
    pub(in crate::simulated) restarts: u32,
    /// As the access log names it.
    pub(in crate::simulated) address: String,
    /// It runs well, and nobody hears of it.
    muted: bool,
}

#[derive(Debug)]
pub(in crate::simulated) struct Cluster {
    pub(in crate::simulated) file: ClusterFile,
    pub(in crate::simulated) service: ServiceName,
    pub(in crate::simulated) hosts: BTreeMap<NodeName, Host>,
    pub(in crate::simulated) units: BTreeMap<String, Unit>,
    pub(in crate::simulated) tickets: Vec<(String, i64)>,
    /// Share of lookups that fail everywhere in this cluster.
    pub(in crate::simulated) lookups_fail: f64,
    /// Share of answers that fail because something outside cannot be reached.
    pub(in crate::simulated) egress_fails: f64,
    pub(in crate::simulated) registry_down: bool,
    /// A canary looks at name resolution on every node.
    pub(in crate::simulated) canary: bool,
    /// Machines that are made now never get in.
    pub(in crate::simulated) launches_broken: bool,
    /// Requests a second that the balancer in front passes on at most.
    pub(in crate::simulated) entry_passes: f64,
    pub(in crate::simulated) touched_nodes: BTreeSet<NodeName>,
    pub(in crate::simulated) touched_pods: BTreeSet<String>,
    next_node: u32,
    next_pod: u32,
}

impl Cluster {
    pub(in crate::simulated) fn new(file: ClusterFile, service: ServiceName) -> Self {
        let next_node = u32::try_from(file.nodes.len()).unwrap_or(0);
        Self {
            canary: file.canary,
            file,
            service,
            hosts: BTreeMap::new(),
            units: BTreeMap::new(),
            tickets: Vec::new(),
            lookups_fail: 0.0,
            egress_fails: 0.0,
            registry_down: false,
            launches_broken: false,
            entry_passes: f64::INFINITY,
            touched_nodes: BTreeSet::new(),
            touched_pods: BTreeSet::new(),
            next_node,
            next_pod: 0,
        }
    }

    pub(in crate::simulated) fn name(&self) -> &ClusterName {
        &self.file.name
    }

    /// What the next machine that joins may be called.
    pub(in crate::simulated) fn next_name(&mut self) -> NodeName {
        self.next_node += 1;
        NodeName::new(format!("{}{}", self.file.joins_as, self.next_node))
    }

    pub(in crate::simulated) fn inventory(&self, now: Time) -> Inventory {
        let managers: Vec<&Host> =
            self.hosts.values().filter(|host| host.node.role == NodeRole::ControlPlane).collect();
        let count = |up: bool| {
            u32::try_from(managers.iter().filter(|host| host.up || !up).count()).unwrap_or(u32::MAX)
        };
        Inventory {
            as_of: Some(now),
            nodes: self.hosts.values().map(|host| (host.node.name.clone(), host.node.clone())).collect(),
            pods: self.units.values().map(|unit| (unit.pod.name.clone(), unit.pod.clone())).collect(),
            wanted_pods: BTreeMap::from([(self.service.clone(), self.file.pods)]),
            managers: (count(true), count(false)),
        }
    }

    /// Nothing weighs on the cluster but what causes put there in this second.
    pub(in crate::simulated) fn relieve(&mut self) {
        self.lookups_fail = 0.0;
        self.egress_fails = 0.0;
        self.registry_down = false;
        self.launches_broken = false;
        self.entry_passes = f64::INFINITY;
    }

    /// Nodes with a Ready pod of the service.
    pub(in crate::simulated) fn serving(&self) -> u32 {
        let ready = self.units.values().filter(|unit| unit.is_serving());
        let nodes: BTreeSet<_> = ready.filter_map(|unit| unit.pod.node.as_ref()).collect();
        u32::try_from(nodes.len()).unwrap_or(u32::MAX)
    }

    /// Machines that are of use by what changed: a pod of the service is Ready there now, or a workload that has room.
    pub(in crate::simulated) fn began_to_be_of_use(&self) -> Vec<InstanceId> {
        let changed = self.touched_pods.iter().filter_map(|name| self.units.get(name));
        let of_use = changed.filter_map(|unit| {
            let host = self.hosts.get(unit.pod.node.as_ref()?)?;
            (unit.is_serving() || unit.is_at_home_on(host)).then(|| host.machine.clone())
        });
        of_use.collect()
    }

    pub(in crate::simulated) fn serving_pods(&self) -> u32 {
        u32::try_from(self.units.values().filter(|unit| unit.is_serving()).count()).unwrap_or(u32::MAX)
    }

    /// Puts a pod on its way: to a node, or waiting for one.
    pub(in crate::simulated) fn add_unit(
        &mut self,
        role: Role,
        node: Option<NodeName>,
        second: i64,
    ) -> String {
        self.next_pod += 1;
        let number = self.next_pod;
        let name = match (role, self.file.kind) {
            (Role::Web, ClusterKind::Kubernetes) => {
                format!("{}-6c9f7d8b5-{:05x}", self.service, mixed(number))
            }
            (Role::Web, ClusterKind::Swarm) => format!("{}.{number}", self.service),
            (Role::Canary, _) => format!("dns-canary-{:05x}", mixed(number)),
            (Role::Other { .. }, _) => format!("reindex-{:05x}", mixed(number)),
        };
        let class = if role == Role::Canary { PodClass::Daemon } else { PodClass::Ordinary };
        let service = (role == Role::Web).then(|| self.service.clone());
        let state = if node.is_some() { PodState::Starting } else { PodState::Pending };
        let pod = Pod { name: name.clone(), service, node, class, state, since: time_of(second) };
        let address = format!("10.244.{}.{}:8080", number / 200 % 250, number % 200 + 10);
        let unit = Unit { pod, role, due: second, restarts: 0, address, muted: false };
        self.units.insert(name.clone(), unit);
        self.touched_pods.insert(name.clone());
        name
    }

    pub(in crate::simulated) fn set_pod(&mut self, name: &str, state: PodState, second: i64, due: i64) {
        if let Some(unit) = self.units.get_mut(name) {
            unit.due = due;
            unit.muted = false;
            if unit.pod.state != state {
                unit.pod.state = state;
                unit.pod.since = time_of(second);
                self.touched_pods.insert(name.to_owned());
            }
        }
    }

    /// A pod that was just taken out of the balance runs on.
    pub(in crate::simulated) fn mute(&mut self, name: &str) {
        if let Some(unit) = self.units.get_mut(name) {
            unit.muted = true;
        }
    }

    pub(in crate::simulated) fn remove_pod(&mut self, name: &str) {
        if self.units.remove(name).is_some() {
            self.touched_pods.insert(name.to_owned());
        }
    }

    pub(in crate::simulated) fn set_ready(&mut self, name: &NodeName, ready: Ready, second: i64) {
        if let Some(host) = self.hosts.get_mut(name)
            && host.node.ready != ready
        {
            host.node.ready = ready;
            host.node.ready_since = time_of(second);
            self.touched_nodes.insert(name.clone());
        }
    }

    /// Pods on a node, by name.
    pub(in crate::simulated) fn on(&self, node: &NodeName) -> Vec<String> {
        let there = self.units.values().filter(|unit| unit.pod.node.as_ref() == Some(node));
        there.map(|unit| unit.pod.name.clone()).collect()
    }

    /// The machine is going down, or is gone. Answers how many pods of the service that cost that ran well.
    pub(in crate::simulated) fn node_down(&mut self, name: &NodeName, second: i64) -> u32 {
        let Some(host) = self.hosts.get_mut(name) else { return 0 };
        host.up = false;
        host.ready_at = None;
        host.unheard_since = None;
        host.down_since.get_or_insert(second);
        self.set_ready(name, Ready::No, second);
        let mut lost = 0;
        for pod in self.on(name) {
            let Some(unit) = self.units.get(&pod) else { continue };
            lost += u32::from(unit.is_serving() || unit.is_unheard());
            if unit.pod.state == PodState::Leaving {
                self.remove_pod(&pod);
            } else {
                self.set_pod(&pod, PodState::NotReady, second, i64::MAX);
            }
        }
        lost
    }

    /// The machine runs again: its agent reports in a moment.
    pub(in crate::simulated) fn node_up(
        &mut self,
        name: &NodeName,
        boot: BootId,
        second: i64,
        ready_at: i64,
    ) {
        let Some(host) = self.hosts.get_mut(name) else { return };
        host.up = true;
        host.booted_at = second;
        host.ready_at = Some(ready_at);
        host.node.boot_id = Some(boot);
        host.resolver = Resolver { rotten: false, stale: false, worn: 0, exposed_s: 0, ..host.resolver };
        self.touched_nodes.insert(name.clone());
    }
}

impl Resolver {
    /// A boot would change nothing about it.
    pub(in crate::simulated) fn is_fresh(&self) -> bool {
        !self.rotten && !self.stale && self.worn == 0 && self.exposed_s == 0
    }
}

impl Unit {
    pub(in crate::simulated) fn is_serving(&self) -> bool {
        self.role == Role::Web && self.pod.state == PodState::Ready
    }

    /// Somebody else's workload that runs on a node with room for all of it.
    fn is_at_home_on(&self, host: &Host) -> bool {
        let ready = self.pod.state == PodState::Ready;
        matches!(self.role, Role::Other { slots } if ready && slots <= host.slots)
    }

    /// It runs well, out of the balance, because nobody hears of its node.
    pub(in crate::simulated) fn is_unheard(&self) -> bool {
        self.role == Role::Web && self.muted
    }

    pub(in crate::simulated) fn slots(&self) -> u32 {
        match self.role {
            Role::Web => 1,
            Role::Canary => 0,
            Role::Other { slots } => slots,
        }
    }
}

/// Five hexadecimal digits that differ for each of the first million pods.
fn mixed(number: u32) -> u32 {
    (number.wrapping_mul(0x9E_3779) ^ 0x5_A5A5) & 0xF_FFFF
}
