//! `/node add`: the ladder, a quarantine join, proof.

use lifeboat_storage::id::PoolName;
use lifeboat_storage::plan::{
    Consent, Cost, JoinRole, LaunchSpec, Money, Plan, Proof, Rung, Step, Undo, Verb,
};

use super::{Draft, count, cut, finish, free, inventory};
use crate::facts::{CloudFacts, InstanceState, Stock};
use crate::fleet::{Pool, PoolRung};
use crate::refusal::{FleetRefusal, Named, Refusal};
use crate::verb::Scene;

/// A machine from launch to Ready, stable and looked at, in seconds: an estimate.
const ONE_NODE_S: u32 = 300;

/// Plans to bring so many nodes into a pool.
///
/// # Errors
/// [`FleetRefusal`]: no such pool, full, locked, frozen, facts too old.
pub fn plan(scene: &Scene<'_>, wanted: u32, pool: &str, verb: Option<Verb>) -> Result<Plan, Refusal> {
    let pool = find(scene, pool)?;
    let cluster = super::cluster(scene, pool.cluster.as_str())?;
    free(scene, &cluster.name, None)?;
    let seen = inventory(scene, &cluster.name)?;
    let there = seen.workers().filter(|node| node.ready == crate::facts::Ready::Yes).count();
    if count(there) + wanted > pool.max {
        return Err(FleetRefusal::PoolFull { pool: pool.name.clone(), max: pool.max }.into());
    }
    let nothing = CloudFacts::default();
    let cloud = scene.facts.clouds.get(&cluster.cloud).unwrap_or(&nothing);
    let obtain = |want, rung| Step::Obtain { cloud: cluster.cloud.clone(), want, rung };
    let mut steps: Vec<Step> = start_rung(cloud, pool).into_iter().map(|rung| obtain(wanted, rung)).collect();
    let rungs = rungs(scene, cloud, pool);
    for spec in &rungs {
        steps.extend((1..=wanted).map(|want| obtain(want, Rung::Launch(spec.clone()))));
    }
    for slot in 0..wanted {
        let (cluster, cloud) = (cluster.name.clone(), cluster.cloud.clone());
        steps.push(Step::Join { slot, cluster, cloud, role: JoinRole::Worker });
    }
    steps.extend((0..wanted).map(|slot| Step::Admit { slot, cluster: cluster.name.clone() }));
    steps.push(Step::Prove {
        proof: Proof::Serving { cluster: cluster.name.clone(), at_least: 0 },
        nodes: Vec::new(),
        cluster: cluster.name.clone(),
    });
    let draft = Draft {
        verb: verb.unwrap_or(Verb::NodeAdd { count: wanted, pool: pool.name.clone() }),
        other: None,
        steps,
        targets: Vec::new(),
        least: Some(0),
        cost: cost(cloud, pool, &rungs, wanted),
        expected_s: ONE_NODE_S,
        undo: Undo::By { line: format!("/node remove pool:{}", pool.name) },
        consent: Consent::Confirm,
        over: None,
    };
    finish(scene, cluster, draft)
}

fn find<'a>(scene: &Scene<'a>, typed: &str) -> Result<&'a Pool, Refusal> {
    if scene.fleet.clusters.is_empty() {
        return Err(FleetRefusal::NothingConfigured.into());
    }
    let name = PoolName::new(typed.strip_prefix("pool:").unwrap_or(typed));
    scene.fleet.pool(&name).ok_or_else(|| {
        let known = scene.fleet.pools.iter().map(|pool| pool.name.to_string()).collect();
        FleetRefusal::NoSuch { what: Named::Pool, typed: cut(typed), known }.into()
    })
}

/// Members that are off; they are tried first, even where their type is said to be sold out: trying costs nothing.
fn start_rung(cloud: &CloudFacts, pool: &Pool) -> Option<Rung> {
    let stopped = |id: &&lifeboat_storage::id::InstanceId| {
        cloud.instances.get(*id).is_some_and(|one| one.state == InstanceState::Stopped)
    };
    let instances: Vec<_> = pool.members.iter().filter(stopped).cloned().collect();
    (!instances.is_empty()).then_some(Rung::Start { instances })
}

/// What may be launched, in the configured order, what is known to be sold out last.
fn rungs(scene: &Scene<'_>, cloud: &CloudFacts, pool: &Pool) -> Vec<LaunchSpec> {
    let fresh = cloud.offerings_as_of.is_some_and(|at| (scene.now - at).num_minutes() < 10);
    let offering = |rung: &PoolRung| {
        let same = |offer: &&crate::facts::Offering| {
            offer.machine == rung.machine && offer.zone == rung.zone && offer.spot == rung.spot
        };
        cloud.offerings.iter().find(same)
    };
    let mut all: Vec<(bool, LaunchSpec)> = pool
        .ladder
        .iter()
        .map(|rung| {
            let offer = offering(rung);
            let gone = fresh && offer.is_some_and(|offer| offer.stock == Stock::SoldOut);
            let spec = LaunchSpec {
                machine: rung.machine.clone(),
                zone: rung.zone.clone(),
                spot: rung.spot,
                pool: pool.name.clone(),
                price: offer.and_then(|offer| offer.price.clone()),
            };
            (gone, spec)
        })
        .collect();
    all.sort_by_key(|(gone, _)| *gone);
    all.into_iter().map(|(_, spec)| spec).collect()
}

/// All of them by the dearest way there is.
fn cost(cloud: &CloudFacts, pool: &Pool, rungs: &[LaunchSpec], wanted: u32) -> Cost {
    let own = pool.members.iter().filter_map(|id| cloud.instances.get(id)?.price.as_ref());
    let bought = rungs.iter().filter_map(|rung| rung.price.as_ref());
    let dearest = own.chain(bought).max_by_key(|money| money.micros);
    let priced = rungs.iter().all(|rung| rung.price.is_some());
    match (dearest, cloud.offerings_as_of) {
        (Some(price), Some(quoted_at)) if priced => Cost::AtMost {
            per_hour: Money {
                micros: price.micros.saturating_mul(u64::from(wanted)),
                currency: price.currency.clone(),
            },
            quoted_at,
        },
        _ => Cost::Unknown,
    }
}
