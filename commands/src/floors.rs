//! What must hold before every step, on fresh facts. Pure.

use std::collections::BTreeSet;

use lifeboat_storage::event::{Share, Time};
use lifeboat_storage::id::{ClusterName, NodeName, ServiceName};
use lifeboat_storage::plan::run::{Progress, Run};
use lifeboat_storage::plan::{Floor, PauseReason, Plan, Step, Verb};
use lifeboat_storage::state::State;

use crate::facts::{Facts, Inventory, NodeRole, Ready};
use crate::guard::{node_of, takes_away};

/// How a floor stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// It holds.
    Yes,
    /// It does not: so many are there.
    Broken(u32),
}

/// How a plan that a floor paused stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since<'a> {
    /// That floor holds again, and no other is seen to be broken.
    Over,
    /// A floor of the plan does not hold.
    Broken {
        /// Which: the one that paused it, or another.
        floor: &'a Floor,
        /// So many are there now.
        now: u32,
    },
}

/// What floors are judged on.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// What is seen.
    pub facts: &'a Facts,
    /// What all events add up to.
    pub state: &'a State,
    /// Failed of all requests of a service, where known.
    pub share: &'a dyn Fn(&ServiceName) -> Option<Share>,
    /// Nodes of the plan's cluster that it proved and let in again, and that carry nothing because every pod that is
    /// wanted is Ready elsewhere: they count as serving, since they are what the next node's pods move to.
    pub spare: &'a BTreeSet<NodeName>,
}

/// The first floor of a plan that does not hold once this step is done, and how many are there then.
#[must_use]
pub fn broken<'a>(plan: &'a Plan, step: &Step, ground: &Ground<'_>) -> Option<(&'a Floor, u32)> {
    plan.floors.iter().find_map(|floor| match holds(floor, plan, step, ground) {
        Held::Yes => None,
        Held::Broken(now) => Some((floor, now)),
    })
}

/// Whether a floor holds once this step is done.
#[must_use]
pub fn holds(floor: &Floor, plan: &Plan, step: &Step, ground: &Ground<'_>) -> Held {
    match floor {
        Floor::Serving { cluster, service, least, .. } => serving(cluster, service, *least, step, ground),
        Floor::NoControlPlane => control_plane(plan, step, ground),
        Floor::ManagerMajority { cluster, least } => {
            let managers = ground.facts.clusters.get(cluster).map_or(0, |seen| seen.managers.0);
            if managers >= *least { Held::Yes } else { Held::Broken(managers) }
        }
        Floor::ErrorShare { service, at_most_permille } => {
            let share = (ground.share)(service).filter(|share| share.total > 0);
            let permille = share.map_or(0, |share| share.bad.saturating_mul(1_000) / share.total);
            let permille = u32::try_from(permille).unwrap_or(1_000);
            if permille <= *at_most_permille { Held::Yes } else { Held::Broken(permille) }
        }
        Floor::NotFrozen { cluster } if ground.state.frozen.contains_key(cluster) => Held::Broken(1),
        Floor::NotFrozen { .. } => Held::Yes,
    }
}

fn serving(
    cluster: &ClusterName,
    service: &ServiceName,
    least: u32,
    step: &Step,
    ground: &Ground<'_>,
) -> Held {
    if !takes_away(step) {
        return Held::Yes;
    }
    let serving = ground.facts.clusters.get(cluster).map(|seen| seen.serving(service)).unwrap_or_default();
    // Whoever is seen to serve nothing takes nothing away, however few serve.
    let seen = |node| ground.facts.clusters.get(cluster).is_some_and(|seen| seen.nodes.contains_key(node));
    if node_of(step).is_some_and(|node| seen(node) && !serving.contains(node)) {
        return Held::Yes;
    }
    let left = left(serving, step, ground.spare);
    if left >= least { Held::Yes } else { Held::Broken(left) }
}

