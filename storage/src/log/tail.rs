//! The live tail: new events as they become durable, bounded, honest about gaps.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::time::Duration;

use crate::event::Event;
use crate::id::Seq;

use super::lock;

/// Events a reader may lie behind before it is told to catch up: some seconds of a storm, about a megabyte.
const CAPACITY: usize = 1024;

/// What a tail yields.
#[derive(Clone, Debug, PartialEq)]
pub enum Tailed {
    /// The next event.
    Event(Arc<Event>),
    /// The reader was too slow: these events are in the log, read them there.
    Behind(Range<Seq>),
}

/// A subscription to new events. Dropping it ends it.
#[derive(Debug)]
pub struct Tail {
    shared: Arc<Shared>,
    starts_at: Seq,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Arc<Event>>,
    missed: Option<Range<Seq>>,
    closed: bool,
}

impl Tail {
    /// The first event it can yield; read those before it from the log.
    #[must_use]
    pub fn starts_at(&self) -> Seq {
        self.starts_at
    }

    /// Waits for the next event; none when the log was closed.
    #[must_use]
    pub fn recv(&self) -> Option<Tailed> {
        let mut state = lock(&self.shared.state);
        loop {
            if let Some(next) = state.next() {
                return Some(next);
            }
            if state.closed {
                return None;
            }
            state = self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// As [`recv`](Self::recv), but gives up after a while: none then too.
    #[must_use]
    pub fn recv_timeout(&self, limit: Duration) -> Option<Tailed> {
        let idle = |state: &mut State| state.queue.is_empty() && state.missed.is_none() && !state.closed;
        let state = lock(&self.shared.state);
        let waited = self.shared.changed.wait_timeout_while(state, limit, idle);
        waited.unwrap_or_else(PoisonError::into_inner).0.next()
    }

    /// The next event if it is there already.
    #[must_use]
    pub fn try_recv(&self) -> Option<Tailed> {
        lock(&self.shared.state).next()
    }
}

impl State {
    fn next(&mut self) -> Option<Tailed> {
        let event = self.queue.pop_front().map(Tailed::Event);
        event.or_else(|| self.missed.take().map(Tailed::Behind))
    }

    fn push(&mut self, event: &Arc<Event>) {
        match &mut self.missed {
            Some(missed) => missed.end = event.seq.next(),
            None if self.queue.len() < CAPACITY => self.queue.push_back(Arc::clone(event)),
            None => self.missed = Some(event.seq..event.seq.next()),
        }
    }
}

/// All subscriptions of one log.
#[derive(Debug, Default)]
pub(crate) struct Tails(Mutex<Vec<Weak<Shared>>>);

impl Tails {
    /// The caller makes sure that nothing is published meanwhile.
    pub(crate) fn subscribe(&self, starts_at: Seq) -> Tail {
        let shared = Arc::new(Shared::default());
        lock(&self.0).push(Arc::downgrade(&shared));
        Tail { shared, starts_at }
    }

    pub(crate) fn is_empty(&self) -> bool {
        lock(&self.0).is_empty()
    }

    pub(crate) fn publish(&self, events: &[Arc<Event>]) {
        lock(&self.0).retain(|tail| {
            let Some(tail) = tail.upgrade() else { return false };
            let mut state = lock(&tail.state);
            events.iter().for_each(|event| state.push(event));
            tail.changed.notify_all();
            true
        });
    }
}

impl Drop for Tails {
    fn drop(&mut self) {
        for tail in lock(&self.0).iter().filter_map(Weak::upgrade) {
            lock(&tail.state).closed = true;
            tail.changed.notify_all();
        }
    }
}
