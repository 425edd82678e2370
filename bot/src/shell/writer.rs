//! The thread that appends. All that waits when it comes round is written with one flush.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use lifeboat_storage::event::Event;
use lifeboat_storage::id::Seq;
use lifeboat_storage::log::EventLog;
use tokio::sync::mpsc;

use crate::engine::input::Appended;

/// Appends that may wait: at 0.2 ms a flush and dozens of batches each, far more than the engine can decide.
const WAITING: usize = 4_096;
/// How often a reserve that was used up is tried for again: on a disk that is still full that costs some writing.
const LOOK_FOR_ROOM: Duration = Duration::from_secs(60);
/// Names no batch: the engine counts from 1.
const NO_BATCH: u64 = 0;
/// How often those who were written for a moment ago are looked for in vain: some tens of microseconds, less than a flush.
const LOOKS: usize = 128;

/// How an append ended.
#[derive(Clone, Debug)]
pub struct Written {
    /// Which.
    pub batch: u64,
    /// How.
    pub outcome: Appended,
}

enum Job {
    Append { batch: u64, events: Vec<Event> },
    Redact { target: Seq, by: Seq },
}

/// The way to the thread; dropping it lets the thread finish what it has.
pub struct Writer {
    jobs: Option<SyncSender<Job>>,
    done: mpsc::Receiver<Written>,
    under_way: usize,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread over a log.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn start(log: Arc<dyn EventLog>) -> std::io::Result<Self> {
        let (jobs, queue) = sync_channel(WAITING);
        let (told, done) = mpsc::channel(WAITING);
        let thread = std::thread::Builder::new().name("writer".to_owned());
        let thread = thread.spawn(move || work(&*log, &queue, &told))?;
        Ok(Self { jobs: Some(jobs), done, under_way: 0, thread: Some(thread) })
    }

    /// Hands an append over; when that cannot be, it comes back as failed at once.
    pub fn append(&mut self, batch: u64, events: Vec<Event>) -> Option<Written> {
        let Some(jobs) = &self.jobs else { return None };
        let why = match jobs.try_send(Job::Append { batch, events }) {
            Ok(()) => {
                self.under_way += 1;
                return None;
            }
            Err(TrySendError::Full(_)) => "the queue to the disk is full",
            Err(TrySendError::Disconnected(_)) => "the writing thread is gone",
        };
        Some(Written { batch, outcome: Appended::Failed { why: why.to_owned() } })
    }

    /// Hands a redaction over; it is finished at the next open when it is lost here.
    pub fn redact(&mut self, target: Seq, by: Seq) {
        if self.jobs.as_ref().is_some_and(|jobs| jobs.try_send(Job::Redact { target, by }).is_err()) {
            tracing::warn!(target.seq = target.0, "redaction is put off to the next start");
        }
    }

    /// Nothing is under way.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.under_way == 0
    }

    /// The next append that ended. Safe to drop at any time.
    pub async fn written(&mut self) -> Written {
        match self.done.recv().await {
            Some(written) => {
                self.under_way = self.under_way.saturating_sub(usize::from(written.batch != NO_BATCH));
                written
            }
            None => std::future::pending().await,
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn work(log: &dyn EventLog, queue: &Receiver<Job>, told: &mpsc::Sender<Written>) {
    let mut looked = Instant::now();
    let mut expected = 1;
    loop {
        let first = match queue.recv_timeout(LOOK_FOR_ROOM.saturating_sub(looked.elapsed())) {
            Ok(first) => Some(first),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let mut group = Vec::new();
        let jobs = gather(first, queue, expected);
        expected = jobs.len();
        for job in jobs {
            match job {
                Job::Append { batch, events } => group.push((batch, events)),
                Job::Redact { target, by } => {
                    flush(log, std::mem::take(&mut group), told);
                    if let Err(error) = log.redact(target, by) {
                        tracing::error!(%error, target.seq = target.0, "redaction is put off to the next start");
                    }
                }
            }
        }
        flush(log, group, told);
        if looked.elapsed() >= LOOK_FOR_ROOM {
            look_for_room(log, told);
            looked = Instant::now();
        }
    }
}

/// All that waits. As many as the last time are worth a moment: with one flush for all of them instead of two halves that
/// take turns, each has waited less in the end. One alone never waits here.
fn gather(first: Option<Job>, queue: &Receiver<Job>, expected: usize) -> Vec<Job> {
    let mut jobs: Vec<Job> = first.into_iter().collect();
    let mut idle = 0;
    while !jobs.is_empty() {
        let before = jobs.len();
        jobs.extend(queue.try_iter());
        idle = if jobs.len() > before { 0 } else { idle + 1 };
        if jobs.len() >= expected || idle > LOOKS {
            break;
        }
        std::thread::yield_now();
    }
    jobs
}

/// Once there is room again, the next full disk finds a reserve.
fn look_for_room(log: &dyn EventLog, told: &mpsc::Sender<Written>) {
    if log.recover_room() {
        drop(told.blocking_send(Written { batch: NO_BATCH, outcome: Appended::Roomy }));
    }
}

fn flush(log: &dyn EventLog, group: Vec<(u64, Vec<Event>)>, told: &mpsc::Sender<Written>) {
    if group.is_empty() {
        return;
    }
    let batches: Vec<u64> = group.iter().map(|(batch, _)| *batch).collect();
    let events: Vec<Event> = group.into_iter().flat_map(|(_, events)| events).collect();
    let outcome = match log.append(&events) {
        Ok(receipt) => {
            Appended::Durable { head: receipt.head.to_string(), reserve_in_use: receipt.reserve_in_use }
        }
        Err(error) => Appended::Failed { why: reason(&error) },
    };
    for batch in batches {
        // The engine's task holds the other end until this thread has ended.
        drop(told.blocking_send(Written { batch, outcome: outcome.clone() }));
    }
}

/// The whole chain of causes: the operating system's word stands at its end.
fn reason(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_waits_is_one_group_and_nobody_is_waited_for_who_does_not_come() {
        for (waiting, expected) in [(0, 1), (0, 64), (5, 1), (5, 6), (63, 64)] {
            let (jobs, queue) = sync_channel(WAITING);
            let job = |batch| Job::Append { batch, events: Vec::new() };
            (1..=waiting).for_each(|batch| jobs.send(job(batch)).unwrap());
            let group = gather(Some(job(0)), &queue, expected);
            let batches: Vec<u64> = group
                .iter()
                .filter_map(|job| match job {
                    Job::Append { batch, .. } => Some(*batch),
                    Job::Redact { .. } => None,
                })
                .collect();
            assert_eq!(batches, (0..=waiting).collect::<Vec<_>>(), "{expected} expected");
            assert!(gather(None, &queue, expected).is_empty());
        }
    }
}
