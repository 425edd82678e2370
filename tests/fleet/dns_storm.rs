//! The name servers drown in retries: every node at once, so no node is at fault.

use lifeboat_deploy::simulated::Harm;
use lifeboat_tests::fleet::{Player, SEEDS};

const MAIN: &str = "shop-main";
const STANDBY: &str = "shop-b";
const NODES: [&str; 8] = ["node-1", "node-2", "node-3", "node-4", "node-5", "node-6", "node-7", "node-8"];

fn at(clock: &str, seed: u64) -> Player {
    let player = Player::of("dns-storm", seed);
    player.until(clock);
    player
}

#[test]
fn the_storm_comes_with_the_evening_and_does_not_go() {
    for seed in SEEDS {
        let player = at("19:20", seed);
        assert_eq!(player.failed(), 0, "seed {seed}: nothing fails before");
        player.until("19:50");
        assert!(player.share() > 0.7, "seed {seed}: {}", player.share());
        let failing = NODES.iter().filter(|node| (0..10).any(|_| !player.resolves(MAIN, node))).count();
        assert_eq!(failing, NODES.len(), "seed {seed}: on every node, the one booted yesterday too");
        player.until_the_end();
        assert!(!player.recovered(), "seed {seed}: it feeds itself");
    }
}

#[test]
fn the_standby_ends_it_in_two_minutes() {
    for seed in SEEDS {
        let player = at("19:50", seed);
        assert_eq!(player.serving(STANDBY), 7, "seed {seed}: it stands by");
        player.swap_to(STANDBY);
        player.wait_s(120);
        assert!(player.is_good_since_s(60), "seed {seed}: {}", player.share());
        player.until_the_end();
        assert!(player.recovered(), "seed {seed}: and it stays so");
        assert!(player.truth().harm().is_empty(), "seed {seed}");
    }
}

#[test]
fn rebooting_the_nodes_takes_their_name_servers_away_and_makes_it_worse() {
    for seed in SEEDS {
        let alone = at("20:40", seed).failed();
        let mut player = at("19:50", seed);
        for batch in NODES.chunks(3) {
            player.reboot(MAIN, batch);
        }
        player.until("20:40");
        assert!(player.failed() > alone, "seed {seed}: {} > {alone}", player.failed());
        let harm = player.truth().harm();
        assert!(harm.contains(&Harm::RebootedWell) && harm.contains(&Harm::HealthyPodsLost), "{harm:?}");
    }
}

#[test]
fn all_the_nodes_that_can_be_had_do_not_bear_the_storm() {
    let mut player = at("19:50", 1);
    let new = player.launch(MAIN, "m5.large", "fra-1", 6);
    player.uncordon(MAIN, &new);
    player.until_the_end();
    assert_eq!((new.len(), player.recovered()), (6, false));
    assert!(player.truth().money.micros > 0);
}
