//! The thread that writes what may be lost: checkpoints (a small file, replaced by rename) and snapshots (sled).

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use lifeboat_storage::state::State;

use crate::engine::watch::Checkpoint;
use crate::shell::store::Views;

/// A snapshot after so many events.
const SNAPSHOT_EVERY: usize = 2_000;
/// Jobs that may wait; a checkpoint that finds no room is skipped, the next one tells more anyway.
const WAITING: usize = 4;

enum Job {
    Checkpoint(Box<Checkpoint>),
    Snapshot(Box<State>),
}

/// The way to the thread.
pub struct Keeper {
    jobs: Option<SyncSender<Job>>,
    since_snapshot: usize,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Starts the thread; `file` is the checkpoint's.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn start(file: PathBuf, views: Views) -> std::io::Result<Self> {
        let (jobs, queue) = sync_channel(WAITING);
        let thread = std::thread::Builder::new().name("keeper".to_owned());
        let thread = thread.spawn(move || work(&file, views, &queue))?;
        Ok(Self { jobs: Some(jobs), since_snapshot: 0, thread: Some(thread) })
    }

    /// Replaces the checkpoint.
    pub fn checkpoint(&self, checkpoint: Checkpoint) {
        self.hand_over(Job::Checkpoint(Box::new(checkpoint)));
    }

    /// Counts durable events; now and then the state is snapshot.
    pub fn count(&mut self, events: usize, durable: &State) {
        self.since_snapshot += events;
        if self.since_snapshot >= SNAPSHOT_EVERY {
            self.snapshot(durable);
        }
    }

    /// Snapshots the state now.
    pub fn snapshot(&mut self, durable: &State) {
        self.since_snapshot = 0;
        self.hand_over(Job::Snapshot(Box::new(durable.clone())));
    }

    fn hand_over(&self, job: Job) {
        if self.jobs.as_ref().is_some_and(|jobs| jobs.try_send(job).is_err()) {
            tracing::debug!("a checkpoint or snapshot was skipped: the disk is busy");
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn work(file: &Path, mut views: Views, queue: &Receiver<Job>) {
    while let Ok(job) = queue.recv() {
        match job {
            Job::Checkpoint(checkpoint) => {
                if let Err(error) = replace(file, &checkpoint) {
                    tracing::warn!(%error, "the checkpoint could not be written; a restart reads a little more");
                }
            }
            Job::Snapshot(state) => views.snapshot(&state),
        }
    }
}

fn replace(file: &Path, checkpoint: &Checkpoint) -> std::io::Result<()> {
    let bytes = serde_json::to_vec(checkpoint)?;
    let new = file.with_extension("new");
    let mut out = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    out.write_all(&bytes)?;
    out.sync_data()?;
    fs::rename(&new, file)
}

/// Reads the checkpoint. A missing or unreadable one is none: sources then begin as at the first start.
#[must_use]
pub fn read(file: &Path) -> Option<Checkpoint> {
    let bytes = fs::read(file).ok()?;
    match serde_json::from_slice(&bytes) {
        Ok(checkpoint) => Some(checkpoint),
        Err(error) => {
            tracing::warn!(%error, "the checkpoint cannot be read; sources begin as at the first start");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_checkpoint_is_for_nobody_else_and_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("checkpoint.json");
        replace(&file, &Checkpoint::default()).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(read(&file).is_some());
    }
}
