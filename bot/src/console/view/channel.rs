//! What the page is given of channels and of what stands in them.

use serde::Serialize;

use super::{Card, Moment, PlanCard};

/// What stands in a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Its event; also its id on the page.
    pub seq: u64,
    /// The channel's name.
    pub channel: String,
    /// When it was said.
    pub at: Moment,
    /// Who said it; Lifeboat where `bot`.
    pub author: String,
    /// The role the author had then in the incident, worded, where there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Said by Lifeboat.
    pub bot: bool,
    /// `text` (a person), `command` (what a person typed as a command), `notice` (Lifeboat), `card`, `plan`.
    pub kind: &'static str,
    /// The text, empty for a card or a plan.
    pub text: String,
    /// The card; all messages that show the same incident show the same card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    /// The plan; all messages that show the same plan show the same card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<Box<PlanCard>>,
    /// On the timeline already (📌).
    pub pinned: bool,
    /// Not recorded: said in degraded mode.
    pub unrecorded: bool,
}

/// A page of messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Messages {
    /// Oldest first.
    pub messages: Vec<Message>,
    /// How many older ones there are.
    pub earlier: usize,
}

/// A channel of the rail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Channel {
    /// `alerts`, `inc-0042-blog-web`.
    pub name: String,
    /// The name as it is shown: without the words of a title that was redacted.
    pub label: String,
    /// The topic: the incident's title, Chinese included.
    pub topic: String,
    /// The number of the incident it belongs to, or none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident: Option<u32>,
    /// Its incident is closed or cancelled.
    pub closed: bool,
    /// Newest message.
    pub newest: u64,
}