/// How many are left serving once a step has taken its node away.
fn left(mut serving: BTreeSet<NodeName>, step: &Step, spare: &BTreeSet<NodeName>) -> u32 {
    serving.extend(spare.iter().cloned());
    if let Some(node) = node_of(step) {
        serving.remove(node);
    }
    u32::try_from(serving.len()).unwrap_or(u32::MAX)
}

/// The floor for which a plan that goes on now would pause again at once, and how many are there: one of which it is
/// plain that it is broken. A freeze is, whatever can be seen; any other only on facts that are not too old, and not
/// where a node that was let in again is waited for.
#[must_use]
pub fn still_broken<'a>(
    run: &'a Run,
    ground: &Ground<'_>,
    limit_s: u32,
    now: Time,
) -> Option<(&'a Floor, u32)> {
    let (_, step) = run.next_step()?;
    let old = too_old(&run.plan, step, ground.facts, limit_s, now).is_some();
    let may_hold = |floor: &Floor| old || serves_soon(run, ground.facts, floor);
    plainly_broken(run, step, ground, |floor| is_freeze(floor) || !may_hold(floor))
}

/// The first floor that is broken among those of which that can be told.
fn plainly_broken<'a>(
    run: &'a Run,
    step: &Step,
    ground: &Ground<'_>,
    can_be_told: impl Fn(&Floor) -> bool,
) -> Option<(&'a Floor, u32)> {
    run.plan.floors.iter().find_map(|floor| match holds(floor, &run.plan, step, ground) {
        Held::Broken(there) if can_be_told(floor) => Some((floor, there)),
        _ => None,
    })
}

const fn is_freeze(floor: &Floor) -> bool {
    matches!(floor, Floor::NotFrozen { .. })
}

/// What became of the floor that paused a plan; none where none did, or where that cannot be told, as what is seen is
/// too old. A freeze can be told whatever is seen.
#[must_use]
pub fn since_paused<'a>(run: &'a Run, ground: &Ground<'_>, limit_s: u32, now: Time) -> Option<Since<'a>> {
    let Some(PauseReason::FloorBroken { floor: paused_by, .. }) = &run.paused else { return None };
    let (_, step) = run.next_step()?;
    let old = too_old(&run.plan, step, ground.facts, limit_s, now).is_some();
    let can_be_told = |floor: &Floor| !old || is_freeze(floor);
    let broken = || plainly_broken(run, step, ground, can_be_told);
    can_be_told(paused_by).then(|| broken().map_or(Since::Over, |(floor, now)| Since::Broken { floor, now }))
}

/// A floor asks for nodes that serve, and one that this plan booted and let in again is Ready and does not serve yet.
#[must_use]
pub fn serves_soon(run: &Run, facts: &Facts, floor: &Floor) -> bool {
    let Floor::Serving { cluster, service, .. } = floor else { return false };
    let Some(seen) = facts.clusters.get(cluster) else { return false };
    let serving = seen.serving(service);
    let_in(run, cluster, seen).any(|node| !serving.contains(node))
}

/// How many would be left serving in the cluster of a plan if its next step were done now, where that can be seen.
#[must_use]
pub fn left_now(run: &Run, facts: &Facts) -> Option<u32> {
    let (_, step) = run.next_step()?;
    let seen = facts.clusters.get(&run.plan.cluster)?;
    Some(left(seen.serving(&run.plan.service), step, &spare(run, facts)))
}

fn control_plane(plan: &Plan, step: &Step, ground: &Ground<'_>) -> Held {
    let seen = ground.facts.clusters.get(&plan.cluster);
    let node = node_of(step).and_then(|node| seen?.nodes.get(node));
    if node.is_some_and(|node| node.role == NodeRole::ControlPlane) { Held::Broken(1) } else { Held::Yes }
}

