//! From a request and what is seen to the steps of a plan.

use chrono::TimeDelta;
use lifeboat_commands::facts::{InstanceState, PodState, ProbeResult, Ready, Stock};
use lifeboat_commands::refusal::{FleetRefusal, Refusal};
use lifeboat_storage::event::{Kind, Share};
use lifeboat_storage::id::{MachineType, NodeName, ScheduleName};
use lifeboat_storage::plan::{
    Consent, Cost, Evidence, FailedBy, Floor, Money, Plan, ProbeKind, Proof, Rung, Step, StepOutcome,
    StepResult, Undo, Weight,
};

use crate::world::{World, cluster, is_a_line, machine, names, node};

/// A step in a word or two: what is done to which node.
fn told(step: &Step) -> String {
    match step {
        Step::Obtain { want, rung: Rung::Start { instances }, .. } => {
            format!("start {} for {want}", instances.len())
        }
        Step::Obtain { want, rung: Rung::Launch(spec), .. } => {
            format!("launch {}/{} for {want}", spec.machine, spec.zone)
        }
        Step::Join { slot, .. } => format!("join {slot}"),
        Step::Admit { slot, .. } => format!("admit {slot}"),
        Step::Probe { node, must_pass: false, .. } => format!("look {node}"),
        Step::Probe { node, must_pass: true, .. } => format!("must {node}"),
        Step::Cordon { node, .. } => format!("cordon {node}"),
        Step::Uncordon { node, always, .. } => format!("uncordon{} {node}", if *always { "!" } else { "" }),
        Step::Drain { node, .. } => format!("drain {node}"),
        Step::Reboot { node, .. } => format!("boot {node}"),
        Step::AwaitBoot { node, .. } => format!("await {node}"),
        Step::Leave { node, .. } => format!("leave {node}"),
        Step::Reimage { node, .. } => format!("renew {node}"),
        Step::Forget { node, .. } => format!("forget {node}"),
        Step::Stop { node, .. } => format!("stop {node}"),
        Step::InstallCanary { .. } => "install canary".to_owned(),
        Step::Preflight { cluster } => format!("check {cluster}"),
        Step::Shift { weights, .. } => {
            let all = weights.iter().map(|weight| format!("{}={}", weight.cluster, weight.percent));
            format!("shift {}", all.collect::<Vec<_>>().join(" "))
        }
        Step::Hold { seconds, .. } => format!("hold {seconds}"),
        Step::Prove { .. } => "prove".to_owned(),
    }
}

#[track_caller]
fn steps(world: &World, line: &str, expected: &[&str]) -> Plan {
    let plan = world.plan(line).unwrap_or_else(|why| panic!("{line}: {why:?}"));
    let found: Vec<String> = plan.steps.iter().map(told).collect();
    assert_eq!(found, expected, "{line}");
    plan
}

fn serving(at_least: u32) -> Proof {
    Proof::Serving { cluster: cluster("main"), at_least }
}

#[track_caller]
fn proves(plan: &Plan, expected: &Proof) {
    let Some(Step::Prove { proof, .. }) = plan.steps.last() else { panic!("no proof") };
    assert_eq!(proof, expected);
}

#[test]
fn cordon_and_uncordon_touch_only_what_is_not_so_already_and_name_the_way_back() {
    let mut world = World::morning();
    let plan = steps(&world, "/node cordon wk-1,wk-2", &["cordon wk-1", "cordon wk-2", "prove"]);
    assert_eq!(plan.undo, Undo::By { line: "/node uncordon wk-1,wk-2".to_owned() });
    proves(&plan, &Proof::Schedulable { want: false });
    world.node("main", "wk-1").schedulable = false;
    let plan = steps(&world, "/node cordon wk-1,wk-2", &["cordon wk-2", "prove"]);
    assert_eq!(plan.undo, Undo::By { line: "/node uncordon wk-2".to_owned() });
    let plan = steps(&world, "/node uncordon wk-1,wk-2", &["uncordon! wk-1", "prove"]);
    assert_eq!(plan.undo, Undo::By { line: "/node cordon wk-1".to_owned() });
    let so = |nodes: &[&str]| Err(Refusal::from(FleetRefusal::AlreadySo { nodes: names(nodes) }));
    assert_eq!(world.plan("/node cordon wk-1"), so(&["wk-1"]));
    assert_eq!(world.plan("/node uncordon wk-2,wk-3"), so(&["wk-2", "wk-3"]));
}

