//! Steps of a plan, and how each ended.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Money;
use crate::event::Share;
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
        /// More than so many of a thousand fail: abort.
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

/// What an outside answer said, cut and without secrets: untrusted text.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Evidence(pub String);

/// What a step brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "brought")]
pub enum StepResult {
    /// Nothing to tell beyond that it worked.
    Plain,
    /// These machines were gained, in this order.
    Gained {
        /// Which.
        instances: Vec<InstanceId>,
        /// Those that were refused, and why.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        refused: BTreeMap<InstanceId, FailedBy>,
    },
    /// The gained machine is this node.
    Joined {
        /// Which of the gained.
        slot: u32,
        /// The node.
        node: NodeName,
    },
    /// Whether the node took pods before: who had cordoned is not forgotten.
    SchedulableWas {
        /// As it was.
        before: bool,
    },
    /// How the probe went.
    Probed {
        /// It passed.
        pass: bool,
        /// What was seen.
        #[serde(default)]
        evidence: Evidence,
    },
    /// It booted.
    Booted {
        /// The boot id now.
        boot: BootId,
    },
    /// The traffic stood so before.
    WeightsWere {
        /// As they were.
        before: Vec<Weight>,
    },
    /// The share of failed requests meanwhile.
    Held {
        /// Failed of all.
        share: Share,
    },
    /// It is proven.
    Proven {
        /// Nodes that serve.
        serving: Vec<NodeName>,
        /// Failed of all requests of the last half minute, where known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        share: Option<Share>,
    },
}

/// What refused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum FailedBy {
    /// Sold out there.
    NoCapacity {
        /// What the cloud said.
        evidence: Evidence,
    },
    /// Not permitted.
    Denied {
        /// What was said.
        evidence: Evidence,
    },
    /// Not there (any more).
    NotFound,
    /// Nobody started it, as far as can be seen.
    NotStarted,
    /// Not done in time.
    Deadline {
        /// After so many seconds.
        after_s: u32,
        /// What kept it: pods that may not leave, a probe that fails.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        blocked_by: Vec<String>,
    },
    /// A probe failed.
    Probe {
        /// Which.
        probe: ProbeKind,
        /// What was seen.
        evidence: Evidence,
    },
    /// Too many requests failed.
    ErrorShare {
        /// Failed of all.
        share: Share,
    },
    /// Preflight said no: the items that did.
    Preflight {
        /// Keys of the catalogue.
        items: Vec<String>,
    },
    /// Which machine it is cannot be told.
    Identity {
        /// What it may be.
        candidates: Vec<InstanceId>,
    },
}

/// Why a step was not needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// Enough machines were gained before.
    Enough,
    /// Fewer machines were gained than wanted.
    NothingGained,
    /// It was so already.
    AlreadySo,
    /// Somebody else had cordoned it.
    NotOurCordon,
    /// An earlier step for the same machine failed; the others go on.
    EarlierFailed,
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum StepOutcome {
    /// Done, seen.
    Succeeded {
        /// What it brought.
        result: StepResult,
    },
    /// Not done, for good.
    Failed {
        /// By what.
        by: FailedBy,
    },
    /// Nobody can say whether it was done.
    Unknown {
        /// What is known.
        evidence: Evidence,
    },
    /// Not needed.
    Skipped {
        /// Why.
        why: SkipReason,
    },
}

/// Why a plan paused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "paused")]
pub enum PauseReason {
    /// A person asked.
    Asked,
    /// A floor no longer holds: this one.
    FloorBroken {
        /// Which.
        floor: super::Floor,
        /// What is there now.
        now: u32,
    },
    /// A target is another machine than when the plan was approved, or it cannot be told; or it was off and is back.
    TargetChanged {
        /// Which.
        node: NodeName,
    },
    /// Somebody else spread the traffic otherwise meanwhile.
    TrafficChanged {
        /// Which entry.
        traffic: TrafficName,
    },
    /// The facts are too old.
    FactsOld {
        /// Of which cluster.
        cluster: ClusterName,
        /// How old, in seconds; absent when there are none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        age_s: Option<u32>,
    },
    /// A step stays unknown past its deadline.
    StepUnknown,
    /// A step failed, and going on would do harm.
    StepFailed,
    /// Events can no longer be recorded.
    NotRecording,
}

/// What a cancelled plan leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgotten {
    /// Nodes left cordoned by it.
    pub cordoned: Vec<NodeName>,
    /// Steps left unknown, by their index.
    pub unknown: Vec<u32>,
}
