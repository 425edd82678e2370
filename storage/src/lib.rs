//! What happened: event types, the durable log, views that can be rebuilt, the fold.
//!
//! | module | holds |
//! | --- | --- |
//! | [`event`], [`id`] | the vocabulary everything speaks |
//! | [`state`], [`incident`] | the fold: what the events add up to |
//! | [`plan`] | what was planned on machines, and how far it went |
//! | [`outbox`] | messages on their way, and their receipts |
//! | [`chat`] | what is known of a chat outside: places, cards that stand there |
//! | [`metrics`] | TTD, TTA, TTM, TTR |
//! | [`log`], [`format`] | the durable log, the truth; how a line of it looks |
//! | [`view`] | what sled holds: nothing that replay cannot yield again |
//! | [`timeline`] | each event of an incident once, in its place |
//! | [`postmortem`] | all the record knows of an incident, and what it does not |
//!
//! Nothing here forms a sentence, opens a socket or reads a clock.

pub mod chat;
pub mod event;
pub mod format;
pub mod id;
pub mod incident;
pub mod log;
pub mod metrics;
pub mod outbox;
pub mod plan;
pub mod postmortem;
pub mod state;
pub mod timeline;
pub mod view;
