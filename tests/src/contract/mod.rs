//! What every adapter behind the ports must keep, whatever stands behind it.
//!
//! A test hands each function a [`Harness`] with a fresh fleet. The functions panic when the contract is broken, as
//! tests do. Whoever writes an adapter writes a harness for it and runs all of them.

pub mod cloud;
pub mod identity;
pub mod orchestrator;
pub mod traffic;

use lifeboat_commands::facts::{Instance, Inventory, Node};
use lifeboat_commands::ports::orchestrator::Orchestrator;
use lifeboat_commands::ports::{Outcome, Pending};
use lifeboat_deploy::ports::Ports;
use lifeboat_storage::id::{CloudName, ClusterName, IdemKey, InstanceId, NodeName, TrafficName};
use lifeboat_storage::plan::LaunchSpec;

/// A fresh fleet that a contract is tried on: one cluster with at least three serving workers, whose budget lets some
/// pods go but never all; its cloud; its traffic entry.
pub trait Harness {
    /// The ports under test.
    fn ports(&self) -> &Ports;
    /// A cluster whose nodes know their provider id.
    fn cluster(&self) -> ClusterName;
    /// Its cloud.
    fn cloud(&self) -> CloudName;
    /// Its traffic entry, over at least two clusters.
    fn traffic(&self) -> TrafficName;
    /// A machine that can be had.
    fn spec(&self) -> LaunchSpec;
    /// One that is sold out.
    fn sold_out_spec(&self) -> LaunchSpec;
    /// A stopped machine that can be started.
    fn stopped(&self) -> InstanceId;
    /// A stopped machine whose type is sold out.
    fn stopped_and_sold_out(&self) -> InstanceId;
    /// Lets so much time pass for the fleet.
    fn pass(&self, seconds: u32) -> Pending<'_, ()>;
    /// The next call that changes something takes effect, but its answer is lost.
    fn lose_next_answer(&self);
    /// Two machines get each other's private address.
    fn swap_addresses(&self, one: &InstanceId, other: &InstanceId);
}

/// The value of a call that must succeed.
#[track_caller]
pub fn done<T>(outcome: Outcome<T>) -> T {
    match outcome {
        Outcome::Done(value) => value,
        other => panic!("wanted Done, got {:?}", other.map(drop)),
    }
}

/// A key that no other test uses.
#[must_use]
pub fn key(text: &str) -> IdemKey {
    IdemKey::new(format!("contract-{text}"))
}

fn orchestrator(harness: &impl Harness) -> &dyn Orchestrator {
    &**harness.ports().orchestrators.get(&harness.cluster()).expect("the harness has its cluster")
}

fn cloud_of(harness: &impl Harness) -> &dyn lifeboat_commands::ports::cloud::Cloud {
    &**harness.ports().clouds.get(&harness.cloud()).expect("the harness has its cloud")
}

async fn inventory(harness: &impl Harness) -> Inventory {
    done(orchestrator(harness).inventory().await)
}

async fn instance(harness: &impl Harness, id: &InstanceId) -> Option<Instance> {
    let all = done(cloud_of(harness).instances().await);
    all.into_iter().find(|one| one.id == *id)
}

/// Workers that serve, by name.
async fn serving(harness: &impl Harness) -> Vec<Node> {
    let inventory = inventory(harness).await;
    let service = inventory.wanted_pods.keys().next().expect("the cluster wants pods of a service").clone();
    let names = inventory.serving(&service);
    names.iter().map(|name| inventory.nodes[name].clone()).collect()
}

async fn a_serving_node(harness: &impl Harness) -> NodeName {
    serving(harness).await.first().expect("a node serves").name.clone()
}
