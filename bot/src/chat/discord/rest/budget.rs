//! What one bucket of Discord's still lets through for one top-level id. Pure.

use super::Scope;
use super::answer::Told;

/// One bucket for one top-level id.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Budget {
    /// Under way, not answered yet.
    flying: u32,
    known: Known,
    held: Option<Held>,
}

#[derive(Clone, Debug, Default, PartialEq)]
enum Known {
    /// Nothing was answered yet: one call at a time, so that a limit is learned before it is met.
    #[default]
    Nothing,
    /// Answered without limits.
    Free,
    /// `left` of `limit` calls until `reset_ms`.
    Window { limit: u32, left: u32, reset_ms: u64 },
}

/// A wait that Discord asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Held {
    /// When it ends, on the clock that never goes back.
    pub(super) until_ms: u64,
    /// Whose limit.
    pub(super) scope: Scope,
    /// What it is about.
    pub(super) code: Option<u32>,
}

/// When the next call may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// Now.
    Now,
    /// Then, at the earliest.
    At(Held),
    /// When one that is under way is answered.
    AfterAnAnswer,
}

impl Budget {
    pub(super) fn opening(&self, now_ms: u64) -> Opening {
        if let Some(held) = self.held.filter(|held| held.until_ms > now_ms) {
            return Opening::At(held);
        }
        match self.known {
            Known::Nothing if self.flying > 0 => Opening::AfterAnAnswer,
            Known::Nothing | Known::Free => Opening::Now,
            Known::Window { left: 1.., reset_ms, .. } if reset_ms > now_ms => Opening::Now,
            Known::Window { reset_ms, .. } if reset_ms > now_ms => {
                Opening::At(Held { until_ms: reset_ms, scope: Scope::Unsaid, code: None })
            }
            // Those that are under way may count in the new window.
            Known::Window { limit, .. } if self.flying >= limit => Opening::AfterAnAnswer,
            Known::Window { .. } => Opening::Now,
        }
    }

    /// A call leaves; only where [`Budget::opening`] says so.
    pub(super) fn take(&mut self, now_ms: u64) {
        if let Known::Window { limit, left, reset_ms } = &mut self.known {
            if *reset_ms <= now_ms {
                // The length of the new window is learned from the next answer.
                *left = limit.saturating_sub(self.flying);
                *reset_ms = now_ms + 1;
            }
            *left = left.saturating_sub(1);
        }
        self.flying += 1;
    }

    /// A call ended, answered or not.
    pub(super) fn landed(&mut self) {
        self.flying = self.flying.saturating_sub(1);
    }

    /// What an answer says. Those still under way are counted as not yet seen by Discord: rather too few than one too many.
    pub(super) fn learn(&mut self, told: &Told, now_ms: u64) {
        let (Some(limit), Some(remaining), Some(reset_after_ms)) =
            (told.limit, told.remaining, told.reset_after_ms)
        else {
            return;
        };
        let (fresh_left, fresh_reset) = (remaining.saturating_sub(self.flying), now_ms + reset_after_ms + 1);
        let (left, reset_ms) = match self.known {
            Known::Window { left, reset_ms, .. } if reset_ms > now_ms => {
                (left.min(fresh_left), reset_ms.max(fresh_reset))
            }
            _ => (fresh_left, fresh_reset),
        };
        self.known = Known::Window { limit: limit.max(1), left, reset_ms };
    }

    /// Two that turn out to be one.
    pub(super) fn join(&mut self, other: Self) {
        self.flying += other.flying;
        other.held.into_iter().for_each(|held| self.hold(held));
        if self.known == Known::Nothing {
            self.known = other.known;
        }
    }

    /// A success that names no limit.
    pub(super) fn free(&mut self) {
        if self.known == Known::Nothing {
            self.known = Known::Free;
        }
    }

    pub(super) fn hold(&mut self, held: Held) {
        if self.held.is_none_or(|before| before.until_ms < held.until_ms) {
            self.held = Some(held);
        }
    }

    /// Nothing is lost when it is forgotten.
    pub(super) fn idle(&self, now_ms: u64) -> bool {
        let window_over = !matches!(self.known, Known::Window { reset_ms, .. } if reset_ms > now_ms);
        self.flying == 0 && window_over && self.held.is_none_or(|held| held.until_ms <= now_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(limit: u32, remaining: u32, reset_after_ms: u64) -> Told {
        Told {
            limit: Some(limit),
            remaining: Some(remaining),
            reset_after_ms: Some(reset_after_ms),
            ..Told::default()
        }
    }

    fn until(until_ms: u64) -> Opening {
        Opening::At(Held { until_ms, scope: Scope::Unsaid, code: None })
    }

    #[test]
    fn the_first_call_goes_alone_and_then_as_many_as_the_window_has() {
        let mut budget = Budget::default();
        budget.take(0);
        assert_eq!(budget.opening(0), Opening::AfterAnAnswer);
        budget.landed();
        budget.learn(&told(3, 2, 5_000), 100);
        budget.take(100);
        budget.take(100);
        assert_eq!(budget.opening(100), until(5_101));
        assert_eq!(budget.opening(5_100), until(5_101));
    }

    #[test]
    fn answers_out_of_order_never_give_back_what_was_taken() {
        let mut budget = Budget::default();
        budget.take(0);
        budget.landed();
        budget.learn(&told(5, 4, 1_000), 0);
        for _ in 0..4 {
            budget.take(0);
        }
        budget.landed();
        budget.learn(&told(5, 0, 990), 10);
        budget.landed();
        budget.learn(&told(5, 3, 995), 12);
        assert_eq!(budget.opening(20), until(1_008));
    }

    #[test]
    fn calls_still_under_way_count_in_the_next_window() {
        let mut budget = Budget::default();
        budget.take(0);
        budget.landed();
        budget.learn(&told(2, 1, 1_000), 0);
        budget.take(0);
        budget.take(1_001);
        assert_eq!(budget.opening(1_001), until(1_002), "one old, one new of two");
        assert_eq!(budget.opening(1_002), Opening::AfterAnAnswer);
        budget.landed();
        assert_eq!(budget.opening(1_002), Opening::Now);
    }

    #[test]
    fn a_wait_discord_asked_for_counts_before_what_is_left() {
        let mut budget = Budget::default();
        budget.learn(&told(5, 4, 1_000), 0);
        let held = Held { until_ms: 600_000, scope: Scope::User, code: None };
        budget.hold(held);
        budget.hold(Held { until_ms: 10, ..held });
        assert_eq!(budget.opening(599_999), Opening::At(held));
        assert_eq!(budget.opening(600_000), Opening::Now);
    }
}
