//! Heavy pods land together on one node after the other, until one has room for all of them.

use lifeboat_commands::facts::Ready;
use lifeboat_deploy::simulated::Harm;
use lifeboat_tests::fleet::{Player, SEEDS};

const MAIN: &str = "api-small";

fn at(clock: &str, seed: u64) -> Player {
    let player = Player::of("heavy-neighbours", seed);
    player.until(clock);
    player
}

/// Nodes that went down within so many minutes from now on.
fn falls(player: &Player, minutes: u32) -> usize {
    let mut down = 0;
    let mut before = ready(player);
    for _ in 0..minutes * 2 {
        player.wait_s(30);
        let now = ready(player);
        down += before.iter().filter(|node| !now.contains(node)).count();
        before = now;
    }
    down
}

fn ready(player: &Player) -> Vec<String> {
    let inventory = player.look(MAIN);
    let up = inventory.workers().filter(|node| node.ready == Ready::Yes);
    up.map(|node| node.name.to_string()).collect()
}

#[test]
fn node_after_node_falls_and_requests_fail_on_and_off_for_hours() {
    for seed in SEEDS {
        let player = at("09:01", seed);
        assert_eq!(player.failed(), 0, "seed {seed}: nothing fails before");
        assert!(falls(&player, 60) >= 6, "seed {seed}");
        let within_an_hour = player.failed();
        assert!(within_an_hour > 500, "seed {seed}: {within_an_hour}");
        player.until_the_end();
        assert!(player.failed() > within_an_hour * 3 / 2, "seed {seed}: and it goes on");
    }
}

#[test]
fn one_node_that_is_big_enough_ends_it() {
    for seed in SEEDS {
        let mut player = at("09:15", seed);
        let new = player.launch(MAIN, "n1-standard-8", "east-b", 1);
        player.uncordon(MAIN, &new);
        player.until("09:30");
        assert_eq!(falls(&player, 60), 0, "seed {seed}: nothing falls any more");
        assert!(player.recovered() && player.truth().harm().is_empty(), "seed {seed}");
    }
}

#[test]
fn another_node_of_the_same_size_falls_like_the_rest() {
    for seed in SEEDS {
        let mut player = at("09:15", seed);
        let new = player.launch(MAIN, "n1-standard-2", "east-b", 1);
        player.uncordon(MAIN, &new);
        player.until("09:30");
        assert!(falls(&player, 60) >= 6, "seed {seed}");
    }
}

#[test]
fn booting_what_still_stands_makes_it_worse() {
    for seed in SEEDS {
        let alone = at("09:18", seed).failed();
        let mut player = at("09:15", seed);
        let standing = ready(&player);
        let standing: Vec<&str> = standing.iter().map(String::as_str).collect();
        player.reboot(MAIN, &standing);
        player.until("09:18");
        assert!(player.failed() > alone, "seed {seed}: {} > {alone}", player.failed());
        assert!(player.truth().harm().contains(&Harm::LastServingLost), "seed {seed}");
    }
}
