//! People at their clients: they type, click, choose, fill in, write and react.

use std::sync::Arc;

use serde_json::{Value, json};

use super::asked::Asked;
use super::form::{filled, offered};
use super::shared::Shared;
use super::snowflake::Snowflake;
use super::typed;
use super::world::World;
use super::world::guild::Member;
use super::world::interaction::{AUTOCOMPLETE, COMMAND, COMPONENT, Interaction, MODAL};
use super::world::message::{Author, Message};
use super::world::permission::{
    SEND_MESSAGES, SEND_MESSAGES_IN_THREADS, USE_APPLICATION_COMMANDS, VIEW_CHANNEL,
};

/// Styles of buttons that lead away or to a shop instead of to the bot.
const LEADS_AWAY: [u64; 2] = [5, 6];

/// Somebody at their client.
///
/// What a client would not let them do fails the test: a command that is not registered, an option it does not have,
/// a button that is disabled or in a message they do not see.
#[derive(Clone, Debug)]
pub struct Person {
    shared: Arc<Shared>,
    id: Snowflake,
}

impl Person {
    pub(super) fn new(shared: Arc<Shared>, id: Snowflake) -> Self {
        Self { shared, id }
    }

    /// Their id.
    #[must_use]
    pub fn id(&self) -> Snowflake {
        self.id
    }

    /// Sends a command: `/incident declare title:502 on api severity:sev2`. A value goes on until the next option's
    /// name; people are `@name`, channels `#name`. Names may be the command's own or those of their language.
    ///
    /// # Panics
    ///
    /// When the client would not send it.
    #[must_use = "the bot must answer"]
    pub fn types(&self, line: &str, channel: Snowflake) -> Asked {
        sent(self.tries(line, channel))
    }

    /// The same for who is not sure that the client lets them.
    ///
    /// # Errors
    ///
    /// Why the client does not send it.
    pub fn tries(&self, line: &str, channel: Snowflake) -> Result<Asked, String> {
        self.command(line, channel, COMMAND)
    }

    /// Types the same and stops in the last option, which completes.
    ///
    /// # Panics
    ///
    /// When the option is not one that completes.
    #[must_use = "the bot must answer"]
    pub fn completes(&self, line: &str, channel: Snowflake) -> Asked {
        sent(self.command(line, channel, AUTOCOMPLETE))
    }

    fn command(&self, line: &str, channel: Snowflake, kind: u8) -> Result<Asked, String> {
        self.asks(|world, person| {
            if world.guild.permissions(person.id, channel) & USE_APPLICATION_COMMANDS == 0 {
                return Err(format!("{} may not use commands there", person.username));
            }
            let data = typed::data(world, person, line, kind == AUTOCOMPLETE)?;
            Ok(Question { kind, channel, data, message: None })
        })
    }

    /// Uses a message command, from the menu of a message.
    ///
    /// # Panics
    ///
    /// When there is no such command or no such message.
    #[must_use = "the bot must answer"]
    pub fn uses(&self, command: &str, message: Snowflake) -> Asked {
        sent(self.asks(|world, person| {
            let message = visible(world, person, message)?;
            let command = typed::find(world, 3, command, &person.locale)
                .ok_or_else(|| format!("no message command {command:?} is registered"))?;
            typed::may_use(world, person, command)?;
            let data = json!({
                "id": command["id"], "name": command["name"], "type": 3, "guild_id": world.guild.id,
                "target_id": message.id,
                "resolved": { "messages": { message.id.to_string(): world.message_json(message) } },
            });
            Ok(Question { kind: COMMAND, channel: message.channel, data, message: None })
        }))
    }

    /// Clicks a button, named by its `custom_id` or its label.
    ///
    /// # Panics
    ///
    /// When it cannot be clicked.
    #[must_use = "the bot must answer"]
    pub fn clicks(&self, message: Snowflake, button: &str) -> Asked {
        sent(self.tries_to_click(message, button))
    }

