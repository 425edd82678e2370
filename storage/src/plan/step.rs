//! Steps of a plan: what each is about and asks for.

use serde::{Deserialize, Serialize};

use super::Money;
use crate::id::{
    BootId, CloudName, ClusterName, InstanceId, MachineType, NodeName, PoolName, TrafficName, ZoneName,
};

/// What is looked at on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProbeKind {
    /// A pod on the node resolves a name.
    NameResolution,
    /// The node's agent answers (kubelet port, engine socket).
    Agent,
    /// A pod on the node reaches what the service depends on outside.
    Egress,
    /// An image can be pulled there.
    ImagePull,
}

impl ProbeKind {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::NameResolution, Self::Agent, Self::Egress, Self::ImagePull];

    /// A key of the catalogue: `name-resolution`.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::NameResolution => "name-resolution",
            Self::Agent => "agent",
            Self::Egress => "egress",
            Self::ImagePull => "image-pull",
        }
    }
}

/// What a joining machine becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JoinRole {
    /// Carries ordinary work.
    Worker,
}

/// One way to get machines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "rung")]
pub enum Rung {
    /// Start machines that are there and stopped.
    Start {
        /// Which may be started, in order.
        instances: Vec<InstanceId>,
    },
    /// Make new ones.
    Launch(LaunchSpec),
}

/// What a new machine shall be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LaunchSpec {
    /// Type.
    pub machine: MachineType,
    /// Zone.
    pub zone: ZoneName,
    /// May be taken back by the cloud at any time.
    pub spot: bool,
    /// The pool it is for.
    pub pool: PoolName,
    /// Price of one an hour, as quoted when the plan was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
}

/// How pods leave a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// Disruption budgets are kept.
    Budgets,
}

/// A command run on the machine itself; what it needs of secrets is added by the adapter and never recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostCommand {
    /// Leave the cluster it is in.
    Leave,
}

/// A cluster's share of the traffic, in percent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Weight {
    /// Which.
    pub cluster: ClusterName,
    /// 0 to 100; all of an entry add up to 100.
    pub percent: u8,
}

/// What a proof shows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "proof")]
pub enum Proof {
    /// At least so many of the nodes this plan touched or gained serve.
    Serving {
        /// Of this cluster.
        cluster: ClusterName,
        /// At least so many; 0 means all that were gained.
        at_least: u32,
    },
    /// The traffic stands as wanted and the share of failed requests is below the limit.
    Traffic {
        /// Which entry.
        traffic: TrafficName,
        /// At most so many of a thousand fail.
        at_most_permille: u32,
    },
    /// The node is gone from the cluster.
    Gone,
    /// The node is schedulable, or not, as wanted.
    Schedulable {
        /// As wanted.
        want: bool,
    },
    /// No ordinary pod is left on the node.
    Empty,
    /// The canary answers on every node: name resolution there passes or fails, and is no longer unknown.
    CanaryAnswers,
    /// The nodes are up; where they may carry nothing, serving cannot be shown.
    Booted,
}

/// Which node a step is about.
///
/// `slot` counts the machines that the plan gains while it runs (`/node add`), from 0: which machine that is,
/// [`super::run::Run::gained`] knows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum Step {
    /// Try one way to get machines, for as many as are still missing; skipped when none is.
    Obtain {
        /// Where.
        cloud: CloudName,
        /// How many the plan wants in all.
        want: u32,
        /// The way.
        rung: Rung,
    },
    /// The nth gained machine joins the cluster, cordoned.
    Join {
        /// Which of the gained.
        slot: u32,
        /// Into which cluster.
        cluster: ClusterName,
        /// By which cloud it is reached.
        cloud: CloudName,
        /// As what.
        role: JoinRole,
    },
    /// The nth gained machine is in the cluster and Ready; probes pass there; only then it takes pods.
    Admit {
        /// Which of the gained.
        slot: u32,
        /// In which cluster.
        cluster: ClusterName,
    },
    /// A probe on a node; part of a verdict before and after.
    Probe {
        /// Where.
        cluster: ClusterName,
        /// On which node.
        node: NodeName,
        /// What is looked at.
        probe: ProbeKind,
        /// The step fails when the probe does; else the result is only noted.
        must_pass: bool,
    },
    /// No new pods go there.
    Cordon {
        /// Where.
        cluster: ClusterName,
        /// Which.
        node: NodeName,
    },
    /// New pods may go there again; only where this plan cordoned, unless `always`.
    Uncordon {
        /// Where.
        cluster: ClusterName,
        /// Which.
        node: NodeName,
        /// Also where somebody else cordoned (the verb `/node uncordon`).
        always: bool,
    },
    /// Pods leave.
    Drain {
        /// Where.
        cluster: ClusterName,
        /// Which.
        node: NodeName,
        /// How.
        policy: Policy,
    },
    /// Boots again in place: nothing of the machine is given back.
    Reboot {
        /// Where.
        cluster: ClusterName,
        /// Which.
        node: NodeName,
        /// By which cloud.
        cloud: CloudName,
        /// Which machine.
        instance: InstanceId,
    },
    /// New boot id, Ready and stable for so long, probes green.
    AwaitBoot {
        /// Where.
        cluster: ClusterName,
        /// Which.
        node: NodeName,
        /// The boot id before.
        before: Option<BootId>,
        /// Ready without a break for so many seconds.
        stable_s: u32,
    },
    /// Leaves its cluster from inside.
    Leave {
        /// By which cloud.
        cloud: CloudName,
        /// Which machine.
        instance: InstanceId,
        /// From which cluster.
        cluster: ClusterName,
        /// As which node.
        node: NodeName,
    },
    /// Its disk is made new.
    Reimage {
        /// By which cloud.
        cloud: CloudName,
        /// Which machine; from then on it counts as the next gained.
        instance: InstanceId,
        /// It was this node.
        node: NodeName,
    },
    /// The cluster forgets the node.
    Forget {
        /// Where.
        cluster: ClusterName,
        /// Which.
        node: NodeName,
    },
    /// The machine is stopped, not given back.
    Stop {
        /// By which cloud.
        cloud: CloudName,
        /// Which.
        instance: InstanceId,
        /// It was this node.
        node: NodeName,
    },
    /// The canary that makes name resolution visible on every node is put there.
    InstallCanary {
        /// Where.
        cluster: ClusterName,
    },
    /// Looked at once more before traffic is moved; every answer must be yes.
    Preflight {
        /// Which cluster.
        cluster: ClusterName,
    },
    /// Traffic is spread so.
    Shift {
        /// Which entry.
        traffic: TrafficName,
        /// How; all clusters of the entry.
        weights: Vec<Weight>,
    },
    /// Wait and watch; failing above the limit takes the traffic back.
    Hold {
        /// Which entry.
        traffic: TrafficName,
        /// So long, in seconds.
        seconds: u32,
        /// More than so many of a thousand fail: abort. Where too many failed already before the shift, only what the
        /// share that was not moved cannot explain counts.
        abort_above_permille: u32,
        /// Where the traffic goes back to.
        back: Vec<Weight>,
    },
    /// The last step of every verb: shows that the effect is there.
    Prove {
        /// What is to be seen.
        proof: Proof,
        /// On which nodes, where it is about some.
        nodes: Vec<NodeName>,
        /// In which cluster.
        cluster: ClusterName,
    },
}