#[test]
fn a_drain_leaves_its_nodes_cordoned_and_names_the_way_back_for_those_it_cordoned() {
    let mut world = World::morning();
    let plan = steps(&world, "/node drain wk-1", &["cordon wk-1", "drain wk-1", "prove"]);
    assert_eq!(
        (plan.undo, plan.consent),
        (Undo::By { line: "/node uncordon wk-1".to_owned() }, Consent::Confirm)
    );
    assert_eq!(plan.blast.left, [5, 4, 4]);
    world.node("main", "wk-1").schedulable = false;
    let plan = steps(&world, "/node drain wk-1", &["drain wk-1", "prove"]);
    assert_eq!(plan.undo, Undo::Impossible);
    let plan = world.plan("/node drain wk-1,wk-2").expect("a plan");
    assert_eq!(plan.undo, Undo::By { line: "/node uncordon wk-2".to_owned() });
    // Nothing is left to drain, and nothing to cordon.
    world.seen("main").pods.retain(|_, pod| pod.node != Some(node("wk-1")));
    assert_eq!(world.refused("mei", "/node drain wk-1"), "already-so");
    assert_eq!(world.refused("mei", "/node drain wk-2,wk-3,wk-4,wk-5"), "last-serving");
    assert_eq!(World::morning().refused("mei", "/node drain all"), "last-serving");
}

#[test]
fn a_canary_is_the_node_with_the_least_to_lose() {
    let world = World::outage(&["wk-1", "wk-4", "wk-5"]);
    let plan = steps(
        &world,
        "/node reboot all canary",
        &["look wk-2", "cordon wk-2", "boot wk-2", "await wk-2", "must wk-2", "uncordon wk-2", "prove"],
    );
    proves(&plan, &serving(4));
    let all = [
        "look wk-1",
        "cordon wk-1",
        "drain wk-1",
        "boot wk-1",
        "await wk-1",
        "must wk-1",
        "uncordon wk-1",
        "prove",
    ];
    let plan = steps(&World::morning(), "/node reboot all canary", &all);
    proves(&plan, &serving(5));
    assert_eq!(plan.blast.left, [5, 5, 4, 4, 4, 4, 5, 5]);
    assert_eq!(world.refused("mei", "/node reboot wk-99 canary"), "no-such-node");
}

#[test]
fn rolling_takes_the_dead_together_within_the_share_and_what_serves_one_by_one() {
    let mut world = World::outage(&["wk-5"]);
    world.add("main", "wk-0").serves("main", "wk-0");
    let expected = [
        "boot wk-1",
        "boot wk-2",
        "boot wk-3",
        "await wk-1",
        "await wk-2",
        "await wk-3",
        "uncordon wk-1",
        "uncordon wk-2",
        "uncordon wk-3",
        "boot wk-4",
        "await wk-4",
        "uncordon wk-4",
        "look wk-0",
        "cordon wk-0",
        "drain wk-0",
        "boot wk-0",
        "await wk-0",
        "must wk-0",
        "uncordon wk-0",
        "look wk-5",
        "cordon wk-5",
        "drain wk-5",
        "boot wk-5",
        "await wk-5",
        "must wk-5",
        "uncordon wk-5",
        "prove",
    ];
    let plan = steps(&world, "/node reboot all rolling", &expected);
    // Nine are wanted, a third of them is three.
    assert_eq!(plan.blast.left.iter().min(), Some(&1));
    assert_eq!(plan.expected_s, 4 * 150);
    world.fleet.limits.emergency_batch = 2;
    let plan = world.plan("/node reboot wk-1,wk-2,wk-3 rolling").expect("a plan");
    assert_eq!(
        plan.steps.iter().map(told).take(3).collect::<Vec<_>>(),
        ["boot wk-1", "boot wk-2", "await wk-1"]
    );
    world.fleet.limits.at_once_percent = 0;
    let plan = world.plan("/node reboot wk-1,wk-2 rolling").expect("a plan");
    assert_eq!(plan.steps.iter().map(told).take(2).collect::<Vec<_>>(), ["boot wk-1", "await wk-1"]);
}

