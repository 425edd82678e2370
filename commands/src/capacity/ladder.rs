//! The ways to get what a schedule brings: stock and price of each, whether they share one fate, and whether a run
//! could be met now. Pure.

use chrono::TimeDelta;
use lifeboat_storage::event::Time;
use lifeboat_storage::id::{InstanceId, MachineType, ZoneName};
use lifeboat_storage::plan::Verb;
use lifeboat_storage::plan::run::Standing;
use lifeboat_storage::plan::{FailedBy, LaunchSpec, Money};
use lifeboat_storage::state::State;

use crate::diagnose::standby;
use crate::facts::{CloudFacts, Facts, Instance, InstanceState, Offering, Stock};
use crate::fleet::{Fleet, Pool, Schedule};
use crate::{capacity, repeat};

/// Stock that was read longer ago says nothing.
const STOCK_AGE: TimeDelta = TimeDelta::minutes(10);

/// A way to get machines of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rung {
    /// Type.
    pub machine: MachineType,
    /// Zone.
    pub zone: ZoneName,
    /// May be taken back at any time.
    pub spot: bool,
    /// The pool's own machines, so many of them; 0: new ones are made.
    pub own: u32,
    /// Of its own, so many run or are on their way.
    pub up: u32,
    /// Whether it can be had; unknown where that was read too long ago.
    pub stock: Stock,
    /// Price of one an hour, where known.
    pub price: Option<Money>,
    /// It failed twice with the same error just now, so it is left out.
    pub given_up: Option<FailedBy>,
}

/// Whether the next run could be met if it began now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outlook {
    /// Everything is there already.
    There,
    /// By the pool's own machines.
    ByItsOwn,
    /// Only by making new ones.
    ByTheLadder,
    /// Nobody can tell: stock is unknown, or was read too long ago.
    Unknown,
    /// Sold out on every rung.
    No,
}

impl Outlook {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::There, Self::ByItsOwn, Self::ByTheLadder, Self::Unknown, Self::No];

    /// A key of the catalogue.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::There => "there",
            Self::ByItsOwn => "own",
            Self::ByTheLadder => "ladder",
            Self::Unknown => "unknown",
            Self::No => "no",
        }
    }
}

/// What sells out together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SharedFate {
    /// The pool's own machines; the ladder has another way.
    Members,
    /// Every rung there is.
    All,
}

/// The rungs of a schedule's pool: its own machines by kind, then what may be launched, in the configured order.
#[must_use]
pub fn rungs(schedule: &Schedule, facts: &Facts, fleet: &Fleet, state: &State, now: Time) -> Vec<Rung> {
    let Some(pool) = fleet.pool(&schedule.pool) else { return Vec::new() };
    let nothing = CloudFacts::default();
    let cloud = fleet.cluster(&pool.cluster).and_then(|cluster| facts.clouds.get(&cluster.cloud));
    let cloud = cloud.unwrap_or(&nothing);
    let mut all = own(pool, cloud, state, now);
    all.extend(pool.ladder.iter().map(|rung| {
        let offer = offer(cloud, &rung.machine, &rung.zone, rung.spot);
        let (machine, zone, spot) = (rung.machine.clone(), rung.zone.clone(), rung.spot);
        let spec = LaunchSpec { machine, zone, spot, pool: pool.name.clone(), price: None };
        let given_up = repeat::launch(state, &spec, now).map(|(_, by)| by);
        let price = offer.and_then(|offer| offer.price.clone());
        let (machine, zone) = (spec.machine, spec.zone);
        Rung { machine, zone, spot, own: 0, up: 0, stock: stock(cloud, offer, now), price, given_up }
    }));
    all
}

fn own(pool: &Pool, cloud: &CloudFacts, state: &State, now: Time) -> Vec<Rung> {
    let mut all: Vec<Rung> = Vec::new();
    let known = |id: &InstanceId| cloud.instances.get(id);
    for one in pool.members.iter().filter_map(known) {
        let up = u32::from(matches!(one.state, InstanceState::Running | InstanceState::Starting));
        let same =
            |rung: &&mut Rung| (&rung.machine, &rung.zone, rung.spot) == (&one.machine, &one.zone, one.spot);
        match all.iter_mut().find(same) {
            Some(rung) => {
                rung.own += 1;
                rung.up += up;
            }
            None => all.push(first_of_its_kind(one, up, cloud, state, now)),
        }
    }
    all
}

