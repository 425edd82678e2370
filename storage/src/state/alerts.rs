//! The fold of alerts: what was raised, how bad it is now, and whether it still fires.

use chrono::TimeDelta;

use super::State;
use crate::event::{AlertKind, Event, Kind, Share, Time};
use crate::id::{AlertKey, ServiceName};
use crate::incident::Alert;

impl State {
    pub(super) fn apply_alert(&mut self, event: &Event) {
        match event.kind.lasting() {
            // A test goes the way of an alert, but nothing fires.
            Kind::AlertRaised { what: AlertKind::Test, .. } => {}
            Kind::AlertRaised { alert, .. } => {
                let silenced_until = self.alerts.get(alert).and_then(|old| old.silenced_until);
                let raised = Alert::raised(event).map(|raised| Alert { silenced_until, ..raised });
                self.alerts.extend(raised.map(|raised| (alert.clone(), raised)));
            }
            Kind::AlertGrew { alert, severity, evidence, .. } => self.change(alert, |known| {
                known.severity = *severity;
                known.tell(evidence, event);
                known.incident = known.incident.or(event.incident);
            }),
            Kind::AlertReturned { alert, severity, evidence, times, .. } => self.change(alert, |known| {
                known.severity = *severity;
                known.tell(evidence, event);
                if known.recovered_at.is_some() {
                    known.since = evidence.since.unwrap_or(event.occurred_at);
                }
                known.firing = true;
                known.recovered_at = None;
                known.recovery_seen_at = None;
                known.returned = *times;
                known.incident = event.incident;
            }),
            Kind::AlertRecovered { alert, good_since, now, .. } => self.change(alert, |known| {
                known.firing = false;
                known.recovered_at = Some(*good_since);
                known.recovery_seen_at = Some(event.occurred_at);
                known.now = *now;
            }),
            Kind::AlertJoined { alert } => self.change(alert, |known| known.incident = event.incident),
            Kind::IncidentDeclared { alert: Some(alert), .. } => {
                self.change(alert, |known| known.incident = event.incident);
            }
            Kind::AlertSilenced { alert, until, .. } => {
                self.change(alert, |known| known.silenced_until = Some(*until));
            }
            Kind::TrafficMeasured { service, from, step_s, counts } => {
                self.measured(service, (*from, event.occurred_at), *step_s, counts);
            }
            Kind::AlertUnsilenced { alert } => self.change(alert, |known| known.silenced_until = None),
            _ => {}
        }
    }

    /// What fires is told with the newest share that was measured after it was raised: of the last three steps, or of
    /// those that began since. A step that was still running when it was told is not counted to its end yet.
    fn measured(&mut self, service: &ServiceName, (from, told): (Time, Time), step_s: u32, counts: &[Share]) {
        let step = TimeDelta::seconds(i64::from(step_s));
        let begins = |place: usize| from.checked_add_signed(step.checked_mul(i32::try_from(place).ok()?)?);
        let counted =
            |alert: &&mut Alert| alert.firing && alert.service == *service && alert.what.is_of_requests();
        for alert in self.alerts.values_mut().filter(counted) {
            let since = |place: &usize| begins(*place).is_some_and(|at| at >= alert.raised_at);
            let newest: Vec<usize> = (0..counts.len()).rev().take(3).take_while(since).collect();
            let share = newest.iter().fold(Share::default(), |sum, &place| Share {
                bad: sum.bad.saturating_add(counts[place].bad),
                total: sum.total.saturating_add(counts[place].total),
            });
            if share.total > 0 {
                alert.now = share;
                alert.now_s = step_s.saturating_mul(u32::try_from(newest.len()).unwrap_or(1));
                alert.now_at = begins(counts.len()).map(|end| end.min(told));
            }
        }
    }

    fn change(&mut self, key: &AlertKey, how: impl FnOnce(&mut Alert)) {
        if let Some(alert) = self.alerts.get_mut(key) {
            how(alert);
        }
    }
}
