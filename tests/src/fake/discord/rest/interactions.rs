//! The first answer to what somebody did: within three seconds, and only once.

use serde_json::{Value, json};

use super::super::answer::Answer;
use super::super::call::Call;
use super::super::refusal::{Problem, Refusal};
use super::super::snowflake::Snowflake;
use super::super::world::World;
use super::super::world::interaction::{self, AUTOCOMPLETE, COMMAND, COMPONENT, Interaction, MODAL};
use super::super::world::message::{EPHEMERAL, LOADING, Message};
use super::draft::Draft;

pub(super) fn callback(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let id = call.id("interaction_id");
    let asked = world.interactions.get(&id).cloned().ok_or_else(Refusal::unknown_interaction)?;
    let done = answerable(world, &asked, call).and_then(|()| respond(world, &asked, call));
    if let (Err(refusal), Some(asked)) = (&done, world.interactions.get_mut(&id)) {
        asked.refused.push(refusal.code);
    }
    let original = done?;
    let kind = u8::try_from(call.body["type"].as_u64().unwrap_or_default()).unwrap_or_default();
    let at = world.now();
    if let Some(asked) = world.interactions.get_mut(&id) {
        asked.answer = Some(interaction::Answer { kind, at, data: call.body["data"].clone() });
        asked.original = original;
    }
    match call.asks("with_response") {
        true => Ok(Answer::json(told(world, &asked, kind, original))),
        false => Ok(Answer::done()),
    }
}

/// Whether this can still be answered, by this token, in this way.
fn answerable(world: &World, asked: &Interaction, call: &Call) -> Result<(), Refusal> {
    if asked.token != call.text("interaction_token") {
        return Err(Refusal::dead_token());
    }
    if asked.answer.is_some() {
        return Err(Refusal::already_acknowledged());
    }
    if world.now() > asked.asked + world.settings.clock.ack {
        return Err(Refusal::unknown_interaction());
    }
    let kind = call.body["type"].as_u64().unwrap_or_default();
    let fits = match asked.kind {
        COMMAND => matches!(kind, 4 | 5 | 9),
        COMPONENT => matches!(kind, 4..=7 | 9),
        AUTOCOMPLETE => kind == 8,
        MODAL if asked.message.is_some() => matches!(kind, 4..=7),
        MODAL => matches!(kind, 4 | 5),
        _ => false,
    };
    match fits {
        true => Ok(()),
        false => {
            let problem =
                Problem::new(&["type"], "INTERACTION_CALLBACK_TYPE_INVALID", "Not for this interaction");
            let why = format!("callback type {kind} to an interaction of type {}", asked.kind);
            Err(Refusal::form(&[problem]).blamed(why))
        }
    }
}

/// Does what the callback says; yields what `@original` is from now on.
fn respond(world: &mut World, asked: &Interaction, call: &Call) -> Result<Option<Snowflake>, Refusal> {
    let fields = call.body["data"].as_object().cloned().unwrap_or_default();
    let flags = fields.get("flags").and_then(Value::as_u64).unwrap_or_default();
    let draft = Draft {
        only: (flags & EPHEMERAL != 0).then_some(asked.person),
        interaction: Some(asked.id),
        ..Draft::of_bot(world, asked.channel, &fields, &call.files)
    };
    match call.body["type"].as_u64() {
        Some(4) => {
            let message = world.drawn(draft)?;
            if message.is_empty() {
                return Err(Refusal::empty_message());
            }
            Ok(Some(world.publish(typed(message, asked)).id))
        }
        Some(5) => {
            let message = world.drawn(draft)?;
            let thinking = Message { flags: message.flags | LOADING, ..typed(message, asked) };
            Ok(Some(world.publish(thinking).id))
        }
        Some(6) => Ok(asked.message),
        Some(7) => {
            let id = asked.message.ok_or_else(Refusal::unknown_message)?;
            Ok(Some(world.edit(id, &fields, &call.files)?.id))
        }
        _ => Ok(None),
    }
}

fn typed(message: Message, asked: &Interaction) -> Message {
    let kind = match asked.kind {
        COMMAND if asked.payload["data"]["type"] == 1 => 20,
        COMMAND => 23,
        _ => 19,
    };
    Message { kind, reply_to: asked.message, ..message }
}

/// The body of `?with_response=true`.
fn told(world: &World, asked: &Interaction, kind: u8, original: Option<Snowflake>) -> Value {
    let message = original.and_then(|id| world.messages.get(&id));
    let mut told = json!({ "interaction": {
        "id": asked.id, "type": asked.kind, "response_message_id": original,
        "response_message_loading": kind == 5, "response_message_ephemeral": message.is_some_and(Message::is_private),
    } });
    if let Some(message) = message.filter(|_| matches!(kind, 4 | 5 | 7)) {
        told["resource"] = json!({ "type": kind, "message": world.message_json(message) });
    }
    if original.is_none()
        && let Some(fields) = told["interaction"].as_object_mut()
    {
        fields.retain(|key, _| !key.starts_with("response_message"));
    }
    told
}
