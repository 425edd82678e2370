//! What is seen and said.

pub mod source;
