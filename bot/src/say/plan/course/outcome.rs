//! What came of the steps about one thing, and of a whole plan so far.

use chrono::TimeDelta;
use lifeboat_storage::event::Time;
use lifeboat_storage::id::{InstanceId, NodeName};
use lifeboat_storage::plan::run::Run;
use lifeboat_storage::plan::{ProbeKind, Step, StepOutcome, StepResult};

use super::super::step::{became, brought, probe, step, weights};
use super::super::{chained, cut_list, nodes};
use super::{About, Part};
use crate::say::{Say, Scene, time, word};

/// What came of it, and how long it took.
pub(super) fn outcome(scene: &Scene<'_>, run: &Run, part: &Part<'_>) -> String {
    let say = scene.say;
    let mut told: Vec<String> = match part.about {
        About::Machines => vec![gained(say, run)],
        About::Traffic => part.steps.iter().filter_map(|(_, step)| moved(say, step)).collect(),
        About::Node(_) => node_outcome(say, run, part),
        About::New(slot) => new_outcome(say, run, part, slot),
        _ => part
            .steps
            .iter()
            .filter_map(|(index, _)| result(run, *index))
            .filter_map(|one| brought(scene, one))
            .collect(),
    };
    if let Some((_, step)) = part.steps.last().filter(|_| told.iter().all(String::is_empty)) {
        told = vec![self::step(say, step, became(run, step))];
    }
    told.extend(took(run, part).map(|length| time::duration(say, length)));
    told.retain(|one| !one.is_empty());
    word::listed(say, &told)
}

fn gained(say: Say, run: &Run) -> String {
    let names: Vec<String> = run.gained.iter().map(|id| say.name(id.as_str())).collect();
    say.text("plan-gained-n", &[("n", run.gained.len().into()), ("list", cut_list(say, names).into())])
}

fn moved(say: Say, step: &Step) -> Option<String> {
    match step {
        Step::Shift { weights: to, .. } => Some(weights(say, to)),
        _ => None,
    }
}

fn result(run: &Run, index: u32) -> Option<&StepResult> {
    match &run.steps.get(&index)?.ended {
        Some((_, StepOutcome::Succeeded { result })) => Some(result),
        _ => None,
    }
}

/// How far a machine came that is new in its cluster, and which one it is.
fn new_outcome(say: Say, run: &Run, part: &Part<'_>, slot: u32) -> Vec<String> {
    let did = |wanted: fn(&Step) -> bool| {
        part.steps.iter().any(|(index, step)| wanted(step) && result(run, *index).is_some())
    };
    let far =
        match (did(|step| matches!(step, Step::Admit { .. })), did(|step| matches!(step, Step::Join { .. })))
        {
            (true, _) => say.word("plan-let-in"),
            (false, true) => say.word("plan-joined"),
            (false, false) => return Vec::new(),
        };
    let other = |id: &&InstanceId| run.joined.get(&slot).is_none_or(|node| node.as_str() != id.as_str());
    let machine = usize::try_from(slot).ok().and_then(|slot| run.gained.get(slot)).filter(other);
    let machine = machine.map(|id| say.text("plan-of-machine", &[("machine", say.name(id.as_str()).into())]));
    std::iter::once(far).chain(machine).collect()
}

/// `name resolution failed before, passes now`, `booted, Ready again`.
fn node_outcome(say: Say, run: &Run, part: &Part<'_>) -> Vec<String> {
    let mut told = Vec::new();
    for kind in ProbeKind::ALL {
        let of_kind = part.steps.iter().filter_map(|(index, step)| match step {
            Step::Probe { probe, .. } if *probe == kind => result(run, *index),
            _ => None,
        });
        let passes: Vec<bool> = of_kind
            .filter_map(|one| match one {
                StepResult::Probed { pass, .. } => Some(*pass),
                _ => None,
            })
            .collect();
        let key = match passes.as_slice() {
            [false, .., true] => "plan-probe-mended",
            [.., true] => "plan-probe-passes",
            [.., false] => "plan-probe-fails",
            [] => continue,
        };
        told.push(say.text(key, &[("probe", probe(say, kind).into())]));
    }
    let last = |wanted: fn(&Step) -> bool| {
        part.steps.iter().any(|(index, step)| wanted(step) && result(run, *index).is_some())
    };
    if last(|step| matches!(step, Step::AwaitBoot { .. })) {
        told.push(say.word("plan-booted"));
    }
    told
}

/// From its first step to its last, without what the plan stood still between.
fn took(run: &Run, part: &Part<'_>) -> Option<TimeDelta> {
    let known = || part.steps.iter().filter_map(|(index, _)| run.steps.get(index));
    let from: Time = known().filter(|one| one.attempts > 0).map(|one| one.started_at).min()?;
    let to = known().filter_map(|one| one.ended.as_ref()).map(|(at, _)| *at).max()?;
    Some(to - from - run.stood(from, to)).filter(|length| length.num_seconds() >= 1)
}

/// What a plan has changed so far, in a line; none where nothing was touched.
pub(in crate::say::plan) fn changed(say: Say, run: &Run) -> Option<String> {
    let done = |wanted: fn(&Step) -> Option<&NodeName>| -> Vec<NodeName> {
        let steps = run.plan.steps.iter().zip(0_u32..).filter(|(_, index)| result(run, *index).is_some());
        let mut all = Vec::new();
        for node in steps.filter_map(|(step, _)| wanted(step)) {
            if !all.contains(node) {
                all.push(node.clone());
            }
        }
        all
    };
    let told = |key: &str, of: Vec<NodeName>| {
        (!of.is_empty()).then(|| say.text(key, &[("nodes", nodes(say, of.iter()).into())]))
    };
    let gained: Vec<String> = run.gained.iter().map(|id| say.name(id.as_str())).collect();
    let gained = (!gained.is_empty()
        && !matches!(run.plan.verb, lifeboat_storage::plan::Verb::NodeMove { .. }))
    .then(|| say.text("plan-gained", &[("list", cut_list(say, gained).into())]));
    let shifted = run.plan.steps.iter().zip(0_u32..).filter(|(_, index)| result(run, *index).is_some());
    let shifted = shifted.filter_map(|(step, _)| moved(say, step)).last();
    let parts = [
        gained,
        told(
            "plan-changed-rebooted",
            done(|step| match step {
                Step::Reboot { node, .. } => Some(node),
                _ => None,
            }),
        ),
        told(
            "plan-changed-left",
            done(|step| match step {
                Step::Forget { node, .. } | Step::Stop { node, .. } => Some(node),
                _ => None,
            }),
        ),
        shifted.map(|to| say.text("plan-step-shift", &[("weights", to.into())])),
        told(
            "plan-changed-uncordoned",
            done(|step| match step {
                Step::Uncordon { node, always: true, .. } => Some(node),
                _ => None,
            }),
        ),
        told("plan-changed-cordoned", run.cordoned.iter().cloned().collect()),
    ];
    chained(say, parts.into_iter().flatten())
}
