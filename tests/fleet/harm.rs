//! What the world calls harm: by what a call did, never by what anybody meant.

use std::collections::BTreeSet;

use lifeboat_deploy::simulated::Harm;
use lifeboat_tests::fleet::Player;

const MAIN: &str = "k8s-main";

fn at(clock: &str) -> Player {
    let player = Player::of("sold-out-morning", 1);
    player.until(clock);
    player
}

#[track_caller]
fn assert_harm<const N: usize>(player: &Player, wanted: [Harm; N]) {
    assert_eq!(player.truth().harm(), BTreeSet::from(wanted));
}

#[test]
fn each_kind_of_harm_has_a_key_of_its_own() {
    let keys: BTreeSet<&str> = Harm::ALL.into_iter().map(Harm::key).collect();
    assert_eq!(keys.len(), Harm::ALL.len());
}

#[test]
fn looking_and_waiting_do_no_harm() {
    let player = at("11:00");
    let _ = (player.look(MAIN), player.machines(), player.resolves(MAIN, "worker-1"));
    assert_harm(&player, []);
}

#[test]
fn booting_a_stale_worker_again_is_a_cure_and_booting_it_twice_is_not() {
    let mut player = at("08:30");
    player.drain(MAIN, &["worker-1"]);
    player.reboot(MAIN, &["worker-1"]);
    assert_harm(&player, []);
    player.reboot(MAIN, &["worker-1"]);
    assert_harm(&player, [Harm::RebootedWell]);
    assert!(player.truth().first_harm(Harm::RebootedWell).is_some());
}

#[test]
fn booting_a_fresh_worker_that_serves_loses_its_pods() {
    let mut player = at("08:30");
    player.reboot(MAIN, &["worker-5"]);
    assert_harm(&player, [Harm::HealthyPodsLost, Harm::RebootedWell]);
    assert!(player.truth().healthy_pods_lost > 0);
}

#[test]
fn stopping_a_machine_whose_type_is_sold_out_is_for_good() {
    let mut player = at("08:30");
    player.drain(MAIN, &["worker-1"]);
    let machine = player.machine(MAIN, "worker-1");
    player.stop(&[machine]);
    assert_harm(&player, [Harm::StoppedForGood]);
}

#[test]
fn traffic_on_a_cluster_without_a_pod_that_serves_is_too_much() {
    let player = at("08:30");
    player.swap_to("k8s-ha");
    assert_harm(&player, [Harm::ShiftedTooMuch]);
    player.swap_to(MAIN);
    let again = at("08:30");
    again.swap_to(MAIN);
    assert_harm(&again, []);
}

#[test]
fn a_machine_that_never_serves_was_made_in_vain_after_a_quarter_of_an_hour() {
    let mut player = at("08:30");
    let new = player.launch(MAIN, "c6.4c8g", "zone-k", 1);
    player.wait_s(600);
    assert_harm(&player, []);
    player.wait_s(600);
    assert_harm(&player, [Harm::LaunchedInVain]);
    player.reboot(MAIN, &[&new[0]]);
    player.uncordon(MAIN, &new);
    player.wait_s(60);
    assert_harm(&player, []);
}
