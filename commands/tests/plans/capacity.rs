//! Schedules: when they run, how a run stands, and what the ways out are.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use lifeboat_commands::capacity::ladder::{self, Outlook, Rung, SharedFate};
use lifeboat_commands::capacity::{Judged, current_run, judge, missing, next_run};
use lifeboat_commands::facts::{InstanceState, Ready, Stock};
use lifeboat_commands::fleet::Schedule;
use lifeboat_commands::refusal::FleetRefusal;
use lifeboat_storage::event::{Kind, Time};
use lifeboat_storage::id::{MachineType, ScheduleName, ZoneName};
use lifeboat_storage::plan::{Evidence, FailedBy, StepOutcome};

use crate::world::{World, is_a_line, machine};

const ZONE: chrono_tz::Tz = chrono_tz::Asia::Shanghai;

fn at(text: &str) -> Time {
    DateTime::parse_from_rfc3339(&format!("{text}+08:00")).expect("a moment").with_timezone(&Utc)
}

/// The morning's schedule, from 08:00 to 10:00 on working days, with the clock at this time.
fn world_at(clock: &str) -> World {
    let mut world = World::morning();
    world.now = at(&format!("2026-01-05T{clock}"));
    world.wait(TimeDelta::zero());
    world.cloud().offerings_as_of = Some(at(&format!("2026-01-05T{clock}")));
    world
}

fn judged(world: &World) -> Option<Judged> {
    judge(&world.fleet.schedules[0], &world.facts, &world.fleet, &world.state, world.now, ZONE)
}

/// The members came, so many of them.
fn came(world: &mut World, count: usize) -> &mut World {
    for name in ["wk-6", "wk-7", "wk-8", "wk-9"].into_iter().take(count) {
        world.node("main", name).ready = Ready::Yes;
        world.instance(name).state = InstanceState::Running;
    }
    world
}

#[test]
fn a_schedule_runs_on_its_days_at_its_local_time() {
    let schedule = World::morning().fleet.schedules.remove(0);
    let next = |now: &str| next_run(&schedule, at(now), ZONE);
    assert_eq!(next("2026-01-05T07:59:59"), Some(at("2026-01-05T08:00:00")));
    assert_eq!(next("2026-01-05T08:00:00"), Some(at("2026-01-06T08:00:00")));
    // Friday afternoon: the next working day is Monday.
    assert_eq!(next("2026-01-09T12:00:00"), Some(at("2026-01-12T08:00:00")));
    let never = Schedule { days: [false; 7], ..schedule.clone() };
    assert_eq!(next_run(&never, at("2026-01-05T07:00:00"), ZONE), None);
    let run = |now: &str| current_run(&schedule, at(now), ZONE).map(|(run, _)| run);
    assert_eq!(run("2026-01-05T07:59:59"), None);
    assert_eq!(run("2026-01-05T08:00:00"), Some(at("2026-01-05T08:00:00")));
    assert_eq!(run("2026-01-05T19:59:59"), Some(at("2026-01-05T08:00:00")));
    assert_eq!(run("2026-01-05T20:00:00"), None);
    assert_eq!(run("2026-01-10T09:00:00"), None, "a Saturday");
}

#[test]
fn a_run_before_midnight_is_due_after_it() {
    let mut schedule = World::morning().fleet.schedules.remove(0);
    schedule.start = NaiveTime::from_hms_opt(23, 30, 0).expect("a time");
    schedule.ready_by = NaiveTime::from_hms_opt(1, 0, 0).expect("a time");
    let run = (at("2026-01-05T23:30:00"), at("2026-01-06T01:00:00"));
    assert_eq!(current_run(&schedule, at("2026-01-05T23:45:00"), ZONE), Some(run));
    assert_eq!(current_run(&schedule, at("2026-01-06T00:30:00"), ZONE), Some(run));
    assert_eq!(current_run(&schedule, at("2026-01-06T11:00:00"), ZONE), None);
}

