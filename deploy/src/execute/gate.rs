//! What must hold before a step.

use lifeboat_commands::facts::{Matched, Ready};
use lifeboat_commands::floors::{self, Ground};
use lifeboat_storage::id::{CloudName, InstanceId, NodeName};
use lifeboat_storage::plan::{PauseReason, Step, Weight};

use super::View;

/// How long facts may be late, or a node that was let in again may not serve yet, before the plan pauses, in seconds.
pub(super) const PATIENCE_S: i64 = 120;

/// Why a step may not be done now, on facts that are fresh.
pub(super) fn closed(view: &View<'_>, index: u32, step: &Step) -> Option<PauseReason> {
    let changed = || {
        let target = target_changed(view, step).or_else(|| is_back(view, step));
        target.or_else(|| traffic_changed(view, index, step))
    };
    floor_broken(view, step).or_else(changed)
}

/// What a step is decided on is too old.
pub(super) fn facts_old(view: &View<'_>, step: &Step) -> Option<PauseReason> {
    let old = floors::too_old(&view.run.plan, step, view.facts, view.fleet.limits.facts_age_s, view.now);
    old.map(|(cluster, age_s)| PauseReason::FactsOld { cluster: cluster.clone(), age_s })
}

fn floor_broken(view: &View<'_>, step: &Step) -> Option<PauseReason> {
    let spare = floors::spare(view.run, view.facts);
    let ground = Ground { facts: view.facts, state: view.state, share: view.share, spare: &spare };
    let broken = floors::broken(&view.run.plan, step, &ground);
    broken.map(|(floor, now)| PauseReason::FloorBroken { floor: floor.clone(), now })
}

/// Right before a machine is touched it must still be the one that was approved.
fn target_changed(view: &View<'_>, step: &Step) -> Option<PauseReason> {
    let (node, cloud, instance) = match step {
        Step::Reboot { node, cloud, instance, .. }
        | Step::Leave { node, cloud, instance, .. }
        | Step::Reimage { node, cloud, instance }
        | Step::Stop { node, cloud, instance } => (node, cloud, instance),
        _ => return None,
    };
    // Only what is meant to be out of the cluster by then may be out of it.
    let is_there = || view.facts.clusters.get(&view.run.plan.cluster)?.nodes.get(node);
    let gone = matches!(step, Step::Reboot { .. }) && is_there().is_none();
    (gone || !is_still(view, node, cloud, instance))
        .then(|| PauseReason::TargetChanged { node: node.clone() })
}

/// A node that was only to be forgotten, as its machine was off, is heard from again. One that the plan itself took out
/// of its cluster may be heard from for a while.
fn is_back(view: &View<'_>, step: &Step) -> Option<PauseReason> {
    let Step::Forget { cluster, node: name } = step else { return None };
    let leaves = |step: &Step| matches!(step, Step::Leave { node, .. } if node == name);
    let node = view.facts.clusters.get(cluster)?.nodes.get(name)?;
    let back = node.ready == Ready::Yes && !view.run.plan.steps.iter().any(leaves);
    back.then(|| PauseReason::TargetChanged { node: name.clone() })
}

/// Somebody else spread the traffic otherwise than this plan found or left it.
fn traffic_changed(view: &View<'_>, index: u32, step: &Step) -> Option<PauseReason> {
    let Step::Shift { traffic, weights } = step else { return None };
    let now = &view.facts.traffic.get(traffic)?.weights;
    let left = weights_before(view, index)?;
    let known = is_spread(now, left) || is_spread(now, weights);
    (!known).then(|| PauseReason::TrafficChanged { traffic: traffic.clone() })
}

/// As the last shift of the plan left the traffic; before the first, where the plan would take it back to.
fn weights_before<'a>(view: &View<'a>, index: u32) -> Option<&'a [Weight]> {
    let steps = &view.run.plan.steps;
    let index = usize::try_from(index).ok()?;
    let shifted = steps.get(..index)?.iter().rev().find_map(|step| match step {
        Step::Shift { weights, .. } => Some(weights.as_slice()),
        _ => None,
    });
    let back = || {
        steps.get(index..)?.iter().find_map(|step| match step {
            Step::Hold { back, .. } => Some(back.as_slice()),
            _ => None,
        })
    };
    shifted.or_else(back)
}

/// Whether the traffic is spread as wanted.
pub(super) fn is_spread(now: &[Weight], wanted: &[Weight]) -> bool {
    wanted.iter().all(|weight| now.contains(weight))
}

fn is_still(view: &View<'_>, node: &NodeName, cloud: &CloudName, instance: &InstanceId) -> bool {
    let Some(cloud) = view.facts.clouds.get(cloud) else { return false };
    let seen = view.facts.clusters.get(&view.run.plan.cluster).and_then(|seen| seen.nodes.get(node));
    let known = seen.filter(|node| node.identity != lifeboat_commands::facts::Identity::default());
    if let Some(node) = known {
        return cloud.machine_of(node) == Matched::One(instance.clone());
    }
    // It left its cluster: the machine itself must be the one that was approved.
    let target = view.run.plan.targets.iter().find(|target| target.node == *node);
    let identity = cloud.instances.get(instance).map(|one| &one.identity);
    let agrees = |named: &String| {
        identity
            .is_some_and(|one| one.provider_id.as_ref() == Some(named) || one.serial.as_ref() == Some(named))
    };
    target.and_then(|target| target.identity.as_ref()).is_some_and(agrees)
}
