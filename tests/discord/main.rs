//! The local Discord held to its own rules, and the bot held to it.
#![expect(clippy::unwrap_used, reason = "every function here is a test or a part of one")]

mod astray;
mod back;
mod bot;
mod camera;
mod double_channels;
mod double_faults;
mod double_gateway;
mod double_interactions;
mod double_messages;
mod double_rest;
mod double_rules;
mod double_scripts;
mod drilled;
mod faults;
mod guide;
mod ill;
mod killed;
mod late;
mod lifeboat;
mod link;
mod plans;
mod storm;
mod story;
