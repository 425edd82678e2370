//! The thread that owns the files, woken by inotify or four times a second.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use notify::{RecursiveMode, Watcher};
use tokio::sync::mpsc;

use super::follow::Progress;
use super::position::Position;
use super::{Discovery, TailError, TailEvent, Tailer};

/// How often to look without being woken: network file systems and some containers have no inotify.
const POLL_EVERY: Duration = Duration::from_millis(250);
/// 64 events of at most 64 KiB of lines are 4 MiB; at 200 bytes a line, 20,000 lines. When full, the reader waits.
const QUEUE: usize = 64;

/// The running live reader. Dropping it stops it once the receiver is dropped or has room.
#[derive(Debug)]
pub struct Tail {
    stop: Arc<AtomicBool>,
    wake: SyncSender<()>,
    thread: Option<JoinHandle<()>>,
}

impl Tail {
    /// Follows paths and globs, going on at `positions` where there are any.
    ///
    /// A source without a position is read from its end, after up to 4 MiB of history; files that appear later are read
    /// from their first line. The receiver gets every event; when it is dropped, reading stops.
    ///
    /// # Errors
    ///
    /// [`TailError`]; files that cannot be read are not errors but [`TailEvent::Blind`].
    pub fn start(
        patterns: &[String],
        positions: Vec<Position>,
    ) -> Result<(Self, mpsc::Receiver<TailEvent>), TailError> {
        let tailer = Tailer::new(patterns, positions)?;
        let (events, receiver) = mpsc::channel(QUEUE);
        let (wake, woken) = sync_channel(1);
        let stop = Arc::new(AtomicBool::new(false));
        let directories = patterns.iter().map(|pattern| directory(pattern)).collect();
        let watch = Watch::new(wake.clone(), directories);
        let loop_stop = stop.clone();
        let body = move || run(tailer, watch, &woken, &loop_stop, &events);
        let thread =
            std::thread::Builder::new().name("logs".to_owned()).spawn(body).map_err(TailError::Thread)?;
        Ok((Self { stop, wake, thread: Some(thread) }, receiver))
    }

    /// Stops reading and waits until the files are closed. Drop the receiver, or keep emptying it, meanwhile.
    pub fn stop(mut self) {
        self.ask_to_stop();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that reads the logs panicked");
        }
    }

    fn ask_to_stop(&self) {
        self.stop.store(true, Ordering::Release);
        // A full channel means that a wake-up is on its way already.
        let _ = self.wake.try_send(());
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        self.ask_to_stop();
    }
}

fn run(
    mut tailer: Tailer,
    mut watch: Watch,
    woken: &Receiver<()>,
    stop: &AtomicBool,
    events: &mpsc::Sender<TailEvent>,
) {
    let started = Instant::now();
    let mut looked: Option<Duration> = None;
    let mut emit = |event| match events.blocking_send(event) {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    };
    while !stop.load(Ordering::Acquire) && !events.is_closed() {
        let now = started.elapsed();
        let look = match looked {
            Some(at) if now.saturating_sub(at) < POLL_EVERY => Discovery::LookLater,
            _ => Discovery::Look,
        };
        if look == Discovery::Look {
            looked = Some(now);
            watch.retry();
        }
        match tailer.poll(now, look, &mut emit) {
            ControlFlow::Break(()) => return,
            ControlFlow::Continue(Progress::More) => {}
            // Whether it was woken or the time is up, the next thing is to look.
            ControlFlow::Continue(Progress::Idle | Progress::Failed) => drop(woken.recv_timeout(POLL_EVERY)),
        }
    }
}

/// The directories that are watched, and those that could not be watched yet.
struct Watch {
    watcher: Option<notify::RecommendedWatcher>,
    unwatched: BTreeSet<PathBuf>,
}

impl Watch {
    fn new(wake: SyncSender<()>, unwatched: BTreeSet<PathBuf>) -> Self {
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let only_read = event.is_ok_and(|event| event.kind.is_access());
            if !only_read {
                // A full channel means that a wake-up is on its way already.
                let _ = wake.try_send(());
            }
        });
        if let Err(error) = &watcher {
            tracing::warn!(%error, "no inotify: logs are looked at four times a second");
        }
        let mut watch = Self { watcher: watcher.ok(), unwatched };
        watch.retry();
        watch
    }

    /// Tries the directories that could not be watched; until then they are polled.
    fn retry(&mut self) {
        let Some(watcher) = &mut self.watcher else { return };
        self.unwatched.retain(|directory| watcher.watch(directory, RecursiveMode::NonRecursive).is_err());
    }
}

/// The directory of a path, or the last one before a glob's first wildcard.
fn directory(pattern: &str) -> PathBuf {
    let plain = pattern.find(['*', '?', '[']).map_or(pattern, |wildcard| &pattern[..wildcard]);
    let parent = match plain.rfind('/') {
        Some(slash) => &plain[..=slash],
        None => ".",
    };
    Path::new(parent).to_owned()
}
