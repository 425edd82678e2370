//! Plans that stood still for long while users got errors, with nobody to let them go on or end them. Pure.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use lifeboat_storage::event::{Event, Kind, Time};
use lifeboat_storage::id::{AlertKey, PlanId};
use lifeboat_storage::plan::run::Run;
use lifeboat_storage::state::State;

/// Standing still for so long is a decision of its own.
const TOO_LONG: TimeDelta = TimeDelta::minutes(10);

/// From when to when something was so.
type Span<T> = (T, Time, Time);

/// The plans of which a pause lasted too long while an alert on requests of their service fired.
#[must_use]
pub fn left_paused<'a>(events: &[Event], state: &'a State, now: Time) -> Vec<&'a Run> {
    let fires = spans(events.iter().filter_map(|event| fire(event, state)), now);
    let pauses = spans(events.iter().filter_map(pause), now);
    let of_service = |alert: &AlertKey, run: &Run| {
        state.alerts.get(alert).is_some_and(|alert| alert.service == run.plan.service)
    };
    let left = pauses.into_iter().filter_map(|(plan, from, to)| {
        let run = state.plans.get(&plan)?;
        let too_long = |(alert, since, until): &Span<&AlertKey>| {
            of_service(alert, run) && to.min(*until) - from.max(*since) > TOO_LONG
        };
        fires.iter().any(too_long).then_some(run)
    });
    left.collect()
}

/// An alert on requests begins to fire, or is over since.
fn fire<'a>(event: &'a Event, state: &State) -> Option<(&'a AlertKey, Time, bool)> {
    let edge = match &event.kind {
        Kind::AlertRaised { alert, .. } | Kind::AlertReturned { alert, .. } => {
            (alert, event.recorded_at, true)
        }
        Kind::AlertRecovered { alert, good_since, .. } => (alert, *good_since, false),
        _ => return None,
    };
    state.alerts.get(edge.0).filter(|alert| alert.what.is_of_requests()).map(|_| edge)
}

/// A plan is paused, or is so no longer.
fn pause(event: &Event) -> Option<(PlanId, Time, bool)> {
    match event.kind.lasting() {
        Kind::PlanPaused { plan, .. } => Some((*plan, event.recorded_at, true)),
        Kind::PlanResumed { plan } | Kind::PlanCancelled { plan, .. } | Kind::PlanEnded { plan, .. } => {
            Some((*plan, event.recorded_at, false))
        }
        _ => None,
    }
}

/// From each beginning to its end; what has none lasts until now.
fn spans<T: Ord>(edges: impl Iterator<Item = (T, Time, bool)>, now: Time) -> Vec<Span<T>> {
    let (mut open, mut all) = (BTreeMap::new(), Vec::new());
    for (what, at, begins) in edges {
        if begins {
            open.entry(what).or_insert(at);
        } else if let Some((what, from)) = open.remove_entry(&what) {
            all.push((what, from, at));
        }
    }
    all.extend(open.into_iter().map(|(what, from)| (what, from, now)));
    all
}
