//! Can a cluster take the load now? Each answer alone can say no.

use chrono::TimeDelta;
use lifeboat_commands::facts::{PodState, ProbeResult, Ready};
use lifeboat_commands::preflight;
use lifeboat_storage::id::TrafficName;
use lifeboat_storage::plan::{Evidence, ProbeKind};

use crate::world::{World, cluster};

#[track_caller]
fn red(world: &World, expected: &[(&str, &str)]) {
    let found = preflight::check(&cluster("spare"), &world.facts, &world.fleet, world.now);
    let found: Vec<(&str, &str)> = found.iter().map(|(key, seen)| (key.as_str(), seen.0.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_sound_standby_is_green() {
    red(&World::morning(), &[]);
}

#[test]
fn each_answer_alone_can_say_no_and_tells_what_was_seen() {
    let changed = |how: &dyn Fn(&mut World)| {
        let mut world = World::morning();
        how(&mut world);
        world
    };
    let fail = || ProbeResult::Fail(Evidence("no such host".to_owned()));
    let unknown = || ProbeResult::Unknown(Evidence("no canary".to_owned()));
    red(
        &changed(&|world| world.seen("spare").as_of = Some(world.now - TimeDelta::seconds(61))),
        &[("facts", "61 s old")],
    );
    red(&changed(&|world| world.seen("spare").as_of = None), &[("facts", "never seen")]);
    red(&changed(&|world| world.node("spare", "sp-1").schedulable = false), &[("nodes", "1/2")]);
    red(&changed(&|world| world.node("spare", "sp-1").ready = Ready::Unknown), &[("nodes", "1/2")]);
    red(&changed(&|world| world.seen("spare").managers = (1, 2)), &[("managers", "1/2")]);
    red(&changed(&|world| world.seen("spare").managers = (0, 0)), &[("managers", "0/0")]);
    red(
        &changed(&|world| _ = world.probe("spare", "sp-1", ProbeKind::NameResolution, fail())),
        &[("name-resolution", "1/2")],
    );
    // What is not known is no.
    red(
        &changed(&|world| _ = world.probe("spare", "sp-2", ProbeKind::Egress, unknown())),
        &[("egress", "1/2")],
    );
    red(&changed(&|world| world.facts.traffic.clear()), &[("answers", "?")]);
    let failing = PodState::Failing {
        reason: "CrashLoopBackOff".to_owned(),
        restarts: 3,
        signature: "config".to_owned(),
        evidence: Evidence::default(),
    };
    red(&changed(&|world| _ = world.pod("spare", "sp-1", None, failing.clone())), &[("failed-starts", "1")]);
    red(&changed(&|world| world.seen("spare").pods.retain(|name, _| name != "pod-0")), &[("serving", "1/2")]);
    let www = TrafficName::new("www");
    red(
        &changed(&|world| {
            _ = world
                .facts
                .traffic
                .get_mut(&www)
                .and_then(|facts| facts.health.insert(cluster("spare"), false));
        }),
        &[("answers", "false")],
    );
}

#[test]
fn probes_say_nothing_after_five_minutes() {
    let mut world = World::morning();
    world.wait(TimeDelta::seconds(300));
    red(&world, &[]);
    world.wait(TimeDelta::seconds(1));
    let all = "2/2";
    red(&world, &[("agent", all), ("egress", all), ("image-pull", all), ("name-resolution", all)]);
}

#[test]
fn a_cluster_nobody_has_seen_is_red_at_everything_that_counts() {
    let mut world = World::morning();
    world.facts.clusters.remove(&cluster("spare"));
    red(&world, &[("facts", "never seen"), ("managers", "0/0"), ("nodes", "0/2"), ("serving", "0/2")]);
}
