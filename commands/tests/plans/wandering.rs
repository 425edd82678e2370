//! A job that eats node after node: when it is told, and what is closed to it and opened again.

use std::collections::BTreeSet;

use lifeboat_commands::diagnose::Verdict;
use lifeboat_commands::facts::{InstanceState, Loss, PodState, ProbeResult, Ready};
use lifeboat_storage::id::ServiceName;
use lifeboat_storage::plan::{Evidence, ProbeKind};

use crate::diagnosing::{check, found, whole};
use crate::world::{Deed, SERVICE, World, cluster, machine, node};

/// Node after node went down under a job that sits on wk-3 now; wk-1 came back, and wk-2 has not yet.
fn eaten() -> World {
    let mut world = whole();
    world.pod("main", "wk-3", None, PodState::Ready);
    let job = world.seen("main").pods.values().find(|pod| pod.service.is_none()).expect("the job");
    let workloads = BTreeSet::from([job.name.clone()]);
    for name in ["wk-1", "wk-2"] {
        world.seen("main").pods.retain(|_, pod| pod.node != Some(node(name)));
        let (cluster, at, workloads) = (cluster("main"), world.now, workloads.clone());
        world.facts.memory.losses.push(Loss { cluster, node: node(name), at, workloads });
    }
    world.node("main", "wk-2").ready = Ready::No;
    world
}

#[test]
fn what_a_wandering_job_ate_is_opened_again_two_at_a_time_and_closed_again_to_the_job() {
    let mut world = eaten();
    for name in ["wk-6", "wk-7", "wk-8", "wk-9"] {
        world.node("main", name).schedulable = false;
    }
    check(&world, Some("node-loss/some-nodes"), Some(Verdict::Wanderer));
    assert_eq!(found(&world).actions, ["/node cordon wk-1,wk-2,wk-4,wk-5"], "the job is kept on wk-3");
    for name in ["wk-1", "wk-2", "wk-4", "wk-5"] {
        world.node("main", name).schedulable = false;
    }
    assert_eq!(found(&world).actions, [""; 0], "the job might take the only one");
    world.node("main", "wk-2").ready = Ready::Yes;
    assert_eq!(found(&world).actions, ["/node uncordon wk-1,wk-2"]);
    let mut sick = world.clone();
    sick.probe("main", "wk-1", ProbeKind::Egress, ProbeResult::Fail(Evidence::default()));
    assert_eq!(found(&sick).actions, [""; 0], "pods would not start there");
    world.seen("main").wanted_pods.insert(ServiceName::new(SERVICE), 3);
    assert_eq!(found(&world).actions, [""; 0], "nothing waits for room");
}

#[test]
fn no_more_nodes_fell_under_a_job_than_there_are() {
    let mut world = eaten();
    let share = |world: &World| {
        let found = found(world);
        assert_eq!(found.share.total, u64::from(found.looked_at));
        (found.share.bad, found.share.total)
    };
    let workers = u64::try_from(world.seen("main").workers().count()).expect("a small number");
    assert_eq!(share(&world), (2, workers));
    let names: Vec<_> =
        world.seen("main").nodes.keys().filter(|name| **name != node("wk-3")).cloned().collect();
    for name in names {
        world.node("main", name.as_str()).ready = Ready::No;
    }
    assert_eq!(share(&world), (2, workers), "one is left, two fell");
}

#[test]
fn nodes_whose_machines_were_taken_back_or_stopped_fell_under_no_job() {
    let rows: [Deed; 3] = [
        ("stopped", |world| world.instance("wk-1").state = InstanceState::Stopped),
        ("taken back", |world| _ = world.cloud().instances.remove(&machine("wk-1"))),
        ("forgotten", |world| _ = world.seen("main").nodes.remove(&node("wk-1"))),
    ];
    for (how, take) in rows {
        let mut world = eaten();
        take(&mut world);
        assert_eq!(found(&world).verdict, Some(Verdict::TooFew), "{how}");
    }
}

#[test]
fn nothing_is_closed_to_a_job_where_pods_would_have_no_other_place() {
    let mut shut = eaten();
    shut.node("main", "wk-3").schedulable = false;
    assert_eq!(found(&shut).actions, [""; 0], "no node would stay open");
    let mut last = eaten();
    last.seen("main").pods.retain(|_, pod| pod.service.is_none() || pod.node == Some(node("wk-3")));
    assert_eq!(found(&last).actions, [""; 0], "no other node carries the service");
}

#[test]
fn nodes_that_were_closed_to_a_job_are_opened_where_nobody_gets_through_since() {
    let mut world = eaten();
    for name in ["wk-1", "wk-2", "wk-4", "wk-5"] {
        world.node("main", name).schedulable = false;
    }
    let entry = world.facts.traffic.values_mut().next().expect("the entry");
    entry.health.insert(cluster("main"), false);
    check(&world, Some("entry/some-nodes"), Some(Verdict::Cordoned));
    assert_eq!(found(&world).actions, ["/node uncordon wk-4,wk-5"]);
}

#[test]
fn nodes_to_be_closed_are_told_from_those_of_another_cluster_with_the_same_name() {
    let mut world = eaten();
    for name in ["wk-6", "wk-7", "wk-8", "wk-9"] {
        world.node("main", name).schedulable = false;
    }
    world.add("spare", "wk-4");
    assert_eq!(found(&world).actions, ["/node cordon wk-1,wk-2,main/wk-4,wk-5"]);
}
