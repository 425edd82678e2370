//! What every cloud keeps.

use chrono::TimeDelta;
use lifeboat_commands::facts::{InstanceState, Matched, Stock};
use lifeboat_commands::ports::Outcome;
use lifeboat_commands::ports::cloud::{HostOrder, RunResult};
use lifeboat_storage::id::InstanceId;
use lifeboat_storage::plan::{HostCommand, JoinRole, LaunchSpec};

use super::identity::machine_of;
use super::{Harness, a_serving_node, cloud_of, done, instance, inventory, key, orchestrator};

/// The same key is the same wish: one machine, found by the key.
pub async fn launching_twice_with_one_key_makes_one_machine(harness: &impl Harness) {
    let cloud = cloud_of(harness);
    let before = done(cloud.instances().await).len();
    assert_eq!(cloud.find(key("once")).await, Outcome::NotFound);
    let first = done(cloud.launch(harness.spec(), key("once")).await);
    let second = done(cloud.launch(harness.spec(), key("once")).await);
    assert_eq!((&first, done(cloud.find(key("once")).await)), (&second, first.clone()));
    let other = done(cloud.launch(harness.spec(), key("another")).await);
    assert_ne!(first, other);
    assert_eq!(done(cloud.instances().await).len(), before + 2);
}

/// A launch whose answer was lost is found by its key, and repeating it makes no second machine.
pub async fn a_launch_whose_answer_was_lost_is_found_by_its_key(harness: &impl Harness) {
    let cloud = cloud_of(harness);
    harness.lose_next_answer();
    assert!(matches!(cloud.launch(harness.spec(), key("lost")).await, Outcome::Unknown(_)));
    let found = done(cloud.find(key("lost")).await);
    assert_eq!(cloud.launch(harness.spec(), key("lost")).await, Outcome::Done(found));
}

/// What is sold out cannot be had, says so in the list, and leaves nothing behind.
pub async fn what_is_sold_out_is_no_capacity_and_leaves_nothing(harness: &impl Harness) {
    let cloud = cloud_of(harness);
    let spec = harness.sold_out_spec();
    let before = done(cloud.instances().await).len();
    assert!(matches!(cloud.launch(spec.clone(), key("none")).await, Outcome::NoCapacity(_)));
    assert_eq!(cloud.find(key("none")).await, Outcome::NotFound);
    assert_eq!(done(cloud.instances().await).len(), before);
    assert_eq!(stock(harness, &spec).await, Some(Stock::SoldOut));
    assert_eq!(stock(harness, &harness.spec()).await, Some(Stock::Available));
}

async fn stock(harness: &impl Harness, spec: &LaunchSpec) -> Option<Stock> {
    let offerings = done(cloud_of(harness).offerings().await);
    let same = |one: &lifeboat_commands::facts::Offering| {
        one.machine == spec.machine && one.zone == spec.zone && one.spot == spec.spot
    };
    offerings.into_iter().find(same).map(|one| one.stock)
}

/// Each machine has an outcome of its own; starting one that runs is done.
pub async fn starting_answers_for_each_machine_by_itself(harness: &impl Harness) {
    let cloud = cloud_of(harness);
    let (good, sold_out) = (harness.stopped(), harness.stopped_and_sold_out());
    let nobody = InstanceId::new("i-nobody");
    let ids = vec![good.clone(), sold_out.clone(), nobody.clone()];
    let each = cloud.start(ids.clone()).await;
    assert_eq!(each[&good], Outcome::Done(()));
    assert!(matches!(each[&sold_out], Outcome::NoCapacity(_)));
    assert_eq!(each[&nobody], Outcome::NotFound);
    assert_eq!(cloud.start(ids).await, each, "asked again, it is the same");
    harness.pass(180).await;
    let state = instance(harness, &good).await.map(|one| one.state);
    assert_eq!(state, Some(InstanceState::Running));
    let refused = instance(harness, &sold_out).await.map(|one| one.state);
    assert_eq!(refused, Some(InstanceState::Stopped));
}

/// Stopping may be repeated; the machine is kept.
pub async fn stopping_keeps_the_machine_and_may_be_repeated(harness: &impl Harness) {
    let cloud = cloud_of(harness);
    let node = a_serving_node(harness).await;
    let machine = machine_of(harness, &node).await;
    for _ in 0..2 {
        assert_eq!(cloud.stop(vec![machine.clone()]).await[&machine], Outcome::Done(()));
    }
    harness.pass(60).await;
    assert_eq!(instance(harness, &machine).await.map(|one| one.state), Some(InstanceState::Stopped));
}

/// A reboot keeps what a machine is and changes its boot id; while it boots, another is refused.
pub async fn a_reboot_keeps_the_machine_and_changes_the_boot_id(harness: &impl Harness) {
    let cloud = cloud_of(harness);
    let name = a_serving_node(harness).await;
    let machine = machine_of(harness, &name).await;
    let before = (inventory(harness).await.nodes[&name].clone(), instance(harness, &machine).await);
    done(cloud.reboot(machine.clone(), key("boot")).await);
    assert!(matches!(cloud.reboot(machine.clone(), key("boot-2")).await, Outcome::Busy { .. }));
    harness.pass(240).await;
    let after = (inventory(harness).await.nodes[&name].clone(), instance(harness, &machine).await);
    assert_ne!(before.0.boot_id, after.0.boot_id);
    assert_eq!(before.0.identity, after.0.identity);
    assert_eq!(before.1, after.1, "same state, address, price");
    assert_eq!(cloud.reboot(InstanceId::new("i-nobody"), key("boot-3")).await, Outcome::NotFound);
}

/// A new disk: the machine is itself, and no longer the node it was. The same key makes it new once.
pub async fn a_reimaged_machine_is_no_longer_its_node_and_can_join_again(harness: &impl Harness) {
    let (cloud, port) = (cloud_of(harness), orchestrator(harness));
    let name = a_serving_node(harness).await;
    let machine = machine_of(harness, &name).await;
    for _ in 0..2 {
        done(cloud.reimage(machine.clone(), key("disk")).await);
    }
    harness.pass(1_800).await;
    done(cloud.reimage(machine.clone(), key("disk")).await);
    let state = instance(harness, &machine).await.map(|one| one.state);
    assert_eq!(state, Some(InstanceState::Running), "the third call with the key did nothing");
    let node = inventory(harness).await.nodes[&name].clone();
    assert_ne!(node.ready, lifeboat_commands::facts::Ready::Yes, "nothing runs there for the old cluster");
    done(port.forget(name.clone()).await);

    let ticket = done(port.mint_join(JoinRole::Worker, TimeDelta::minutes(10)).await);
    done(cloud.run(machine.clone(), HostOrder::Join(ticket), key("again")).await);
    harness.pass(120).await;
    let facts = super::identity::cloud_facts(harness).await;
    let again = inventory(harness).await;
    let matches = again.nodes.values().filter(|node| facts.machine_of(node) == Matched::One(machine.clone()));
    assert_eq!(matches.count(), 1);
}

/// A command runs once a key; of a key nobody used, nothing is known.
pub async fn a_command_runs_once_a_key(harness: &impl Harness) {
    let cloud = cloud_of(harness);
    let node = a_serving_node(harness).await;
    let machine = machine_of(harness, &node).await;
    assert_eq!(cloud.run_result(key("leave")).await, Outcome::NotFound);
    for _ in 0..2 {
        done(cloud.run(machine.clone(), HostOrder::Plain(HostCommand::Leave), key("leave")).await);
    }
    harness.pass(60).await;
    assert_eq!(cloud.run_result(key("leave")).await, Outcome::Done(RunResult::Succeeded));
}
