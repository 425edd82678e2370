//! What happened: event types, the durable log, views that can be rebuilt, the fold.
//!
//! | module | holds |
//! | --- | --- |
//! | [`event`], [`id`] | the vocabulary everything speaks |
//!
//! Nothing here forms a sentence, opens a socket or reads a clock.

pub mod event;
pub mod id;
