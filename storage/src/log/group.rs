//! Group commit: whoever comes first writes for all who wait, with one flush.

use std::sync::{Arc, Condvar, Mutex};

use super::lock;

/// Jobs that wait, and the turn to write them.
pub(crate) struct GroupCommit<J, R> {
    queue: Mutex<Queue<J, R>>,
}

struct Queue<J, R> {
    waiting: Vec<(J, Arc<Slot<R>>)>,
    busy: bool,
    /// How many callers were about when the last group ended; worth a moment's wait for.
    expected: usize,
}

struct Slot<R> {
    turn: Mutex<Option<Turn<R>>>,
    changed: Condvar,
}

enum Turn<R> {
    Lead,
    Done(R),
}

impl<R> Slot<R> {
    fn give(&self, turn: Turn<R>) {
        *lock(&self.turn) = Some(turn);
        self.changed.notify_one();
    }

    fn wait(&self) -> Turn<R> {
        let mut turn = lock(&self.turn);
        loop {
            match turn.take() {
                Some(turn) => return turn,
                None => turn = self.changed.wait(turn).unwrap_or_else(std::sync::PoisonError::into_inner),
            }
        }
    }
}

impl<J, R> GroupCommit<J, R> {
    pub(crate) fn new() -> Self {
        Self { queue: Mutex::new(Queue { waiting: Vec::new(), busy: false, expected: 1 }) }
    }

    /// Hands in a job and returns its result. `flush` gets all jobs that wait and yields as many results, in order;
    /// it must not panic, since others wait for it.
    pub(crate) fn submit(&self, job: J, flush: impl FnOnce(Vec<J>) -> Vec<R>) -> R {
        let slot = Arc::new(Slot { turn: Mutex::new(None), changed: Condvar::new() });
        if self.join(job, &slot) {
            return self.lead(flush);
        }
        match slot.wait() {
            Turn::Done(result) => result,
            Turn::Lead => self.lead(flush),
        }
    }

    /// Queues the job; true when nobody leads, so that the caller must.
    fn join(&self, job: J, slot: &Arc<Slot<R>>) -> bool {
        let mut queue = lock(&self.queue);
        queue.waiting.push((job, Arc::clone(slot)));
        !std::mem::replace(&mut queue.busy, true)
    }

    /// The leader's own job is always the first of the queue.
    fn lead(&self, flush: impl FnOnce(Vec<J>) -> Vec<R>) -> R {
        self.gather();
        let (jobs, slots): (Vec<_>, Vec<_>) =
            std::mem::take(&mut lock(&self.queue).waiting).into_iter().unzip();
        let mut results = flush(jobs).into_iter();
        let own = results.next().expect("the leader's own job was in the group");
        self.hand_over(slots.len());
        for (slot, result) in slots.iter().skip(1).zip(results) {
            slot.give(Turn::Done(result));
        }
        own
    }

    /// Lets those who were about a moment ago join, as long as each look finds more of them. One writer alone never
    /// waits here; 64 writers fill one group instead of two halves taking turns.
    fn gather(&self) {
        let mut seen = 0;
        let mut idle = 0;
        loop {
            let (now, expected) = {
                let queue = lock(&self.queue);
                (queue.waiting.len(), queue.expected)
            };
            idle = if now > seen { 0 } else { idle + 1 };
            if now >= expected || idle > 2 {
                return;
            }
            seen = now;
            std::thread::yield_now();
        }
    }

    fn hand_over(&self, finished: usize) {
        let mut queue = lock(&self.queue);
        queue.expected = finished + queue.waiting.len();
        match queue.waiting.first() {
            Some((_, next)) => next.give(Turn::Lead),
            None => queue.busy = false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_caller_gets_its_own_result_and_groups_keep_the_order_of_arrival() {
        let commit = GroupCommit::<u64, u64>::new();
        let written = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for writer in 0..16_u64 {
                let (commit, written) = (&commit, &written);
                scope.spawn(move || {
                    for n in 0..50 {
                        let job = writer * 1000 + n;
                        let result = commit.submit(job, |jobs| {
                            lock(written).extend(&jobs);
                            jobs.iter().map(|job| job * 2).collect()
                        });
                        assert_eq!(result, job * 2);
                    }
                });
            }
        });
        let written = lock(&written).clone();
        assert_eq!(written.len(), 800);
        for writer in 0..16 {
            let own: Vec<u64> = written.iter().copied().filter(|job| job / 1000 == writer).collect();
            assert!(own.is_sorted(), "writer {writer} was reordered");
        }
    }
}
