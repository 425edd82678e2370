//! The new cluster is green everywhere and fails under load; the old one still runs.

use lifeboat_commands::facts::{PodState, ProbeResult};
use lifeboat_deploy::simulated::Harm;
use lifeboat_storage::plan::ProbeKind;
use lifeboat_tests::fleet::{Player, SEEDS};

const NEW: &str = "eks-new";
const OLD: &str = "kops-old";
const NODES: [&str; 5] = ["eks-node-1", "eks-node-2", "eks-node-3", "eks-node-4", "eks-node-5"];

fn at(clock: &str, seed: u64) -> Player {
    let player = Player::of("new-year-cutover", seed);
    player.until(clock);
    player
}

#[test]
fn a_third_fails_with_the_load_while_every_pod_is_ready() {
    for seed in SEEDS {
        let player = at("08:00", seed);
        assert_eq!(player.failed(), 0, "seed {seed}: the quiet hours look well");
        assert_eq!(player.probe(NEW, "eks-node-1", ProbeKind::Egress), ProbeResult::Pass);
        player.until("09:00");
        assert!((0.25..0.45).contains(&player.share()), "seed {seed}: {}", player.share());
        assert!(matches!(player.probe(NEW, "eks-node-1", ProbeKind::Egress), ProbeResult::Fail(_)));
        let pods = player.look(NEW).pods;
        assert!(pods.values().all(|pod| pod.state == PodState::Ready), "seed {seed}");
        player.until_the_end();
        assert!(!player.recovered(), "seed {seed}");
    }
}

#[test]
fn back_on_the_old_cluster_it_is_over() {
    for seed in SEEDS {
        let player = at("09:00", seed);
        player.swap_to(OLD);
        player.wait_s(120);
        assert!(player.is_good_since_s(60), "seed {seed}: {}", player.share());
        player.until_the_end();
        assert!(player.recovered() && player.truth().harm().is_empty(), "seed {seed}");
    }
}

#[test]
fn neither_a_reboot_nor_more_nodes_open_the_way_out() {
    for seed in SEEDS {
        let alone = at("10:00", seed).failed();
        let mut player = at("09:00", seed);
        player.reboot(NEW, &NODES[..3]);
        player.until("10:00");
        assert!(player.failed() > alone, "seed {seed}: {} > {alone}", player.failed());
        assert!(player.truth().harm().contains(&Harm::HealthyPodsLost), "seed {seed}");
        let mut player = at("09:00", seed);
        let new = player.launch(NEW, "m5.xlarge", "mum-1", 3);
        player.uncordon(NEW, &new);
        player.until("10:00");
        assert!(player.share() > 0.25, "seed {seed}: {}", player.share());
    }
}

#[test]
fn the_new_cluster_may_be_tried_again_and_fails_again() {
    let player = at("09:00", 1);
    player.swap_to(OLD);
    player.wait_s(600);
    player.swap_to(NEW);
    player.wait_s(120);
    assert!(player.share() > 0.25, "{}", player.share());
    assert_eq!(player.truth().harm(), [Harm::ShiftedTooMuch].into());
}
