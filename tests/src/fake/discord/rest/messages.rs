//! Messages of channels.

use serde_json::{Value, json};

use super::super::answer::Answer;
use super::super::call::Call;
use super::super::refusal::{Problem, Refusal};
use super::super::snowflake::Snowflake;
use super::super::world::World;
use super::super::world::message::Message;
use super::super::world::permission::{
    ATTACH_FILES, EMBED_LINKS, MANAGE_MESSAGES, MANAGE_THREADS, READ_MESSAGE_HISTORY, SEND_MESSAGES,
    SEND_MESSAGES_IN_THREADS,
};
use super::draft::Draft;

pub(super) fn create(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let channel = call.id("channel_id");
    may_send(world, channel, call)?;
    if let Some(before) = sent_before(world, &call.body) {
        return Ok(Answer::json(world.message_json(before)));
    }
    let reply_to = reply(world, channel, &call.body)?;
    let fields = call.fields();
    let draft = Draft { reply_to, ..Draft::of_bot(world, channel, &fields, &call.files) };
    let message = world.post(draft)?;
    Ok(Answer::json(world.message_json(&message)))
}

/// Whether the bot may write this here.
fn may_send(world: &World, id: Snowflake, call: &Call) -> Result<(), Refusal> {
    let channel = world.seen(id)?;
    if !channel.holds_messages() {
        return Err(Refusal::not_in_this_type());
    }
    let mut needed = if channel.thread.is_some() { SEND_MESSAGES_IN_THREADS } else { SEND_MESSAGES };
    if channel.thread.as_ref().is_some_and(|thread| thread.locked) {
        needed |= MANAGE_THREADS;
    }
    if call.body["embeds"].as_array().is_some_and(|embeds| !embeds.is_empty()) {
        needed |= EMBED_LINKS;
    }
    if !call.files.is_empty() {
        needed |= ATTACH_FILES;
    }
    world.allowed(id, needed)
}

/// The message that was sent with the same nonce in the past few minutes.
fn sent_before<'a>(world: &'a World, body: &Value) -> Option<&'a Message> {
    if body["enforce_nonce"] != true {
        return None;
    }
    let since = world.now().saturating_sub(world.settings.clock.nonce);
    let mut ours = world.messages.values().rev().filter(|message| world.is_bots(message));
    ours.find(|message| message.nonce.as_ref() == Some(&body["nonce"]) && message.posted >= since)
}

fn reply(world: &World, channel: Snowflake, body: &Value) -> Result<Option<Snowflake>, Refusal> {
    let reference = &body["message_reference"];
    let Some(id) = reference["message_id"].as_str().and_then(|id| id.parse().ok()) else { return Ok(None) };
    if world.allowed(channel, READ_MESSAGE_HISTORY).is_err() {
        return Err(Refusal::no_history());
    }
    match world.message(channel, id) {
        Ok(_) => Ok(Some(id)),
        Err(_) if reference["fail_if_not_exists"] == false => Ok(None),
        Err(_) => Err(Refusal::form(&[Problem::new(
            &["message_reference"],
            "REPLIES_UNKNOWN_MESSAGE",
            "Unknown message",
        )])),
    }
}

pub(super) fn list(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let channel = call.id("channel_id");
    world.seen(channel)?;
    if world.allowed(channel, READ_MESSAGE_HISTORY).is_err() {
        return Ok(Answer::json(json!([])));
    }
    let bound = |name: &str| call.query.get(name).and_then(|id| id.parse::<Snowflake>().ok());
    let (before, after, around) = (bound("before"), bound("after"), bound("around"));
    let limit = call.query.get("limit").map_or(Some(50), |limit| limit.parse::<usize>().ok());
    let Some(limit) = limit.filter(|limit| (1..=100).contains(limit)) else {
        return Err(Refusal::form(&[Problem::new(
            &["limit"],
            "NUMBER_TYPE_MAX",
            "int value should be 1 to 100",
        )]));
    };
    if around.is_some() {
        return Err(Refusal::not_found().blamed("list_messages around, which the double does not play"));
    }
    let here = world.messages.values().filter(|one| one.channel == channel && one.ephemeral_to.is_none());
    let mut found: Vec<&Message> = here
        .filter(|one| before.is_none_or(|before| one.id < before) && after.is_none_or(|after| one.id > after))
        .collect();
    if after.is_none() {
        found.reverse();
    }
    found.truncate(limit);
    found.sort_by_key(|message| std::cmp::Reverse(message.id));
    Ok(Answer::json(found.into_iter().map(|message| world.readable(message)).collect()))
}

pub(super) fn get(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let channel = call.id("channel_id");
    world.seen(channel)?;
    world.allowed(channel, READ_MESSAGE_HISTORY)?;
    let message = world.message(channel, call.id("message_id"))?;
    Ok(Answer::json(world.readable(message)))
}

pub(super) fn update(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let (channel, id) = (call.id("channel_id"), call.id("message_id"));
    world.seen(channel)?;
    let message = world.message(channel, id)?;
    if !world.is_bots(message) {
        return Err(Refusal::not_its_author());
    }
    let posted = message.posted;
    if world.guild.channels.get(&channel).is_some_and(|one| one.thread.is_some() && !one.is_active_thread()) {
        return Err(Refusal::archived());
    }
    let mut needed = 0;
    if call.body["embeds"].as_array().is_some_and(|embeds| !embeds.is_empty()) {
        needed |= EMBED_LINKS;
    }
    if !call.files.is_empty() {
        needed |= ATTACH_FILES;
    }
    world.allowed(channel, needed)?;
    pace_of_old(world, channel, posted)?;
    let message = world.edit(id, &call.fields(), &call.files)?;
    Ok(Answer::json(world.message_json(&message)))
}

/// Messages older than an hour take few edits.
fn pace_of_old(world: &mut World, channel: Snowflake, posted: std::time::Duration) -> Result<(), Refusal> {
    let (now, limits, age) = (world.now(), world.settings.limits, world.settings.clock.edit_age);
    if now < posted + age {
        return Ok(());
    }
    let Some(channel) = world.guild.channels.get_mut(&channel) else { return Ok(()) };
    channel
        .old_edits
        .take(now, limits.old_edits, limits.old_edit_window)
        .map_err(|wait| Refusal { retry_after: Some(wait), ..Refusal::old_message() })
}

pub(super) fn delete(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let (channel, id) = (call.id("channel_id"), call.id("message_id"));
    world.seen(channel)?;
    if !world.is_bots(world.message(channel, id)?) {
        world.allowed(channel, MANAGE_MESSAGES)?;
    }
    world.remove(id);
    Ok(Answer::done())
}
