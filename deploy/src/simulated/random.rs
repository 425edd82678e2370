//! Seeded chance. The same seed and the same calls bring the same numbers on every machine.

/// SplitMix64: small, fast, and good enough for boot times and log lines.
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    /// From a seed; `stream` keeps the dice of different things apart.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mut dice = Self(seed ^ stream.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        dice.next();
        dice
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 to just below 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    pub(super) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Below `bound`; 0 for 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let wide = u128::from(self.next()) * bound as u128;
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    /// From `least` to `most`, both included.
    pub(super) fn between(&mut self, (least, most): (u32, u32)) -> i64 {
        let span = most.saturating_sub(least) as usize + 1;
        i64::from(least) + i64::try_from(self.below(span)).unwrap_or(0)
    }

    /// Whether something that happens once in `mean_s` seconds happens in this one.
    pub(super) fn once_in(&mut self, mean_s: f64) -> bool {
        mean_s.is_finite() && self.share() * mean_s.max(1.0) < 1.0
    }

    /// About normal, mean 0, deviation 1.
    pub(super) fn bell(&mut self) -> f64 {
        let sum: f64 = (0..4).map(|_| self.share()).sum();
        (sum - 2.0) * 1.732
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_kept_and_a_seed_repeats() {
        let draw = || {
            let mut dice = Dice::new(7, 1);
            (0..1_000).map(|_| (dice.below(3), dice.between((4, 6)))).collect::<Vec<_>>()
        };
        assert_eq!(draw(), draw());
        assert!(draw().iter().all(|(below, between)| *below < 3 && (4..=6).contains(between)));
        assert!((0..3).all(|wanted| draw().iter().any(|(below, _)| *below == wanted)));
    }

    #[test]
    fn the_bell_has_mean_0_and_deviation_1() {
        let mut dice = Dice::new(1, 2);
        let drawn: Vec<f64> = (0..20_000).map(|_| dice.bell()).collect();
        let mean = drawn.iter().sum::<f64>() / 20_000.0;
        let square = drawn.iter().map(|x| x * x).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.05 && (square - 1.0).abs() < 0.05, "{mean} {square}");
    }
}
