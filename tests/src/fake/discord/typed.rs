//! From what a person types to what their client sends: only commands that are there, only options they have.

use serde_json::{Value, json};

use super::snowflake::Snowflake;
use super::world::World;
use super::world::guild::Member;
use super::world::permission;

const SUB_COMMAND: u64 = 1;
const GROUP: u64 = 2;

/// The `data` of the interaction for a line such as `/incident declare title:502 on api severity:sev2`.
///
/// With `focus`, the last option is still being typed.
///
/// # Errors
///
/// Why the client would not send it.
pub(crate) fn data(world: &World, person: &Member, line: &str, focus: bool) -> Result<Value, String> {
    let line = line.strip_prefix('/').ok_or_else(|| format!("{line:?} is no command"))?;
    let (name, rest) = cut(line);
    let command =
        find(world, 1, name, &person.locale).ok_or_else(|| format!("no command /{name} is registered"))?;
    may_use(world, person, command)?;
    let mut data = json!({
        "id": command["id"], "name": command["name"], "type": 1, "guild_id": world.guild.id,
    });
    let reader = Reader { world, locale: &person.locale, focus };
    let mut resolved = json!({});
    let options = reader.below(command, rest, &mut resolved)?;
    if !options.is_empty() {
        data["options"] = Value::Array(options);
    }
    if resolved.as_object().is_some_and(|maps| !maps.is_empty()) {
        data["resolved"] = resolved;
    }
    Ok(data)
}

/// The command of this kind and name, in the person's language or by its own.
pub(crate) fn find<'a>(world: &'a World, kind: u64, name: &str, locale: &str) -> Option<&'a Value> {
    world.commands.set.iter().find(|one| one["type"] == kind && is_named(one, name, locale))
}

/// Whether the client shows the command to this person at all.
pub(crate) fn may_use(world: &World, person: &Member, command: &Value) -> Result<(), String> {
    let needed: u64 = match command["default_member_permissions"].as_str() {
        Some(bits) => bits.parse().map_err(|_| format!("rights {bits:?}"))?,
        None => return Ok(()),
    };
    let own = permission::base(&world.guild, person);
    let enough = if needed == 0 { own & permission::ADMINISTRATOR != 0 } else { own & needed == needed };
    match enough || own & permission::ADMINISTRATOR != 0 {
        true => Ok(()),
        false => Err(format!("{} does not see {}", person.username, command["name"])),
    }
}

fn is_named(one: &Value, name: &str, locale: &str) -> bool {
    one["name"] == name || one["name_localizations"][locale] == name
}

fn cut(line: &str) -> (&str, &str) {
    line.trim().split_once(' ').map_or((line.trim(), ""), |(word, rest)| (word, rest.trim()))
}

struct Reader<'a> {
    world: &'a World,
    locale: &'a str,
    focus: bool,
}

