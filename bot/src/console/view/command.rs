//! What the page sends of a command line, and what it is given back.

use serde::{Deserialize, Serialize};

/// A line a person sent.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CommandRequest {
    /// `/incident ack`.
    pub line: String,
    /// The channel it was typed in; names the incident where the line does not.
    #[serde(default)]
    pub channel: String,
    /// `en` or `zh-CN`: of the private answer.
    #[serde(default)]
    pub lang: String,
    /// As whom, one of [`Me::plays`](super::Me::plays); empty: as oneself.
    #[serde(default, rename = "as")]
    pub part: String,
}

/// The private answer to a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandReply {
    /// Its durable event, or none for a reading command or a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// `done`, `shown`, `refused`, `failed`, `unknown`.
    pub outcome: String,
    /// Worded; lines are separated by `\n`.
    pub text: String,
    /// The lines of `text` that the message of its event lacks in the incident's own channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<String>,
    /// Where to go: a channel or an export.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<String>,
}

/// Completion of what is typed so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Completion {
    /// The signature: `/incident severity`, `to`, `incident?`.
    pub signature: Vec<Part>,
    /// At most 25, best first.
    pub options: Vec<Choice>,
    /// What would happen with what is typed, or why it would be refused; empty where nothing can be said.
    pub preview: String,
    /// It would be refused.
    pub refused: bool,
}

/// A piece of a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Its text.
    pub text: String,
    /// The one being typed.
    pub current: bool,
}

/// A choice of the completion list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// The whole line when it is taken.
    pub line: String,
    /// What is shown: the last piece.
    pub label: String,
    /// One plain line.
    pub about: String,
    /// What it needs, or why it is refused; empty where nothing.
    pub need: String,
    /// It would be refused; it stays in the list, with the reason.
    pub refused: bool,
}
