//! Whatever the fleet looks like and whatever is asked: what no plan ever does. The oracle here is slow and plain,
//! and knows nothing of the guard.

use std::collections::{BTreeMap, BTreeSet};

use lifeboat_commands::facts::{Identity, InstanceState, NodeRole, PodState, Ready};
use lifeboat_commands::guard;
use lifeboat_commands::refusal::{FleetRefusal, Refusal};
use lifeboat_storage::event::{Kind, Share};
use lifeboat_storage::id::{BootId, NodeName};
use lifeboat_storage::plan::{
    Consent, Floor, Plan, Proof, RebootMode, Rung, Step, StepOutcome, StepResult, Undo, Verb,
};
use proptest::prelude::*;

use crate::world::{World, cluster, is_a_line, machine, node};

/// A worker of a generated fleet.
#[derive(Clone, Debug)]
struct Worker {
    ready: Ready,
    /// 0: open; 1: cordoned by somebody else; 2: cordoned by a plan of ours.
    cordoned: u8,
    serves: bool,
    carries_other: bool,
    /// 0: provider id; 1: address and serial; 2: nothing; 3: the same as another machine.
    identity: u8,
    off: bool,
}

fn worker() -> impl Strategy<Value = Worker> {
    let ready = prop_oneof![6 => Just(Ready::Yes), 1 => Just(Ready::No), 1 => Just(Ready::Unknown)];
    let cordoned = prop_oneof![8 => Just(0), 1 => Just(1), 1 => Just(2)];
    let identity = prop_oneof![14 => Just(0), 3 => Just(1), 1 => Just(2), 1 => Just(3)];
    let yes = |percent: f64| proptest::bool::weighted(percent);
    (ready, cordoned, yes(0.6), yes(0.2), identity, yes(0.1)).prop_map(
        |(ready, cordoned, serves, carries_other, identity, off)| Worker {
            ready,
            cordoned,
            serves: serves && ready == Ready::Yes,
            carries_other,
            identity,
            off: off && ready == Ready::No,
        },
    )
}

/// What is configured and how the service fares.
type Around = (u32, u32, u32, u8, bool);

fn around() -> impl Strategy<Value = Around> {
    let at_once = prop_oneof![Just(34), 0..=100_u32];
    (0..10_u32, at_once, 0..6_u32, 0..3_u8, proptest::bool::weighted(0.1))
}

fn build(workers: &[Worker], spare: usize, around: &Around) -> World {
    let (wanted, at_once, batch, failing, frozen) = *around;
    let mut world = World::morning();
    world.seen("main").nodes.retain(|_, node| node.role == NodeRole::ControlPlane);
    world.seen("main").pods.clear();
    world.fleet.clusters[0].wanted = wanted;
    world.fleet.limits.at_once_percent = at_once;
    world.fleet.limits.emergency_batch = batch;
    for (worker, number) in workers.iter().zip(1..) {
        place(&mut world, worker, &format!("wk-{number}"));
    }
    for number in 3..3 + spare {
        world.add("spare", &format!("sp-{number}"));
    }
    world.share = match failing {
        0 => None,
        1 => Some(Share { bad: 3, total: 1_000 }),
        _ => Some(Share { bad: 900, total: 1_000 }),
    };
    if frozen {
        let reason = "what runs there is protected".to_owned();
        world.record(Some("mei"), None, Kind::ClusterFrozen { cluster: cluster("main"), reason });
    }
    world
}

fn place(world: &mut World, worker: &Worker, name: &str) {
    world.add("main", name);
    if worker.cordoned == 2 {
        cordoned_by_us(world, name);
    }
    if worker.serves {
        world.serves("main", name);
    }
    if worker.carries_other {
        world.pod("main", name, Some("other"), PodState::Ready);
    }
    let serial = Identity {
        private_ip: Some("10.0.0.7".parse().expect("an address")),
        serial: Some(format!("serial-{name}")),
        provider_id: None,
    };
    let node = world.node("main", name);
    node.ready = worker.ready;
    node.schedulable = worker.cordoned == 0;
    let identity = match worker.identity {
        0 => {
            return if worker.off {
                world.instance(name).state = InstanceState::Stopped
            };
        }
        1 => serial,
        2 => Identity::default(),
        _ => Identity { provider_id: Some("cloud/twin".to_owned()), ..Identity::default() },
    };
    node.identity = identity.clone();
    world.instance(name).identity = identity.clone();
    if worker.identity == 3 {
        world.add("spare", &format!("twin-of-{name}"));
        world.instance(&format!("twin-of-{name}")).identity = identity;
    }
}

