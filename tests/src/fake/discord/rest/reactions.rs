//! The bot's own reactions.

use serde_json::json;

use super::super::answer::Answer;
use super::super::call::{Call, decoded};
use super::super::gateway::intent;
use super::super::refusal::Refusal;
use super::super::snowflake::Snowflake;
use super::super::world::World;
use super::super::world::permission::{ADD_REACTIONS, READ_MESSAGE_HISTORY};

/// Different ones of a message.
const MOST: usize = 20;

pub(super) fn add(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let (channel, id, emoji) =
        (call.id("channel_id"), call.id("message_id"), decoded(call.text("emoji_name")));
    world.seen(channel)?;
    world.allowed(channel, READ_MESSAGE_HISTORY)?;
    let message = world.message(channel, id)?;
    if emoji.is_ascii() {
        return Err(Refusal::unknown_emoji().blamed(format!("a reaction {emoji:?}, which is no emoji")));
    }
    if !message.reactions.contains_key(&emoji) {
        world.allowed(channel, ADD_REACTIONS)?;
        if message.reactions.len() >= MOST {
            return Err(Refusal::too_many_reactions());
        }
    }
    world.react(id, &emoji, world.bot.user);
    Ok(Answer::done())
}

pub(super) fn delete(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let (channel, id, emoji) =
        (call.id("channel_id"), call.id("message_id"), decoded(call.text("emoji_name")));
    world.seen(channel)?;
    world.message(channel, id)?;
    let bot = world.bot.user;
    if let Some(message) = world.messages.get_mut(&id) {
        message.reactions.entry(emoji.clone()).or_default().remove(&bot);
        message.reactions.retain(|_, who| !who.is_empty());
    }
    reacted(world, "MESSAGE_REACTION_REMOVE", id, &emoji, bot);
    Ok(Answer::done())
}

impl World {
    /// Somebody reacts.
    pub(crate) fn react(&mut self, id: Snowflake, emoji: &str, who: Snowflake) {
        let Some(message) = self.messages.get_mut(&id) else { return };
        if message.reactions.entry(emoji.to_owned()).or_default().insert(who) {
            reacted(self, "MESSAGE_REACTION_ADD", id, emoji, who);
        }
    }
}

fn reacted(world: &mut World, kind: &str, id: Snowflake, emoji: &str, who: Snowflake) {
    let Some(message) = world.messages.get(&id) else { return };
    let mut told = json!({
        "user_id": who, "channel_id": message.channel, "message_id": id, "guild_id": world.guild.id,
        "emoji": { "id": null, "name": emoji }, "burst": false, "type": 0,
    });
    if kind == "MESSAGE_REACTION_ADD" {
        told["member"] =
            world.guild.members.get(&who).map_or(json!(null), super::super::world::guild::Member::json);
        told["message_author_id"] = world.author(&message.author)["id"].clone();
    }
    world.emit(kind, intent::GUILD_MESSAGE_REACTIONS, told);
}
