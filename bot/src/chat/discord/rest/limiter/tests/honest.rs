//! Against a Discord that counts in the plainest way, whatever the delays on the way: it never has to say 429.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// Counts calls in fixed windows that begin with the first call.
#[derive(Default)]
struct Honest {
    windows: BTreeMap<u64, (u64, u32)>,
}

const LIMIT: u32 = 5;
const WINDOW_MS: u64 = 2_000;

impl Honest {
    /// What it answers to a call that arrives now; none where it would be one too many.
    fn answer(&mut self, channel: u64, now_ms: u64) -> Option<Answer> {
        let (end_ms, used) = self.windows.entry(channel).or_insert((now_ms + WINDOW_MS, 0));
        if *end_ms <= now_ms {
            (*end_ms, *used) = (now_ms + WINDOW_MS, 0);
        }
        *used += 1;
        let left = LIMIT.checked_sub(*used)?.to_string();
        let reset = format!("{:.3}", std::time::Duration::from_millis(*end_ms - now_ms).as_secs_f64());
        let headers = [
            ("x-ratelimit-bucket", "a"),
            ("x-ratelimit-limit", "5"),
            ("x-ratelimit-remaining", left.as_str()),
            ("x-ratelimit-reset-after", reset.as_str()),
        ];
        Some(answer(200, &headers, "{}"))
    }
}

/// A call on its way.
enum Way {
    There { ticket: Ticket, channel: u64, back_ms: u64 },
    Back { ticket: Ticket, answer: Answer },
}

/// How finely the time is played.
const STEP_MS: u64 = 20;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn an_honest_discord_never_has_to_refuse_a_call(
        calls in prop::collection::vec((1_u64..4, 1_u64..30, 1_u64..30), 1..40),
    ) {
        let (mut limiter, mut discord) = (Limiter::new(EdgePace::default()), Honest::default());
        let mut waiting: Vec<(Ticket, u64, u64, u64)> = Vec::new();
        for (channel, there, back) in &calls {
            let ticket = limiter.enter(Caller::of(&send(*channel))).unwrap();
            waiting.push((ticket, *channel, *there * STEP_MS, *back * STEP_MS));
        }
        let mut ways: BTreeMap<u64, Vec<Way>> = BTreeMap::new();
        let mut answered = 0;
        for now_ms in (0..200_000).step_by(20) {
            for way in ways.remove(&now_ms).unwrap_or_default() {
                match way {
                    Way::There { ticket, channel, back_ms } => {
                        let answer = discord.answer(channel, now_ms);
                        prop_assert!(answer.is_some(), "one too many in channel {channel} at {now_ms}");
                        let back = answer.map(|answer| Way::Back { ticket, answer });
                        ways.entry(now_ms + back_ms).or_default().extend(back);
                    }
                    Way::Back { ticket, answer } => {
                        limiter.answered(ticket, &answer, now_ms);
                        answered += 1;
                    }
                }
            }
            waiting.retain(|(ticket, channel, there_ms, back_ms)| {
                let goes = limiter.ask(*ticket, now_ms) == Verdict::Go;
                if goes {
                    let way = Way::There { ticket: *ticket, channel: *channel, back_ms: *back_ms };
                    ways.entry(now_ms + there_ms).or_default().push(way);
                }
                !goes
            });
            if answered == calls.len() {
                break;
            }
        }
        prop_assert_eq!(answered, calls.len(), "nobody waits for ever");
    }
}
