//! One cluster as it is seen, and the signs that can be found in it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use lifeboat_storage::event::{Share, Time};
use lifeboat_storage::id::{ClusterName, InstanceId, NodeName};
use lifeboat_storage::plan::ProbeKind;

use super::{Scope, Verdict};
use crate::facts::{
    Facts, Instance, InstanceState, Inventory, Loss, Matched, NodeRole, PodState, ProbeResult, Ready, Run,
};
use crate::fleet::{Cluster, Fleet};

/// Node losses further apart have nothing to do with each other.
const LOSSES_WITHIN: TimeDelta = TimeDelta::minutes(30);
/// Probes of one round are made within so long.
const ONE_ROUND: TimeDelta = TimeDelta::seconds(20);
/// A path that broke so soon after it was there at all says nothing about a moment that others share.
const SETTLED_AFTER: TimeDelta = TimeDelta::minutes(5);
/// A node that healed by itself so lately was never broken.
const HEALED_WITHIN: TimeDelta = TimeDelta::minutes(10);
/// A machine that runs for so long and is no node will not be one.
const JOINS_WITHIN: TimeDelta = TimeDelta::minutes(5);

/// One cluster, and everything else that is seen.
pub(super) struct Place<'a> {
    pub(super) name: &'a ClusterName,
    pub(super) seen: &'a Inventory,
    pub(super) facts: &'a Facts,
    pub(super) fleet: &'a Fleet,
}

/// What was found.
pub(super) struct Sign {
    pub(super) what: String,
    pub(super) verdict: Verdict,
    pub(super) scope: Scope,
    /// Nodes that have it.
    pub(super) nodes: BTreeSet<NodeName>,
    /// The workload behind it, where there is one.
    pub(super) workload: Option<String>,
}

