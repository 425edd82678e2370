//! Heartbeats: when the next is due, and whether the last was answered. Pure.

use std::collections::VecDeque;

/// Discord cuts a connection that sends more than 120 messages in 60 s (docs: events/gateway, 2026-08-06). What
/// is left over is for the beats that are due and for `IDENTIFY`.
const ON_DEMAND: usize = 100;
/// The time Discord counts them in.
const COUNTED_MS: u64 = 60_000;

/// The heartbeats of one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Beats {
    every_ms: u64,
    next_ms: u64,
    answered: bool,
    /// Reading was held up since the last beat: its answer may lie unread, and its absence says nothing.
    unheard: bool,
    sent_ms: VecDeque<u64>,
}

/// What is to be done at a due beat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Nothing yet.
    No,
    /// Send one.
    Beat,
    /// The last was not answered: nobody is there.
    Dead,
}

impl Beats {
    /// After `HELLO`; the first comes after a part of the interval, so that not everybody beats at once.
    pub(super) fn new(every_ms: u64, first_ms: u64, now_ms: u64) -> Self {
        let next_ms = now_ms + first_ms;
        Self { every_ms, next_ms, answered: true, unheard: false, sent_ms: VecDeque::new() }
    }

    pub(super) fn next_ms(&self) -> u64 {
        self.next_ms
    }

    /// `holding`: reading is held up at this moment.
    pub(super) fn due(&mut self, holding: bool, now_ms: u64) -> Due {
        if now_ms < self.next_ms {
            return Due::No;
        }
        if !self.answered && !self.unheard {
            return Due::Dead;
        }
        (self.answered, self.unheard) = (false, holding);
        self.next_ms = now_ms + self.every_ms;
        self.count(now_ms);
        Due::Beat
    }

    /// Discord asks for a beat; not given where it asks too often.
    pub(super) fn on_demand(&mut self, now_ms: u64) -> bool {
        while self.sent_ms.front().is_some_and(|at| at + COUNTED_MS <= now_ms) {
            self.sent_ms.pop_front();
        }
        let may = self.sent_ms.len() < ON_DEMAND;
        if may {
            self.count(now_ms);
        }
        may
    }

    fn count(&mut self, now_ms: u64) {
        if self.sent_ms.len() >= ON_DEMAND {
            self.sent_ms.pop_front();
        }
        self.sent_ms.push_back(now_ms);
    }

    pub(super) fn answered(&mut self) {
        self.answered = true;
    }

    /// Reading is held up from now on.
    pub(super) fn unheard(&mut self) {
        self.unheard = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unanswered_beat_is_noticed_when_the_next_is_due() {
        let mut beats = Beats::new(1_000, 400, 0);
        assert_eq!((beats.due(false, 399), beats.due(false, 400)), (Due::No, Due::Beat));
        beats.answered();
        assert_eq!((beats.due(false, 1_400), beats.due(false, 2_399)), (Due::Beat, Due::No));
        assert_eq!(beats.due(false, 2_400), Due::Dead);
    }

    #[test]
    fn while_reading_is_held_up_a_missing_answer_says_nothing() {
        let mut beats = Beats::new(1_000, 0, 0);
        assert_eq!(beats.due(false, 0), Due::Beat);
        beats.unheard();
        assert_eq!(beats.due(true, 1_000), Due::Beat, "held up between the two");
        assert_eq!(beats.due(false, 2_000), Due::Beat, "held up when the last one left");
        assert_eq!(beats.due(false, 3_000), Due::Dead, "read a whole interval, and no answer");
    }

    #[test]
    fn discord_cannot_make_us_send_too_much() {
        let mut beats = Beats::new(41_250, 41_250, 0);
        let given = (0..500).filter(|ms| beats.on_demand(*ms)).count();
        assert_eq!(given, ON_DEMAND);
        assert!(beats.on_demand(60_000));
    }
}
