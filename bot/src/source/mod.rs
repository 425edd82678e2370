//! Where requests come from.

pub mod access_log;
pub mod request;
