//! The server's commands, set in one go.

use serde_json::{Value, json};

use super::super::answer::Answer;
use super::super::call::Call;
use super::super::refusal::Refusal;
use super::super::world::World;
use super::guilds::this_guild;

/// In which time new names are counted.
const DAY: std::time::Duration = std::time::Duration::from_hours(24);

pub(super) fn list(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    ours(world, call)?;
    Ok(Answer::json(json!(world.commands.set)))
}

pub(super) fn set(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    ours(world, call)?;
    let wanted = call.body.as_array().cloned().unwrap_or_default();
    let new = wanted.iter().filter(|command| before(world, command).is_none()).count();
    let now = world.now();
    if world.commands.created.count(now, DAY) + new > world.settings.limits.commands_a_day {
        return Err(Refusal::too_many_commands_today());
    }
    (0..new).for_each(|_| world.commands.created.note(now));
    let set: Vec<Value> = wanted.iter().map(|command| kept(world, command)).collect();
    world.commands.set.clone_from(&set);
    Ok(Answer::json(Value::Array(set)))
}

fn ours(world: &World, call: &Call) -> Result<(), Refusal> {
    if call.id("application_id") != world.bot.application {
        return Err(Refusal::unknown_application());
    }
    this_guild(world, call)
}

fn kind(command: &Value) -> u64 {
    command["type"].as_u64().unwrap_or(1)
}

/// The command of this name and kind that is there.
fn before<'a>(world: &'a World, command: &Value) -> Option<&'a Value> {
    let mut there = world.commands.set.iter();
    there.find(|one| one["name"] == command["name"] && kind(one) == kind(command))
}

/// The command as Discord keeps it: one of the same name and kind keeps its id.
fn kept(world: &mut World, command: &Value) -> Value {
    let id = before(world, command).map(|one| one["id"].clone());
    let mut kept = command.clone();
    kept["id"] = id.unwrap_or_else(|| json!(world.id()));
    kept["application_id"] = json!(world.bot.application);
    kept["guild_id"] = json!(world.guild.id);
    kept["version"] = json!(world.id());
    kept["type"] = json!(kind(command));
    kept["description"] = json!(command["description"].as_str().unwrap_or_default());
    kept["nsfw"] = json!(false);
    kept["default_member_permissions"] =
        command["default_member_permissions"].as_u64().map_or(Value::Null, |bits| json!(bits.to_string()));
    if let Some(fields) = kept.as_object_mut() {
        // Nulls that were sent come back as nulls only where the document has them.
        fields.retain(|key, value| !value.is_null() || key == "default_member_permissions");
    }
    kept
}
