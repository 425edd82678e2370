//! No money is spent without a person but within the budget of a day. The oracle keeps a purse of its own: what was
//! bought today with nobody asked.

use chrono::TimeDelta;
use lifeboat_commands::fleet::{PoolRung, Starts};
use lifeboat_commands::guard::{self, Broken};
use lifeboat_commands::planner::add;
use lifeboat_commands::refusal::Refusal;
use lifeboat_storage::event::Kind;
use lifeboat_storage::id::{CloudName, IdemKey, InstanceId, MachineType, ZoneName};
use lifeboat_storage::plan::{
    Consent, Evidence, FailedBy, LaunchSpec, Money, Plan, Rung, Step, StepOutcome, StepResult, Verb,
};
use lifeboat_storage::state::State;
use proptest::prelude::*;

use crate::planned::{Kept, so};
use crate::world::World;

/// An earlier purchase: hours ago, price an hour, whether a person asked for it, whether one approved it, how it ended.
type Bought = (i64, u64, bool, bool, u8);

/// A morning, and what may be spent of its budget without a person.
#[derive(Clone, Debug)]
struct Morning {
    /// What is bought, and how dear it is there.
    prices: [Option<u64>; 3],
    count: u32,
    budget: u64,
    ours: bool,
    members: bool,
    bought: Vec<Bought>,
}

fn morning() -> impl Strategy<Value = Morning> {
    let price = || prop_oneof![1 => Just(None), 6 => (1..3_000_000_u64).prop_map(Some)];
    let budget = prop_oneof![1 => Just(0), 4 => 1..300_000_000_u64];
    let bought = (0..30_i64, 1..3_000_000_u64, any::<bool>(), any::<bool>(), 0..4_u8);
    let bought = proptest::collection::vec(bought, 0..6);
    let prices = [price(), price(), price()];
    (prices, 1..5_u32, budget, proptest::bool::weighted(0.8), any::<bool>(), bought).prop_map(
        |(prices, count, budget, ours, members, bought)| Morning {
            prices,
            count,
            budget,
            ours,
            members,
            bought,
        },
    )
}

/// The fleet of a morning, and what is left of its budget.
fn built(morning: &Morning) -> (World, u64) {
    let mut world = World::morning();
    let schedule = &mut world.fleet.schedules[0];
    schedule.starts = if morning.ours { Starts::Lifeboat } else { Starts::Elsewhere };
    schedule.count = morning.count;
    world.fleet.limits.budget_micros_a_day = morning.budget;
    if !morning.members {
        world.fleet.pools[0].members.clear();
    }
    for (offer, price) in world.cloud().offerings.iter_mut().zip(morning.prices) {
        offer.price = price.map(yuan);
    }
    let mut purse = morning.budget;
    for bought in &morning.bought {
        buys(&mut world, bought);
        let (hours, price, asked, approved, ended) = *bought;
        // It is 10:20. What nobody knows the end of may have been bought.
        let counts = hours <= 10 && !asked && !approved && ended != FAILED;
        purse = purse.saturating_sub(if counts { 24 * price } else { 0 });
    }
    (world, purse)
}

fn yuan(micros: u64) -> Money {
    Money { micros, currency: "CNY".to_owned() }
}

/// Ends of a purchase; any other: it came.
const FAILED: u8 = 0;
const UNKNOWN: u8 = 1;
const UNDER_WAY: u8 = 2;

fn buys(world: &mut World, (hours, price, asked, approved, ended): &Bought) {
    let mut plan = World::morning().plan("/capacity run morning").expect("a plan");
    // Of a kind that is on no ladder here: how it ended forbids no rung.
    let (machine, zone) = (MachineType::new("m9"), ZoneName::new("zone-h"));
    let (pool, price) = (world.fleet.pools[0].name.clone(), Some(yuan(*price)));
    let spec = LaunchSpec { machine, zone, spot: false, pool, price };
    plan.steps = vec![Step::Obtain { cloud: CloudName::new("cloud"), want: 1, rung: Rung::Launch(spec) }];
    let evidence = Evidence::default();
    let outcome = match *ended {
        FAILED => StepOutcome::Failed { by: FailedBy::Denied { evidence } },
        UNKNOWN | UNDER_WAY => StepOutcome::Unknown { evidence },
        _ => StepOutcome::Succeeded {
            result: StepResult::Gained {
                instances: vec![InstanceId::new("i-new")],
                refused: Default::default(),
            },
        },
    };
    let now = world.now;
    world.now -= TimeDelta::hours(*hours);
    let (id, hash) = (world.state.next_plan(), plan.hash());
    let who = |person: bool| person.then_some("mei");
    let proposed = Kind::PlanProposed { plan: id, body: Box::new(plan), hash: hash.clone() };
    world.record(who(*asked), None, proposed);
    world.record(who(*approved), None, Kind::PlanApproved { plan: id, hash });
    let key = IdemKey::new("key");
    world.record(None, None, Kind::StepStarted { plan: id, step: 0, attempt: 1, key });
    if *ended != UNDER_WAY {
        world.record(None, None, Kind::StepEnded { plan: id, step: 0, outcome });
    }
    world.record(Some("mei"), None, Kind::PlanCancelled { plan: id, left: Default::default() });
    world.now = now;
}

fn by_itself(world: &World) -> Result<Plan, Refusal> {
    world.scene("mei", |scene| add::by_itself(scene, &scene.fleet.schedules[0]))
}

