//! What is seen of clusters, clouds and traffic: plain values with their age. No client library's word in them.

mod memory;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use lifeboat_storage::event::Time;
use lifeboat_storage::id::{
    BootId, CloudName, ClusterName, InstanceId, MachineType, NodeName, ServiceName, TrafficName, ZoneName,
};
use lifeboat_storage::plan::{Evidence, Money, ProbeKind, Weight};

pub use memory::{Loss, Memory, Run, workload};

/// What a node is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeRole {
    /// Runs the cluster itself: a control plane, a manager.
    ControlPlane,
    /// Carries ordinary work.
    Worker,
}

/// Yes, no, or nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ready {
    /// It says so, freshly.
    Yes,
    /// It says no.
    No,
    /// It has not been heard of.
    Unknown,
}

/// By what a machine is told from others.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// The cloud's own id, where the cluster knows it.
    pub provider_id: Option<String>,
    /// Address inside the configured network.
    pub private_ip: Option<IpAddr>,
    /// Serial of the machine.
    pub serial: Option<String>,
}

/// A node of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// As its cluster names it.
    pub name: NodeName,
    /// What for.
    pub role: NodeRole,
    /// How it is.
    pub ready: Ready,
    /// Since when it is so.
    pub ready_since: Time,
    /// New pods may go there (not cordoned, not drained).
    pub schedulable: bool,
    /// Changes at each boot.
    pub boot_id: Option<BootId>,
    /// By what it is told from others.
    pub identity: Identity,
}

/// What a pod or task is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PodClass {
    /// Ordinary work.
    Ordinary,
    /// One a node; does not count as serving and is not drained.
    Daemon,
}

/// How a pod is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PodState {
    /// Found no node.
    Pending,
    /// On its way up.
    Starting,
    /// Serves.
    Ready,
    /// Runs and does not serve.
    NotReady,
    /// Fails to start, again and again.
    Failing {
        /// In the cluster's word: `CrashLoopBackOff`.
        reason: String,
        /// How often it was started again.
        restarts: u32,
        /// Normalised error: `name-resolution`, `image-pull`, `network`, `out-of-memory`, `config`, `unknown`.
        signature: String,
        /// What it said last, cut: untrusted.
        evidence: Evidence,
    },
    /// On its way out.
    Leaving,
}

/// A pod or task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pod {
    /// Unique in its cluster.
    pub name: String,
    /// The watched service it belongs to, or none.
    pub service: Option<ServiceName>,
    /// Where it is.
    pub node: Option<NodeName>,
    /// What it is to us.
    pub class: PodClass,
    /// How it is.
    pub state: PodState,
    /// Since when.
    pub since: Time,
}

/// All that is seen of a cluster at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// When it was read; every fact of it is at least this fresh. Absent: never.
    pub as_of: Option<Time>,
    /// Its nodes.
    pub nodes: BTreeMap<NodeName, Node>,
    /// Its pods.
    pub pods: BTreeMap<String, Pod>,
    /// Pods that each service wants, where the cluster says so.
    pub wanted_pods: BTreeMap<ServiceName, u32>,
    /// Managers or control planes that answer, and all of them.
    pub managers: (u32, u32),
}

/// How a machine stands in its cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstanceState {
    /// There, and off.
    Stopped,
    /// On its way up.
    Starting,
    /// On.
    Running,
    /// On its way down.
    Stopping,
}

/// A machine of a cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// As its cloud names it.
    pub id: InstanceId,
    /// Type.
    pub machine: MachineType,
    /// Zone.
    pub zone: ZoneName,
    /// May be taken back at any time.
    pub spot: bool,
    /// How it stands.
    pub state: InstanceState,
    /// By what it is told from others.
    pub identity: Identity,
    /// Price an hour, where known.
    pub price: Option<Money>,
}

/// Whether a type can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stock {
    /// It can.
    Available,
    /// It is sold out.
    SoldOut,
    /// The cloud does not say.
    Unknown,
}

/// A type in a zone that may be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offering {
    /// Type.
    pub machine: MachineType,
    /// Zone.
    pub zone: ZoneName,
    /// May be taken back at any time.
    pub spot: bool,
    /// Whether it can be had.
    pub stock: Stock,
    /// Price an hour, where known.
    pub price: Option<Money>,
}

/// All that is seen of a cloud.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CloudFacts {
    /// When instances were read.
    pub as_of: Option<Time>,
    /// Its machines.
    pub instances: BTreeMap<InstanceId, Instance>,
    /// When stock and prices were read.
    pub offerings_as_of: Option<Time>,
    /// What can be had.
    pub offerings: Vec<Offering>,
}