#[test]
fn a_node_that_carries_another_service_is_drained_too() {
    let mut world = World::outage(&["wk-4", "wk-5"]);
    world.pod("main", "wk-1", Some("shop"), PodState::Ready);
    let plan = world.plan("/node reboot wk-1,wk-2 rolling").expect("a plan");
    let found: Vec<String> = plan.steps.iter().map(told).collect();
    assert_eq!(found[..3], ["boot wk-2", "await wk-2", "uncordon wk-2"]);
    assert!(found.contains(&"drain wk-1".to_owned()), "{found:?}");
}

#[test]
fn an_emergency_boots_one_looks_and_then_the_rest_without_drain_what_serves_last() {
    let mut world = World::outage(&["wk-3", "wk-5"]);
    world.fleet.limits.emergency_batch = 2;
    let expected = [
        "boot wk-1",
        "await wk-1",
        "must wk-1",
        "uncordon wk-1",
        "boot wk-2",
        "boot wk-4",
        "await wk-2",
        "await wk-4",
        "uncordon wk-2",
        "uncordon wk-4",
        "boot wk-3",
        "await wk-3",
        "uncordon wk-3",
        "boot wk-5",
        "await wk-5",
        "uncordon wk-5",
        "prove",
    ];
    let plan = steps(&world, "/node reboot all emergency", &expected);
    assert_eq!((plan.consent, plan.expected_s), (Consent::TwoPeople, 4 * 150));
    assert_eq!(plan.undo, Undo::NotNeeded);
    let one = ["boot wk-1", "await wk-1", "must wk-1", "uncordon wk-1", "prove"];
    steps(&world, "/node reboot wk-1 emergency", &one);
}

#[test]
fn what_is_looked_at_after_a_boot_is_what_failed_before_it() {
    let mut world = World::outage(&["wk-5"]);
    world.facts.probes.clear();
    world.probe("main", "wk-1", ProbeKind::ImagePull, ProbeResult::Fail(Evidence::default()));
    let probes = |name: &str| {
        let plan = world.plan(&format!("/node reboot {name} canary")).expect("a plan");
        let looks = plan.steps.into_iter().filter_map(|step| match step {
            Step::Probe { probe, .. } => Some(probe),
            _ => None,
        });
        looks.collect::<Vec<_>>()
    };
    assert_eq!(probes("wk-1"), [ProbeKind::ImagePull; 2]);
    assert_eq!(probes("wk-2"), [ProbeKind::NameResolution; 2]);
}

#[test]
fn a_node_that_somebody_else_cordoned_is_booted_only_where_nothing_is_lost() {
    let mut world = World::outage(&["wk-4", "wk-5"]);
    world.node("main", "wk-1").schedulable = false;
    steps(
        &world,
        "/node reboot wk-1 canary",
        &["look wk-1", "boot wk-1", "await wk-1", "must wk-1", "prove"],
    );
    world.node("main", "wk-4").schedulable = false;
    let held = FleetRefusal::HeldOut { nodes: names(&["wk-4"]) };
    for mode in ["canary", "rolling", "emergency"] {
        let line = format!("/node reboot wk-4 {mode}");
        assert_eq!(world.plan(&line), Err(held.clone().into()), "{mode}");
    }
    assert_eq!(world.plan("/node reboot all rolling"), Err(held.into()));
}

#[test]
fn a_node_that_a_plan_of_ours_left_cordoned_is_opened_again_after_its_boot() {
    let mut world = World::outage(&["wk-4", "wk-5"]);
    world.does("mei", "/node cordon wk-1");
    world
        .step_ends(0, StepOutcome::Succeeded { result: StepResult::SchedulableWas { before: true } })
        .plan_fails();
    world.node("main", "wk-1").schedulable = false;
    let expected = ["look wk-1", "boot wk-1", "await wk-1", "must wk-1", "uncordon! wk-1", "prove"];
    let plan = steps(&world, "/node reboot wk-1 canary", &expected);
    proves(&plan, &serving(3));
}

#[test]
fn a_node_that_somebody_cordoned_is_not_opened_for_a_plan_on_one_of_the_same_name_elsewhere() {
    let mut world = World::outage(&["wk-4", "wk-5"]);
    world.add("spare", "wk-4").does("mei", "/node cordon spare/wk-4");
    world
        .step_ends(0, StepOutcome::Succeeded { result: StepResult::SchedulableWas { before: true } })
        .plan_fails();
    world.node("main", "wk-4").schedulable = false;
    assert_eq!(world.refused("mei", "/node reboot main/wk-4 canary"), "held-out");
}