#[test]
fn a_run_in_a_gap_of_the_clock_begins_after_the_gap() {
    let mut schedule = World::morning().fleet.schedules.remove(0);
    schedule.days = [true; 7];
    schedule.start = NaiveTime::from_hms_opt(2, 30, 0).expect("a time");
    let berlin = chrono_tz::Europe::Berlin;
    let before: Time = DateTime::parse_from_rfc3339("2026-03-29T00:00:00Z").expect("a moment").to_utc();
    let begins: Time = DateTime::parse_from_rfc3339("2026-03-29T01:00:00Z").expect("a moment").to_utc();
    assert_eq!(next_run(&schedule, before, berlin), Some(begins));
}

#[test]
fn nothing_is_judged_before_it_has_had_its_chance() {
    assert_eq!(judged(&world_at("07:59:59")), None);
    assert_eq!(judged(&world_at("08:00:00")), None);
    assert_eq!(judged(&world_at("08:01:29")), None);
    assert!(judged(&world_at("08:01:30")).is_some_and(|judged| judged.is_short()));
}

#[test]
fn a_run_that_brought_nothing_tells_how_many_why_and_by_when() {
    let mut world = world_at("08:30:00");
    world.cloud().offerings.clear();
    world.offer("c6", "zone-h", true, Stock::SoldOut, 230_000);
    let sold_out = FailedBy::NoCapacity { evidence: Evidence("c6 zone-h".to_owned()) };
    let expected = Judged {
        run: at("2026-01-05T08:00:00"),
        ready_by: at("2026-01-05T10:00:00"),
        wanted: 4,
        ready: 0,
        needed: 9,
        refused: ["wk-6", "wk-7", "wk-8", "wk-9"].map(|name| (machine(name), sold_out.clone())).into(),
    };
    assert_eq!(judged(&world), Some(expected));
    // Where stock is no reason, none is made up.
    world.cloud().offerings.clear();
    let refused = judged(&world).expect("it is short").refused;
    assert!(refused.values().all(|by| *by == FailedBy::NotStarted), "{refused:?}");
}

#[test]
fn what_a_plan_of_the_run_was_told_is_the_reason() {
    let mut world = world_at("08:02:00");
    let denied = FailedBy::Denied { evidence: Evidence("quota".to_owned()) };
    world.does("mei", "/capacity run morning").does("mei", "/plan approve");
    world.step_ends(0, StepOutcome::Failed { by: denied.clone() }).plan_fails();
    let refused = judged(&world).expect("it is short").refused;
    assert_eq!(refused[&machine("wk-6")], denied);
}

#[test]
fn what_is_on_its_way_may_come_until_the_deadline() {
    let mut world = world_at("08:05:00");
    for name in ["wk-6", "wk-7", "wk-8", "wk-9"] {
        world.instance(name).state = InstanceState::Starting;
    }
    assert_eq!(judged(&world), None);
    world.instance("wk-9").state = InstanceState::Stopped;
    let short = judged(&world).expect("one was never started");
    assert_eq!((short.ready, short.refused.len()), (0, 1));
    world.instance("wk-9").state = InstanceState::Starting;
    world.now = at("2026-01-05T09:59:59");
    assert_eq!(judged(&world), None);
    world.now = at("2026-01-05T10:00:00");
    assert!(judged(&world).is_some_and(|judged| judged.is_short()), "at the deadline it is late");
}

#[test]
fn what_came_is_counted_and_a_cordoned_node_is_not_there_yet() {
    let mut world = world_at("09:00:00");
    let ready = |world: &World| judged(world).map(|judged| (judged.ready, judged.is_short()));
    came(&mut world, 3);
    assert_eq!(ready(&world), Some((3, true)));
    came(&mut world, 4);
    assert_eq!(ready(&world), Some((4, false)));
    assert!(judged(&world).expect("judged").refused.is_empty());
    world.node("main", "wk-9").schedulable = false;
    assert_eq!(ready(&world), Some((3, true)));
    assert_eq!(missing(&world.fleet.schedules[0], &world.facts, &world.fleet), Some(1));
    // New nodes of any machine count as well: nine are wanted.
    world.add("main", "wk-10");
    assert_eq!(ready(&world), Some((4, false)));
}

