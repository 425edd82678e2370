//! Which other cluster could take the load, the best first. Pure.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use lifeboat_storage::event::Time;
use lifeboat_storage::id::ClusterName;
use lifeboat_storage::plan::Evidence;
use lifeboat_storage::state::State;

use crate::facts::Facts;
use crate::fleet::{Cluster, Fleet};
use crate::preflight;

/// A cluster that carries no traffic now, and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standby {
    /// Which.
    pub cluster: ClusterName,
    /// Answers that were not yes, looked at now. Empty: it could take the load.
    pub red: BTreeMap<String, Evidence>,
    /// Workers that serve on it.
    pub serving: u32,
    /// Workers that should.
    pub wanted: u32,
    /// When a check of it was last green.
    pub green_at: Option<Time>,
}

impl Standby {
    /// It could take the load now.
    #[must_use]
    pub fn is_green(&self) -> bool {
        self.red.is_empty()
    }
}

/// The clusters of one service that carry no traffic: green ones first, then by how little is wrong with them, then by
/// how lately a check was green.
#[must_use]
pub fn ranked(active: &Cluster, facts: &Facts, fleet: &Fleet, state: &State, now: Time) -> Vec<Standby> {
    let others = fleet.clusters.iter().filter(|one| one.service == active.service && one.name != active.name);
    let mut all: Vec<Standby> = others.map(|cluster| look(cluster, facts, fleet, state, now)).collect();
    all.sort_by_key(|one| (one.red.len(), Reverse(one.green_at), one.cluster.clone()));
    all
}

/// One of them.
#[must_use]
pub fn look(cluster: &Cluster, facts: &Facts, fleet: &Fleet, state: &State, now: Time) -> Standby {
    let serving = facts.clusters.get(&cluster.name).map_or(0, |seen| seen.serving(&cluster.service).len());
    Standby {
        cluster: cluster.name.clone(),
        red: preflight::check(&cluster.name, facts, fleet, now),
        serving: u32::try_from(serving).unwrap_or(u32::MAX),
        wanted: cluster.wanted,
        green_at: state.checks.get(&cluster.name).and_then(|check| check.green_at),
    }
}
