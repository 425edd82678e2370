//! Why a command on the fleet is refused. Nothing was touched.

use lifeboat_storage::event::Time;
use lifeboat_storage::id::{ClusterName, IncidentId, InstanceId, NodeName, PlanId, PoolName, ScheduleName};
use lifeboat_storage::plan::Floor;
use lifeboat_storage::plan::run::Standing;

use crate::guard::Broken;
use crate::people::WhoCould;

/// What a name was meant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// A node.
    Node,
    /// A pool.
    Pool,
    /// A cluster.
    Cluster,
    /// A schedule.
    Schedule,
    /// A scenario of the drill.
    Scenario,
}

/// Why a command on the fleet is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FleetRefusal {
    /// No such thing.
    NoSuch {
        /// What it was meant to be.
        what: Named,
        /// As typed.
        typed: String,
        /// Those there are.
        known: Vec<String>,
    },
    /// Nodes of several clusters have that name.
    SeveralSuch {
        /// As typed.
        typed: String,
        /// Where they are.
        clusters: Vec<ClusterName>,
    },
    /// No cluster is configured: Lifeboat only watches.
    NothingConfigured,
    /// What is seen of the cluster is too old to plan on.
    FactsOld {
        /// Which.
        cluster: ClusterName,
    },
    /// Another plan is at work there.
    Locked {
        /// Where.
        cluster: ClusterName,
        /// Which plan.
        plan: PlanId,
    },
    /// The cluster is frozen.
    Frozen {
        /// Which.
        cluster: ClusterName,
    },
    /// Control planes and managers are never touched.
    ControlPlane {
        /// Which node.
        node: NodeName,
    },
    /// Which machine a node is cannot be told.
    Unclear {
        /// Which node.
        node: NodeName,
        /// What it may be.
        candidates: Vec<InstanceId>,
    },
    /// It would take the last node that serves.
    LastServing {
        /// Where.
        cluster: ClusterName,
    },
    /// Somebody else cordoned nodes that serve: their pods would leave and not come back.
    HeldOut {
        /// Which.
        nodes: Vec<NodeName>,
    },
    /// The machines of these nodes are off: they can neither boot again nor leave their cluster.
    SwitchedOff {
        /// Which.
        nodes: Vec<NodeName>,
    },
    /// The nodes are as they are wanted already.
    AlreadySo {
        /// Which.
        nodes: Vec<NodeName>,
    },
    /// The majority of managers or control planes does not answer: nothing can be moved safely.
    NoMajority {
        /// Where.
        cluster: ClusterName,
        /// So many answer.
        there: u32,
        /// Of so many.
        of: u32,
    },
    /// The emergency mode is for a site that is down.
    NotDown {
        /// Nodes that serve.
        serving: u32,
        /// Nodes wanted.
        wanted: u32,
    },
    /// The standby cannot take the load.
    StandbyRed {
        /// Which.
        cluster: ClusterName,
        /// Keys of the answers that were not yes.
        items: Vec<String>,
    },
    /// The pool may not grow so far.
    PoolFull {
        /// Which.
        pool: PoolName,
        /// At most so many.
        max: u32,
    },
    /// Every way to get machines failed twice with the same error just now.
    NoRung {
        /// Of which pool.
        pool: PoolName,
    },
    /// All that the schedule should bring is there.
    NothingMissing {
        /// Which.
        schedule: ScheduleName,
    },
    /// The schedule has no run within a fortnight.
    NoRun {
        /// Which.
        schedule: ScheduleName,
    },
    /// That run is called off already.
    AlreadySkipped {
        /// Which.
        schedule: ScheduleName,
        /// When it would run.
        run: Time,
    },
    /// Nothing fits the target.
    NoTarget {
        /// As typed.
        typed: String,
    },
    /// From a cluster to itself.
    SameCluster {
        /// Which.
        cluster: ClusterName,
    },
    /// No traffic entry leads to both clusters.
    NoTraffic {
        /// Which one was to take over.
        cluster: ClusterName,
    },
    /// Its machines live in another cloud.
    OtherCloud {
        /// Which cluster.
        cluster: ClusterName,
    },
    /// No plan waits for that.
    NoPlan,
    /// There was no plan at all yet.
    NoPlans,
    /// No plan has that number.
    NoSuchPlan {
        /// As typed.
        plan: PlanId,
    },
    /// The plan is over, or not in that state.
    PlanElsewhere {
        /// Which.
        plan: PlanId,
        /// How it stands.
        standing: Standing,
    },
    /// Another person must say yes.
    OwnPlan {
        /// Which.
        plan: PlanId,
        /// Who could.
        who_could: WhoCould,
    },
    /// The plan shown to the person was another one.
    WrongHash {
        /// Which.
        plan: PlanId,
    },
    /// What must hold before the next step of a paused plan plainly does not: let go on, it would pause again at once.
    StillBroken {
        /// Which.
        plan: PlanId,
        /// What does not hold.
        floor: Floor,
        /// So many are there.
        now: u32,
    },
    /// It is frozen already.
    AlreadyFrozen {
        /// Which.
        cluster: ClusterName,
    },
    /// It is not frozen.
    NotFrozen {
        /// Which.
        cluster: ClusterName,
    },
    /// A guard-rail found a fault in the plan: ours, not the person's.
    Guarded {
        /// Which.
        rule: Broken,
    },
    /// No drill is played here.
    NoDrill,
    /// A drill is being played already.
    DrillRuns,
    /// A drill is being played beside this record, in a console of its own.
    DrillBeside {
        /// `DRILL-3`.
        drill: u32,
    },
    /// A drill would stand in the way of people at work.
    IncidentOpen {
        /// Those open.
        open: Vec<IncidentId>,
    },
    /// All hints were given.
    NoHint,
}

