//! `/cluster canary install`: what makes name resolution visible on every node.

use lifeboat_storage::id::{ClusterName, NodeName};
use lifeboat_storage::plan::{Cost, Plan, ProbeKind, Proof, Step, Undo, Verb};

use super::{Draft, finish, free, inventory};
use crate::facts::{Node, ProbeResult, Ready};
use crate::refusal::{FleetRefusal, Refusal};
use crate::verb::Scene;

/// A small pod started on every node, and one round of probes, in seconds: an estimate.
const EXPECTED_S: u32 = 90;

/// Plans to put the canary into a cluster.
///
/// # Errors
/// [`FleetRefusal`]: it answers there already, no worker is Ready, locked, frozen, facts too old.
pub fn plan(scene: &Scene<'_>, name: &ClusterName) -> Result<Plan, Refusal> {
    let cluster = super::cluster(scene, name.as_str())?;
    free(scene, &cluster.name, None)?;
    let seen = inventory(scene, &cluster.name)?;
    let ready: Vec<&Node> = seen.workers().filter(|node| node.ready == Ready::Yes).collect();
    let nodes: Vec<NodeName> = ready.iter().map(|node| node.name.clone()).collect();
    if nodes.is_empty() {
        return Err(FleetRefusal::NoTarget { typed: cluster.name.to_string() }.into());
    }
    if nodes.iter().all(|node| answers(scene, &cluster.name, node)) {
        return Err(FleetRefusal::AlreadySo { nodes }.into());
    }
    let prove = Step::Prove { proof: Proof::CanaryAnswers, nodes, cluster: cluster.name.clone() };
    let draft = Draft {
        verb: Verb::ClusterCanary,
        other: None,
        steps: vec![Step::InstallCanary { cluster: cluster.name.clone() }, prove],
        targets: Vec::new(),
        least: None,
        cost: Cost::Nothing,
        expected_s: EXPECTED_S,
        undo: Undo::ByHand,
        over: None,
    };
    finish(scene, cluster, draft)
}

/// Name resolution was looked at there, and the answer was yes or no.
fn answers(scene: &Scene<'_>, cluster: &ClusterName, node: &NodeName) -> bool {
    let fact = scene.facts.probes.get(&(cluster.clone(), node.clone(), ProbeKind::NameResolution));
    fact.is_some_and(|fact| !matches!(fact.result, ProbeResult::Unknown(_)))
}
