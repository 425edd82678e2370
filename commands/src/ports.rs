//! What adapters offer, free of any provider's word; and the same calls as plain data.
//!
//! | module | port |
//! | --- | --- |
//! | [`orchestrator`] | what runs pods on nodes |
//! | [`cloud`] | what gives machines |
//! | [`traffic`] | what spreads requests over clusters |
//! | [`call`] | a call and its answer as data: what the engine decides and what comes back |
//!
//! The engine never holds a port. It decides a [`call::Call`]; the shell performs it on the port of that name and
//! hands the [`call::Answer`] back. A join ticket is made and used inside one call and is never data.

pub mod call;
pub mod cloud;
pub mod orchestrator;
pub mod traffic;

use std::future::Future;
use std::pin::Pin;

use lifeboat_storage::plan::Evidence;

/// A call on a port that is under way.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// How a call on a port ended. Every adapter sorts what it hears into these, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<T> {
    /// Done, and this came of it.
    Done(T),
    /// Cannot be had there now. Another rung may have it.
    NoCapacity(Evidence),
    /// Somebody else is changing the same thing; nothing was done.
    Busy {
        /// Try again after so many milliseconds.
        after_ms: u64,
    },
    /// Too many calls; nothing was done.
    Throttled {
        /// Try again after so many milliseconds.
        after_ms: u64,
    },
    /// Not permitted, or the request is wrong; trying again will not help. Nothing was done.
    Denied(Evidence),
    /// No such thing.
    NotFound,
    /// Nobody can say whether it was done: look before you do it again.
    Unknown(Evidence),
}

impl<T> Outcome<T> {
    /// The same outcome with another value.
    pub fn map<U>(self, how: impl FnOnce(T) -> U) -> Outcome<U> {
        match self {
            Self::Done(value) => Outcome::Done(how(value)),
            Self::NoCapacity(why) => Outcome::NoCapacity(why),
            Self::Busy { after_ms } => Outcome::Busy { after_ms },
            Self::Throttled { after_ms } => Outcome::Throttled { after_ms },
            Self::Denied(why) => Outcome::Denied(why),
            Self::NotFound => Outcome::NotFound,
            Self::Unknown(why) => Outcome::Unknown(why),
        }
    }
}
