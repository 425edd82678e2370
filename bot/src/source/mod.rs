//! Where requests come from.

pub mod access_log;
pub(crate) mod dated;
pub mod probe;
pub mod request;
pub mod tail;