#[test]
fn schedules_owned_elsewhere_are_judged_the_same() {
    let mut world = world_at("08:30:00");
    let elsewhere = judged(&world);
    world.fleet.schedules[0].starts = lifeboat_commands::fleet::Starts::Lifeboat;
    assert_eq!(judged(&world), elsewhere);
    assert!(elsewhere.is_some_and(|judged| judged.is_short()));
}

#[test]
fn what_cannot_be_seen_is_not_judged() {
    let mut world = world_at("08:30:00");
    world.facts.clouds.clear();
    assert_eq!(judged(&world), None);
    let mut world = world_at("08:30:00");
    world.facts.clusters.clear();
    assert_eq!(judged(&world), None);
}

#[test]
fn a_skip_is_of_one_run_only() {
    let mut world = world_at("07:00:00");
    world.does("mei", "/capacity skip morning a holiday");
    world.now = at("2026-01-05T08:30:00");
    assert_eq!(judged(&world), None);
    world.now = at("2026-01-06T08:30:00");
    assert!(judged(&world).is_some());
}

#[test]
fn a_skip_means_the_run_under_way_while_it_can_still_be_met_and_else_the_next() {
    let skips = |world: &World| {
        let decision = world.types("mei", "/capacity skip morning a holiday");
        match decision.expect("it is skipped") {
            lifeboat_commands::verb::Decision::Change(changes) => match &changes[0].kind {
                Kind::CapacitySkipped { run, .. } => *run,
                other => panic!("{other:?}"),
            },
            lifeboat_commands::verb::Decision::Show(show) => panic!("{show:?}"),
        }
    };
    assert_eq!(skips(&world_at("07:00:00")), at("2026-01-05T08:00:00"));
    assert_eq!(skips(&world_at("09:59:59")), at("2026-01-05T08:00:00"));
    assert_eq!(skips(&world_at("10:00:00")), at("2026-01-06T08:00:00"));
    let mut world = world_at("09:00:00");
    world.does("mei", "/capacity skip morning a holiday");
    assert_eq!(skips(&world), at("2026-01-06T08:00:00"));
    world.does("mei", "/capacity skip morning another holiday");
    let (schedule, run) = (ScheduleName::new("morning"), at("2026-01-06T08:00:00"));
    let again = FleetRefusal::AlreadySkipped { schedule: schedule.clone(), run };
    assert_eq!(world.types("mei", "/capacity skip morning x"), Err(again.into()));
    world.fleet.schedules[0].days = [false; 7];
    assert_eq!(world.types("mei", "/capacity skip morning x"), Err(FleetRefusal::NoRun { schedule }.into()));
}

fn rungs(world: &World) -> Vec<Rung> {
    ladder::rungs(&world.fleet.schedules[0], &world.facts, &world.fleet, &world.state, world.now)
}

#[test]
fn the_ladder_shows_the_pools_own_machines_and_then_what_can_be_made() {
    let world = world_at("08:30:00");
    let told: Vec<_> = rungs(&world)
        .into_iter()
        .map(|rung| (rung.machine.to_string(), rung.zone.to_string(), rung.spot, rung.own, rung.stock))
        .collect();
    let row =
        |machine: &str, zone: &str, spot, own, stock| (machine.to_owned(), zone.to_owned(), spot, own, stock);
    assert_eq!(
        told,
        [
            row("c6", "zone-h", true, 4, Stock::SoldOut),
            row("c6", "zone-h", true, 0, Stock::SoldOut),
            row("g6", "zone-h", false, 0, Stock::Available),
            row("c6", "zone-k", false, 0, Stock::Available),
        ]
    );
}

