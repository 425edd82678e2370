//! Scheduled capacity: when a schedule runs, and whether it will make its deadline. Pure.
//!
//! | module | tells |
//! | --- | --- |
//! | [`ladder`] | the ways to get what is missing: stock, price, shared fate, lines to type |

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate, NaiveTime, TimeDelta, TimeZone as _};
use chrono_tz::Tz;
use lifeboat_storage::event::{Kind, Time};
use lifeboat_storage::id::InstanceId;
use lifeboat_storage::plan::run::Run;
use lifeboat_storage::plan::{Consent, Evidence, FailedBy, Verb};
use lifeboat_storage::state::State;

use crate::facts::{CloudFacts, Facts, Instance, InstanceState, Offering, Ready, Stock};
use crate::fleet::{Fleet, Schedule, Starts};
use crate::repeat;

pub mod ladder;

/// A start that is not seen after this long will not come by itself.
const GRACE: TimeDelta = TimeDelta::seconds(90);
/// Judged until so long after the deadline.
const AFTERWARDS: TimeDelta = TimeDelta::hours(10);

/// A moment of a local day; in a gap of the clock the first moment after it, in an overlap the earlier one.
#[must_use]
pub fn moment(day: NaiveDate, time: NaiveTime, zone: Tz) -> Option<Time> {
    (0..=120).find_map(|minutes| {
        let local = day.and_time(time) + TimeDelta::minutes(minutes);
        zone.from_local_datetime(&local).earliest().map(|at| at.to_utc())
    })
}

/// Whether it runs on a day.
fn runs_on(schedule: &Schedule, day: NaiveDate) -> bool {
    let weekday = usize::try_from(day.weekday().num_days_from_monday()).unwrap_or(0);
    schedule.days[weekday]
}

/// A run that begins on this day: its start and its deadline, which may lie after midnight.
fn run_of(schedule: &Schedule, day: NaiveDate, zone: Tz) -> Option<(Time, Time)> {
    let run = runs_on(schedule, day).then(|| moment(day, schedule.start, zone)).flatten()?;
    let due = if schedule.ready_by > schedule.start { day } else { day.succ_opt()? };
    Some((run, moment(due, schedule.ready_by, zone)?))
}

/// The next run after now, within a fortnight.
#[must_use]
pub fn next_run(schedule: &Schedule, now: Time, zone: Tz) -> Option<Time> {
    let today = now.with_timezone(&zone).date_naive();
    let days = today.iter_days().take(15).filter(|day| runs_on(schedule, *day));
    days.filter_map(|day| moment(day, schedule.start, zone)).find(|at| *at > now)
}

/// The newest run that has begun and is still judged, and its deadline.
#[must_use]
pub fn current_run(schedule: &Schedule, now: Time, zone: Tz) -> Option<(Time, Time)> {
    let today = now.with_timezone(&zone).date_naive();
    let days = std::iter::once(today).chain(today.pred_opt());
    days.filter_map(|day| run_of(schedule, day, zone))
        .find(|(run, ready_by)| *run <= now && now < *ready_by + AFTERWARDS)
}

/// How many of a schedule's nodes are not there; none where nothing is seen of its cluster.
#[must_use]
pub fn missing(schedule: &Schedule, facts: &Facts, fleet: &Fleet) -> Option<u32> {
    let cluster = fleet.cluster(&fleet.pool(&schedule.pool)?.cluster)?;
    let seen = facts.clusters.get(&cluster.name)?;
    let takes = seen.workers().filter(|node| node.ready == Ready::Yes && node.schedulable).count();
    Some(cluster.wanted.saturating_sub(u32::try_from(takes).unwrap_or(u32::MAX)).min(schedule.count))
}

/// What is due for a schedule that Lifeboat starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// Its machines are started, as far as nobody need be asked.
    Start,
    /// The rest of the ladder is put to people.
    Offer,
}

/// The current run and its deadline, unless it was called off.
fn kept_run(schedule: &Schedule, state: &State, now: Time, zone: Tz) -> Option<(Time, Time)> {
    current_run(schedule, now, zone)
        .filter(|(run, _)| !state.skipped_runs.contains(&(schedule.name.clone(), *run)))
}

