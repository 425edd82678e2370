//! The fault simulation: many seeds, each a story of its own, none of which may break an invariant of the design.
//!
//! `LIFEBOAT_SEED=7 cargo test -p lifeboat-tests --test faults a_seed` plays one seed and prints what happens;
//! `LIFEBOAT_TIER=deep` plays 2,000.

mod broken;
mod seeds;
