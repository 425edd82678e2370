//! New machines never join, and the automation stopped the old ones, which were well.

use lifeboat_deploy::simulated::Harm;
use lifeboat_tests::fleet::{Player, SEEDS};

const MAIN: &str = "ferry-main";

fn at(clock: &str, seed: u64) -> Player {
    let player = Player::of("zombie-nodes", seed);
    player.until(clock);
    player
}

#[test]
fn half_of_the_workers_is_gone_and_does_not_come_back() {
    for seed in SEEDS {
        let player = at("10:49", seed);
        assert_eq!(player.failed(), 0, "seed {seed}: nothing fails before");
        player.until("10:54");
        assert!(player.share() > 0.25, "seed {seed}: {}", player.share());
        player.until_the_end();
        assert!(!player.recovered(), "seed {seed}");
        assert_eq!(player.truth().healthy_pods_lost, 0, "seed {seed}: no call of ours did it");
    }
}

#[test]
fn starting_what_was_stopped_ends_it_in_five_minutes() {
    for seed in SEEDS {
        let mut player = at("10:56", seed);
        for machine in ["i-old-1", "i-old-2", "i-old-3", "i-old-4"] {
            assert!(player.start(machine), "seed {seed}: {machine}");
        }
        player.wait_s(300);
        assert!(player.is_good_since_s(60), "seed {seed}: {}", player.share());
        player.until_the_end();
        assert!(player.recovered() && player.truth().harm().is_empty(), "seed {seed}");
    }
}

#[test]
fn machines_made_now_run_cost_money_and_never_join() {
    for seed in SEEDS {
        let mut player = at("10:56", seed);
        let nodes = player.launch(MAIN, "m5a.large", "cph-1", 4);
        assert_eq!(nodes, Vec::<String>::new(), "seed {seed}");
        player.until_the_end();
        assert!(!player.recovered() && player.truth().money.micros > 0, "seed {seed}");
        assert_eq!(player.truth().harm(), [Harm::LaunchedInVain].into(), "seed {seed}");
    }
}

#[test]
fn booting_the_half_that_is_left_makes_it_worse() {
    for seed in SEEDS {
        let alone = at("11:06", seed).failed();
        let mut player = at("10:56", seed);
        player.reboot(MAIN, &["recent-1", "recent-2", "recent-3", "recent-4"]);
        player.until("11:06");
        assert!(player.failed() > alone, "seed {seed}: {} > {alone}", player.failed());
        assert!(player.truth().harm().contains(&Harm::LastServingLost), "seed {seed}");
    }
}