/// Ways to buy: how many at most, of what.
fn launches(plan: &Plan) -> Vec<(u32, &LaunchSpec)> {
    let launch = |step| match step {
        &Step::Obtain { want, rung: Rung::Launch(ref spec), .. } => Some((want, spec)),
        _ => None,
    };
    plan.steps.iter().filter_map(launch).collect()
}

/// So many, for a day.
fn fits(price: Option<u64>, many: u32, purse: u64) -> bool {
    price.is_some_and(|price| price * 24 * u64::from(many) <= purse)
}

/// Where nobody is asked: a schedule of ours starts its own machines, and whatever it buys, the purse can pay it.
fn is_paid_for(plan: &Plan, world: &World, purse: u64) -> Kept {
    if plan.consent != Consent::Given {
        return Ok(());
    }
    let schedule = &world.fleet.schedules[0];
    let own = plan.verb == Verb::CapacityRun { schedule: schedule.name.clone() };
    so(own && schedule.starts == Starts::Lifeboat, "nobody asked for it")?;
    let members = &world.fleet.pools[0].members;
    for step in &plan.steps {
        if let Step::Obtain { rung: Rung::Start { instances }, .. } = step {
            so(instances.iter().all(|id| members.contains(id)), "another's machine")?;
        }
    }
    let all = launches(plan);
    let many = all.iter().map(|(want, _)| *want).max().unwrap_or(0);
    let paid = |spec: &LaunchSpec| fits(spec.price.as_ref().map(|price| price.micros), many, purse);
    so(all.iter().all(|(_, spec)| paid(spec)), "it may cost more than is left")
}

/// Rungs that a purse can pay for so many, and those that it cannot.
fn payable(world: &World, many: u32, purse: u64) -> (Vec<LaunchSpec>, Vec<LaunchSpec>) {
    let offerings = &world.facts.clouds[&CloudName::new("cloud")].offerings;
    let spec = |rung: &PoolRung| {
        let offer = offerings.iter().find(|offer| add::is_of(offer, rung)).expect("it is offered");
        let (machine, zone, spot) = (rung.machine.clone(), rung.zone.clone(), rung.spot);
        let pool = world.fleet.pools[0].name.clone();
        LaunchSpec { machine, zone, spot, pool, price: offer.price.clone() }
    };
    let rungs = world.fleet.pools[0].ladder.iter().map(spec);
    rungs.partition(|spec| fits(spec.price.as_ref().map(|price| price.micros), many, purse))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_a_schedule_starts_by_itself_is_paid_for_and_what_could_be_paid_is_tried(morning in morning()) {
        let (world, purse) = built(&morning);
        let (payable, _) = payable(&world, morning.count.min(4), purse);
        match by_itself(&world) {
            Ok(plan) => {
                prop_assert_eq!(is_paid_for(&plan, &world, purse), Ok(()), "{:#?}", plan.steps);
                prop_assert_eq!(plan.consent == Consent::Given, morning.ours);
                let tried = |spec: &LaunchSpec| launches(&plan).iter().any(|(_, other)| *other == spec);
                prop_assert!(payable.iter().all(tried), "{:?} of {:#?}", payable, plan.steps);
            }
            Err(why) => {
                prop_assert_eq!(why.key(), "no-rung");
                prop_assert!(!morning.members && payable.is_empty(), "{:?}", payable);
            }
        }
    }

    #[test]
    fn a_planner_that_forgets_what_was_spent_is_caught(morning in morning()) {
        let (world, purse) = built(&Morning { ours: true, ..morning.clone() });
        let mut forgetful = world.clone();
        forgetful.state = State::new();
        if let Ok(plan) = by_itself(&forgetful) {
            let unpaid = payable(&world, morning.count.min(4), purse).1;
            let bought = |spec: &LaunchSpec| launches(&plan).iter().any(|(_, other)| *other == spec);
            let caught = is_paid_for(&plan, &world, purse).is_err();
            prop_assert_eq!(caught, unpaid.iter().any(bought), "{:#?}", plan.steps);
        }
    }

    #[test]
    fn a_planner_that_asks_nobody_is_caught(morning in morning()) {
        let (world, purse) = built(&Morning { bought: Vec::new(), ..morning.clone() });
        let mut plan = world.plan("/capacity run morning").expect("a plan");
        plan.consent = Consent::Given;
        let unpaid = payable(&world, morning.count.min(4), purse).1;
        let caught = is_paid_for(&plan, &world, purse).is_err();
        prop_assert_eq!(caught, !morning.ours || !unpaid.is_empty());
        let guarded = guard::check(&plan, &world.facts, &world.fleet) == Err(Broken::NoConsent);
        prop_assert_eq!(guarded, caught);
    }

    #[test]
    fn a_planner_that_buys_at_no_price_is_caught(morning in morning()) {
        let (world, purse) = built(&Morning { ours: true, bought: Vec::new(), ..morning });
        if let Ok(mut plan) = by_itself(&world) {
            let buys = !launches(&plan).is_empty();
            for step in &mut plan.steps {
                if let Step::Obtain { rung: Rung::Launch(spec), .. } = step {
                    spec.price = None;
                }
            }
            prop_assert_eq!(is_paid_for(&plan, &world, purse).is_err(), buys);
            prop_assert_eq!(guard::check(&plan, &world.facts, &world.fleet).is_err(), buys);
        }
    }
}
