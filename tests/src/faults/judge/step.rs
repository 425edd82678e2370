//! What a step asks for, what it does to a node, and whether a plan must be said yes to anew.

use lifeboat_commands::ports::call::Call;
use lifeboat_storage::id::NodeName;
use lifeboat_storage::plan::run::Run;
use lifeboat_storage::plan::{HostCommand, PauseReason, Rung, Step};

/// It paused because it is no longer what was said yes to, or nothing of it was begun.
pub(super) fn asks_anew(run: &Run) -> bool {
    use PauseReason::{Asked, NotRecording, StepFailed, StepUnknown};
    let as_it_was = matches!(run.paused, Some(Asked | NotRecording | StepFailed | StepUnknown));
    run.steps.is_empty() || !as_it_was
}

/// The step that is next in a plan, begun and not ended, asks for exactly this call.
pub(super) fn due(run: &Run, call: &Call) -> bool {
    let Some((index, step)) = run.next_step() else { return false };
    let Some(progress) = run.steps.get(&index).filter(|progress| progress.ended.is_none()) else {
        return false;
    };
    let key = &progress.key;
    match (step, call) {
        (Step::Obtain { rung: Rung::Start { instances }, .. }, Call::Start { ids, .. }) => {
            ids.iter().all(|id| instances.contains(id))
        }
        (Step::Obtain { rung: Rung::Launch(wanted), .. }, Call::Launch { spec, key: asked, .. }) => {
            spec == wanted && asked == key
        }
        (Step::Join { slot, .. }, Call::Join { instance, key: asked, .. }) => {
            let gained = usize::try_from(*slot).ok().and_then(|slot| run.gained.get(slot));
            gained == Some(instance) && asked == key
        }
        (
            Step::Join { cluster: of, .. } | Step::Cordon { cluster: of, .. },
            Call::SetSchedulable { cluster, node, want: false },
        ) => of == cluster && cordons(step).is_none_or(|wanted| wanted == node),
        (Step::Admit { slot, .. }, Call::SetSchedulable { node, want: true, .. }) => {
            run.joined.get(slot) == Some(node)
        }
        (Step::Uncordon { node: wanted, .. }, Call::SetSchedulable { node, want: true, .. }) => {
            wanted == node
        }
        (Step::Drain { node: wanted, .. }, Call::Drain { node, .. }) => wanted == node,
        (Step::Forget { node: wanted, .. }, Call::Forget { node, .. }) => wanted == node,
        (Step::Reboot { instance: wanted, .. }, Call::Reboot { instance, key: asked, .. })
        | (Step::Reimage { instance: wanted, .. }, Call::Reimage { instance, key: asked, .. })
        | (
            Step::Leave { instance: wanted, .. },
            Call::Run { instance, key: asked, command: HostCommand::Leave, .. },
        ) => wanted == instance && asked == key,
        (Step::Stop { instance, .. }, Call::Stop { ids, .. }) => ids == std::slice::from_ref(instance),
        (Step::Shift { weights: wanted, .. }, Call::SetTraffic { weights, .. })
        | (Step::Hold { back: wanted, .. }, Call::SetTraffic { weights, .. }) => wanted == weights,
        _ => false,
    }
}

pub(super) fn cordons(step: &Step) -> Option<&NodeName> {
    match step {
        Step::Cordon { node, .. } => Some(node),
        _ => None,
    }
}

pub(super) fn frees(step: &Step) -> Option<&NodeName> {
    match step {
        Step::Uncordon { node, .. } => Some(node),
        _ => None,
    }
}

/// The plan has let the node in again.
pub(super) fn let_in(run: &Run, name: &NodeName) -> bool {
    let ended = run.steps.iter().filter(|(_, progress)| !progress.is_open());
    let mut steps = ended.filter_map(|(index, _)| run.plan.steps.get(usize::try_from(*index).ok()?));
    steps.any(|step| matches!(step, Step::Uncordon { node, .. } if node == name))
}

/// The node whose pods or machine a step takes away.
pub(super) fn taken_by(step: &Step) -> Option<&NodeName> {
    match step {
        Step::Drain { node, .. }
        | Step::Reboot { node, .. }
        | Step::Leave { node, .. }
        | Step::Reimage { node, .. }
        | Step::Stop { node, .. } => Some(node),
        _ => None,
    }
}
