//! What lives on when a connection is gone.

use std::time::Duration;

use serde_json::Value;

/// A session: what it heard, so that it can hear it again.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) intents: u64,
    /// The number of the newest event.
    pub(crate) seq: u64,
    /// Every event with its number, as it was sent.
    pub(crate) log: Vec<(u64, Value)>,
    /// The connection that holds it.
    pub(crate) connection: Option<u64>,
    /// When it lost its connection.
    pub(crate) lost: Option<Duration>,
    /// Whether it can never be resumed again.
    pub(crate) dead: bool,
}

impl Session {
    pub(crate) fn new(intents: u64, connection: u64) -> Self {
        Self { intents, seq: 0, log: Vec::new(), connection: Some(connection), lost: None, dead: false }
    }

    pub(crate) fn can_resume(&self, now: Duration, lasts: Duration) -> bool {
        !self.dead && self.lost.is_none_or(|lost| now < lost + lasts)
    }

    /// What came after this number. That an earlier connection had heard all is nothing to be heard again.
    pub(crate) fn after(&self, seq: u64) -> Vec<Value> {
        let missed = self.log.iter().filter(|(number, payload)| *number > seq && payload["t"] != "RESUMED");
        missed.map(|(_, payload)| payload.clone()).collect()
    }
}
