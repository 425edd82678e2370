//! Rights that differ in a channel.

use serde_json::Value;

use super::super::answer::Answer;
use super::super::call::Call;
use super::super::gateway::intent;
use super::super::refusal::{Problem, Refusal};
use super::super::snowflake::Snowflake;
use super::super::world::World;
use super::super::world::channel::Overwrite;
use super::super::world::permission::{ADMINISTRATOR, MANAGE_ROLES};
use super::channels::json_of;

/// A body's list of overwrites.
pub(super) fn read(list: Option<&Value>) -> Vec<Overwrite> {
    list.and_then(Value::as_array).into_iter().flatten().map(|one| one_of(one["id"].as_str(), one)).collect()
}

fn one_of(id: Option<&str>, fields: &Value) -> Overwrite {
    let bits = |name: &str| fields[name].as_u64().unwrap_or_default();
    Overwrite {
        id: id.and_then(|id| id.parse().ok()).unwrap_or_default(),
        kind: u8::try_from(fields["type"].as_u64().unwrap_or_default()).unwrap_or_default(),
        allow: bits("allow"),
        deny: bits("deny"),
    }
}

/// The bot gives and takes only what it has itself, to somebody who is there, and `MANAGE_ROLES` not at all.
pub(super) fn may_set(world: &World, overwrites: &[Overwrite], own: u64) -> Result<(), Refusal> {
    for one in overwrites {
        let known = match one.kind {
            0 => world.guild.roles.contains_key(&one.id),
            _ => world.guild.members.contains_key(&one.id),
        };
        if !known {
            let problem =
                Problem::new(&["permission_overwrites"], "CHANNEL_PERMISSION_OVERWRITE_INVALID", "Unknown");
            return Err(
                Refusal::form(&[problem]).blamed(format!("an overwrite for {}, who is not there", one.id))
            );
        }
        let bits = one.allow | one.deny;
        if own & ADMINISTRATOR == 0 && (bits & !own != 0 || bits & MANAGE_ROLES != 0) {
            return Err(Refusal::missing_permissions());
        }
    }
    match overwrites.is_empty() {
        true => Ok(()),
        false => world.allowed_everywhere(MANAGE_ROLES),
    }
}

pub(super) fn set(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let channel = call.id("channel_id");
    world.seen(channel)?;
    world.allowed(channel, MANAGE_ROLES)?;
    let overwrite = one_of(call.slots.get("overwrite_id").map(String::as_str), &call.body);
    may_set(world, std::slice::from_ref(&overwrite), world.guild.permissions(world.bot.user, channel))?;
    change(world, channel, call, |list| {
        list.retain(|one| one.id != overwrite.id);
        list.push(overwrite);
    });
    Ok(Answer::done())
}

pub(super) fn delete(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let (channel, id) = (call.id("channel_id"), call.id("overwrite_id"));
    let there = world.seen(channel)?.overwrites.iter().any(|one| one.id == id);
    world.allowed(channel, MANAGE_ROLES)?;
    if !there {
        return Err(Refusal::unknown_overwrite());
    }
    change(world, channel, call, |list| list.retain(|one| one.id != id));
    Ok(Answer::done())
}

fn change(world: &mut World, id: Snowflake, call: &Call, how: impl FnOnce(&mut Vec<Overwrite>)) {
    if let Some(channel) = world.guild.channels.get_mut(&id) {
        how(&mut channel.overwrites);
        channel.reasons.extend(call.reason.clone());
    }
    let told = json_of(world, id);
    world.emit("CHANNEL_UPDATE", intent::GUILDS, told);
}