/// Nodes that this plan let in again and that have nothing to carry: what [`Ground::spare`] asks for.
#[must_use]
pub fn spare(run: &Run, facts: &Facts) -> BTreeSet<NodeName> {
    let plan = &run.plan;
    let seen = facts.clusters.get(&plan.cluster).filter(|seen| seen.wants_no_more(&plan.service));
    let takes_pods = |seen: &Inventory, name| seen.nodes.get(name).is_some_and(|node| node.schedulable);
    let nodes = seen.into_iter().flat_map(|seen| {
        let_in(run, &plan.cluster, seen).filter(move |name| takes_pods(seen, name)).cloned()
    });
    nodes.collect()
}

/// Nodes that this plan booted and let in again, as far as they are up. What was seen last may be from before.
pub fn let_in<'a>(
    run: &'a Run,
    cluster: &'a ClusterName,
    seen: &'a Inventory,
) -> impl Iterator<Item = &'a NodeName> {
    let ended = |index: usize| {
        let progress = u32::try_from(index).ok().and_then(|index| run.steps.get(&index));
        progress.is_some_and(|progress: &Progress| !progress.is_open())
    };
    let is_up = |name: &NodeName| seen.nodes.get(name).is_some_and(|node| node.ready == Ready::Yes);
    run.plan.steps.iter().enumerate().filter_map(move |(index, step)| match step {
        Step::Uncordon { cluster: of, node, .. } if of == cluster && ended(index) && is_up(node) => {
            Some(node)
        }
        _ => None,
    })
}

/// What a step may not be decided on, as it is older than so many seconds: a cluster of its plan, or the machine or
/// traffic that it is about; with the age, where it can be told.
#[must_use]
pub fn too_old<'a>(
    plan: &'a Plan,
    step: &Step,
    facts: &Facts,
    limit_s: u32,
    now: Time,
) -> Option<(&'a ClusterName, Option<u32>)> {
    let seen = looked_at(plan).map(|cluster| (cluster, age_s(facts, cluster, now)));
    let around = (&plan.cluster, age_around(step, facts, now));
    seen.chain(std::iter::once(around)).find(|(_, age)| age.is_none_or(|age| age > limit_s))
}

/// The age of what is seen of the machine or traffic that a step is about; 0 where it is about none.
fn age_around(step: &Step, facts: &Facts, now: Time) -> Option<u32> {
    let as_of = match step {
        Step::Reboot { cloud, .. }
        | Step::Leave { cloud, .. }
        | Step::Reimage { cloud, .. }
        | Step::Stop { cloud, .. } => facts.clouds.get(cloud).map(|cloud| cloud.as_of),
        Step::Shift { traffic, .. } => facts.traffic.get(traffic).map(|traffic| traffic.as_of),
        _ => return Some(0),
    };
    seconds_old(as_of.flatten()?, now)
}

/// The clusters whose facts must be fresh for a plan to go on. Where traffic leaves a cluster, nothing is asked of
/// that cluster: it may be gone.
pub fn looked_at(plan: &Plan) -> impl Iterator<Item = &ClusterName> {
    let swaps = matches!(plan.verb, Verb::ClusterSwap { .. });
    (!swaps).then_some(&plan.cluster).into_iter().chain(&plan.other)
}

/// Clocks of two machines may differ by so much without anybody noticing, in seconds.
pub const CLOCKS_DIFFER_S: i64 = 5;

/// How old the facts of a cluster are, in seconds; none: never seen, or by a clock that was set since.
#[must_use]
pub fn age_s(facts: &Facts, cluster: &ClusterName, now: Time) -> Option<u32> {
    seconds_old(facts.clusters.get(cluster)?.as_of?, now)
}

/// How long ago a moment was, in seconds; none when it lies ahead: nobody can say then how old it is.
#[must_use]
pub fn seconds_old(at: Time, now: Time) -> Option<u32> {
    let age = (now - at).num_seconds();
    (age >= -CLOCKS_DIFFER_S).then(|| u32::try_from(age.max(0)).unwrap_or(u32::MAX))
}
