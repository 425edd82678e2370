//! Webhooks: those of channels, and the token of an interaction, which is one for fifteen minutes.

use serde_json::{Map, Value};

use super::super::answer::Answer;
use super::super::call::Call;
use super::super::refusal::Refusal;
use super::super::snowflake::Snowflake;
use super::super::world::World;
use super::super::world::channel::{ANNOUNCEMENT, TEXT};
use super::super::world::message::{Author, EPHEMERAL, LOADING, Message};
use super::super::world::permission::MANAGE_WEBHOOKS;
use super::super::world::webhook::Webhook;
use super::draft::Draft;

/// Who writes by a token.
enum Holder {
    Interaction(Snowflake),
    Webhook(Webhook),
}

fn holder(world: &World, call: &Call) -> Result<Holder, Refusal> {
    let (id, token) = (call.id("webhook_id"), call.text("webhook_token"));
    if id != world.bot.application {
        let webhook = world.webhooks.get(&id).ok_or_else(Refusal::unknown_webhook)?;
        let right = webhook.token == token;
        return if right { Ok(Holder::Webhook(webhook.clone())) } else { Err(Refusal::dead_token()) };
    }
    let asked =
        world.interactions.values().find(|asked| asked.token == token).ok_or_else(Refusal::dead_token)?;
    if world.now() > asked.asked + world.settings.clock.token {
        return Err(Refusal::dead_token());
    }
    // Before the first answer there is no webhook behind the token.
    match asked.answer.is_some() {
        true => Ok(Holder::Interaction(asked.id)),
        false => Err(Refusal::unknown_webhook()),
    }
}

pub(super) fn get(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    match holder(world, call)? {
        Holder::Webhook(webhook) => Ok(Answer::json(webhook.json(world.guild.id, world.bot.application))),
        Holder::Interaction(_) => Err(Refusal::unknown_webhook()),
    }
}

pub(super) fn list(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let channel = call.id("channel_id");
    world.seen(channel)?;
    world.allowed(channel, MANAGE_WEBHOOKS)?;
    let here = world.webhooks.values().filter(|webhook| webhook.channel == channel);
    Ok(Answer::json(here.map(|webhook| webhook.json(world.guild.id, world.bot.application)).collect()))
}

pub(super) fn create(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let channel = call.id("channel_id");
    if !matches!(world.seen(channel)?.kind, TEXT | ANNOUNCEMENT) {
        return Err(Refusal::not_in_this_type());
    }
    world.allowed(channel, MANAGE_WEBHOOKS)?;
    if world.webhooks.values().filter(|one| one.channel == channel).count() >= world.settings.limits.webhooks
    {
        return Err(Refusal::too_many_webhooks());
    }
    let id = world.add_webhook(channel, call.body["name"].as_str().unwrap_or_default(), true);
    let made = world.webhooks.get(&id).ok_or_else(Refusal::unknown_webhook)?;
    Ok(Answer::json(made.json(world.guild.id, world.bot.application)))
}

impl World {
    pub(crate) fn add_webhook(&mut self, channel: Snowflake, name: &str, ours: bool) -> Snowflake {
        let (id, token) = (self.id(), self.secret());
        self.webhooks.insert(id, Webhook { id, token, channel, name: name.to_owned(), ours });
        id
    }
}

pub(super) fn execute(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    match holder(world, call)? {
        Holder::Interaction(id) => follow_up(world, call, id),
        Holder::Webhook(webhook) => write(world, call, &webhook),
    }
}

