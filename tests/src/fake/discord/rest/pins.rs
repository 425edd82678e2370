//! Pins, by the new route and by the old one.

use serde_json::json;

use super::super::answer::Answer;
use super::super::call::Call;
use super::super::gateway::intent;
use super::super::refusal::Refusal;
use super::super::snowflake::Snowflake;
use super::super::world::World;
use super::super::world::message::{Author, Message};
use super::super::world::permission::{PIN_MESSAGES, READ_MESSAGE_HISTORY};

/// "lifeboat pinned a message to this channel."
const NOTICE: u8 = 6;

pub(super) fn create(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let (channel, id) = (call.id("channel_id"), call.id("message_id"));
    may(world, channel)?;
    if world.message(channel, id)?.pinned {
        return Ok(Answer::done());
    }
    if pinned(world, channel).len() >= world.settings.limits.pins {
        return Err(Refusal::too_many_pins());
    }
    turn(world, channel, id, true);
    let (notice, now, author) = (world.id(), world.now(), Author::Member(world.bot.user));
    let notice =
        Message { kind: NOTICE, reply_to: Some(id), ..Message::written(notice, channel, author, "", now) };
    world.publish(notice);
    Ok(Answer::done())
}

pub(super) fn delete(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let (channel, id) = (call.id("channel_id"), call.id("message_id"));
    may(world, channel)?;
    if world.message(channel, id)?.pinned {
        turn(world, channel, id, false);
    }
    Ok(Answer::done())
}

fn may(world: &World, channel: Snowflake) -> Result<(), Refusal> {
    world.seen(channel)?;
    world.allowed(channel, PIN_MESSAGES | READ_MESSAGE_HISTORY)
}

fn turn(world: &mut World, channel: Snowflake, id: Snowflake, pinned: bool) {
    if let Some(message) = world.messages.get_mut(&id) {
        message.pinned = pinned;
    }
    world.emit_message("MESSAGE_UPDATE", id);
    let told = json!({
        "channel_id": channel, "guild_id": world.guild.id,
        "last_pin_timestamp": world.time.written(world.now()),
    });
    world.emit("CHANNEL_PINS_UPDATE", intent::GUILDS, told);
}

fn pinned(world: &World, channel: Snowflake) -> Vec<&Message> {
    world.messages.values().rev().filter(|one| one.channel == channel && one.pinned).collect()
}

pub(super) fn list(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let channel = call.id("channel_id");
    world.seen(channel)?;
    let limit = call.query.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(50);
    let all = pinned(world, channel);
    let items: Vec<_> = all
        .iter()
        .take(limit)
        .map(|one| json!({ "pinned_at": world.time.written(one.posted), "message": world.readable(one) }))
        .collect();
    Ok(Answer::json(json!({ "items": items, "has_more": all.len() > limit })))
}

pub(super) fn deprecated_list(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let channel = call.id("channel_id");
    world.seen(channel)?;
    Ok(Answer::json(pinned(world, channel).into_iter().map(|one| world.readable(one)).collect()))
}
