//! The shape of a scenario file.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, NaiveTime};
use chrono_tz::Tz;
use lifeboat_storage::id::ClusterName;
use serde::Deserialize;

use super::{Earlier, Hint, ScenarioError, Text};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) title: Text,
    pub(super) source: Option<String>,
    pub(super) starts_at: DateTime<FixedOffset>,
    #[serde(deserialize_with = "clock_time")]
    pub(super) ends_at: NaiveTime,
    #[serde(deserialize_with = "clock_time")]
    pub(super) trouble_at: NaiveTime,
    pub(super) warm_up_min: Option<u32>,
    #[serde(deserialize_with = "time_zone")]
    pub(super) zone: Tz,
    pub(super) service: String,
    pub(super) cloud: String,
    pub(super) currency: String,
    pub(super) traffic: TrafficFile,
    #[serde(rename = "offering")]
    pub(super) offerings: Vec<OfferingFile>,
    #[serde(rename = "cluster")]
    pub(super) clusters: Vec<ClusterFile>,
    #[serde(rename = "pool", default)]
    pub(super) pools: Vec<PoolFile>,
    #[serde(rename = "schedule", default)]
    pub(super) schedules: Vec<ScheduleFile>,
    #[serde(default)]
    pub(super) elsewhere: Vec<ElsewhereFile>,
    #[serde(rename = "cause", default)]
    pub(super) causes: Vec<CauseFile>,
    #[serde(default)]
    pub(super) history: Vec<Earlier>,
    #[serde(rename = "hint", default)]
    pub(super) hints: Vec<Hint>,
}

/// What comes in, and how it is spread at first.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::simulated) struct TrafficFile {
    pub(in crate::simulated) name: String,
    /// Mean of the whole day, in requests a second.
    pub(in crate::simulated) mean_per_s: f64,
    /// Hour of the day and level there, in order; straight lines between, round the clock. Scaled to the mean.
    pub(in crate::simulated) wave: Vec<(f64, f64)>,
    /// Percent a cluster.
    pub(in crate::simulated) weights: BTreeMap<ClusterName, u8>,
}

/// A machine type in a zone.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::simulated) struct OfferingFile {
    pub(in crate::simulated) machine: String,
    pub(in crate::simulated) zone: String,
    #[serde(default)]
    pub(in crate::simulated) spot: bool,
    /// Ordinary pods that fit.
    pub(in crate::simulated) slots: u32,
    /// Price an hour, in units of the currency.
    pub(in crate::simulated) price: f64,
    /// How many can be had at first; absent: as many as one likes.
    pub(in crate::simulated) left: Option<u32>,
    /// How many can be had from when on.
    #[serde(default)]
    pub(in crate::simulated) stock: Vec<(ClockTime, u32)>,
    /// Price from when on, in units of the currency.
    #[serde(default)]
    pub(in crate::simulated) prices: Vec<(ClockTime, f64)>,
    /// A spot machine is taken back once in so many hours on average; absent: never.
    #[serde(default)]
    pub(in crate::simulated) reclaimed_once_in_h: Option<f64>,
}

/// `HH:MM` or `HH:MM:SS` on the day of play, local.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(transparent)]
pub(in crate::simulated) struct ClockTime(
    #[serde(deserialize_with = "clock_time")] pub(in crate::simulated) NaiveTime,
);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::simulated) enum ClusterKind {
    /// Nodes know their provider id; pods of a lost node move after minutes.
    Kubernetes,
    /// Nodes know their address and serial; tasks of a lost node move at once.
    Swarm,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::simulated) struct ClusterFile {
    pub(in crate::simulated) name: ClusterName,
    pub(in crate::simulated) kind: ClusterKind,
    /// Workers that should serve.
    pub(in crate::simulated) wanted: u32,
    /// Pods of the service that the cluster wants.
    pub(in crate::simulated) pods: u32,
    /// Requests a second that one pod can answer.
    pub(in crate::simulated) pod_per_s: f64,
    /// Ready pods that must stay when pods are evicted.
    #[serde(default)]
    pub(in crate::simulated) keep_ready: u32,
    /// What machines that join are called: this and a number.
    pub(in crate::simulated) joins_as: String,
    /// Pods of a node that is not heard of are given up after so long.
    pub(in crate::simulated) gives_up_after_s: Option<u32>,
    /// Only so many machines may be on their way in at once; the others hang until there is room.
    pub(in crate::simulated) joins_at_once: Option<u32>,
    /// The balancer in front sends only to nodes that take pods and hold an entry: these nodes do.
    #[serde(default)]
    pub(in crate::simulated) entry_on: Vec<String>,
    /// Pods get no network here: the cluster is half built.
    #[serde(default)]
    pub(in crate::simulated) no_pod_network: bool,
    /// A canary looks at name resolution on every node; where it is left out, `/cluster canary install` puts it there.
    #[serde(default = "there")]
    pub(in crate::simulated) canary: bool,
    #[serde(rename = "node")]
    pub(in crate::simulated) nodes: Vec<NodeFile>,
}

