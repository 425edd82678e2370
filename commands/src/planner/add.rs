//! `/node add` and `/capacity run`: the ladder, a quarantine join, proof.

use lifeboat_storage::id::{InstanceId, PoolName};
use lifeboat_storage::plan::{
    Consent, Cost, FailedBy, JoinRole, LaunchSpec, Money, Plan, Proof, Rung, Step, Undo, Verb,
};

use super::{Draft, count, cut, finish, free, inventory};
use crate::facts::{CloudFacts, InstanceState, Offering, Ready, Stock};
use crate::fleet::{Cluster, Pool, PoolRung, Schedule};
use crate::refusal::{FleetRefusal, Named, Refusal};
use crate::verb::Scene;
use crate::{budget, capacity, repeat};

/// A machine from launch to Ready, stable and looked at, in seconds: an estimate.
const ONE_NODE_S: u32 = 300;
/// Stock that was read longer ago says nothing, in minutes.
const STOCK_AGE_MIN: i64 = 10;

/// Ways to get machines, in the order in which they are tried.
#[derive(Debug, Default)]
struct Ladder {
    start: Vec<InstanceId>,
    launch: Vec<LaunchSpec>,
}

/// Plans to bring so many nodes into a pool.
///
/// # Errors
/// [`FleetRefusal`]: no such pool, full, no rung left, locked, frozen, facts too old.
pub fn plan(scene: &Scene<'_>, wanted: u32, pool: &str) -> Result<Plan, Refusal> {
    let pool = find(scene, pool)?;
    let ladder = ladder(scene, pool)?;
    planned(scene, pool, wanted, ladder, Verb::NodeAdd { count: wanted, pool: pool.name.clone() })
}

/// Plans to bring what a schedule should have brought and has not.
///
/// # Errors
/// As [`plan`], and [`FleetRefusal::NothingMissing`].
pub fn scheduled(scene: &Scene<'_>, schedule: &Schedule) -> Result<Plan, Refusal> {
    let (pool, missing) = missing(scene, schedule)?;
    let ladder = ladder(scene, pool)?;
    planned(scene, pool, missing, ladder, Verb::CapacityRun { schedule: schedule.name.clone() })
}

/// The same as a schedule starts it by itself: with the rungs that need nobody's yes, and no other.
///
/// # Errors
/// As [`scheduled`]; [`FleetRefusal::NoRung`] also when every rung left takes a person.
pub fn by_itself(scene: &Scene<'_>, schedule: &Schedule) -> Result<Plan, Refusal> {
    let (pool, missing) = missing(scene, schedule)?;
    let spent = budget::spent(scene.state, scene.now, scene.zone);
    let mut ladder = ladder(scene, pool)?;
    ladder.launch.retain(|spec| budget::affords(scene.fleet, spec, missing, spent));
    let verb = Verb::CapacityRun { schedule: schedule.name.clone() };
    let mut plan = planned(scene, pool, missing, ladder, verb)?;
    if budget::is_within(&plan, scene.fleet) {
        plan.consent = Consent::Given;
    }
    Ok(plan)
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

fn missing<'a>(scene: &Scene<'a>, schedule: &Schedule) -> Result<(&'a Pool, u32), Refusal> {
    let pool = find(scene, schedule.pool.as_str())?;
    inventory(scene, &pool.cluster)?;
    let missing = capacity::missing(schedule, scene.facts, scene.fleet).unwrap_or(schedule.count);
    if missing == 0 {
        return Err(FleetRefusal::NothingMissing { schedule: schedule.name.clone() }.into());
    }
    Ok((pool, missing))
}

fn planned(scene: &Scene<'_>, pool: &Pool, wanted: u32, ladder: Ladder, verb: Verb) -> Result<Plan, Refusal> {
    let cluster = super::cluster(scene, pool.cluster.as_str())?;
    free(scene, &cluster.name, None)?;
    let seen = inventory(scene, &cluster.name)?;
    let there = seen.workers().filter(|node| node.ready == Ready::Yes).count();
    if count(there).saturating_add(wanted) > pool.max {
        return Err(FleetRefusal::PoolFull { pool: pool.name.clone(), max: pool.max }.into());
    }
    if ladder.start.is_empty() && ladder.launch.is_empty() {
        return Err(FleetRefusal::NoRung { pool: pool.name.clone() }.into());
    }
    let draft = Draft {
        verb,
        other: None,
        cost: cost(scene, cluster, &ladder, wanted),
        steps: steps(cluster, wanted, ladder),
        targets: Vec::new(),
        least: Some(0),
        expected_s: ONE_NODE_S,
        undo: Undo::RemoveGained,
        over: None,
    };
    finish(scene, cluster, draft)
}

