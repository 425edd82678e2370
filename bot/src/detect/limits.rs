//! The numbers the detectors judge by.

use serde::{Deserialize, Serialize};

/// Thresholds of all detectors; `docs/detectors.md` derives the defaults. Shares lie between 0 and 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Evidence that opens an alert, in nats: a false alarm comes at most once in `e^evidence` lines
    /// for each status and watched share. 10 to 60, default 24.
    pub evidence: f64,
    /// The failing shares looked for, least first. Each above 0 and below 1, default 3 %, 10 % and 50 %.
    pub watched_shares: [f64; 3],
    /// The base line of a service never seen before. Default 1 %.
    pub base_assumed: f64,
    /// The base line is never taken for less. Default 0.1 %.
    pub base_floor: f64,
    /// The base line is never taken for more, so that a service that always fails alerts. Default 5 %.
    pub base_ceiling: f64,
    /// Evidence that closes an alert, in nats. 3 to 30, default 7.
    pub recovery_evidence: f64,
    /// A service must be good for so long before it has recovered, in seconds. Default 300.
    pub recovery_s: u32,
    /// A failure so soon after recovery is the same one returned, in seconds. Default 1800.
    pub returned_within_s: u32,
    /// The start of a failure is looked for so far back at most, in seconds. Default 43200.
    pub long_window_s: u32,
    /// From this share on it is SEV1. Default 50 %.
    pub sev1_share: f64,
    /// From this share on it is SEV2. Default 10 %.
    pub sev2_share: f64,
    /// Only a service with so many requests in every minute can be missed, default 30.
    pub absent_steady_per_minute: u32,
    /// For so many minutes without a break, at least 5, default 60.
    pub absent_steady_minutes: u32,
    /// It is missed after so many seconds of silence, at least 60, default 120.
    pub absent_after_s: u32,
    /// More services than this are counted as one named `other`. 1 to 10000, default 200.
    pub services: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            evidence: 24.0,
            watched_shares: [0.03, 0.1, 0.5],
            base_assumed: 0.01,
            base_floor: 0.001,
            base_ceiling: 0.05,
            recovery_evidence: 7.0,
            recovery_s: 300,
            returned_within_s: 1800,
            long_window_s: 43_200,
            sev1_share: 0.5,
            sev2_share: 0.1,
            absent_steady_per_minute: 30,
            absent_steady_minutes: 60,
            absent_after_s: 120,
            services: 200,
        }
    }
}
