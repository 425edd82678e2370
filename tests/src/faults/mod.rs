//! The fault simulation: the real engine, fold, planners, executor, outbox and log, over a disk, a fleet, a chat, people
//! and a clock that are played. One seed is one story; the same seed is the same story, byte for byte.
//!
//! ```text
//!  people ──▶ ┌────────┐ ──▶ writer ──▶ SimulatedDisk (full, failing, torn)
//!  world  ──▶ │ Engine │ ──▶ network ──▶ Simulated fleet (slow, lost, twice, late)
//!  clock  ──▶ └────────┘ ──▶ chat (down, unclear, refusing)
//!                 ╳ killed between any two effects, and inside an append
//! ```
//!
//! | module | plays |
//! | --- | --- |
//! | [`stage`] | what there is: clusters, people, configuration |
//! | [`story`] | what happens when, and who does what about it |
//! | [`play`] | the loop: one happening after the other |
//! | [`disk`] | the log over a disk that can be full, fail and be torn |
//! | [`network`] | what becomes of a call on its way to a port and back |
//! | [`chat`] | a webhook that can be down, and remembers what arrived |
//! | [`judge`] | the invariants of the design, each checked as it could break, from outside |
//! | [`mutant`] | Lifeboats that are broken on purpose: the judge must notice each |

pub mod chat;
pub mod disk;
pub mod judge;
pub mod mutant;
pub mod network;
pub mod play;
pub mod stage;
pub mod story;
