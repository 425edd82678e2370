//! What spreads requests over clusters.

use std::collections::BTreeMap;

use lifeboat_storage::id::ClusterName;
use lifeboat_storage::plan::Weight;

use super::{Outcome, Pending};

/// How traffic is spread now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spread {
    /// Changes with each change.
    pub version: String,
    /// Percent a cluster.
    pub weights: Vec<Weight>,
}

/// What spreads requests over clusters.
pub trait Traffic: Send + Sync {
    /// How it is spread now.
    fn read(&self) -> Pending<'_, Outcome<Spread>>;

    /// Spreads it so, if nobody changed it meanwhile (`Busy` if somebody did).
    ///
    /// # Effects
    /// Requests go elsewhere at once. Safe to repeat with the expected version: the second is `Busy`.
    fn set(&self, expected: String, weights: Vec<Weight>) -> Pending<'_, Outcome<Spread>>;

    /// Whether each cluster answers through this entry, with the real host name.
    fn health(&self) -> Pending<'_, Outcome<BTreeMap<ClusterName, bool>>>;
}