/// What is due now, if anything: once a run each, until its deadline, and never while a person is at it.
#[must_use]
pub fn due(
    schedule: &Schedule,
    facts: &Facts,
    fleet: &Fleet,
    state: &State,
    now: Time,
    zone: Tz,
) -> Option<Due> {
    let (run, ready_by) = kept_run(schedule, state, now, zone)?;
    if schedule.starts == Starts::Elsewhere || now >= ready_by {
        return None;
    }
    missing(schedule, facts, fleet).filter(|missing| *missing > 0)?;
    let verb = Verb::CapacityRun { schedule: schedule.name.clone() };
    let plans = || state.plans.values().filter(|one| one.plan.verb == verb && one.proposed_at >= run);
    if plans().any(Run::is_open) {
        return None;
    }
    let own: Vec<&Run> = plans().filter(|one| one.asked_by.is_none()).collect();
    match own.as_slice() {
        [] => Some(Due::Start),
        [only] if only.plan.consent == Consent::Given => Some(Due::Offer),
        _ => None,
    }
}

/// How a run stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// When it ran.
    pub run: Time,
    /// By when all must be Ready.
    pub ready_by: Time,
    /// How many it should bring.
    pub wanted: u32,
    /// How many of the cluster's missing nodes came.
    pub ready: u32,
    /// How many must be Ready in all.
    pub needed: u32,
    /// Machines that did not start, and why.
    pub refused: BTreeMap<InstanceId, FailedBy>,
}

impl Judged {
    /// It will not make it without help.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.ready < self.wanted
    }

    /// As it is recorded.
    #[must_use]
    pub fn recorded(&self, schedule: &Schedule) -> Kind {
        Kind::CapacityJudged {
            schedule: schedule.name.clone(),
            wanted: self.wanted,
            ready: self.ready,
            needed: self.needed,
            ready_by: self.ready_by,
            refused: self.refused.clone(),
        }
    }
}

/// Judges today's run; none before it has had its chance, or when it was called off.
#[must_use]
pub fn judge(
    schedule: &Schedule,
    facts: &Facts,
    fleet: &Fleet,
    state: &State,
    now: Time,
    zone: Tz,
) -> Option<Judged> {
    let (run, ready_by) = kept_run(schedule, state, now, zone)?;
    if now < run + GRACE {
        return None;
    }
    let pool = fleet.pool(&schedule.pool)?;
    let cloud = facts.clouds.get(&fleet.cluster(&pool.cluster)?.cloud)?;
    let missing = missing(schedule, facts, fleet)?;
    let members = || pool.members.iter().filter_map(|id| cloud.instances.get(id));
    let coming = members().filter(|one| one.state == InstanceState::Starting).count();
    // What is on its way may still come: not short before the deadline.
    if missing > 0 && missing <= u32::try_from(coming).unwrap_or(u32::MAX) && now < ready_by {
        return None;
    }
    let stopped = members().filter(|one| missing > 0 && one.state == InstanceState::Stopped);
    let refused = stopped.map(|one| (one.id.clone(), why_not(one, cloud, schedule, state, run))).collect();
    let needed = fleet.cluster(&pool.cluster)?.wanted;
    Some(Judged { run, ready_by, wanted: schedule.count, ready: schedule.count - missing, needed, refused })
}

/// Why a machine of a schedule is off: what a plan of this run was told, else what its stock says; never a guess.
fn why_not(one: &Instance, cloud: &CloudFacts, schedule: &Schedule, state: &State, run: Time) -> FailedBy {
    let told = state.plans.values().rev().filter(|plan| {
        plan.proposed_at >= run && plan.plan.verb == Verb::CapacityRun { schedule: schedule.name.clone() }
    });
    if let Some(by) = told.filter_map(|plan| repeat::start_failed(plan, &one.id)).next() {
        return by;
    }
    let same =
        |offer: &&Offering| offer.machine == one.machine && offer.zone == one.zone && offer.spot == one.spot;
    match cloud.offerings.iter().find(same).map(|offer| offer.stock) {
        Some(Stock::SoldOut) => {
            FailedBy::NoCapacity { evidence: Evidence(format!("{} {}", one.machine, one.zone)) }
        }
        _ => FailedBy::NotStarted,
    }
}
