//! Any fleet, in any trouble, and anything that may be asked of it.

use chrono::TimeDelta;
use lifeboat_commands::facts::{Identity, InstanceState, NodeRole, PodState, Ready};
use lifeboat_storage::event::{Kind, Share};
use lifeboat_storage::id::PlanId;
use lifeboat_storage::plan::{Plan, StepOutcome, StepResult};
use proptest::prelude::*;

use crate::world::{World, cluster};

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

/// Why nothing may be planned just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    None,
    Frozen,
    NoMajority,
    OldFacts,
    AtWork,
}

/// What is configured, how the service fares, and what stands in the way.
type Around = (u32, u32, u32, u8, Trouble);

fn around() -> impl Strategy<Value = Around> {
    let at_once = prop_oneof![Just(34), 0..=100_u32];
    let trouble = prop_oneof![
        16 => Just(Trouble::None),
        1 => Just(Trouble::Frozen),
        1 => Just(Trouble::NoMajority),
        1 => Just(Trouble::OldFacts),
        1 => Just(Trouble::AtWork),
    ];
    (0..10_u32, at_once, 0..6_u32, 0..3_u8, trouble)
}

fn build(workers: &[Worker], spare: usize, around: &Around) -> World {
    let (wanted, at_once, batch, failing, trouble) = *around;
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
    match trouble {
        Trouble::None => {}
        Trouble::Frozen => frozen(&mut world),
        Trouble::NoMajority => no_majority(&mut world),
        Trouble::OldFacts => old_facts(&mut world),
        Trouble::AtWork => at_work(&mut world),
    }
    world
}

pub(crate) fn frozen(world: &mut World) {
    let reason = "what runs there is protected".to_owned();
    world.record(Some("mei"), None, Kind::ClusterFrozen { cluster: cluster("main"), reason });
}

pub(crate) fn no_majority(world: &mut World) {
    world.seen("main").managers = (1, 3);
}

pub(crate) fn old_facts(world: &mut World) {
    world.seen("main").as_of = Some(world.now - TimeDelta::seconds(61));
}

/// A plan of ours is at work there, where there is a node for one.
pub(crate) fn at_work(world: &mut World) {
    if let Ok(plan) = world.plan("/node cordon main/wk-1") {
        begun(world, plan);
    }
}

/// A plan is proposed and approved.
pub(crate) fn begun(world: &mut World, plan: Plan) -> PlanId {
    let (id, hash) = (world.state.next_plan(), plan.hash());
    world.record(
        Some("mei"),
        None,
        Kind::PlanProposed { plan: id, body: Box::new(plan), hash: hash.clone() },
    );
    world.record(Some("mei"), None, Kind::PlanApproved { plan: id, hash });
    id
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
    let plan = begun(world, plan);
    let outcome = StepOutcome::Succeeded { result: StepResult::SchedulableWas { before: true } };
    world.record(Some("mei"), None, Kind::StepEnded { plan, step: 0, outcome });
    world.record(Some("mei"), None, Kind::PlanEnded { plan, proven: true, left: Default::default() });
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