fn there() -> bool {
    true
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::simulated) enum RoleFile {
    #[default]
    Worker,
    ControlPlane,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::simulated) enum PowerFile {
    #[default]
    On,
    Off,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::simulated) struct NodeFile {
    pub(in crate::simulated) name: String,
    pub(in crate::simulated) machine: String,
    pub(in crate::simulated) zone: String,
    #[serde(default)]
    pub(in crate::simulated) spot: bool,
    #[serde(default)]
    pub(in crate::simulated) role: RoleFile,
    #[serde(default)]
    pub(in crate::simulated) power: PowerFile,
    /// Somebody had cordoned it.
    #[serde(default)]
    pub(in crate::simulated) cordoned: bool,
    /// Its agent refuses connections.
    #[serde(default)]
    pub(in crate::simulated) agent_refuses: bool,
    /// Days since its last boot.
    #[serde(default = "a_quarter")]
    pub(in crate::simulated) up_days: u32,
    /// Restarts of pods that the name resolution of a long-running node bears (cause `resolver-rot`).
    #[serde(default)]
    pub(in crate::simulated) bears_restarts: u32,
}

fn a_quarter() -> u32 {
    91
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PoolFile {
    pub(super) name: String,
    pub(super) cluster: String,
    #[serde(default)]
    pub(super) members: Vec<String>,
    #[serde(default)]
    pub(super) ladder: Vec<RungFile>,
    pub(super) max: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RungFile {
    pub(super) machine: String,
    pub(super) zone: String,
    #[serde(default)]
    pub(super) spot: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScheduleFile {
    pub(super) name: String,
    pub(super) pool: String,
    pub(super) count: u32,
    /// Monday first.
    pub(super) days: [bool; 7],
    #[serde(deserialize_with = "clock_time")]
    pub(super) start: NaiveTime,
    #[serde(deserialize_with = "clock_time")]
    pub(super) ready_by: NaiveTime,
    /// Lifeboat starts the machines itself.
    #[serde(default)]
    pub(super) ours: bool,
}

/// What somebody or something else does at a time: a cron job, an autoscaler, a colleague.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::simulated) struct ElsewhereFile {
    #[serde(deserialize_with = "clock_time")]
    pub(in crate::simulated) at: NaiveTime,
    /// Starts the machines of these nodes; who is refused stays off and nobody hears of it.
    #[serde(default)]
    pub(in crate::simulated) start: Vec<String>,
    /// Stops the machines of these nodes.
    #[serde(default)]
    pub(in crate::simulated) stop: Vec<String>,
    /// Cordons these nodes.
    #[serde(default)]
    pub(in crate::simulated) cordon: Vec<String>,
    /// Spreads the traffic so.
    #[serde(default)]
    pub(in crate::simulated) weights: BTreeMap<ClusterName, u8>,
}

/// A cause at work; each is explained in the module of its name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "kind")]
pub(in crate::simulated) enum CauseFile {
    ResolverRot {
        cluster: ClusterName,
    },
    NameServersStarve {
        cluster: ClusterName,
        lookups_a_request: f64,
        lookups_a_node_per_s: f64,
    },
    NamesFail {
        cluster: ClusterName,
        at: ClockTime,
        until: ClockTime,
        share: f64,
    },
    ControlPathLost {
        cluster: ClusterName,
        nodes: Vec<String>,
        at: ClockTime,
        until: ClockTime,
    },
    EgressFails {
        cluster: ClusterName,
        above_per_s: f64,
        share: f64,
    },
    RegistryDown {
        cluster: ClusterName,
        at: ClockTime,
        until: ClockTime,
    },
    BalancerJams {
        cluster: ClusterName,
        at: ClockTime,
        passes_per_s: f64,
    },
    Wanderer {
        cluster: ClusterName,
        at: ClockTime,
        slots: u32,
        kills_after_s: u32,
        away_s: u32,
        works_s: Option<u32>,
        payload: Payload,
    },
    LaunchesNeverJoin {
        cluster: ClusterName,
        #[serde(default)]
        at: Option<ClockTime>,
    },
}

/// What a wandering workload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::simulated) enum Payload {
    /// It goes wherever a node takes pods, and eats that node.
    Job,
    /// Several heavy pods that always land together; a node with room enough for them lives.
    HeavySet,
}

impl File {
    pub(super) fn cluster(&self, name: &str) -> Result<&ClusterFile, ScenarioError> {
        let found = self.clusters.iter().find(|cluster| cluster.name.as_str() == name);
        found.ok_or_else(|| ScenarioError::Missing { what: "cluster", name: name.to_owned() })
    }

    pub(super) fn node(&self, name: &str) -> Result<&NodeFile, ScenarioError> {
        let found = self.clusters.iter().flat_map(|cluster| &cluster.nodes).find(|node| node.name == name);
        found.ok_or_else(|| ScenarioError::Missing { what: "node", name: name.to_owned() })
    }

    pub(super) fn offering(
        &self,
        machine: &str,
        zone: &str,
        spot: bool,
    ) -> Result<&OfferingFile, ScenarioError> {
        let same = |one: &&OfferingFile| one.machine == machine && one.zone == zone && one.spot == spot;
        let name = || label(machine, zone, spot);
        self.offerings
            .iter()
            .find(same)
            .ok_or_else(|| ScenarioError::Missing { what: "offering", name: name() })
    }
}

impl OfferingFile {
    /// By what it is told from others.
    pub(super) fn label(&self) -> String {
        label(&self.machine, &self.zone, self.spot)
    }
}

fn label(machine: &str, zone: &str, spot: bool) -> String {
    format!("{machine} {zone}{}", if spot { " spot" } else { "" })
}

impl CauseFile {
    /// From when until when, where it says so.
    pub(super) fn span(&self) -> (Option<ClockTime>, Option<ClockTime>) {
        match self {
            Self::NamesFail { at, until, .. }
            | Self::ControlPathLost { at, until, .. }
            | Self::RegistryDown { at, until, .. } => (Some(*at), Some(*until)),
            Self::BalancerJams { at, .. } | Self::Wanderer { at, .. } => (Some(*at), None),
            Self::LaunchesNeverJoin { at, .. } => (*at, None),
            Self::ResolverRot { .. } | Self::NameServersStarve { .. } | Self::EgressFails { .. } => {
                (None, None)
            }
        }
    }

    pub(in crate::simulated) fn cluster(&self) -> &ClusterName {
        match self {
            Self::ResolverRot { cluster }
            | Self::NameServersStarve { cluster, .. }
            | Self::NamesFail { cluster, .. }
            | Self::ControlPathLost { cluster, .. }
            | Self::EgressFails { cluster, .. }
            | Self::RegistryDown { cluster, .. }
            | Self::BalancerJams { cluster, .. }
            | Self::Wanderer { cluster, .. }
            | Self::LaunchesNeverJoin { cluster, .. } => cluster,
        }
    }
}

/// Reads `HH:MM` and `HH:MM:SS`.
fn clock_time<'de, D: serde::Deserializer<'de>>(from: D) -> Result<NaiveTime, D::Error> {
    let text = String::deserialize(from)?;
    let short = NaiveTime::parse_from_str(&text, "%H:%M");
    short.or_else(|_| NaiveTime::parse_from_str(&text, "%H:%M:%S")).map_err(serde::de::Error::custom)
}

fn time_zone<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Tz, D::Error> {
    String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
}
