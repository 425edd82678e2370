//! What is seen and said.

pub mod analyze;
pub mod detect;
pub mod source;
