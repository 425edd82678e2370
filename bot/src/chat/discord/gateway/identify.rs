//! When a new session may be begun. At the thousandth in a day Discord resets the bot's token (docs:
//! events/gateway, 2026-08-06), and a program that crashes each second is there in seventeen minutes. So beginnings
//! are counted over restarts, and paced. Pure.

use chrono::TimeDelta;
use lifeboat_storage::event::Time;
use serde_json::Value;

/// As many are left to people: for another process of the same bot, for the day after a bad night.
const RESERVE: u64 = 10;
/// Discord counts them over a day.
const DAY: TimeDelta = TimeDelta::days(1);
/// In an hour the first ones may come as fast as Discord takes them; after them the wait doubles.
const FREE_IN_AN_HOUR: usize = 5;
/// Ours of a day, at most: half of Discord's.
const OURS_IN_A_DAY: usize = 500;
/// The longest wait between two.
const LONGEST_GAP: TimeDelta = TimeDelta::minutes(10);

/// When sessions were begun, over restarts; oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Begun(Vec<Time>);

impl Begun {
    pub(super) fn new(mut times: Vec<Time>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    pub(super) fn times(&self) -> &[Time] {
        &self.0
    }

    /// How long to wait before the next; zero where it may come now. `least` is the shortest gap: Discord takes one
    /// each five seconds (`max_concurrency` 1).
    pub(super) fn wait(&mut self, least: TimeDelta, now: Time) -> TimeDelta {
        // The wall clock may have been set back: what lies ahead is taken as just now, so that it ages.
        self.0.iter_mut().for_each(|at| *at = (*at).min(now));
        self.0.retain(|at| now - *at < DAY);
        let Some(last) = self.0.last() else { return TimeDelta::zero() };
        let in_an_hour = self.0.iter().filter(|at| now - **at < TimeDelta::hours(1)).count();
        let mut until = *last + gap(least, in_an_hour);
        if let Some(nth) = self.0.len().checked_sub(OURS_IN_A_DAY) {
            until = until.max(self.0[nth] + DAY);
        }
        (until - now).max(TimeDelta::zero())
    }

    pub(super) fn begin(&mut self, now: Time) {
        self.0.push(now);
    }
}

fn gap(least: TimeDelta, in_an_hour: usize) -> TimeDelta {
    let beyond = in_an_hour.saturating_sub(FREE_IN_AN_HOUR);
    let doublings = u32::try_from(beyond).unwrap_or(u32::MAX).min(10);
    (least * 2_i32.pow(doublings)).min(LONGEST_GAP)
}

/// What `GET /gateway/bot` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// The first address.
    pub(super) url: String,
    /// Sessions that may still be begun; none where it is not said.
    pub(super) remaining: Option<u64>,
    /// When they are all there again, from now.
    pub(super) reset_after_ms: u64,
}

impl Told {
    /// None where there is no address in it.
    pub(super) fn read(body: &Value) -> Option<Self> {
        let limit = &body["session_start_limit"];
        Some(Self {
            url: body["url"].as_str()?.to_owned(),
            remaining: limit["remaining"].as_u64(),
            reset_after_ms: limit["reset_after"].as_u64().unwrap_or(3_600_000),
        })
    }

    /// Too few are left for a program to take one.
    pub(super) fn spent(&self) -> bool {
        self.remaining.is_some_and(|remaining| remaining <= RESERVE)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const LEAST: TimeDelta = TimeDelta::seconds(5);

    fn at(seconds: i64) -> Time {
        "2026-11-22T15:00:00Z".parse::<Time>().unwrap() + TimeDelta::seconds(seconds)
    }

    fn begun(seconds: &[i64]) -> Begun {
        Begun::new(seconds.iter().map(|s| at(*s)).collect())
    }

    #[track_caller]
    fn waits(before: &[i64], now: i64, expected_s: i64) {
        assert_eq!(begun(before).wait(LEAST, at(now)), TimeDelta::seconds(expected_s), "{before:?} at {now}");
    }

    #[test]
    fn the_first_ones_are_five_seconds_apart_then_the_wait_doubles() {
        waits(&[], 0, 0);
        waits(&[0], 0, 5);
        waits(&[0], 5, 0);
        waits(&[0, 5, 10, 15], 15, 5);
        waits(&[0, 5, 10, 15, 20, 25], 25, 10);
        waits(&[0, 5, 10, 15, 20, 25, 35], 35, 20);
        waits(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19], 19, 600);
        waits(&[0, 5, 10, 15, 20, 25, 35], 3_640, 0);
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_hold_us_for_as_long() {
        waits(&[86_400 * 365], 0, 5);
        let mut begun = begun(&[86_400 * 365]);
        begun.wait(LEAST, at(0));
        assert_eq!(begun.wait(LEAST, at(5)), TimeDelta::zero());
    }

    #[test]
    fn a_crash_every_five_seconds_for_a_day_begins_fewer_than_half_of_what_discord_allows() {
        let mut begun = Begun::default();
        let mut count = 0;
        for second in (0..86_400).step_by(5) {
            if begun.wait(LEAST, at(second)) == TimeDelta::zero() {
                begun.begin(at(second));
                count += 1;
            }
        }
        assert!((100..=OURS_IN_A_DAY).contains(&count), "{count}");
    }

    #[test]
    fn what_discord_tells_is_read_and_the_reserve_is_kept() {
        let body = |remaining: u64| {
            let limit =
                json!({"total": 1000, "remaining": remaining, "reset_after": 60_000, "max_concurrency": 1});
            json!({"url": "wss://a.example", "shards": 1, "session_start_limit": limit})
        };
        let told = Told { url: "wss://a.example".to_owned(), remaining: Some(3), reset_after_ms: 60_000 };
        assert_eq!(Told::read(&body(3)), Some(told));
        assert!(Told::read(&body(10)).unwrap().spent());
        assert!(!Told::read(&body(11)).unwrap().spent());
        assert!(!Told::read(&json!({"url": "wss://a.example"})).unwrap().spent());
        assert_eq!(Told::read(&json!({"shards": 1})), None);
    }
}