#[test]
fn whether_the_next_run_could_be_met_is_told_from_the_stock_of_each_rung() {
    let outlook = |world: &World| ladder::outlook(&rungs(world), 4);
    let mut world = world_at("07:00:00");
    assert_eq!(outlook(&world), Outlook::ByTheLadder);
    world.cloud().offerings[0].stock = Stock::Available;
    assert_eq!(outlook(&world), Outlook::ByItsOwn);
    world.cloud().offerings.iter_mut().for_each(|offer| offer.stock = Stock::SoldOut);
    assert_eq!(outlook(&world), Outlook::No);
    world.cloud().offerings[0].stock = Stock::Unknown;
    assert_eq!(outlook(&world), Outlook::Unknown);
    came(&mut world, 4);
    assert_eq!(outlook(&world), Outlook::There);
    // Stock that was read ten minutes ago says nothing.
    let mut world = world_at("07:00:00");
    world.now += TimeDelta::minutes(10);
    assert_eq!(outlook(&world), Outlook::Unknown);
}

#[test]
fn what_sells_out_together_is_warned_of() {
    let mut world = world_at("07:00:00");
    assert_eq!(ladder::shared_fate(&rungs(&world)), Some(SharedFate::Members));
    world.instance("wk-9").zone = ZoneName::new("zone-k");
    assert_eq!(ladder::shared_fate(&rungs(&world)), None);
    world.instance("wk-9").zone = ZoneName::new("zone-h");
    world.fleet.pools[0].ladder.truncate(1);
    assert_eq!(ladder::shared_fate(&rungs(&world)), Some(SharedFate::All));
    // Another type of the same zone and kind is sold out by the same rush.
    world.fleet.pools[0].ladder[0].machine = MachineType::new("g6");
    assert_eq!(ladder::shared_fate(&rungs(&world)), Some(SharedFate::All));
    world.fleet.pools[0].members.clear();
    world.fleet.pools[0].ladder.clear();
    assert_eq!(ladder::shared_fate(&rungs(&world)), None);
}

#[test]
fn the_ways_out_are_lines_to_type_the_best_first() {
    let ways = |world: &World| {
        let (schedule, facts) = (&world.fleet.schedules[0], &world.facts);
        let lines = ladder::ways_out(schedule, facts, &world.fleet, &world.state, world.now);
        lines.iter().for_each(|line| is_a_line(line));
        lines
    };
    let mut world = World::morning();
    assert_eq!(ways(&world), ["/capacity run morning", "/cluster swap to:spare"]);
    world.seen("spare").pods.clear();
    assert_eq!(ways(&world), ["/capacity run morning"]);
    world.does("mei", "/capacity run morning");
    let hash: String = world.state.plans.values().next().expect("a plan").hash.chars().take(8).collect();
    assert_eq!(ways(&world), [format!("/plan approve P-1 hash:{hash}")]);
    world.does("mei", "/plan approve");
    assert_eq!(ways(&world), ["/plan show P-1"]);
    world.plan_fails();
    let second = lifeboat_commands::fleet::Pool {
        name: lifeboat_storage::id::PoolName::new("on-demand"),
        ..world.fleet.pools[0].clone()
    };
    world.fleet.pools.push(second);
    assert_eq!(ways(&world), ["/capacity run morning", "/node add count:4 pool:on-demand"]);
    came(&mut world, 4);
    assert_eq!(ways(&world), [""; 0]);
}

