//! Times to detect, acknowledge, mitigate and resolve. A missing milestone is absent, never 0.

use chrono::TimeDelta;
use serde::Serialize;

use crate::event::{Milestone, Time};
use crate::incident::Incident;

/// A span between two milestones; either end may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    /// The first milestone.
    pub from: Option<Time>,
    /// The second milestone.
    pub to: Option<Time>,
}

impl Span {
    /// Its length, where both ends are known. Negative when people corrected the milestones so.
    #[must_use]
    pub fn length(self) -> Option<TimeDelta> {
        Some(self.to? - self.from?)
    }
}

/// The four times of an incident, both ends each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Times {
    /// Detected − started.
    pub detect: Span,
    /// Acknowledged − detected.
    pub acknowledge: Span,
    /// Mitigated − started.
    pub mitigate: Span,
    /// Resolved − started.
    pub resolve: Span,
}

/// The four times of an incident.
#[must_use]
pub fn times(incident: &Incident) -> Times {
    let span = |from, to| Span { from: incident.at(from), to: incident.at(to) };
    Times {
        detect: span(Milestone::Started, Milestone::Detected),
        acknowledge: span(Milestone::Detected, Milestone::Acknowledged),
        mitigate: span(Milestone::Started, Milestone::Mitigated),
        resolve: span(Milestone::Started, Milestone::Resolved),
    }
}
