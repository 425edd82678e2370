//! What is seen and said.

pub mod console;
pub mod postmortem;
pub mod say;
pub mod source;
