//! `/cluster swap`: look again, move traffic, watch, and take it back when the share of failures rises.

use lifeboat_storage::id::{ClusterName, TrafficName};
use lifeboat_storage::plan::{Cost, Plan, Proof, Step, SwapMode, Undo, Verb, Weight};

use super::target;
use super::{Draft, finish, free};
use crate::fleet::{Cluster, TrafficEntry};
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
/// [`FleetRefusal`]: no such cluster, the same one, no way for traffic, red, locked, frozen, facts too old.
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
    let entry = entry(scene, from, other)?;
    free(scene, &from.name, over.as_ref())?;
    free(scene, &other.name, over.as_ref())?;
    let red = preflight::check(&other.name, scene.facts, scene.fleet, scene.now);
    if !red.is_empty() {
        let items = red.into_keys().collect();
        return Err(FleetRefusal::StandbyRed { cluster: other.name.clone(), items }.into());
    }
    let failing = (scene.share)(&from.service);
    // Where so much fails that a step would be taken back at once, there is nothing to try a tenth on.
    let limit = u64::from(scene.fleet.limits.abort_permille);
    let total = failing.is_some_and(|share| share.total >= 20 && share.bad * 1_000 > share.total * limit);
    let mode = mode.unwrap_or(if total { SwapMode::AtOnce } else { SwapMode::Stepwise });
    let draft = Draft {
        verb: Verb::ClusterSwap { to: other.name.clone(), mode },
        other: Some(other.name.clone()),
        steps: steps(scene, entry, from, &other.name, mode),
        targets: Vec::new(),
        least: Some(0),
        cost: Cost::Nothing,
        expected_s: if mode == SwapMode::Stepwise { HOLD_S + WATCH_S } else { WATCH_S },
        undo: Undo::By { line: format!("/cluster swap {}", from.name) },
        over,
    };
    finish(scene, from, draft)
}

/// The entry that sends traffic to the one and can send it to the other.
fn entry<'a>(scene: &Scene<'a>, from: &Cluster, to: &Cluster) -> Result<&'a TrafficEntry, Refusal> {
    let entry = from.traffic.as_ref().and_then(|name| scene.fleet.entry(name));
    let leads = |entry: &&TrafficEntry| {
        let here = |cluster: &Cluster| entry.clusters.contains(&cluster.name);
        to.traffic == from.traffic && to.service == from.service && here(from) && here(to)
    };
    entry.filter(leads).ok_or_else(|| FleetRefusal::NoTraffic { cluster: to.name.clone() }.into())
}

fn steps(
    scene: &Scene<'_>,
    entry: &TrafficEntry,
    from: &Cluster,
    to: &ClusterName,
    mode: SwapMode,
) -> Vec<Step> {
    let limit = scene.fleet.limits.abort_permille;
    let traffic = entry.name.clone();
    let back = now(scene, entry, &from.name);
    let shift = |percent| Step::Shift { traffic: traffic.clone(), weights: moved(&back, to, percent) };
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
    let proof = Proof::Traffic { traffic: TrafficName::clone(&entry.name), at_most_permille: limit };
    steps.push(Step::Prove { proof, nodes: Vec::new(), cluster: to.clone() });
    steps
}

/// What fails now is no reason to go back to it: the limit is a little above.
fn current_permille(scene: &Scene<'_>, from: &Cluster) -> u32 {
    let share = (scene.share)(&from.service).filter(|share| share.total > 0);
    let now = share.map_or(0, |share| share.bad.saturating_mul(1_000) / share.total);
    u32::try_from(now.saturating_add(50)).unwrap_or(1_000).min(1_000)
}

/// How the entry spreads traffic now; all to the one that carries it where nobody has read that.
fn now(scene: &Scene<'_>, entry: &TrafficEntry, from: &ClusterName) -> Vec<Weight> {
    let read = scene.facts.traffic.get(&entry.name).map(|facts| facts.weights.as_slice()).unwrap_or_default();
    let of = |cluster: &ClusterName| {
        let weight = read.iter().find(|weight| weight.cluster == *cluster);
        Weight { cluster: cluster.clone(), percent: weight.map_or(0, |weight| weight.percent) }
    };
    let weights: Vec<Weight> = entry.clusters.iter().map(of).collect();
    if weights.iter().map(|weight| u32::from(weight.percent)).sum::<u32>() == 100 {
        return weights;
    }
    let all = |weight: Weight| Weight { percent: if weight.cluster == *from { 100 } else { 0 }, ..weight };
    weights.into_iter().map(all).collect()
}

/// At least so many percent go to one; the others give in proportion, and what rounding leaves goes to it too.
fn moved(now: &[Weight], to: &ClusterName, percent: u8) -> Vec<Weight> {
    let has = now.iter().find(|weight| weight.cluster == *to).map_or(0, |weight| weight.percent);
    let percent = percent.max(has).min(100);
    let left = |weight: &Weight| {
        let scaled = u32::from(weight.percent) * u32::from(100 - percent) / u32::from(100 - has).max(1);
        u8::try_from(scaled).unwrap_or(0)
    };
    let others: u8 = now.iter().filter(|weight| weight.cluster != *to).map(left).sum();
    let of = |weight: &Weight| if weight.cluster == *to { 100 - others } else { left(weight) };
    now.iter().map(|weight| Weight { cluster: weight.cluster.clone(), percent: of(weight) }).collect()
}
