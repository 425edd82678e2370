//! Every planner that went wrong is caught: by the guard at the rule it breaks, and by the properties, which know
//! nothing of the guard.

use std::collections::{BTreeMap, BTreeSet};

use lifeboat_commands::guard::{self, Broken};
use lifeboat_storage::plan::Plan;
use proptest::prelude::*;

use crate::fleets::{WorldShown, asked};
use crate::mutants::{MUTANTS, shown};
use crate::rails::{RAILS, broken};
use crate::tried::{bad, good};

#[test]
fn the_guard_catches_every_mutant_at_the_rule_it_breaks() {
    let mut at_its_rule: BTreeMap<&str, bool> = BTreeMap::new();
    for bad in bad() {
        let Some(rule) = bad.rule else { continue };
        let caught = guard::check(&bad.plan, &bad.world.facts, &bad.world.fleet);
        // A bad plan may break several rules; the one in question must be among those that are reported first.
        *at_its_rule.entry(bad.name).or_default() |= caught == Err(rule);
        assert!(caught.is_err(), "{} passed on {:?}: {:#?}", bad.name, bad.plan.verb, bad.plan.steps);
    }
    let never: Vec<_> = at_its_rule.iter().filter(|(_, caught)| !**caught).collect();
    assert!(never.is_empty(), "caught at other rules only: {never:?}");
}

#[test]
fn the_properties_catch_every_mutant() {
    for bad in bad() {
        let caught = broken(&bad.plan, &bad.world);
        assert!(!caught.is_empty(), "{} passed on {:?}: {:#?}", bad.name, bad.plan.verb, bad.plan);
    }
}

#[test]
fn the_plans_that_mutants_are_made_from_are_good() {
    for (world, plan) in good() {
        assert_eq!(broken(&plan, &world), Vec::<&str>::new(), "{:?}: {:#?}", plan.verb, plan);
    }
}

#[test]
fn no_rule_and_no_property_is_without_a_mutant() {
    let rules: BTreeSet<Broken> = bad().iter().filter_map(|bad| bad.rule).collect();
    assert_eq!(rules, Broken::ALL.into());
    let caught: BTreeSet<&str> = bad().iter().flat_map(|bad| broken(&bad.plan, &bad.world)).collect();
    let all: BTreeSet<&str> = RAILS.iter().map(|(name, _)| *name).collect();
    assert_eq!(caught, all);
}

/// An approval of the one says yes to the other.
fn binds_the_same(one: &Plan, other: &Plan) -> bool {
    let bound = |plan: &Plan| {
        let about = (&plan.verb, &plan.cluster, &plan.other);
        format!("{about:?}{:?}{:?}{:?}{:?}", plan.steps, plan.targets, plan.floors, plan.cost)
    };
    bound(one) == bound(other)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_mutant_of_any_plan_passes((line, WorldShown(world, _)) in asked(), which in 0..MUTANTS.len()) {
        let (name, rule, mutant) = MUTANTS[which];
        if let Some(bad) = world.plan(&line).ok().as_ref().and_then(mutant) {
            let bad = if rule == Broken::WrongBlast { bad } else { shown(&world, bad) };
            let caught = guard::check(&bad, &world.facts, &world.fleet);
            prop_assert!(caught.is_err(), "{} passed the guard on {}: {:#?}", name, line, bad);
            prop_assert!(!broken(&bad, &world).is_empty(), "{} passed on {}: {:#?}", name, line, bad);
        }
    }

    #[test]
    fn no_approval_of_a_plan_is_one_of_its_mutant(
        (line, WorldShown(world, _)) in asked(), which in 0..MUTANTS.len(),
    ) {
        let (name, _, mutant) = MUTANTS[which];
        if let Ok(plan) = world.plan(&line) && let Some(bad) = mutant(&plan) {
            let same = binds_the_same(&plan, &bad);
            prop_assert_eq!(plan.hash() == bad.hash(), same, "{} of {}: {:#?}", name, line, bad);
        }
    }
}
