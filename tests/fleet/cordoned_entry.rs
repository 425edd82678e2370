//! All pods are Ready and nobody gets in: the nodes that hold the entry were closed.

use lifeboat_commands::facts::PodState;
use lifeboat_commands::ports::Outcome;
use lifeboat_commands::ports::call::{Answer, Call};
use lifeboat_deploy::simulated::Harm;
use lifeboat_storage::id::{ClusterName, NodeName};
use lifeboat_tests::fleet::{Player, SEEDS};

const MAIN: &str = "portal";
const OLD: [&str; 3] = ["old-1", "old-2", "old-3"];

fn at(clock: &str, seed: u64) -> Player {
    let player = Player::of("cordoned-entry", seed);
    player.until(clock);
    player
}

#[test]
fn everything_fails_from_one_second_to_the_next_and_every_pod_is_ready() {
    for seed in SEEDS {
        let player = at("13:59", seed);
        assert_eq!(player.failed(), 0, "seed {seed}: nothing fails before");
        player.until("14:03");
        assert!(player.share() > 0.99, "seed {seed}: {}", player.share());
        assert!(player.look(MAIN).pods.values().all(|pod| pod.state == PodState::Ready), "seed {seed}");
        assert!(!player.answers(MAIN), "seed {seed}: from outside nobody answers");
        player.until_the_end();
        assert!(!player.recovered(), "seed {seed}");
    }
}

#[test]
fn taking_the_cordon_back_ends_it_at_once() {
    for seed in SEEDS {
        let player = at("14:05", seed);
        player.uncordon(MAIN, &OLD);
        player.wait_s(90);
        assert!(player.is_good_since_s(25), "seed {seed}: {}", player.share());
        assert!(player.truth().harm().is_empty(), "seed {seed}");
    }
}

#[test]
fn draining_and_booting_the_old_nodes_does_not_open_the_door() {
    for seed in SEEDS {
        let mut player = at("14:05", seed);
        player.drain(MAIN, &OLD);
        player.reboot(MAIN, &OLD);
        assert!(player.share() > 0.99, "seed {seed}: {}", player.share());
    }
}

#[test]
fn whoever_removes_the_old_nodes_removes_the_door() {
    let mut player = at("14:05", 1);
    player.drain(MAIN, &OLD);
    let machines = OLD.map(|node| player.machine(MAIN, node));
    player.stop(&machines);
    for node in OLD {
        let (cluster, node) = (ClusterName::new(MAIN), NodeName::new(node));
        let answer = player.fleet.perform(Call::Forget { cluster, node });
        assert_eq!(answer, Answer::Plain(Outcome::Done(())));
    }
    player.uncordon(MAIN, &OLD);
    player.until_the_end();
    assert!(!player.recovered());
}

#[test]
fn closing_the_entry_by_hand_is_a_wrong_move() {
    let player = at("13:50", 1);
    player.cordon(MAIN, &OLD);
    assert_eq!(player.truth().harm(), [Harm::ClosedEntry].into());
}

#[test]
fn a_machine_that_is_made_takes_no_id_and_no_name_of_one_that_is_there() {
    let mut player = at("14:05", 502);
    let before = player.machines();
    let names: Vec<String> = player.look(MAIN).nodes.keys().map(ToString::to_string).collect();
    let new = player.launch(MAIN, "e2-standard-4", "west3-a", 2);
    let after = player.machines();
    assert_eq!(after.len(), before.len() + 2, "one beside the others each");
    assert!(before.iter().all(|old| after.contains(old)), "what was there is as it was");
    assert_eq!(new.len(), 2);
    assert!(new.iter().all(|node| !names.contains(node)), "{new:?}");
    assert_eq!(player.look(MAIN).nodes.len(), names.len() + 2);
}
