//! What is wrong, how far it reaches, and what to do first.

use chrono::TimeDelta;
use lifeboat_commands::diagnose::next::{self, Ground};
use lifeboat_commands::diagnose::{Diagnosis, Verdict, diagnose, standby, worst_row};
use lifeboat_commands::facts::{Facts, PodState, ProbeResult, Ready};
use lifeboat_storage::event::{Kind, Share};
use lifeboat_storage::plan::{Evidence, FailedBy, ProbeKind, Step, StepOutcome};

use crate::world::{World, cluster, is_a_line, names, node};

pub(crate) fn found(world: &World) -> Diagnosis {
    diagnose(&cluster("main"), &world.facts, &world.fleet)
}

fn fail() -> ProbeResult {
    ProbeResult::Fail(Evidence("no".to_owned()))
}

#[track_caller]
pub(crate) fn check(world: &World, signature: Option<&str>, verdict: Option<Verdict>) {
    let found = found(world);
    assert_eq!((found.signature().as_deref(), found.verdict), (signature, verdict));
}

/// Nine are wanted and nine are there, else too few is all that is seen.
pub(crate) fn whole() -> World {
    let mut world = World::morning();
    world.fleet.clusters[0].wanted = 5;
    world
}

#[test]
fn where_nothing_fails_nothing_is_found() {
    check(&whole(), None, None);
    assert_eq!(found(&whole()).recorded(&cluster("main")), None);
    let mut unseen = whole();
    unseen.facts = Facts::default();
    check(&unseen, None, None);
}

#[test]
fn the_signature_tells_what_fails_and_how_far_it_reaches() {
    let mut world = whole();
    world.fails("main", "wk-1");
    check(&world, Some("name-resolution/one-node"), Some(Verdict::NodePath));
    world.fails("main", "wk-2");
    check(&world, Some("name-resolution/some-nodes"), Some(Verdict::NodePath));
    for name in ["wk-3", "wk-4", "wk-5"] {
        world.fails("main", name);
    }
    check(&world, Some("name-resolution/all-nodes"), Some(Verdict::NodePath));
    assert_eq!(
        found(&world).nodes.into_iter().collect::<Vec<_>>(),
        names(&["wk-1", "wk-2", "wk-3", "wk-4", "wk-5"])
    );
    let recorded = Kind::Diagnosed {
        cluster: cluster("main"),
        signature: "name-resolution/all-nodes".to_owned(),
        verdict: "node-path".to_owned(),
        share: Share { bad: 5, total: 5 },
    };
    assert_eq!(found(&world).recorded(&cluster("main")), Some(recorded));
}

#[test]
fn each_probe_and_error_points_at_something_of_its_own() {
    let probed = |probe| {
        let mut world = whole();
        world.probe("main", "wk-1", probe, fail());
        world
    };
    check(&probed(ProbeKind::NameResolution), Some("name-resolution/one-node"), Some(Verdict::NodePath));
    check(&probed(ProbeKind::Agent), Some("agent/one-node"), Some(Verdict::Agents));
    check(&probed(ProbeKind::Egress), Some("egress/one-node"), Some(Verdict::Egress));
    check(&probed(ProbeKind::ImagePull), Some("image-pull/one-node"), Some(Verdict::Registry));
    let mut silent = whole();
    silent.node("main", "wk-1").ready = Ready::Unknown;
    check(&silent, Some("agent/one-node"), Some(Verdict::Agents));
    for (signature, verdict) in [
        ("image-pull", Verdict::Registry),
        ("network", Verdict::Egress),
        ("out-of-memory", Verdict::Application),
        ("config", Verdict::Application),
    ] {
        let mut world = whole();
        let state = PodState::Failing {
            reason: "Error".to_owned(),
            restarts: 1,
            signature: signature.to_owned(),
            evidence: Evidence::default(),
        };
        world.pod("main", "wk-1", None, state);
        check(&world, Some(&format!("{signature}/one-node")), Some(verdict));
    }
}

#[test]
fn a_probe_that_could_not_be_made_and_one_on_a_node_that_is_down_say_nothing() {
    let mut world = whole();
    world.probe("main", "wk-1", ProbeKind::NameResolution, ProbeResult::Unknown(Evidence::default()));
    world.probe("main", "wk-6", ProbeKind::NameResolution, fail());
    check(&world, None, None);
}

#[test]
fn fewer_nodes_than_wanted_is_told_only_where_nothing_fails() {
    let mut world = World::morning();
    check(&world, Some("capacity/some-nodes"), Some(Verdict::TooFew));
    world.fails("main", "wk-1");
    check(&world, Some("name-resolution/one-node"), Some(Verdict::NodePath));
}

#[test]
fn the_worst_row_is_the_probe_that_fails_on_most_nodes() {
    let mut world = whole();
    let main = cluster("main");
    assert_eq!(worst_row(&main, &world.facts), None);
    world.probes("main", "wk-1", &ProbeResult::Pass);
    assert_eq!(worst_row(&main, &world.facts), None);
    world.probe("main", "wk-1", ProbeKind::Egress, fail());
    world.probe("main", "wk-1", ProbeKind::NameResolution, fail());
    world.probe("main", "wk-2", ProbeKind::NameResolution, fail());
    assert_eq!(worst_row(&main, &world.facts), Some((ProbeKind::NameResolution, 2, 2)));
}

