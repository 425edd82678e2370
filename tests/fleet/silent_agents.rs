//! Half of the nodes fall silent in the same second, and nothing is wrong with them.

use lifeboat_commands::facts::{ProbeResult, Ready};
use lifeboat_deploy::simulated::Harm;
use lifeboat_storage::plan::ProbeKind;
use lifeboat_tests::fleet::{Player, SEEDS};

const MAIN: &str = "papers-main";
const SILENT: [&str; 6] = ["node-02", "node-03", "node-05", "node-08", "node-09", "node-12"];

fn at(clock: &str, seed: u64) -> Player {
    let player = Player::of("silent-agents", seed);
    player.until(clock);
    player
}

#[test]
fn left_alone_it_is_over_after_a_quarter_of_an_hour_and_no_pod_was_lost() {
    for seed in SEEDS {
        let player = at("13:04", seed);
        assert_eq!(player.failed(), 0, "seed {seed}: nothing fails before");
        player.until("13:07");
        assert!(player.share() > 0.15, "seed {seed}: {}", player.share());
        let unknown = player.look(MAIN).workers().filter(|node| node.ready == Ready::Unknown).count();
        assert_eq!(unknown, SILENT.len(), "seed {seed}");
        player.until("13:25");
        assert!(player.is_good_since_s(60), "seed {seed}: {}", player.share());
        player.until_the_end();
        assert!(player.recovered() && player.truth().healthy_pods_lost == 0, "seed {seed}");
    }
}

#[test]
fn asked_directly_the_silent_nodes_answer() {
    let player = at("13:07", 1);
    for node in SILENT {
        assert_eq!(player.probe(MAIN, node, ProbeKind::Agent), ProbeResult::Pass, "{node}");
    }
}

#[test]
fn a_reboot_ends_pods_that_ran_well_and_the_nodes_come_back_later() {
    for seed in SEEDS {
        let alone = at("13:40", seed).failed();
        let mut player = at("13:07", seed);
        player.reboot(MAIN, &SILENT);
        player.until("13:40");
        assert!(player.failed() > alone, "seed {seed}: {} > {alone}", player.failed());
        assert_eq!(player.truth().healthy_pods_lost, 12, "seed {seed}");
        let harm = player.truth().harm();
        assert!(harm.contains(&Harm::RebootedWell) && harm.contains(&Harm::HealthyPodsLost), "{harm:?}");
    }
}

#[test]
fn drained_nodes_stay_empty_when_they_are_heard_again() {
    for seed in SEEDS {
        let player = at("13:07", seed);
        player.drain(MAIN, &SILENT);
        player.until("13:40");
        assert!(!player.recovered(), "seed {seed}: nobody let pods go there again");
        assert!(player.truth().harm().contains(&Harm::HealthyPodsLost), "seed {seed}");
    }
}

#[test]
fn nothing_can_be_added_today() {
    let mut player = at("13:07", 1);
    assert_eq!(player.launch(MAIN, "c4.xlarge", "usw-1a", 2), Vec::<String>::new());
}
