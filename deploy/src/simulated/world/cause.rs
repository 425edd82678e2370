//! What is wrong, and how it goes on. Each cause has rules; only port calls (and the clock) change its course.
//!
//! **`resolver-rot`** (`sold-out-morning`): names stop resolving, node by node.
//! The agent of every worker keeps a table of its neighbours, built at boot. On workers that have run for a quarter
//! the table is *stale*. From that everything follows:
//! 1. A machine that joins copies the table of the workers that are there. If one of them is stale or rotten, the copy
//!    is broken: on the new node no name resolves, from the first second.
//! 2. A stale table bears a few restarts of pods; each rewrites it. A rush that makes pods fail their liveness checks
//!    thus rots one old node after the other.
//! 3. A rotten node that takes pods hands its rot on: to *young* nodes (joined in play, no table of their own yet)
//!    within half a minute, to stale ones in some twenty minutes, to freshly booted old ones in some hours. A cordoned
//!    node hands nothing on: quarantine protects.
//! 4. Pods that run on a rotten node run on until they are restarted, or until they ask for a name again: some minutes.
//! 5. A boot builds the table anew: the node is cured and fresh. An old one stays so; a young one only while no rotten
//!    old worker is left to infect it again.
//!
//! **`name-servers-starve`**: the cluster's own name servers, one a node, run out of memory when lookups exceed what
//! they bear; failing lookups are retried, which keeps them there until the servers bear the storm itself. Fewer nodes
//! bear less; a cluster that gets less traffic asks less.
//!
//! **`names-fail`**: for a while a share of lookups fails on every node of a cluster alike: a bad configuration of the
//! resolvers, pushed and later taken back by its owners.
//!
//! **`control-path-lost`**: for a while the control plane hears nothing of some nodes. They are fine; but as nobody
//! knows, their pods are taken out of the balance, and given up when it lasts. A node that is booted meanwhile loses
//! what ran well, finds no control plane, and asks again only every five minutes.
//!
//! **`egress-fails`**: answers that need something outside fail for a share, once the cluster gets real load.
//!
//! **`registry-down`**: no image can be pulled for a while. What runs, runs; what is started anew, fails (in a
//! Kubernetes-like cluster always, in a Swarm-like one where the node has no image yet).
//!
//! **`balancer-jams`**: from one moment on the balancer in front of a cluster passes on a trickle only, with every pod
//! well behind it. It comes to itself when nothing has gone through it for a while.
//!
//! **`wanderer`**: somebody's workload eats the node it lands on; the node dies, comes back by itself, and the workload
//! has long since found the next. A `job` eats any node, and its work goes on wherever it runs; a `heavy-set` stays
//! on a node that has room for all of it, and leaves that alive. Either ends when its work is done, if it ever is. A
//! cordon keeps it out like any pod: where only one node takes pods, it waits for that one.
//!
//! **`launches-never-join`**: machines that are made from one moment on carry a broken image and never get in.
//!
//! Several causes may be at work in one cluster; the worse one counts.

mod path;
mod rot;
mod wanderer;

use lifeboat_commands::facts::{NodeRole, Ready};
use lifeboat_storage::id::{ClusterName, NodeName};

use self::path::LostPath;
use self::wanderer::Wanderer;
use super::World;
use super::cluster::{Cluster, Host};
use crate::simulated::scenario::{CauseFile, Scenario};

/// How many more lookups a failing one causes.
const RETRIES: f64 = 1.5;
/// Lookups that starving name servers fail.
const STARVED_SHARE: f64 = 0.8;
/// Name servers bear too much for so many seconds, and too little again for as many.
const HEAT_S: u32 = 10;
/// Load on the way out is felt over about so many seconds.
const LATELY_S: f64 = 30.0;
/// A balancer is itself again when nothing has gone through it for so long.
const RESTS_S: u32 = 300;

#[derive(Clone, Debug)]
pub(in crate::simulated) enum Cause {
    ResolverRot { cluster: ClusterName },
    NameServersStarve(NameServers),
    NamesFail { cluster: ClusterName, during: Span, share: f64, now: bool },
    ControlPathLost(LostPath),
    EgressFails { cluster: ClusterName, above: f64, share: f64, lately: f64 },
    RegistryDown { cluster: ClusterName, during: Span },
    BalancerJams { cluster: ClusterName, from: i64, passes: f64, rested_s: u32 },
    Wanderer(Wanderer),
    LaunchesNeverJoin { cluster: ClusterName, from: i64 },
}

/// From one second to just before another.
type Span = std::ops::Range<i64>;

