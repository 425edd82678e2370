//! The world behind its lock, and the news that it changed.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio::time;

use super::world::World;

/// What every task and the test's handle share.
#[derive(Debug)]
pub(crate) struct Shared {
    world: Mutex<World>,
    /// Counts changes, so that a test can wait for one instead of sleeping.
    changed: watch::Sender<u64>,
}

impl Shared {
    pub(crate) fn new(world: World) -> Self {
        Self { world: Mutex::new(world), changed: watch::Sender::new(0) }
    }

    /// Reads the world.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        look(&self.lock())
    }

    /// Changes the world and wakes who waits for a change.
    pub(crate) fn with<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let done = change(&mut self.lock());
        self.changed.send_modify(|count| *count += 1);
        done
    }

    /// Waits until the world is such that this yields something; `None` after the patience.
    pub(crate) async fn until<T>(&self, sought: impl Fn(&World) -> Option<T>) -> Option<T> {
        self.until_told(|| self.look(&sought)).await
    }

    /// The same for who looks at the world by other means.
    pub(crate) async fn until_told<T>(&self, sought: impl Fn() -> Option<T>) -> Option<T> {
        let patience = self.look(|world| world.settings.patience);
        time::timeout(patience, self.found(sought)).await.ok()
    }

    /// The same without an end to the patience.
    pub(crate) async fn until_ever<T>(&self, sought: impl Fn(&World) -> Option<T>) -> T {
        self.found(|| self.look(&sought)).await
    }

    async fn found<T>(&self, sought: impl Fn() -> Option<T>) -> T {
        let mut changes = self.changed.subscribe();
        loop {
            changes.mark_unchanged();
            if let Some(found) = sought() {
                return found;
            }
            // The sender lives as long as `self`.
            let _ = changes.changed().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
