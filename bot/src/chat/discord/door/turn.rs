//! A place among the interactions that wait for their acknowledgement.

use std::sync::{Mutex, PoisonError};

use tokio::sync::OwnedSemaphorePermit;

/// The place of one interaction, given back as soon as its acknowledgement was taken or refused: what follows it
/// holds nobody up.
#[derive(Default)]
pub(super) struct Turn {
    pub(super) place: Mutex<Option<OwnedSemaphorePermit>>,
    /// So much is under way that nothing more is begun.
    pub(super) crowded: bool,
}

impl Turn {
    pub(super) fn new(place: OwnedSemaphorePermit, crowded: bool) -> Self {
        Self { place: Mutex::new(Some(place)), crowded }
    }

    /// The next one may come.
    pub(super) fn over(&self) {
        self.place.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}
