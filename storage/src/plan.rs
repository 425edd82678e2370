//! A plan on machines, as it is recorded: what it will do, on which machines, within which limits.
//!
//! A plan is data. Planners (in `commands/`) make it, a person approves its [`Plan::hash`], the executor (in
//! `deploy/`) carries it out, and [`run::Run`] is what its events add up to.

use serde::{Deserialize, Serialize};

use crate::event::Time;
use crate::format::Sha256Hash;
use crate::id::{ClusterName, InstanceId, NodeName, PoolName, ScheduleName, ServiceName, TrafficName};

mod outcome;
pub mod run;
mod step;

pub use outcome::{Evidence, FailedBy, Forgotten, PauseReason, SkipReason, StepOutcome, StepResult};
pub use step::{HostCommand, JoinRole, LaunchSpec, Policy, ProbeKind, Proof, Rung, Step, Weight};

/// What a plan does: the verb a person typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "verb")]
pub enum Verb {
    /// `/node add`.
    NodeAdd {
        /// How many.
        count: u32,
        /// To which pool.
        pool: PoolName,
    },
    /// `/node cordon`.
    NodeCordon,
    /// `/node uncordon`.
    NodeUncordon,
    /// `/node drain`.
    NodeDrain,
    /// `/node reboot`.
    NodeReboot {
        /// How carefully.
        mode: RebootMode,
    },
    /// `/node move`.
    NodeMove {
        /// Where to.
        to: ClusterName,
    },
    /// `/node remove`.
    NodeRemove,
    /// `/cluster swap`.
    ClusterSwap {
        /// Where to.
        to: ClusterName,
        /// How fast.
        mode: SwapMode,
    },
    /// `/cluster canary install`.
    ClusterCanary,
    /// `/capacity run`, or the schedule itself.
    CapacityRun {
        /// Which schedule.
        schedule: ScheduleName,
    },
}

impl Verb {
    /// Its words as typed: `node-add`, `cluster-swap`; a key of the catalogue too.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::NodeAdd { .. } => "node-add",
            Self::NodeCordon => "node-cordon",
            Self::NodeUncordon => "node-uncordon",
            Self::NodeDrain => "node-drain",
            Self::NodeReboot { .. } => "node-reboot",
            Self::NodeMove { .. } => "node-move",
            Self::NodeRemove => "node-remove",
            Self::ClusterSwap { .. } => "cluster-swap",
            Self::ClusterCanary => "cluster-canary",
            Self::CapacityRun { .. } => "capacity-run",
        }
    }
}

/// How carefully nodes are rebooted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RebootMode {
    /// One node, probes before and after, a verdict.
    Canary,
    /// One after the other, drained, never more than the allowed share at once.
    Rolling,
    /// The site is down: canary first, then batches without drain, nodes that still serve last.
    Emergency,
}

/// How fast traffic is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SwapMode {
    /// All at once.
    AtOnce,
    /// A tenth first, then all.
    Stepwise,
}

/// A machine a plan touches, as both sides knew it when the plan was made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Target {
    /// Its cluster.
    pub cluster: ClusterName,
    /// The node.
    pub node: NodeName,
    /// The machine behind it, where the plan touches the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<InstanceId>,
    /// The provider id or machine serial by which they were found to be one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// It served when the plan was made.
    pub serving: bool,
}

/// What must hold before every step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "floor")]
pub enum Floor {
    /// At least so many nodes of the cluster keep serving.
    Serving {
        /// Where.
        cluster: ClusterName,
        /// The watched service.
        service: ServiceName,
        /// At least so many.
        least: u32,
        /// Of so many when the plan was made.
        of: u32,
    },
    /// No step touches the control plane.
    NoControlPlane,
    /// At least so many managers stay reachable.
    ManagerMajority {
        /// Where.
        cluster: ClusterName,
        /// At least so many.
        least: u32,
    },
    /// The share of failed requests stays below this, in thousandths.
    ErrorShare {
        /// The watched service.
        service: ServiceName,
        /// At most so many of a thousand.
        at_most_permille: u32,
    },
    /// The cluster is not frozen (waived by the emergency override).
    NotFrozen {
        /// Which.
        cluster: ClusterName,
    },
}

/// An amount of money per hour.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Money {
    /// Millionths of the currency.
    pub micros: u64,
    /// ISO 4217: `CNY`.
    pub currency: String,
}

/// What a plan costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "cost")]
pub enum Cost {
    /// Nothing more than now.
    Nothing,
    /// At most so much an hour more, as quoted.
    AtMost {
        /// An hour.
        per_hour: Money,
        /// When the newest price was read.
        quoted_at: Time,
    },
    /// No price could be read.
    Unknown,
}

/// How to take a plan back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "undo")]
pub enum Undo {
    /// Nothing to take back: what it does ends by itself (a reboot).
    NotNeeded,
    /// By a command line, ready to be typed.
    By {
        /// `/node uncordon worker-3`.
        line: String,
    },
    /// By `/node remove` of the nodes it brings; which those are is known once they joined.
    RemoveGained,
    /// By hand: Lifeboat has no command for it.
    ByHand,
    /// It cannot be taken back.
    Impossible,
}

/// How many people must say yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// Nobody beyond the one who asked: easily taken back, harms nothing.
    Given,
    /// One person confirms the plan that is shown; who asked may.
    Confirm,
    /// Another person than the one who asked.
    TwoPeople,
}

/// Serving nodes now and wanted, and the least that is left at any step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blast {
    /// Nodes that serve now.
    pub serving: u32,
    /// Nodes that should.
    pub wanted: u32,
    /// Nodes left serving during each step, in order of [`Plan::steps`].
    pub left: Vec<u32>,
}

/// What will be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The verb.
    #[serde(flatten)]
    pub verb: Verb,
    /// The cluster it belongs to; its lock is held while the plan runs.
    pub cluster: ClusterName,
    /// The cluster it moves to, whose lock is held too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<ClusterName>,
    /// The traffic entry it changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traffic: Option<TrafficName>,
    /// The watched service whose floors it keeps.
    pub service: ServiceName,
    /// In order. Steps that share a [`Step::batch`] may be under way together.
    pub steps: Vec<Step>,
    /// Machines it touches.
    pub targets: Vec<Target>,
    /// What must hold before every step.
    pub floors: Vec<Floor>,
    /// Serving capacity at every step.
    pub blast: Blast,
    /// What it costs.
    pub cost: Cost,
    /// How long it takes, in seconds: an estimate from boot times and holds.
    pub expected_s: u32,
    /// How to take it back.
    pub undo: Undo,
    /// Who must say yes.
    pub consent: Consent,
    /// It goes against a freeze or waives the second person, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub override_reason: Option<String>,
}

impl Plan {
    /// What an approval binds: steps, targets, floors and the price ceiling. 64 hexadecimal digits.
    ///
    /// # Panics
    /// Never: plain data always becomes JSON.
    #[must_use]
    pub fn hash(&self) -> String {
        let bound =
            (&self.verb, &self.cluster, &self.other, &self.steps, &self.targets, &self.floors, &self.cost);
        let bytes = serde_json::to_vec(&bound).expect("plain data becomes JSON");
        Sha256Hash::of(&bytes).to_string()
    }

    /// Whether a step of it changes machines or traffic in a way that needs consent.
    #[must_use]
    pub fn is_destructive(&self) -> bool {
        self.consent != Consent::Given
    }
}