impl Cause {
    pub(in crate::simulated) fn of(file: &CauseFile, scene: &Scenario) -> Self {
        let at = |clock: crate::simulated::scenario::ClockTime| scene.on_the_day(clock.0).timestamp();
        match file.clone() {
            CauseFile::ResolverRot { cluster } => Self::ResolverRot { cluster },
            CauseFile::NameServersStarve { cluster, lookups_a_request, lookups_a_node_per_s } => {
                let (a_request, a_node) = (lookups_a_request, lookups_a_node_per_s);
                Self::NameServersStarve(NameServers { cluster, a_request, a_node, heat: 0, starve: false })
            }
            CauseFile::NamesFail { cluster, at: from, until, share } => {
                Self::NamesFail { cluster, during: at(from)..at(until), share, now: false }
            }
            CauseFile::ControlPathLost { cluster, nodes, at: from, until } => {
                let nodes = nodes.into_iter().map(NodeName::new).collect();
                Self::ControlPathLost(LostPath { cluster, nodes, from: at(from), until: at(until) })
            }
            CauseFile::EgressFails { cluster, above_per_s, share } => {
                Self::EgressFails { cluster, above: above_per_s, share, lately: 0.0 }
            }
            CauseFile::RegistryDown { cluster, at: from, until } => {
                Self::RegistryDown { cluster, during: at(from)..at(until) }
            }
            CauseFile::BalancerJams { cluster, at: from, passes_per_s } => {
                Self::BalancerJams { cluster, from: at(from), passes: passes_per_s, rested_s: 0 }
            }
            CauseFile::Wanderer { cluster, at: from, slots, kills_after_s, away_s, works_s, payload } => {
                Self::Wanderer(Wanderer {
                    cluster,
                    from: at(from),
                    slots,
                    kills_after_s: i64::from(kills_after_s),
                    away_s: i64::from(away_s),
                    works_s: works_s.map(i64::from),
                    payload,
                    pod: None,
                    at: None,
                    worked_s: 0,
                })
            }
            CauseFile::LaunchesNeverJoin { cluster, at: from } => {
                Self::LaunchesNeverJoin { cluster, from: from.map_or(i64::MIN, at) }
            }
        }
    }

    /// One second of it. `load` is what came to its cluster in this second.
    pub(in crate::simulated) fn tick(&mut self, world: &mut World, load: impl Fn(&ClusterName) -> f64) {
        let second = world.second;
        match self {
            Self::ControlPathLost(path) => path.tick(world),
            Self::Wanderer(wanderer) => wanderer.tick(world),
            Self::ResolverRot { cluster } => {
                let World { clusters, dice, .. } = world;
                if let Some(cluster) = clusters.get_mut(cluster) {
                    rot::spreads(cluster, second, dice);
                }
            }
            of_the_whole => {
                let came = load(of_the_whole.cluster());
                if let Some(cluster) = world.clusters.get_mut(of_the_whole.cluster()) {
                    of_the_whole.weighs_on(cluster, came, second);
                }
            }
        }
    }

    /// Causes that lie on a whole cluster, anew each second.
    fn weighs_on(&mut self, on: &mut Cluster, came: f64, second: i64) {
        match self {
            Self::NameServersStarve(servers) => {
                servers.bear(on, came);
                on.lookups_fail = on.lookups_fail.max(if servers.starve { STARVED_SHARE } else { 0.0 });
            }
            Self::NamesFail { during, share, now, .. } => {
                *now = during.contains(&second);
                on.lookups_fail = on.lookups_fail.max(if *now { *share } else { 0.0 });
            }
            Self::EgressFails { above, share, lately, .. } => {
                *lately += (came - *lately) / LATELY_S;
                on.egress_fails = on.egress_fails.max(if *lately > *above { *share } else { 0.0 });
            }
            Self::RegistryDown { during, .. } => on.registry_down |= during.contains(&second),
            Self::BalancerJams { from, passes, rested_s, .. } => {
                let jams = second >= *from && *rested_s < RESTS_S;
                *rested_s = if jams && came > 0.0 { 0 } else { rested_s.saturating_add(u32::from(jams)) };
                if jams {
                    on.entry_passes = on.entry_passes.min(*passes);
                }
            }
            Self::LaunchesNeverJoin { from, .. } => on.launches_broken |= second >= *from,
            Self::ResolverRot { .. } | Self::ControlPathLost(_) | Self::Wanderer(_) => {}
        }
    }

    /// Share of answers that would fail of it if so many requests came each second.
    pub(in crate::simulated) fn fails_at(&self, on: &Cluster, load: f64) -> f64 {
        match self {
            of_others if of_others.cluster() != on.name() => 0.0,
            Self::NameServersStarve(servers) if servers.is_too_much(on, load) => STARVED_SHARE,
            Self::NamesFail { share, now: true, .. } => *share,
            Self::EgressFails { above, share, .. } if load > *above => *share,
            _ => 0.0,
        }
    }

    fn cluster(&self) -> &ClusterName {
        match self {
            Self::ControlPathLost(path) => &path.cluster,
            Self::Wanderer(wanderer) => &wanderer.cluster,
            Self::NameServersStarve(servers) => &servers.cluster,
            Self::ResolverRot { cluster }
            | Self::NamesFail { cluster, .. }
            | Self::EgressFails { cluster, .. }
            | Self::RegistryDown { cluster, .. }
            | Self::BalancerJams { cluster, .. }
            | Self::LaunchesNeverJoin { cluster, .. } => cluster,
        }
    }
}

/// The name servers of a cluster, one on each worker.
#[derive(Clone, Debug)]
pub(in crate::simulated) struct NameServers {
    cluster: ClusterName,
    a_request: f64,
    a_node: f64,
    heat: u32,
    starve: bool,
}

impl NameServers {
    fn bear(&mut self, on: &Cluster, load: f64) {
        self.heat = match self.is_too_much(on, load) {
            true => (self.heat + 1).min(HEAT_S),
            false => self.heat.saturating_sub(1),
        };
        self.starve = self.heat == HEAT_S || self.starve && self.heat > 0;
    }

    fn is_too_much(&self, on: &Cluster, load: f64) -> bool {
        let serves =
            |host: &&Host| host.up && host.node.ready == Ready::Yes && host.node.role == NodeRole::Worker;
        let nodes = u32::try_from(on.hosts.values().filter(serves).count()).unwrap_or(0);
        let retried = if self.starve { 1.0 + RETRIES * STARVED_SHARE } else { 1.0 };
        load * self.a_request * retried > f64::from(nodes) * self.a_node
    }
}
