//! What is seen and said.

pub mod console;
pub mod source;
