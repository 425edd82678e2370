//! Rate limits: buckets with headers, the global one, and those nobody is told of beforehand.

use std::collections::BTreeMap;
use std::time::Duration;

use super::settings::Limits;
use super::world::pace::Pace;
use crate::traffic::seeded::Seeded;

const SECOND: Duration = Duration::from_secs(1);
/// A client's clock may be this much ahead of the moment it was told.
const TOLERANCE: Duration = Duration::from_millis(30);

/// Operations that share a bucket, as pins and overwrites do; everything else has one of its own.
const SHARED: [(&str, &[&str]); 5] = [
    ("pins", &["create_pin", "delete_pin", "deprecated_create_pin", "deprecated_delete_pin"]),
    ("overwrites", &["set_channel_permission_overwrite", "delete_channel_permission_overwrite"]),
    (
        "webhook messages",
        &[
            "update_webhook_message",
            "update_original_webhook_message",
            "delete_webhook_message",
            "delete_original_webhook_message",
        ],
    ),
    ("reactions", &["add_my_message_reaction", "delete_my_message_reaction", "delete_user_message_reaction"]),
    ("channel", &["get_channel", "list_guild_channels"]),
];

/// Counts requests and says who comes too often.
#[derive(Debug)]
pub(crate) struct Buckets {
    limits: Limits,
    seed: u64,
    open: BTreeMap<Key, Bucket>,
    /// Who was refused for a limit that no header shows, by what and where.
    hidden: BTreeMap<Key, Told>,
    global: Pace,
    /// Until when the whole bot was told to be quiet.
    quiet: Option<Told>,
    pub(crate) invalid: Pace,
}

/// A bucket's hash and the channel, server or webhook it counts for.
type Key = (String, String);

#[derive(Debug, Default)]
struct Bucket {
    used: u32,
    resets: Duration,
    told: Option<Told>,
}

/// A 429: when it was said, and until when to stay away.
#[derive(Clone, Copy, Debug)]
struct Told {
    at: Duration,
    until: Duration,
}

impl Told {
    /// How much too early now is, unless the request was on its way already when this was said.
    fn early(self, grace: Duration, now: Duration) -> Option<Duration> {
        let early = self.until.saturating_sub(now + TOLERANCE);
        (now > self.at + grace && !early.is_zero()).then_some(early)
    }
}

/// What the headers of an answer say.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Standing {
    pub(crate) bucket: String,
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    /// Since the double began.
    pub(crate) resets: Duration,
    pub(crate) resets_after: Duration,
}

/// What became of a request at the gate.
#[derive(Debug, PartialEq)]
pub(crate) enum Gate {
    Open(Standing),
    /// The bucket is empty.
    Wait(Standing),
    /// More than fifty in a second.
    WaitAll(Duration),
}

impl Buckets {
    pub(crate) fn new(seed: u64, limits: Limits) -> Self {
        Self {
            limits,
            seed,
            open: BTreeMap::new(),
            hidden: BTreeMap::new(),
            global: Pace::default(),
            quiet: None,
            invalid: Pace::default(),
        }
    }

    /// Lets a request in, or says how long to wait.
    pub(crate) fn enter(&mut self, operation: &str, top: &str, exempt: bool, now: Duration) -> Gate {
        if !exempt && let Err(wait) = self.global.take(now, self.limits.global as usize, SECOND) {
            self.quiet = Some(Told { at: now, until: now + wait });
            return Gate::WaitAll(wait);
        }
        let key = self.key(operation, top);
        let bucket = self.open.entry(key.clone()).or_default();
        if bucket.resets <= now {
            *bucket = Bucket { used: 0, resets: now + self.limits.bucket_window, told: bucket.told };
        }
        let full = bucket.used >= self.limits.bucket;
        if full {
            bucket.told = Some(Told { at: now, until: bucket.resets });
        } else {
            bucket.used += 1;
        }
        let standing = Standing {
            bucket: key.0,
            limit: self.limits.bucket,
            remaining: self.limits.bucket - bucket.used,
            resets: bucket.resets,
            resets_after: bucket.resets - now,
        };
        if full { Gate::Wait(standing) } else { Gate::Open(standing) }
    }

