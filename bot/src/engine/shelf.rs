//! The newest events, in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use lifeboat_storage::event::{Event, Kind};
use lifeboat_storage::id::Seq;

/// How many events are kept: about half a kilobyte each, so some 50 MB at most.
pub const KEPT: usize = 100_000;

/// The newest durable events by number; older ones are read from the log.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    events: BTreeMap<Seq, Arc<Event>>,
}

impl Shelf {
    /// Puts one more event on the shelf; the oldest falls off when it is full.
    pub fn put(&mut self, event: Arc<Event>) {
        if let Kind::Redacted { target, .. } = &event.kind {
            self.redact(*target, event.seq);
        }
        self.events.insert(event.seq, event);
        while self.events.len() > KEPT {
            self.events.pop_first();
        }
    }

    /// One event.
    #[must_use]
    pub fn get(&self, seq: Seq) -> Option<&Arc<Event>> {
        self.events.get(&seq)
    }

    /// The newest first.
    pub fn newest(&self) -> impl Iterator<Item = &Arc<Event>> {
        self.events.values().rev()
    }

    fn redact(&mut self, target: Seq, by: Seq) {
        if let Some(old) = self.events.get_mut(&target) {
            let left = Box::new(old.kind.without_text());
            *old = Arc::new(Event { kind: Kind::Tombstone { by, left }, ..Event::clone(old) });
        }
    }
}
