//! What is seen and said.

pub mod analyze;
pub mod source;
