//! Channels and categories: made, changed, deleted.

use serde_json::{Map, Value, json};

use super::super::answer::Answer;
use super::super::call::Call;
use super::super::gateway::intent;
use super::super::refusal::{Problem, Refusal};
use super::super::snowflake::Snowflake;
use super::super::world::World;
use super::super::world::channel::{self, CATEGORY, Channel, FORUM, TEXT, normalised};
use super::super::world::permission::{MANAGE_CHANNELS, MANAGE_ROLES, MANAGE_THREADS, SEND_MESSAGES};
use super::guilds::this_guild;
use super::{overwrites, threads};

/// Characters of a topic; a forum's may have 4,096.
const TOPIC: usize = 1_024;

pub(super) fn list(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    this_guild(world, call)?;
    let channels = world.guild.channels.values().filter(|channel| channel.thread.is_none());
    Ok(Answer::json(channels.map(|channel| channel.json(world.guild.id)).collect()))
}

pub(super) fn get(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let channel = world.seen(call.id("channel_id"))?;
    Ok(Answer::json(channel.json(world.guild.id)))
}

pub(super) fn create(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    this_guild(world, call)?;
    world.allowed_everywhere(MANAGE_CHANNELS)?;
    let fields = call.fields();
    let kind =
        fields.get("type").and_then(Value::as_u64).map_or(TEXT, |kind| kind.try_into().unwrap_or(TEXT));
    let overwrites = overwrites::read(fields.get("permission_overwrites"));
    overwrites::may_set(world, &overwrites, world.guild.base(world.bot.user))?;
    let settled = world.guild.channels.values().filter(|channel| channel.thread.is_none()).count();
    if settled >= world.settings.limits.channels {
        return Err(Refusal::too_many_channels());
    }
    let parent = parent(world, fields.get("parent_id"), None)?;
    topic_fits(&fields, kind)?;
    let id = world.add_channel(&named(&fields, kind)?, kind, parent);
    // Without overwrites of its own a channel begins with its category's.
    let inherited =
        parent.and_then(|parent| world.guild.channels.get(&parent)).map(|one| one.overwrites.clone());
    let Some(made) = world.guild.channels.get_mut(&id) else { return Err(Refusal::unknown_channel()) };
    made.topic = text(&fields, "topic");
    made.overwrites =
        if fields.contains_key("permission_overwrites") { overwrites } else { inherited.unwrap_or_default() };
    made.reasons.extend(call.reason.clone());
    tag(world, id, &fields);
    let told = json_of(world, id);
    world.emit("CHANNEL_CREATE", intent::GUILDS, told.clone());
    Ok(Answer::created(told))
}

fn tag(world: &mut World, id: Snowflake, fields: &Map<String, Value>) {
    let names = fields.get("available_tags").and_then(Value::as_array).cloned().unwrap_or_default();
    let tags: Vec<_> =
        names.iter().map(|tag| (world.id(), tag["name"].as_str().unwrap_or_default().to_owned())).collect();
    if let Some(channel) = world.guild.channels.get_mut(&id) {
        channel.tags = tags;
    }
}

pub(super) fn json_of(world: &World, id: Snowflake) -> Value {
    world.guild.channels.get(&id).map_or(Value::Null, |channel| channel.json(world.guild.id))
}

