//! What touches machines: adapters behind the ports, and the executor.
//!
//! | module | holds |
//! | --- | --- |
//! | [`ports`] | the ports of one world by name, and how a call is made on them |
//!
//! The engine decides calls as data; only here do they reach anything.

pub mod ports;
