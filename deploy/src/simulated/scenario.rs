//! What is there at the start and what goes wrong by itself: a TOML file.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use lifeboat_commands::fleet::{Cluster, Fleet, Limits, Pool, PoolRung, Schedule, Starts, TrafficEntry};
use lifeboat_storage::event::Time;
use lifeboat_storage::id::{
    CloudName, ClusterName, InstanceId, MachineType, PoolName, ScheduleName, ServiceName, TrafficName,
    ZoneName,
};
use serde::Deserialize;

/// The scenarios that come with Lifeboat, by name; the first is the default.
const BUILT_IN: &[(&str, &str)] = &[("sold-out-morning", include_str!("scenarios/sold-out-morning.toml"))];

/// A hint, given one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hint {
    /// Unique in its scenario.
    pub key: String,
    /// In English.
    pub en: String,
    /// In Simplified Chinese.
    #[serde(rename = "zh-CN")]
    pub zh_cn: String,
}

/// A scenario file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name, as in `lifeboat drill NAME`.
    pub name: String,
    /// What it is built from.
    #[serde(default)]
    pub source: Option<String>,
    /// The service that is watched.
    pub service: String,
    /// Zone of all times of day in it.
    pub zone: Tz,
    /// When the play begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends at the latest.
    pub ends_at: DateTime<Utc>,
    /// Currency of all prices.
    pub currency: String,
    /// Requests a second at times of day, joined by straight lines.
    pub wave: Vec<WavePoint>,
    /// Clusters.
    pub cluster: Vec<ClusterFile>,
    /// What can be bought.
    pub offering: Vec<OfferingFile>,
    /// Pools.
    #[serde(default)]
    pub pool: Vec<PoolFile>,
    /// The traffic entry.
    pub traffic: TrafficFile,
    /// Schedules.
    #[serde(default)]
    pub schedule: Vec<ScheduleFile>,
    /// What breaks by itself.
    #[serde(default)]
    pub ailment: Vec<Ailment>,
    /// Earlier incidents in the record of the drill, oldest first.
    #[serde(default)]
    pub history: Vec<Earlier>,
    /// Hints, in order.
    #[serde(default)]
    pub hint: Vec<Hint>,
}

/// Requests a second at a time of day.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WavePoint {
    /// When.
    pub at: NaiveTime,
    /// How many.
    pub rps: f64,
}

/// A cluster and its machines.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterFile {
    /// Its name.
    pub name: String,
    /// Workers that should serve.
    pub wanted: u32,
    /// Pods of the service it wants.
    pub pods: u32,
    /// Pods of the service that fit on a worker.
    pub pods_per_node: u32,
    /// Requests a second that a pod serves.
    pub rps_per_pod: f64,
    /// Pods cannot start and agents refuse: it is not finished.
    #[serde(default)]
    pub half_built: bool,
    /// A machine that joins from an image of today has no name resolution until it boots once more.
    #[serde(default)]
    pub joins_rotten: bool,
    /// Minutes of overload after which nodes lose name resolution; 0: never.
    #[serde(default)]
    pub rots_after_min: u32,
    /// Control plane or manager nodes.
    pub managers: u32,
    /// Its machines: `worker` for each.
    #[serde(default)]
    pub worker: Vec<WorkerFile>,
}

/// A machine that is a worker at the start.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkerFile {
    /// Name of the node.
    pub node: String,
    /// Type.
    pub machine: String,
    /// Zone.
    pub zone: String,
    /// May be taken back at any time.
    #[serde(default)]
    pub spot: bool,
    /// Off at the start.
    #[serde(default)]
    pub stopped: bool,
}

/// What can be bought.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferingFile {
    /// Type.
    pub machine: String,
    /// Zone.
    pub zone: String,
    /// May be taken back at any time.
    #[serde(default)]
    pub spot: bool,
    /// How many there are; 0: sold out.
    pub stock: u32,
    /// Price an hour.
    pub price: f64,
    /// Seconds from launch to running.
    pub boot_s: u32,
}

/// A pool.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolFile {
    /// Its name.
    pub name: String,
    /// Its cluster.
    pub cluster: String,
    /// Nodes whose machines are its own.
    #[serde(default)]
    pub members: Vec<String>,
    /// What may be launched, in order.
    #[serde(default)]
    pub ladder: Vec<RungFile>,
    /// Never more workers than this.
    pub max: u32,
}

