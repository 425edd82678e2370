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
//! they bear; failing lookups are retried, which keeps them there until the servers bear the storm itself.
//!
//! **`control-path-lost`**: for a while the control plane hears nothing of some nodes. They are fine; but as nobody
//! knows, their pods are taken out of the balance. A boot renews the connection (and kills what ran well).
//!
//! **`egress-fails`**: answers that need something outside fail for a share, once the cluster gets real load.
//!
//! **`registry-down`**: no image can be pulled for a while. What runs, runs; what is started anew, fails.
//!
//! **`wanderer`**: somebody's workload eats the node it lands on; the node dies, comes back by itself, and the workload
//! has long since found the next. It ends when it finds no node (`job`), or one with room for all of it (`heavy-set`),
//! or has had its time.
//!
//! **`launches-never-join`**: machines made now carry a broken image and never get in.

use lifeboat_commands::facts::{NodeRole, PodState, Ready};
use lifeboat_storage::id::{ClusterName, NodeName};

use super::World;
use super::cluster::{Cluster, Role};
use crate::simulated::random::Dice;
use crate::simulated::scenario::{CauseFile, Payload, Scenario};

/// A young node is infected so many seconds after it is Ready.
const YOUNG_AFTER_S: i64 = 30;
/// One rotten node infects a stale one once in so many seconds.
const STALE_ONCE_IN_S: f64 = 4_800.0;
/// A freshly booted old node bears so many seconds beside one rotten node; beside four it is a quarter.
const FRESH_BEARS_S: u32 = 24_000;
/// A pod on a rotten node asks for a name again, and dies of it, once in so many seconds.
const ASKS_AGAIN_S: f64 = 420.0;
/// How many more lookups a failing one causes.
const RETRIES: f64 = 1.5;
/// Lookups that starving name servers fail.
const STARVED_SHARE: f64 = 0.8;

#[derive(Clone, Debug)]
pub(in crate::simulated) enum Cause {
    ResolverRot { cluster: ClusterName },
    NameServersStarve { cluster: ClusterName, a_request: f64, a_node: f64 },
    ControlPathLost { cluster: ClusterName, nodes: Vec<NodeName>, from: i64, until: i64 },
    EgressFails { cluster: ClusterName, above: f64, share: f64 },
    RegistryDown { cluster: ClusterName, from: i64, until: i64 },
    Wanderer(Wanderer),
    LaunchesNeverJoin { cluster: ClusterName },
}

/// Where the workload is, and since when.
#[derive(Clone, Debug)]
pub(in crate::simulated) struct Wanderer {
    cluster: ClusterName,
    from: i64,
    slots: u32,
    kills_after_s: i64,
    away_s: i64,
    works_s: Option<i64>,
    payload: Payload,
    pod: Option<String>,
    /// It sits on this node since then.
    at: Option<(NodeName, i64)>,
    worked_s: i64,
    done: bool,
}

impl Cause {
    pub(in crate::simulated) fn of(file: &CauseFile, scene: &Scenario) -> Self {
        let at = |clock: crate::simulated::scenario::ClockTime| scene.on_the_day(clock.0).timestamp();
        match file.clone() {
            CauseFile::ResolverRot { cluster } => Self::ResolverRot { cluster },
            CauseFile::NameServersStarve { cluster, lookups_a_request, lookups_a_node_per_s } => {
                Self::NameServersStarve {
                    cluster,
                    a_request: lookups_a_request,
                    a_node: lookups_a_node_per_s,
                }
            }
            CauseFile::ControlPathLost { cluster, nodes, at: from, until } => Self::ControlPathLost {
                cluster,
                nodes: nodes.into_iter().map(NodeName::new).collect(),
                from: at(from),
                until: at(until),
            },
            CauseFile::EgressFails { cluster, above_per_s, share } => {
                Self::EgressFails { cluster, above: above_per_s, share }
            }
            CauseFile::RegistryDown { cluster, at: from, until } => {
                Self::RegistryDown { cluster, from: at(from), until: at(until) }
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
                    done: false,
                })
            }
            CauseFile::LaunchesNeverJoin { cluster } => Self::LaunchesNeverJoin { cluster },
        }
    }

    /// One second of it. `load` is what came to its cluster in this second.
    pub(in crate::simulated) fn tick(&mut self, world: &mut World, load: impl Fn(&ClusterName) -> f64) {
        let second = world.second;
        match self {
            Self::ResolverRot { cluster } => {
                let World { clusters, dice, .. } = world;
                if let Some(cluster) = clusters.get_mut(cluster) {
                    rot_spreads(cluster, second, dice);
                }
            }
            Self::NameServersStarve { cluster: name, a_request, a_node } => {
                let came = load(name);
                if let Some(cluster) = world.clusters.get_mut(name) {
                    starve(cluster, came * *a_request, *a_node);
                }
            }
            Self::ControlPathLost { cluster, nodes, from, until } => {
                if let Some(cluster) = world.clusters.get_mut(cluster) {
                    path(cluster, nodes, second, (*from, *until));
                }
            }
            Self::EgressFails { cluster: name, above, share } => {
                let came = load(name);
                if let Some(cluster) = world.clusters.get_mut(name) {
                    cluster.egress_fails = if came > *above { *share } else { 0.0 };
                }
            }
            Self::RegistryDown { cluster, from, until } => {
                if let Some(cluster) = world.clusters.get_mut(cluster) {
                    cluster.registry_down = (*from..*until).contains(&second);
                }
            }
            Self::Wanderer(wanderer) => wanderer.tick(world),
            Self::LaunchesNeverJoin { cluster } => {
                if let Some(cluster) = world.clusters.get_mut(cluster) {
                    cluster.launches_broken = true;
                }
            }
        }
    }
}

