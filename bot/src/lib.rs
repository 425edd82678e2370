//! What is seen and said.

pub mod detect;
pub mod source;
