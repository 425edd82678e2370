//! `/cluster swap`: look again, move traffic, watch, and take it back when the share of failures rises.

use lifeboat_storage::id::{ClusterName, TrafficName};
use lifeboat_storage::plan::{Consent, Cost, Plan, Proof, Step, SwapMode, Undo, Verb, Weight};

use super::target;
use super::{Draft, finish, free};
use crate::preflight;
use crate::refusal::{FleetRefusal, Refusal};
use crate::verb::Scene;

/// So long a tenth of the traffic is watched, in seconds.
const HOLD_S: u32 = 120;
/// So long all of it is watched, in seconds.
const WATCH_S: u32 = 60;

/// Plans to move all traffic to another cluster.
///
/// # Errors
/// [`FleetRefusal`]: no such cluster, the same one, red, locked, frozen, facts too old.
pub fn plan(
    scene: &Scene<'_>,
    to: &str,
    mode: Option<SwapMode>,
    over: Option<String>,
) -> Result<Plan, Refusal> {
    let other = super::cluster(scene, to)?;
    let from = target::active(scene).ok_or(FleetRefusal::NothingConfigured)?;
    if from.name == other.name {
        return Err(FleetRefusal::SameCluster { cluster: other.name.clone() }.into());
    }
    free(scene, &from.name, over.as_ref())?;
    free(scene, &other.name, over.as_ref())?;
    let Some(traffic) = other.traffic.clone() else { return Err(FleetRefusal::NothingConfigured.into()) };
    let red = preflight::check(&other.name, scene.facts, scene.fleet, scene.now);
    if !red.is_empty() {
        let items = red.into_keys().collect();
        return Err(FleetRefusal::StandbyRed { cluster: other.name.clone(), items }.into());
    }
    let failing = (scene.share)(&from.service);
    let total = failing.is_some_and(|share| share.total >= 20 && share.bad * 2 >= share.total);
    let mode = mode.unwrap_or(if total { SwapMode::AtOnce } else { SwapMode::Stepwise });
    let draft = Draft {
        verb: Verb::ClusterSwap { to: other.name.clone(), mode },
        other: Some(other.name.clone()),
        steps: steps(scene, &traffic, &from.name, &other.name, mode),
        targets: Vec::new(),
        least: Some(0),
        cost: Cost::Nothing,
        expected_s: if mode == SwapMode::Stepwise { HOLD_S + WATCH_S } else { WATCH_S },
        undo: Undo::By { line: format!("/cluster swap {}", from.name) },
        consent: Consent::TwoPeople,
        over,
    };
    finish(scene, from, draft)
}

fn steps(
    scene: &Scene<'_>,
    traffic: &TrafficName,
    from: &ClusterName,
    to: &ClusterName,
    mode: SwapMode,
) -> Vec<Step> {
    let limit = scene.fleet.limits.abort_permille;
    let back = weights(scene, traffic, from, from, 100);
    let shift = |percent| Step::Shift {
        traffic: traffic.clone(),
        weights: weights(scene, traffic, from, to, percent),
    };
    let hold = |seconds| Step::Hold {
        traffic: traffic.clone(),
        seconds,
        abort_above_permille: limit.max(current_permille(scene, from)),
        back: back.clone(),
    };
    let mut steps = vec![Step::Preflight { cluster: to.clone() }];
    if mode == SwapMode::Stepwise {
        steps.extend([shift(10), hold(HOLD_S)]);
    }
    steps.extend([shift(100), hold(WATCH_S)]);
    steps.push(Step::Prove {
        proof: Proof::Traffic { traffic: traffic.clone(), at_most_permille: limit },
        nodes: Vec::new(),
        cluster: to.clone(),
    });
    steps
}

/// What fails now is no reason to go back to it: the limit is a little above.
fn current_permille(scene: &Scene<'_>, from: &ClusterName) -> u32 {
    let service = scene.fleet.cluster(from).map(|cluster| &cluster.service);
    let share = service.and_then(|service| (scene.share)(service)).filter(|share| share.total > 0);
    let now = share.map_or(0, |share| share.bad.saturating_mul(1_000) / share.total);
    u32::try_from(now.saturating_add(50)).unwrap_or(1_000).min(1_000)
}

/// All clusters of the entry: so much to one, the rest to the other.
fn weights(
    scene: &Scene<'_>,
    traffic: &TrafficName,
    from: &ClusterName,
    to: &ClusterName,
    percent: u8,
) -> Vec<Weight> {
    let clusters = scene.fleet.entry(traffic).map(|entry| entry.clusters.clone()).unwrap_or_default();
    let of = |cluster: ClusterName| {
        let to_it = if cluster == *to { percent } else { 0 };
        let stays = if cluster == *from && from != to { 100 - percent } else { 0 };
        Weight { cluster, percent: to_it + stays }
    };
    clusters.into_iter().map(of).collect()
}