/// A rung of a pool.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RungFile {
    /// Type.
    pub machine: String,
    /// Zone.
    pub zone: String,
    /// May be taken back at any time.
    #[serde(default)]
    pub spot: bool,
}

/// The traffic entry.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrafficFile {
    /// Its name.
    pub name: String,
    /// Percent a cluster.
    pub weights: BTreeMap<String, u8>,
}

/// A schedule.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleFile {
    /// Its name.
    pub name: String,
    /// Its pool.
    pub pool: String,
    /// How many workers it brings.
    pub count: u32,
    /// When it starts.
    pub start: NaiveTime,
    /// By when all must be Ready.
    pub ready_by: NaiveTime,
    /// Something else starts the machines.
    #[serde(default)]
    pub elsewhere: bool,
}

/// What breaks by itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, tag = "what", rename_all = "kebab-case")]
pub enum Ailment {
    /// The cluster's own name server dies of load; it comes back when each of its pods has less to do.
    NameServerOverload {
        /// Where.
        cluster: String,
        /// Above so many requests a second a ready worker.
        above_rps_per_node: f64,
    },
    /// Nodes fall silent: their agents are not heard of, their pods go on.
    AgentsSilent {
        /// Where.
        cluster: String,
        /// From when.
        from: NaiveTime,
        /// Until when they mend themselves.
        until: NaiveTime,
        /// How many.
        nodes: u32,
    },
    /// Nodes lose name resolution all by themselves.
    NodesRot {
        /// Where.
        cluster: String,
        /// From when.
        from: NaiveTime,
        /// How many.
        nodes: u32,
    },
    /// Images cannot be pulled: pods that run go on, none can start.
    RegistryDown {
        /// Where.
        cluster: String,
        /// From when.
        from: NaiveTime,
        /// Until when.
        until: NaiveTime,
    },
    /// Pods of this cluster cannot reach what they depend on: they are Ready and answer 502.
    NoEgress {
        /// Where.
        cluster: String,
    },
    /// Traffic was moved there before the play began, or is moved at that time, by somebody else.
    TrafficMoved {
        /// When.
        at: NaiveTime,
        /// Percent a cluster.
        weights: BTreeMap<String, u8>,
    },
    /// A pod eats the memory of the node it is on; the node dies, the pod moves on to the next.
    GreedyPod {
        /// Where.
        cluster: String,
        /// From when.
        from: NaiveTime,
        /// Minutes a node lives with it.
        kills_after_min: u32,
    },
}

/// An earlier incident in the record of the drill.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Earlier {
    /// Days before the start.
    pub days_ago: u32,
    /// As it was called.
    pub title: String,
    /// By which signature it is found again.
    pub signature: String,
    /// What helped, as noted then.
    pub helped: String,
    /// How long it took, in minutes.
    pub minutes: u32,
}

/// A file that is no scenario.
#[derive(Debug, thiserror::Error)]
pub enum NotAScenario {
    /// It cannot be read.
    #[error("read the scenario: {0}")]
    Toml(#[from] toml::de::Error),
    /// A name in it stands for nothing.
    #[error("read the scenario: {what} names {name:?}, which is not in it")]
    NoSuch {
        /// What refers.
        what: &'static str,
        /// To what.
        name: String,
    },
}

impl Scenario {
    /// One that comes with Lifeboat.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let (_, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
        Self::parse(text).ok()
    }

    /// The names of those that come with Lifeboat.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// A hint of any scenario that comes with Lifeboat, by `scenario/key`.
    #[must_use]
    pub fn hint(key: &str) -> Option<Hint> {
        let (scenario, key) = key.split_once('/')?;
        Self::named(scenario)?.hint.into_iter().find(|hint| hint.key == key)
    }

    /// The keys of its hints, in order: `scenario/key`.
    #[must_use]
    pub fn hints(&self) -> Vec<String> {
        self.hint.iter().map(|hint| format!("{}/{}", self.name, hint.key)).collect()
    }

