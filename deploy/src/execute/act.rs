//! The call of a step, and when it is not needed.

use chrono::TimeDelta;
use lifeboat_commands::facts::Matched;
use lifeboat_commands::ports::call::Call;
use lifeboat_storage::id::NodeName;
use lifeboat_storage::plan::run::Progress;
use lifeboat_storage::plan::{FailedBy, HostCommand, Rung, SkipReason, Step, StepOutcome};

use super::{Memory, View};

/// Why a step is not needed.
pub(super) fn skip(view: &View<'_>, index: u32, step: &Step) -> Option<SkipReason> {
    let run = view.run;
    let gained = u32::try_from(run.gained.len()).unwrap_or(u32::MAX);
    match step {
        Step::Obtain { want, .. } if gained >= *want => Some(SkipReason::Enough),
        Step::Obtain { rung, .. } if exhausted(view, index, rung) => Some(SkipReason::EarlierFailed),
        Step::Join { slot, .. } if *slot >= gained => Some(SkipReason::NothingGained),
        Step::Admit { slot, .. } if !run.joined.contains_key(slot) => Some(SkipReason::NothingGained),
        Step::Uncordon { node, .. } if failed_before(view, index, node) => Some(SkipReason::EarlierFailed),
        Step::Uncordon { cluster, node, always: false } if !run.cordoned.contains(node) => {
            let is_open = schedulable(view, cluster, node) == Some(true);
            Some(if is_open { SkipReason::AlreadySo } else { SkipReason::NotOurCordon })
        }
        Step::Uncordon { cluster, node, always: true } => {
            schedulable(view, cluster, node).filter(|now| *now).map(|_| SkipReason::AlreadySo)
        }
        Step::Cordon { cluster, node } => {
            schedulable(view, cluster, node).filter(|now| !*now).map(|_| SkipReason::AlreadySo)
        }
        Step::Reboot { cluster, node, .. } => {
            booted_since(view, cluster, node).then_some(SkipReason::AlreadySo)
        }
        _ => None,
    }
}

/// It booted after the plan was made: once is enough.
fn booted_since(view: &View<'_>, cluster: &lifeboat_storage::id::ClusterName, node: &NodeName) -> bool {
    let now = || view.facts.clusters.get(cluster)?.nodes.get(node)?.boot_id.as_ref();
    let before = super::look::boot_before(view, node);
    before.is_some() && now().is_some() && now() != before
}

fn schedulable(
    view: &View<'_>,
    cluster: &lifeboat_storage::id::ClusterName,
    node: &NodeName,
) -> Option<bool> {
    view.facts.clusters.get(cluster)?.nodes.get(node).map(|node| node.schedulable)
}

/// The same rung said before, in this plan, that it is sold out; or it failed twice for any other reason.
fn exhausted(view: &View<'_>, index: u32, rung: &Rung) -> bool {
    let steps = view.run.plan.steps.iter().zip(0_u32..);
    let failed = |(step, at): (&Step, u32)| match step {
        Step::Obtain { rung: other, .. } if other == rung => {
            match &view.run.steps.get(&at)?.ended.as_ref()?.1 {
                StepOutcome::Failed { by } => Some(matches!(by, FailedBy::NoCapacity { .. })),
                _ => None,
            }
        }
        _ => None,
    };
    let failures: Vec<bool> = steps.take_while(|(_, at)| *at < index).filter_map(failed).collect();
    failures.len() >= 2 || failures.contains(&true)
}

/// A boot of the same node did not come to a good end.
fn failed_before(view: &View<'_>, index: u32, node: &NodeName) -> bool {
    let steps = view.run.plan.steps.iter().zip(0_u32..);
    steps.take_while(|(_, at)| *at < index).any(|(step, at)| {
        let boots = match step {
            Step::Reboot { node: other, .. }
            | Step::AwaitBoot { node: other, .. }
            | Step::Probe { node: other, must_pass: true, .. } => other == node,
            _ => false,
        };
        let ended = view.run.steps.get(&at).and_then(|step| step.ended.as_ref());
        boots && matches!(ended, Some((_, StepOutcome::Failed { .. } | StepOutcome::Unknown { .. })))
    })
}

/// How long a step may take, in seconds.
pub(super) fn deadline_s(view: &View<'_>, step: &Step) -> i64 {
    match step {
        Step::Hold { seconds, .. } => i64::from(*seconds) + 120,
        // Machines of one order boot side by side: when one is given up, the others had the same time.
        Step::Join { .. } if gave_up_a_join(view) => 120,
        Step::Join { .. } => 1_500,
        Step::Admit { .. } | Step::AwaitBoot { .. } => 840 + i64::from(view.fleet.limits.stable_s),
        Step::Drain { .. } | Step::Prove { .. } => 600,
        Step::Reboot { .. } | Step::Leave { .. } | Step::Reimage { .. } | Step::Forget { .. } => 300,
        _ => 120,
    }
}

/// A machine of this plan did not become a node in time.
fn gave_up_a_join(view: &View<'_>) -> bool {
    let steps = view.run.plan.steps.iter().zip(0_u32..);
    let mut joins = steps.filter(|(step, _)| matches!(step, Step::Join { .. }));
    joins.any(|(_, at)| {
        let ended = view.run.steps.get(&at).and_then(|step| step.ended.as_ref());
        matches!(ended, Some((_, StepOutcome::Failed { by: FailedBy::Deadline { .. } })))
    })
}

