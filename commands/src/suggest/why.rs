//! The reasons that stand beside what is suggested.

use lifeboat_storage::id::{ClusterName, IncidentId, PlanId};

use crate::diagnose::Verdict;

/// Why a line is suggested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nobody has taken the incident.
    NobodyHasIt,
    /// All alerts are over: a person confirms.
    Over,
    /// It is mitigated; when the cause is gone too, it is resolved.
    Mitigated,
    /// It is resolved: the postmortem is there.
    Resolved,
    /// Nodes are sound and kept from pods by a plan of ours.
    Sound {
        /// How many.
        nodes: u32,
    },
    /// One failing node shows whether a boot mends it.
    Canary,
    /// The same, and it helped in an earlier incident.
    CanaryHelped {
        /// In which.
        earlier: IncidentId,
    },
    /// The canary was cured: the others next.
    Rest {
        /// The plan that showed it.
        cured: PlanId,
        /// How many still fail.
        nodes: u32,
    },
    /// The site is down: the failing ones together, those that serve last.
    Together {
        /// How many fail.
        nodes: u32,
    },
    /// Fewer nodes than wanted.
    Missing {
        /// So many.
        nodes: u32,
    },
    /// Every wanted node serves and users still get errors.
    Beyond,
    /// Another cluster can take the load.
    StandbyGreen {
        /// Which.
        cluster: ClusterName,
    },
    /// The diagnosis says so.
    Points(Verdict),
    /// Nodes that a wandering workload ate came back closed and empty: it takes one of them, pods find room on the
    /// others.
    Refill,
    /// What paused a plan is over.
    GoesOn,
    /// A person paused a plan, and nothing else keeps it from going on.
    PausedByPerson,
    /// A resumed plan reads again what nobody knew.
    LooksAgain,
    /// A resumed plan tries again what failed.
    TriesAgain,
    /// A step failed, was tried again and failed again: a plan makes way for others.
    FailsAgain,
    /// A plan that need not go on makes way for others.
    OrEnd,
    /// What paused a plan is not over: it makes way for others.
    HeldUp,
    /// A freeze keeps a plan from going on.
    Frozen {
        /// Of which cluster.
        cluster: ClusterName,
    },
    /// What was said yes to is no longer there.
    NoLongerSo,
    /// What fails, on which nodes.
    Look,
    /// How the schedules stand, and what can be had.
    Stock,
}
