//! What must hold before a step.

use lifeboat_commands::facts::Matched;
use lifeboat_commands::floors::{self, Ground, Held};
use lifeboat_storage::id::{CloudName, InstanceId, NodeName};
use lifeboat_storage::plan::{PauseReason, Step};

use super::View;

/// How long facts may be late before the plan pauses, in seconds.
pub(super) const PATIENCE_S: i64 = 120;

/// Why a step may not be done now.
pub(super) fn closed(view: &View<'_>, step: &Step) -> Option<PauseReason> {
    facts_old(view).or_else(|| floor_broken(view, step)).or_else(|| target_changed(view, step))
}

fn facts_old(view: &View<'_>) -> Option<PauseReason> {
    let mut ages = floors::looked_at(&view.run.plan)
        .map(|cluster| (cluster, floors::age_s(view.facts, cluster, view.now)));
    let old = ages.find(|(_, age)| age.is_none_or(|age| age > view.fleet.limits.facts_age_s));
    old.map(|(cluster, age_s)| PauseReason::FactsOld { cluster: cluster.clone(), age_s })
}

fn floor_broken(view: &View<'_>, step: &Step) -> Option<PauseReason> {
    let ground = Ground { facts: view.facts, state: view.state, share: view.share };
    view.run.plan.floors.iter().find_map(|floor| match floors::holds(floor, &view.run.plan, step, &ground) {
        Held::Yes => None,
        Held::Broken(now) => Some(PauseReason::FloorBroken { floor: floor.clone(), now }),
    })
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
    (!is_still(view, node, cloud, instance)).then(|| PauseReason::TargetChanged { node: node.clone() })
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
