//! Money that may be spent without a person: a schedule's own machines cost nothing anew, anything else must fit into
//! the budget of a day. Pure.

use std::collections::BTreeSet;

use chrono_tz::Tz;
use lifeboat_storage::event::Time;
use lifeboat_storage::id::InstanceId;
use lifeboat_storage::plan::run::Run;
use lifeboat_storage::plan::{LaunchSpec, Plan, Rung, Step, StepOutcome, StepResult, Verb};
use lifeboat_storage::state::State;

use crate::fleet::{Fleet, Pool, Starts};

/// A machine that is launched is counted with a whole day: nobody knows yet when it will be let go.
const HOURS: u64 = 24;

/// What a launch may cost a day, in millionths of the currency; none where no price is known.
#[must_use]
pub fn of_a_day(spec: &LaunchSpec) -> Option<u64> {
    spec.price.as_ref().map(|price| price.micros.saturating_mul(HOURS))
}

/// Whether a plan may run without a person: it is a schedule's own run, and no rung of it costs more than the pool's
/// own members and the budget of a day together.
#[must_use]
pub fn is_within(plan: &Plan, fleet: &Fleet) -> bool {
    let Verb::CapacityRun { schedule } = &plan.verb else { return false };
    let own = fleet.schedules.iter().find(|one| one.name == *schedule && one.starts == Starts::Lifeboat);
    let Some(pool) = own.and_then(|schedule| fleet.pool(&schedule.pool)) else { return false };
    dearest(plan, pool).is_some_and(|micros| micros <= fleet.limits.budget_micros_a_day)
}

/// The most a plan can spend a day; none where it may spend what nobody can tell.
fn dearest(plan: &Plan, pool: &Pool) -> Option<u64> {
    let members: BTreeSet<&InstanceId> = pool.members.iter().collect();
    let mut launches = 0_u64;
    let mut dearest = 0_u64;
    for step in &plan.steps {
        match step {
            Step::Obtain { rung: Rung::Start { instances }, .. } => {
                instances.iter().all(|id| members.contains(id)).then_some(())?;
            }
            Step::Obtain { rung: Rung::Launch(spec), want, .. } => {
                launches = launches.max(u64::from(*want));
                dearest = dearest.max(of_a_day(spec)?);
            }
            Step::Join { .. } | Step::Admit { .. } | Step::Prove { .. } => {}
            _ => return None,
        }
    }
    Some(dearest.saturating_mul(launches))
}

/// What was spent today without a person, counted with a whole day each. A launch of which nobody knows how it ended
/// may have been made: it counts.
#[must_use]
pub fn spent(state: &State, now: Time, zone: Tz) -> u64 {
    let day = |at: Time| at.with_timezone(&zone).date_naive();
    let alone = |run: &&Run| run.asked_by.is_none() && run.approved_by.is_empty();
    let of_run = |run: &Run| {
        let launched = |(index, progress): (&u32, &lifeboat_storage::plan::run::Progress)| {
            let at = match &progress.ended {
                None => &progress.tried_at,
                Some((at, StepOutcome::Unknown { .. })) => at,
                Some((at, StepOutcome::Succeeded { result: StepResult::Gained { .. } })) => at,
                Some(_) => return None,
            };
            let step = run.plan.steps.get(usize::try_from(*index).ok()?)?;
            let Step::Obtain { rung: Rung::Launch(spec), .. } = step else { return None };
            (day(*at) == day(now)).then(|| of_a_day(spec)).flatten()
        };
        run.steps.iter().filter_map(launched).fold(0_u64, u64::saturating_add)
    };
    state.plans.values().filter(alone).map(of_run).fold(0_u64, u64::saturating_add)
}

/// Whether a schedule's own plan may have this rung, after what was spent today and so many machines.
#[must_use]
pub fn affords(fleet: &Fleet, spec: &LaunchSpec, wanted: u32, spent: u64) -> bool {
    let left = fleet.limits.budget_micros_a_day.saturating_sub(spent);
    of_a_day(spec).is_some_and(|micros| micros.saturating_mul(u64::from(wanted)) <= left)
}
