//! `/node cordon`, `uncordon` and `drain`.

use lifeboat_storage::id::NodeName;
use lifeboat_storage::plan::{Cost, Plan, Policy, Proof, Step, Undo, Verb};

use super::target::{self, Meant};
use super::{Draft, count, finish, free};
use crate::facts::Node;
use crate::refusal::Refusal;
use crate::verb::Scene;

/// Plans that new pods go to these nodes, or not; those that are so already are left alone.
///
/// # Errors
/// [`FleetRefusal`]: no such node, already so, locked, frozen, facts too old.
pub fn schedulable(scene: &Scene<'_>, typed: &str, want: bool) -> Result<Plan, Refusal> {
    let meant = target::meant(scene, typed)?.only(|node| node.schedulable != want)?;
    let step = |node: &&Node| {
        let (cluster, node) = (meant.cluster.name.clone(), node.name.clone());
        if want { Step::Uncordon { cluster, node, always: true } } else { Step::Cordon { cluster, node } }
    };
    let steps = meant.nodes.iter().map(step).collect();
    let (verb, back) = if want { (Verb::NodeUncordon, "cordon") } else { (Verb::NodeCordon, "uncordon") };
    let undo = undo(scene, &meant, back, &meant.nodes);
    planned(scene, &meant, steps, Proof::Schedulable { want }, verb, undo)
}

/// Plans that pods leave these nodes; those that are cordoned and carry none are left alone.
///
/// # Errors
/// [`FleetRefusal`]: no such node, already so, last serving node, locked, frozen, facts too old.
pub fn drain(scene: &Scene<'_>, typed: &str) -> Result<Plan, Refusal> {
    let meant = target::meant(scene, typed)?;
    let busy = meant.seen.busy();
    let meant = meant.only(|node| node.schedulable || busy.contains(&node.name))?;
    target::spares_one(&meant)?;
    let mut steps = Vec::new();
    for node in &meant.nodes {
        let (cluster, name) = (meant.cluster.name.clone(), node.name.clone());
        if node.schedulable {
            steps.push(Step::Cordon { cluster: cluster.clone(), node: name.clone() });
        }
        steps.push(Step::Drain { cluster, node: name, policy: Policy::Budgets });
    }
    // What somebody else cordoned is not ours to open again.
    let opened: Vec<&Node> = meant.nodes.iter().copied().filter(|node| node.schedulable).collect();
    let undo = undo(scene, &meant, "uncordon", &opened);
    planned(scene, &meant, steps, Proof::Empty, Verb::NodeDrain, undo)
}

fn undo(scene: &Scene<'_>, meant: &Meant<'_>, verb: &str, nodes: &[&Node]) -> Undo {
    let address = |node: &&Node| target::address(scene.fleet, scene.facts, &meant.cluster.name, &node.name);
    let names: Vec<String> = nodes.iter().map(address).collect();
    if names.is_empty() {
        return Undo::Impossible;
    }
    Undo::By { line: format!("/node {verb} {}", names.join(",")) }
}

fn planned(
    scene: &Scene<'_>,
    meant: &Meant<'_>,
    mut steps: Vec<Step>,
    proof: Proof,
    verb: Verb,
    undo: Undo,
) -> Result<Plan, Refusal> {
    free(scene, &meant.cluster.name, None)?;
    let nodes: Vec<NodeName> = meant.nodes.iter().map(|node| node.name.clone()).collect();
    steps.push(Step::Prove { proof, nodes, cluster: meant.cluster.name.clone() });
    let draft = Draft {
        verb,
        other: None,
        expected_s: 10 * count(steps.len()),
        steps,
        targets: meant.nodes.iter().map(|node| target::target(meant, node, None)).collect(),
        least: None,
        cost: Cost::Nothing,
        undo,
        over: None,
    };
    finish(scene, meant.cluster, draft)
}
