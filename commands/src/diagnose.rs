//! What is wrong with a cluster, from the facts: a signature, how far it reaches, a verdict, what to do first. Pure.
//!
//! The signature is what the same failure is found by again: `name-resolution/all-nodes`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use lifeboat_storage::event::{Kind, Share, Time};
use lifeboat_storage::id::{ClusterName, NodeName};
use lifeboat_storage::plan::ProbeKind;

use crate::facts::{Facts, Inventory, NodeRole, PodState, ProbeResult, Ready};
use crate::fleet::Fleet;

pub mod next;
pub mod standby;

/// What begins to fail on all nodes within so long does not begin on the nodes: one round of probes.
const ONE_MOMENT: TimeDelta = TimeDelta::seconds(20);
/// On fewer nodes the same moment is chance.
const FEW: usize = 3;

/// How far a failure reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Every node that was looked at.
    AllNodes,
    /// Some of them.
    SomeNodes,
    /// One.
    OneNode,
}

impl Scope {
    /// As it stands in a signature.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::AllNodes => "all-nodes",
            Self::SomeNodes => "some-nodes",
            Self::OneNode => "one-node",
        }
    }
}

/// What the facts point at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Names cannot be resolved on nodes that else are well: their path is broken, a boot mends it.
    NodePath,
    /// Names cannot be resolved anywhere from one moment on: the name servers or their configuration.
    NameServers,
    /// Images cannot be pulled: do not start anything anew.
    Registry,
    /// Agents do not answer, pods may go on: leave the nodes alone until that is known.
    Agents,
    /// Too few nodes for what is asked.
    TooFew,
    /// Pods do not reach what they depend on.
    Egress,
    /// Pods fail, for a reason of their own.
    Application,
}

impl Verdict {
    /// A key of the catalogue.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::NodePath => "node-path",
            Self::NameServers => "name-servers",
            Self::Registry => "registry",
            Self::Agents => "agents",
            Self::TooFew => "too-few",
            Self::Egress => "egress",
            Self::Application => "application",
        }
    }

    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::NodePath,
        Self::NameServers,
        Self::Registry,
        Self::Agents,
        Self::TooFew,
        Self::Egress,
        Self::Application,
    ];
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnosis {
    /// What fails, where anything does: `name-resolution`.
    pub what: Option<String>,
    /// How far it reaches.
    pub scope: Option<Scope>,
    /// What it points at.
    pub verdict: Option<Verdict>,
    /// Nodes that have it.
    pub nodes: BTreeSet<NodeName>,
    /// Nodes that were looked at.
    pub looked_at: u32,
}

impl Diagnosis {
    /// What the same failure is found by again.
    #[must_use]
    pub fn signature(&self) -> Option<String> {
        Some(format!("{}/{}", self.what.as_ref()?, self.scope?.key()))
    }

    /// As it is recorded; none where nothing is wrong.
    #[must_use]
    pub fn recorded(&self, cluster: &ClusterName) -> Option<Kind> {
        Some(Kind::Diagnosed {
            cluster: cluster.clone(),
            signature: self.signature()?,
            verdict: self.verdict?.key().to_owned(),
            share: Share { bad: self.nodes.len() as u64, total: u64::from(self.looked_at) },
        })
    }
}

/// Looks at one cluster.
#[must_use]
pub fn diagnose(name: &ClusterName, facts: &Facts, fleet: &Fleet) -> Diagnosis {
    let Some(seen) = facts.clusters.get(name) else { return Diagnosis::default() };
    let mut by_sign: BTreeMap<String, BTreeSet<NodeName>> = BTreeMap::new();
    for pod in seen.pods.values() {
        if let (PodState::Failing { signature, .. }, Some(node)) = (&pod.state, &pod.node) {
            by_sign.entry(signature.clone()).or_default().insert(node.clone());
        }
    }
    for ((cluster, node, probe), fact) in &facts.probes {
        let failed = matches!(fact.result, ProbeResult::Fail(_));
        if cluster == name && failed && is_up(seen, node) {
            by_sign.entry(probe.key().to_owned()).or_default().insert(node.clone());
        }
    }
    let silent: BTreeSet<NodeName> =
        seen.workers().filter(|node| node.ready == Ready::Unknown).map(|node| node.name.clone()).collect();
    if !silent.is_empty() {
        by_sign.entry("agent".to_owned()).or_default().extend(silent);
    }
    let up = u32::try_from(seen.workers().filter(|node| node.ready != Ready::No).count()).unwrap_or(u32::MAX);
    let worst = by_sign.into_iter().max_by_key(|(_, nodes)| nodes.len());
    match worst {
        Some((what, nodes)) => {
            let shared = what == ProbeKind::NameResolution.key() && began_together(name, facts, &nodes, up);
            judged(what, nodes, up, shared)
        }
        None => too_few(name, seen, fleet, up),
    }
}

