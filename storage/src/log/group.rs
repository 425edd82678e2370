//! Group commit: whoever comes first writes for all who wait, with one flush.
//!
//! A group shares one place for its results, so that all who wait are woken by one call and not one by one.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::lock;

/// How often the leader looks in vain for those who were about a moment ago: some microseconds in all.
const LOOKS: usize = 32;

/// Jobs that wait, and the turn to write them.
pub(crate) struct GroupCommit<J, R> {
    queue: Mutex<Queue<J, R>>,
}

struct Queue<J, R> {
    waiting: Vec<J>,
    /// Where those who wait now will find their results.
    group: Arc<Group<R>>,
    busy: bool,
    /// How many callers were about when the last group ended; worth a moment's wait for.
    expected: usize,
}

/// One group: the first of it leads, the others wait for their results.
struct Group<R> {
    state: Mutex<State<R>>,
    may_lead: Condvar,
    done: Condvar,
}

struct State<R> {
    may_lead: bool,
    results: Vec<Option<R>>,
}

impl<R> Group<R> {
    fn new() -> Arc<Self> {
        let state = State { may_lead: false, results: Vec::new() };
        Arc::new(Self { state: Mutex::new(state), may_lead: Condvar::new(), done: Condvar::new() })
    }

    fn give_turn(&self) {
        lock(&self.state).may_lead = true;
        self.may_lead.notify_one();
    }

    fn wait_for_turn(&self) {
        drop(wait_while(&self.may_lead, lock(&self.state), |state| !state.may_lead));
    }

    fn publish(&self, results: Vec<Option<R>>) {
        lock(&self.state).results = results;
        self.done.notify_all();
    }

    /// The result of one who does not lead.
    fn wait_for_result(&self, place: usize) -> R {
        let mut state = wait_while(&self.done, lock(&self.state), |state| state.results.is_empty());
        state.results[place].take().expect("each place of a group has one result and one caller")
    }
}

fn wait_while<'a, T>(
    changed: &Condvar,
    guard: MutexGuard<'a, T>,
    unchanged: impl FnMut(&mut T) -> bool,
) -> MutexGuard<'a, T> {
    changed.wait_while(guard, unchanged).unwrap_or_else(PoisonError::into_inner)
}

impl<J, R> GroupCommit<J, R> {
    pub(crate) fn new() -> Self {
        let queue = Queue { waiting: Vec::new(), group: Group::new(), busy: false, expected: 1 };
        Self { queue: Mutex::new(queue) }
    }

    /// Hands in a job and returns its result. `flush` gets all jobs that wait and yields as many results, in order;
    /// it must not panic, since others wait for it.
    pub(crate) fn submit(&self, job: J, flush: impl FnOnce(Vec<J>) -> Vec<R>) -> R {
        let (group, place, leads) = self.join(job);
        if place > 0 {
            return group.wait_for_result(place);
        }
        if !leads {
            group.wait_for_turn();
        }
        self.lead(flush)
    }

    /// Queues the job: its group, its place there, and whether nobody leads, so that the caller must.
    fn join(&self, job: J) -> (Arc<Group<R>>, usize, bool) {
        let mut queue = lock(&self.queue);
        queue.waiting.push(job);
        let leads = !std::mem::replace(&mut queue.busy, true);
        (Arc::clone(&queue.group), queue.waiting.len() - 1, leads)
    }

    /// The leader's own job is always the first of its group.
    fn lead(&self, flush: impl FnOnce(Vec<J>) -> Vec<R>) -> R {
        self.gather();
        let (jobs, group) = self.close_group();
        let finished = jobs.len();
        let mut results: Vec<Option<R>> = flush(jobs).into_iter().map(Some).collect();
        let own = results.first_mut().and_then(Option::take).expect("the leader's own job was in the group");
        // The lead is free before anybody wakes, so that the first one back can take it without being woken for it.
        self.hand_over(finished);
        if finished > 1 {
            group.publish(results);
        }
        own
    }

    /// Those who come from here on are the next group.
    fn close_group(&self) -> (Vec<J>, Arc<Group<R>>) {
        let mut queue = lock(&self.queue);
        let group = std::mem::replace(&mut queue.group, Group::new());
        (std::mem::take(&mut queue.waiting), group)
    }

    /// Lets those who were about a moment ago join. One writer alone never waits here; 64 writers fill one group
    /// instead of two halves taking turns.
    fn gather(&self) {
        let mut seen = 0;
        let mut idle = 0;
        loop {
            let (now, expected) = {
                let queue = lock(&self.queue);
                (queue.waiting.len(), queue.expected)
            };
            idle = if now > seen { 0 } else { idle + 1 };
            if now >= expected || idle > LOOKS {
                return;
            }
            seen = now;
            std::thread::yield_now();
        }
    }

    fn hand_over(&self, finished: usize) {
        let mut queue = lock(&self.queue);
        queue.expected = finished.max(queue.waiting.len());
        if queue.waiting.is_empty() {
            queue.busy = false;
        } else {
            queue.group.give_turn();
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
