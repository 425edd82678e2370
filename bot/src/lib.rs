//! What is seen and said: sources, detectors, the engine, the catalogue of sentences, the console, the command line.
//!
//! | module | holds |
//! | --- | --- |
//! | [`source`] | access logs and probes: where requests come from |
//! | [`detect`] | detectors, pure |
//! | [`engine`], [`post`] | the state machine that decides everything, and what goes where |
//! | [`say`], [`postmortem`] | the one catalogue of sentences, and what is rendered with it |
//! | [`console`], [`chat`] | the built-in page, and chats outside |
//! | [`desk`], [`shell`], [`clock`] | the thin shell around the engine |
//! | [`config`], [`cli`], [`check`], [`app`] | how it is set up and started |
//! | [`analyze`], [`drill`] | history, and the way to try it |

pub mod analyze;
pub mod app;
pub mod chat;
pub mod check;
pub mod cli;
pub mod clock;
pub mod config;
pub mod console;
pub mod desk;
pub mod detect;
pub mod drill;
pub mod engine;
pub mod post;
pub mod postmortem;
pub mod say;
pub mod shell;
pub mod source;
