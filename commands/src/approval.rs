//! Who may say yes to a plan, and what else people decide about it. Pure.

use lifeboat_storage::event::Kind;
use lifeboat_storage::id::{IncidentId, PlanId};
use lifeboat_storage::plan::run::{Progress, Run, Standing};
use lifeboat_storage::plan::{Consent, PauseReason};

use crate::command::PlanCommand;
use crate::floors::{self, Ground};
use crate::people::{People, Permission, WhoCould};
use crate::refusal::{FleetRefusal, Refusal};
use crate::verb::{Change, Scene};

/// Decides a command on a plan; `/plan show` changes nothing and is not decided here.
///
/// # Errors
/// [`FleetRefusal`]: no such plan, not in that state, one's own two-person plan, another hash, locked, frozen, a
/// floor that is still broken.
pub fn decide(scene: &Scene<'_>, command: &PlanCommand) -> Result<Vec<Change>, Refusal> {
    use Standing::{Paused, Proposed, Running};
    let (run, kind) = match command {
        PlanCommand::Show { .. } => return Ok(Vec::new()),
        PlanCommand::Approve { plan, hash } => {
            let run = find(scene, *plan, &[Proposed])?;
            in_time(scene, run)?;
            approve(scene, run, hash.as_deref())?;
            (run, Kind::PlanApproved { plan: run.id, hash: run.hash.clone() })
        }
        PlanCommand::Reject { plan, reason } => {
            let run = find(scene, *plan, &[Proposed])?;
            (run, Kind::PlanRejected { plan: run.id, reason: reason.clone() })
        }
        PlanCommand::Pause { plan } => {
            let run = find(scene, *plan, &[Running])?;
            (run, Kind::PlanPaused { plan: run.id, why: PauseReason::Asked })
        }
        PlanCommand::Resume { plan } => {
            let run = find(scene, *plan, &[Paused])?;
            floors_hold(scene, run)?;
            if asks_anew(run) {
                second_person(scene, run)?;
            }
            (run, Kind::PlanResumed { plan: run.id })
        }
        PlanCommand::Cancel { plan } => {
            let run = find(scene, *plan, &[Running, Paused, Proposed])?;
            (run, Kind::PlanCancelled { plan: run.id, left: run.leaves() })
        }
    };
    Ok(vec![Change { incident: incident(scene, run), occurred_at: scene.now, kind, supersedes: None }])
}

/// The plan's own incident; of a plan that has none yet, the open one it was typed in, else that of its service.
fn incident(scene: &Scene<'_>, run: &Run) -> Option<IncidentId> {
    let of_channel = || {
        let id = scene.state.incident_of_channel(scene.channel?)?;
        scene.state.incidents.get(&id).filter(|incident| incident.is_open()).map(|incident| incident.id)
    };
    run.incident.or_else(of_channel).or_else(|| scene.state.incident_of_plan(run))
}

/// The plan named, or the newest that stands so.
fn find<'a>(scene: &Scene<'a>, named: Option<PlanId>, standing: &[Standing]) -> Result<&'a Run, Refusal> {
    let fits = |run: &&Run| standing.contains(&run.standing);
    match named {
        Some(id) => {
            let run = scene.state.plans.get(&id).ok_or_else(|| none(scene, named))?;
            Some(run)
                .filter(fits)
                .ok_or_else(|| FleetRefusal::PlanElsewhere { plan: id, standing: run.standing }.into())
        }
        None => scene.state.plans.values().rev().find(fits).ok_or_else(|| none(scene, named).into()),
    }
}

/// Why there is no plan that could be meant.
pub(crate) fn none(scene: &Scene<'_>, named: Option<PlanId>) -> FleetRefusal {
    match named {
        _ if scene.state.plans.is_empty() => FleetRefusal::NoPlans,
        Some(plan) => FleetRefusal::NoSuchPlan { plan },
        None => FleetRefusal::NoPlan,
    }
}

