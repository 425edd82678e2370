//! Whatever the fleet looks like and whatever is asked: what no plan ever does. Each property holds every plan against
//! one of the [`rails`]; `caught.rs` holds plans that went wrong against the same.

use std::collections::BTreeMap;

use lifeboat_commands::refusal::{FleetRefusal, Refusal};
use lifeboat_storage::id::BootId;
use lifeboat_storage::plan::{Proof, Step, Verb};
use proptest::prelude::*;

use crate::fleets::{WorldShown, asked};
use crate::planned::Planned;
use crate::rails::{self, Rail};
use crate::world::{World, cluster, machine, node};

/// Every plan that comes of what is asked keeps it.
fn keeps((line, WorldShown(world, _)): (String, WorldShown), rail: Rail) -> Result<(), TestCaseError> {
    let Ok(plan) = world.plan(&line) else { return Ok(()) };
    rail(&Planned { plan: &plan, world: &world })
        .map_err(|why| TestCaseError::fail(format!("{line}: {why}\n{:#?}", plan.steps)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_planner_never_makes_what_the_guard_refuses((line, WorldShown(world, _)) in asked()) {
        let why = world.plan(&line).err();
        prop_assert!(!matches!(why, Some(Refusal::Fleet(FleetRefusal::Guarded { .. }))), "{line}: {why:?}");
    }

    #[test]
    fn the_same_scene_gives_the_same_plan((line, WorldShown(world, _)) in asked()) {
        prop_assert_eq!(world.plan(&line), world.clone().plan(&line));
    }

    #[test]
    fn the_control_plane_is_never_touched(asked in asked()) {
        keeps(asked, rails::control_plane)?;
    }

    #[test]
    fn no_step_is_about_anything_but_what_the_plan_is_about(asked in asked()) {
        keeps(asked, rails::its_own_cluster)?;
    }

    #[test]
    fn careful_modes_never_take_the_last_node_that_serves(asked in asked()) {
        keeps(asked, rails::last_serving)?;
    }

    #[test]
    fn rolling_and_canary_never_take_more_than_the_allowed_share_at_once(asked in asked()) {
        keeps(asked, rails::share_at_once)?;
    }

    #[test]
    fn an_emergency_never_boots_more_than_a_batch_at_once(asked in asked()) {
        keeps(asked, rails::batches)?;
    }

    #[test]
    fn a_canary_is_one_node(asked in asked()) {
        keeps(asked, rails::one_canary)?;
    }

    #[test]
    fn a_node_that_carries_pods_is_drained_before_it_boots_unless_the_site_is_down(asked in asked()) {
        keeps(asked, rails::drained_before)?;
    }

    #[test]
    fn what_took_pods_before_a_boot_takes_them_after_it(asked in asked()) {
        keeps(asked, rails::opened_after)?;
    }

    #[test]
    fn a_new_node_is_let_in_only_after_it_joined(asked in asked()) {
        keeps(asked, rails::let_in_after_joining)?;
    }

    #[test]
    fn the_proof_is_the_last_step_and_the_only_one(asked in asked()) {
        keeps(asked, rails::one_proof)?;
    }

    #[test]
    fn the_proof_is_that_of_the_verb_on_the_nodes_it_changes(asked in asked()) {
        keeps(asked, rails::its_own_proof)?;
    }

    #[test]
    fn no_machine_is_touched_that_is_not_surely_the_one_behind_its_node(asked in asked()) {
        keeps(asked, rails::right_machine)?;
    }

    #[test]
    fn every_machine_that_is_touched_is_shown(asked in asked()) {
        keeps(asked, rails::shown_targets)?;
    }

    #[test]
    fn what_changes_machines_asks_somebody_and_what_cannot_be_taken_back_asks_two(asked in asked()) {
        keeps(asked, rails::enough_people)?;
    }

    #[test]
    fn a_drain_beyond_the_allowed_share_asks_two(asked in asked()) {
        keeps(asked, rails::two_for_a_large_drain)?;
    }

    #[test]
    fn a_reboot_gives_no_machine_back(asked in asked()) {
        keeps(asked, rails::in_place)?;
    }

    #[test]
    fn in_an_emergency_one_is_looked_at_before_any_other_boots_and_what_serves_comes_last(asked in asked()) {
        keeps(asked, rails::dead_before_serving)?;
    }

    #[test]
    fn the_floors_are_all_there_and_hold_at_the_lowest_point(asked in asked()) {
        keeps(asked, rails::floors)?;
    }

    #[test]
    fn no_plan_touches_a_frozen_cluster_without_the_override(asked in asked()) {
        keeps(asked, rails::freeze)?;
    }

    #[test]
    fn the_way_back_is_a_line_that_can_be_typed(asked in asked()) {
        keeps(asked, rails::way_back)?;
    }

    #[test]
    fn what_is_shown_to_be_left_serving_is_what_the_steps_leave(asked in asked()) {
        keeps(asked, rails::shown_capacity)?;
    }

    #[test]
    fn the_price_that_is_shown_is_never_too_low(asked in asked()) {
        keeps(asked, rails::shown_price)?;
    }

    #[test]
    fn nothing_is_planned_where_another_plan_is_at_work(asked in asked()) {
        keeps(asked, rails::alone)?;
    }

    #[test]
    fn nothing_is_planned_where_most_managers_do_not_answer(asked in asked()) {
        keeps(asked, rails::majority)?;
    }

    #[test]
    fn nothing_is_planned_on_facts_older_than_a_minute(asked in asked()) {
        keeps(asked, rails::fresh_facts)?;
    }
}

/// The properties above say nothing when nothing is planned.
#[test]
fn the_generator_reaches_every_verb_and_mode() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::{Config, TestRunner};
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let mut reached = BTreeMap::new();
    for _ in 0..3_000 {
        let (line, WorldShown(world, _)) = asked().new_tree(&mut runner).expect("a case").current();
        if let Ok(plan) = world.plan(&line) {
            let key = match plan.verb {
                Verb::NodeReboot { mode } => format!("{mode:?}"),
                verb => verb.key().to_owned(),
            };
            *reached.entry(key).or_insert(0) += 1;
        }
    }
    let all = [
        "Canary",
        "Emergency",
        "Rolling",
        "capacity-run",
        "cluster-swap",
        "node-add",
        "node-cordon",
        "node-drain",
        "node-move",
        "node-remove",
        "node-uncordon",
    ];
    for key in all {
        assert!(reached.get(key).is_some_and(|times| *times >= 10), "{key} is hardly reached: {reached:?}");
    }
}

/// What the way up is for: a proof that fits where nothing can serve.
#[test]
fn a_node_somebody_else_cordoned_is_proven_up_and_stays_cordoned() {
    let mut world = World::outage(&[]);
    world.node("main", "wk-3").schedulable = false;
    let plan = world.plan("/node reboot wk-3 canary").expect("a plan");
    let Some(Step::Prove { proof, nodes, .. }) = plan.steps.last() else { panic!("no proof") };
    assert_eq!((proof, nodes), (&Proof::Booted, &vec![node("wk-3")]));
    assert!(!plan.steps.iter().any(|step| matches!(step, Step::Cordon { .. } | Step::Uncordon { .. })));
    let awaits = Step::AwaitBoot {
        cluster: cluster("main"),
        node: node("wk-3"),
        before: Some(BootId::new("boot-wk-3-1")),
        stable_s: 60,
    };
    assert!(plan.steps.contains(&awaits));
    assert_eq!(plan.targets[0].instance, Some(machine("wk-3")));
}
