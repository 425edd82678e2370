//! What to do next about a diagnosis: lines to type, the best first. Pure.
//!
//! What failed twice with the same error is not offered a third time; the next rung is.

use chrono::TimeDelta;
use lifeboat_storage::event::Time;
use lifeboat_storage::id::{ClusterName, NodeName};
use lifeboat_storage::plan::run::{Run, Standing};
use lifeboat_storage::plan::{RebootMode, Verb};
use lifeboat_storage::state::State;

use super::{Diagnosis, standby};
use crate::facts::{Facts, Inventory};
use crate::fleet::{Cluster, Fleet};
use crate::planner::target;
use crate::repeat;

/// A canary that was proven so lately still counts.
const LATELY: TimeDelta = TimeDelta::minutes(30);
/// So many nodes whose boot did not help twice: booting is not the cure.
const ENOUGH: usize = 2;

/// What the lines are made from.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// The cluster that was diagnosed.
    pub cluster: &'a ClusterName,
    /// What is seen.
    pub facts: &'a Facts,
    /// What is configured.
    pub fleet: &'a Fleet,
    /// What all events add up to.
    pub state: &'a State,
    /// Now.
    pub now: Time,
}

/// Lines to type next, the best first; none where nothing safe is known.
#[must_use]
pub fn lines(found: &Diagnosis, ground: &Ground<'_>) -> Vec<String> {
    let Some(cluster) = ground.fleet.cluster(ground.cluster) else { return Vec::new() };
    let boot = |line: &String| line.starts_with("/node reboot ");
    if found.actions.iter().any(boot) { boots(found, cluster, ground) } else { found.actions.clone() }
}

/// Its boots failed twice with the same error, just now.
fn is_given_up(node: &NodeName, ground: &Ground<'_>) -> bool {
    repeat::reboot(ground.state, ground.cluster, node, ground.now).is_some()
}

/// Nodes that a boot may still mend; none once the boots of several did not help.
pub(crate) fn hopeful<'a>(found: &'a Diagnosis, ground: &Ground<'_>) -> Vec<&'a NodeName> {
    let (given_up, hopeful): (Vec<&NodeName>, Vec<&NodeName>) =
        found.nodes.iter().partition(|node| is_given_up(node, ground));
    if given_up.len() < ENOUGH { hopeful } else { Vec::new() }
}

/// How these are typed together: `failing`, unless that means nodes of another cluster, the one that carries traffic, or
/// one that is given up as well.
pub(crate) fn together(nodes: &[&NodeName], ground: &Ground<'_>) -> String {
    let workers = ground.facts.clusters.get(ground.cluster).into_iter().flat_map(Inventory::workers);
    let mut failing = workers.filter(|node| target::is_failing(ground.facts, ground.cluster, node));
    let is_active =
        target::active_in(ground.fleet, ground.facts).is_some_and(|one| one.name == *ground.cluster);
    if is_active && !failing.any(|node| is_given_up(&node.name, ground)) {
        return "failing".to_owned();
    }
    nodes.iter().map(|node| address(node, ground)).collect::<Vec<_>>().join(",")
}

/// How a node of the cluster is typed.
pub(crate) fn address(node: &NodeName, ground: &Ground<'_>) -> String {
    target::address(ground.fleet, ground.facts, ground.cluster, node)
}

/// One node first; the rest once a canary was proven; something else where boots do not help.
fn boots(found: &Diagnosis, cluster: &Cluster, ground: &Ground<'_>) -> Vec<String> {
    let mut hopeful = hopeful(found, ground);
    if hopeful.is_empty() {
        return swaps(cluster, ground);
    }
    let serving = ground
        .facts
        .clusters
        .get(&cluster.name)
        .map(|seen| seen.serving(&cluster.service))
        .unwrap_or_default();
    hopeful.sort_by_key(|node| (serving.contains(*node), *node));
    let canary =
        hopeful.first().map(|node| format!("/node reboot target:{} mode:canary", address(node, ground)));
    let mode = if serving.is_empty() { "emergency" } else { "rolling" };
    let rest = (hopeful.len() > 1)
        .then(|| format!("/node reboot target:{} mode:{mode}", together(&hopeful, ground)));
    match rest {
        Some(rest) if canary_helped(cluster, ground) => vec![rest],
        rest => canary.into_iter().chain(rest).collect(),
    }
}

/// A canary of this cluster was proven, not long ago.
fn canary_helped(cluster: &Cluster, ground: &Ground<'_>) -> bool {
    let helped = |run: &Run| {
        run.plan.cluster == cluster.name
            && run.plan.verb == Verb::NodeReboot { mode: RebootMode::Canary }
            && run.standing == Standing::Proven
            && run.ended_at.is_some_and(|at| ground.now - at < LATELY)
    };
    ground.state.plans.values().any(helped)
}

/// To the best standby that could take the load now; else a check of all of them.
fn swaps(cluster: &Cluster, ground: &Ground<'_>) -> Vec<String> {
    let ranked = standby::ranked(cluster, ground.facts, ground.fleet, ground.state, ground.now);
    match ranked.first() {
        Some(best) if best.is_green() => vec![format!("/cluster swap to:{}", best.cluster)],
        Some(_) => vec!["/cluster check".to_owned()],
        None => Vec::new(),
    }
}
