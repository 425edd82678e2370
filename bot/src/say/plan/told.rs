//! What the events of a plan tell: how far it is, how it ended, what it left, and what to do about that.

use lifeboat_storage::event::{Event, Kind};
use lifeboat_storage::plan::run::Run;
use lifeboat_storage::plan::{Consent, Forgotten, PauseReason, Step, StepOutcome};

use super::facts::{cut_list, serving};
use super::step::{self, paused};
use super::{labelled, title};
use crate::say::{Arg, Say, Scene, limits};

/// The step that is to be looked at, or that the plan asks anew.
fn more_of_pause(scene: &Scene<'_>, run: &Run, why: &PauseReason) -> Option<String> {
    match why {
        PauseReason::StepUnknown | PauseReason::StepFailed => last_failure(scene, run),
        PauseReason::Asked | PauseReason::NotRecording => None,
        _ => {
            let two = run.plan.consent == Consent::TwoPeople;
            let key = if two { "plan-paused-asks-two" } else { "plan-paused-asks" };
            Some(scene.say.text(key, &[("plan", run.id.to_string().into())]))
        }
    }
}

/// What a plan that is over leaves: nodes kept from pods, machines that are no node, steps of which nobody knows.
pub(super) fn left(say: Say, run: Option<&Run>, left: &Forgotten) -> Option<String> {
    let part = |key: &str, names: Vec<String>| {
        (!names.is_empty()).then(|| say.text(key, &[("list", cut_list(say, names).into())]))
    };
    let cordoned = left.cordoned.iter().map(|node| say.name(node.as_str())).collect();
    let unknown = left.unknown.iter().filter_map(|index| step::step_of(say, run?, *index)).collect();
    let parts = [
        part("plan-left-cordoned", cordoned),
        part("plan-left-machines", run.map(|run| strays(say, run)).unwrap_or_default()),
        part("plan-left-unknown", unknown),
    ];
    chained(say, parts.into_iter().flatten())
}

/// Machines of a plan that run and are no node, by name.
fn strays(say: Say, run: &Run) -> Vec<String> {
    run.strays().iter().map(|id| say.name(id.as_str())).collect()
}

/// What a person does about the machines of a plan that is over, where some are no node.
pub(super) fn next_of_strays(say: Say, run: &Run) -> Option<String> {
    let names = strays(say, run);
    let some = !run.is_open() && !names.is_empty();
    some.then(|| say.text("plan-next-machines", &[("list", cut_list(say, names).into())]))
}

/// One thing after the other: `cordoned wk-2; rebooted wk-1`.
pub(super) fn chained(say: Say, parts: impl Iterator<Item = String>) -> Option<String> {
    parts.reduce(|list, next| say.text("plan-changed", &[("list", list.into()), ("next", next.into())]))
}

/// Who waived what by the emergency override, and why.
#[must_use]
pub fn overridden(say: Say, run: &Run) -> Option<String> {
    let reason = say.outside(run.plan.override_reason.as_ref()?, limits::LINE);
    let person = run.asked_by.as_ref().map(|person| say.name(person.as_str()));
    let person = person.unwrap_or_else(|| say.word("event-actor-lifeboat"));
    // A reason that was redacted is empty.
    let key = if reason.trim().is_empty() { "plan-override-only" } else { "plan-override" };
    Some(say.text(key, &[("person", person.into()), ("reason", reason.into())]))
}

/// With the override on a line of its own, where there is one.
fn with_override(say: Say, text: String, run: Option<&Run>) -> String {
    let waived = run.and_then(|run| overridden(say, run));
    let waived = waived.map(|waived| labelled(say, "plan-row-override", waived));
    std::iter::once(text).chain(waived).collect::<Vec<_>>().join("\n")
}