/// Lines that are offered; each must be one that can be typed.
#[track_caller]
fn offered(world: &World, expected: &[&str]) {
    offered_in(world, "main", expected);
}

#[track_caller]
fn offered_in(world: &World, name: &str, expected: &[&str]) {
    let name = cluster(name);
    let ground = Ground {
        cluster: &name,
        facts: &world.facts,
        fleet: &world.fleet,
        state: &world.state,
        now: world.now,
    };
    let found = diagnose(&name, &world.facts, &world.fleet);
    let lines = next::lines(&found, &ground);
    lines.iter().for_each(|line| is_a_line(line));
    assert_eq!(lines, expected);
}

#[test]
fn one_node_is_booted_first_the_one_with_the_least_to_lose() {
    let mut world = World::outage(&["wk-4", "wk-5"]);
    offered(&world, &["/node reboot target:wk-1 mode:canary", "/node reboot target:failing mode:rolling"]);
    world.serves("main", "wk-1");
    offered(&world, &["/node reboot target:wk-2 mode:canary", "/node reboot target:failing mode:rolling"]);
    offered(&World::outage(&["wk-2", "wk-3", "wk-4", "wk-5"]), &["/node reboot target:wk-1 mode:canary"]);
    let down = ["/node reboot target:wk-1 mode:canary", "/node reboot target:failing mode:emergency"];
    offered(&World::outage(&[]), &down);
    // A name that another cluster has too is told with its cluster.
    let mut world = World::outage(&["wk-2", "wk-3", "wk-4", "wk-5"]);
    world.add("spare", "wk-1");
    offered(&world, &["/node reboot target:main/wk-1 mode:canary"]);
}

#[test]
fn a_canary_that_helped_is_followed_by_the_rest() {
    let mut world = World::outage(&["wk-4", "wk-5"]);
    world.does("mei", "/node reboot wk-1 canary").does("mei", "/plan approve");
    let plan = world.newest();
    world.record(None, None, Kind::PlanEnded { plan, proven: true, left: Default::default() });
    offered(&world, &["/node reboot target:failing mode:rolling"]);
    world.wait(TimeDelta::minutes(30));
    offered(&world, &["/node reboot target:wk-1 mode:canary", "/node reboot target:failing mode:rolling"]);
}

#[test]
fn a_boot_that_failed_twice_is_not_offered_again_and_after_two_such_nodes_another_way_is() {
    let mut world = World::outage(&["wk-5"]);
    let fails = |world: &mut World, name: &str| {
        world.does("mei", &format!("/node reboot {name} canary")).does("mei", "/plan approve");
        let run = &world.state.plans[&world.newest()];
        let at = run.plan.steps.iter().position(|step| matches!(step, Step::Probe { must_pass: true, .. }));
        let by = FailedBy::Probe { probe: ProbeKind::NameResolution, evidence: Evidence::default() };
        world
            .step_ends(u32::try_from(at.expect("it looks")).expect("small"), StepOutcome::Failed { by })
            .plan_fails();
    };
    fails(&mut world, "wk-1");
    offered(&world, &["/node reboot target:wk-1 mode:canary", "/node reboot target:failing mode:rolling"]);
    fails(&mut world, "wk-1");
    offered(
        &world,
        &["/node reboot target:wk-2 mode:canary", "/node reboot target:wk-2,wk-3,wk-4 mode:rolling"],
    );
    fails(&mut world, "wk-2");
    fails(&mut world, "wk-2");
    offered(&world, &["/cluster swap to:spare"]);
    world.seen("spare").pods.clear();
    offered(&world, &["/cluster check"]);
    world.wait(TimeDelta::minutes(10));
    offered(&world, &["/node reboot target:wk-1 mode:canary", "/node reboot target:failing mode:rolling"]);
}

/// A canary boot of a node, which does not come back in time.
fn never_comes_back(world: &mut World, name: &str) {
    world.does("mei", &format!("/node reboot {name} canary")).does("mei", "/plan approve");
    let run = &world.state.plans[&world.newest()];
    let at = run.plan.steps.iter().position(|step| matches!(step, Step::AwaitBoot { .. }));
    let by = FailedBy::Deadline { after_s: 900, blocked_by: Vec::new() };
    world
        .step_ends(u32::try_from(at.expect("it waits")).expect("small"), StepOutcome::Failed { by })
        .plan_fails();
}

#[test]
fn a_node_that_is_given_up_is_not_among_those_that_are_called_failing() {
    let mut world = World::outage(&["wk-4"]);
    world.node("main", "wk-5").ready = Ready::No;
    world.seen("main").pods.retain(|_, pod| pod.node != Some(node("wk-5")));
    let canary = "/node reboot target:wk-1 mode:canary";
    offered(&world, &[canary, "/node reboot target:failing mode:rolling"]);
    never_comes_back(&mut world, "wk-5");
    never_comes_back(&mut world, "wk-5");
    offered(&world, &[canary, "/node reboot target:wk-1,wk-2,wk-3 mode:rolling"]);
}

