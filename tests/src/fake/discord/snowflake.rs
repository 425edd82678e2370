//! Ids as Discord makes them: a moment and a counter in 64 bits, written as a string.

use std::fmt;
use std::str::FromStr;

use lifeboat_storage::event::Time;
use serde::{Serialize, Serializer};

/// The first moment an id can hold: the beginning of 2015, in milliseconds since 1970.
const EPOCH_MS: i64 = 1_420_070_400_000;
/// Bits below the milliseconds.
const BELOW: u32 = 22;

/// An id of anything at Discord.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Snowflake(pub u64);

impl Snowflake {
    /// The id made at this moment as the `count`th.
    pub(crate) fn at(moment: Time, count: u64) -> Self {
        let ms = u64::try_from(moment.timestamp_millis() - EPOCH_MS).unwrap_or_default();
        Self((ms << BELOW) | (count % (1 << BELOW)))
    }
}

impl fmt::Display for Snowflake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Snowflake {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl Serialize for Snowflake {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
