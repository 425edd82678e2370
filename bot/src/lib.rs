//! What is seen and said.

pub mod check;
pub mod cli;
pub mod config;
pub mod console;
pub mod desk;
pub mod engine;
pub mod post;
pub mod say;
pub mod source;
