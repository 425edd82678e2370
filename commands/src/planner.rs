//! From a request and what is seen to a plan, or a refusal. Pure: the same scene gives the same plan.
//!
//! | module | verbs |
//! | --- | --- |
//! | [`add`] | `/node add`, `/capacity run` |
//! | [`reboot`] | `/node reboot` |
//! | [`quiet`] | `/node cordon`, `uncordon`, `drain` |
//! | [`leave`] | `/node remove`, `/node move` |
//! | [`swap`] | `/cluster swap` |
//! | [`canary`] | `/cluster canary install` |
//! | [`target`] | which nodes are meant, and which machines they are |
//!
//! Every plan passes [`crate::guard::check`] before anybody sees it.

pub mod add;
pub mod canary;
pub mod leave;
pub mod quiet;
pub mod reboot;
pub mod swap;
pub mod target;

use lifeboat_storage::id::ClusterName;
use lifeboat_storage::plan::{Blast, Consent, Cost, Floor, Plan, Step, Target, Undo, Verb};

use crate::facts::Inventory;
use crate::fleet::Cluster;
use crate::refusal::{FleetRefusal, Named, Refusal};
use crate::verb::Scene;
use crate::{floors, guard};

/// What a planner adds to the common parts of a plan.
struct Draft {
    verb: Verb,
    other: Option<ClusterName>,
    steps: Vec<Step>,
    targets: Vec<Target>,
    /// At least so many nodes keep serving, whatever happens.
    least: Option<u32>,
    cost: Cost,
    expected_s: u32,
    undo: Undo,
    over: Option<String>,
}

/// A configured cluster by the name typed.
///
/// # Errors
/// [`FleetRefusal::NoSuch`], [`FleetRefusal::NothingConfigured`].
pub fn cluster<'a>(scene: &Scene<'a>, typed: &str) -> Result<&'a Cluster, Refusal> {
    if scene.fleet.clusters.is_empty() {
        return Err(FleetRefusal::NothingConfigured.into());
    }
    scene.fleet.clusters.iter().find(|cluster| cluster.name.as_str() == typed).ok_or_else(|| {
        let known = scene.fleet.clusters.iter().map(|cluster| cluster.name.to_string()).collect();
        FleetRefusal::NoSuch { what: Named::Cluster, typed: cut(typed), known }.into()
    })
}

/// What is seen of a cluster, if it is fresh enough to plan on.
///
/// # Errors
/// [`FleetRefusal::FactsOld`].
pub fn inventory<'a>(scene: &Scene<'a>, cluster: &ClusterName) -> Result<&'a Inventory, Refusal> {
    let age = floors::age_s(scene.facts, cluster, scene.now);
    let fresh = age.is_some_and(|age| age <= scene.fleet.limits.facts_age_s);
    let seen = scene.facts.clusters.get(cluster);
    seen.filter(|_| fresh).ok_or_else(|| FleetRefusal::FactsOld { cluster: cluster.clone() }.into())
}

/// Nothing else is at work there, and it is not frozen (or the freeze is overridden).
fn free(scene: &Scene<'_>, cluster: &ClusterName, over: Option<&String>) -> Result<(), Refusal> {
    if let Some(run) = scene.state.lock_of(cluster) {
        return Err(FleetRefusal::Locked { cluster: cluster.clone(), plan: run.id }.into());
    }
    if scene.state.frozen.contains_key(cluster) && over.is_none() {
        return Err(FleetRefusal::Frozen { cluster: cluster.clone() }.into());
    }
    Ok(())
}

/// Puts the common parts around a draft, and has it checked.
fn finish(scene: &Scene<'_>, cluster: &Cluster, draft: Draft) -> Result<Plan, Refusal> {
    // Where traffic leaves a cluster, nothing is asked of that cluster: it may be gone.
    let serving = match draft.verb {
        Verb::ClusterSwap { .. } => scene.facts.clusters.get(&cluster.name),
        _ => Some(inventory(scene, &cluster.name)?),
    };
    let serving = serving.map(|seen| seen.serving(&cluster.service)).unwrap_or_default();
    let left = guard::left_serving(&serving, &draft.steps);
    let was = count(serving.len());
    let lowest = left.iter().copied().min().unwrap_or(was);
    let needed = guard::consent(&draft.verb, was, lowest, &scene.fleet.limits);
    // The override waives the second person, and never the first.
    let consent = if draft.over.is_some() { needed.min(Consent::Confirm) } else { needed };
    let mut plan = Plan {
        verb: draft.verb,
        cluster: cluster.name.clone(),
        other: draft.other,
        traffic: cluster.traffic.clone(),
        service: cluster.service.clone(),
        steps: draft.steps,
        targets: draft.targets,
        floors: Vec::new(),
        blast: Blast { serving: was, wanted: cluster.wanted, left },
        cost: draft.cost,
        expected_s: draft.expected_s,
        undo: draft.undo,
        consent,
        override_reason: draft.over,
    };
    plan.floors = floors(scene, &plan, draft.least.unwrap_or(lowest))?;
    match guard::check(&plan, scene.facts, scene.fleet) {
        Ok(()) => Ok(plan),
        Err(broken) => Err(FleetRefusal::Guarded { rule: broken }.into()),
    }
}

/// What must hold before every step. The majority of managers is not there already: refused.
fn floors(scene: &Scene<'_>, plan: &Plan, least: u32) -> Result<Vec<Floor>, Refusal> {
    let mut floors = vec![Floor::NoControlPlane];
    if plan.override_reason.is_none() {
        let clusters = std::iter::once(&plan.cluster).chain(&plan.other);
        floors.extend(clusters.map(|cluster| Floor::NotFrozen { cluster: cluster.clone() }));
    }
    for floor in guard::majorities(plan, scene.facts) {
        if let Floor::ManagerMajority { cluster, least } = &floor {
            let managers = scene.facts.clusters.get(cluster).map_or((0, 0), |seen| seen.managers);
            if managers.0 < *least {
                let (there, of) = managers;
                return Err(FleetRefusal::NoMajority { cluster: cluster.clone(), there, of }.into());
            }
        }
        floors.push(floor);
    }
    let (cluster, service) = (plan.cluster.clone(), plan.service.clone());
    floors.push(Floor::Serving { cluster, service, least, of: plan.blast.serving });
    Ok(floors)
}

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

fn cut(typed: &str) -> String {
    typed.chars().take(60).collect()
}