    /// The same for who is not sure that it can be clicked.
    ///
    /// # Errors
    ///
    /// Why the client does not do it.
    pub fn tries_to_click(&self, message: Snowflake, button: &str) -> Result<Asked, String> {
        self.asks(|world, person| {
            let message = visible(world, person, message)?;
            let button = enabled(message, button)?;
            if button["type"] != 2 || LEADS_AWAY.contains(&button["style"].as_u64().unwrap_or_default()) {
                return Err(format!("{button} is no button that asks the bot"));
            }
            let data = json!({ "custom_id": button["custom_id"], "component_type": 2, "id": button["id"] });
            Ok(Question { kind: COMPONENT, channel: message.channel, data, message: Some(message.id) })
        })
    }

    /// Chooses values in a select, named by its `custom_id`.
    ///
    /// # Panics
    ///
    /// When they cannot be chosen.
    #[must_use = "the bot must answer"]
    pub fn selects(&self, message: Snowflake, select: &str, values: &[&str]) -> Asked {
        sent(self.asks(|world, person| {
            let message = visible(world, person, message)?;
            let select = enabled(message, select)?;
            let mut data = json!({
                "custom_id": select["custom_id"], "component_type": select["type"], "id": select["id"],
                "values": values,
            });
            let bound =
                |name: &str| usize::try_from(select[name].as_u64().unwrap_or(1)).unwrap_or(usize::MAX);
            if !(bound("min_values")..=bound("max_values")).contains(&values.len()) {
                return Err(format!("{} values in {select}", values.len()));
            }
            match select["type"].as_u64() {
                Some(3) => offered(select, values)?,
                Some(5) => data["resolved"] = people(world, values),
                other => return Err(format!("a component of type {other:?} is no select the double plays")),
            }
            Ok(Question { kind: COMPONENT, channel: message.channel, data, message: Some(message.id) })
        }))
    }

    /// Sends off the form that was shown as an answer, with these fields filled in; others keep what stood in them.
    ///
    /// # Panics
    ///
    /// When there is no form, a field is not in it, or a text is too long or too short.
    #[must_use = "the bot must answer"]
    pub fn submits(&self, asked: &Asked, fields: &[(&str, &str)]) -> Asked {
        sent(self.tries_to_submit(asked, fields))
    }

    /// The same for who is not sure that the form can be sent off so.
    ///
    /// # Errors
    ///
    /// Why the client does not do it.
    pub fn tries_to_submit(&self, asked: &Asked, fields: &[(&str, &str)]) -> Result<Asked, String> {
        let interaction = asked.interaction();
        self.asks(|_, person| {
            let form =
                interaction.answer.as_ref().filter(|answer| answer.kind == 9).map(|answer| &answer.data);
            let form = form.ok_or("no form was shown")?;
            if interaction.person != person.id {
                return Err(format!("the form is not shown to {}", person.username));
            }
            let data = json!({ "custom_id": form["custom_id"], "components": filled(form, fields)? });
            Ok(Question { kind: MODAL, channel: interaction.channel, data, message: interaction.message })
        })
    }

    fn asks(
        &self,
        question: impl FnOnce(&World, &Member) -> Result<Question, String>,
    ) -> Result<Asked, String> {
        let id = self.shared.with(|world| {
            let person = world.guild.members.get(&self.id).cloned().ok_or("nobody there")?;
            let question = question(world, &person)?;
            if world.guild.permissions(person.id, question.channel) & VIEW_CHANNEL == 0 {
                return Err(format!("{} does not see the channel", person.username));
            }
            Ok::<_, String>(world.ask(&person, question))
        })?;
        Ok(Asked::new(Arc::clone(&self.shared), id))
    }

    /// Writes in a channel. The bot sees what was written only where it may.
    ///
    /// # Panics
    ///
    /// When they may not write there.
    pub fn says(&self, channel: Snowflake, text: &str) -> Snowflake {
        self.shared.with(|world| {
            let thread = world.guild.channels.get(&channel).is_some_and(|one| one.thread.is_some());
            let needed = if thread { SEND_MESSAGES_IN_THREADS } else { SEND_MESSAGES };
            assert!(world.guild.permissions(self.id, channel) & needed != 0, "may not write there");
            world.say(Author::Member(self.id), channel, text).id
        })
    }

    /// Reacts to a message.
    pub fn reacts(&self, message: Snowflake, emoji: &str) {
        self.shared.with(|world| world.react(message, emoji, self.id));
    }