#[test]
fn nodes_that_nobody_hears_of_are_not_booted_a_third_time_either() {
    let mut world = whole();
    for name in ["wk-1", "wk-2"] {
        world.node("main", name).ready = Ready::Unknown;
        world.seen("main").pods.retain(|_, pod| pod.node != Some(node(name)));
        world.probe("main", name, ProbeKind::Agent, fail());
    }
    offered(&world, &["/node reboot target:wk-1 mode:canary", "/node reboot target:failing mode:rolling"]);
    never_comes_back(&mut world, "wk-1");
    never_comes_back(&mut world, "wk-1");
    offered(&world, &["/node reboot target:wk-2 mode:canary"]);
    never_comes_back(&mut world, "wk-2");
    never_comes_back(&mut world, "wk-2");
    offered(&world, &["/cluster swap to:spare"]);
}

#[test]
fn a_boot_that_failed_twice_says_nothing_about_a_node_of_that_name_elsewhere() {
    let mut world = World::outage(&["wk-2", "wk-3", "wk-4", "wk-5"]);
    world.add("spare", "wk-1");
    never_comes_back(&mut world, "spare/wk-1");
    never_comes_back(&mut world, "spare/wk-1");
    offered(&world, &["/node reboot target:main/wk-1 mode:canary"]);
}

#[test]
fn nodes_that_fail_in_a_standby_are_named_as_failing_means_those_of_the_cluster_with_the_traffic() {
    let mut world = World::outage(&["wk-4", "wk-5"]);
    world.fails("spare", "sp-1").fails("spare", "sp-2");
    let canary = "/node reboot target:sp-1 mode:canary";
    offered_in(&world, "spare", &[canary, "/node reboot target:sp-1,sp-2 mode:emergency"]);
}

/// Names resolved on every node for so long, and fail on all of them from one moment on.
fn fail_together(passed: TimeDelta) -> World {
    let mut world = World::morning();
    let failing_since = world.now - TimeDelta::minutes(1);
    world.facts.probes.clear();
    for name in ["wk-1", "wk-2", "wk-3", "wk-4", "wk-5"] {
        let key = (cluster("main"), node(name), ProbeKind::NameResolution);
        world.facts.probed(key.clone(), ProbeResult::Pass, failing_since - passed);
        world.facts.probed(key, fail(), failing_since);
    }
    world
}

#[test]
fn names_that_fail_everywhere_in_one_moment_point_at_the_servers_unless_the_nodes_were_booted_together() {
    let what = Some("name-resolution/all-nodes");
    check(&fail_together(TimeDelta::hours(1)), what, Some(Verdict::NameServers));
    check(&fail_together(TimeDelta::seconds(40)), what, Some(Verdict::NodePath));
}

#[test]
fn standbys_are_ranked_by_what_is_wrong_with_them_and_then_by_when_they_were_last_green() {
    let mut world = World::morning();
    for name in ["old", "half"] {
        let more =
            lifeboat_commands::fleet::Cluster { name: cluster(name), ..world.fleet.clusters[1].clone() };
        world.fleet.clusters.push(more);
        let seen = world.facts.clusters[&cluster("spare")].clone();
        world.facts.clusters.insert(cluster(name), seen);
    }
    world.seen("half").pods.clear();
    let other = lifeboat_commands::fleet::Cluster {
        name: cluster("shop"),
        service: lifeboat_storage::id::ServiceName::new("shop"),
        ..world.fleet.clusters[1].clone()
    };
    world.fleet.clusters.push(other);
    let ranked = |world: &World| {
        let active = &world.fleet.clusters[0];
        let all = standby::ranked(active, &world.facts, &world.fleet, &world.state, world.now);
        all.into_iter().map(|one| (one.cluster.to_string(), one.is_green(), one.green_at)).collect::<Vec<_>>()
    };
    let row = |name: &str, green, at| (name.to_owned(), green, at);
    // No probe was ever made on the other two, and nothing serves on one of them.
    assert_eq!(ranked(&world), [row("spare", true, None), row("old", false, None), row("half", false, None)]);
    let green = |world: &mut World, name: &str| {
        let kind = Kind::ClusterChecked { cluster: cluster(name), green: true, failed: Default::default() };
        world.record(Some("mei"), None, kind);
    };
    let first = world.now;
    green(&mut world, "half");
    world.seen("old").pods.clear();
    assert_eq!(
        ranked(&world),
        [row("spare", true, None), row("half", false, Some(first)), row("old", false, None)]
    );
    // `/cluster check` looks at the one that carries traffic, then at the others in that order.
    let lifeboat_commands::verb::Decision::Change(changes) =
        world.types("wei", "/cluster check").expect("it looks")
    else {
        panic!("it is recorded")
    };
    let checked: Vec<String> = changes
        .iter()
        .filter_map(|change| match &change.kind {
            Kind::ClusterChecked { cluster, .. } => Some(cluster.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(checked, ["main", "spare", "half", "old", "shop"]);
}
