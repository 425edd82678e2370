//! What a scenario file must hold beyond its shape. The first fault is told, by name.

use std::collections::BTreeSet;

use chrono::NaiveTime;

use super::file::{CauseFile, ClusterFile, ElsewhereFile, File, OfferingFile};
use super::{ScenarioError, on_the_day};
use crate::simulated::scenario::ClockTime;

type Checked = Result<(), ScenarioError>;

/// More than this in one second is a mistake, not a load.
const MOST_PER_S: f64 = 10_000.0;
/// More pods, slots or machines than this in one place are a mistake.
const MOST_OF_ANYTHING: u32 = 5_000;

impl File {
    pub(super) fn check(&self) -> Checked {
        self.name()?;
        self.twice()?;
        self.numbers()?;
        self.names()?;
        self.times()
    }

    /// It is typed, and written into paths and lines: `sold-out-morning`.
    fn name(&self) -> Checked {
        let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
        let is_word = |word: &str| !word.is_empty() && word.chars().all(plain);
        if self.name.split('-').all(is_word) {
            return Ok(());
        }
        let wanted = "words of a to z and 0 to 9 with - between them".to_owned();
        Err(ScenarioError::OutOfRange { what: "name", wanted, given: format!("{:?}", self.name) })
    }

    fn twice(&self) -> Checked {
        let nodes = || self.clusters.iter().flat_map(|cluster| &cluster.nodes);
        unique("cluster", self.clusters.iter().map(|one| one.name.to_string()))?;
        unique("node", nodes().map(|one| one.name.clone()))?;
        unique("offering", self.offerings.iter().map(OfferingFile::label))?;
        unique("pool", self.pools.iter().map(|one| one.name.clone()))?;
        unique("schedule", self.schedules.iter().map(|one| one.name.clone()))?;
        unique("hint", self.hints.iter().map(|one| one.key.clone()))
    }

    fn numbers(&self) -> Checked {
        let traffic = &self.traffic;
        within("traffic.mean_per_s", traffic.mean_per_s, 0.01, MOST_PER_S)?;
        let hours: Vec<f64> = traffic.wave.iter().map(|(hour, _)| *hour).collect();
        let rises = hours.windows(2).all(|two| two[0] < two[1]);
        let day = hours.iter().all(|hour| (0.0..24.0).contains(hour));
        let felt = traffic.wave.iter().any(|(_, level)| *level > 0.0);
        if !rises || !day || !felt {
            return out_of_range("traffic.wave", "hours from 0 to below 24 in order, and a level above 0");
        }
        for (_, level) in &traffic.wave {
            within("traffic.wave", *level, 0.0, 1_000.0)?;
        }
        at_most("warm_up_min", self.warm_up_min.unwrap_or(0), 24 * 60)?;
        self.offerings.iter().try_for_each(offering)?;
        self.clusters.iter().try_for_each(cluster)?;
        self.pools.iter().try_for_each(|pool| at_most("pool.max", pool.max, MOST_OF_ANYTHING))?;
        self.schedules.iter().try_for_each(|one| at_most("schedule.count", one.count, MOST_OF_ANYTHING))?;
        self.causes.iter().try_for_each(cause)
    }

    /// Whatever is named is there.
    fn names(&self) -> Checked {
        weights(self, &self.traffic.weights)?;
        for cluster in &self.clusters {
            for node in &cluster.nodes {
                self.offering(&node.machine, &node.zone, node.spot)?;
            }
            cluster.entry_on.iter().try_for_each(|name| node_of(cluster, name))?;
        }
        for act in &self.elsewhere {
            let named = act.start.iter().chain(&act.stop).chain(&act.cordon);
            named.into_iter().try_for_each(|name| self.node(name).map(drop))?;
            if !act.weights.is_empty() {
                weights(self, &act.weights)?;
            }
        }
        for pool in &self.pools {
            let cluster = self.cluster(&pool.cluster)?;
            pool.members.iter().try_for_each(|name| node_of(cluster, name))?;
        }
        for cause in &self.causes {
            let cluster = self.cluster(cause.cluster().as_str())?;
            if let CauseFile::ControlPathLost { nodes, .. } = cause {
                nodes.iter().try_for_each(|name| node_of(cluster, name))?;
            }
        }
        Ok(())
    }