#[test]
fn the_last_node_that_serves_is_left_alone_in_careful_modes() {
    let mut world = World::outage(&["wk-5"]);
    assert_eq!(world.refused("mei", "/node reboot wk-5 canary"), "last-serving");
    assert_eq!(world.refused("mei", "/node reboot all rolling"), "last-serving");
    assert_eq!(world.refused("mei", "/node remove wk-5"), "last-serving");
    assert_eq!(world.refused("mei", "/node move wk-5 spare"), "last-serving");
    world.plan("/node reboot wk-1,wk-2 rolling").expect("the others");
    world.fails("main", "wk-5");
    world.plan("/node reboot all rolling").expect("nothing serves, nothing can be lost");
}

#[test]
fn a_node_is_removed_by_leaving_first_and_its_machine_is_kept() {
    let mut world = World::morning();
    let expected = [
        "cordon wk-1",
        "drain wk-1",
        "leave wk-1",
        "stop wk-1",
        "cordon wk-2",
        "drain wk-2",
        "leave wk-2",
        "stop wk-2",
        "forget wk-1",
        "forget wk-2",
        "prove",
    ];
    let plan = steps(&world, "/node remove wk-1,wk-2", &expected);
    assert_eq!((plan.consent, plan.undo.clone()), (Consent::TwoPeople, Undo::Impossible));
    proves(&plan, &Proof::Gone);
    let least = plan.floors.iter().find_map(|floor| match floor {
        Floor::Serving { least, of, .. } => Some((*least, *of)),
        _ => None,
    });
    assert_eq!(least, Some((3, 5)));
    // A pool's own machine that cannot be taken back is started again by the pool.
    world.node("main", "wk-6").ready = Ready::Yes;
    world.instance("wk-6").state = InstanceState::Running;
    assert_eq!(world.plan("/node remove wk-6").expect("a plan").undo, Undo::Impossible, "spot");
    world.instance("wk-6").spot = false;
    let undo = world.plan("/node remove wk-6").expect("a plan").undo;
    assert_eq!(undo, Undo::By { line: "/node add 1 peak".to_owned() });
    is_a_line("/node add 1 peak");
    world.nodes_of("main").remove(&node("wk-6"));
    assert_eq!(world.refused("mei", "/node remove wk-6"), "no-such-node");
}

#[test]
fn a_node_whose_machine_is_off_is_only_forgotten() {
    let mut world = World::morning();
    let plan = steps(&world, "/node remove wk-6,wk-7", &["forget wk-6", "forget wk-7", "prove"]);
    proves(&plan, &Proof::Gone);
    assert_eq!((plan.consent, plan.blast.left), (Consent::TwoPeople, vec![5, 5, 5]));
    let mixed =
        ["cordon wk-1", "drain wk-1", "leave wk-1", "stop wk-1", "forget wk-1", "forget wk-6", "prove"];
    steps(&world, "/node remove wk-1,wk-6", &mixed);
    // On its way down, or heard from by its cluster: not off yet.
    let whole = ["cordon wk-6", "drain wk-6", "leave wk-6", "stop wk-6", "forget wk-6", "prove"];
    world.instance("wk-6").state = InstanceState::Stopping;
    steps(&world, "/node remove wk-6", &whole);
    world.instance("wk-6").state = InstanceState::Stopped;
    world.node("main", "wk-6").ready = Ready::Yes;
    steps(&world, "/node remove wk-6", &whole);
}

#[test]
fn a_node_whose_machine_is_off_neither_reboots_nor_moves() {
    let world = World::outage(&["wk-1"]);
    let off = |nodes: &[&str]| Err(Refusal::from(FleetRefusal::SwitchedOff { nodes: names(nodes) }));
    for mode in ["canary", "rolling", "emergency"] {
        assert_eq!(world.plan(&format!("/node reboot wk-6 {mode}")), off(&["wk-6"]), "{mode}");
    }
    assert_eq!(world.plan("/node reboot wk-2,wk-6,wk-7 canary"), off(&["wk-6", "wk-7"]));
    assert_eq!(world.plan("/node move wk-6 spare"), off(&["wk-6"]));
}