fn steps(cluster: &Cluster, wanted: u32, ladder: Ladder) -> Vec<Step> {
    let (name, cloud) = (&cluster.name, &cluster.cloud);
    let obtain = |want, rung| Step::Obtain { cloud: cloud.clone(), want, rung };
    let mut steps = Vec::new();
    if !ladder.start.is_empty() {
        steps.push(obtain(wanted, Rung::Start { instances: ladder.start }));
    }
    for spec in ladder.launch {
        steps.extend((1..=wanted).map(|want| obtain(want, Rung::Launch(spec.clone()))));
    }
    steps.extend((0..wanted).map(|slot| Step::Join {
        slot,
        cluster: name.clone(),
        cloud: cloud.clone(),
        role: JoinRole::Worker,
    }));
    steps.extend((0..wanted).map(|slot| Step::Admit { slot, cluster: name.clone() }));
    let proof = Proof::Serving { cluster: name.clone(), at_least: 0 };
    steps.push(Step::Prove { proof, nodes: Vec::new(), cluster: name.clone() });
    steps
}

/// What is left of the ways to get machines of a pool, after those that failed twice with the same error.
fn ladder(scene: &Scene<'_>, pool: &Pool) -> Result<Ladder, Refusal> {
    let cluster = super::cluster(scene, pool.cluster.as_str())?;
    let nothing = CloudFacts::default();
    let cloud = scene.facts.clouds.get(&cluster.cloud).unwrap_or(&nothing);
    Ok(Ladder { start: startable(scene, cloud, pool), launch: launchable(scene, cloud, pool) })
}

/// Members that are off; they are tried first, even where their type is said to be sold out: trying costs nothing.
fn startable(scene: &Scene<'_>, cloud: &CloudFacts, pool: &Pool) -> Vec<InstanceId> {
    let stopped =
        |id: &&InstanceId| cloud.instances.get(*id).is_some_and(|one| one.state == InstanceState::Stopped);
    let hopeful = |id: &&InstanceId| repeat::start(scene.state, id, scene.now).is_none();
    pool.members.iter().filter(stopped).filter(hopeful).cloned().collect()
}

/// What may be launched, in the configured order, what is known to be sold out last.
fn launchable(scene: &Scene<'_>, cloud: &CloudFacts, pool: &Pool) -> Vec<LaunchSpec> {
    let read_at = cloud.offerings_as_of;
    let fresh = read_at.is_some_and(|at| (scene.now - at).num_minutes() < STOCK_AGE_MIN);
    let mut all: Vec<(bool, LaunchSpec)> = Vec::new();
    for rung in &pool.ladder {
        let offer = cloud.offerings.iter().find(|offer| is_of(offer, rung));
        let spec = LaunchSpec {
            machine: rung.machine.clone(),
            zone: rung.zone.clone(),
            spot: rung.spot,
            pool: pool.name.clone(),
            price: offer.and_then(|offer| offer.price.clone()),
        };
        let restocked = |failed_at| {
            read_at > Some(failed_at) && offer.is_some_and(|offer| offer.stock == Stock::Available)
        };
        match repeat::launch(scene.state, &spec, scene.now) {
            // Stock that came back since is worth another try; a refusal for any other reason is not.
            Some((at, FailedBy::NoCapacity { .. })) if restocked(at) => {}
            Some(_) => continue,
            None => {}
        }
        let gone = fresh && offer.is_some_and(|offer| offer.stock == Stock::SoldOut);
        all.push((gone, spec));
    }
    all.sort_by_key(|(gone, _)| *gone);
    all.into_iter().map(|(_, spec)| spec).collect()
}

/// Whether an offering is what a rung asks for.
#[must_use]
pub fn is_of(offer: &Offering, rung: &PoolRung) -> bool {
    (&offer.machine, &offer.zone, offer.spot) == (&rung.machine, &rung.zone, rung.spot)
}

/// All of them by the dearest way there is; unknown where any way has no price, or prices cannot be compared.
fn cost(scene: &Scene<'_>, cluster: &Cluster, ladder: &Ladder, wanted: u32) -> Cost {
    let Some(cloud) = scene.facts.clouds.get(&cluster.cloud) else { return Cost::Unknown };
    let own = ladder.start.iter().map(|id| cloud.instances.get(id).and_then(|one| one.price.as_ref()));
    let bought = ladder.launch.iter().map(|spec| spec.price.as_ref());
    let prices: Option<Vec<&Money>> = own.chain(bought).collect();
    let dearest = prices.as_ref().and_then(|prices| prices.iter().max_by_key(|money| money.micros));
    let comparable =
        |dearest: &Money| prices.iter().flatten().all(|money| money.currency == dearest.currency);
    match (dearest, cloud.offerings_as_of.or(cloud.as_of)) {
        (Some(price), Some(quoted_at)) if comparable(price) => Cost::AtMost {
            per_hour: Money {
                micros: price.micros.saturating_mul(u64::from(wanted)),
                currency: price.currency.clone(),
            },
            quoted_at,
        },
        _ => Cost::Unknown,
    }
}