impl World {
    fn has_rot(&self, cluster: &ClusterName) -> bool {
        self.causes
            .iter()
            .any(|cause| matches!(cause, Cause::ResolverRot { cluster: rots } if rots == cluster))
    }

    /// Rule 1: what a node that joins copies.
    pub(super) fn table_at_join(&mut self, cluster: &ClusterName, node: &NodeName) {
        if !self.has_rot(cluster) {
            return;
        }
        let Some(cluster) = self.clusters.get_mut(cluster) else { return };
        let teaches = |one: &super::cluster::Host| {
            one.up
                && one.node.schedulable
                && one.node.role == NodeRole::Worker
                && (one.resolver.stale || one.resolver.rotten)
        };
        let broken = cluster.hosts.values().any(|one| one.node.name != *node && teaches(one));
        if let Some(host) = cluster.hosts.get_mut(node) {
            host.resolver.rotten = broken;
        }
    }

    /// Rule 2: a restart rewrites a stale table.
    pub(super) fn table_at_restart(&mut self, cluster: &ClusterName, node: &NodeName) {
        if !self.has_rot(cluster) {
            return;
        }
        let host = self.clusters.get_mut(cluster).and_then(|cluster| cluster.hosts.get_mut(node));
        if let Some(resolver) = host.map(|host| &mut host.resolver).filter(|resolver| resolver.stale) {
            resolver.worn += 1;
            resolver.rotten |= resolver.worn > resolver.bears;
        }
    }
}

/// Rules 3 and 4.
fn rot_spreads(cluster: &mut Cluster, second: i64, dice: &mut Dice) {
    let carries = |host: &&super::cluster::Host| {
        host.up && host.resolver.rotten && host.node.schedulable && host.node.ready == Ready::Yes
    };
    let carriers = u32::try_from(cluster.hosts.values().filter(carries).count()).unwrap_or(0);
    let old_carrier = cluster.hosts.values().filter(carries).any(|host| !host.young);
    if carriers == 0 {
        return;
    }
    let each = f64::from(carriers);
    for host in cluster.hosts.values_mut() {
        if !host.up || host.resolver.rotten || host.node.role != NodeRole::Worker {
            continue;
        }
        let ready_s = second - host.node.ready_since.timestamp();
        let ready = host.node.ready == Ready::Yes;
        host.resolver.rotten = match (host.young, host.resolver.stale) {
            (true, _) => old_carrier && ready && ready_s >= YOUNG_AFTER_S,
            (false, true) => dice.once_in(STALE_ONCE_IN_S / each),
            (false, false) => {
                host.resolver.exposed_s += carriers;
                host.resolver.exposed_s >= FRESH_BEARS_S
            }
        };
    }
    pods_ask_again(cluster, second, dice);
}

