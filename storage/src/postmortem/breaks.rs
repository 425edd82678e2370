//! The time between two failures of one incident, in which users did not suffer: not part of its impact.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::event::{Event, Kind, Time};
use crate::id::AlertKey;
use crate::incident::Alert;

/// A time in which every alert of requests had recovered, before one of them came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Break {
    /// Since when no request failed.
    pub from: Time,
    /// When requests failed again.
    pub to: Time,
}

/// What the alerts of requests tell about when users suffered.
#[derive(Default)]
pub(super) struct Course<'a> {
    ends: BTreeMap<&'a AlertKey, Option<Time>>,
    breaks: Vec<Break>,
}

impl<'a> Course<'a> {
    /// `alerts` as the state knows them: what became of one before it came into the record.
    pub(super) fn of(
        record: impl IntoIterator<Item = &'a Event>,
        alerts: &BTreeMap<AlertKey, Alert>,
    ) -> Self {
        let mut course = Self::default();
        for event in record {
            course.follow(event, alerts);
        }
        course
    }

    /// Since when no request fails any more, where every alert of requests has recovered.
    pub(super) fn recovered(&self) -> Option<Time> {
        self.ends.values().copied().collect::<Option<Vec<Time>>>()?.into_iter().max()
    }

    /// Whether a single alert of requests told of the failure, and that it is over.
    pub(super) fn is_over_of_one(&self) -> bool {
        self.ends.len() == 1 && self.recovered().is_some()
    }

    /// In order.
    pub(super) fn breaks(&self) -> &[Break] {
        &self.breaks
    }

    fn follow(&mut self, event: &'a Event, alerts: &BTreeMap<AlertKey, Alert>) {
        match event.kind.lasting() {
            Kind::AlertRaised { alert, what, evidence, .. } if what.is_of_requests() => {
                self.fails(alert, evidence.since.unwrap_or(event.occurred_at));
            }
            // It came with another incident that was merged into this one; since when it fails is not known here.
            Kind::AlertJoined { alert } if alert.is_of_requests() && !self.ends.contains_key(alert) => {
                self.breaks.clear();
                let known = alerts.get(alert);
                self.ends.insert(alert, known.and_then(|known| over_by(known, event.occurred_at)));
            }
            // It was raised before the incident, and opened it, or joined it, as it grew.
            Kind::AlertGrew { alert, evidence, .. }
                if alert.is_of_requests() && !self.ends.contains_key(alert) =>
            {
                self.fails(alert, evidence.since.unwrap_or(event.occurred_at));
            }
            Kind::AlertReturned { alert, evidence, .. } if self.ends.contains_key(alert) => {
                self.fails(alert, evidence.since.unwrap_or(event.occurred_at));
            }
            Kind::AlertRecovered { alert, good_since, .. } => {
                self.ends.entry(alert).and_modify(|end| *end = Some(*good_since));
            }
            _ => {}
        }
    }

    /// An alert that is seen later may have failed in what looked like a break.
    fn fails(&mut self, alert: &'a AlertKey, since: Time) {
        let last = self.breaks.last().map(|one| one.to);
        let from = self.recovered().map(|over| last.map_or(over, |last| last.max(over)));
        self.breaks.extend(from.map(|from| Break { from, to: since }));
        for one in &mut self.breaks {
            one.to = one.to.min(since);
        }
        self.breaks.retain(|one| one.from < one.to);
        self.ends.insert(alert, None);
    }
}

/// When an alert had recovered, where that was seen by then and it did not fail since.
fn over_by(alert: &Alert, at: Time) -> Option<Time> {
    alert.recovered_at.filter(|_| alert.recovery_seen_at.is_some_and(|seen| seen <= at))
}