#[test]
fn a_node_moves_within_its_cloud_through_a_new_disk_and_quarantine() {
    let mut world = World::morning();
    let expected = [
        "cordon wk-1",
        "drain wk-1",
        "leave wk-1",
        "renew wk-1",
        "forget wk-1",
        "join 0",
        "admit 0",
        "prove",
    ];
    let plan = steps(&world, "/node move wk-1 spare", &expected);
    proves(&plan, &Proof::Serving { cluster: cluster("spare"), at_least: 0 });
    assert_eq!((plan.other, plan.undo), (Some(cluster("spare")), Undo::Impossible));
    assert_eq!(world.refused("mei", "/node move wk-1 main"), "same-cluster");
    assert_eq!(world.refused("mei", "/node move wk-1 third"), "no-such-cluster");
    world.seen("spare").as_of = None;
    assert_eq!(world.refused("mei", "/node move wk-1 spare"), "facts-old");
    world.fleet.clusters[1].cloud = lifeboat_storage::id::CloudName::new("other-cloud");
    assert_eq!(world.refused("mei", "/node move wk-1 spare"), "other-cloud");
}

#[test]
fn traffic_moves_a_tenth_first_and_all_at_once_when_most_fails() {
    let mut world = World::morning();
    let stepwise =
        ["check spare", "shift main=90 spare=10", "hold 120", "shift main=0 spare=100", "hold 60", "prove"];
    let plan = steps(&world, "/cluster swap spare", &stepwise);
    assert_eq!(plan.undo, Undo::By { line: "/cluster swap main".to_owned() });
    assert_eq!(plan.consent, Consent::TwoPeople);
    let at_once = ["check spare", "shift main=0 spare=100", "hold 60", "prove"];
    steps(&world, "/cluster swap spare mode:at-once", &at_once);
    world.share = Some(Share { bad: 500, total: 1_000 });
    let plan = steps(&world, "/cluster swap spare", &at_once);
    let Step::Hold { abort_above_permille, back, .. } = &plan.steps[2] else { panic!("no watch") };
    // What fails already is no reason to go back to it.
    assert_eq!(*abort_above_permille, 550);
    let back: Vec<u8> = back.iter().map(|weight| weight.percent).collect();
    assert_eq!(back, [100, 0]);
    steps(&world, "/cluster swap spare mode:stepwise", &stepwise);
}

#[test]
fn traffic_that_others_carry_stays_in_proportion_and_goes_back_where_it_was() {
    let mut world = World::morning();
    let third =
        lifeboat_commands::fleet::Cluster { name: cluster("third"), ..world.fleet.clusters[1].clone() };
    world.fleet.clusters.push(third);
    world.fleet.traffic[0].clusters.push(cluster("third"));
    let weight = |name, percent| Weight { cluster: cluster(name), percent };
    let facts = world.facts.traffic.values_mut().next().expect("the entry");
    facts.weights = vec![weight("main", 67), weight("spare", 0), weight("third", 33)];
    let plan = steps(
        &world,
        "/cluster swap spare mode:stepwise",
        &[
            "check spare",
            "shift main=60 spare=11 third=29",
            "hold 120",
            "shift main=0 spare=100 third=0",
            "hold 60",
            "prove",
        ],
    );
    let Step::Hold { back, .. } = &plan.steps[2] else { panic!("no watch") };
    assert_eq!(*back, [weight("main", 67), weight("spare", 0), weight("third", 33)]);
    // Nobody has read the weights: all of it is where it was configured first.
    world.facts.traffic.values_mut().for_each(|facts| facts.weights.clear());
    let plan = world.plan("/cluster swap spare mode:stepwise").expect("a plan");
    assert_eq!(told(&plan.steps[1]), "shift main=90 spare=10 third=0");
}

#[test]
fn traffic_goes_only_where_it_can_be_sent_and_will_be_answered() {
    let mut world = World::morning();
    assert_eq!(world.refused("mei", "/cluster swap main"), "same-cluster");
    world.seen("spare").pods.clear();
    assert_eq!(world.refused("mei", "/cluster swap spare"), "standby-red");
    let mut world = World::morning();
    world.fleet.traffic[0].clusters.pop();
    assert_eq!(world.refused("mei", "/cluster swap spare"), "no-traffic");
    let mut world = World::morning();
    world.fleet.clusters[1].traffic = None;
    assert_eq!(world.refused("mei", "/cluster swap spare"), "no-traffic");
}

