//! The outage that Lifeboat was built from, on the bare fleet: what helps, what does not, and what makes it worse.

use lifeboat_commands::facts::{PodState, ProbeResult, Ready, Stock};
use lifeboat_commands::ports::Outcome;
use lifeboat_commands::ports::call::{Answer, Call};
use lifeboat_storage::id::{CloudName, NodeName};
use lifeboat_storage::plan::ProbeKind;
use lifeboat_tests::fleet::Player;

const MAIN: &str = "k8s-main";
const OLD: [&str; 5] = ["worker-1", "worker-2", "worker-3", "worker-4", "worker-5"];
const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];

fn play(seed: u64) -> Player {
    Player::of("sold-out-morning", seed)
}

/// Nodes of the main cluster on which names do not resolve.
fn rotten(player: &Player) -> Vec<String> {
    let inventory = player.look(MAIN);
    let workers =
        inventory.workers().filter(|node| node.ready == Ready::Yes).map(|node| node.name.to_string());
    workers.filter(|node| !player.resolves(MAIN, node)).collect()
}

fn refs(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

#[test]
fn the_four_spot_workers_are_refused_at_eight_and_nobody_is_told() {
    let player = play(1);
    player.until("08:05");
    let inventory = player.look(MAIN);
    for name in ["worker-6", "worker-7", "worker-8", "worker-9"] {
        assert_eq!(inventory.nodes[&NodeName::new(name)].ready, Ready::No, "{name}");
    }
    let call = Call::Offerings { cloud: CloudName::new("aliyun-hangzhou") };
    let Answer::Offerings(Outcome::Done(offerings)) = player.fleet.perform(call) else { panic!("offerings") };
    let small =
        offerings.iter().filter(|one| one.machine.as_str() == "c6.4c8g" && one.zone.as_str() == "zone-h");
    assert!(small.into_iter().all(|one| one.stock == Stock::SoldOut));
    assert!(offerings.iter().any(|one| one.stock == Stock::Available), "there are other ways");
}

#[test]
fn five_workers_carry_the_morning_until_a_quarter_past_ten() {
    for seed in SEEDS {
        let player = play(seed);
        player.until("10:13");
        assert_eq!(player.truth().requests.bad, 0, "seed {seed}: nothing fails before");
        player.until("10:20");
        assert!(player.share() > 0.05, "seed {seed}: {}", player.share());
    }
}

#[test]
fn left_alone_it_never_recovers() {
    for seed in SEEDS {
        let player = play(seed);
        player.until("11:00");
        assert!(player.serving(MAIN) <= 2, "seed {seed}: one or two are left");
        assert!(player.share() > 0.6, "seed {seed}: {}", player.share());
        player.until_the_end();
        assert_eq!((player.serving(MAIN), player.recovered()), (0, false), "seed {seed}");
    }
}

#[test]
fn workers_made_before_ten_and_booted_once_in_quarantine_prevent_it() {
    for seed in SEEDS {
        let mut player = play(seed);
        player.until("08:30");
        let new = player.launch(MAIN, "c6.4c8g", "zone-k", 4);
        assert_eq!(new.len(), 4);
        assert_eq!(rotten(&player), new, "seed {seed}: on each new node no name resolves, on no old one");
        player.reboot(MAIN, &refs(&new));
        assert_eq!(rotten(&player), Vec::<String>::new(), "seed {seed}: a boot cured them");
        player.uncordon(MAIN, &new);
        player.until_the_end();
        assert_eq!(player.truth().requests.bad, 0, "seed {seed}");
    }
}

#[test]
fn booting_the_failing_old_workers_and_then_adding_ends_it_in_under_fifteen_minutes() {
    for seed in SEEDS {
        let mut player = play(seed);
        player.until("10:16");
        let canary = loop {
            match rotten(&player).first() {
                Some(failing) => break failing.clone(),
                None => player.wait_s(15),
            };
        };
        player.reboot(MAIN, &[&canary]);
        assert!(player.resolves(MAIN, &canary), "seed {seed}: the canary is cured");
        let rest: Vec<&str> = OLD.into_iter().filter(|node| canary != *node && *node != "worker-5").collect();
        player.reboot(MAIN, &rest);
        let new = player.launch(MAIN, "c6.4c8g", "zone-k", 4);
        assert_eq!(
            rotten(&player),
            Vec::<String>::new(),
            "seed {seed}: with fresh teachers, new ones are well"
        );
        player.uncordon(MAIN, &new);
        player.wait_s(120);
        let mitigated = player.truth().good_since.expect("it is good again");
        player.wait_s(1_800);
        assert_eq!(player.truth().good_since, Some(mitigated), "seed {seed}: and stays so");
        let took = mitigated - player.fleet.scenario().trouble_at;
        assert!(took.num_minutes() < 15, "seed {seed}: {took}");
    }
}

#[test]
fn new_workers_let_in_unproven_crash_and_take_the_old_ones_with_them() {
    for seed in SEEDS {
        let mut player = play(seed);
        player.until("09:00");
        let new = player.launch(MAIN, "c6.4c8g", "zone-k", 4);
        player.uncordon(MAIN, &new);
        player.wait_s(120);
        let pods = player.look(MAIN).pods;
        let crashing = pods.values().filter(
            |pod| matches!(&pod.state, PodState::Failing { signature, .. } if signature == "name-resolution"),
        );
        assert!(crashing.count() >= 4, "seed {seed}: every pod there crashes");
        player.until("11:00");
        assert!(player.serving(MAIN) <= 2, "seed {seed}: {} serve", player.serving(MAIN));
    }
}

#[test]
fn booting_only_the_new_workers_does_not_help_while_old_ones_are_rotten() {
    for seed in SEEDS {
        let mut player = play(seed);
        player.until("10:35");
        let new = player.launch(MAIN, "c6.4c8g", "zone-k", 4);
        player.reboot(MAIN, &refs(&new));
        player.uncordon(MAIN, &new);
        player.wait_s(900);
        assert!(new.iter().all(|node| rotten(&player).contains(node)), "seed {seed}: the rot came back");
        player.until_the_end();
        assert!(!player.recovered(), "seed {seed}");
        assert_eq!(player.serving(MAIN), 0, "seed {seed}");
    }
}

#[test]
fn replacing_workers_loses_them_because_nothing_is_in_stock() {
    let mut player = play(1);
    player.until("10:35");
    let machines: Vec<_> = OLD.iter().map(|node| player.machine(MAIN, node)).collect();
    player.stop(&machines);
    player.wait_s(60);
    assert!(machines.iter().all(|id| !player.start(id.as_str())), "each is sold out");
    player.until_the_end();
    let ready = player.look(MAIN).workers().filter(|node| node.ready == Ready::Yes).count();
    assert_eq!((ready, player.recovered()), (0, false));
}

#[test]
fn the_half_built_cluster_takes_no_traffic() {
    let player = play(1);
    player.until("10:40");
    assert_eq!(player.serving("k8s-ha"), 0);
    let pods = player.look("k8s-ha").pods;
    assert!(pods.values().any(|pod| {
        matches!(&pod.state, PodState::Failing { reason, signature, .. }
            if reason == "ContainerCreating" && signature == "network")
    }));
    let agent = player.probe("k8s-ha", "ha-worker-1", ProbeKind::Agent);
    assert!(matches!(&agent, ProbeResult::Fail(why) if why.0.contains("10250")), "{agent:?}");
    player.swap_to("k8s-ha");
    player.wait_s(120);
    assert!(player.share() > 0.99, "every request fails there");
}

#[test]
fn booting_all_at_once_while_two_still_serve_loses_their_pods() {
    let player = play(1);
    player.until("10:23");
    let (serving, before) = (player.serving(MAIN), player.truth().healthy_pods_lost);
    assert!((1..5).contains(&serving), "{serving} serve");
    for node in OLD {
        let instance = player.machine(MAIN, node);
        let key = lifeboat_storage::id::IdemKey::new(node);
        let _ =
            player.fleet.perform(Call::Reboot { cloud: CloudName::new("aliyun-hangzhou"), instance, key });
    }
    player.wait_s(5);
    assert_eq!(player.serving(MAIN), 0, "nobody serves any more");
    assert!(player.truth().healthy_pods_lost > before);
}

#[test]
fn the_long_way_round_by_the_retired_swarm_works_and_takes_until_noon() {
    let mut player = play(1);
    player.until("10:50");
    assert!(!player.start("i-swarm-2"), "its own spare workers are sold out too");
    let workers = ["worker-1", "worker-2", "worker-3", "worker-4"];
    let machines: Vec<_> = workers.iter().map(|node| player.machine(MAIN, node)).collect();
    for pair in machines.chunks(2) {
        player.reimage(pair);
        player.wait_s(1_500);
        let joined = player.join("swarm-old", pair);
        assert_eq!(joined.len(), 2);
        player.uncordon("swarm-old", &joined);
    }
    player.wait_s(120);
    player.swap_to("swarm-old");
    player.wait_s(400);
    assert!(player.serving("swarm-old") >= 4);
    assert!(player.share() < 0.35, "most requests are answered again: {}", player.share());
}

#[test]
fn the_same_seed_and_the_same_calls_write_the_same_log() {
    let log = |seed| {
        let mut player = play(seed);
        let mut log = player.until("10:20").fleet.advance(player.fleet.now()).log;
        player.reboot(MAIN, &["worker-1"]);
        let now = player.fleet.now();
        log.extend(player.fleet.advance(now + chrono::TimeDelta::minutes(5)).log);
        (log, format!("{:?}", player.look(MAIN)))
    };
    let (first, again, other) = (log(7), log(7), log(8));
    assert!(!first.0.is_empty());
    assert!(first == again, "it repeats");
    assert!(first.0 != other.0, "another seed is another day");
}
