//! What somebody did in Discord, as a typed value. Read twice: first the few fields without which nobody can be
//! answered, then the whole in serenity's types, which are stricter than Discord's promises. Pure.

use lifeboat_commands::parse::{self, Values};
use lifeboat_commands::table::{self, OptionSpec, Spec};
use serde::Deserialize;
use serde_json::Value;
use serenity::model::application::{CommandDataOption, CommandDataOptionValue, CommandType, Interaction};
use serenity::model::id::{ChannelId, GuildId, InteractionId, MessageId};

use super::form;
use super::register::TO_TIMELINE;
use super::render::VERSION;
use crate::say::Lang;

/// Who did it, as the payload says at that moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Id of the account.
    pub id: u64,
    /// Its name, unique in the server at that moment; untrusted.
    pub name: String,
    /// The roles it has in the guild.
    pub roles: Vec<u64>,
}

/// A user's unique name: the number behind it belongs to it where there still is one.
#[must_use]
pub fn unique_name(username: &str, discriminator: &str) -> String {
    match discriminator {
        "" | "0" | "0000" => username.to_owned(),
        number => format!("{username}#{number}"),
    }
}

/// Without these nobody can be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The interaction; also when it was made.
    pub id: InteractionId,
    /// With what it is answered; a secret for fifteen minutes.
    pub token: String,
    /// In which guild; none in a private message.
    pub guild: Option<GuildId>,
    /// In which channel.
    pub channel: Option<ChannelId>,
    /// The language of whoever did it.
    pub lang: Lang,
    /// Who.
    pub account: Account,
    /// What the command is called, or what the button carries.
    pub name: String,
    kind: u8,
}

/// What somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wants {
    /// A command with its values.
    Command {
        /// Which.
        spec: &'static Spec,
        /// Its values.
        values: Values,
    },
    /// What may be typed for an option.
    Completion {
        /// Of which command.
        spec: &'static Spec,
        /// Which option.
        option: &'static OptionSpec,
        /// What is typed so far.
        typed: String,
        /// What is given beside it.
        beside: Values,
    },
    /// A form for what a button's command lacks.
    Form {
        /// Which command.
        spec: &'static Spec,
        /// What the button gives.
        values: Values,
        /// The line it carries.
        line: String,
    },
    /// A message put on the timeline.
    ToTimeline(Target),
    /// A button of a version before or after this one, or a command that is no more.
    Outdated,
}

/// A message that was pointed at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its id; also when it was sent.
    pub id: MessageId,
    /// Who wrote it; untrusted.
    pub author: String,
    /// What it says; empty where Discord does not tell. Untrusted.
    pub text: String,
    /// How many files it has.
    pub files: usize,
}

#[derive(Deserialize)]
struct RawUser {
    id: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    discriminator: String,
}

#[derive(Deserialize)]
struct RawMember {
    user: RawUser,
    #[serde(default)]
    roles: Vec<String>,
}

#[derive(Deserialize)]
struct Raw {
    id: String,
    token: String,
    #[serde(rename = "type")]
    kind: u8,
    guild_id: Option<String>,
    channel_id: Option<String>,
    locale: Option<String>,
    member: Option<RawMember>,
    user: Option<RawUser>,
    #[serde(default)]
    data: Value,
}

fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|id| *id > 0)
}

impl Envelope {
    /// Reads the fields without which nobody can be answered; none where one is missing.
    #[must_use]
    pub fn read(data: &Value) -> Option<Self> {
        let raw = Raw::deserialize(data).ok()?;
        let (user, roles) = match (raw.member, raw.user) {
            (Some(member), _) => (member.user, member.roles),
            (None, user) => (user?, Vec::new()),
        };
        let name = raw.data["name"].as_str().or_else(|| raw.data["custom_id"].as_str()).unwrap_or_default();
        let id = |text: Option<String>| text.as_deref().and_then(number);
        Some(Self {
            id: InteractionId::new(number(&raw.id)?),
            token: raw.token,
            guild: id(raw.guild_id).map(GuildId::new),
            channel: id(raw.channel_id).map(ChannelId::new),
            lang: raw.locale.and_then(|locale| locale.parse().ok()).unwrap_or_default(),
            account: Account {
                id: number(&user.id)?,
                name: unique_name(&user.username, &user.discriminator),
                roles: roles.iter().filter_map(|role| number(role)).collect(),
            },
            name: name.to_owned(),
            kind: raw.kind,
        })
    }

    /// It asks for completion: it can be answered with choices and nothing else.
    #[must_use]
    pub fn completes(&self) -> bool {
        self.kind == 4
    }

    /// A word by which people and logs name it: the end of its id.
    #[must_use]
    pub fn reference(&self) -> String {
        format!("D-{:06}", self.id.get() % 1_000_000)
    }