impl FleetRefusal {
    /// Its key in the catalogue and in the record.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::NoSuch { what: Named::Node, .. } => "no-such-node",
            Self::NoSuch { what: Named::Pool, .. } => "no-such-pool",
            Self::NoSuch { what: Named::Cluster, .. } => "no-such-cluster",
            Self::NoSuch { what: Named::Schedule, .. } => "no-such-schedule",
            Self::NoSuch { what: Named::Scenario, .. } => "no-such-scenario",
            Self::SeveralSuch { .. } => "several-such",
            Self::HeldOut { .. } => "held-out",
            Self::SwitchedOff { .. } => "switched-off",
            Self::AlreadySo { .. } => "already-so",
            Self::NoMajority { .. } => "no-majority",
            Self::NoRung { .. } => "no-rung",
            Self::NothingMissing { .. } => "nothing-missing",
            Self::NoRun { .. } => "no-run",
            Self::AlreadySkipped { .. } => "already-skipped",
            Self::NoTraffic { .. } => "no-traffic",
            Self::OtherCloud { .. } => "other-cloud",
            Self::NothingConfigured => "nothing-configured",
            Self::FactsOld { .. } => "facts-old",
            Self::Locked { .. } => "locked",
            Self::Frozen { .. } => "frozen",
            Self::ControlPlane { .. } => "control-plane",
            Self::Unclear { .. } => "unclear",
            Self::LastServing { .. } => "last-serving",
            Self::NotDown { .. } => "not-down",
            Self::StandbyRed { .. } => "standby-red",
            Self::PoolFull { .. } => "pool-full",
            Self::NoTarget { .. } => "no-target",
            Self::SameCluster { .. } => "same-cluster",
            Self::NoPlan => "no-plan",
            Self::NoPlans => "no-plans",
            Self::NoSuchPlan { .. } => "no-such-plan",
            Self::PlanElsewhere { .. } => "plan-elsewhere",
            Self::OwnPlan { .. } => "own-plan",
            Self::WrongHash { .. } => "wrong-hash",
            Self::StillBroken { floor: Floor::NotFrozen { .. }, .. } => "still-frozen",
            Self::StillBroken { .. } => "still-broken",
            Self::AlreadyFrozen { .. } => "already-frozen",
            Self::NotFrozen { .. } => "not-frozen",
            Self::Guarded { .. } => "guarded",
            Self::NoDrill => "no-drill",
            Self::DrillRuns => "drill-runs",
            Self::DrillBeside { .. } => "drill-beside",
            Self::IncidentOpen { .. } => "incident-open",
            Self::NoHint => "no-hint",
        }
    }
}