#[test]
fn a_schedule_of_ours_is_started_once_a_run_and_then_the_ladder_is_offered_once() {
    use lifeboat_commands::capacity::{Due, due};
    use lifeboat_commands::fleet::Starts;
    use lifeboat_commands::verb::fleet::by_schedule;
    let due = |world: &World| {
        let schedule = &world.fleet.schedules[0];
        due(schedule, &world.facts, &world.fleet, &world.state, world.now, ZONE)
    };
    let acts = |world: &mut World| {
        let due = due(world).expect("something is due");
        let changes = world.scene("nobody", |scene| by_schedule(scene, &scene.fleet.schedules[0], due));
        let changes = changes.expect("it plans");
        let begins = changes.len() > 1;
        changes.into_iter().for_each(|change| world.record(None, change.incident, change.kind));
        begins
    };
    let mut world = world_at("07:59:59");
    world.fleet.schedules[0].starts = Starts::Lifeboat;
    assert_eq!(due(&world), None, "before its time");
    world.wait(TimeDelta::seconds(1));
    assert_eq!(due(&world), Some(Due::Start));
    assert!(acts(&mut world), "it begins by itself");
    assert_eq!(due(&world), None, "it runs");
    world.plan_fails();
    assert_eq!(due(&world), Some(Due::Offer));
    assert!(!acts(&mut world), "the rest waits for a yes");
    let offered = &world.state.plans[&world.newest()];
    assert_eq!(
        (offered.plan.consent, offered.asked_by.clone()),
        (lifeboat_storage::plan::Consent::Confirm, None)
    );
    world.record(None, None, Kind::PlanExpired { plan: world.newest() });
    assert_eq!(due(&world), None, "it is offered once");
    // Anybody with the permission may say yes to what the schedule asked for.
    world.now = at("2026-01-06T08:00:00");
    world.wait(TimeDelta::zero());
    assert_eq!(due(&world), Some(Due::Start), "the next day");
}

#[test]
fn nothing_is_started_that_is_not_ours_called_off_late_complete_or_in_somebodys_hands() {
    use lifeboat_commands::capacity::{Due, due};
    use lifeboat_commands::fleet::Starts;
    let due = |world: &World| {
        let schedule = &world.fleet.schedules[0];
        due(schedule, &world.facts, &world.fleet, &world.state, world.now, ZONE)
    };
    let mut world = world_at("08:30:00");
    assert_eq!(due(&world), None, "started elsewhere");
    world.fleet.schedules[0].starts = Starts::Lifeboat;
    assert_eq!(due(&world), Some(Due::Start));
    let mut skipped = world.clone();
    skipped.does("mei", "/capacity skip morning a holiday");
    assert_eq!(due(&skipped), None);
    let mut asked = world.clone();
    asked.does("mei", "/capacity run morning");
    assert_eq!(due(&asked), None, "a person is at it");
    let mut there = world.clone();
    came(&mut there, 4);
    assert_eq!(due(&there), None);
    let mut unseen = world.clone();
    unseen.facts.clusters.clear();
    assert_eq!(due(&unseen), None);
    world.now = at("2026-01-05T10:00:00");
    assert_eq!(due(&world), None, "the deadline has passed");
}

#[test]
fn where_nothing_can_be_had_alone_people_are_asked_at_once() {
    use lifeboat_commands::capacity::Due;
    use lifeboat_commands::fleet::Starts;
    use lifeboat_commands::verb::fleet::by_schedule;
    let mut world = world_at("08:00:00");
    world.fleet.schedules[0].starts = Starts::Lifeboat;
    world.fleet.pools[0].members.clear();
    let changes = world.scene("nobody", |scene| by_schedule(scene, &scene.fleet.schedules[0], Due::Start));
    let changes = changes.expect("it is offered");
    assert!(
        matches!(changes.as_slice(), [only] if matches!(only.kind, Kind::PlanProposed { .. })),
        "{changes:?}"
    );
    world.does("mei", "/cluster freeze main protected");
    let frozen = world.scene("nobody", |scene| by_schedule(scene, &scene.fleet.schedules[0], Due::Start));
    assert_eq!(frozen.expect_err("frozen").key(), "frozen");
}
