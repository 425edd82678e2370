//! Addresses anybody can write to who knows them.

use serde_json::{Value, json};

use super::super::snowflake::Snowflake;

/// An address of a channel.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Webhook {
    pub(crate) id: Snowflake,
    pub(crate) token: String,
    pub(crate) channel: Snowflake,
    pub(crate) name: String,
    /// Made by the bot, which may send buttons with it.
    pub(crate) ours: bool,
}

impl Webhook {
    pub(crate) fn json(&self, guild: Snowflake, application: Snowflake) -> Value {
        json!({
            "id": self.id, "type": 1, "application_id": self.ours.then_some(application), "avatar": null,
            "channel_id": self.channel, "guild_id": guild, "name": self.name, "token": self.token,
        })
    }
}
