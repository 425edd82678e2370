//! Machines, nodes and pods: what is, and how it looks from outside.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr};

use chrono::TimeDelta;
use lifeboat_commands::facts::{
    Identity, Instance, InstanceState, Inventory, Node, NodeRole, Pod, PodClass, PodState, Ready,
};
use lifeboat_commands::fleet::Fleet;
use lifeboat_commands::ports::cloud::RunResult;
use lifeboat_commands::ports::orchestrator::Seen;
use lifeboat_storage::event::Time;
use lifeboat_storage::id::{
    BootId, CloudName, ClusterName, IdemKey, InstanceId, MachineType, NodeName, ServiceName, TrafficName,
    ZoneName,
};
use lifeboat_storage::plan::{Evidence, Money};

use super::scenario::{CLOUD, ClusterFile, OfferingFile, Scenario, WorkerFile, machine_id};

/// How a call goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Done, and the answer is lost.
    LostAnswer,
    /// Lost on the way there: nothing was done, and nobody knows.
    LostCall,
    /// Too many calls.
    Throttled,
    /// Somebody else is at it.
    Busy,
    /// No fault: passes this call.
    None,
}

/// What only the world knows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Truth {
    /// Ready pods on sound nodes that a call ended.
    pub healthy_pods_lost: u32,
    /// Money spent on machines started by calls, in units of the currency.
    pub money: f64,
    /// Machines booted again by calls.
    pub reboots: Vec<(Time, InstanceId)>,
    /// Keys of moves that did harm.
    pub harm: BTreeSet<&'static str>,
    /// Failed and all requests so far.
    pub failed: u64,
    /// All requests so far.
    pub requests: u64,
}

/// A machine.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    pub(super) id: InstanceId,
    pub(super) offer: (String, String, bool),
    pub(super) state: InstanceState,
    /// When the state it is in gives way to the next.
    pub(super) until: Option<Time>,
    pub(super) ip: Ipv4Addr,
    pub(super) boots: u32,
    /// Started or launched by a call: its hours are counted.
    pub(super) paid: bool,
    /// A fresh image without any cluster on it.
    pub(super) blank: bool,
}

/// A node.
#[derive(Clone, Debug)]
pub(super) struct SimNode {
    pub(super) name: NodeName,
    pub(super) machine: Option<InstanceId>,
    pub(super) role: NodeRole,
    pub(super) schedulable: bool,
    pub(super) ready: Ready,
    pub(super) ready_since: Time,
    /// When the system on it is up after a boot.
    pub(super) up_at: Option<Time>,
    pub(super) boots: u32,
    /// Its name resolution is gone until the next boot.
    pub(super) rotten: bool,
    /// Its agent refuses.
    pub(super) deaf: bool,
    /// Its agent is not heard of.
    pub(super) silent: bool,
    /// Seconds on end in which its pods were overloaded.
    pub(super) overloaded_s: u32,
}

/// A pod of the service.
#[derive(Clone, Debug)]
pub(super) struct SimPod {
    pub(super) name: String,
    pub(super) node: Option<NodeName>,
    pub(super) state: PodState,
    pub(super) since: Time,
    /// When it is up, or tries again.
    pub(super) due: Option<Time>,
    pub(super) restarts: u32,
}

/// A cluster.
#[derive(Clone, Debug)]
pub(super) struct SimCluster {
    pub(super) name: ClusterName,
    pub(super) file: ClusterFile,
    pub(super) nodes: BTreeMap<NodeName, SimNode>,
    pub(super) pods: Vec<SimPod>,
    pub(super) next_pod: u32,
    /// Requests waiting.
    pub(super) queue: f64,
    /// Name servers are down.
    pub(super) names_down: bool,
    pub(super) registry_down: bool,
    pub(super) no_egress: bool,
    pub(super) changed: bool,
}

/// A command on a machine.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) due: Time,
    pub(super) machine: InstanceId,
    pub(super) order: Order,
    pub(super) result: RunResult,
}

