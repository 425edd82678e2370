//! The web tier shrank before the peak, and the provisioning takes two machines at a time.

use chrono::TimeDelta;
use lifeboat_tests::fleet::{Player, SEEDS};

const MAIN: &str = "web-tier";

fn at(clock: &str, seed: u64) -> Player {
    let player = Player::of("first-workday", seed);
    player.until(clock);
    player
}

/// How long after the start of the trouble it was good for good.
fn took(player: &Player) -> TimeDelta {
    player.until_the_end();
    player.truth().good_since.expect("it is good at the end") - player.fleet.scenario().trouble_at
}

/// Adds so many at once, and lets in whoever comes, whenever.
fn adds(player: &mut Player, count: u32) {
    player.launch(MAIN, "c5.2xlarge", "pdx-a", count);
    lets_in(player);
}

fn lets_in(player: &Player) {
    player.wait_s(15);
    let closed = player.look(MAIN);
    let closed: Vec<String> =
        closed.workers().filter(|node| !node.schedulable).map(|node| node.name.to_string()).collect();
    player.uncordon(MAIN, &closed);
}

#[test]
fn seven_carry_the_early_hours_and_not_the_peak() {
    for seed in SEEDS {
        let player = at("06:45", seed);
        assert_eq!(player.failed(), 0, "seed {seed}: nothing fails before");
        player.until("07:20");
        assert!(player.share() > 0.25, "seed {seed}: {}", player.share());
        player.until_the_end();
        assert!(!player.recovered(), "seed {seed}");
    }
}

#[test]
fn two_and_two_more_end_it_long_before_six_at_once() {
    for seed in SEEDS {
        let mut player = at("07:00", seed);
        adds(&mut player, 2);
        adds(&mut player, 2);
        let by_twos = took(&player);
        assert!(by_twos < TimeDelta::minutes(15), "seed {seed}: {by_twos}");
        assert!(player.truth().harm().is_empty(), "seed {seed}");

        let mut greedy = at("07:00", seed);
        adds(&mut greedy, 6);
        for _ in 0..40 {
            greedy.wait_s(60);
            lets_in(&greedy);
        }
        let at_once = took(&greedy);
        assert!(at_once > by_twos + TimeDelta::minutes(8), "seed {seed}: {at_once} after {by_twos}");
        assert!(greedy.failed() > player.failed() * 3 / 2, "seed {seed}");
    }
}

#[test]
fn whoever_comes_after_a_rush_hangs_too() {
    let mut player = at("07:00", 1);
    assert_eq!(player.launch(MAIN, "c5.2xlarge", "pdx-a", 6).len(), 2);
    assert_eq!(player.launch(MAIN, "c5.2xlarge", "pdx-a", 1).len(), 0);
}
