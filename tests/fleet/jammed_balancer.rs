//! The balancer is stuck and every pod behind it is well: the other site has one of its own.

use lifeboat_commands::facts::{PodState, ProbeResult};
use lifeboat_deploy::simulated::Harm;
use lifeboat_storage::plan::ProbeKind;
use lifeboat_tests::fleet::{Player, SEEDS};

const MAIN: &str = "site-a";
const OTHER: &str = "site-b";

fn at(clock: &str, seed: u64) -> Player {
    let player = Player::of("jammed-balancer", seed);
    player.until(clock);
    player
}

#[test]
fn nearly_everything_fails_and_nothing_behind_it_does() {
    for seed in SEEDS {
        let player = at("20:51", seed);
        assert_eq!(player.failed(), 0, "seed {seed}: nothing fails before");
        player.until("20:55");
        assert!(player.share() > 0.9, "seed {seed}: {}", player.share());
        assert!(player.look(MAIN).pods.values().all(|pod| pod.state == PodState::Ready), "seed {seed}");
        for probe in ProbeKind::ALL {
            assert_eq!(player.probe(MAIN, "a-node-1", probe), ProbeResult::Pass, "seed {seed}: {probe:?}");
        }
        assert!(!player.answers(MAIN) && player.answers(OTHER), "seed {seed}");
        player.until_the_end();
        assert!(!player.recovered(), "seed {seed}");
    }
}

#[test]
fn the_other_site_ends_it_and_the_balancer_comes_to_itself_when_nothing_goes_through_it() {
    for seed in SEEDS {
        let player = at("20:58", seed);
        player.swap_to(OTHER);
        player.wait_s(120);
        assert!(player.is_good_since_s(60), "seed {seed}: {}", player.share());
        player.wait_s(600);
        player.swap_to(MAIN);
        player.wait_s(120);
        assert!(player.recovered(), "seed {seed}: there is a way back");
        assert!(player.truth().harm().is_empty(), "seed {seed}");
    }
}

#[test]
fn a_tenth_of_the_traffic_is_a_tenth_of_the_way() {
    let player = at("20:58", 1);
    player.shift_to(OTHER, MAIN, 10);
    player.wait_s(120);
    assert!((0.8..0.95).contains(&player.share()), "{}", player.share());
    player.shift_to(OTHER, MAIN, 100);
    player.wait_s(120);
    assert!(player.is_good_since_s(60));
}

#[test]
fn neither_more_nodes_nor_rebooted_ones_get_the_requests_that_are_stuck() {
    for seed in SEEDS {
        let mut player = at("20:58", seed);
        player.reboot(MAIN, &["a-node-1", "a-node-2", "a-node-3"]);
        let new = player.launch(MAIN, "ecs.c7.xlarge", "sh-l", 4);
        player.uncordon(MAIN, &new);
        player.wait_s(300);
        assert!(player.share() > 0.9, "seed {seed}: {}", player.share());
        let harm = player.truth().harm();
        assert!(harm.contains(&Harm::RebootedWell) && harm.contains(&Harm::HealthyPodsLost), "{harm:?}");
    }
}
