//! Which nodes a target means.

use lifeboat_commands::facts::{Identity, NodeRole, Ready};
use lifeboat_commands::planner::target;
use lifeboat_commands::refusal::{FleetRefusal, Named, Refusal};

use crate::world::{World, cluster, machine, node};

#[track_caller]
fn means(world: &World, typed: &str, of: &str, nodes: &[&str]) {
    world.scene("mei", |scene| match target::meant(scene, typed) {
        Ok(meant) => {
            let found: Vec<&str> = meant.nodes.iter().map(|node| node.name.as_str()).collect();
            assert_eq!((meant.cluster.name.as_str(), found.as_slice()), (of, nodes), "{typed}");
        }
        Err(why) => panic!("{typed}: {why:?}"),
    });
}

#[track_caller]
fn refused(world: &World, typed: &str) -> Refusal {
    world.scene("mei", |scene| match target::meant(scene, typed) {
        Ok(meant) => panic!("{typed} means {} nodes", meant.nodes.len()),
        Err(why) => why,
    })
}

#[test]
fn names_are_read_with_any_comma_between_and_once_each() {
    let world = World::morning();
    means(&world, "wk-1", "main", &["wk-1"]);
    means(&world, "wk-2,wk-1", "main", &["wk-1", "wk-2"]);
    means(&world, "wk-1,,wk-1,", "main", &["wk-1"]);
    means(&world, "wk-1，wk-2、wk-3", "main", &["wk-1", "wk-2", "wk-3"]);
    means(&world, "wk-1 wk-2", "main", &["wk-1", "wk-2"]);
    means(&world, "sp-1", "spare", &["sp-1"]);
    means(&world, "main/wk-1,wk-1", "main", &["wk-1"]);
}

#[test]
fn groups_are_of_the_cluster_that_carries_traffic_and_leave_out_what_is_switched_off() {
    let mut world = World::outage(&["wk-3", "wk-4", "wk-5"]);
    means(&world, "all", "main", &["wk-1", "wk-2", "wk-3", "wk-4", "wk-5"]);
    means(&world, "failing", "main", &["wk-1", "wk-2"]);
    world.node("main", "wk-4").ready = Ready::Unknown;
    means(&world, "failing", "main", &["wk-1", "wk-2", "wk-4"]);
    let traffic = world.facts.traffic.values_mut().next().expect("the entry");
    traffic.weights.iter_mut().for_each(|weight| weight.percent = 100 - weight.percent);
    means(&world, "all", "spare", &["sp-1", "sp-2"]);
}

#[test]
fn a_pool_is_what_stands_on_its_machines_and_is_switched_on() {
    let mut world = World::morning();
    world.instance("wk-6").state = lifeboat_commands::facts::InstanceState::Running;
    world.node("main", "wk-6").ready = Ready::Yes;
    means(&world, "pool:peak", "main", &["wk-6"]);
    // Which machine it is cannot be told: it is in no pool.
    world.node("main", "wk-6").identity = Identity::default();
    assert_eq!(refused(&world, "pool:peak"), FleetRefusal::NoTarget { typed: "peak".to_owned() }.into());
}

#[test]
fn a_node_that_several_clusters_have_is_never_guessed() {
    let mut world = World::morning();
    world.add("spare", "wk-1");
    let clusters = vec![cluster("main"), cluster("spare")];
    assert_eq!(
        refused(&world, "wk-1"),
        FleetRefusal::SeveralSuch { typed: "wk-1".to_owned(), clusters }.into()
    );
    means(&world, "spare/wk-1", "spare", &["wk-1"]);
    means(&world, "main/wk-1", "main", &["wk-1"]);
}

#[test]
fn what_is_handed_out_means_the_node_it_was_handed_out_for() {
    let mut world = World::morning();
    world.add("spare", "wk-1").add("main", "all").add("main", "failing");
    for (of, name) in
        [("main", "wk-1"), ("spare", "wk-1"), ("main", "wk-2"), ("main", "all"), ("main", "failing")]
    {
        let typed = target::address(&world.fleet, &world.facts, &cluster(of), &node(name));
        means(&world, &typed, of, &[name]);
    }
    assert_eq!(target::address(&world.fleet, &world.facts, &cluster("main"), &node("wk-2")), "wk-2");
}

