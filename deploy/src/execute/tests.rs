//! The executor as a machine: what is recorded, what is called, and what is looked at instead.

mod bench;
mod gates;
mod outcomes;
mod pauses;
mod proofs;
mod shifts;
mod unclear;
