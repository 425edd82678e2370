//! What must hold before every step, on fresh facts.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use lifeboat_commands::facts::NodeRole;
use lifeboat_commands::floors::{Ground, Held, age_s, holds, looked_at};
use lifeboat_storage::event::Share;
use lifeboat_storage::id::ServiceName;
use lifeboat_storage::plan::{Floor, Plan, Policy, Step};

use crate::world::{SERVICE, World, cluster, node};

fn drain(name: &str) -> Step {
    Step::Drain { cluster: cluster("main"), node: node(name), policy: Policy::Budgets }
}

fn cordon(name: &str) -> Step {
    Step::Cordon { cluster: cluster("main"), node: node(name) }
}

fn serving(least: u32) -> Floor {
    Floor::Serving { cluster: cluster("main"), service: ServiceName::new(SERVICE), least, of: 5 }
}

fn plan(world: &World) -> Plan {
    world.plan("/node drain wk-1").expect("a plan")
}

#[track_caller]
fn check(world: &World, floor: &Floor, step: &Step, expected: Held) {
    let share = |_: &ServiceName| world.share;
    let spare = BTreeSet::new();
    let ground = Ground { facts: &world.facts, state: &world.state, share: &share, spare: &spare };
    assert_eq!(holds(floor, &plan(&World::morning()), step, &ground), expected, "{floor:?} at {step:?}");
}

#[test]
fn a_step_that_takes_a_node_is_judged_with_the_node_gone() {
    let world = World::morning();
    check(&world, &serving(4), &drain("wk-1"), Held::Yes);
    check(&world, &serving(5), &drain("wk-1"), Held::Broken(4));
    // A node that does not serve takes nothing away.
    check(&world, &serving(5), &drain("wk-6"), Held::Yes);
}

#[test]
fn a_floor_that_broke_meanwhile_stops_the_next_node() {
    let mut world = World::morning();
    world.fails("main", "wk-4").fails("main", "wk-5");
    check(&world, &serving(4), &drain("wk-1"), Held::Broken(2));
    check(&world, &serving(2), &drain("wk-1"), Held::Yes);
    // Whoever serves nothing takes nothing away, though fewer serve than promised.
    check(&world, &serving(4), &drain("wk-4"), Held::Yes);
    // Where nothing is seen, nothing serves.
    world.facts.clusters.clear();
    check(&world, &serving(1), &drain("wk-1"), Held::Broken(0));
}

#[test]
fn steps_that_take_nothing_are_not_held_up_by_what_serves() {
    let mut world = World::morning();
    world.facts.clusters.clear();
    check(&world, &serving(5), &cordon("wk-1"), Held::Yes);
    check(&world, &serving(5), &Step::Preflight { cluster: cluster("main") }, Held::Yes);
}

#[test]
fn a_node_that_became_a_control_plane_is_not_touched() {
    let mut world = World::morning();
    check(&world, &Floor::NoControlPlane, &drain("wk-1"), Held::Yes);
    world.node("main", "wk-1").role = NodeRole::ControlPlane;
    check(&world, &Floor::NoControlPlane, &drain("wk-1"), Held::Broken(1));
    check(&world, &Floor::NoControlPlane, &drain("wk-2"), Held::Yes);
}

#[test]
fn the_majority_of_managers_is_counted_anew() {
    let mut world = World::morning();
    let floor = Floor::ManagerMajority { cluster: cluster("main"), least: 2 };
    for (there, expected) in [(3, Held::Yes), (2, Held::Yes), (1, Held::Broken(1)), (0, Held::Broken(0))] {
        world.seen("main").managers = (there, 3);
        check(&world, &floor, &drain("wk-1"), expected);
    }
}

#[test]
fn a_freeze_under_an_approved_plan_stops_it() {
    let mut world = World::morning();
    let floor = Floor::NotFrozen { cluster: cluster("main") };
    check(&world, &floor, &cordon("wk-1"), Held::Yes);
    world.does("mei", "/cluster freeze main two pods are left");
    check(&world, &floor, &cordon("wk-1"), Held::Broken(1));
    check(&world, &Floor::NotFrozen { cluster: cluster("spare") }, &cordon("wk-1"), Held::Yes);
    world.does("mei", "/cluster unfreeze main");
    check(&world, &floor, &cordon("wk-1"), Held::Yes);
}

#[test]
fn the_error_share_breaks_above_the_limit_and_not_at_it() {
    let mut world = World::morning();
    let floor = Floor::ErrorShare { service: ServiceName::new(SERVICE), at_most_permille: 20 };
    for (bad, total, expected) in [
        (0, 0, Held::Yes),
        (0, 1_000, Held::Yes),
        (20, 1_000, Held::Yes),
        (21, 1_000, Held::Broken(21)),
        (1_000, 1_000, Held::Broken(1_000)),
    ] {
        world.share = Some(Share { bad, total });
        check(&world, &floor, &cordon("wk-1"), expected);
    }
    world.share = None;
    check(&world, &floor, &cordon("wk-1"), Held::Yes);
}

#[test]
fn facts_have_an_age_and_a_clock_that_goes_back_makes_none() {
    let mut world = World::morning();
    let main = cluster("main");
    assert_eq!(age_s(&world.facts, &main, world.now), Some(0));
    assert_eq!(age_s(&world.facts, &main, world.now + TimeDelta::seconds(61)), Some(61));
    assert_eq!(age_s(&world.facts, &main, world.now - TimeDelta::hours(1)), None);
    assert_eq!(age_s(&world.facts, &main, world.now - TimeDelta::seconds(5)), Some(0));
    assert_eq!(age_s(&world.facts, &cluster("third"), world.now), None);
    world.seen("main").as_of = None;
    assert_eq!(age_s(&world.facts, &main, world.now), None);
}

#[test]
fn a_swap_asks_nothing_of_the_cluster_it_leaves() {
    let mut world = World::morning();
    world.facts.clusters.remove(&cluster("main"));
    let swap = world.plan("/cluster swap spare").expect("a plan away from a cluster that is gone");
    assert_eq!(looked_at(&swap).collect::<Vec<_>>(), [&cluster("spare")]);
    let moves = World::morning().plan("/node move wk-1 spare").expect("a plan");
    assert_eq!(looked_at(&moves).collect::<Vec<_>>(), [&cluster("main"), &cluster("spare")]);
    assert!(!moves.floors.contains(&serving(0)));
}
