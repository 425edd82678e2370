//! Which machine is it? Nobody acts on one that cannot be told for sure.

use lifeboat_commands::facts::{CloudFacts, Matched};
use lifeboat_storage::id::{InstanceId, NodeName};

use super::{Harness, cloud_of, done, inventory, serving};

/// What the cloud says now.
pub async fn cloud_facts(harness: &impl Harness) -> CloudFacts {
    let instances = done(cloud_of(harness).instances().await);
    let instances = instances.into_iter().map(|one| (one.id.clone(), one)).collect();
    CloudFacts { instances, ..CloudFacts::default() }
}

/// The machine behind a node.
pub async fn machine_of(harness: &impl Harness, node: &NodeName) -> InstanceId {
    let node = inventory(harness).await.nodes[node].clone();
    match cloud_facts(harness).await.machine_of(&node) {
        Matched::One(machine) => machine,
        unclear => panic!("{} is {unclear:?}", node.name),
    }
}

/// Two machines swapped their addresses: the provider id still tells which is which.
pub async fn nodes_that_swapped_addresses_are_told_apart_by_their_provider_id(harness: &impl Harness) {
    let nodes = serving(harness).await;
    let (one, other) = (&nodes[0].name, &nodes[1].name);
    let before = (machine_of(harness, one).await, machine_of(harness, other).await);
    harness.swap_addresses(&before.0, &before.1);
    assert_eq!((machine_of(harness, one).await, machine_of(harness, other).await), before);
}

/// Where only the address agrees, the answer is "unclear", with both candidates to show.
pub async fn an_address_alone_never_names_a_machine(harness: &impl Harness) {
    let nodes = serving(harness).await;
    let before = (machine_of(harness, &nodes[0].name).await, machine_of(harness, &nodes[1].name).await);
    let serial = cloud_facts(harness).await.instances[&before.0].identity.serial.clone();
    harness.swap_addresses(&before.0, &before.1);
    let facts = cloud_facts(harness).await;
    let mut node = nodes[0].clone();
    node.identity.provider_id = None;

    node.identity.serial = serial;
    let mut candidates = vec![before.0, before.1.clone()];
    candidates.sort();
    assert_eq!(facts.machine_of(&node), Matched::Unclear(candidates), "address and serial disagree");

    node.identity.serial = None;
    assert_eq!(
        facts.machine_of(&node),
        Matched::Unclear(vec![before.1]),
        "the address agrees, and only that"
    );
}