/// A plan of ours cordoned it and left it so.
fn cordoned_by_us(world: &mut World, name: &str) {
    let Ok(plan) = world.plan(&format!("/node cordon main/{name}")) else { return };
    let (id, hash) = (world.state.next_plan(), plan.hash());
    let mut record = |kind| world.record(Some("mei"), None, kind);
    record(Kind::PlanProposed { plan: id, body: Box::new(plan), hash: hash.clone() });
    record(Kind::PlanApproved { plan: id, hash });
    let outcome = StepOutcome::Succeeded { result: StepResult::SchedulableWas { before: true } };
    record(Kind::StepEnded { plan: id, step: 0, outcome });
    record(Kind::PlanEnded { plan: id, proven: true, left: Default::default() });
}

fn target(workers: usize) -> impl Strategy<Value = String> {
    let some = proptest::collection::btree_set(1..=workers.max(1), 1..=workers.clamp(1, 6));
    let some = some.prop_map(|numbers| {
        numbers.into_iter().map(|number| format!("wk-{number}")).collect::<Vec<_>>().join(",")
    });
    prop_oneof![
        6 => some,
        2 => Just("all".to_owned()),
        1 => Just("failing".to_owned()),
        1 => Just("pool:peak".to_owned()),
        1 => Just("cp-1".to_owned()),
    ]
}

fn line(workers: usize) -> impl Strategy<Value = String> {
    let over = prop_oneof![4 => Just(""), 1 => Just(" override:\"the site is down\"")];
    let mode = prop_oneof![Just("canary"), Just("rolling"), Just("emergency")];
    let verb = prop_oneof![
        8 => Just("reboot"), 2 => Just("drain"), 1 => Just("cordon"), 1 => Just("uncordon"), 2 => Just("remove"),
        2 => Just("move"), 1 => Just("add"), 1 => Just("run"), 1 => Just("swap"),
    ];
    (verb, target(workers), mode, over, 1..5_u32).prop_map(|(verb, target, mode, over, count)| match verb {
        "reboot" => format!("/node reboot target:{target} mode:{mode}{over}"),
        "move" => format!("/node move target:{target} to-cluster:spare{over}"),
        "remove" => format!("/node remove target:{target}{over}"),
        "add" => format!("/node add {count} peak"),
        "run" => "/capacity run morning".to_owned(),
        "swap" => format!("/cluster swap spare{over}"),
        verb => format!("/node {verb} {target}"),
    })
}

/// A fleet, and what is asked of it.
pub(crate) fn asked() -> impl Strategy<Value = (String, WorldShown)> {
    (proptest::collection::vec(worker(), 0..9), 0..2_usize, around()).prop_flat_map(
        |(workers, spare, around)| {
            let world = WorldShown(build(&workers, spare, &around), format!("{workers:?} {around:?}"));
            (line(workers.len()), Just(world))
        },
    )
}

/// A world that is told by what it was made from.
#[derive(Clone)]
pub(crate) struct WorldShown(pub(crate) World, pub(crate) String);

impl std::fmt::Debug for WorldShown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.1)
    }
}

/// One plan and the fleet it was made for.
struct Planned<'a> {
    plan: &'a Plan,
    world: &'a World,
}

