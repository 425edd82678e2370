//! What is wrong with a cluster, from the facts: a signature, how far it reaches, a verdict, what to do first. Pure.
//!
//! The signature is what the same failure is found by again: `name-resolution/all-nodes`.

mod act;
pub mod next;
mod place;
pub mod standby;

use std::collections::BTreeSet;

use lifeboat_storage::event::{Kind, Share};
use lifeboat_storage::id::{ClusterName, NodeName};
use lifeboat_storage::plan::ProbeKind;

use self::place::Place;
use crate::facts::{Facts, ProbeResult};
use crate::fleet::Fleet;

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
    /// Node after node goes down under the same workload: it is that, not the nodes.
    Wanderer,
    /// Machines that were made run and are no nodes: more of them will not be either.
    NeverJoin,
    /// Nothing fails behind the entry, and nobody gets through it.
    Entry,
    /// Nobody gets through the entry since nodes were cordoned.
    Cordoned,
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
            Self::Wanderer => "wanderer",
            Self::NeverJoin => "never-join",
            Self::Entry => "entry",
            Self::Cordoned => "cordoned",
        }
    }

    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::NodePath,
        Self::NameServers,
        Self::Registry,
        Self::Agents,
        Self::TooFew,
        Self::Egress,
        Self::Application,
        Self::Wanderer,
        Self::NeverJoin,
        Self::Entry,
        Self::Cordoned,
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
    /// How many of those looked at have it; where nodes are missing, how many of those wanted.
    pub share: Share,
    /// Lines to type, the best first.
    pub actions: Vec<String>,
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
            share: self.share,
        })
    }
}

/// Looks at one cluster.
#[must_use]
pub fn diagnose(name: &ClusterName, facts: &Facts, fleet: &Fleet) -> Diagnosis {
    let Some(seen) = facts.clusters.get(name) else { return Diagnosis::default() };
    let place = Place { name, seen, facts, fleet };
    let signs =
        [Place::wanderer, Place::worst_sign, Place::closed_entry, Place::never_joined, Place::too_few];
    let Some(sign) = signs.iter().find_map(|sign| sign(&place)) else {
        return Diagnosis { looked_at: place.up(), ..Diagnosis::default() };
    };
    Diagnosis {
        actions: place.actions(&sign),
        share: place.share(&sign),
        looked_at: place.looked_at(&sign),
        what: Some(sign.what),
        scope: Some(sign.scope),
        verdict: Some(sign.verdict),
        nodes: sign.nodes,
    }
}

/// The line that gets the nodes a cluster lacks, from the pool that can give them; none where none can be had.
#[must_use]
pub fn more_nodes(name: &ClusterName, facts: &Facts, fleet: &Fleet) -> Option<String> {
    let seen = facts.clusters.get(name)?;
    Place { name, seen, facts, fleet }.more()
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