/// All that is seen of a traffic entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrafficFacts {
    /// When it was read.
    pub as_of: Option<Time>,
    /// Changes with each change of the weights.
    pub version: String,
    /// How traffic is spread.
    pub weights: Vec<Weight>,
    /// Whether a cluster answers through this entry with the real host name; absent: not looked at.
    pub health: BTreeMap<ClusterName, bool>,
}

/// How a probe went.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProbeResult {
    /// It passed.
    Pass,
    /// It failed, so.
    Fail(Evidence),
    /// It could not be made, for this reason; that says nothing about the node.
    Unknown(Evidence),
}

/// A probe's newest result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeFact {
    /// How it went.
    pub result: ProbeResult,
    /// When it was made.
    pub as_of: Time,
}

/// Everything that is seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Clusters.
    pub clusters: BTreeMap<ClusterName, Inventory>,
    /// Probes by cluster, node and kind.
    pub probes: BTreeMap<(ClusterName, NodeName, ProbeKind), ProbeFact>,
    /// Clouds.
    pub clouds: BTreeMap<CloudName, CloudFacts>,
    /// Traffic entries.
    pub traffic: BTreeMap<TrafficName, TrafficFacts>,
    /// What is remembered of earlier facts.
    pub memory: Memory,
}

impl Inventory {
    /// Nodes that serve: at least one ordinary pod of the service is Ready there.
    #[must_use]
    pub fn serving(&self, service: &ServiceName) -> BTreeSet<NodeName> {
        let serves = |pod: &&Pod| {
            pod.class == PodClass::Ordinary
                && pod.state == PodState::Ready
                && pod.service.as_ref() == Some(service)
        };
        self.pods.values().filter(serves).filter_map(|pod| pod.node.clone()).collect()
    }

    /// Every pod that the service wants is Ready: a node that came back after others took its pods stays empty.
    #[must_use]
    pub fn wants_no_more(&self, service: &ServiceName) -> bool {
        let of_service = |pod: &&Pod| pod.service.as_ref() == Some(service) && pod.state == PodState::Ready;
        let ready = u32::try_from(self.pods.values().filter(of_service).count()).unwrap_or(u32::MAX);
        self.wanted_pods.get(service).is_some_and(|wanted| *wanted > 0 && ready >= *wanted)
    }

    /// Nodes that carry something: at least one ordinary pod of any service is Ready there.
    #[must_use]
    pub fn busy(&self) -> BTreeSet<NodeName> {
        let runs = |pod: &&Pod| pod.class == PodClass::Ordinary && pod.state == PodState::Ready;
        self.pods.values().filter(runs).filter_map(|pod| pod.node.clone()).collect()
    }

    /// Workers, by name.
    pub fn workers(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values().filter(|node| node.role == NodeRole::Worker)
    }
}

/// Which machine a node is. Nobody acts on one that is not told for sure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matched {
    /// Exactly this one.
    One(InstanceId),
    /// None, or several: the candidates.
    Unclear(Vec<InstanceId>),
}

impl CloudFacts {
    /// The machine behind a node: the provider id says so, or private address *and* serial agree.
    #[must_use]
    pub fn machine_of(&self, node: &Node) -> Matched {
        let same = |instance: &&Instance| same_machine(&node.identity, instance);
        let found: Vec<InstanceId> = self.instances.values().filter(same).map(|one| one.id.clone()).collect();
        match found.as_slice() {
            [only] => Matched::One(only.clone()),
            _ => Matched::Unclear(if found.is_empty() { self.near(node) } else { found }),
        }
    }

    /// Machines that agree in one thing only: candidates to show, never to act on.
    fn near(&self, node: &Node) -> Vec<InstanceId> {
        let agrees = |instance: &&Instance| {
            let (ours, theirs) = (&node.identity, &instance.identity);
            (ours.private_ip.is_some() && ours.private_ip == theirs.private_ip)
                || (ours.serial.is_some() && ours.serial == theirs.serial)
        };
        self.instances.values().filter(agrees).map(|one| one.id.clone()).collect()
    }
}

/// A provider id that is known decides alone; without one, address and serial must both agree.
fn same_machine(ours: &Identity, instance: &Instance) -> bool {
    let theirs = &instance.identity;
    match (&ours.provider_id, &theirs.provider_id) {
        (Some(ours), Some(theirs)) => ours == theirs,
        _ => {
            let ip = ours.private_ip.is_some() && ours.private_ip == theirs.private_ip;
            let serial = ours.serial.is_some() && ours.serial == theirs.serial;
            ip && serial
        }
    }
}