impl Place<'_> {
    /// Workers that are not known to be down.
    pub(super) fn up(&self) -> u32 {
        count(self.seen.workers().filter(|node| node.ready != Ready::No).count())
    }

    pub(super) fn cluster(&self) -> Option<&Cluster> {
        self.fleet.cluster(self.name)
    }

    fn now(&self) -> Time {
        self.seen.as_of.unwrap_or_default()
    }

    /// How many were looked at: those that are up; all workers where what was found is of nodes that fell, as some of
    /// them may be down still.
    pub(super) fn looked_at(&self, sign: &Sign) -> u32 {
        match sign.verdict {
            Verdict::Wanderer => count(self.seen.workers().count()),
            _ => self.up(),
        }
    }

    /// How much of the cluster has it.
    pub(super) fn share(&self, sign: &Sign) -> Share {
        let lacks = matches!(sign.verdict, Verdict::TooFew | Verdict::NeverJoin);
        match self.cluster().filter(|_| lacks) {
            Some(cluster) => Share {
                bad: u64::from(cluster.wanted.saturating_sub(self.up())),
                total: u64::from(cluster.wanted),
            },
            None => Share { bad: sign.nodes.len() as u64, total: u64::from(self.looked_at(sign)) },
        }
    }

    fn sign(&self, what: &str, verdict: Verdict, nodes: BTreeSet<NodeName>) -> Sign {
        let all = nodes.len() as u64 >= u64::from(self.up());
        let scope = match (nodes.len(), all) {
            (_, true) => Scope::AllNodes,
            (1, false) => Scope::OneNode,
            _ => Scope::SomeNodes,
        };
        Sign { what: what.to_owned(), verdict, scope, nodes, workload: None }
    }

    /// The same workload was on several nodes when each went down by itself, one after the other. Where nobody gets
    /// through any more since nodes were closed to it, that is told instead.
    pub(super) fn wanderer(&self) -> Option<Sign> {
        if self.closed_entry().is_some_and(|sign| sign.verdict == Verdict::Cordoned) {
            return None;
        }
        let lately = |loss: &&Loss| loss.cluster == *self.name && self.now() - loss.at < LOSSES_WITHIN;
        let fell = |loss: &&Loss| lately(loss) && !self.was_taken(&loss.node);
        let losses: Vec<&Loss> = self.facts.memory.losses.iter().filter(fell).collect();
        let mut under: BTreeMap<&str, BTreeSet<NodeName>> = BTreeMap::new();
        for loss in &losses {
            for workload in &loss.workloads {
                under.entry(workload).or_default().insert(loss.node.clone());
            }
        }
        let latest = losses.last()?;
        let (workload, nodes) = under
            .into_iter()
            .filter(|(workload, nodes)| nodes.len() >= 2 && latest.workloads.contains(*workload))
            .max_by_key(|(_, nodes)| nodes.len())?;
        let sign = self.sign("node-loss", Verdict::Wanderer, nodes);
        Some(Sign { scope: Scope::SomeNodes, workload: Some(workload.to_owned()), ..sign })
    }

    /// Its cloud took the machine of a node back, or somebody stopped it: no workload did that.
    fn was_taken(&self, name: &NodeName) -> bool {
        let Some(node) = self.seen.nodes.get(name) else { return true };
        let cloud = self.cluster().and_then(|cluster| self.facts.clouds.get(&cluster.cloud));
        let Some(cloud) = cloud.filter(|cloud| cloud.as_of.is_some()) else { return false };
        let is_off = |one: &Instance| matches!(one.state, InstanceState::Stopped | InstanceState::Stopping);
        match cloud.machine_of(node) {
            Matched::One(id) => cloud.instances.get(&id).is_some_and(is_off),
            Matched::Unclear(near) => near.is_empty() && node.identity.provider_id.is_some(),
        }
    }

    /// What fails on most nodes: pods that do not start, probes, agents that are not heard of.
    pub(super) fn worst_sign(&self) -> Option<Sign> {
        let mut by_what: BTreeMap<String, BTreeSet<NodeName>> = BTreeMap::new();
        for pod in self.seen.pods.values() {
            if let (PodState::Failing { signature, .. }, Some(node)) = (&pod.state, &pod.node) {
                by_what.entry(signature.clone()).or_default().insert(node.clone());
            }
        }
        for ((cluster, node, probe), fact) in &self.facts.probes {
            let failed = matches!(fact.result, ProbeResult::Fail(_));
            if cluster == self.name && failed && self.is_up(node) {
                by_what.entry(probe.key().to_owned()).or_default().insert(node.clone());
            }
        }
        let silent = self.seen.workers().filter(|node| node.ready == Ready::Unknown);
        for node in silent {
            by_what.entry("agent".to_owned()).or_default().insert(node.name.clone());
        }
        let (what, nodes) = by_what.into_iter().max_by_key(|(_, nodes)| nodes.len())?;
        let verdict = match what.as_str() {
            "name-resolution" if self.is_everywhere_at_once(&nodes) => Verdict::NameServers,
            "name-resolution" => Verdict::NodePath,
            "image-pull" => Verdict::Registry,
            "agent" => Verdict::Agents,
            "egress" | "network" => Verdict::Egress,
            _ => Verdict::Application,
        };
        Some(self.sign(&what, verdict, nodes))
    }

    pub(super) fn is_up(&self, node: &NodeName) -> bool {
        let node = self.seen.nodes.get(node);
        node.is_some_and(|node| node.role == NodeRole::Worker && node.ready == Ready::Yes)
    }

    /// Broken paths stay broken until a boot, and break one after the other. Name servers fail everywhere in the same
    /// moment, and answers come and go.
    fn is_everywhere_at_once(&self, failing: &BTreeSet<NodeName>) -> bool {
        let of_names = |((cluster, _, probe), _): &(&(ClusterName, NodeName, ProbeKind), &Run)| {
            cluster == self.name && *probe == ProbeKind::NameResolution
        };
        let runs: Vec<(&NodeName, &Run)> =
            self.facts.memory.runs.iter().filter(of_names).map(|((_, node, _), run)| (node, run)).collect();
        let healed = |run: &Run| run.healed_at.is_some_and(|at| self.now() - at < HEALED_WITHIN);
        if runs.iter().filter(|(_, run)| healed(run)).count() >= 2 {
            return true;
        }
        // Nodes that were booted or joined together, or are looked at for the first time, fail in one round too.
        let settled = |run: &Run| run.before_since.is_some_and(|passed| run.since - passed >= SETTLED_AFTER);
        let since: Vec<Time> = runs
            .iter()
            .filter(|(node, run)| run.fails && settled(run) && failing.contains(*node))
            .map(|(_, run)| run.since)
            .collect();
        let in_round = |first: &Time| {
            let round = *first..=*first + ONE_ROUND;
            since.iter().filter(|at| round.contains(at)).count()
        };
        let together = since.iter().map(in_round).max().unwrap_or(0);
        together >= 2 && together * 2 >= runs.len() && (together >= 3 || together == runs.len())
    }

    /// Pods are Ready and nobody answers from outside: the entry, or nodes that were cordoned and hold it.
    pub(super) fn closed_entry(&self) -> Option<Sign> {
        let cluster = self.cluster()?;
        let health = self.facts.traffic.get(cluster.traffic.as_ref()?)?.health.get(self.name).copied();
        let serving = self.seen.serving(&cluster.service);
        if health != Some(false) || serving.is_empty() {
            return None;
        }
        let closed: BTreeSet<NodeName> = self
            .seen
            .workers()
            .filter(|node| node.ready == Ready::Yes && !node.schedulable && serving.contains(&node.name))
            .map(|node| node.name.clone())
            .collect();
        Some(match closed.is_empty() {
            true => self.sign("entry", Verdict::Entry, serving),
            false => self.sign("entry", Verdict::Cordoned, closed),
        })
    }

    /// Machines of a kind that this cluster's pools make, that run for long, and are nodes nowhere.
    pub(super) fn never_joined(&self) -> Option<Sign> {
        let cluster = self.cluster().filter(|cluster| self.up() < cluster.wanted)?;
        let cloud = self.facts.clouds.get(&cluster.cloud)?;
        let nodes = || self.facts.clusters.values().flat_map(|seen| seen.nodes.values());
        let joined: BTreeSet<InstanceId> = nodes()
            .filter_map(|node| match cloud.machine_of(node) {
                Matched::One(id) => Some(id),
                Matched::Unclear(_) => None,
            })
            .collect();
        let ours = |one: &Instance| {
            let rungs = self.fleet.pools.iter().filter(|pool| pool.cluster == *self.name);
            rungs
                .flat_map(|pool| &pool.ladder)
                .any(|rung| rung.machine == one.machine && rung.zone == one.zone && rung.spot == one.spot)
        };
        let never = self.facts.memory.appeared.iter().any(|((of, id), at)| {
            *of == cluster.cloud
                && self.now() - *at >= JOINS_WITHIN
                && !joined.contains(id)
                && cloud.instances.get(id).is_some_and(|one| one.state == InstanceState::Running && ours(one))
        });
        never.then(|| self.sign("join", Verdict::NeverJoin, self.down()))
    }

    /// Nothing fails, but there are fewer nodes than wanted.
    pub(super) fn too_few(&self) -> Option<Sign> {
        self.cluster().filter(|cluster| self.up() < cluster.wanted)?;
        let sign = self.sign("capacity", Verdict::TooFew, self.down());
        Some(Sign { scope: Scope::SomeNodes, ..sign })
    }

    fn down(&self) -> BTreeSet<NodeName> {
        let down = self.seen.workers().filter(|node| node.ready == Ready::No);
        down.map(|node| node.name.clone()).collect()
    }
}

pub(super) fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}
