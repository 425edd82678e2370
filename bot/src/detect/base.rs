//! The base line: the share that fails every day, learned while nothing is wrong.

use serde::{Deserialize, Serialize};

use super::limits::Limits;

/// Lines are kept in 1024ths, so that they can fade without floating point.
const FINE: u64 = 1024;
/// The assumed share weighs as much as so many lines.
const ASSUMED_LINES: f64 = 250.0;
/// What was seen fades to 1/e in so many seconds (17 hours, so that a day counts most).
const FADES_IN_S: u64 = 61_000;

/// Failed and all lines of quiet times, fading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct BaseLine {
    bad: u64,
    total: u64,
}

impl BaseLine {
    /// Adds what was seen in so many seconds.
    pub(super) fn learn(&mut self, bad: u64, total: u64, seconds: u64) {
        let left = FADES_IN_S.saturating_sub(seconds);
        let fade = |kept: u64| (u128::from(kept) * u128::from(left) / u128::from(FADES_IN_S)) as u64;
        self.bad = fade(self.bad).saturating_add(bad.saturating_mul(FINE));
        self.total = fade(self.total).saturating_add(total.saturating_mul(FINE));
    }

    /// Lines it rests on.
    pub(super) fn lines(&self) -> u64 {
        self.total / FINE
    }

    /// The share, one standard deviation on the safe side, within floor and ceiling.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    pub(super) fn share(&self, limits: &Limits) -> f64 {
        let bad = self.bad as f64 / FINE as f64 + prior(limits.base_assumed * ASSUMED_LINES);
        let total = self.total as f64 / FINE as f64 + ASSUMED_LINES;
        ((bad + bad.sqrt()) / total).clamp(limits.base_floor, limits.base_ceiling)
    }
}

/// The number that yields `wanted` once its own square root is added.
fn prior(wanted: f64) -> f64 {
    let root = ((1.0 + 4.0 * wanted).sqrt() - 1.0) / 2.0;
    root * root
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(seen: &[(u64, u64, u64)]) -> f64 {
        let mut base = BaseLine::default();
        for (bad, total, seconds) in seen {
            base.learn(*bad, *total, *seconds);
        }
        base.share(&Limits::default())
    }

    #[test]
    fn a_base_line_starts_as_assumed_and_follows_what_is_seen_within_its_bounds() {
        let near = |a: f64, b: f64| (a - b).abs() < b * 0.15;
        for (name, seen, expected) in [
            ("never seen", &[][..], 0.01),
            ("clean", &[(0, 100_000, 60)], 0.001),
            ("one in a hundred", &[(1000, 100_000, 60)], 0.01),
            ("always failing", &[(900, 1000, 60)], 0.05),
            ("clean, long ago", &[(0, 100_000, 60), (0, 0, 1_000_000)], 0.01),
        ] {
            assert!(near(share(seen), expected), "{name}: {}", share(seen));
        }
    }
}