fn first_of_its_kind(one: &Instance, up: u32, cloud: &CloudFacts, state: &State, now: Time) -> Rung {
    let offer = offer(cloud, &one.machine, &one.zone, one.spot);
    Rung {
        machine: one.machine.clone(),
        zone: one.zone.clone(),
        spot: one.spot,
        own: 1,
        up,
        stock: stock(cloud, offer, now),
        price: one.price.clone(),
        given_up: repeat::start(state, &one.id, now).map(|(_, by)| by),
    }
}

fn offer<'a>(
    cloud: &'a CloudFacts,
    machine: &MachineType,
    zone: &ZoneName,
    spot: bool,
) -> Option<&'a Offering> {
    cloud.offerings.iter().find(|offer| (&offer.machine, &offer.zone, offer.spot) == (machine, zone, spot))
}

fn stock(cloud: &CloudFacts, offer: Option<&Offering>, now: Time) -> Stock {
    let fresh = cloud.offerings_as_of.is_some_and(|at| now - at < STOCK_AGE);
    offer.filter(|_| fresh).map_or(Stock::Unknown, |offer| offer.stock)
}

/// Whether the next run could be met if it began now.
#[must_use]
pub fn outlook(rungs: &[Rung], count: u32) -> Outlook {
    let own = || rungs.iter().filter(|rung| rung.own > 0);
    let up: u32 = own().map(|rung| rung.up).sum();
    let open = |rung: &&Rung| rung.given_up.is_none();
    let startable: u32 =
        own().filter(open).filter(|rung| rung.stock == Stock::Available).map(|rung| rung.own - rung.up).sum();
    let new = || rungs.iter().filter(|rung| rung.own == 0).filter(open);
    let unknown = own().filter(open).filter(|rung| rung.own > rung.up).chain(new());
    if up >= count {
        Outlook::There
    } else if up + startable >= count {
        Outlook::ByItsOwn
    } else if new().any(|rung| rung.stock == Stock::Available) {
        Outlook::ByTheLadder
    } else if unknown.into_iter().any(|rung| rung.stock == Stock::Unknown) {
        Outlook::Unknown
    } else {
        Outlook::No
    }
}

/// What of a schedule's pool sells out together: one type, one zone, one kind.
#[must_use]
pub fn shared_fate(rungs: &[Rung]) -> Option<SharedFate> {
    let kind = |rung: &Rung| (rung.machine.clone(), rung.zone.clone(), rung.spot);
    let own: Vec<_> = rungs.iter().filter(|rung| rung.own > 0).map(kind).collect();
    let one_place = |rung: &Rung| (rung.zone.clone(), rung.spot);
    let first = rungs.first().map(one_place)?;
    if rungs.iter().all(|rung| one_place(rung) == first) {
        return Some(SharedFate::All);
    }
    let several = rungs.iter().map(|rung| rung.own).sum::<u32>() > 1;
    (several && own.len() == 1).then_some(SharedFate::Members)
}

/// Lines to type when a run comes short, the best first: a plan that waits, the ladder, other pools, another cluster.
#[must_use]
pub fn ways_out(schedule: &Schedule, facts: &Facts, fleet: &Fleet, state: &State, now: Time) -> Vec<String> {
    let Some(pool) = fleet.pool(&schedule.pool) else { return Vec::new() };
    let Some(cluster) = fleet.cluster(&pool.cluster) else { return Vec::new() };
    let missing = capacity::missing(schedule, facts, fleet).unwrap_or(schedule.count);
    if missing == 0 {
        return Vec::new();
    }
    let own = Verb::CapacityRun { schedule: schedule.name.clone() };
    let mut open = state.plans.values().rev().filter(|run| run.plan.verb == own && run.is_open());
    let mut lines = match open.next() {
        Some(run) if run.standing == Standing::Proposed => {
            let hash: String = run.hash.chars().take(8).collect();
            vec![format!("/plan approve {} hash:{hash}", run.id)]
        }
        Some(run) => return vec![format!("/plan show {}", run.id)],
        None => vec![format!("/capacity run {}", schedule.name)],
    };
    let others = fleet.pools.iter().filter(|other| other.cluster == pool.cluster && other.name != pool.name);
    lines.extend(others.map(|other| format!("/node add count:{missing} pool:{}", other.name)));
    let standby = standby::ranked(cluster, facts, fleet, state, now);
    let green = standby.first().filter(|best| best.is_green());
    lines.extend(green.map(|best| format!("/cluster swap to:{}", best.cluster)));
    lines
}