impl Planned<'_> {
    fn serving(&self) -> BTreeSet<NodeName> {
        let pods = self.world.facts.clusters[&cluster("main")].pods.values();
        let serves = pods.filter(|pod| {
            pod.state == PodState::Ready && pod.service.as_ref().is_some_and(|name| name.as_str() == "blog")
        });
        serves.filter_map(|pod| pod.node.clone()).collect()
    }

    /// Nodes that serve after each step, played by hand.
    fn played(&self) -> Vec<BTreeSet<NodeName>> {
        let was = self.serving();
        let mut gone: BTreeMap<&NodeName, bool> = BTreeMap::new();
        let mut after = Vec::new();
        for step in &self.plan.steps {
            match step {
                Step::Drain { node, .. } | Step::Reboot { node, .. } => _ = gone.insert(node, true),
                Step::Stop { node, .. } | Step::Reimage { node, .. } => _ = gone.insert(node, true),
                Step::Uncordon { node, .. } => _ = gone.insert(node, false),
                _ => {}
            }
            after.push(was.iter().filter(|node| gone.get(node) != Some(&true)).cloned().collect());
        }
        after
    }

    fn fewest(&self) -> usize {
        self.played().iter().map(BTreeSet::len).min().unwrap_or(self.serving().len())
    }

    fn is_emergency(&self) -> bool {
        self.plan.verb == Verb::NodeReboot { mode: RebootMode::Emergency }
    }

    fn boots(&self) -> Vec<&NodeName> {
        let boots = self.plan.steps.iter().filter_map(|step| match step {
            Step::Reboot { node, .. } => Some(node),
            _ => None,
        });
        boots.collect()
    }

    fn takes_away(&self) -> bool {
        self.plan.steps.iter().any(guard::takes_away)
    }
}

