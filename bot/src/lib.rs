//! What is seen and said.

pub mod config;
pub mod console;
pub mod source;