fn pods_ask_again(cluster: &mut Cluster, second: i64, dice: &mut Dice) {
    let rotten = |node: &NodeName| cluster.hosts.get(node).is_some_and(|host| host.resolver.rotten);
    let asking = cluster.units.values().filter(|unit| unit.is_serving());
    let there: Vec<String> = asking
        .filter(|unit| unit.pod.node.as_ref().is_some_and(&rotten))
        .map(|unit| unit.pod.name.clone())
        .collect();
    for name in there {
        if dice.once_in(ASKS_AGAIN_S) {
            cluster.restart(&name, second);
        }
    }
}

fn starve(cluster: &mut Cluster, lookups: f64, a_node: f64) {
    let serves = |host: &&super::cluster::Host| host.up && host.node.ready == Ready::Yes;
    let nodes = u32::try_from(cluster.hosts.values().filter(serves).count()).unwrap_or(0);
    let storm = lookups * (1.0 + RETRIES * cluster.lookups_fail);
    let bears = f64::from(nodes) * a_node;
    cluster.lookups_fail = if storm > bears { STARVED_SHARE } else { 0.0 };
}

fn path(cluster: &mut Cluster, nodes: &[NodeName], second: i64, (from, until): (i64, i64)) {
    if second == from {
        for name in nodes {
            let Some(host) = cluster.hosts.get_mut(name).filter(|host| host.up) else { continue };
            host.unheard = true;
            cluster.set_ready(name, Ready::Unknown, second);
            for pod in cluster.on(name) {
                if cluster.units[&pod].pod.state == PodState::Ready {
                    cluster.set_pod(&pod, PodState::NotReady, second, i64::MAX);
                }
            }
        }
    }
    if second == until {
        for name in nodes {
            if cluster.hosts.get(name).is_some_and(|host| host.unheard) {
                heard_again(cluster, name, second);
            }
        }
    }
}

/// The pods never stopped: they are back in the balance at once.
fn heard_again(cluster: &mut Cluster, name: &NodeName, second: i64) {
    if let Some(host) = cluster.hosts.get_mut(name) {
        host.unheard = false;
    }
    cluster.set_ready(name, Ready::Yes, second);
    for pod in cluster.on(name) {
        if cluster.units[&pod].pod.state == PodState::NotReady {
            cluster.set_pod(&pod, PodState::Ready, second, i64::MAX);
        }
    }
}

impl Wanderer {
    fn tick(&mut self, world: &mut World) {
        let second = world.second;
        if self.done || second < self.from {
            return;
        }
        let Some(cluster) = world.clusters.get_mut(&self.cluster) else { return };
        let present = self.pod.as_ref().is_some_and(|name| cluster.units.contains_key(name));
        if !present {
            self.pod = Some(cluster.add_unit(Role::Other { slots: self.slots }, None, second));
            self.at = None;
            return;
        }
        let unit = self.pod.as_ref().and_then(|name| cluster.units.get(name));
        let Some(node) = unit.and_then(|unit| unit.pod.node.clone()) else { return };
        let since = match &self.at {
            Some((there, since)) if *there == node => *since,
            _ => {
                self.at = Some((node.clone(), second));
                second
            }
        };
        self.worked_s += 1;
        if self.works_s.is_some_and(|works| self.worked_s >= works) {
            return self.ends(world);
        }
        if second - since >= self.kills_after_s && !self.finds_room(world, &node) {
            self.kills(world, &node);
        }
    }

    /// A job eats whatever there is; a heavy set leaves a node alone that has room for all of it.
    fn finds_room(&self, world: &World, node: &NodeName) -> bool {
        let host = world.clusters.get(&self.cluster).and_then(|cluster| cluster.hosts.get(node));
        self.payload == Payload::HeavySet && host.is_some_and(|host| host.slots >= self.slots)
    }

    fn ends(&mut self, world: &mut World) {
        self.done = true;
        if let (Some(cluster), Some(pod)) = (world.clusters.get_mut(&self.cluster), &self.pod) {
            cluster.remove_pod(pod);
        }
    }

    /// The node panics; it boots by itself. The workload is made anew at once.
    fn kills(&mut self, world: &mut World, node: &NodeName) {
        let second = world.second;
        let Some(cluster) = world.clusters.get_mut(&self.cluster) else { return };
        if let Some(pod) = self.pod.take() {
            cluster.remove_pod(&pod);
        }
        self.at = None;
        cluster.node_down(node, second);
        let machine = cluster.hosts.get(node).map(|host| host.machine.clone());
        if let Some(machine) = machine {
            let until = second + self.away_s;
            world.cloud.set_power(&machine, super::cloud::Power::Booting { until });
        }
    }
}
