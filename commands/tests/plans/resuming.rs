//! A paused plan: who lets it go on, and what keeps it from going on.

use chrono::TimeDelta;
use lifeboat_commands::facts::Ready;
use lifeboat_commands::floors::{self, Ground, Since};
use lifeboat_commands::refusal::{FleetRefusal, Refusal};
use lifeboat_storage::event::Kind;
use lifeboat_storage::id::{IdemKey, PlanId, ServiceName};
use lifeboat_storage::plan::run::Standing;
use lifeboat_storage::plan::{Floor, PauseReason, Step, StepOutcome, StepResult};

use crate::approving::{two_people, why};
use crate::world::{World, cluster};

#[test]
fn a_pause_that_was_asked_for_is_lifted_by_anybody_one_for_a_broken_floor_asks_again() {
    let mut world = two_people();
    world.does("chen", "/plan approve").does("lin", "/plan pause");
    world.types("lin", "/plan resume").expect("a person asked for the pause");
    world.does("lin", "/plan resume");
    let floor = Floor::NotFrozen { cluster: cluster("main") };
    let why_paused = PauseReason::FloorBroken { floor, now: 1 };
    world.record(None, None, Kind::PlanPaused { plan: PlanId(1), why: why_paused });
    assert_eq!(why(&world, "mei", "/plan resume").key(), "own-plan");
    assert_eq!(why(&world, "lin", "/plan resume").key(), "not-allowed");
    world.does("chen", "/plan resume");
    assert_eq!(world.state.plans[&PlanId(1)].standing, Standing::Running);
}

fn paused(world: &mut World, why: PauseReason) {
    world.record(None, None, Kind::PlanPaused { plan: PlanId(1), why });
}

fn by(floor: Floor) -> PauseReason {
    PauseReason::FloorBroken { floor, now: 1 }
}

/// `mei` boots two nodes that serve, and the plan stands still as it is about to take the pods of one; which.
fn before_drain(of: usize, line: &str) -> (World, Vec<String>) {
    let mut world = World::morning();
    world.does("mei", line).does("mei", "/plan approve");
    let steps = world.state.plans[&PlanId(1)].plan.steps.clone();
    let drains = steps.iter().zip(0_u32..).filter_map(|(step, index)| match step {
        Step::Drain { node, .. } => Some((index, node.to_string())),
        _ => None,
    });
    let (indices, nodes): (Vec<u32>, Vec<String>) = drains.unzip();
    for index in 0..indices[of] {
        world.step_ends(index, StepOutcome::Succeeded { result: StepResult::Plain });
    }
    (world, nodes)
}

#[test]
fn a_plan_is_not_let_go_on_while_the_freeze_that_paused_it_lasts() {
    let mut world = two_people();
    world.does("chen", "/plan approve").does("lin", "/cluster freeze main two pods are left");
    let floor = Floor::NotFrozen { cluster: cluster("main") };
    paused(&mut world, by(floor.clone()));
    let still: Refusal = FleetRefusal::StillBroken { plan: PlanId(1), floor, now: 1 }.into();
    for who in ["chen", "mei", "lin"] {
        assert_eq!(why(&world, who, "/plan resume P-1"), still, "{who}");
    }
    // Neither does it help that nothing is seen meanwhile.
    let mut blind = world.clone();
    blind.seen("main").as_of = None;
    assert_eq!(why(&blind, "chen", "/plan resume"), still);
    blind.types("mei", "/plan cancel").expect("it may end at any time");
    world.does("lin", "/cluster unfreeze main").does("chen", "/plan resume");
    assert_eq!(world.state.plans[&PlanId(1)].standing, Standing::Running);
}

type Before = fn(&mut World);

#[test]
fn a_freeze_keeps_any_paused_plan_but_one_whose_step_is_to_be_looked_at_or_that_overrides_it() {
    let begun = |world: &mut World| {
        let key = IdemKey::new("P-1");
        world.record(None, None, Kind::StepStarted { plan: PlanId(1), step: 0, attempt: 1, key });
    };
    let nothing = |_: &mut World| {};
    let freeze = || by(Floor::NotFrozen { cluster: cluster("main") });
    let reboot = "/node reboot wk-1 rolling";
    let rows: [(&str, Before, PauseReason, bool); 5] = [
        (reboot, nothing, PauseReason::Asked, false),
        (reboot, begun, PauseReason::Asked, true),
        (reboot, begun, PauseReason::StepUnknown, true),
        (reboot, begun, freeze(), false),
        ("/node reboot wk-1 rolling override:hurry", nothing, PauseReason::Asked, true),
    ];
    for (line, before, why_paused, goes_on) in rows {
        let mut world = World::morning();
        world.does("mei", line).does("mei", "/plan approve");
        before(&mut world);
        paused(&mut world, why_paused.clone());
        world.does("lin", "/cluster freeze main protected");
        let resumed = world.types("mei", "/plan resume");
        assert_eq!(resumed.is_ok(), goes_on, "{line}, paused by {why_paused:?}: {resumed:?}");
    }
}

