//! Where requests come from.

pub mod request;
