//! What is seen and said.

pub mod console;
pub mod say;
pub mod source;