/// A plan that waited too long is over, also in the moment before that is recorded.
fn in_time(scene: &Scene<'_>, run: &Run) -> Result<(), Refusal> {
    let waited = floors::seconds_old(run.proposed_at, scene.now);
    if waited.is_none_or(|waited| waited > scene.fleet.limits.approval_s) {
        return Err(FleetRefusal::PlanElsewhere { plan: run.id, standing: Standing::Expired }.into());
    }
    Ok(())
}

fn approve(scene: &Scene<'_>, run: &Run, hash: Option<&str>) -> Result<(), Refusal> {
    if hash.is_some_and(|hash| !run.hash.starts_with(&hash.to_ascii_lowercase())) {
        return Err(FleetRefusal::WrongHash { plan: run.id }.into());
    }
    for cluster in std::iter::once(&run.plan.cluster).chain(&run.plan.other) {
        if let Some(other) = scene.state.lock_of(cluster) {
            return Err(FleetRefusal::Locked { cluster: cluster.clone(), plan: other.id }.into());
        }
        if scene.state.frozen.contains_key(cluster) && run.plan.override_reason.is_none() {
            return Err(FleetRefusal::Frozen { cluster: cluster.clone() }.into());
        }
    }
    second_person(scene, run)
}

/// A plan that would pause again at once is not let go on. A step that was begun is looked at again, whatever holds,
/// unless it was a floor that held it up.
fn floors_hold(scene: &Scene<'_>, run: &Run) -> Result<(), Refusal> {
    use PauseReason::{FloorBroken, StepFailed};
    let begun = run.paused == Some(StepFailed) || run.steps.values().any(Progress::is_open);
    if begun && !matches!(run.paused, Some(FloorBroken { .. })) {
        return Ok(());
    }
    let spare = floors::spare(run, scene.facts);
    let ground = Ground { facts: scene.facts, state: scene.state, share: scene.share, spare: &spare };
    match floors::still_broken(run, &ground, scene.fleet.limits.facts_age_s, scene.now) {
        Some((floor, now)) => {
            Err(FleetRefusal::StillBroken { plan: run.id, floor: floor.clone(), now }.into())
        }
        None => Ok(()),
    }
}

/// What was said yes to is there no longer: going on needs the same yes again.
fn asks_anew(run: &Run) -> bool {
    use PauseReason::{FactsOld, FloorBroken, TargetChanged, TrafficChanged};
    let changed = matches!(
        run.paused,
        Some(FloorBroken { .. } | TargetChanged { .. } | TrafficChanged { .. } | FactsOld { .. })
    );
    changed
}

/// A plan for two people needs another one than who asked, with the permission of a second person.
fn second_person(scene: &Scene<'_>, run: &Run) -> Result<(), Refusal> {
    if run.plan.consent != Consent::TwoPeople {
        return Ok(());
    }
    let who = scene.who.ok_or(Refusal::NotSignedIn)?;
    let others = || {
        let mut could = scene.people.who_could(Permission::Approver);
        could.people.retain(|name| Some(name) != run.asked_by.as_ref());
        could
    };
    if Some(&who.name) == run.asked_by.as_ref() {
        return Err(FleetRefusal::OwnPlan { plan: run.id, who_could: others() }.into());
    }
    if !who.may(Permission::Approver) {
        return Err(Refusal::NotAllowed { who_could: others() });
    }
    Ok(())
}

/// Who could let a paused plan go on: where it asks anew, who could say yes to it.
#[must_use]
pub fn who_could_resume(run: &Run, people: &People) -> WhoCould {
    if asks_anew(run) { who_could(run, people) } else { people.who_could(Permission::Operator) }
}

/// Who could say yes to a plan: another person than who asked, where it needs two.
#[must_use]
pub fn who_could(run: &Run, people: &People) -> WhoCould {
    let mut could = people.who_could(Permission::Operator);
    if run.plan.consent == Consent::TwoPeople {
        let second = people.who_could(Permission::Approver);
        could.people.retain(|name| second.people.contains(name) && Some(name) != run.asked_by.as_ref());
        could.roles.retain(|role| second.roles.contains(role));
        could.needs = Permission::Approver;
    }
    could
}
