//! The folded state of one alert.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::event::{AlertEvidence, AlertKind, Event, Kind, Severity, Share, Time};
use crate::id::{AlertKey, IncidentId, Seq, ServiceName};

/// What an alert adds up to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// What it is about.
    pub key: AlertKey,
    /// Its kind.
    pub what: AlertKind,
    /// The service that fails.
    pub service: ServiceName,
    /// How bad, as last told.
    pub severity: Severity,
    /// First bad line of the current run.
    pub since: Time,
    /// When it was raised (the deciding line).
    pub raised_at: Time,
    /// It fires now.
    pub firing: bool,
    /// When it last recovered (first second of the good run).
    pub recovered_at: Option<Time>,
    /// When that was decided.
    pub recovery_seen_at: Option<Time>,
    /// The event with the newest evidence.
    pub evidence: Seq,
    /// The newest share known: the evidence's, then that of the last measured half minute.
    pub now: Share,
    /// Over how many seconds that share was counted.
    pub now_s: u32,
    /// The end of that count; absent in what an older Lifeboat folded.
    #[serde(default)]
    pub now_at: Option<Time>,
    /// Upstreams of its failed requests by the newest evidence that names some; none in what an older Lifeboat folded.
    #[serde(default)]
    pub upstreams: BTreeSet<String>,
    /// How often it came back within half an hour, or after a person's word that it was over.
    pub returned: u32,
    /// The incident it belongs to.
    pub incident: Option<IncidentId>,
    /// Muted until then.
    pub silenced_until: Option<Time>,
}

impl Alert {
    /// The alert that its event raises, not silenced; none of any other event.
    pub(crate) fn raised(event: &Event) -> Option<Self> {
        let Kind::AlertRaised { alert, what, service, severity, evidence } = event.kind.lasting() else {
            return None;
        };
        Some(Self {
            key: alert.clone(),
            what: *what,
            service: service.clone(),
            severity: *severity,
            since: evidence.since.unwrap_or(event.occurred_at),
            raised_at: event.occurred_at,
            firing: true,
            recovered_at: None,
            recovery_seen_at: None,
            evidence: event.seq,
            now: evidence.now,
            now_s: evidence.window_s,
            now_at: Some(event.occurred_at),
            upstreams: evidence.names_of_upstreams(),
            returned: 0,
            incident: event.incident,
            silenced_until: None,
        })
    }

    /// Takes in the newest evidence, told at this moment by this event.
    pub fn tell(&mut self, evidence: &AlertEvidence, event: &Event) {
        self.evidence = event.seq;
        self.now = evidence.now;
        self.now_s = evidence.window_s;
        self.now_at = Some(event.occurred_at);
        if !evidence.upstreams.is_empty() {
            self.upstreams = evidence.names_of_upstreams();
        }
    }
}
