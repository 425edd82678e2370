//! What is seen and said.

pub mod console;
pub mod desk;
pub mod engine;
pub mod post;
pub mod say;
pub mod source;
