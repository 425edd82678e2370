//! What to do next about a diagnosis: lines to type, the best first. Pure.
//!
//! What failed twice with the same error is not offered a third time; the next rung is.

use chrono::TimeDelta;
use lifeboat_storage::event::Time;
use lifeboat_storage::id::{ClusterName, NodeName};
use lifeboat_storage::plan::run::{Run, Standing};
use lifeboat_storage::plan::{RebootMode, Verb};
use lifeboat_storage::state::State;

use super::{Diagnosis, Verdict, standby};
use crate::facts::Facts;
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
    match found.verdict {
        Some(Verdict::NodePath) => boots(found, cluster, ground),
        _ => found.actions.clone(),
    }
}

/// One node first; the rest once a canary was proven; something else where boots do not help.
fn boots(found: &Diagnosis, cluster: &Cluster, ground: &Ground<'_>) -> Vec<String> {
    let hopeless = |node: &&NodeName| repeat::reboot(ground.state, node, ground.now).is_some();
    let given_up = found.nodes.iter().filter(hopeless).count();
    let mut hopeful: Vec<&NodeName> = found.nodes.iter().filter(|node| !hopeless(node)).collect();
    if given_up >= ENOUGH || hopeful.is_empty() {
        return swaps(cluster, ground);
    }
    let serving = ground
        .facts
        .clusters
        .get(&cluster.name)
        .map(|seen| seen.serving(&cluster.service))
        .unwrap_or_default();
    hopeful.sort_by_key(|node| (serving.contains(*node), *node));
    let address = |node: &NodeName| target::address(ground.fleet, ground.facts, &cluster.name, node);
    let canary = hopeful.first().map(|node| format!("/node reboot target:{} mode:canary", address(node)));
    let down = serving.is_empty();
    let rest = (hopeful.len() > 1).then(|| {
        let mode = if down { "emergency" } else { "rolling" };
        match given_up {
            0 => format!("/node reboot target:failing mode:{mode}"),
            _ => {
                let names: Vec<String> = hopeful.iter().map(|node| address(node)).collect();
                format!("/node reboot target:{} mode:{mode}", names.join(","))
            }
        }
    });
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
