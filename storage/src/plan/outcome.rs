//! How a step ended, why a plan paused, and what a plan that is over leaves.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ProbeKind, Weight};
use crate::event::Share;
use crate::id::{BootId, ClusterName, InstanceId, NodeName, TrafficName};

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
        /// Failed of all requests of the half minute before, where known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        share: Option<Share>,
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
        /// Nodes that are Ready and carry nothing, since no pod wanted a place.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        idle: Vec<NodeName>,
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
