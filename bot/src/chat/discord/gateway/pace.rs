//! How long the gateway waits for what.

use std::time::Duration;

/// How long the gateway waits for what. The defaults are those for Discord; tests have shorter ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// For a connection, TLS and the upgrade included: 5 s.
    pub connect: Duration,
    /// For `HELLO` after that: 10 s.
    pub hello: Duration,
    /// For `READY`, and for each further dispatch of a replay: 30 s.
    pub ready: Duration,
    /// Before the second try to connect: 1 s, then doubled. A link that lived shorter than this does not count as mended.
    pub first_retry: Duration,
    /// Before any try at most: 60 s.
    pub last_retry: Duration,
    /// After Discord threw the session away, at least: 1 s (docs: events/gateway, 2026-08-06).
    pub least_before_identify: Duration,
    /// At most: 5 s.
    pub most_before_identify: Duration,
    /// Between two beginnings of a session, at least: 5 s. After five in an hour it doubles with each, to 10 min.
    pub between_identifies: Duration,
    /// Between two savings of the session: 1 s.
    pub save: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        let s = Duration::from_secs;
        Self {
            connect: s(5),
            hello: s(10),
            ready: s(30),
            first_retry: s(1),
            last_retry: s(60),
            least_before_identify: s(1),
            most_before_identify: s(5),
            between_identifies: s(5),
            save: s(1),
        }
    }
}

/// Whole milliseconds.
pub(super) fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
