//! What the page is given of a service's chart, and the letters on it.

use serde::Serialize;

/// Error share over time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Chart {
    /// Which service.
    pub service: String,
    /// Start of the first step, RFC 3339.
    pub from: String,
    /// Length of a step, in seconds.
    pub step_s: u32,
    /// `[bad, total]` a step; `null` where nothing is known.
    pub counts: Vec<Option<[u64; 2]>>,
    /// `[bad, total]` of the newest half minute, or of as much more, up to five minutes, as it takes for ten requests;
    /// none where nothing came or the incident is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<[u64; 2]>,
    /// The alert's limit, 0 to 1.
    pub limit: f64,
    /// The usual share, 0 to 1.
    pub usual: f64,
    /// Letters on top.
    pub marks: Vec<Mark>,
    /// Minutes to add to UTC for the axis.
    pub zone_offset_min: i32,
}

/// A letter on the chart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// A to Z.
    pub letter: String,
    /// RFC 3339.
    pub at: String,
    /// What happened.
    pub text: String,
    /// Its event.
    pub seq: u64,
}

/// The letter of a timeline entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Letter {
    /// A to Z.
    pub letter: String,
    /// The event the entry is of.
    pub seq: u64,
}
