//! The same symptoms, told apart from the facts alone: verdicts, and what to type first.

use lifeboat_commands::diagnose::{Diagnosis, Verdict};
use lifeboat_commands::facts::workload;
use lifeboat_tests::fleet::{Player, SEEDS};
use lifeboat_tests::watcher::Watcher;

/// Watches a scenario from the start to a moment.
fn watched(scenario: &str, seed: u64, from: &str, minutes: i64) -> (Player, Watcher, Vec<Diagnosis>) {
    let player = Player::of(scenario, seed);
    let mut watcher = Watcher::default();
    watcher.look(&player);
    let cluster = active(&player);
    player.until(from);
    let all = watcher.watch(&player, &cluster, minutes);
    (player, watcher, all)
}

/// The cluster that carries the traffic.
fn active(player: &Player) -> String {
    let weights = player.weights();
    weights.into_iter().max_by_key(|one| one.percent).expect("there is traffic").cluster.to_string()
}

#[track_caller]
fn check(found: &Diagnosis, verdict: Verdict, first: Option<&str>, of: &str) {
    assert_eq!(found.verdict, Some(verdict), "{of}: {found:?}");
    match (found.actions.first(), first) {
        (Some(line), Some(wanted)) => assert!(line.starts_with(wanted), "{of}: {line}"),
        (line, wanted) => assert_eq!(line.map(String::as_str), wanted, "{of}"),
    }
}

#[test]
fn each_outage_has_its_verdict_and_its_first_move() {
    use Verdict::{Agents, Cordoned, Egress, Entry, NameServers, NodePath, Registry, TooFew, Wanderer};
    for (scenario, from, minutes, verdict, first) in [
        ("sold-out-morning", "08:04", 1, TooFew, "/node add count:4 pool:workers"),
        ("sold-out-morning", "10:14", 16, NodePath, "/node reboot target:worker-"),
        ("dns-storm", "19:30", 20, NameServers, "/cluster swap to:shop-b"),
        ("silent-agents", "13:02", 6, Agents, "/cluster freeze cluster:papers-main"),
        ("heavy-neighbours", "09:01", 20, Wanderer, "/node add count:1 pool:big"),
        ("greedy-job", "14:02", 12, Wanderer, "/node cordon worker-"),
        ("cold-registry", "09:35", 25, Registry, "/cluster freeze cluster:docs-main"),
        ("new-year-cutover", "08:50", 10, Egress, "/cluster swap to:kops-old"),
        ("zombie-nodes", "10:48", 8, TooFew, "/node add count:4 pool:asg-standby"),
        ("first-workday", "06:50", 10, TooFew, "/node add count:2 pool:web"),
        ("cordoned-entry", "13:58", 5, Cordoned, "/node uncordon old-1,old-2,old-3"),
        ("jammed-balancer", "20:50", 8, Entry, "/cluster swap to:site-b"),
    ] {
        for seed in SEEDS {
            let (.., all) = watched(scenario, seed, from, minutes);
            let last = all.last().expect("it looked");
            check(last, verdict, Some(first), &format!("{scenario}, seed {seed}"));
        }
    }
}

#[test]
fn no_reboot_is_ever_first_where_a_reboot_does_harm() {
    for (scenario, from, minutes) in [
        ("dns-storm", "19:20", 40),
        ("silent-agents", "12:58", 40),
        ("heavy-neighbours", "09:00", 40),
        ("greedy-job", "14:00", 40),
        ("cold-registry", "09:35", 80),
        ("new-year-cutover", "08:10", 40),
        ("zombie-nodes", "10:45", 40),
        ("first-workday", "06:45", 40),
        ("cordoned-entry", "13:55", 30),
        ("jammed-balancer", "20:45", 30),
    ] {
        for seed in SEEDS {
            for found in watched(scenario, seed, from, minutes).2 {
                let reboots = found.actions.iter().any(|line| line.contains("reboot"));
                assert!(!reboots, "{scenario}, seed {seed}: {found:?}");
            }
        }
    }
}

#[test]
fn a_fault_of_both_regions_is_frozen_first_and_swapped_when_one_is_mended() {
    for seed in SEEDS {
        let player = Player::of("bad-resolver-push", seed);
        let mut watcher = Watcher::default();
        player.wait_s(16 * 60);
        let calm = watcher.watch(&player, "us-west", 10);
        assert!(calm.iter().all(|found| found.verdict.is_none()), "seed {seed}");
        let early = watcher.watch(&player, "us-west", 15);
        let last = early.last().expect("it looked");
        check(last, Verdict::NameServers, Some("/cluster freeze cluster:us-west"), &format!("seed {seed}"));
        assert!(early.iter().all(|found| !found.actions.iter().any(|line| line.contains("reboot"))));
        let late = watcher.watch(&player, "us-west", 16);
        let last = late.last().expect("it looked");
        check(last, Verdict::NameServers, Some("/cluster swap to:us-east"), &format!("seed {seed}"));
    }
}

#[test]
fn machines_that_were_made_and_never_joined_are_no_reason_to_make_more() {
    for seed in SEEDS {
        let (mut player, mut watcher, _) = watched("zombie-nodes", seed, "10:54", 2);
        player.launch("ferry-main", "m5a.large", "cph-1", 2);
        let all = watcher.watch(&player, "ferry-main", 8);
        let last = all.last().expect("it looked");
        check(last, Verdict::NeverJoin, Some("/node add count:4 pool:asg-standby"), &format!("seed {seed}"));
    }
}

#[test]
fn all_nodes_that_rot_one_by_one_are_still_a_matter_of_the_nodes() {
    for seed in SEEDS {
        let (.., all) = watched("sold-out-morning", seed, "10:14", 60);
        let of_servers = all.iter().filter(|found| found.verdict == Some(Verdict::NameServers)).count();
        assert_eq!(of_servers, 0, "seed {seed}");
    }
}

#[test]
fn a_quiet_fleet_has_nothing_to_tell() {
    for scenario in ["dns-storm", "jammed-balancer", "cordoned-entry", "new-year-cutover"] {
        let player = Player::of(scenario, 1);
        let mut watcher = Watcher::default();
        let cluster = active(&player);
        let quiet = watcher.watch(&player, &cluster, 10);
        assert!(quiet.iter().all(|found| found.verdict.is_none()), "{scenario}: {quiet:?}");
    }
}

#[test]
fn a_pod_is_told_to_its_workload_by_its_name() {
    for (pod, wanted) in [
        ("reindex-0a1b2", "reindex"),
        ("blog-6c9f7d8b5-000a1", "blog"),
        ("web.12", "web"),
        ("fluentd-x7k2p", "fluentd"),
        ("mysql-0", "mysql-0"),
        ("plain", "plain"),
        ("", ""),
    ] {
        assert_eq!(workload(pod), wanted, "{pod}");
    }
}