#[test]
fn nodes_are_added_by_the_ladder_what_is_known_to_be_sold_out_last() {
    let world = World::morning();
    let expected = [
        "start 4 for 2",
        "launch g6/zone-h for 1",
        "launch g6/zone-h for 2",
        "launch c6/zone-k for 1",
        "launch c6/zone-k for 2",
        "launch c6/zone-h for 1",
        "launch c6/zone-h for 2",
        "join 0",
        "join 1",
        "admit 0",
        "admit 1",
        "prove",
    ];
    let plan = steps(&world, "/node add 2 peak", &expected);
    assert_eq!((plan.undo.clone(), plan.consent), (Undo::RemoveGained, Consent::Confirm));
    let per_hour = Money { micros: 2_400_000, currency: "CNY".to_owned() };
    assert_eq!(plan.cost, Cost::AtMost { per_hour, quoted_at: world.now });
    steps(&world, "/node add 2 pool:pool:peak", &expected);
    assert_eq!(world.refused("mei", "/node add 1 x"), "no-such-pool");
}

#[test]
fn stock_that_was_read_long_ago_changes_no_order() {
    let mut world = World::morning();
    world.cloud().offerings_as_of = Some(world.now - TimeDelta::minutes(10));
    let plan = world.plan("/node add 1 peak").expect("a plan");
    let found: Vec<String> = plan.steps.iter().map(told).take(2).collect();
    assert_eq!(found, ["start 4 for 1", "launch c6/zone-h for 1"]);
}

#[test]
fn a_cost_that_cannot_be_told_is_unknown_and_never_too_little() {
    let mut world = World::morning();
    world.cloud().offerings[1].price = None;
    assert_eq!(world.plan("/node add 1 peak").expect("a plan").cost, Cost::Unknown);
    let mut world = World::morning();
    world.instance("wk-7").price = None;
    assert_eq!(world.plan("/node add 1 peak").expect("a plan").cost, Cost::Unknown);
    let mut world = World::morning();
    world.instance("wk-7").price = Some(Money { micros: 1, currency: "USD".to_owned() });
    assert_eq!(world.plan("/node add 1 peak").expect("a plan").cost, Cost::Unknown);
}

#[test]
fn a_pool_is_not_filled_beyond_its_limit() {
    let mut world = World::morning();
    world.fleet.pools[0].max = 7;
    world.plan("/node add 2 peak").expect("up to the limit");
    assert_eq!(world.refused("mei", "/node add 3 peak"), "pool-full");
    world.fleet.pools[0].max = 0;
    assert_eq!(world.refused("mei", "/node add 1 peak"), "pool-full");
}

#[test]
fn a_schedule_brings_what_is_missing_and_nothing_once_all_is_there() {
    let mut world = World::morning();
    let joins = |plan: &Plan| plan.steps.iter().filter(|step| matches!(step, Step::Join { .. })).count();
    assert_eq!(joins(&world.plan("/capacity run morning").expect("a plan")), 4);
    for name in ["wk-6", "wk-7", "wk-8"] {
        world.node("main", name).ready = Ready::Yes;
        world.instance(name).state = InstanceState::Running;
    }
    assert_eq!(joins(&world.plan("/capacity run morning").expect("a plan")), 1);
    world.node("main", "wk-9").ready = Ready::Yes;
    let there = FleetRefusal::NothingMissing { schedule: ScheduleName::new("morning") };
    assert_eq!(world.plan("/capacity run morning"), Err(there.into()));
    assert_eq!(world.refused("mei", "/capacity run evening"), "no-such-schedule");
}

/// The newest plan's step that began with this word failed.
fn fails(world: &mut World, word: &str, by: &FailedBy) {
    let run = &world.state.plans[&world.newest()];
    let found = run.plan.steps.iter().position(|step| told(step).starts_with(word)).expect("a step");
    let at = u32::try_from(found).expect("a small number");
    world.step_ends(at, StepOutcome::Failed { by: by.clone() });
}

fn sold_out() -> FailedBy {
    FailedBy::NoCapacity { evidence: Evidence("stock".to_owned()) }
}