/// What is to be done on a machine.
#[derive(Clone, Debug)]
pub(super) enum Order {
    /// Join this cluster.
    Join(ClusterName),
    /// Leave the cluster it is in.
    Leave,
}

/// The world.
pub(super) struct World {
    pub(super) scenario: Scenario,
    pub(super) fleet: Fleet,
    pub(super) service: ServiceName,
    pub(super) now: Time,
    pub(super) seed: u64,
    pub(super) machines: BTreeMap<InstanceId, Machine>,
    pub(super) stock: BTreeMap<(String, String, bool), u32>,
    pub(super) clusters: BTreeMap<ClusterName, SimCluster>,
    pub(super) weights: BTreeMap<ClusterName, u8>,
    pub(super) weights_version: u64,
    pub(super) tickets: BTreeMap<String, (ClusterName, Time)>,
    pub(super) launched: BTreeMap<IdemKey, InstanceId>,
    pub(super) done_keys: BTreeSet<IdemKey>,
    pub(super) runs: BTreeMap<IdemKey, Run>,
    pub(super) faults: VecDeque<Fault>,
    pub(super) truth: Truth,
    pub(super) owed: f64,
    next_address: u32,
}

impl World {
    pub(super) fn new(scenario: &Scenario, seed: u64) -> Self {
        let mut world = Self {
            fleet: scenario.fleet(),
            service: ServiceName::new(scenario.service.as_str()),
            now: scenario.starts_at,
            seed,
            machines: BTreeMap::new(),
            stock: scenario.offering.iter().map(|offer| (key_of(offer), offer.stock)).collect(),
            clusters: BTreeMap::new(),
            weights: weights_of(&scenario.traffic.weights),
            weights_version: 1,
            tickets: BTreeMap::new(),
            launched: BTreeMap::new(),
            done_keys: BTreeSet::new(),
            runs: BTreeMap::new(),
            faults: VecDeque::new(),
            truth: Truth::default(),
            owed: 0.0,
            next_address: 11,
            scenario: scenario.clone(),
        };
        for cluster in &scenario.cluster {
            world.build(cluster);
        }
        world
    }

    fn build(&mut self, file: &ClusterFile) {
        let mut cluster = SimCluster {
            name: ClusterName::new(file.name.as_str()),
            file: file.clone(),
            nodes: BTreeMap::new(),
            pods: Vec::new(),
            next_pod: 0,
            queue: 0.0,
            names_down: false,
            registry_down: false,
            no_egress: false,
            changed: true,
        };
        for number in 1..=file.managers {
            let name = NodeName::new(format!("{}-manager-{number}", file.name));
            cluster.nodes.insert(name.clone(), self.node(name, None, NodeRole::ControlPlane));
        }
        for worker in &file.worker {
            let machine = self.machine_at_start(worker);
            let name = NodeName::new(worker.node.as_str());
            let mut node = self.node(name.clone(), Some(machine), NodeRole::Worker);
            if worker.stopped {
                node.ready = Ready::No;
            }
            node.deaf = file.half_built;
            cluster.nodes.insert(name, node);
        }
        cluster.fill(self.now);
        self.clusters.insert(cluster.name.clone(), cluster);
    }

    fn node(&self, name: NodeName, machine: Option<InstanceId>, role: NodeRole) -> SimNode {
        SimNode {
            name,
            machine,
            role,
            schedulable: true,
            ready: Ready::Yes,
            ready_since: self.now - TimeDelta::hours(1),
            up_at: None,
            boots: 1,
            rotten: false,
            deaf: false,
            silent: false,
            overloaded_s: 0,
        }
    }

    fn machine_at_start(&mut self, worker: &WorkerFile) -> InstanceId {
        let id = machine_id(&worker.node);
        let offer = (worker.machine.clone(), worker.zone.clone(), worker.spot);
        let state = if worker.stopped { InstanceState::Stopped } else { InstanceState::Running };
        let machine = self.machine(id.clone(), offer, state);
        self.machines.insert(id.clone(), Machine { paid: false, blank: false, ..machine });
        id
    }

