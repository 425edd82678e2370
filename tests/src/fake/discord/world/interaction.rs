//! What people asked of the bot, and what became of it.

use std::time::Duration;

use serde_json::Value;

use super::super::snowflake::Snowflake;

/// A slash command or a message command.
pub const COMMAND: u8 = 2;
/// A click or a choice in a message.
pub const COMPONENT: u8 = 3;
/// Somebody types in an option that completes.
pub const AUTOCOMPLETE: u8 = 4;
/// A form that was sent off.
pub const MODAL: u8 = 5;

/// One thing somebody did that the bot must answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Interaction {
    /// Its id.
    pub id: Snowflake,
    /// What answers it.
    pub token: String,
    /// See [`COMMAND`] and the others.
    pub kind: u8,
    /// Who.
    pub person: Snowflake,
    /// Where.
    pub channel: Snowflake,
    /// The message that was clicked.
    pub message: Option<Snowflake>,
    /// What the gateway sent.
    pub payload: Value,
    /// When, since the double began.
    pub asked: Duration,
    /// The first answer.
    pub answer: Option<Answer>,
    /// What `@original` is.
    pub original: Option<Snowflake>,
    /// Messages that came after it.
    pub followups: Vec<Snowflake>,
    /// Callbacks that were refused, by their code.
    pub refused: Vec<u32>,
}

/// The first answer to an interaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// 4 message, 5 "thinking", 6 later, 7 the clicked message changed, 8 choices, 9 a form.
    pub kind: u8,
    /// When, since the double began.
    pub at: Duration,
    /// Its `data`.
    pub data: Value,
}

impl Interaction {
    /// How long the first answer took.
    #[must_use]
    pub fn acknowledged_after(&self) -> Option<Duration> {
        self.answer.as_ref().map(|answer| answer.at - self.asked)
    }
}
