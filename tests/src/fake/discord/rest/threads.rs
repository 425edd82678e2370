//! Threads under messages, threads of channels, posts of forums.

use serde_json::{Value, json};

use super::super::answer::Answer;
use super::super::call::Call;
use super::super::gateway::intent;
use super::super::refusal::{Problem, Refusal};
use super::super::snowflake::Snowflake;
use super::super::world::World;
use super::super::world::channel::{ANNOUNCEMENT, Channel, PRIVATE_THREAD, PUBLIC_THREAD, TEXT, Thread};
use super::super::world::permission::{
    CREATE_PRIVATE_THREADS, CREATE_PUBLIC_THREADS, MANAGE_THREADS, SEND_MESSAGES, SEND_MESSAGES_IN_THREADS,
};
use super::channels::{is_forum, json_of, rename};
use super::draft::Draft;

/// Minutes until a thread goes out of sight when nothing else is said.
const AUTO_ARCHIVE: u32 = 1_440;

pub(super) fn under_message(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let (parent, message) = (call.id("channel_id"), call.id("message_id"));
    if !matches!(world.seen(parent)?.kind, TEXT | ANNOUNCEMENT) {
        return Err(Refusal::not_in_this_type());
    }
    world.allowed(parent, CREATE_PUBLIC_THREADS)?;
    world.message(parent, message)?;
    if world.guild.channels.contains_key(&message) {
        return Err(Refusal::has_a_thread());
    }
    // A thread has the id of the message it hangs on.
    let thread = open(world, message, parent, PUBLIC_THREAD, &call.body)?;
    world.emit_message("MESSAGE_UPDATE", message);
    Ok(Answer::created(thread))
}

pub(super) fn create(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let parent = call.id("channel_id");
    world.seen(parent)?;
    if is_forum(world, parent) {
        return post(world, call, parent);
    }
    if !matches!(world.seen(parent)?.kind, TEXT | ANNOUNCEMENT) {
        return Err(Refusal::not_in_this_type());
    }
    let public = call.body["type"].as_u64() == Some(u64::from(PUBLIC_THREAD));
    world.allowed(parent, if public { CREATE_PUBLIC_THREADS } else { CREATE_PRIVATE_THREADS })?;
    let id = world.id();
    // Without a type a thread is private: developers/resources/channel#start-thread-without-message.
    let kind = if public { PUBLIC_THREAD } else { PRIVATE_THREAD };
    Ok(Answer::created(open(world, id, parent, kind, &call.body)?))
}

/// A forum's post: a thread with its first message, which has the same id.
fn post(world: &mut World, call: &Call, parent: Snowflake) -> Result<Answer, Refusal> {
    world.allowed(parent, SEND_MESSAGES)?;
    let id = world.id();
    let tags = tags(world, parent, &call.body)?;
    let mut thread = open(world, id, parent, PUBLIC_THREAD, &call.body)?;
    if let Some(thread) = world.guild.channels.get_mut(&id).and_then(|one| one.thread.as_mut()) {
        thread.tags = tags;
    }
    let fields = call.body["message"].as_object().cloned().unwrap_or_default();
    let draft = Draft { id: Some(id), ..Draft::of_bot(world, id, &fields, &call.files) };
    match world.post(draft) {
        Ok(first) => thread["message"] = world.message_json(&first),
        Err(refusal) => {
            world.drop_channel(id);
            return Err(refusal);
        }
    }
    Ok(Answer::created(thread))
}

fn tags(world: &World, forum: Snowflake, body: &Value) -> Result<Vec<Snowflake>, Refusal> {
    let wanted = body["applied_tags"].as_array().into_iter().flatten();
    let wanted: Vec<Snowflake> = wanted.filter_map(|id| id.as_str()?.parse().ok()).collect();
    let known = |id: &Snowflake| {
        world.guild.channels.get(&forum).is_some_and(|one| one.tags.iter().any(|(tag, _)| tag == id))
    };
    match wanted.iter().all(known) {
        true => Ok(wanted),
        false => Err(Refusal::form(&[Problem::new(&["applied_tags"], "FORUM_TAG_UNKNOWN", "Unknown tag")])),
    }
}

fn open(
    world: &mut World,
    id: Snowflake,
    parent: Snowflake,
    kind: u8,
    body: &Value,
) -> Result<Value, Refusal> {
    let active = world.guild.channels.values().filter(|one| one.is_active_thread()).count();
    if active >= world.settings.limits.active_threads {
        return Err(Refusal::too_many_threads());
    }
    let minutes = body["auto_archive_duration"].as_u64().and_then(|minutes| u32::try_from(minutes).ok());
    let thread = Thread {
        owner: world.bot.user,
        archived: false,
        locked: false,
        auto_archive: minutes.unwrap_or(AUTO_ARCHIVE),
        sent: 0,
        tags: Vec::new(),
        since: world.time.written(world.now()),
    };
    let name = body["name"].as_str().unwrap_or_default();
    let made = Channel { parent: Some(parent), thread: Some(thread), ..Channel::new(id, kind, name) };
    world.guild.channels.insert(id, made);
    let mut told = json_of(world, id);
    world.emit("THREAD_CREATE", intent::GUILDS, {
        let mut event = told.clone();
        event["newly_created"] = json!(true);
        event
    });
    told["member"] = json!({
        "id": id, "user_id": world.bot.user, "join_timestamp": world.time.written(world.now()), "flags": 0,
    });
    Ok(told)
}

pub(super) fn update(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let id = call.id("channel_id");
    let fields = call.fields();
    let Some(thread) = world.seen(id)?.thread.clone() else { return Err(Refusal::not_in_this_type()) };
    let back = fields.get("archived") == Some(&json!(false));
    if thread.archived && !back {
        return Err(Refusal::archived());
    }
    let own = thread.owner == world.bot.user && !fields.contains_key("locked") && !thread.locked;
    world.allowed(id, if own { SEND_MESSAGES_IN_THREADS } else { MANAGE_THREADS })?;
    let name = fields.get("name").and_then(Value::as_str).map(str::to_owned);
    rename(world, id, name, None)?;
    let now = world.time.written(world.now());
    let Some(channel) = world.guild.channels.get_mut(&id) else { return Err(Refusal::unknown_channel()) };
    channel.reasons.extend(call.reason.clone());
    if let Some(thread) = &mut channel.thread {
        if let Some(archived) = fields.get("archived").and_then(Value::as_bool) {
            (thread.archived, thread.since) = (archived, now);
        }
        thread.locked = fields.get("locked").and_then(Value::as_bool).unwrap_or(thread.locked);
        let minutes = fields.get("auto_archive_duration").and_then(Value::as_u64);
        thread.auto_archive =
            minutes.and_then(|minutes| minutes.try_into().ok()).unwrap_or(thread.auto_archive);
        if let Some(tags) = fields.get("applied_tags").and_then(Value::as_array) {
            thread.tags = tags.iter().filter_map(|id| id.as_str()?.parse().ok()).collect();
        }
    }
    let told = json_of(world, id);
    world.emit("THREAD_UPDATE", intent::GUILDS, told.clone());
    Ok(Answer::json(told))
}