    /// A new machine with an address of its own.
    pub(super) fn machine(
        &mut self,
        id: InstanceId,
        offer: (String, String, bool),
        state: InstanceState,
    ) -> Machine {
        let low = u8::try_from(self.next_address % 250).unwrap_or(1) + 1;
        let high = u8::try_from(self.next_address / 250).unwrap_or(0);
        self.next_address += 1;
        let ip = Ipv4Addr::new(10, 0, high, low);
        Machine { id, offer, state, until: None, ip, boots: 1, paid: true, blank: true }
    }

    pub(super) fn cluster_names(&self) -> Vec<ClusterName> {
        self.clusters.keys().cloned().collect()
    }

    #[expect(clippy::unused_self, reason = "the other names need the world too")]
    pub(super) fn cloud_names(&self) -> Vec<CloudName> {
        vec![CloudName::new(CLOUD)]
    }

    pub(super) fn entry_names(&self) -> Vec<TrafficName> {
        vec![TrafficName::new(self.scenario.traffic.name.as_str())]
    }

    pub(super) fn second_ends(&self) -> Time {
        self.now + TimeDelta::seconds(1)
    }

    /// The cluster and the node that a machine is.
    pub(super) fn place_of(&self, machine: &InstanceId) -> Option<(ClusterName, NodeName)> {
        self.clusters.values().find_map(|cluster| {
            let node = cluster.nodes.values().find(|node| node.machine.as_ref() == Some(machine))?;
            Some((cluster.name.clone(), node.name.clone()))
        })
    }

    pub(super) fn identity(&self, machine: Option<&InstanceId>) -> Identity {
        let Some(machine) = machine.and_then(|id| self.machines.get(id)) else { return Identity::default() };
        Identity {
            provider_id: Some(machine.id.to_string()),
            private_ip: Some(IpAddr::V4(machine.ip)),
            serial: Some(format!("sn-{}", machine.id)),
        }
    }

    pub(super) fn instance(&self, machine: &Machine) -> Instance {
        Instance {
            id: machine.id.clone(),
            machine: MachineType::new(machine.offer.0.as_str()),
            zone: ZoneName::new(machine.offer.1.as_str()),
            spot: machine.offer.2,
            state: machine.state,
            identity: self.identity(Some(&machine.id)),
            price: self.offer(&machine.offer).map(|offer| self.money(offer.price)),
        }
    }

    pub(super) fn offer(&self, key: &(String, String, bool)) -> Option<&OfferingFile> {
        self.scenario.offering.iter().find(|offer| key_of(offer) == *key)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "prices are small and positive"
    )]
    pub(super) fn money(&self, amount: f64) -> Money {
        Money { micros: (amount * 1_000_000.0) as u64, currency: self.scenario.currency.clone() }
    }

    pub(super) fn inventory(&self, cluster: &SimCluster) -> Inventory {
        let node = |node: &SimNode| Node {
            name: node.name.clone(),
            role: node.role,
            ready: if node.silent { Ready::Unknown } else { node.ready },
            ready_since: node.ready_since,
            schedulable: node.schedulable,
            boot_id: Some(BootId::new(format!("{}-boot-{}", node.name, node.boots))),
            identity: self.identity(node.machine.as_ref()),
        };
        let pod = |pod: &SimPod| Pod {
            name: pod.name.clone(),
            service: Some(self.service.clone()),
            node: pod.node.clone(),
            class: PodClass::Ordinary,
            state: pod.state.clone(),
            since: pod.since,
        };
        Inventory {
            as_of: Some(self.now),
            nodes: cluster.nodes.values().map(|one| (one.name.clone(), node(one))).collect(),
            pods: cluster.pods.iter().map(|one| (one.name.clone(), pod(one))).collect(),
            wanted_pods: BTreeMap::from([(self.service.clone(), cluster.file.pods)]),
            managers: (cluster.file.managers, cluster.file.managers),
        }
    }

    /// A snapshot of each cluster that changed since this was last asked.
    pub(super) fn changed_since_seen(&mut self) -> Vec<(ClusterName, Seen)> {
        let changed: Vec<ClusterName> =
            self.clusters.values().filter(|cluster| cluster.changed).map(|one| one.name.clone()).collect();
        let seen = |name: &ClusterName| {
            let inventory =
                self.clusters.get(name).map(|cluster| self.inventory(cluster)).unwrap_or_default();
            (name.clone(), Seen::Snapshot(Box::new(inventory)))
        };
        let all: Vec<_> = changed.iter().map(seen).collect();
        for cluster in self.clusters.values_mut() {
            cluster.changed = false;
        }
        all
    }

    /// SplitMix64.
    pub(super) fn draw(&mut self) -> u64 {
        self.seed = self.seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Whether something that happens with this chance does.
    pub(super) fn chance(&mut self, of: f64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "53 bits are enough of a coin")]
        let drawn = (self.draw() >> 11) as f64 / (1_u64 << 53) as f64;
        drawn < of
    }
}

