//! What calls on the ports do to the world. Each works at once and is lived out by later seconds.

mod machines;
mod nodes;
mod traffic;

use lifeboat_storage::plan::Evidence;

/// Asked again too early.
const AGAIN_MS: u64 = 5_000;

fn evidence(text: impl Into<String>) -> Evidence {
    Evidence(text.into())
}
