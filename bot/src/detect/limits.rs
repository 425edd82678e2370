//! The numbers the detectors judge by.

use serde::{Deserialize, Serialize};

/// Thresholds of all detectors; `docs/detectors.md` derives the defaults. Shares lie between 0 and 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Evidence that opens an alert, in nats: a false alarm comes at most once in `e^evidence` lines
    /// for each status and watched share. 10 to 60, default 24. Of a service with fewer than 100,000 lines less is
    /// asked for: see [`Limits::needed`].
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

/// Evidence asked for of a service's very first lines, in nats.
const YOUNG: f64 = 12.5;
/// Never less than this, in nats: five failures at once of a service never seen before.
const LEAST: f64 = 16.0;

impl Limits {
    /// Evidence that opens an alert of a service with so many lines before, in nats. A young service has had few
    /// chances of a false alarm: with `12.5 + ln(lines)` all of them together come to less than one in 20,000 until
    /// the full evidence is asked for.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a logarithm of it")]
    pub fn needed(&self, lines: u64) -> f64 {
        let young = YOUNG + (lines.max(1) as f64).ln();
        young.max(LEAST).min(self.evidence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_is_asked_of_a_young_service_and_all_of_one_that_is_known() {
        let limits = Limits::default();
        for (lines, expected) in
            [(0, 16.0), (30, 16.0), (1_000, 19.4), (20_000, 22.4), (100_000, 24.0), (10_000_000, 24.0)]
        {
            assert!((limits.needed(lines) - expected).abs() < 0.05, "{lines}: {}", limits.needed(lines));
        }
        let strict = Limits { evidence: 14.0, ..limits };
        assert!((strict.needed(1) - 14.0).abs() < 1e-9);
    }
}
