//! The web console: what the page is given.

pub mod auth;
pub mod view;