    /// Reads a scenario file.
    ///
    /// # Errors
    /// [`NotAScenario`], with the place.
    pub fn parse(text: &str) -> Result<Self, NotAScenario> {
        let scenario: Self = toml::from_str(text)?;
        scenario.check()?;
        Ok(scenario)
    }

    fn check(&self) -> Result<(), NotAScenario> {
        let cluster = |name: &str| self.cluster.iter().any(|cluster| cluster.name == name);
        let no = |what, name: &str| Err(NotAScenario::NoSuch { what, name: name.to_owned() });
        if let Some(name) = self.traffic.weights.keys().find(|name| !cluster(name)) {
            return no("traffic", name);
        }
        for pool in &self.pool {
            if !cluster(&pool.cluster) {
                return no("pool", &pool.cluster);
            }
            let known =
                |node: &String| self.cluster.iter().any(|one| one.worker.iter().any(|w| w.node == *node));
            if let Some(node) = pool.members.iter().find(|node| !known(node)) {
                return no("pool", node);
            }
        }
        let unknown = self.schedule.iter().find(|one| !self.pool.iter().any(|pool| pool.name == one.pool));
        unknown.map_or(Ok(()), |schedule| no("schedule", &schedule.pool))
    }

    /// What is configured of it.
    #[must_use]
    pub fn fleet(&self) -> Fleet {
        let service = ServiceName::new(self.service.as_str());
        let traffic = TrafficName::new(self.traffic.name.as_str());
        let in_traffic = |name: &str| self.traffic.weights.contains_key(name);
        let clusters = self.cluster.iter().map(|cluster| Cluster {
            name: ClusterName::new(cluster.name.as_str()),
            service: service.clone(),
            cloud: CloudName::new(CLOUD),
            traffic: in_traffic(&cluster.name).then(|| traffic.clone()),
            wanted: cluster.wanted,
        });
        let entry = TrafficEntry {
            name: traffic.clone(),
            service: service.clone(),
            clusters: self.traffic.weights.keys().map(|name| ClusterName::new(name.as_str())).collect(),
        };
        Fleet {
            clusters: clusters.collect(),
            pools: self.pool.iter().map(pool).collect(),
            clouds: vec![CloudName::new(CLOUD)],
            traffic: vec![entry],
            schedules: self.schedule.iter().map(schedule).collect(),
            limits: Limits::default(),
        }
    }

    /// Requests a second at a moment.
    #[must_use]
    pub fn rps(&self, at: Time) -> f64 {
        let time = at.with_timezone(&self.zone).time();
        let after = self.wave.iter().position(|point| point.at > time);
        let (before, after) = match after {
            Some(0) => return self.wave[0].rps,
            Some(index) => (self.wave[index - 1], self.wave[index]),
            None => return self.wave.last().map_or(0.0, |point| point.rps),
        };
        #[expect(clippy::cast_precision_loss, reason = "seconds of a day are exact in a float")]
        let part = |from: NaiveTime, to: NaiveTime| (to - from).num_seconds() as f64;
        let along = part(before.at, time) / part(before.at, after.at).max(1.0);
        before.rps + (after.rps - before.rps) * along
    }
}

/// The one cloud of every scenario.
pub(super) const CLOUD: &str = "cloud";

/// The machine behind a node at the start.
pub(super) fn machine_id(node: &str) -> InstanceId {
    InstanceId::new(format!("i-{node}"))
}

fn pool(file: &PoolFile) -> Pool {
    let rung = |rung: &RungFile| PoolRung {
        machine: MachineType::new(rung.machine.as_str()),
        zone: ZoneName::new(rung.zone.as_str()),
        spot: rung.spot,
    };
    Pool {
        name: PoolName::new(file.name.as_str()),
        cluster: ClusterName::new(file.cluster.as_str()),
        members: file.members.iter().map(|node| machine_id(node)).collect(),
        ladder: file.ladder.iter().map(rung).collect(),
        max: file.max,
    }
}

fn schedule(file: &ScheduleFile) -> Schedule {
    Schedule {
        name: ScheduleName::new(file.name.as_str()),
        pool: PoolName::new(file.pool.as_str()),
        count: file.count,
        days: [true, true, true, true, true, false, false],
        start: file.start,
        ready_by: file.ready_by,
        starts: if file.elsewhere { Starts::Elsewhere } else { Starts::Lifeboat },
    }
}