#[test]
fn too_few_that_serve_keep_a_plan_from_going_on_only_where_that_is_seen() {
    let (mut world, _) = before_drain(0, "/node reboot wk-1,wk-2 rolling");
    let floor = world.state.plans[&PlanId(1)].plan.floors.last().expect("how many keep serving").clone();
    paused(&mut world, by(floor.clone()));
    world.fails("main", "wk-4").fails("main", "wk-5");
    let still = FleetRefusal::StillBroken { plan: PlanId(1), floor, now: 2 };
    assert_eq!(why(&world, "mei", "/plan resume"), still.into());
    // What was seen a while ago may be over.
    let mut late = world.clone();
    late.seen("main").as_of = Some(late.now - TimeDelta::minutes(5));
    late.types("mei", "/plan resume").expect("nobody can say that it is still broken");
    world.serves("main", "wk-4").serves("main", "wk-5");
    world.types("mei", "/plan resume").expect("it holds again");
}

#[track_caller]
fn became(world: &World, expected: Option<Since<'_>>) {
    let run = &world.state.plans[&PlanId(1)];
    let share = |_: &ServiceName| world.share;
    let spare = floors::spare(run, &world.facts);
    let ground = Ground { facts: &world.facts, state: &world.state, share: &share, spare: &spare };
    assert_eq!(floors::since_paused(run, &ground, world.fleet.limits.facts_age_s, world.now), expected);
}

#[test]
fn what_became_of_the_floor_that_paused_a_plan_is_told_with_the_numbers_of_now() {
    let (mut world, _) = before_drain(0, "/node reboot wk-1,wk-2 rolling");
    let floor = world.state.plans[&PlanId(1)].plan.floors.last().expect("how many keep serving").clone();
    paused(&mut world, by(floor.clone()));
    world.fails("main", "wk-4").fails("main", "wk-5");
    became(&world, Some(Since::Broken { floor: &floor, now: 2 }));
    let mut late = world.clone();
    late.seen("main").as_of = Some(late.now - TimeDelta::minutes(5));
    became(&late, None);
    world.serves("main", "wk-4").serves("main", "wk-5");
    became(&world, Some(Since::Over));
    // Another one that is broken now keeps it as well.
    world.does("lin", "/cluster freeze main two pods are left");
    let freeze = Floor::NotFrozen { cluster: cluster("main") };
    became(&world, Some(Since::Broken { floor: &freeze, now: 1 }));
}

#[test]
fn whether_the_freeze_that_paused_a_plan_lasts_is_told_whatever_is_seen() {
    let (mut world, _) = before_drain(0, "/node reboot wk-1,wk-2 rolling");
    became(&world, None);
    let freeze = Floor::NotFrozen { cluster: cluster("main") };
    world.does("lin", "/cluster freeze main two pods are left");
    paused(&mut world, by(freeze.clone()));
    world.seen("main").as_of = None;
    became(&world, Some(Since::Broken { floor: &freeze, now: 1 }));
    world.does("lin", "/cluster unfreeze main");
    became(&world, Some(Since::Over));
}

#[test]
fn a_node_that_was_let_in_and_does_not_serve_yet_keeps_no_plan_from_going_on() {
    let (mut world, nodes) = before_drain(1, "/node reboot wk-1,wk-2 rolling");
    let floor = world.state.plans[&PlanId(1)].plan.floors.last().expect("how many keep serving").clone();
    paused(&mut world, by(floor));
    world.fails("main", &nodes[0]);
    world.types("mei", "/plan resume").expect("its pods may come up");
    world.node("main", &nodes[0]).ready = Ready::No;
    assert_eq!(world.refused("mei", "/plan resume"), "still-broken");
}