impl SimCluster {
    /// All pods Ready where there is room: how a cluster stands before the play.
    fn fill(&mut self, now: Time) {
        let workers: Vec<NodeName> =
            self.workers().filter(|node| node.ready == Ready::Yes).map(|n| n.name.clone()).collect();
        let room = usize::try_from(self.file.pods_per_node).unwrap_or(0);
        let slots: Vec<NodeName> = (0..room).flat_map(|_| workers.iter().cloned()).collect();
        for index in 0..usize::try_from(self.file.pods).unwrap_or(0) {
            let node = slots.get(index).cloned();
            let state = match (&node, self.file.half_built) {
                (None, _) => PodState::Pending,
                (Some(_), true) => PodState::Starting,
                (Some(_), false) => PodState::Ready,
            };
            let pod = self.pod(node, state, now);
            self.pods.push(pod);
        }
    }

    pub(super) fn pod(&mut self, node: Option<NodeName>, state: PodState, now: Time) -> SimPod {
        self.next_pod += 1;
        let name = format!("web-{:04x}-{}", self.next_pod.wrapping_mul(40_503) & 0xffff, self.next_pod);
        SimPod { name, node, state, since: now, due: None, restarts: 0 }
    }

    pub(super) fn workers(&self) -> impl Iterator<Item = &SimNode> {
        self.nodes.values().filter(|node| node.role == NodeRole::Worker)
    }

    /// Pods that serve.
    pub(super) fn ready_pods(&self) -> impl Iterator<Item = &SimPod> {
        self.pods.iter().filter(|pod| pod.state == PodState::Ready)
    }
}

impl SimPod {
    pub(super) fn becomes(&mut self, state: PodState, now: Time, due: Option<Time>) {
        self.state = state;
        self.since = now;
        self.due = due;
    }

    /// It failed to start once more, because names cannot be resolved.
    pub(super) fn fails(&mut self, now: Time, signature: &str, said: &str) {
        self.restarts += 1;
        let wait = TimeDelta::seconds(i64::from(10_u32 << self.restarts.min(5)).min(300));
        let state = PodState::Failing {
            reason: "CrashLoopBackOff".to_owned(),
            restarts: self.restarts,
            signature: signature.to_owned(),
            evidence: Evidence(said.to_owned()),
        };
        self.becomes(state, now, Some(now + wait));
    }
}

pub(super) fn key_of(offer: &OfferingFile) -> (String, String, bool) {
    (offer.machine.clone(), offer.zone.clone(), offer.spot)
}

pub(super) fn weights_of(file: &BTreeMap<String, u8>) -> BTreeMap<ClusterName, u8> {
    file.iter().map(|(name, percent)| (ClusterName::new(name.as_str()), *percent)).collect()
}
