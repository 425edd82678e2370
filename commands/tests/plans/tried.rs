//! Plans of every verb, and all that mutants make of them.

use lifeboat_commands::guard::Broken;
use lifeboat_storage::event::Share;
use lifeboat_storage::plan::{Plan, Verb};

use crate::mutants::{
    BLIND, MUTANTS, Mutant, UNGUARDED, all_at_once, boots_without_a_canary, calls_two_a_canary,
    looks_at_another_node, serving_first, shown,
};
use crate::world::World;

/// Plans of every verb, each with its fleet.
pub(crate) fn good() -> Vec<(World, Plan)> {
    let all_serve = World::morning();
    let some_fail = World::outage(&["wk-4", "wk-5"]);
    let down = World::outage(&["wk-5"]);
    let lines: [(&World, &str); 13] = [
        (&all_serve, "/node add 2 peak"),
        (&all_serve, "/capacity run morning"),
        (&all_serve, "/node cordon wk-1"),
        (&all_serve, "/node drain wk-1"),
        (&all_serve, "/node drain wk-1,wk-2,wk-3"),
        (&all_serve, "/node remove wk-1,wk-2"),
        (&all_serve, "/node move wk-1 spare"),
        (&all_serve, "/cluster swap spare mode:stepwise"),
        (&all_serve, "/node reboot all rolling"),
        (&some_fail, "/node reboot failing canary"),
        (&some_fail, "/node reboot all rolling"),
        (&down, "/node reboot all emergency"),
        (&down, "/node reboot wk-1,wk-2 emergency"),
    ];
    let planned = |(world, line): (&World, &str)| {
        let plan = world.plan(line).unwrap_or_else(|why| panic!("{line}: {why:?}"));
        (World::clone(world), plan)
    };
    lines.map(planned).into_iter().collect()
}

/// A plan that went wrong, on the fleet it is for.
pub(crate) struct Bad {
    pub(crate) name: &'static str,
    /// What the guard must catch it at; none where it does not look.
    pub(crate) rule: Option<Broken>,
    pub(crate) world: World,
    pub(crate) plan: Plan,
}

/// Every mutant of every good plan.
pub(crate) fn bad() -> Vec<Bad> {
    let guarded = MUTANTS.iter().map(|(name, rule, mutant)| (*name, Some(*rule), *mutant));
    let all: Vec<_> = guarded.chain(UNGUARDED.iter().map(|(name, mutant)| (*name, None, *mutant))).collect();
    let mut bad = hurried();
    for (world, good) in good() {
        for (name, rule, mutant) in &all {
            let Some(plan) = mutant(&good) else { continue };
            let plan = if *rule == Some(Broken::WrongBlast) { plan } else { shown(&world, plan) };
            bad.push(Bad { name, rule: *rule, world: world.clone(), plan });
        }
        // Where traffic leaves a cluster, nothing is asked of that cluster.
        if !matches!(good.verb, Verb::ClusterSwap { .. }) {
            bad.extend(BLIND.iter().map(|(name, happens)| {
                let mut world = world.clone();
                happens(&mut world);
                Bad { name, rule: None, world, plan: good.clone() }
            }));
        }
    }
    bad
}

/// Reboots that hurry: each on a fleet that shows it.
fn hurried() -> Vec<Bad> {
    let (some, most) = (World::outage(&["wk-4", "wk-5"]), World::outage(&["wk-5"]));
    let mut down = some.clone();
    down.share = Some(Share { bad: 800, total: 1_000 });
    let mut in_twos = down.clone();
    in_twos.fleet.limits.emergency_batch = 2;
    let whole = World::morning();
    let all = "/node reboot all emergency";
    let four = "/node reboot wk-1,wk-2,wk-3,wk-4 rolling";
    let two = "/node reboot wk-1,wk-2 rolling";
    let cases: [(&'static str, Broken, &World, &str, Mutant); 8] = [
        ("all at once", Broken::LastServing, &whole, "/node reboot all rolling", all_at_once),
        ("four that serve at once", Broken::TooManyAtOnce, &whole, four, all_at_once),
        // Nobody serves there any more: it is the machines that are too many.
        ("four that are dead at once", Broken::TooManyAtOnce, &most, four, all_at_once),
        ("calls two a canary", Broken::TooManyAtOnce, &some, two, calls_two_a_canary),
        ("serving first", Broken::ServingNotLast, &down, all, serving_first),
        ("boots without a canary", Broken::NoCanary, &down, all, boots_without_a_canary),
        ("looks at another node", Broken::NoCanary, &down, all, looks_at_another_node),
        ("more than a batch", Broken::TooManyAtOnce, &in_twos, all, all_at_once),
    ];
    let made = |(name, rule, world, line, mutant): (&'static str, Broken, &World, &str, Mutant)| {
        let plan = world.plan(line).unwrap_or_else(|why| panic!("{line}: {why:?}"));
        let plan = shown(world, mutant(&plan).expect("the mutant applies"));
        Bad { name, rule: Some(rule), world: world.clone(), plan }
    };
    cases.map(made).into_iter().collect()
}
