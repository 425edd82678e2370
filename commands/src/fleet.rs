//! What is configured of the fleet: clusters, pools, clouds, traffic entries, schedules, and the limits plans keep.

use chrono::NaiveTime;
use lifeboat_storage::id::{
    CloudName, ClusterName, InstanceId, MachineType, PoolName, ScheduleName, ServiceName, TrafficName,
    ZoneName,
};

/// A cluster, as configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Its name.
    pub name: ClusterName,
    /// The watched service it carries.
    pub service: ServiceName,
    /// Where its machines live.
    pub cloud: CloudName,
    /// What sends it requests, where Lifeboat may change that.
    pub traffic: Option<TrafficName>,
    /// Workers that should serve.
    pub wanted: u32,
}

/// Machines of one type and zone that a pool may take, in order of preference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolRung {
    /// Type.
    pub machine: MachineType,
    /// Zone.
    pub zone: ZoneName,
    /// May be taken back at any time.
    pub spot: bool,
}

/// A pool of workers, as configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Its name.
    pub name: PoolName,
    /// Its cluster.
    pub cluster: ClusterName,
    /// Machines that are its own and may be started when stopped, in order.
    pub members: Vec<InstanceId>,
    /// The ladder after that: what may be launched.
    pub ladder: Vec<PoolRung>,
    /// Never more workers than this.
    pub max: u32,
}

/// A traffic entry, as configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrafficEntry {
    /// Its name.
    pub name: TrafficName,
    /// The watched service.
    pub service: ServiceName,
    /// The clusters it can send to.
    pub clusters: Vec<ClusterName>,
}

/// Who starts the machines of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Starts {
    /// Lifeboat does.
    Lifeboat,
    /// Something else does (`starts = "elsewhere"`): Lifeboat starts nothing, but judges all the same.
    Elsewhere,
}

/// A capacity schedule, as configured. Times are in the configured zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Its name.
    pub name: ScheduleName,
    /// The pool it starts.
    pub pool: PoolName,
    /// How many workers it brings.
    pub count: u32,
    /// Days of the week, Monday first.
    pub days: [bool; 7],
    /// When it starts.
    pub start: NaiveTime,
    /// By when all must be Ready.
    pub ready_by: NaiveTime,
    /// Who starts them.
    pub starts: Starts,
}

/// Limits every plan keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Never more than this share of the serving nodes at once, in percent, 1 to 100; one always may. Default 34.
    pub at_once_percent: u32,
    /// Nodes rebooted together in an emergency after the canary, and at most otherwise, 1 to 100. Default 4.
    pub emergency_batch: u32,
    /// Facts older than this pause a plan, in seconds, 10 to 3600. Default 60.
    pub facts_age_s: u32,
    /// A plan that waits longer for its yes, or after it for its first step, expires, in seconds, 60 to 86400.
    /// Default 600.
    pub approval_s: u32,
    /// Money a day that may be spent without a person, in millionths of the currency. Default 0: none.
    pub budget_micros_a_day: u64,
    /// More than this share of failed requests aborts a shift, in thousandths, 1 to 1000. Default 20.
    pub abort_permille: u32,
    /// A new node must be Ready for so long before it counts, in seconds, 10 to 3600. Default 60.
    pub stable_s: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            at_once_percent: 34,
            emergency_batch: 4,
            facts_age_s: 60,
            approval_s: 600,
            budget_micros_a_day: 0,
            abort_permille: 20,
            stable_s: 60,
        }
    }
}

/// Everything configured of the fleet. Empty where Lifeboat only watches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fleet {
    /// Clusters in order.
    pub clusters: Vec<Cluster>,
    /// Pools in order.
    pub pools: Vec<Pool>,
    /// Clouds in order.
    pub clouds: Vec<CloudName>,
    /// Traffic entries in order.
    pub traffic: Vec<TrafficEntry>,
    /// Schedules in order.
    pub schedules: Vec<Schedule>,
    /// Limits.
    pub limits: Limits,
}

impl Fleet {
    /// A cluster by name.
    #[must_use]
    pub fn cluster(&self, name: &ClusterName) -> Option<&Cluster> {
        self.clusters.iter().find(|cluster| cluster.name == *name)
    }

    /// A pool by name.
    #[must_use]
    pub fn pool(&self, name: &PoolName) -> Option<&Pool> {
        self.pools.iter().find(|pool| pool.name == *name)
    }

    /// A traffic entry by name.
    #[must_use]
    pub fn entry(&self, name: &TrafficName) -> Option<&TrafficEntry> {
        self.traffic.iter().find(|entry| entry.name == *name)
    }
}
