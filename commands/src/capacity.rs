//! Scheduled capacity: when a schedule runs, and whether it will make its deadline. Pure.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate, NaiveTime, TimeDelta, TimeZone as _};
use chrono_tz::Tz;
use lifeboat_storage::event::{Kind, Time};
use lifeboat_storage::id::InstanceId;
use lifeboat_storage::plan::{Evidence, FailedBy};
use lifeboat_storage::state::State;

use crate::facts::{Facts, InstanceState, Ready, Stock};
use crate::fleet::{Fleet, Schedule};

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

/// The next run after now, within a fortnight.
#[must_use]
pub fn next_run(schedule: &Schedule, now: Time, zone: Tz) -> Option<Time> {
    let today = now.with_timezone(&zone).date_naive();
    let days = today.iter_days().take(15).filter(|day| runs_on(schedule, *day));
    days.filter_map(|day| moment(day, schedule.start, zone)).find(|at| *at > now)
}

/// Today's run and its deadline, once it has begun.
#[must_use]
pub fn current_run(schedule: &Schedule, now: Time, zone: Tz) -> Option<(Time, Time)> {
    let today = now.with_timezone(&zone).date_naive();
    let run = Some(today)
        .filter(|day| runs_on(schedule, *day))
        .and_then(|day| moment(day, schedule.start, zone))?;
    let ready_by = moment(today, schedule.ready_by, zone)?;
    (run <= now && now < ready_by + AFTERWARDS).then_some((run, ready_by))
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
    let (run, ready_by) = current_run(schedule, now, zone)?;
    let skipped = state.skipped_runs.contains(&(schedule.name.clone(), run));
    if skipped || now < run + GRACE {
        return None;
    }
    let pool = fleet.pool(&schedule.pool)?;
    let cluster = fleet.cluster(&pool.cluster)?;
    let seen = facts.clusters.get(&cluster.name)?;
    let cloud = facts.clouds.get(&cluster.cloud)?;
    let takes = seen.workers().filter(|node| node.ready == Ready::Yes && node.schedulable).count();
    let missing = cluster.wanted.saturating_sub(u32::try_from(takes).unwrap_or(u32::MAX)).min(schedule.count);
    let on_the_way =
        |id: &&InstanceId| cloud.instances.get(*id).is_some_and(|one| one.state == InstanceState::Starting);
    let coming = u32::try_from(pool.members.iter().filter(on_the_way).count()).unwrap_or(0);
    // What is on its way may still come: not short before the deadline.
    if missing > 0 && missing <= coming && now < ready_by {
        return None;
    }
    let stopped = pool.members.iter().filter_map(|id| cloud.instances.get(id));
    let stopped = stopped.filter(|one| one.state == InstanceState::Stopped);
    let refused = stopped.map(|one| {
        let same = |offer: &&crate::facts::Offering| {
            offer.machine == one.machine && offer.zone == one.zone && offer.spot == one.spot
        };
        let gone = cloud.offerings.iter().find(same).is_some_and(|offer| offer.stock == Stock::SoldOut);
        let evidence = Evidence(format!("{} {}", one.machine, one.zone));
        let by = if gone { FailedBy::NoCapacity { evidence } } else { FailedBy::Denied { evidence } };
        (one.id.clone(), by)
    });
    let refused = if missing > 0 { refused.collect() } else { BTreeMap::new() };
    Some(Judged { run, ready_by, wanted: schedule.count, ready: schedule.count - missing, refused })
}

/// All rungs of a pool share one fate when they are of one zone and one kind.
#[must_use]
pub fn shares_fate(fleet: &Fleet, schedule: &Schedule) -> bool {
    let Some(pool) = fleet.pool(&schedule.pool) else { return false };
    let first = pool.ladder.first();
    first
        .is_none_or(|first| pool.ladder.iter().all(|rung| rung.zone == first.zone && rung.spot == first.spot))
}