fn text(fields: &Map<String, Value>, name: &str) -> Option<String> {
    fields.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn named(fields: &Map<String, Value>, kind: u8) -> Result<String, Refusal> {
    let name = normalised(kind, fields.get("name").and_then(Value::as_str).unwrap_or_default());
    match (1..=100).contains(&name.chars().count()) {
        true => Ok(name),
        false => Err(Refusal::form(&[Problem::new(
            &["name"],
            "BASE_TYPE_BAD_LENGTH",
            "Must be between 1 and 100 in length.",
        )])
        .blamed("a channel name that nothing is left of")),
    }
}

fn topic_fits(fields: &Map<String, Value>, kind: u8) -> Result<(), Refusal> {
    let length = text(fields, "topic").map_or(0, |topic| topic.chars().count());
    if kind == FORUM || length <= TOPIC {
        return Ok(());
    }
    let problem = Problem::new(&["topic"], "BASE_TYPE_MAX_LENGTH", "Must be 1024 or fewer in length.");
    Err(Refusal::form(&[problem]).blamed(format!("a topic of {length} characters")))
}

/// The category, if it is one and has room. There is no code for a full one: discord/discord-api-docs#1289.
fn parent(
    world: &World,
    wanted: Option<&Value>,
    moved: Option<Snowflake>,
) -> Result<Option<Snowflake>, Refusal> {
    let Some(id) = wanted.and_then(Value::as_str) else { return Ok(None) };
    let wrong = |code, message: &str| Err(Refusal::form(&[Problem::new(&["parent_id"], code, message)]));
    let id: Snowflake = id.parse().unwrap_or_default();
    if world.guild.channels.get(&id).is_none_or(|channel| channel.kind != CATEGORY) {
        return wrong("CHANNEL_PARENT_INVALID", "Category does not exist");
    }
    let inside = |one: &&Channel| one.parent == Some(id) && one.thread.is_none() && Some(one.id) != moved;
    if world.guild.channels.values().filter(inside).count() >= world.settings.limits.in_category {
        return wrong("CHANNEL_PARENT_MAX_CHANNELS", "Maximum number of channels in category reached (50)");
    }
    Ok(Some(id))
}

pub(super) fn update(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let id = call.id("channel_id");
    let channel = world.seen(id)?;
    if channel.thread.is_some() {
        return threads::update(world, call);
    }
    let kind = channel.kind;
    world.allowed(id, MANAGE_CHANNELS)?;
    let fields = call.fields();
    topic_fits(&fields, kind)?;
    let overwrites = fields.get("permission_overwrites").map(|list| overwrites::read(Some(list)));
    if let Some(overwrites) = &overwrites {
        world.allowed(id, MANAGE_ROLES)?;
        overwrites::may_set(world, overwrites, world.guild.permissions(world.bot.user, id))?;
    }
    let moved = match fields.get("parent_id") {
        Some(wanted) => Some(parent(world, Some(wanted), Some(id))?),
        None => None,
    };
    let name = if fields.contains_key("name") { Some(named(&fields, kind)?) } else { None };
    rename(world, id, name, fields.get("topic"))?;
    let Some(channel) = world.guild.channels.get_mut(&id) else { return Err(Refusal::unknown_channel()) };
    if let Some(parent) = moved {
        channel.parent = parent;
    }
    if let Some(overwrites) = overwrites {
        channel.overwrites = overwrites;
    }
    if let Some(position) = fields.get("position").and_then(Value::as_u64) {
        channel.position = u32::try_from(position).unwrap_or(u32::MAX);
    }
    channel.reasons.extend(call.reason.clone());
    let told = json_of(world, id);
    world.emit("CHANNEL_UPDATE", intent::GUILDS, told.clone());
    Ok(Answer::json(told))
}

/// Name and topic change twice in ten minutes at most, and no header says so: discord/discord-api-docs#1900.
pub(super) fn rename(
    world: &mut World,
    id: Snowflake,
    name: Option<String>,
    topic: Option<&Value>,
) -> Result<(), Refusal> {
    let (now, most, window) =
        (world.now(), world.settings.limits.renames, world.settings.clock.rename_window);
    let Some(channel) = world.guild.channels.get_mut(&id) else { return Err(Refusal::unknown_channel()) };
    let topic = topic.map(|topic| topic.as_str().filter(|topic| !topic.is_empty()).map(str::to_owned));
    let new_name = name.filter(|name| *name != channel.name);
    let new_topic = topic.filter(|topic| *topic != channel.topic);
    if new_name.is_none() && new_topic.is_none() {
        return Ok(());
    }
    channel.renames.take(now, most, window).map_err(|wait| Refusal {
        retry_after: Some(wait),
        ..Refusal::new(429, 0, "You are being rate limited.")
    })?;
    if let Some(topic) = new_topic {
        channel.renamed.push((now, topic.clone().unwrap_or_default()));
        channel.topic = topic;
    }
    if let Some(name) = new_name {
        channel.renamed.push((now, name.clone()));
        channel.name = name;
    }
    Ok(())
}

pub(super) fn delete(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let id = call.id("channel_id");
    let thread = world.seen(id)?.thread.is_some();
    world.allowed(id, if thread { MANAGE_THREADS } else { MANAGE_CHANNELS })?;
    let told = json_of(world, id);
    world.drop_channel(id);
    Ok(Answer::json(told))
}

impl World {
    /// Takes a channel away with all that is in it; a category leaves its channels without a parent. Of threads that go
    /// with their channel Discord says nothing: discordjs/discord.js#10883, Javacord/Javacord#1028.
    pub(crate) fn drop_channel(&mut self, id: Snowflake) {
        let Some(gone) = self.guild.channels.get(&id) else { return };
        let whole = gone.json(self.guild.id);
        if gone.thread.is_none() {
            self.emit("CHANNEL_DELETE", intent::GUILDS, whole);
        } else {
            // developers/events/gateway-events#thread-delete: these four fields.
            let named =
                ["id", "guild_id", "parent_id", "type"].map(|name| (name.to_owned(), whole[name].clone()));
            self.emit("THREAD_DELETE", intent::GUILDS, named.into_iter().collect());
        }
        self.remove_channel(id);
    }

    fn remove_channel(&mut self, id: Snowflake) {
        self.guild.channels.remove(&id);
        let inside: Vec<Snowflake> =
            self.messages.values().filter(|one| one.channel == id).map(|one| one.id).collect();
        let gone = inside.into_iter().filter_map(|message| self.messages.remove(&message));
        self.deleted.extend(gone);
        self.webhooks.retain(|_, webhook| webhook.channel != id);
        let below = self.guild.channels.values().filter(|one| one.parent == Some(id));
        let below: Vec<(Snowflake, bool)> = below.map(|one| (one.id, one.thread.is_some())).collect();
        for (child, thread) in below {
            if thread {
                self.remove_channel(child);
            } else if let Some(child) = self.guild.channels.get_mut(&child) {
                child.parent = None;
            }
        }
    }
}

pub(super) fn typing(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let channel = call.id("channel_id");
    world.seen(channel)?;
    world.allowed(channel, SEND_MESSAGES)?;
    world.emit(
        "TYPING_START",
        1 << 11,
        json!({
            "channel_id": channel, "guild_id": world.guild.id, "user_id": world.bot.user,
            "timestamp": world.time.wall(world.now()).timestamp(),
        }),
    );
    Ok(Answer::done())
}

/// Whether a kind of channel can have posts.
pub(super) fn is_forum(world: &World, id: Snowflake) -> bool {
    world.guild.channels.get(&id).is_some_and(|one| one.kind == channel::FORUM)
}
