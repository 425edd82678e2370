//! Plays the steps of a plan through: what is away when. Pure.

use std::collections::BTreeSet;

use lifeboat_storage::id::NodeName;
use lifeboat_storage::plan::Step;

/// Nodes that keep serving during each step: what a step takes away comes back when it is admitted again.
#[must_use]
pub fn left_serving(serving: &BTreeSet<NodeName>, steps: &[Step]) -> Vec<u32> {
    let mut now = serving.clone();
    let mut left = Vec::new();
    for step in steps {
        match step {
            Step::Drain { node, .. }
            | Step::Reboot { node, .. }
            | Step::Leave { node, .. }
            | Step::Reimage { node, .. }
            | Step::Stop { node, .. } => _ = now.remove(node),
            Step::Uncordon { node, .. } if serving.contains(node) => _ = now.insert(node.clone()),
            _ => {}
        }
        left.push(count(now.len()));
    }
    left
}

/// Nodes in the order in which they are booted.
pub(super) fn boots(steps: &[Step]) -> impl Iterator<Item = &NodeName> {
    steps.iter().filter_map(|step| match step {
        Step::Reboot { node, .. } => Some(node),
        _ => None,
    })
}

/// Most nodes that boot at the same time.
pub(super) fn down_at_once(steps: &[Step]) -> u32 {
    let mut down = BTreeSet::new();
    let mut most = 0;
    for step in steps {
        match step {
            Step::Reboot { node, .. } => _ = down.insert(node),
            Step::AwaitBoot { node, .. } => _ = down.remove(node),
            _ => {}
        }
        most = most.max(down.len());
    }
    count(most)
}

/// Whether a node that was open before is open again after its boot.
pub(super) fn ends_open(steps: &[Step], name: &NodeName) -> bool {
    let (mut open, mut up) = (true, true);
    for step in steps {
        match step {
            Step::Cordon { node, .. } if node == name => open = false,
            Step::Reboot { node, .. } if node == name => up = false,
            Step::AwaitBoot { node, .. } if node == name => up = true,
            Step::Uncordon { node, .. } if node == name => open = up,
            _ => {}
        }
    }
    open
}

/// The first node boots, is awaited and probed, and the probe must pass, before any other boots.
pub(super) fn is_looked_at_alone(steps: &[Step], first: &NodeName) -> bool {
    let mut awaited = false;
    for step in steps {
        match step {
            Step::Reboot { node, .. } if node != first => return false,
            Step::AwaitBoot { node, .. } if node == first => awaited = true,
            Step::Probe { node, must_pass: true, .. } if node == first && awaited => return true,
            _ => {}
        }
    }
    false
}

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}
