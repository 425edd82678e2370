//! How bad a failure is.

use lifeboat_storage::event::{Severity, Share};

use super::limits::Limits;
use crate::source::request::Millis;

/// From share and rate: SEV1 and SEV2 by their shares, else SEV3; one lower below one failure a minute, two
/// lower below one in ten minutes. Where at least half fail it is never lower than SEV2: users who come seldom are
/// users too, and with the default configuration only SEV2 opens an incident.
pub(super) fn severity(share: Share, span_ms: Millis, limits: &Limits) -> Severity {
    of(share.ratio(), share.bad, span_ms, limits)
}

/// The same of a span that is looked at before it is full, and so at every failed line of it: the share counts for no
/// more than it is beyond chance. Of 38 requests 20 fail sooner or later where two in five do.
pub(super) fn severity_so_far(share: Share, span_ms: Millis, limits: &Limits) -> Severity {
    of(beyond_chance(share), share.bad, span_ms, limits)
}

/// The share without three of its standard errors.
#[expect(clippy::cast_precision_loss, reason = "request counts stay far below 2^52")]
fn beyond_chance(share: Share) -> f64 {
    let ratio = share.ratio();
    ratio - 3.0 * (ratio * (1.0 - ratio) / share.total.max(1) as f64).sqrt()
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds and counts of hours")]
fn of(ratio: f64, bad: u64, span_ms: Millis, limits: &Limits) -> Severity {
    let by_share = match ratio {
        ratio if ratio >= limits.sev1_share => 1,
        ratio if ratio >= limits.sev2_share => 2,
        _ => 3,
    };
    let a_minute = bad as f64 / (span_ms.max(1000) as f64 / 60_000.0);
    let lower = if a_minute >= 1.0 {
        0
    } else if a_minute >= 0.1 {
        1
    } else {
        2
    };
    let lowest = if ratio >= 0.5 { 2 } else { 4 };
    match (by_share + lower).min(lowest) {
        1 => Severity::Sev1,
        2 => Severity::Sev2,
        3 => Severity::Sev3,
        _ => Severity::Sev4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severity_comes_from_share_and_rate() {
        let limits = Limits::default();
        for (name, bad, total, span_s, expected) in [
            ("half, at once", 5, 10, 0, Severity::Sev1),
            ("one below half", 49, 100, 10, Severity::Sev2),
            ("a tenth", 10, 100, 10, Severity::Sev2),
            ("one below a tenth", 9, 100, 10, Severity::Sev3),
            ("all, one a minute", 10, 10, 600, Severity::Sev1),
            ("all, less than one a minute", 10, 10, 601, Severity::Sev2),
            ("all, four an hour", 6, 6, 5400, Severity::Sev2),
            ("half, four an hour", 6, 12, 5400, Severity::Sev2),
            ("one below half, four an hour", 5, 11, 5400, Severity::Sev4),
            ("few, four an hour", 6, 100, 5400, Severity::Sev4),
        ] {
            assert_eq!(severity(Share { bad, total }, span_s * 1000, &limits), expected, "{name}");
        }
    }

    #[test]
    fn a_span_that_is_not_full_counts_for_no_more_than_is_beyond_chance() {
        let limits = Limits::default();
        for (name, bad, total, expected) in [
            ("all", 20, 20, Severity::Sev1),
            ("half of few, by chance", 20, 38, Severity::Sev2),
            ("two thirds of few, by chance", 26, 39, Severity::Sev2),
            ("three quarters of few", 30, 40, Severity::Sev1),
            ("a bit over half of many", 110, 200, Severity::Sev2),
            ("well over half of many", 130, 200, Severity::Sev1),
            ("a tenth of few, by chance", 20, 200, Severity::Sev3),
        ] {
            assert_eq!(severity_so_far(Share { bad, total }, 2_000, &limits), expected, "{name}");
        }
    }
}
