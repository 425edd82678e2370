//! Alerts that still fire although a person said that it is over: they fail again, or they recover.
//!
//! An alert fires until five good minutes prove that it is over, and people say `mitigate`, `resolve` or `close`
//! sooner. From their word on the detector counts once more what would open the alert; when that is enough, the
//! alert has returned, as one does that had recovered.

use std::collections::BTreeMap;

use lifeboat_storage::event::{AlertKind, Status, Time};
use lifeboat_storage::id::{AlertKey, IncidentId};
use lifeboat_storage::incident::Alert;

use super::Engine;
use super::input::Now;

/// Failures so soon after a person's word are the tail of what it was about, in milliseconds: a line is written when
/// its request ends and names a whole second, and what was asked before the cure still fails.
const TAIL_MS: u64 = 10_000;

/// By which word an alert's incident is over: a further one begins the wait anew.
type Word = (IncidentId, Status);

/// A word that was heard while the alert fired.
#[derive(Debug)]
struct Heard {
    word: Word,
    at_ms: u64,
    counts: bool,
}

/// Alerts that fire although their incident is mitigated or later.
#[derive(Debug, Default)]
pub struct Again {
    heard: BTreeMap<AlertKey, Heard>,
}

/// Whether the detector of such an alert can tell that it fails again before it has recovered.
#[must_use]
pub fn is_looked_at_again(what: AlertKind) -> bool {
    what.is_of_requests() || what == AlertKind::ProbeDown
}

impl Engine {
    /// Has the detectors count afresh once the tail is over. Only while all lines are read, or those from before the
    /// word would count.
    pub(crate) fn look_again(&mut self, now: Now) {
        if self.record.degraded.is_some() || !self.watch.is_level() {
            return;
        }
        let over = self.said_to_be_over(now.wall);
        self.again.heard.retain(|key, heard| over.get(key) == Some(&heard.word));
        for (key, word) in over {
            let new = Heard { word, at_ms: now.mono_ms, counts: false };
            let heard = self.again.heard.entry(key.clone()).or_insert(new);
            if !heard.counts
                && now.mono_ms - heard.at_ms >= TAIL_MS
                && let Some(alert) = self.state.alerts.get(&key)
            {
                heard.counts = true;
                self.watch.count_afresh(alert);
            }
        }
    }

    /// Its detector counts afresh, and its incident is still said to be over.
    pub(crate) fn is_counted_afresh(&self, alert: &Alert, now: Time) -> bool {
        let heard = self.again.heard.get(&alert.key).filter(|heard| heard.counts);
        heard.is_some_and(|heard| self.word(alert, now) == Some(heard.word))
    }

    fn said_to_be_over(&self, now: Time) -> BTreeMap<AlertKey, Word> {
        let alerts = self.state.alerts.values();
        let over = alerts.filter_map(|alert| Some((alert.key.clone(), self.word(alert, now)?)));
        over.collect()
    }

    /// The word by which the incident of an alert that fires and is not muted is over. A cancelled one never was.
    fn word(&self, alert: &Alert, now: Time) -> Option<Word> {
        if !alert.firing || !is_looked_at_again(alert.what) || self.is_muted(&alert.key, now) {
            return None;
        }
        let incident = self.follow(alert.incident?)?;
        let over = matches!(incident.status, Status::Mitigated | Status::Resolved | Status::Closed);
        over.then_some((incident.id, incident.status))
    }
}
