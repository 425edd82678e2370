//! `/node remove` and `/node move`: drain, leave, forget; then the machine is stopped, or made new elsewhere. A node
//! whose machine is off already is only forgotten.

use std::collections::BTreeSet;

use lifeboat_storage::id::{ClusterName, InstanceId, NodeName};
use lifeboat_storage::plan::{Cost, JoinRole, Plan, Policy, Proof, Step, Undo, Verb};

use super::target::{self, Meant};
use super::{Draft, count, finish, free, inventory};
use crate::facts::Node;
use crate::refusal::{FleetRefusal, Refusal};
use crate::verb::Scene;

/// A node drained, left and stopped, in seconds: an estimate.
const REMOVE_S: u32 = 60;
/// A disk made new, a boot and a join, in seconds: an estimate.
const MOVE_S: u32 = 900;

/// Plans to take nodes out; their machines are stopped, never given back.
///
/// # Errors
/// [`FleetRefusal`]: no such node, unclear machine, last serving node, locked, frozen, facts too old.
pub fn remove(scene: &Scene<'_>, typed: &str, over: Option<String>) -> Result<Plan, Refusal> {
    let going = Going::of(scene, typed, over.as_ref())?;
    let stop = |(node, instance): &(&Node, InstanceId)| Step::Stop {
        cloud: going.meant.cluster.cloud.clone(),
        instance: instance.clone(),
        node: node.name.clone(),
    };
    let mut steps = going.out(stop);
    steps.push(Step::Prove {
        proof: Proof::Gone,
        nodes: going.meant.nodes.iter().map(|node| node.name.clone()).collect(),
        cluster: going.meant.cluster.name.clone(),
    });
    let expected_s = REMOVE_S * count(going.all.len());
    let draft = going.draft(Verb::NodeRemove, None, steps, expected_s, going.undo(scene), over);
    finish(scene, going.meant.cluster, draft)
}

/// Plans to take nodes of one cluster into another: their disks are made new.
///
/// # Errors
/// As [`remove`], and [`FleetRefusal::SameCluster`], [`FleetRefusal::OtherCloud`], [`FleetRefusal::SwitchedOff`].
pub fn to_cluster(scene: &Scene<'_>, typed: &str, to: &str, over: Option<String>) -> Result<Plan, Refusal> {
    let other = super::cluster(scene, to)?;
    let going = Going::of(scene, typed, over.as_ref())?;
    if other.name == going.meant.cluster.name {
        return Err(FleetRefusal::SameCluster { cluster: other.name.clone() }.into());
    }
    // A machine cannot leave its cloud.
    if other.cloud != going.meant.cluster.cloud {
        return Err(FleetRefusal::OtherCloud { cluster: other.name.clone() }.into());
    }
    target::are_on(scene, &going.meant)?;
    free(scene, &other.name, over.as_ref())?;
    inventory(scene, &other.name)?;
    let renew = |(node, instance): &(&Node, InstanceId)| Step::Reimage {
        cloud: going.meant.cluster.cloud.clone(),
        instance: instance.clone(),
        node: node.name.clone(),
    };
    let mut steps = going.out(renew);
    let all = count(going.all.len());
    steps.extend((0..all).map(|slot| Step::Join {
        slot,
        cluster: other.name.clone(),
        cloud: other.cloud.clone(),
        role: JoinRole::Worker,
    }));
    steps.extend((0..all).map(|slot| Step::Admit { slot, cluster: other.name.clone() }));
    let proof = Proof::Serving { cluster: other.name.clone(), at_least: 0 };
    steps.push(Step::Prove { proof, nodes: Vec::new(), cluster: other.name.clone() });
    let verb = Verb::NodeMove { to: other.name.clone() };
    let draft = going.draft(verb, Some(other.name.clone()), steps, MOVE_S, Undo::Impossible, over);
    finish(scene, going.meant.cluster, draft)
}

/// Nodes that go, with their machines.
struct Going<'a> {
    meant: Meant<'a>,
    all: Vec<(&'a Node, InstanceId)>,
    /// Of these, the ones whose machine is off: nothing runs there that could be drained, leave or be stopped.
    off: BTreeSet<NodeName>,
}

impl<'a> Going<'a> {
    fn of(scene: &Scene<'a>, typed: &str, over: Option<&String>) -> Result<Self, Refusal> {
        let meant = target::meant(scene, typed)?;
        free(scene, &meant.cluster.name, over)?;
        target::spares_one(&meant)?;
        let machine = |node: &&'a Node| Ok((*node, target::machine(scene, meant.cluster, node)?));
        let all = meant.nodes.iter().map(machine).collect::<Result<_, Refusal>>()?;
        let off = meant.nodes.iter().filter(|node| target::is_off(scene, meant.cluster, node));
        let off = off.map(|node| node.name.clone()).collect();
        Ok(Self { meant, all, off })
    }

    /// Each that is on is emptied and leaves before the next; the books are cleared at the end.
    fn out(&self, last: impl Fn(&(&Node, InstanceId)) -> Step) -> Vec<Step> {
        let cluster = &self.meant.cluster.name;
        let mut steps = Vec::new();
        for one in self.all.iter().filter(|(node, _)| !self.off.contains(&node.name)) {
            let node = one.0.name.clone();
            let (cloud, instance) = (self.meant.cluster.cloud.clone(), one.1.clone());
            steps.extend([
                Step::Cordon { cluster: cluster.clone(), node: node.clone() },
                Step::Drain { cluster: cluster.clone(), node: node.clone(), policy: Policy::Budgets },
                Step::Leave { cloud, instance, cluster: cluster.clone(), node },
                last(one),
            ]);
        }
        let forget = |(node, _): &(&Node, InstanceId)| Step::Forget {
            cluster: cluster.clone(),
            node: node.name.clone(),
        };
        steps.extend(self.all.iter().map(forget));
        steps
    }

    /// A machine that is stopped is started and joined again by its pool, unless its kind may be sold out by then.
    fn undo(&self, scene: &Scene<'_>) -> Undo {
        let cloud = scene.facts.clouds.get(&self.meant.cluster.cloud);
        let lasting = |id: &InstanceId| {
            cloud.and_then(|cloud| cloud.instances.get(id)).is_some_and(|instance| !instance.spot)
        };
        let pool = scene.fleet.pools.iter().find(|pool| {
            pool.cluster == self.meant.cluster.name
                && self.all.iter().all(|(_, id)| pool.members.contains(id))
        });
        match pool.filter(|_| self.all.iter().all(|(_, id)| lasting(id))) {
            Some(pool) => Undo::By { line: format!("/node add {} {}", self.all.len(), pool.name) },
            None => Undo::Impossible,
        }
    }

    fn draft(
        &self,
        verb: Verb,
        other: Option<ClusterName>,
        steps: Vec<Step>,
        expected_s: u32,
        undo: Undo,
        over: Option<String>,
    ) -> Draft {
        let target = |(node, instance): &(&Node, InstanceId)| {
            target::target(&self.meant, node, Some(instance.clone()))
        };
        let targets = self.all.iter().map(target).collect();
        Draft { verb, other, steps, targets, least: None, cost: Cost::Nothing, expected_s, undo, over }
    }
}
