//! Requests come in, are answered or not, and are written down as nginx would.
//!
//! - How many come follows the hour of the day, scaled so that the whole day has the wanted mean.
//! - They go to clusters by weight, and there to the pods that are Ready, evenly.
//! - What is more than the pods can answer waits for a second and a half; what would wait longer gets a 502.
//! - A pod that is pushed far beyond what it can answer no longer passes its liveness check; its agent kills it.

use std::collections::BTreeMap;

use lifeboat_storage::id::{ClusterName, NodeName};

use super::cluster::Cluster;
use crate::simulated::random::Dice;
use crate::simulated::scenario::TrafficFile;

/// So many seconds of work may wait.
const PATIENCE_S: f64 = 1.5;
/// A pod that is pushed to twice what it can answer fails its liveness check once in so many seconds.
const KILLED_AT_TWICE_S: f64 = 110.0;
/// An entry node passes on so many requests a second at most.
const ENTRY_PER_S: f64 = 400.0;

/// How traffic is spread, and the wave it follows.
#[derive(Debug)]
pub(in crate::simulated) struct Site {
    pub(in crate::simulated) weights: BTreeMap<ClusterName, u8>,
    pub(in crate::simulated) version: u64,
    wave: Wave,
    waiting: BTreeMap<ClusterName, f64>,
    carry: f64,
}

/// Level by the second of the day, scaled to the mean.
#[derive(Debug)]
struct Wave {
    points: Vec<(f64, f64)>,
    scale: f64,
}

/// What one cluster did with its requests in one second.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::simulated) struct Second {
    pub(in crate::simulated) answered: u64,
    pub(in crate::simulated) failed: u64,
    /// Share of what the pods can do; above 1 they are pushed too far.
    pub(in crate::simulated) pushed: f64,
    /// Seconds an answer waits before it is worked on.
    pub(in crate::simulated) waits_s: f64,
}

impl Site {
    pub(in crate::simulated) fn new(file: &TrafficFile) -> Self {
        let mut wave = Wave { points: file.wave.clone(), scale: 1.0 };
        let mean = (0..1_440).map(|minute| wave.level(f64::from(minute) / 60.0)).sum::<f64>() / 1_440.0;
        wave.scale = file.mean_per_s / mean.max(f64::MIN_POSITIVE);
        Self { weights: file.weights.clone(), version: 1, wave, waiting: BTreeMap::new(), carry: 0.0 }
    }

    /// Requests a second that the hour brings on average.
    pub(in crate::simulated) fn expected(&self, second_of_day: u32) -> f64 {
        self.wave.level(f64::from(second_of_day) / 3_600.0) * self.wave.scale
    }

    /// Requests of this second, a whole number; what is left over goes to the next.
    pub(in crate::simulated) fn arrive(&mut self, second_of_day: u32, dice: &mut Dice) -> f64 {
        let mean = self.expected(second_of_day);
        let drawn = (mean + mean.sqrt() * 0.6 * dice.bell() + self.carry).max(0.0);
        self.carry = drawn.fract();
        drawn.floor()
    }

    pub(in crate::simulated) fn version_text(&self) -> String {
        format!("v{}", self.version)
    }

    /// One second of one cluster: `came` requests meet what its entry passes and its Ready pods can do.
    pub(in crate::simulated) fn serve(&mut self, cluster: &Cluster, came: f64, dice: &mut Dice) -> Second {
        let can = pods_can(cluster);
        let waiting = self.waiting.entry(cluster.name().clone()).or_default();
        let work = came + *waiting;
        let passed = work.min(entry(cluster));
        let answered = passed.min(can);
        *waiting = (work - answered).min(can * PATIENCE_S);
        let shed = work - answered - *waiting;
        let broken = answered * cluster.egress_fails.max(cluster.lookups_fail);
        let failed = whole(shed + broken, dice);
        Second {
            answered: whole(answered - broken, dice),
            failed,
            pushed: if can > 0.0 { passed / can } else { 0.0 },
            waits_s: if can > 0.0 { *waiting / can } else { 0.0 },
        }
    }
}

/// Requests a second that a cluster can answer now.
pub(in crate::simulated) fn capacity(cluster: &Cluster) -> f64 {
    pods_can(cluster).min(entry(cluster))
}

fn pods_can(cluster: &Cluster) -> f64 {
    f64::from(cluster.serving_pods()) * cluster.file.pod_per_s
}

/// Requests a second that find their way to the pods.
pub(in crate::simulated) fn entry(cluster: &Cluster) -> f64 {
    if cluster.file.entry_on.is_empty() {
        return cluster.entry_passes;
    }
    let open = |name: &&String| {
        let host = cluster.hosts.get(&NodeName::new(name.as_str()));
        host.is_some_and(|host| host.up && host.node.schedulable)
    };
    let entries = u32::try_from(cluster.file.entry_on.iter().filter(open).count()).unwrap_or(0);
    cluster.entry_passes.min(f64::from(entries) * ENTRY_PER_S)
}

/// Whether a pod that is pushed so far fails its liveness check in this second.
pub(in crate::simulated) fn chokes(pushed: f64, dice: &mut Dice) -> bool {
    pushed > 1.0 && dice.once_in(KILLED_AT_TWICE_S / (pushed.min(2.0) - 1.0))
}

/// A whole number whose mean is `amount`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "requests of one second")]
fn whole(amount: f64, dice: &mut Dice) -> u64 {
    let whole = amount.max(0.0).floor() as u64;
    let rest = amount.max(0.0).fract();
    whole + u64::from(rest > 0.0 && dice.share() < rest)
}

impl Wave {
    fn level(&self, hour: f64) -> f64 {
        let after = self.points.iter().position(|(at, _)| *at > hour);
        let (Some(first), Some(last)) = (self.points.first(), self.points.last()) else { return 1.0 };
        let (from, to) = match after {
            Some(0) => ((last.0 - 24.0, last.1), *first),
            Some(index) => (self.points[index - 1], self.points[index]),
            None => (*last, (first.0 + 24.0, first.1)),
        };
        let span = to.0 - from.0;
        if span <= 0.0 { to.1 } else { from.1 + (to.1 - from.1) * (hour - from.0) / span }
    }
}
