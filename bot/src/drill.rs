//! A drill: an outage on a simulated fleet, played with the same engine, executor and console as the real thing.
//!
//! | module | does |
//! | --- | --- |
//! | [`stage`] | people, setup, what the record begins with |
//! | [`live`], [`clock`] | plays it in (faster) real time around the console |
//! | [`journal`] | keeps the world of a live drill over a kill |
//! | [`headless`] | plays it as fast as the machine can |
//! | [`script`], [`autopilot`], [`eyes`] | types for people, at a time or upon seeing something |
//! | [`summary`], [`audit`], [`left_paused`], [`score`] | how it went, whether Lifeboat kept its own rules, what to talk about |

pub mod audit;
pub mod autopilot;
pub mod clock;
pub mod eyes;
pub mod headless;
pub mod journal;
pub mod left_paused;
pub mod live;
pub mod score;
pub mod script;
pub mod stage;
pub mod summary;
