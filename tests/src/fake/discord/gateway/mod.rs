//! The gateway: who is connected, what is said on the line, and the scripts that make it go wrong.

pub(crate) mod hub;
pub mod intent;
pub(crate) mod line;
mod payload;
mod protocol;
pub mod record;
pub mod script;
pub(crate) mod session;

pub(crate) use protocol::heard;
