//! `/node remove` and `/node move`: drain, leave, forget; then the machine is stopped, or made new elsewhere.

use lifeboat_storage::plan::{Consent, Cost, JoinRole, Plan, Policy, Proof, Step, Undo, Verb};

use super::target::{self, Meant};
use super::{Draft, count, finish, free};
use crate::refusal::{FleetRefusal, Refusal};
use crate::verb::Scene;

/// A disk made new, a boot and a join, in seconds: an estimate.
const MOVE_S: u32 = 900;

/// Plans to take nodes out; their machines are stopped, never given back.
///
/// # Errors
/// [`FleetRefusal`]: no such node, unclear machine, last serving node, locked, frozen, facts too old.
pub fn remove(scene: &Scene<'_>, typed: &str, over: Option<String>) -> Result<Plan, Refusal> {
    let meant = target::meant(scene, typed)?;
    let mut steps = Vec::new();
    for node in &meant.nodes {
        let instance = target::machine(scene, meant.cluster, node)?;
        steps.extend(out(&meant, node, &instance));
        let (cloud, name) = (meant.cluster.cloud.clone(), node.name.clone());
        steps.push(Step::Stop { cloud, instance, node: name });
    }
    steps.extend(forget(&meant));
    steps.push(gone(&meant));
    let undo = Undo::Impossible;
    planned(scene, &meant, steps, Verb::NodeRemove, None, 60 * count(meant.nodes.len()), undo, over)
}

/// Plans to take nodes of one cluster into another: their disks are made new.
///
/// # Errors
/// As [`remove`], and [`FleetRefusal::SameCluster`].
pub fn to_cluster(scene: &Scene<'_>, typed: &str, to: &str, over: Option<String>) -> Result<Plan, Refusal> {
    let meant = target::meant(scene, typed)?;
    let other = super::cluster(scene, to)?;
    if other.name == meant.cluster.name {
        return Err(FleetRefusal::SameCluster { cluster: other.name.clone() }.into());
    }
    free(scene, &other.name, over.as_ref())?;
    let mut steps = Vec::new();
    for node in &meant.nodes {
        let instance = target::machine(scene, meant.cluster, node)?;
        steps.extend(out(&meant, node, &instance));
        let (cloud, name) = (meant.cluster.cloud.clone(), node.name.clone());
        steps.push(Step::Reimage { cloud, instance, node: name });
    }
    steps.extend(forget(&meant));
    let all = count(meant.nodes.len());
    for slot in 0..all {
        let (cluster, cloud) = (other.name.clone(), other.cloud.clone());
        steps.push(Step::Join { slot, cluster, cloud, role: JoinRole::Worker });
    }
    steps.extend((0..all).map(|slot| Step::Admit { slot, cluster: other.name.clone() }));
    steps.push(Step::Prove {
        proof: Proof::Serving { cluster: other.name.clone(), at_least: 0 },
        nodes: Vec::new(),
        cluster: other.name.clone(),
    });
    let verb = Verb::NodeMove { to: other.name.clone() };
    planned(scene, &meant, steps, verb, Some(other.name.clone()), MOVE_S, Undo::Impossible, over)
}

fn out(
    meant: &Meant<'_>,
    node: &crate::facts::Node,
    instance: &lifeboat_storage::id::InstanceId,
) -> [Step; 3] {
    let (cluster, name) = (meant.cluster.name.clone(), node.name.clone());
    [
        Step::Cordon { cluster: cluster.clone(), node: name.clone() },
        Step::Drain { cluster: cluster.clone(), node: name.clone(), policy: Policy::Budgets },
        Step::Leave { cloud: meant.cluster.cloud.clone(), instance: instance.clone(), cluster, node: name },
    ]
}

fn forget(meant: &Meant<'_>) -> Vec<Step> {
    let forget = |node: &&crate::facts::Node| Step::Forget {
        cluster: meant.cluster.name.clone(),
        node: node.name.clone(),
    };
    meant.nodes.iter().map(forget).collect()
}

fn gone(meant: &Meant<'_>) -> Step {
    Step::Prove {
        proof: Proof::Gone,
        nodes: meant.nodes.iter().map(|node| node.name.clone()).collect(),
        cluster: meant.cluster.name.clone(),
    }
}

#[expect(clippy::too_many_arguments, reason = "what two verbs differ in, and nothing else")]
fn planned(
    scene: &Scene<'_>,
    meant: &Meant<'_>,
    steps: Vec<Step>,
    verb: Verb,
    other: Option<lifeboat_storage::id::ClusterName>,
    expected_s: u32,
    undo: Undo,
    over: Option<String>,
) -> Result<Plan, Refusal> {
    free(scene, &meant.cluster.name, over.as_ref())?;
    let serving = meant.seen.serving(&meant.cluster.service);
    if !serving.is_empty() && serving.iter().all(|name| meant.nodes.iter().any(|node| node.name == *name)) {
        return Err(FleetRefusal::LastServing { cluster: meant.cluster.name.clone() }.into());
    }
    let mut targets = Vec::new();
    for node in &meant.nodes {
        let instance = target::machine(scene, meant.cluster, node)?;
        targets.push(target::target(meant, node, Some(instance)));
    }
    let draft = Draft {
        verb,
        other,
        steps,
        targets,
        least: None,
        cost: Cost::Nothing,
        expected_s,
        undo,
        consent: Consent::TwoPeople,
        over,
    };
    finish(scene, meant.cluster, draft)
}