    /// The messages of a channel they see, the oldest first; those for them alone among them.
    #[must_use]
    pub fn sees(&self, channel: Snowflake) -> Vec<Message> {
        self.shared.look(|world| {
            if world.guild.permissions(self.id, channel) & VIEW_CHANNEL == 0 {
                return Vec::new();
            }
            let here = world.messages.values().filter(|one| one.channel == channel && one.shown_to(self.id));
            here.cloned().collect()
        })
    }

    /// Whether a client of theirs made a sound for this message.
    #[must_use]
    pub fn was_notified(&self, message: Snowflake) -> bool {
        self.shared
            .look(|world| world.messages.get(&message).is_some_and(|one| one.notified.contains(&self.id)))
    }
}

fn sent(asked: Result<Asked, String>) -> Asked {
    asked.unwrap_or_else(|why| panic!("the client does not do that: {why}"))
}

/// What a client sends.
#[derive(Debug)]
pub(super) struct Question {
    kind: u8,
    channel: Snowflake,
    data: Value,
    message: Option<Snowflake>,
}

fn visible<'a>(world: &'a World, person: &Member, id: Snowflake) -> Result<&'a Message, String> {
    let message = world.messages.get(&id).filter(|message| message.shown_to(person.id));
    message.ok_or_else(|| format!("{} sees no message {id}", person.username))
}

fn enabled<'a>(message: &'a Message, named: &str) -> Result<&'a Value, String> {
    let control = message.control(named);
    let control = control.ok_or_else(|| format!("the message has no {named:?}: {:?}", message.components))?;
    match control["disabled"] == true {
        true => Err(format!("{named:?} is disabled")),
        false => Ok(control),
    }
}

fn people(world: &World, ids: &[&str]) -> Value {
    let mut resolved = json!({ "users": {}, "members": {} });
    let found = ids.iter().filter_map(|id| world.guild.members.get(&id.parse().ok()?));
    for person in found {
        resolved["users"][person.id.to_string()] = person.user();
        resolved["members"][person.id.to_string()] = person.without_user();
    }
    resolved
}

impl World {
    /// Sends what a client sends to the bot.
    fn ask(&mut self, person: &Member, question: Question) -> Snowflake {
        let (id, token) = (self.id(), self.secret());
        let payload = self.payload(person, &question, id, &token);
        let interaction = Interaction {
            id,
            token,
            kind: question.kind,
            person: person.id,
            channel: question.channel,
            message: question.message,
            payload: payload.clone(),
            asked: self.now(),
            answer: None,
            original: None,
            followups: Vec::new(),
            refused: Vec::new(),
        };
        self.interactions.insert(id, interaction);
        self.emit("INTERACTION_CREATE", 0, payload);
        id
    }

    fn payload(&self, person: &Member, question: &Question, id: Snowflake, token: &str) -> Value {
        let own = self.guild.permissions(self.bot.user, question.channel).to_string();
        let mut channel =
            self.guild.channels.get(&question.channel).map_or(Value::Null, |one| one.json(self.guild.id));
        let theirs = self.guild.permissions(person.id, question.channel).to_string();
        channel["permissions"] = json!(theirs);
        let mut member = person.json();
        member["permissions"] = json!(theirs);
        let mut payload = json!({
            "id": id, "application_id": self.bot.application, "type": question.kind, "token": token, "version": 1,
            "guild_id": self.guild.id, "channel_id": question.channel, "channel": channel,
            "guild": { "id": self.guild.id, "locale": self.guild.locale, "features": [] },
            "locale": person.locale, "guild_locale": self.guild.locale, "app_permissions": own,
            "entitlements": [], "entitlement_sku_ids": [],
            "authorizing_integration_owners": { "0": self.guild.id }, "context": 0,
            "attachment_size_limit": 10_485_760, "member": member, "data": question.data,
        });
        if let Some(message) = question.message.and_then(|id| self.messages.get(&id)) {
            payload["message"] = self.message_json(message);
        }
        payload
    }

    /// Somebody who is not the bot writes.
    pub(crate) fn say(&mut self, author: Author, channel: Snowflake, text: &str) -> Message {
        let id = self.id();
        let mut message = Message::written(id, channel, author, text, self.now());
        message.mentions = super::world::mention::Mentions::read(text);
        self.publish(message)
    }
}