    /// Everything happens between the start and the end.
    fn times(&self) -> Checked {
        let starts = self.starts_at.to_utc();
        let moment = |at: NaiveTime| on_the_day(starts, self.zone, at);
        let ends = moment(self.ends_at);
        if ends <= starts {
            return Err(ScenarioError::OutsidePlay { what: "ends_at", at: self.ends_at });
        }
        let in_play = |what: &'static str, at: NaiveTime| match (starts..=ends).contains(&moment(at)) {
            true => Ok(()),
            false => Err(ScenarioError::OutsidePlay { what, at }),
        };
        in_play("trouble_at", self.trouble_at)?;
        self.elsewhere.iter().try_for_each(|act: &ElsewhereFile| in_play("elsewhere.at", act.at))?;
        for offering in &self.offerings {
            let times =
                offering.stock.iter().map(|(at, _)| at).chain(offering.prices.iter().map(|(at, _)| at));
            times.into_iter().try_for_each(|at| in_play("offering.stock", at.0))?;
        }
        for cause in &self.causes {
            let (from, until) = cause.span();
            let from_in_play = from.map_or(Ok(()), |at: ClockTime| match cause {
                // A template may have been broken for hours.
                CauseFile::LaunchesNeverJoin { .. } => Ok(()),
                _ => in_play("cause.at", at.0),
            });
            from_in_play?;
            if let (Some(from), Some(until)) = (from, until) {
                in_play("cause.until", until.0)?;
                if moment(until.0) <= moment(from.0) {
                    return Err(ScenarioError::OutsidePlay { what: "cause.until", at: until.0 });
                }
            }
        }
        Ok(())
    }
}

fn unique(what: &'static str, names: impl Iterator<Item = String>) -> Checked {
    let mut known = BTreeSet::new();
    for name in names {
        if name.trim().is_empty() {
            return Err(ScenarioError::Missing { what, name });
        }
        if !known.insert(name.clone()) {
            return Err(ScenarioError::Twice { what, name });
        }
    }
    // Only what a fleet cannot be without.
    if known.is_empty() && matches!(what, "cluster" | "offering") {
        return Err(ScenarioError::Missing { what, name: String::new() });
    }
    Ok(())
}

fn offering(one: &OfferingFile) -> Checked {
    within("offering.price", one.price, 0.0, 1_000_000.0)?;
    at_most("offering.slots", one.slots, MOST_OF_ANYTHING)?;
    one.prices.iter().try_for_each(|(_, price)| within("offering.prices", *price, 0.0, 1_000_000.0))?;
    one.reclaimed_once_in_h.map_or(Ok(()), |hours| within("offering.reclaimed_once_in_h", hours, 0.01, 1e6))
}

fn cluster(one: &ClusterFile) -> Checked {
    within("cluster.pod_per_s", one.pod_per_s, 0.01, MOST_PER_S)?;
    at_most("cluster.pods", one.pods, MOST_OF_ANYTHING)?;
    at_most("cluster.wanted", one.wanted, MOST_OF_ANYTHING)?;
    one.nodes.iter().try_for_each(|node| at_most("node.up_days", node.up_days, 36_500))
}

fn cause(one: &CauseFile) -> Checked {
    match one {
        CauseFile::NameServersStarve { lookups_a_request, lookups_a_node_per_s, .. } => {
            within("cause.lookups_a_request", *lookups_a_request, 0.01, 10_000.0)?;
            within("cause.lookups_a_node_per_s", *lookups_a_node_per_s, 0.01, 1e9)
        }
        CauseFile::NamesFail { share, .. } => within("cause.share", *share, 0.0, 1.0),
        CauseFile::EgressFails { above_per_s, share, .. } => {
            within("cause.above_per_s", *above_per_s, 0.0, MOST_PER_S)?;
            within("cause.share", *share, 0.0, 1.0)
        }
        CauseFile::BalancerJams { passes_per_s, .. } => {
            within("cause.passes_per_s", *passes_per_s, 0.0, MOST_PER_S)
        }
        CauseFile::Wanderer { slots, kills_after_s, away_s, .. } => {
            at_most("cause.slots", *slots, MOST_OF_ANYTHING)?;
            within("cause.kills_after_s", f64::from(*kills_after_s), 1.0, 86_400.0)?;
            within("cause.away_s", f64::from(*away_s), 1.0, 86_400.0)
        }
        CauseFile::ResolverRot { .. }
        | CauseFile::ControlPathLost { .. }
        | CauseFile::RegistryDown { .. }
        | CauseFile::LaunchesNeverJoin { .. } => Ok(()),
    }
}

fn weights(
    file: &File,
    weights: &std::collections::BTreeMap<lifeboat_storage::id::ClusterName, u8>,
) -> Checked {
    let sum: u32 = weights.values().map(|percent| u32::from(*percent)).sum();
    if sum != 100 {
        return Err(ScenarioError::Weights(sum));
    }
    weights.keys().try_for_each(|cluster| file.cluster(cluster.as_str()).map(drop))
}

fn node_of(cluster: &ClusterFile, name: &str) -> Checked {
    let here = cluster.nodes.iter().any(|node| node.name == name);
    if here { Ok(()) } else { Err(ScenarioError::Missing { what: "node", name: name.to_owned() }) }
}

fn within(what: &'static str, value: f64, least: f64, most: f64) -> Checked {
    if value.is_finite() && (least..=most).contains(&value) {
        return Ok(());
    }
    Err(ScenarioError::OutOfRange { what, wanted: format!("{least} to {most}"), given: value.to_string() })
}

fn at_most(what: &'static str, value: u32, most: u32) -> Checked {
    within(what, f64::from(value), 0.0, f64::from(most))
}

fn out_of_range(what: &'static str, wanted: &str) -> Checked {
    Err(ScenarioError::OutOfRange { what, wanted: wanted.to_owned(), given: "something else".to_owned() })
}
