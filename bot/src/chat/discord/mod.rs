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
//! | [`register`] | the command table as Discord wants it |
//! | [`interaction`], [`form`] | what somebody did there, as a typed value; the form that asks for the rest |
//! | [`door`] | people come in: acknowledged, carried out, answered |
//! | [`sender`], [`places`] | messages go out; where they stand there |
//! | [`server`] | what all of these share |
//! | [`rights`], [`doctor`] | what Lifeboat may do there, and whether everything is as it must be |
//! | [`sheet`], [`tell`], [`render`] | what a post shows, in which words, in which markup and within which limits |
//! | [`mark`] | nonces and marks, by which we find again what we put there |

pub mod address;
mod dice;
pub mod doctor;
pub mod door;
#[cfg(test)]
mod fake;
pub mod form;
pub mod gateway;
#[cfg(test)]
mod hall;
pub mod interaction;
pub mod mark;
mod places;
pub mod register;
pub mod render;
pub mod rest;
pub mod rights;
pub mod route;
mod sender;
pub mod server;
pub mod sheet;
pub mod tell;