    /// What is wanted. `None` where this version cannot tell.
    #[must_use]
    pub fn wants(&self, data: &Value) -> Option<Wants> {
        match self.kind {
            2 | 4 => match Interaction::deserialize(data).ok()? {
                Interaction::Command(command) if command.data.kind == CommandType::Message => {
                    to_timeline(&command.data)
                }
                Interaction::Command(command) => chosen(&command.data.name, &command.data.options),
                Interaction::Autocomplete(command) => typing(&command.data.name, &command.data.options),
                _ => None,
            },
            3 => Some(pressed(&self.name)),
            5 => Some(filled(&self.name, &data["data"]["components"])),
            _ => None,
        }
    }
}

fn to_timeline(data: &serenity::model::application::CommandData) -> Option<Wants> {
    if data.name != TO_TIMELINE {
        return Some(Wants::Outdated);
    }
    let id = data.target_id?.to_message_id();
    let message = data.resolved.messages.get(&id)?;
    Some(Wants::ToTimeline(Target {
        id,
        author: message.author.name.clone(),
        text: message.content.clone(),
        files: message.attachments.len(),
    }))
}

/// The verb below a noun, and what was given to it.
fn verb<'a>(
    noun: &str,
    options: &'a [CommandDataOption],
) -> Option<(&'static Spec, &'a [CommandDataOption])> {
    options.iter().find_map(|option| match &option.value {
        CommandDataOptionValue::SubCommand(inner) => {
            Some((table::find(noun, &option.name)?, inner.as_slice()))
        }
        _ => None,
    })
}

fn chosen(noun: &str, options: &[CommandDataOption]) -> Option<Wants> {
    let Some((spec, given)) = verb(noun, options) else { return Some(Wants::Outdated) };
    let mut values = Values::new();
    for one in given {
        let Some(option) = spec.option(&one.name) else { return Some(Wants::Outdated) };
        values.insert(option.name, given_value(&one.value)?);
    }
    Some(Wants::Command { spec, values })
}

fn given_value(value: &CommandDataOptionValue) -> Option<String> {
    match value {
        CommandDataOptionValue::String(text) => Some(text.clone()),
        CommandDataOptionValue::Integer(number) => Some(number.to_string()),
        CommandDataOptionValue::Number(number) => Some(number.to_string()),
        CommandDataOptionValue::Boolean(yes) => Some(yes.to_string()),
        _ => None,
    }
}

fn typing(noun: &str, options: &[CommandDataOption]) -> Option<Wants> {
    let Some((spec, given)) = verb(noun, options) else { return Some(Wants::Outdated) };
    let beside =
        given.iter().filter_map(|one| Some((spec.option(&one.name)?.name, given_value(&one.value)?)));
    let beside: Values = beside.collect();
    given.iter().find_map(|one| match &one.value {
        CommandDataOptionValue::Autocomplete { value, .. } => {
            let (option, typed) = (spec.option(&one.name)?, value.clone());
            Some(Wants::Completion { spec, option, typed, beside: beside.clone() })
        }
        _ => None,
    })
}

/// A button carries its command line. One that ends in a blank, or lacks what must be there, asks for the rest, if
/// there is any: a form without a field is refused there.
fn pressed(custom_id: &str) -> Wants {
    let Some((line, spec, values)) = carried(custom_id) else { return Wants::Outdated };
    let lacks = spec.options.iter().any(|option| option.required && !values.contains_key(option.name));
    if lacks || (line.ends_with(' ') && form::asks(spec, &values)) {
        return Wants::Form { spec, values, line };
    }
    Wants::Command { spec, values }
}

fn carried(custom_id: &str) -> Option<(String, &'static Spec, Values)> {
    let line = custom_id.strip_prefix(VERSION)?.to_owned();
    let (spec, values) = parse::given(&line).ok()?;
    Some((line, spec, values))
}

/// A form: what its button gave, and what was typed. Both shapes of a form's fields are read: rows, and labels.
fn filled(custom_id: &str, components: &Value) -> Wants {
    let Some((_, spec, mut values)) = carried(custom_id) else { return Wants::Outdated };
    let mut typed = Vec::new();
    fields(components, &mut typed);
    for (name, text) in typed {
        let Some(option) = spec.option(&name) else { return Wants::Outdated };
        if !text.trim().is_empty() {
            values.insert(option.name, text);
        }
    }
    Wants::Command { spec, values }
}

fn fields(components: &Value, found: &mut Vec<(String, String)>) {
    for one in components.as_array().into_iter().flatten() {
        if let (Some(name), Some(text)) = (one["custom_id"].as_str(), one["value"].as_str()) {
            found.push((name.to_owned(), text.to_owned()));
        }
        fields(&one["components"], found);
        fields(&Value::Array(one.get("component").cloned().into_iter().collect()), found);
    }
}

#[cfg(test)]
mod tests;
