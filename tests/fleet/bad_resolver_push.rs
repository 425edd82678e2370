//! No name resolves in both regions at once: a change that its owners take back, in one region first.

use lifeboat_deploy::simulated::Harm;
use lifeboat_tests::fleet::{Player, SEEDS};

const WEST: &str = "us-west";
const EAST: &str = "us-east";
const NODES: [&str; 5] = ["west-1", "west-2", "west-3", "west-4", "west-5"];

/// Waits so many minutes after the start at five to midnight.
fn after_min(minutes: i64, seed: u64) -> Player {
    let player = Player::of("bad-resolver-push", seed);
    player.wait_s(minutes * 60);
    player
}

#[test]
fn both_regions_fail_in_the_same_minute_and_the_owners_mend_them_one_by_one() {
    for seed in SEEDS {
        let player = after_min(26, seed);
        assert_eq!(player.failed(), 0, "seed {seed}: nothing fails before");
        player.wait_s(180);
        assert!(player.share() > 0.8, "seed {seed}: {}", player.share());
        for (cluster, node) in [(WEST, "west-5"), (EAST, "east-5")] {
            let fails = (0..10).any(|_| !player.resolves(cluster, node));
            assert!(fails, "seed {seed}: {node}, booted yesterday, fails too");
        }
        player.wait_s(75 * 60);
        assert!(!player.recovered(), "seed {seed}");
        player.wait_s(10 * 60);
        assert!(player.recovered(), "seed {seed}: whoever waits is well by a quarter to two");
    }
}

#[test]
fn the_region_that_is_mended_first_takes_the_traffic() {
    for seed in SEEDS {
        let player = after_min(56, seed);
        player.swap_to(EAST);
        player.wait_s(120);
        assert!(player.is_good_since_s(60), "seed {seed}: {}", player.share());
        player.until_the_end();
        assert!(player.recovered() && player.truth().harm().is_empty(), "seed {seed}");
    }
}

#[test]
fn swapped_before_it_is_mended_nothing_is_gained() {
    for seed in SEEDS {
        let player = after_min(35, seed);
        player.swap_to(EAST);
        player.wait_s(300);
        assert!(player.share() > 0.8, "seed {seed}: {}", player.share());
        assert_eq!(player.truth().harm(), [Harm::ShiftedTooMuch].into(), "seed {seed}");
    }
}

#[test]
fn rebooted_nodes_lose_pods_that_do_not_come_up_again() {
    for seed in SEEDS {
        let alone = after_min(80, seed).failed();
        let mut player = after_min(35, seed);
        player.reboot(WEST, &NODES);
        player.wait_s(300);
        assert!(player.serving(WEST) < 5, "seed {seed}");
        let now = after_min(0, seed).fleet.now() + chrono::TimeDelta::minutes(80);
        player.fleet.pass(now);
        assert!(player.failed() > alone, "seed {seed}: {} > {alone}", player.failed());
        assert!(player.truth().harm().contains(&Harm::LastServingLost), "seed {seed}");
    }
}
