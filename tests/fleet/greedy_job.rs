//! A job eats node after node, wherever nodes take pods.

use lifeboat_commands::facts::{Node, PodClass, Ready};
use lifeboat_deploy::simulated::Harm;
use lifeboat_tests::fleet::{Player, SEEDS};

const MAIN: &str = "swarm-main";

fn at(clock: &str, seed: u64) -> Player {
    let player = Player::of("greedy-job", seed);
    player.until(clock);
    player
}

fn refs(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

/// Workers that are Ready and those that are not, without the one that the job sits on.
fn others(player: &Player) -> (Vec<String>, Vec<String>) {
    let inventory = player.look(MAIN);
    let job = inventory.pods.values().find(|pod| pod.service.is_none() && pod.class == PodClass::Ordinary);
    let sits_on = job.and_then(|pod| pod.node.clone());
    let rest = inventory.workers().filter(|node| Some(&node.name) != sits_on.as_ref());
    let (up, down): (Vec<_>, Vec<_>) = rest.partition(|node| node.ready == Ready::Yes);
    let names = |nodes: Vec<&Node>| nodes.into_iter().map(|node| node.name.to_string()).collect();
    (names(up), names(down))
}

#[test]
fn it_goes_on_until_the_job_has_had_its_way() {
    for seed in SEEDS {
        let player = at("14:02", seed);
        assert_eq!(player.failed(), 0, "seed {seed}: nothing fails before");
        player.until("14:30");
        assert!(player.failed() > 500, "seed {seed}: {}", player.failed());
        player.until("15:10");
        let up = player.look(MAIN).workers().filter(|node| node.ready == Ready::Yes).count();
        assert!(up <= 4, "seed {seed}: {up} are up");
        player.until("16:00");
        assert!(player.recovered(), "seed {seed}: the job is done at last");
    }
}

#[test]
fn with_one_node_left_open_the_others_are_left_alone() {
    for seed in SEEDS {
        let player = at("14:07", seed);
        let (up, down) = others(&player);
        player.cordon(MAIN, &refs(&up));
        player.cordon(MAIN, &refs(&down));
        player.until("14:20");
        assert!(player.is_good_since_s(300), "seed {seed}: {}", player.share());
        let failed = player.failed();
        player.until_the_end();
        assert!(player.failed() <= failed + 200, "seed {seed}: {} then {}", failed, player.failed());
        assert!(player.truth().harm().is_empty(), "seed {seed}");
    }
}

#[test]
fn a_node_that_is_added_is_only_the_next() {
    for seed in SEEDS {
        let mut player = at("14:08", seed);
        let new = player.launch(MAIN, "c5.xlarge", "dub-1", 1);
        player.uncordon(MAIN, &new);
        let before = player.until("14:20").failed();
        player.until("15:00");
        assert!(player.failed() > before + 500, "seed {seed}: {before} then {}", player.failed());
    }
}

#[test]
fn booting_what_still_stands_makes_it_worse() {
    for seed in SEEDS {
        let alone = at("14:11", seed).failed();
        let mut player = at("14:07", seed);
        let (up, _) = others(&player);
        player.reboot(MAIN, &refs(&up));
        player.until("14:11");
        assert!(player.failed() > alone, "seed {seed}: {} > {alone}", player.failed());
        assert!(player.truth().harm().contains(&Harm::RebootedWell), "seed {seed}");
    }
}
