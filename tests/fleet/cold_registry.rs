//! The registry is down: what runs, runs; what is started anew, does not come.

use lifeboat_commands::facts::PodState;
use lifeboat_deploy::simulated::Harm;
use lifeboat_tests::fleet::{Player, SEEDS};

const MAIN: &str = "docs-main";

fn at(clock: &str, seed: u64) -> Player {
    let player = Player::of("cold-registry", seed);
    player.until(clock);
    player
}

fn cannot_pull(player: &Player) -> usize {
    let pods = player.look(MAIN).pods;
    let failing = pods
        .values()
        .filter(|pod| matches!(&pod.state, PodState::Failing { signature, .. } if signature == "image-pull"));
    failing.count()
}

#[test]
fn pods_fail_to_start_and_whoever_waits_hurts_nobody() {
    for seed in SEEDS {
        let player = at("10:00", seed);
        assert!(cannot_pull(&player) >= 2, "seed {seed}: {}", cannot_pull(&player));
        player.until("11:00");
        assert_eq!(cannot_pull(&player), 0, "seed {seed}: the registry is back");
        player.until_the_end();
        assert_eq!(player.failed(), 0, "seed {seed}: users never noticed");
    }
}

#[test]
fn rebooting_the_nodes_with_failing_pods_loses_pods_that_cannot_start_again() {
    for seed in SEEDS {
        let mut player = at("10:00", seed);
        player.reboot(MAIN, &["pool-1", "pool-2", "pool-3"]);
        assert!(player.share() > 0.1, "seed {seed}: {}", player.share());
        player.until("10:45");
        assert!(!player.recovered(), "seed {seed}: not before the registry is back");
        let harm = player.truth().harm();
        assert!(harm.contains(&Harm::RebootedWell) && harm.contains(&Harm::HealthyPodsLost), "{harm:?}");
    }
}

#[test]
fn new_nodes_have_no_image_and_get_none() {
    let mut player = at("10:00", 1);
    let new = player.launch(MAIN, "s-4vcpu-8gb", "nyc-3", 2);
    player.uncordon(MAIN, &new);
    player.until("10:30");
    let serve = player.look(MAIN).serving(&player.fleet.scenario().service());
    assert!(new.len() == 2 && new.iter().all(|node| !serve.iter().any(|one| one.as_str() == node)));
    assert!(player.truth().harm().contains(&Harm::LaunchedInVain));
}