fn denied() -> FailedBy {
    FailedBy::Denied { evidence: Evidence("quota".to_owned()) }
}

#[test]
fn what_failed_twice_with_the_same_error_is_not_offered_a_third_time_and_the_next_rung_is() {
    let mut world = World::morning();
    let first = |world: &World| told(&world.plan("/node add 1 peak").expect("a plan").steps[0]);
    let again = |world: &mut World, word: &str, by: &FailedBy| {
        world.does("mei", "/node add 1 peak").does("mei", "/plan approve");
        fails(world, word, by);
        world.plan_fails();
    };
    again(&mut world, "start", &denied());
    assert_eq!(first(&world), "start 4 for 1", "once is no rule");
    again(&mut world, "start", &sold_out());
    assert_eq!(first(&world), "start 4 for 1", "another error");
    again(&mut world, "start", &sold_out());
    assert_eq!(first(&world), "launch g6/zone-h for 1");
    again(&mut world, "launch g6", &denied());
    again(&mut world, "launch g6", &denied());
    assert_eq!(first(&world), "launch c6/zone-k for 1");
    again(&mut world, "launch c6/zone-k", &sold_out());
    again(&mut world, "launch c6/zone-k", &sold_out());
    // Stock that came back since is worth another try; a refusal for another reason is not.
    world.wait(TimeDelta::minutes(1));
    world.cloud().offerings_as_of = Some(world.now);
    assert_eq!(first(&world), "launch c6/zone-k for 1");
    world.cloud().offerings[2].stock = Stock::SoldOut;
    assert_eq!(first(&world), "launch c6/zone-h for 1");
    again(&mut world, "launch c6/zone-h", &sold_out());
    again(&mut world, "launch c6/zone-h", &sold_out());
    assert_eq!(world.refused("mei", "/node add 1 peak"), "no-rung");
    // It is forgotten: causes are mended.
    world.wait(TimeDelta::minutes(10));
    assert_eq!(first(&world), "start 4 for 1");
}

#[test]
fn a_success_between_two_failures_clears_them() {
    let mut world = World::morning();
    for outcome in [
        StepOutcome::Failed { by: denied() },
        StepOutcome::Succeeded {
            result: StepResult::Gained { instances: vec![machine("wk-6")], refused: Default::default() },
        },
        StepOutcome::Failed { by: denied() },
    ] {
        world.does("mei", "/node add 1 peak").does("mei", "/plan approve").step_ends(0, outcome).plan_fails();
        world.wait(TimeDelta::seconds(10));
    }
    let plan = world.plan("/node add 1 peak").expect("a plan");
    let Step::Obtain { rung: Rung::Start { instances }, .. } = &plan.steps[0] else {
        panic!("it starts none")
    };
    // The one that once came is tried again; the others failed twice in a row.
    assert_eq!(instances, &vec![machine("wk-6")]);
}

#[test]
fn a_pool_without_any_way_to_get_machines_is_refused() {
    let mut world = World::morning();
    world.fleet.pools[0].members.clear();
    world.fleet.pools[0].ladder.clear();
    assert_eq!(world.refused("mei", "/node add 1 peak"), "no-rung");
}

#[test]
fn a_schedule_of_ours_starts_its_own_machines_alone_and_buys_within_the_budget_of_a_day() {
    use lifeboat_commands::fleet::Starts;
    use lifeboat_commands::planner::add;
    let mut world = World::morning();
    let by_itself =
        |world: &World| world.scene("mei", |scene| add::by_itself(scene, &scene.fleet.schedules[0]));
    let first = |plan: &Plan| plan.steps.iter().map(told).take(2).collect::<Vec<_>>();
    world.fleet.schedules[0].starts = Starts::Lifeboat;
    let plan = by_itself(&world).expect("a plan");
    assert_eq!(
        (plan.consent, first(&plan)),
        (Consent::Given, vec!["start 4 for 4".to_owned(), "join 0".to_owned()])
    );
    // A day of four machines of zone-k is 94.08 CNY: it fits, what is dearer does not.
    world.fleet.limits.budget_micros_a_day = 94_080_000;
    let plan = by_itself(&world).expect("a plan");
    let bought: Vec<MachineType> = plan
        .steps
        .iter()
        .filter_map(|step| match step {
            Step::Obtain { rung: Rung::Launch(spec), .. } => Some(spec.machine.clone()),
            _ => None,
        })
        .collect();
    assert_eq!((plan.consent, bought), (Consent::Given, vec![MachineType::new("c6"); 8]));
    world.fleet.limits.budget_micros_a_day -= 1;
    let plan = by_itself(&world).expect("a plan");
    assert!(!plan.steps.iter().any(|step| told(step).starts_with("launch c6/zone-k")));
    // Whatever the budget: what somebody else starts, Lifeboat does not start alone.
    world.fleet.schedules[0].starts = Starts::Elsewhere;
    assert_eq!(by_itself(&world).expect("a plan").consent, Consent::Confirm);
    assert_eq!(world.plan("/capacity run morning").expect("a plan").consent, Consent::Confirm);
}

