//! What is around a running Lifeboat: the real world or a drill, and its clock.

use std::sync::Arc;

use lifeboat_deploy::ports::Ports;
use lifeboat_storage::id::World;

use crate::clock::{Clock, SystemClock};
use crate::drill::journal::Journal;
use crate::engine::Setup;

/// The world Lifeboat runs in, and what touches machines there. A drill can hold nothing but a simulated fleet.
#[derive(Clone)]
pub enum Theatre {
    /// The real one.
    Real(Ports),
    /// A drill.
    Drill {
        /// `DRILL-3`.
        number: u32,
        /// Its fleet, and the journal that keeps it over a kill.
        fleet: Arc<Journal>,
    },
}

impl Theatre {
    pub(super) fn world(&self) -> World {
        match self {
            Self::Real(_) => World::Real,
            Self::Drill { number, .. } => World::Drill(*number),
        }
    }

    pub(super) fn ports(&self) -> Ports {
        match self {
            Self::Real(ports) => ports.clone(),
            Self::Drill { fleet, .. } => fleet.ports(),
        }
    }
}

/// In which world Lifeboat runs, and by which clock.
#[derive(Clone)]
pub struct Around {
    /// Real or a drill.
    pub theatre: Theatre,
    /// What time it is there.
    pub clock: Arc<dyn Clock>,
    /// The engine's setup, where it does not come from the configuration alone.
    pub setup: Option<Setup>,
}

impl Around {
    /// The real world.
    #[must_use]
    pub fn real() -> Self {
        let clock = Arc::new(SystemClock::default());
        Self { theatre: Theatre::Real(Ports::default()), clock, setup: None }
    }
}