/// Every plan that comes of what is asked keeps it.
fn keeps(
    (line, WorldShown(world, _)): (String, WorldShown),
    kept: impl FnOnce(&Planned<'_>) -> Result<(), String>,
) -> Result<(), TestCaseError> {
    let Ok(plan) = world.plan(&line) else { return Ok(()) };
    kept(&Planned { plan: &plan, world: &world })
        .map_err(|why| TestCaseError::fail(format!("{line}: {why}\n{:#?}", plan.steps)))
}

fn so(holds: bool, why: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(why.to_owned()) }
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
        keeps(asked, |planned| {
            let named = format!("{:?}{:?}", planned.plan.steps, planned.plan.targets);
            so(!named.contains("cp-1"), "it names the control plane")
        })?;
    }

    #[test]
    fn careful_modes_never_take_the_last_node_that_serves(asked in asked()) {
        keeps(asked, |planned| {
            let careful = !planned.is_emergency() && planned.takes_away() && !planned.serving().is_empty();
            so(!careful || planned.fewest() > 0, "nothing serves in between")
        })?;
    }

    #[test]
    fn rolling_and_canary_never_take_more_than_the_allowed_share_at_once(asked in asked()) {
        keeps(asked, |planned| {
            let Verb::NodeReboot { mode: RebootMode::Rolling | RebootMode::Canary } = planned.plan.verb else {
                return Ok(());
            };
            let percent = planned.world.fleet.limits.at_once_percent as usize;
            let allowed = |of: usize| (of * percent / 100).max(1);
            let serving = planned.serving().len();
            so(serving - planned.fewest() <= allowed(serving), "too many that serve are away")?;
            let wanted = planned.world.fleet.clusters[0].wanted as usize;
            let mut down = BTreeSet::new();
            for step in &planned.plan.steps {
                match step {
                    Step::Reboot { node, .. } => _ = down.insert(node),
                    Step::AwaitBoot { node, .. } => _ = down.remove(node),
                    _ => {}
                }
                so(down.len() <= allowed(wanted), "too many are down")?;
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_canary_is_one_node(asked in asked()) {
        keeps(asked, |planned| {
            let canary = planned.plan.verb == Verb::NodeReboot { mode: RebootMode::Canary };
            so(!canary || planned.boots().len() == 1, "it boots several")
        })?;
    }

    #[test]
    fn a_node_that_carries_pods_is_drained_before_it_boots_unless_the_site_is_down(asked in asked()) {
        keeps(asked, |planned| {
            let busy = planned.world.facts.clusters[&cluster("main")].busy();
            let mut drained = BTreeSet::new();
            for step in &planned.plan.steps {
                match step {
                    Step::Drain { node, .. } => _ = drained.insert(node.clone()),
                    Step::Reboot { node, .. } if busy.contains(node) && !planned.is_emergency() => {
                        so(drained.contains(node), "pods are killed")?;
                    }
                    _ => {}
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn what_took_pods_before_a_boot_takes_them_after_it(asked in asked()) {
        keeps(asked, |planned| {
            for booted in planned.boots() {
                let was = planned.world.facts.clusters[&cluster("main")].nodes[booted].schedulable;
                let last = planned.plan.steps.iter().rev().find_map(|step| match step {
                    Step::Cordon { node, .. } if node == booted => Some(false),
                    Step::Uncordon { node, .. } if node == booted => Some(true),
                    _ => None,
                });
                so(!was || last != Some(false), "it stays cordoned")?;
            }
            Ok(())
        })?;
    }

    #[test]
    fn the_proof_is_the_last_step_and_the_only_one(asked in asked()) {
        keeps(asked, |planned| {
            let proofs = planned.plan.steps.iter().filter(|step| matches!(step, Step::Prove { .. })).count();
            so(proofs == 1 && matches!(planned.plan.steps.last(), Some(Step::Prove { .. })), "no proof")
        })?;
    }

    #[test]
    fn no_machine_is_touched_that_is_not_surely_the_one_behind_its_node(asked in asked()) {
        keeps(asked, |planned| {
            for step in &planned.plan.steps {
                let (Step::Reboot { node, instance, .. }
                | Step::Leave { node, instance, .. }
                | Step::Reimage { node, instance, .. }
                | Step::Stop { node, instance, .. }) = step
                else {
                    continue;
                };
                let ours = &planned.world.facts.clusters[&cluster("main")].nodes[node].identity;
                let machines = planned.world.facts.clouds.values().flat_map(|cloud| cloud.instances.values());
                let same: Vec<_> = machines
                    .filter(|one| match (&ours.provider_id, &one.identity.provider_id) {
                        (Some(ours), Some(theirs)) => ours == theirs,
                        _ => {
                            ours.private_ip.is_some()
                                && ours.private_ip == one.identity.private_ip
                                && ours.serial.is_some()
                                && ours.serial == one.identity.serial
                        }
                    })
                    .map(|one| &one.id)
                    .collect();
                so(same == [instance], "the machine is unclear")?;
            }
            Ok(())
        })?;
    }

    #[test]
    fn what_changes_machines_asks_somebody_and_what_cannot_be_taken_back_asks_two(asked in asked()) {
        keeps(asked, |planned| {
            let plan = planned.plan;
            let two = planned.is_emergency()
                || matches!(plan.verb, Verb::NodeMove { .. } | Verb::NodeRemove | Verb::ClusterSwap { .. });
            let least = match &plan.override_reason {
                None if two => Consent::TwoPeople,
                _ if matches!(plan.verb, Verb::NodeCordon | Verb::NodeUncordon) => Consent::Given,
                _ => Consent::Confirm,
            };
            so(plan.consent >= least, "too few are asked")
        })?;
    }

    #[test]
    fn a_drain_beyond_the_allowed_share_asks_two(asked in asked()) {
        keeps(asked, |planned| {
            let drains = planned.plan.verb == Verb::NodeDrain;
            let serving = planned.serving().len();
            let percent = planned.world.fleet.limits.at_once_percent as usize;
            let beyond = serving - planned.fewest() > (serving * percent / 100).max(1);
            so(!drains || !beyond || planned.plan.consent == Consent::TwoPeople, "one is enough")
        })?;
    }

    #[test]
    fn a_reboot_gives_no_machine_back(asked in asked()) {
        keeps(asked, |planned| {
            let reboots = matches!(planned.plan.verb, Verb::NodeReboot { .. });
            let gives = |step: &Step| {
                matches!(step, Step::Stop { .. } | Step::Reimage { .. } | Step::Leave { .. } | Step::Obtain { .. })
            };
            so(!reboots || !planned.plan.steps.iter().any(gives), "a machine is given back")
        })?;
    }

    #[test]
    fn in_an_emergency_one_is_looked_at_before_any_other_boots_and_what_serves_comes_last(asked in asked()) {
        keeps(asked, |planned| {
            if !planned.is_emergency() {
                return Ok(());
            }
            let boots = planned.boots();
            let second = planned.plan.steps.iter().position(
                |step| matches!(step, Step::Reboot { node, .. } if boots.get(1) == Some(&node)),
            );
            let looked = planned.plan.steps.iter().position(
                |step| matches!(step, Step::Probe { node, must_pass: true, .. } if node == boots[0]),
            );
            so(second.is_none() || looked < second && looked.is_some(), "no canary")?;
            // What is in quarantine may follow.
            let nodes = &planned.world.facts.clusters[&cluster("main")].nodes;
            let open = boots.iter().filter(|node| nodes.get(**node).is_some_and(|node| node.schedulable));
            let serves: Vec<bool> = open.map(|node| planned.serving().contains(*node)).collect();
            so(serves.is_sorted(), "what serves boots before what does not")?;
            so(planned.serving().len() - planned.fewest() <= 1, "several that serve are away")
        })?;
    }

    #[test]
    fn the_floors_are_all_there_and_hold_at_the_lowest_point(asked in asked()) {
        keeps(asked, |planned| {
            let plan = planned.plan;
            let least = plan.floors.iter().find_map(|floor| match floor {
                Floor::Serving { least, .. } => Some(*least as usize),
                _ => None,
            });
            so(least.is_some_and(|least| least <= planned.fewest()), "the floor of serving nodes")?;
            so(plan.floors.contains(&Floor::NoControlPlane), "no floor for the control plane")?;
            let thaw = Floor::NotFrozen { cluster: cluster("main") };
            so(plan.floors.contains(&thaw) != plan.override_reason.is_some(), "the freeze")?;
            let majority = |floor: &Floor| matches!(floor, Floor::ManagerMajority { .. });
            so(plan.floors.iter().any(majority), "no floor for managers")
        })?;
    }

    #[test]
    fn no_plan_touches_a_frozen_cluster_without_the_override(asked in asked()) {
        keeps(asked, |planned| {
            let frozen = planned.world.state.frozen.contains_key(&cluster("main"));
            so(!frozen || planned.plan.override_reason.is_some(), "it is frozen")
        })?;
    }

    #[test]
    fn the_way_back_is_a_line_that_can_be_typed(asked in asked()) {
        keeps(asked, |planned| {
            if let Undo::By { line } = &planned.plan.undo {
                is_a_line(line);
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_new_node_is_let_in_only_after_it_joined(asked in asked()) {
        keeps(asked, |planned| {
            let mut joined = BTreeSet::new();
            for step in &planned.plan.steps {
                match step {
                    Step::Join { slot, .. } => _ = joined.insert(*slot),
                    Step::Admit { slot, .. } => so(joined.remove(slot), "let in before it joined")?,
                    _ => {}
                }
            }
            so(joined.is_empty(), "joined and never let in")
        })?;
    }

    #[test]
    fn no_rung_that_spends_money_runs_without_a_person_while_there_is_no_budget(asked in asked()) {
        let (_, WorldShown(mut world, _)) = asked;
        world.fleet.schedules[0].starts = lifeboat_commands::fleet::Starts::Lifeboat;
        let plan = world.scene("mei", |scene| {
            lifeboat_commands::planner::add::by_itself(scene, &scene.fleet.schedules[0])
        });
        if let Ok(plan) = plan {
            let buys = |step: &Step| matches!(step, Step::Obtain { rung: Rung::Launch(_), .. });
            prop_assert!(!plan.steps.iter().any(buys), "{:#?}", plan.steps);
            prop_assert_eq!(plan.consent, Consent::Given);
        }
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
