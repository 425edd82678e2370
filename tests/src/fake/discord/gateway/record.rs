//! What a connection was like, for tests that look at it afterwards.

use std::time::Duration;

use serde_json::Value;

/// One connection to the gateway, open or over.
#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    /// The first is 1.
    pub number: u64,
    /// When, since the double began.
    pub opened: Duration,
    /// By which address it came.
    pub door: Door,
    /// What stood behind the question mark.
    pub query: String,
    /// Its IDENTIFY.
    pub identify: Option<Value>,
    /// Its RESUME.
    pub resume: Option<Value>,
    /// When it sent heartbeats.
    pub heartbeats: Vec<Duration>,
    /// The session it holds.
    pub session: Option<String>,
    /// How it ended, and when.
    pub ended: Option<(Duration, Ended)>,
}

/// The address a connection was made to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// What GET /gateway/bot says.
    First,
    /// What READY says, `resume_gateway_url`.
    Resume,
}

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The bot said goodbye, with this code if any.
    ByBot(Option<u16>),
    /// The double did, with this code if any.
    ByDouble(Option<u16>),
    /// Nobody said anything.
    Lost,
}

impl Connection {
    /// The code the bot closed with.
    #[must_use]
    pub fn bots_code(&self) -> Option<u16> {
        match self.ended {
            Some((_, Ended::ByBot(code))) => code,
            _ => None,
        }
    }
}