/// What an event of a plan tells in a line or two; none for any other kind.
#[must_use]
pub fn told(scene: &Scene<'_>, event: &Event) -> Option<String> {
    let say = scene.say;
    let kind = event.kind.lasting();
    let id = lifeboat_storage::plan::run::plan_of(kind)?;
    let run = scene.state.plans.get(&id);
    let named = ("plan", fluent_bundle::FluentValue::from(id.to_string()));
    let step = |index: u32| run.and_then(|run| step::step_of(say, run, index)).unwrap_or_default();
    Some(match kind {
        Kind::PlanProposed { body, .. } => {
            let args = [named, ("what", title(say, body).into()), ("serving", serving(say, body).into())];
            with_override(say, say.text("event-plan-proposed", &args), run)
        }
        Kind::PlanApproved { .. } => {
            let what = run.map(|run| title(say, &run.plan)).unwrap_or_default();
            with_override(say, say.text("event-plan-approved", &[named, ("what", what.into())]), run)
        }
        Kind::PlanRejected { reason, .. } if reason.trim().is_empty() => {
            say.text("event-plan-rejected", &[named])
        }
        Kind::PlanRejected { reason, .. } => say.text(
            "event-plan-rejected-reason",
            &[named, ("reason", say.outside(reason, limits::LINE).into())],
        ),
        Kind::PlanExpired { .. } => say.text("event-plan-expired", &[named]),
        Kind::PlanPaused { why, .. } => {
            let more = run.and_then(|run| more_of_pause(scene, run, why));
            let why = std::iter::once(paused(say, why)).chain(more).collect::<Vec<_>>().join("\n");
            say.text("event-plan-paused", &[named, ("why", why.into())])
        }
        Kind::PlanResumed { .. } => say.text("event-plan-resumed", &[named]),
        Kind::PlanCancelled { left: what, .. } => {
            with_left(say, say.text("event-plan-cancelled", &[named]), run, what)
        }
        Kind::PlanEnded { proven, left, .. } => over(scene, run, named, *proven, left),
        Kind::StepStarted { step: index, .. } | Kind::StepProgressed { step: index, .. } => {
            say.text("event-step-started", &[named, ("step", step(*index).into())])
        }
        Kind::StepEnded { step: index, outcome, .. } => {
            let text = run.map(|run| step::ended(scene, run, *index, outcome)).unwrap_or_default();
            say.text("event-step-ended", &[named, ("told", text.into())])
        }
        _ => return None,
    })
}

/// How a plan ended: what is proven with its numbers, or what failed; and what it left.
fn over(scene: &Scene<'_>, run: Option<&Run>, named: Arg<'_>, proven: bool, what: &Forgotten) -> String {
    let say = scene.say;
    let key = if proven { "event-plan-proven" } else { "event-plan-failed" };
    let title = run.map(|run| title(say, &run.plan)).unwrap_or_default();
    let text = say.text(key, &[named, ("what", title.into())]);
    let more = run.and_then(|run| if proven { proof(scene, run) } else { last_failure(scene, run) });
    let text = more.map_or(text.clone(), |more| format!("{text}\n{more}"));
    with_left(say, text, run, what)
}

/// With what it left, and what to do about machines that nobody else would tell of.
fn with_left(say: Say, text: String, run: Option<&Run>, what: &Forgotten) -> String {
    let next = run.and_then(|run| next_of_strays(say, run));
    let next = next.map(|next| labelled(say, "plan-row-next", next));
    let lines: Vec<String> = std::iter::once(text).chain(left(say, run, what)).chain(next).collect();
    lines.join("\n")
}

/// The step that failed or is unknown and tells most: the newest, a proof only where nothing else failed.
pub(super) fn last_failure(scene: &Scene<'_>, run: &Run) -> Option<String> {
    let failed = run.steps.iter().filter_map(|(index, progress)| match &progress.ended {
        Some((at, outcome @ (StepOutcome::Failed { .. } | StepOutcome::Unknown { .. }))) => {
            let step = run.plan.steps.get(usize::try_from(*index).ok()?)?;
            Some((!matches!(step, Step::Prove { .. }), *at, *index, outcome))
        }
        _ => None,
    });
    let (_, _, index, outcome) = failed.max_by_key(|(tells, at, index, _)| (*tells, *at, *index))?;
    Some(step::ended(scene, run, index, outcome))
}

/// The numbers of the proof.
pub(super) fn proof(scene: &Scene<'_>, run: &Run) -> Option<String> {
    let (_, progress) = run.steps.last_key_value()?;
    match &progress.ended {
        Some((_, StepOutcome::Succeeded { result })) => step::brought(scene, result),
        _ => None,
    }
}