impl Reader<'_> {
    fn below(&self, parent: &Value, rest: &str, resolved: &mut Value) -> Result<Vec<Value>, String> {
        let options: Vec<&Value> = parent["options"].as_array().into_iter().flatten().collect();
        if !options.iter().any(|one| matches!(one["type"].as_u64(), Some(SUB_COMMAND | GROUP))) {
            return self.given(&options, rest, resolved);
        }
        let (name, rest) = cut(rest);
        let sub = options.iter().find(|one| is_named(one, name, self.locale));
        let sub = sub.ok_or_else(|| format!("{} has no sub-command {name:?}", parent["name"]))?;
        let inside = self.below(sub, rest, resolved)?;
        Ok(vec![json!({ "name": sub["name"], "type": sub["type"], "options": inside })])
    }

    /// Options as `name:value`; a value goes on until the next name.
    fn given(&self, options: &[&Value], rest: &str, resolved: &mut Value) -> Result<Vec<Value>, String> {
        let mut given: Vec<(&Value, String)> = Vec::new();
        for word in rest.split(' ').filter(|word| !word.is_empty()) {
            let named = word.split_once(':').and_then(|(name, value)| {
                options
                    .iter()
                    .find(|one| is_named(one, name, self.locale))
                    .map(|one| (*one, value.to_owned()))
            });
            match (named, given.last_mut()) {
                (Some(option), _) => given.push(option),
                (None, Some((_, value))) => value.extend([" ", word]),
                (None, None) => return Err(format!("no option is named as in {word:?}")),
            }
        }
        let missing =
            |one: &&&Value| one["required"] == true && !given.iter().any(|(option, _)| option == *one);
        if let Some(missing) = options.iter().find(missing).filter(|_| !self.focus) {
            return Err(format!("{} must be given", missing["name"]));
        }
        let last = given.len().saturating_sub(1);
        let mut told = Vec::new();
        for (index, (option, value)) in given.iter().enumerate() {
            told.push(match self.focus && index == last {
                true => self.focused(option, value)?,
                false => {
                    let value = self.value(option, value, resolved)?;
                    json!({ "name": option["name"], "type": option["type"], "value": value })
                }
            });
        }
        Ok(told)
    }

    fn focused(&self, option: &Value, value: &str) -> Result<Value, String> {
        match option["autocomplete"] == true {
            true => {
                Ok(json!({ "name": option["name"], "type": option["type"], "value": value, "focused": true }))
            }
            false => Err(format!("{} completes nothing", option["name"])),
        }
    }

    fn value(&self, option: &Value, text: &str, resolved: &mut Value) -> Result<Value, String> {
        let choices = option["choices"].as_array().filter(|choices| !choices.is_empty());
        if let Some(choices) = choices {
            let chosen = choices.iter().find(|one| {
                one["value"].to_string().trim_matches('"') == text || is_named(one, text, self.locale)
            });
            return chosen
                .map(|one| one["value"].clone())
                .ok_or_else(|| format!("{text:?} is no choice of {}", option["name"]));
        }
        let wrong = || format!("{text:?} for {}", option["name"]);
        match option["type"].as_u64() {
            Some(3) => short_enough(option, text),
            Some(4) => text.parse::<i64>().map(Value::from).map_err(|_| wrong()),
            Some(5) => text.parse::<bool>().map(Value::from).map_err(|_| wrong()),
            Some(10) => text.parse::<f64>().map(Value::from).map_err(|_| wrong()),
            Some(6) => self.person(text, resolved).ok_or_else(wrong),
            Some(7) => self.channel(text, resolved).ok_or_else(wrong),
            Some(8) => self.role(text, resolved).ok_or_else(wrong),
            other => Err(format!("an option of type {other:?}, which the double does not type")),
        }
    }

    fn person(&self, text: &str, resolved: &mut Value) -> Option<Value> {
        let name = text.trim_start_matches('@');
        let found = self.world.guild.members.values().find(|one| one.username == name)?;
        let id = found.id.to_string();
        resolved["users"][&id] = found.user();
        resolved["members"][&id] = found.without_user();
        resolved["members"][&id]["permissions"] = json!(self.world.guild.base(found.id).to_string());
        Some(json!(id))
    }

    fn channel(&self, text: &str, resolved: &mut Value) -> Option<Value> {
        let name = text.trim_start_matches('#');
        let found = self.world.guild.channels.values().find(|one| one.name == name)?;
        let id = found.id.to_string();
        resolved["channels"][&id] = found.json(self.world.guild.id);
        resolved["channels"][&id]["permissions"] = json!("0");
        Some(json!(id))
    }

    fn role(&self, text: &str, resolved: &mut Value) -> Option<Value> {
        let name = text.trim_start_matches('@');
        let found: Option<Snowflake> =
            self.world.guild.roles.values().find(|one| one.name == name).map(|one| one.id);
        let role = &self.world.guild.roles[&found?];
        resolved["roles"][role.id.to_string()] = role.json();
        Some(json!(role.id))
    }
}

fn short_enough(option: &Value, text: &str) -> Result<Value, String> {
    let bound = |name: &str, without: u64| option[name].as_u64().unwrap_or(without);
    let (least, most) = (bound("min_length", 0), bound("max_length", 6_000));
    match (least..=most).contains(&(text.chars().count() as u64)) {
        true => Ok(json!(text)),
        false => Err(format!("{} takes {least} to {most} characters", option["name"])),
    }
}