#[test]
fn what_a_schedule_bought_today_counts_against_the_budget_until_midnight() {
    use lifeboat_commands::budget;
    use lifeboat_commands::fleet::Starts;
    use lifeboat_commands::planner::add;
    let mut world = World::morning();
    world.fleet.schedules[0].starts = Starts::Lifeboat;
    world.fleet.schedules[0].count = 1;
    world.fleet.limits.budget_micros_a_day = 30_000_000;
    let zone = chrono_tz::Asia::Shanghai;
    let plan = world.scene("mei", |scene| add::by_itself(scene, &scene.fleet.schedules[0])).expect("a plan");
    let bought = plan.steps.iter().position(|step| told(step).starts_with("launch g6")).expect("it fits");
    let (id, hash) = (world.state.next_plan(), plan.hash());
    world.record(None, None, Kind::PlanProposed { plan: id, body: Box::new(plan), hash: hash.clone() });
    world.record(None, None, Kind::PlanApproved { plan: id, hash });
    let result = StepResult::Gained { instances: vec![machine("new")], refused: Default::default() };
    world.step_ends(u32::try_from(bought).expect("small"), StepOutcome::Succeeded { result }).plan_fails();
    assert_eq!(budget::spent(&world.state, world.now, zone), 24 * 1_200_000);
    let plan = world.scene("mei", |scene| add::by_itself(scene, &scene.fleet.schedules[0])).expect("a plan");
    assert!(!plan.steps.iter().any(|step| told(step).starts_with("launch")), "nothing is left of it");
    assert_eq!(budget::spent(&world.state, world.now + TimeDelta::hours(14), zone), 0);
}

#[test]
fn the_canary_is_put_where_it_does_not_answer_and_proven_by_its_answers() {
    let mut world = World::morning();
    let plan = steps(&world, "/cluster canary install", &["install canary", "prove"]);
    assert_eq!(
        (plan.cluster.clone(), plan.consent, plan.undo.clone()),
        (cluster("main"), Consent::Confirm, Undo::ByHand)
    );
    let Some(Step::Prove { proof, nodes, .. }) = plan.steps.last() else { panic!("no proof") };
    let ready: Vec<NodeName> = names(&["wk-1", "wk-2", "wk-3", "wk-4", "wk-5"]);
    assert_eq!((proof, nodes), (&Proof::CanaryAnswers, &ready));
    assert_eq!(world.refused("mei", "/cluster canary install spare"), "already-so");
    world.probe(
        "spare",
        "sp-1",
        ProbeKind::NameResolution,
        ProbeResult::Unknown(Evidence("no canary".to_owned())),
    );
    world.plan("/cluster canary install spare").expect("one node is not seen");
    world.nodes_of("spare").values_mut().for_each(|node| node.ready = Ready::No);
    assert_eq!(world.refused("mei", "/cluster canary install spare"), "no-target");
}

#[test]
fn without_a_fleet_every_verb_says_that_lifeboat_only_watches() {
    let mut world = World::morning();
    world.fleet = Default::default();
    for line in [
        "/node add 1 peak",
        "/node cordon wk-1",
        "/node drain all",
        "/node reboot failing canary",
        "/node remove wk-1",
        "/node move wk-1 spare",
        "/cluster swap spare",
        "/cluster check",
        "/cluster diagnose",
        "/cluster freeze main x",
        "/cluster canary install",
    ] {
        assert_eq!(world.refused("mei", line), "nothing-configured", "{line}");
    }
}
