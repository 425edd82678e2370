//! What really happened: for the score and for tests. Lifeboat itself never sees it.

mod harm;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use lifeboat_commands::ports::orchestrator::Seen;
use lifeboat_storage::event::{Share, Time};
use lifeboat_storage::id::{ClusterName, InstanceId, NodeName};
use lifeboat_storage::plan::{Money, Weight};

pub use harm::Harm;

use super::world::cloud::{CloudWorld, Power};

/// The failing share is that of so many seconds.
const SHARE_OVER_S: usize = 60;

/// What came of living on for a while.
#[derive(Clone, Debug, Default)]
pub struct Happened {
    /// Access-log lines in nginx's combined format, upstream and time behind; whole lines.
    pub log: Vec<u8>,
    /// What was seen, in order: a snapshot of each cluster first, then changes, and a snapshot again now and then.
    pub seen: Vec<(ClusterName, Seen)>,
}

/// What really happened so far.
#[derive(Clone, Debug)]
pub struct Truth {
    /// Ready pods of the service that a reboot, stop or re-imaging killed.
    pub healthy_pods_lost: u32,
    /// What machines that were started or made through the ports have cost.
    pub money: Money,
    /// Nodes that serve, by cluster.
    pub serving: BTreeMap<ClusterName, u32>,
    /// Failed of all requests since the world began.
    pub requests: Share,
    /// Failed of all requests of the last minute.
    pub last_minute: Share,
    /// When requests first failed for a whole minute above one in a hundred.
    pub first_bad_at: Option<Time>,
    /// Since when less than one in a hundred has failed; absent while it does.
    pub good_since: Option<Time>,
    /// Reboots ordered, in order.
    pub reboots: Vec<(Time, NodeName)>,
    /// Re-imagings ordered, in order.
    pub reimages: Vec<(Time, InstanceId)>,
    /// Machines made, in order.
    pub launches: Vec<(Time, InstanceId)>,
    /// Machines stopped through the ports.
    pub stops: Vec<(Time, InstanceId)>,
    /// Machines that could not be started: sold out.
    pub sold_out: Vec<(Time, String)>,
    /// Spot machines that the cloud took back.
    pub reclaimed: Vec<(Time, InstanceId)>,
    /// Traffic set, in order.
    pub shifts: Vec<(Time, Vec<Weight>)>,
    /// Pods evicted by drains.
    pub evicted: u32,
    /// Calls that did harm as soon as they were made, in order.
    pub(super) harms: Vec<(Time, Harm)>,
    /// Of the pods lost, those that boots ended before others could carry what came.
    pub(super) lost_while_needed: u32,
    /// Machines on which a pod of the service has been Ready, or a workload that has room there.
    pub(super) of_use: BTreeSet<InstanceId>,
    now: Time,
    last: VecDeque<Share>,
    spent_micros_hours: u128,
}

impl Truth {
    pub(super) fn new(now: Time, currency: String) -> Self {
        Self {
            healthy_pods_lost: 0,
            money: Money { micros: 0, currency },
            serving: BTreeMap::new(),
            requests: Share::default(),
            last_minute: Share::default(),
            first_bad_at: None,
            good_since: Some(now),
            reboots: Vec::new(),
            reimages: Vec::new(),
            launches: Vec::new(),
            stops: Vec::new(),
            sold_out: Vec::new(),
            reclaimed: Vec::new(),
            shifts: Vec::new(),
            evicted: 0,
            harms: Vec::new(),
            lost_while_needed: 0,
            of_use: BTreeSet::new(),
            now,
            last: VecDeque::new(),
            spent_micros_hours: 0,
        }
    }

    /// Failed of all requests of the last minute, between 0 and 1.
    #[must_use]
    pub fn failing_share(&self) -> f64 {
        self.last_minute.ratio()
    }

    pub(super) fn second(&mut self, share: Share, serving: BTreeMap<ClusterName, u32>) {
        self.now += chrono::TimeDelta::seconds(1);
        self.serving = serving;
        self.requests.bad += share.bad;
        self.requests.total += share.total;
        self.last.push_back(share);
        self.last_minute.bad += share.bad;
        self.last_minute.total += share.total;
        if self.last.len() > SHARE_OVER_S
            && let Some(old) = self.last.pop_front()
        {
            self.last_minute.bad -= old.bad;
            self.last_minute.total -= old.total;
        }
        if self.failing_share() >= 0.01 {
            self.good_since = None;
            self.first_bad_at.get_or_insert(self.now);
        } else {
            self.good_since.get_or_insert(self.now);
        }
    }

    /// One second of every machine that was started or made through the ports.
    pub(super) fn charge(&mut self, cloud: &CloudWorld) {
        let running = cloud.machines.values().filter(|one| one.charged && one.power != Power::Off);
        for machine in running {
            let price = cloud.price_of(machine).map_or(0, |price| price.micros);
            self.spent_micros_hours += u128::from(price);
        }
        self.money.micros = u64::try_from(self.spent_micros_hours / 3_600).unwrap_or(u64::MAX);
    }
}