/// Names stopped resolving on every node in one moment, as no node does it by itself.
fn began_together(name: &ClusterName, facts: &Facts, nodes: &BTreeSet<NodeName>, up: u32) -> bool {
    if nodes.len() < FEW || u32::try_from(nodes.len()).unwrap_or(u32::MAX) < up {
        return false;
    }
    let since = |node: &NodeName| {
        facts.probes.get(&(name.clone(), node.clone(), ProbeKind::NameResolution))?.failing_since
    };
    let began: Option<Vec<Time>> = nodes.iter().map(since).collect();
    let Some(began) = began else { return false };
    let (first, last) = (began.iter().min(), began.iter().max());
    first.zip(last).is_some_and(|(first, last)| *last - *first <= ONE_MOMENT)
}

fn is_up(seen: &Inventory, node: &NodeName) -> bool {
    let node = seen.nodes.get(node);
    node.is_some_and(|node| node.role == NodeRole::Worker && node.ready == Ready::Yes)
}

fn judged(what: String, nodes: BTreeSet<NodeName>, looked_at: u32, shared: bool) -> Diagnosis {
    let all = nodes.len() as u64 >= u64::from(looked_at);
    let scope = match (nodes.len(), all) {
        (_, true) => Scope::AllNodes,
        (1, false) => Scope::OneNode,
        _ => Scope::SomeNodes,
    };
    let verdict = match what.as_str() {
        "name-resolution" if shared => Verdict::NameServers,
        "name-resolution" => Verdict::NodePath,
        "image-pull" => Verdict::Registry,
        "agent" => Verdict::Agents,
        "egress" | "network" => Verdict::Egress,
        _ => Verdict::Application,
    };
    Diagnosis { what: Some(what), scope: Some(scope), verdict: Some(verdict), nodes, looked_at }
}

/// Nothing fails, but there are fewer nodes than wanted.
fn too_few(name: &ClusterName, seen: &Inventory, fleet: &Fleet, up: u32) -> Diagnosis {
    if fleet.cluster(name).is_none_or(|cluster| up >= cluster.wanted) {
        return Diagnosis { looked_at: up, ..Diagnosis::default() };
    }
    let down = seen.workers().filter(|node| node.ready == Ready::No).map(|node| node.name.clone()).collect();
    Diagnosis {
        what: Some("capacity".to_owned()),
        scope: Some(Scope::SomeNodes),
        verdict: Some(Verdict::TooFew),
        nodes: down,
        looked_at: up,
    }
}

/// The worst row of the probe matrix: which probe fails on how many of how many nodes.
#[must_use]
pub fn worst_row(name: &ClusterName, facts: &Facts) -> Option<(ProbeKind, u32, u32)> {
    let row = |probe: ProbeKind| {
        let of_row = facts.probes.iter().filter(|((cluster, _, kind), _)| cluster == name && *kind == probe);
        let results: Vec<bool> =
            of_row.map(|(_, fact)| matches!(fact.result, ProbeResult::Fail(_))).collect();
        let failed = results.iter().filter(|failed| **failed).count();
        let count = |of: usize| u32::try_from(of).unwrap_or(u32::MAX);
        (probe, count(failed), count(results.len()))
    };
    ProbeKind::ALL
        .into_iter()
        .map(row)
        .filter(|(_, failed, _)| *failed > 0)
        .max_by_key(|(_, failed, _)| *failed)
}
