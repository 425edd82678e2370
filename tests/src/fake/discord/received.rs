//! Every request as it came, for tests that count.

use std::time::Duration;

use serde_json::Value;

/// A request and what was said to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Received {
    /// When, since the double began.
    pub at: Duration,
    /// `POST`
    pub method: String,
    /// Without the beginning `/api/v10` and without a query.
    pub path: String,
    /// What follows the question mark.
    pub query: String,
    /// Discord's name for it, such as `create_message`; empty for what it does not know.
    pub operation: String,
    /// The body, without files.
    pub body: Value,
    /// The reason for the audit log, decoded.
    pub reason: Option<String>,
    /// What was answered; 0 when nothing was.
    pub status: u16,
    /// Discord's code for a refusal; 0 when there is none.
    pub code: u32,
}