/// A further answer; the first after "thinking" takes its place, which Discord deprecates.
fn follow_up(world: &mut World, call: &Call, id: Snowflake) -> Result<Answer, Refusal> {
    let Some(asked) = world.interactions.get(&id).cloned() else { return Err(Refusal::unknown_webhook()) };
    let fields = call.fields();
    let thinking =
        asked.original.filter(|id| world.messages.get(id).is_some_and(|one| one.flags & LOADING != 0));
    if let Some(original) = thinking {
        world.blame("a follow-up in place of the edit of `@original`");
        return thought(world, original, &fields, call);
    }
    let flags = fields.get("flags").and_then(Value::as_u64).unwrap_or_default();
    let draft = Draft {
        only: (flags & EPHEMERAL != 0).then_some(asked.person),
        interaction: Some(id),
        reply_to: asked.original,
        ..Draft::of_bot(world, asked.channel, &fields, &call.files)
    };
    let message = world.post(draft)?;
    if let Some(asked) = world.interactions.get_mut(&id) {
        asked.followups.push(message.id);
    }
    Ok(Answer::json(world.message_json(&message)))
}

/// Puts what was thought of in the place of "thinking".
fn thought(
    world: &mut World,
    id: Snowflake,
    fields: &Map<String, Value>,
    call: &Call,
) -> Result<Answer, Refusal> {
    let mut message = world.edit(id, fields, &call.files)?;
    message.flags &= !LOADING;
    world.messages.insert(id, message.clone());
    Ok(Answer::json(world.message_json(&message)))
}

fn write(world: &mut World, call: &Call, webhook: &Webhook) -> Result<Answer, Refusal> {
    let mut fields = call.fields();
    let clickable = |one: &Value| !one["custom_id"].is_null();
    let rows = fields.get("components").and_then(Value::as_array).cloned().unwrap_or_default();
    if rows.iter().flat_map(|row| row["components"].as_array().into_iter().flatten()).any(clickable)
        && !webhook.ours
    {
        return Err(Refusal::empty_message().blamed("buttons by a webhook that is not the application's"));
    }
    if !webhook.ours && !call.asks("with_components") {
        fields.remove("components");
    }
    let channel = place(world, call, webhook)?;
    let name = fields.get("username").and_then(Value::as_str).unwrap_or(&webhook.name).to_owned();
    let author = Author::Webhook(webhook.id, name);
    let draft = Draft { author, ..Draft::of_bot(world, channel, &fields, &call.files) };
    let message = world.post(draft)?;
    match call.asks("wait") {
        true => Ok(Answer::json(world.message_json(&message))),
        false => Ok(Answer::done()),
    }
}

/// The webhook's channel, or the thread below it that the query names.
fn place(world: &World, call: &Call, webhook: &Webhook) -> Result<Snowflake, Refusal> {
    let Some(thread) = call.query.get("thread_id") else { return Ok(webhook.channel) };
    let thread: Snowflake = thread.parse().map_err(|_| Refusal::unknown_channel())?;
    let found = world.guild.channels.get(&thread).filter(|one| one.parent == Some(webhook.channel));
    found.map(|one| one.id).ok_or_else(Refusal::unknown_channel)
}

/// The message a path names, if the holder of the token wrote it.
fn named(world: &World, call: &Call) -> Result<Message, Refusal> {
    let holder = holder(world, call)?;
    let id: Option<Snowflake> = call.slots.get("message_id").and_then(|id| id.parse().ok());
    let found = match &holder {
        Holder::Interaction(asked) => {
            let asked = &world.interactions[asked];
            let own = |id: &Snowflake| asked.original == Some(*id) || asked.followups.contains(id);
            id.map_or(asked.original, |id| Some(id).filter(own)).and_then(|id| world.messages.get(&id))
        }
        Holder::Webhook(webhook) => {
            let here = place(world, call, webhook)?;
            let written = |one: &&Message| matches!(one.author, Author::Webhook(by, _) if by == webhook.id);
            id.and_then(|id| world.messages.get(&id)).filter(written).filter(|one| one.channel == here)
        }
    };
    found.cloned().ok_or_else(Refusal::unknown_message)
}

pub(super) fn get_message(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    Ok(Answer::json(world.message_json(&named(world, call)?)))
}

pub(super) fn update_message(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let message = named(world, call)?;
    thought(world, message.id, &call.fields(), call)
}

pub(super) fn delete_message(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let message = named(world, call)?;
    world.remove(message.id);
    Ok(Answer::done())
}