#[test]
fn what_is_no_worker_is_refused_by_name() {
    let mut world = World::morning();
    assert_eq!(refused(&world, "cp-1"), FleetRefusal::ControlPlane { node: node("cp-1") }.into());
    assert_eq!(refused(&world, "wk-1,cp-1"), FleetRefusal::ControlPlane { node: node("cp-1") }.into());
    assert_eq!(refused(&world, ","), FleetRefusal::NoTarget { typed: ",".to_owned() }.into());
    assert_eq!(refused(&world, "wk-1,sp-1"), FleetRefusal::NoTarget { typed: "wk-1,sp-1".to_owned() }.into());
    assert_eq!(refused(&world, "failing"), FleetRefusal::NoTarget { typed: "failing".to_owned() }.into());
    let known = vec!["peak".to_owned()];
    let no_pool = FleetRefusal::NoSuch { what: Named::Pool, typed: "x".to_owned(), known };
    assert_eq!(refused(&world, "pool:x"), no_pool.into());
    let Refusal::Fleet(FleetRefusal::NoSuch { known, .. }) = refused(&world, "wk-99") else {
        panic!("found")
    };
    assert!(known.contains(&"wk-1".to_owned()) && !known.contains(&"cp-1".to_owned()), "{known:?}");
    assert_eq!(refused(&world, "main/sp-1").key(), "no-such-node");
    world.fleet.clusters.clear();
    assert_eq!(refused(&world, "wk-1"), FleetRefusal::NothingConfigured.into());
}

#[test]
fn nothing_is_planned_on_facts_that_are_old_or_were_never_read() {
    let mut world = World::morning();
    world.now += chrono::TimeDelta::seconds(60);
    means(&world, "wk-1", "main", &["wk-1"]);
    world.now += chrono::TimeDelta::seconds(1);
    assert_eq!(refused(&world, "wk-1"), FleetRefusal::FactsOld { cluster: cluster("main") }.into());
    // Of facts from a time ahead nobody can say how old they are.
    world.now -= chrono::TimeDelta::minutes(10);
    assert_eq!(refused(&world, "wk-1").key(), "facts-old");
    world.seen("main").as_of = None;
    assert_eq!(refused(&world, "wk-1").key(), "facts-old");
}

#[test]
fn a_machine_is_told_by_provider_id_or_by_address_and_serial_together() {
    let serial = |ip: &str, serial: &str| Identity {
        provider_id: None,
        private_ip: Some(ip.parse().expect("an address")),
        serial: Some(serial.to_owned()),
    };
    let mut world = World::morning();
    let machine_of = |world: &World| {
        world.scene("mei", |scene| {
            let meant = target::meant(scene, "wk-1").expect("a node");
            target::machine(scene, meant.cluster, meant.nodes[0])
        })
    };
    assert_eq!(machine_of(&world), Ok(machine("wk-1")));
    world.node("main", "wk-1").identity = serial("10.0.0.1", "a");
    world.instance("wk-1").identity = serial("10.0.0.1", "a");
    assert_eq!(machine_of(&world), Ok(machine("wk-1")));
    // Two nodes swapped their addresses: neither is guessed, both machines are shown.
    world.instance("wk-1").identity = serial("10.0.0.2", "a");
    world.instance("wk-2").identity = serial("10.0.0.1", "b");
    let candidates = vec![machine("wk-1"), machine("wk-2")];
    let unclear = FleetRefusal::Unclear { node: node("wk-1"), candidates };
    assert_eq!(machine_of(&world), Err(unclear.into()));
    // Two machines answer to the same provider id.
    let twin = Identity { provider_id: Some("cloud/x".to_owned()), ..Identity::default() };
    for name in ["wk-1", "wk-2"] {
        world.instance(name).identity = twin.clone();
    }
    world.node("main", "wk-1").identity = twin;
    let Err(Refusal::Fleet(FleetRefusal::Unclear { candidates, .. })) = machine_of(&world) else {
        panic!("one was guessed")
    };
    assert_eq!(candidates, [machine("wk-1"), machine("wk-2")]);
}

#[test]
fn every_verb_that_touches_a_machine_refuses_one_that_is_unclear() {
    let mut world = World::outage(&["wk-5"]);
    world.node("main", "wk-1").identity = Identity::default();
    for line in [
        "/node reboot wk-1 canary",
        "/node reboot failing rolling",
        "/node reboot all emergency override:\"the site is down\"",
        "/node remove wk-1 override:hurry",
        "/node move wk-1 spare override:hurry",
    ] {
        assert_eq!(world.refused("mei", line), "unclear", "{line}");
    }
    // What touches no machine goes on.
    world.plan("/node cordon wk-1").expect("a plan");
    world.node("main", "cp-1").role = NodeRole::ControlPlane;
    assert_eq!(world.refused("mei", "/node cordon cp-1"), "control-plane");
}
