//! The Discord chat. Only here Discord's own types (serenity's) and addresses are known.
//!
//! ```text
//!                 ┌──────────── gateway ────────────┐
//!  Discord ─wss──▶│ socket ─▶ machine ─▶ ledger     │─▶ Arrival (dispatches, conditions) ─▶ the chat's task
//!     ▲           └─────────────────────────────────┘
//!     └──https── rest: executor ─▶ limiter (pure) ◀─ Request ─ the chat's task, the outbox
//! ```
//!
//! | module | holds |
//! | --- | --- |
//! | [`rest`] | `trait Rest`: one call and its typed outcome |
//! | [`route`] | every REST route, and by what Discord limits it |
//! | [`gateway`] | what the gateway yields, and the session that outlives a restart |
//! | [`address`] | which addresses may be talked to |

pub mod address;
mod dice;
pub mod gateway;
pub mod rest;
pub mod route;
