//! `/node cordon`, `uncordon` and `drain`.

use lifeboat_storage::plan::{Consent, Cost, Plan, Policy, Proof, Step, Undo, Verb};

use super::target::{self, Meant};
use super::{Draft, count, finish, free};
use crate::refusal::{FleetRefusal, Refusal};
use crate::verb::Scene;

/// Plans that new pods go to these nodes, or not.
///
/// # Errors
/// [`FleetRefusal`]: no such node, locked, frozen, facts too old.
pub fn schedulable(scene: &Scene<'_>, typed: &str, want: bool) -> Result<Plan, Refusal> {
    let meant = target::meant(scene, typed)?;
    let steps = meant.nodes.iter().map(|node| {
        let (cluster, node) = (meant.cluster.name.clone(), node.name.clone());
        if want { Step::Uncordon { cluster, node, always: true } } else { Step::Cordon { cluster, node } }
    });
    let (verb, back) = if want { (Verb::NodeUncordon, "cordon") } else { (Verb::NodeCordon, "uncordon") };
    let steps = steps.collect();
    planned(scene, &meant, steps, Proof::Schedulable { want }, verb, back, Consent::Given)
}

/// Plans that pods leave these nodes.
///
/// # Errors
/// [`FleetRefusal`]: no such node, last serving node, locked, frozen, facts too old.
pub fn drain(scene: &Scene<'_>, typed: &str) -> Result<Plan, Refusal> {
    let meant = target::meant(scene, typed)?;
    let serving = meant.seen.serving(&meant.cluster.service);
    if !serving.is_empty() && serving.iter().all(|name| meant.nodes.iter().any(|node| node.name == *name)) {
        return Err(FleetRefusal::LastServing { cluster: meant.cluster.name.clone() }.into());
    }
    let mut steps = Vec::new();
    for node in &meant.nodes {
        let (cluster, node) = (meant.cluster.name.clone(), node.name.clone());
        steps.push(Step::Cordon { cluster: cluster.clone(), node: node.clone() });
        steps.push(Step::Drain { cluster, node, policy: Policy::Budgets });
    }
    planned(scene, &meant, steps, Proof::Empty, Verb::NodeDrain, "uncordon", Consent::Confirm)
}

fn planned(
    scene: &Scene<'_>,
    meant: &Meant<'_>,
    mut steps: Vec<Step>,
    proof: Proof,
    verb: Verb,
    back: &str,
    consent: Consent,
) -> Result<Plan, Refusal> {
    free(scene, &meant.cluster.name, None)?;
    let names: Vec<_> = meant.nodes.iter().map(|node| node.name.clone()).collect();
    let listed = names.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    steps.push(Step::Prove { proof, nodes: names, cluster: meant.cluster.name.clone() });
    let draft = Draft {
        verb,
        other: None,
        expected_s: 10 * count(steps.len()),
        steps,
        targets: meant.nodes.iter().map(|node| target::target(meant, node, None)).collect(),
        least: None,
        cost: Cost::Nothing,
        undo: Undo::By { line: format!("/node {back} {listed}") },
        consent,
        over: None,
    };
    finish(scene, meant.cluster, draft)
}
