//! One plan beside the fleet it was made for, played through by hand.

use std::collections::{BTreeMap, BTreeSet};

use lifeboat_commands::facts::{Inventory, PodState};
use lifeboat_storage::id::{ClusterName, NodeName};
use lifeboat_storage::plan::{Plan, RebootMode, Step, Verb};

use crate::world::{World, cluster};

/// It is kept, or why not.
pub(crate) type Kept = Result<(), String>;

/// One plan and the fleet it was made for.
pub(crate) struct Planned<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) world: &'a World,
}

impl Planned<'_> {
    pub(crate) fn seen(&self) -> &Inventory {
        &self.world.facts.clusters[&cluster("main")]
    }

    pub(crate) fn serving(&self) -> BTreeSet<NodeName> {
        let serves = self.seen().pods.values().filter(|pod| {
            pod.state == PodState::Ready && pod.service.as_ref().is_some_and(|name| name.as_str() == "blog")
        });
        serves.filter_map(|pod| pod.node.clone()).collect()
    }

    /// Nodes that serve after each step, played by hand.
    pub(crate) fn played(&self) -> Vec<BTreeSet<NodeName>> {
        let was = self.serving();
        let mut gone: BTreeMap<&NodeName, bool> = BTreeMap::new();
        let mut after = Vec::new();
        for step in &self.plan.steps {
            match step {
                Step::Drain { node, .. } | Step::Reboot { node, .. } => _ = gone.insert(node, true),
                Step::Stop { node, .. } | Step::Reimage { node, .. } => _ = gone.insert(node, true),
                Step::Leave { node, .. } => _ = gone.insert(node, true),
                Step::Uncordon { node, .. } => _ = gone.insert(node, false),
                _ => {}
            }
            after.push(was.iter().filter(|node| gone.get(node) != Some(&true)).cloned().collect());
        }
        after
    }

    pub(crate) fn fewest(&self) -> usize {
        self.played().iter().map(BTreeSet::len).min().unwrap_or(self.serving().len())
    }

    /// Most nodes that are down at the same time.
    pub(crate) fn most_down(&self) -> usize {
        let (mut down, mut most) = (BTreeSet::new(), 0);
        for step in &self.plan.steps {
            match step {
                Step::Reboot { node, .. } => _ = down.insert(node),
                Step::AwaitBoot { node, .. } => _ = down.remove(node),
                _ => {}
            }
            most = most.max(down.len());
        }
        most
    }

    pub(crate) fn is_emergency(&self) -> bool {
        self.plan.verb == Verb::NodeReboot { mode: RebootMode::Emergency }
    }

    pub(crate) fn boots(&self) -> Vec<&NodeName> {
        let boots = self.plan.steps.iter().filter_map(|step| match step {
            Step::Reboot { node, .. } => Some(node),
            _ => None,
        });
        boots.collect()
    }

    /// Careful, and something that serves could be taken.
    pub(crate) fn takes_with_care(&self) -> bool {
        let takes = |step: &Step| {
            matches!(step, Step::Drain { .. } | Step::Reboot { .. } | Step::Leave { .. })
                || matches!(step, Step::Stop { .. } | Step::Reimage { .. })
        };
        !self.is_emergency() && self.plan.steps.iter().any(takes) && !self.serving().is_empty()
    }

    /// So many of these may be away at once.
    pub(crate) fn allowed(&self, of: usize) -> usize {
        (of * self.world.fleet.limits.at_once_percent as usize / 100).max(1)
    }

    /// Clusters the plan is about.
    pub(crate) fn clusters(&self) -> Vec<&ClusterName> {
        std::iter::once(&self.plan.cluster).chain(&self.plan.other).collect()
    }

    /// Clusters that must be sound for it: one that traffic leaves need not be.
    pub(crate) fn leans_on(&self) -> Vec<&ClusterName> {
        let swaps = matches!(self.plan.verb, Verb::ClusterSwap { .. });
        self.clusters().into_iter().skip(usize::from(swaps)).collect()
    }
}

pub(crate) fn so(holds: bool, why: &str) -> Kept {
    if holds { Ok(()) } else { Err(why.to_owned()) }
}

/// Names of one kind in what is printed of steps.
pub(crate) fn named<'t>(text: &'t str, kind: &str) -> BTreeSet<&'t str> {
    let opening = format!("{kind}(\"");
    text.split(opening.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}
