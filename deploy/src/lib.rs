//! What touches machines: adapters behind the ports, and the executor.
//!
//! | module | holds |
//! | --- | --- |
//! | [`simulated`] | a fleet on a simulated clock, behind the same ports |
//! | [`execute`] | carries out plans, step by step |
//! | [`ports`] | the ports of one world by name, and how a call is made on them |
//!
//! The engine decides calls as data; only here do they reach anything.

pub mod execute;
pub mod ports;
pub mod simulated;
