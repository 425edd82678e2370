//! Labelled traffic: requests as an access log would tell them, and what a good detector finds in them.
//!
//! Written from the words of the issue alone, before any detector, so that it cannot be fitted to one.
//!
//! ```text
//!   World (how people visit) x Background (failures of everyday) x Trouble (the outage, or none), seed
//!        -> Traffic { requests in order of arrival, outages: the labels, minutes: the truth a minute }
//! ```

mod make;
mod score;
pub mod seeded;
mod world;

pub use make::{Made, Minute, Outage, Traffic, make};
pub use score::{Score, score};
pub use world::{Background, Trouble, World};
