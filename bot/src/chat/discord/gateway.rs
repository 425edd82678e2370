//! What Discord tells us by itself. The gateway keeps one session alive over lost sockets and restarts, and yields
//! what it hears, in order, each dispatch once in a session.
//!
//! A dispatch is *handled* when [`Dispatch::done`] was called: only then the session that a restart resumes moves
//! past it. So whoever handles it calls `done` after its effect is durable; what was not done when the process is
//! killed comes again, with [`Dispatch::replayed`] set.

mod beat;
mod frame;
mod identify;
mod ledger;
mod machine;
mod pace;
mod run;
mod saved;
mod socket;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Notify;

use ledger::{Entry, Ledger};
pub use pace::Pace;
pub use run::{Gateway, Setup};
pub use serenity::model::gateway::GatewayIntents;

/// What the gateway yields, in the order it happened.
#[derive(Debug)]
pub enum Arrival {
    /// Discord told us something.
    Dispatch(Dispatch),
    /// The link itself changed.
    Condition(Condition),
}

/// One event, as Discord sent it. `READY` and `GUILD_CREATE` are among them, `RESUMED` is a [`Condition`].
#[derive(Debug)]
pub struct Dispatch {
    /// Its number in the session.
    pub seq: u64,
    /// Its name: `INTERACTION_CREATE`.
    pub name: String,
    /// What it says; unknown fields and all.
    pub data: Value,
    /// It comes from the time before a resume: an interaction of it may be too old to be answered.
    pub replayed: bool,
    receipt: Option<Receipt>,
}

/// Where a dispatch of a session is written off.
#[derive(Debug)]
struct Receipt {
    entry: Entry,
    ledger: Arc<Mutex<Ledger>>,
    bell: Arc<Notify>,
}

impl Dispatch {
    /// A dispatch that belongs to no session, for those who handle dispatches and test it.
    #[must_use]
    pub fn detached(seq: u64, name: impl Into<String>, data: Value) -> Self {
        Self { seq, name: name.into(), data, replayed: false, receipt: None }
    }

    /// It was handled: its effect is durable, or it has none. It will not come again.
    pub fn done(self) {
        if let Some(Receipt { entry, ledger, bell }) = self.receipt {
            ledger.lock().unwrap_or_else(PoisonError::into_inner).handled(entry);
            bell.notify_one();
        }
    }
}

/// How the link to Discord is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// A new session began: what happened before it, and was not yielded, will not be. Look around anew.
    Connected,
    /// The old session goes on; everything missed was yielded before this.
    Resumed {
        /// How many dispatches were replayed.
        replayed: u64,
    },
    /// The link is lost; it is being mended.
    Lost {
        /// What was noticed.
        why: Loss,
    },
    /// The link cannot be mended without a person. The gateway has stopped.
    Fatal(Fatal),
    /// A new session is needed, and beginning one is held back: too many were begun, and at the thousandth in a
    /// day Discord resets the token.
    IdentifyBudgetSpent {
        /// How many Discord says are left, where it was asked.
        remaining: Option<u64>,
        /// When the next is tried, from now.
        retry_after: Duration,
    },
}

/// By what the loss of the link was noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loss {
    /// It could not be opened; what the network said.
    NotOpened(String),
    /// It was closed, with this code or without one.
    Closed(Option<u16>),
    /// No answer to a heartbeat.
    NoHeartbeatAck,
    /// Discord asked to connect anew.
    AskedToReconnect,
    /// Discord does not take the session, and says whether it may be tried again.
    InvalidSession {
        /// It may be resumed.
        resumable: bool,
    },
    /// Connected, and nothing came: no `HELLO`, no `READY` or `RESUMED`.
    Silent,
    /// Where to connect could not be asked.
    NotTold(String),
}

/// Why nothing but a person can bring the link back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fatal {
    /// The token is not valid (4004, or 401 from REST).
    Token,
    /// Discord closed with this code: 4010 to 4014, a fault of our set-up (4014: an intent that is not switched on).
    Closed(u16),
}

/// How the link is at this moment, for health checks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Liveness {
    /// A session lives.
    pub live: bool,
    /// When Discord last answered a heartbeat or told something, in milliseconds of the clock the gateway was given.
    pub heard_ms: Option<u64>,
}

impl Liveness {
    /// How long ago Discord was last heard; none where it never was.
    #[must_use]
    pub fn silent_for(&self, now_ms: u64) -> Option<Duration> {
        self.heard_ms.map(|at| Duration::from_millis(now_ms.saturating_sub(at)))
    }
}