    /// Notes down that a bucket was told to wait for another reason than its count.
    pub(crate) fn tell(&mut self, operation: &str, top: &str, wait: Duration, now: Duration) {
        let key = self.key(operation, top);
        self.open.entry(key).or_default().told = Some(Told { at: now, until: now + wait });
    }

    /// Notes down that the whole bot was told to wait.
    pub(crate) fn tell_all(&mut self, wait: Duration, now: Duration) {
        self.quiet = Some(Told { at: now, until: now + wait });
    }

    /// Notes down a refusal for a limit that no header shows; tells how much too early a second one of its kind is.
    pub(crate) fn hidden(
        &mut self,
        what: &str,
        top: &str,
        wait: Duration,
        grace: Duration,
        now: Duration,
    ) -> Option<Duration> {
        let told = self
            .hidden
            .entry((what.to_owned(), top.to_owned()))
            .or_insert(Told { at: now, until: now + wait });
        if now >= told.until {
            *told = Told { at: now, until: now + wait };
        }
        told.early(grace, now)
    }

    /// How much too early somebody comes who was told to wait, had long heard it, and comes all the same.
    pub(crate) fn impatience(
        &self,
        operation: &str,
        top: &str,
        exempt: bool,
        grace: Duration,
        now: Duration,
    ) -> Option<Duration> {
        let told = self.open.get(&self.key(operation, top)).and_then(|bucket| bucket.told);
        let quiet = self.quiet.filter(|_| !exempt);
        [told, quiet].into_iter().flatten().find_map(|told| told.early(grace, now))
    }

    fn key(&self, operation: &str, top: &str) -> Key {
        let shared = SHARED.iter().find(|(_, some)| some.contains(&operation));
        let name = shared.map_or(operation, |(name, _)| name);
        let purpose =
            name.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(131).wrapping_add(u64::from(byte)));
        let mut hash = Seeded::new(self.seed, purpose);
        (format!("{:016x}{:016x}", hash.bits(), hash.bits()), top.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_bucket_is_full_after_its_limit_and_empty_after_its_window() {
        let mut buckets = Buckets::new(1, Limits { bucket: 2, ..Limits::default() });
        let mut open = |at| matches!(buckets.enter("create_message", "7", false, ms(at)), Gate::Open(_));
        assert_eq!([open(0), open(1), open(2), open(5_001)], [true, true, false, true]);
    }

    #[test]
    fn another_channel_has_its_own_count_in_the_same_bucket() {
        let mut buckets = Buckets::new(1, Limits { bucket: 1, ..Limits::default() });
        let Gate::Open(first) = buckets.enter("create_pin", "7", false, ms(0)) else { panic!("full") };
        let Gate::Open(second) = buckets.enter("delete_pin", "8", false, ms(0)) else { panic!("full") };
        assert_eq!(first.bucket, second.bucket);
        assert!(matches!(buckets.enter("delete_pin", "7", false, ms(1)), Gate::Wait(_)));
    }

    #[test]
    fn the_fifty_first_request_in_a_second_waits_and_callbacks_do_not_count() {
        let mut buckets = Buckets::new(1, Limits::default());
        for channel in 0..50 {
            assert!(matches!(
                buckets.enter("get_channel", &channel.to_string(), false, ms(1)),
                Gate::Open(_)
            ));
        }
        assert_eq!(buckets.enter("get_channel", "50", false, ms(2)), Gate::WaitAll(ms(999)));
        assert!(matches!(buckets.enter("execute_webhook", "51", true, ms(3)), Gate::Open(_)));
    }

    #[test]
    fn who_comes_before_the_time_is_noticed_and_who_was_on_the_way_is_not() {
        let mut buckets = Buckets::new(1, Limits::default());
        buckets.tell("create_message", "7", ms(2_000), ms(0));
        let early = |at| buckets.impatience("create_message", "7", false, ms(250), ms(at));
        assert_eq!([early(200), early(1_000), early(2_000)], [None, Some(ms(970)), None]);
    }
}
