//! What touches machines: adapters behind the ports, and the executor.
//!
//! | module | holds |
//! | --- | --- |
//! | [`ports`] | the ports of one world by name, and how a call is made on them |
//! | [`simulated`] | a simulated fleet behind the same ports, and its scenarios |
//!
//! The engine decides calls as data; only here do they reach anything.

pub mod ports;
pub mod simulated;