/// What is told of a step that took too long.
pub(super) fn late(view: &View<'_>, step: &Step, progress: &Progress) -> FailedBy {
    let blocked_by = progress.left.as_ref().map(|(_, blocked_by)| blocked_by.clone()).unwrap_or_default();
    let after_s = u32::try_from(deadline_s(view, step)).unwrap_or(u32::MAX);
    FailedBy::Deadline { after_s, blocked_by }
}

/// It changes nothing, or only once the facts allow it: begun by another process, it simply goes on.
pub(super) fn only_watches(step: &Step) -> bool {
    matches!(
        step,
        Step::AwaitBoot { .. }
            | Step::Admit { .. }
            | Step::Prove { .. }
            | Step::Hold { .. }
            | Step::Preflight { .. }
    )
}

/// Doing it twice is doing it once.
pub(super) fn may_repeat(step: &Step) -> bool {
    !matches!(step, Step::Reboot { .. } | Step::Shift { .. })
}

/// The call that is due now, if any.
pub(super) fn call(view: &View<'_>, memory: &Memory, step: &Step, progress: &Progress) -> Option<Call> {
    if memory.not_before.is_some_and(|at| view.now < at) {
        return None;
    }
    let key = progress.key.clone();
    let run = view.run;
    let repeats = matches!(step, Step::Drain { .. } | Step::Leave { .. });
    if memory.called && !repeats {
        return None;
    }
    match step {
        Step::Obtain { cloud, want, rung: Rung::Start { instances } } => {
            let missing = usize::try_from(*want).unwrap_or(0).saturating_sub(run.gained.len());
            let ids = instances.iter().take(missing).cloned().collect();
            Some(Call::Start { cloud: cloud.clone(), ids })
        }
        Step::Obtain { cloud, rung: Rung::Launch(spec), .. } => {
            Some(Call::Launch { cloud: cloud.clone(), spec: spec.clone(), key })
        }
        Step::Join { slot, cluster, cloud, role } => join(view, *slot, cluster, cloud, *role, key),
        Step::Admit { slot, cluster } => {
            let node = run.joined.get(slot)?.clone();
            super::look::may_be_admitted(view, cluster, &node).then(|| Call::SetSchedulable {
                cluster: cluster.clone(),
                node,
                want: true,
            })
        }
        Step::Probe { cluster, node, probe, .. } => {
            Some(Call::Probe { cluster: cluster.clone(), node: node.clone(), probe: *probe })
        }
        Step::InstallCanary { cluster } => Some(Call::InstallCanary { cluster: cluster.clone() }),
        Step::Cordon { cluster, node } => {
            Some(Call::SetSchedulable { cluster: cluster.clone(), node: node.clone(), want: false })
        }
        Step::Uncordon { cluster, node, .. } => {
            Some(Call::SetSchedulable { cluster: cluster.clone(), node: node.clone(), want: true })
        }
        Step::Drain { cluster, node, policy } => {
            Some(Call::Drain { cluster: cluster.clone(), node: node.clone(), policy: *policy })
        }
        Step::Reboot { cloud, instance, .. } => {
            Some(Call::Reboot { cloud: cloud.clone(), instance: instance.clone(), key })
        }
        Step::Leave { cloud, instance, .. } => Some(if memory.called {
            Call::RunResult { cloud: cloud.clone(), key }
        } else {
            Call::Run { cloud: cloud.clone(), instance: instance.clone(), command: HostCommand::Leave, key }
        }),
        Step::Reimage { cloud, instance, .. } => {
            Some(Call::Reimage { cloud: cloud.clone(), instance: instance.clone(), key })
        }
        Step::Forget { cluster, node } => Some(Call::Forget { cluster: cluster.clone(), node: node.clone() }),
        Step::Stop { cloud, instance, .. } => {
            Some(Call::Stop { cloud: cloud.clone(), ids: vec![instance.clone()] })
        }
        Step::Shift { traffic, weights } => {
            let expected = view.facts.traffic.get(traffic)?.version.clone();
            Some(Call::SetTraffic { traffic: traffic.clone(), expected, weights: weights.clone() })
        }
        Step::Hold { traffic, back, .. } => {
            memory.going_back?;
            let expected = view.facts.traffic.get(traffic)?.version.clone();
            Some(Call::SetTraffic { traffic: traffic.clone(), expected, weights: back.clone() })
        }
        Step::AwaitBoot { .. } | Step::Preflight { .. } | Step::Prove { .. } => None,
    }
}

/// A machine that is a node already is only kept from taking pods; any other gets a ticket.
fn join(
    view: &View<'_>,
    slot: u32,
    cluster: &lifeboat_storage::id::ClusterName,
    cloud: &lifeboat_storage::id::CloudName,
    role: lifeboat_storage::plan::JoinRole,
    key: lifeboat_storage::id::IdemKey,
) -> Option<Call> {
    let instance = view.run.gained.get(usize::try_from(slot).ok()?)?.clone();
    let cloud_facts = view.facts.clouds.get(cloud)?;
    let seen = view.facts.clusters.get(cluster)?;
    let known = seen.workers().find(|node| cloud_facts.machine_of(node) == Matched::One(instance.clone()));
    match known {
        Some(node) if node.schedulable => {
            Some(Call::SetSchedulable { cluster: cluster.clone(), node: node.name.clone(), want: false })
        }
        Some(_) => None,
        None => Some(Call::Join { cluster: cluster.clone(), role, cloud: cloud.clone(), instance, key }),
    }
}

/// The next call of a step that repeats.
pub(super) const AGAIN: TimeDelta = TimeDelta::seconds(5);
