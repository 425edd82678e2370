//! Everything the double knows: one server, what is written in it, who is connected.

pub mod channel;
mod deeds;
mod furniture;
pub mod guild;
pub mod interaction;
pub(crate) mod mention;
pub mod message;
pub(crate) mod pace;
pub mod permission;
pub(crate) mod webhook;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};

use self::channel::Channel;
use self::guild::{Guild, Member};
use self::interaction::{COMMAND, COMPONENT, Interaction, MODAL};
use self::message::{Author, Message};
use self::permission::VIEW_CHANNEL;
use self::webhook::Webhook;
use super::fault::Faults;
use super::gateway::hub::Hub;
use super::gateway::intent;
use super::limit::Buckets;
use super::received::Received;
use super::refusal::Refusal;
use super::settings::Settings;
use super::snowflake::Snowflake;
use super::time::Timekeeper;
use crate::traffic::seeded::Seeded;

/// The whole double without its sockets. Requests and gateway payloads are worked on one after the other.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) time: Timekeeper,
    pub(crate) chance: Seeded,
    ids: u64,
    pub(crate) bot: Bot,
    pub(crate) guild: Guild,
    pub(crate) messages: BTreeMap<Snowflake, Message>,
    /// Messages that are gone, for tests that ask what was.
    pub(crate) deleted: Vec<Message>,
    pub(crate) interactions: BTreeMap<Snowflake, Interaction>,
    pub(crate) commands: Commands,
    pub(crate) webhooks: BTreeMap<Snowflake, Webhook>,
    pub(crate) hub: Hub,
    pub(crate) buckets: Buckets,
    pub(crate) faults: Faults,
    pub(crate) received: Vec<Received>,
    pub(crate) violations: Vec<String>,
    /// `http://127.0.0.1:PORT` and the two addresses of the gateway.
    pub(crate) addresses: Addresses,
}

/// The bot's account.
#[derive(Clone, Debug)]
pub(crate) struct Bot {
    pub(crate) user: Snowflake,
    pub(crate) application: Snowflake,
    pub(crate) role: Snowflake,
    pub(crate) token: String,
    /// False after it was thrown out.
    pub(crate) in_guild: bool,
}

/// Where the double listens.
#[derive(Clone, Debug, Default)]
pub(crate) struct Addresses {
    pub(crate) http: String,
    pub(crate) gateway: String,
    pub(crate) resume: String,
}

/// Commands of the server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Commands {
    /// As answered to the bot: with ids.
    pub(crate) set: Vec<Value>,
    /// When each new name came.
    pub(crate) created: pace::Pace,
}

impl World {
    pub(crate) fn new(settings: Settings, addresses: Addresses) -> Self {
        let time = Timekeeper::starting_at(settings.began);
        let id = |count| Snowflake::at(settings.began, count);
        let bot = Bot {
            user: id(0),
            application: id(1),
            role: id(2),
            token: settings.token.clone(),
            in_guild: true,
        };
        let guild = furniture::guild(&settings, id(3), &bot, id(4));
        let mut world = Self {
            chance: Seeded::new(settings.seed, 0xD15C),
            hub: Hub::new(settings.gateway.identifies),
            buckets: Buckets::new(settings.seed, settings.limits),
            settings,
            time,
            ids: 5,
            bot,
            guild,
            messages: BTreeMap::new(),
            deleted: Vec::new(),
            interactions: BTreeMap::new(),
            commands: Commands::default(),
            webhooks: BTreeMap::new(),
            faults: Faults::default(),
            received: Vec::new(),
            violations: Vec::new(),
            addresses,
        };
        if world.settings.furnished {
            world.furnish();
        }
        world
    }

    pub(crate) fn now(&self) -> Duration {
        self.time.now()
    }

    pub(crate) fn id(&mut self) -> Snowflake {
        self.ids += 1;
        Snowflake::at(self.time.wall(self.time.now()), self.ids)
    }

    pub(crate) fn secret(&mut self) -> String {
        format!("{:016x}{:016x}", self.chance.bits(), self.chance.bits())
    }

    /// Notes down what the bot should not have done. Every one fails the test at its end.
    pub(crate) fn blame(&mut self, what: impl Into<String>) {
        self.violations.push(what.into());
    }

    /// The channel, if the bot may see it.
    pub(crate) fn seen(&self, channel: Snowflake) -> Result<&Channel, Refusal> {
        let found = self.guild.channels.get(&channel).ok_or_else(Refusal::unknown_channel)?;
        self.allowed(channel, VIEW_CHANNEL).map_err(|_| Refusal::missing_access())?;
        Ok(found)
    }

    /// Whether the bot has all these rights in the channel.
    pub(crate) fn allowed(&self, channel: Snowflake, bits: u64) -> Result<(), Refusal> {
        if !self.bot.in_guild {
            return Err(Refusal::missing_access());
        }
        match self.guild.permissions(self.bot.user, channel) & bits == bits {
            true => Ok(()),
            false => Err(Refusal::missing_permissions()),
        }
    }

    /// Whether the bot has all these rights on the server.
    pub(crate) fn allowed_everywhere(&self, bits: u64) -> Result<(), Refusal> {
        match self.bot.in_guild && self.guild.base(self.bot.user) & bits == bits {
            true => Ok(()),
            false => Err(Refusal::missing_permissions()),
        }
    }

    pub(crate) fn message(&self, channel: Snowflake, id: Snowflake) -> Result<&Message, Refusal> {
        let message = self.messages.get(&id).filter(|message| message.channel == channel);
        message.filter(|message| message.ephemeral_to.is_none()).ok_or_else(Refusal::unknown_message)
    }

    pub(crate) fn is_bots(&self, message: &Message) -> bool {
        message.author == Author::Member(self.bot.user)
    }

    pub(crate) fn author(&self, author: &Author) -> Value {
        match author {
            Author::Member(id) => {
                self.guild.members.get(id).map_or_else(|| guild::user(*id, "gone", false), Member::user)
            }
            Author::Webhook(id, name) => json!({
                "id": id, "username": name, "avatar": null, "discriminator": "0000", "public_flags": 0,
                "flags": 0, "global_name": null, "primary_guild": null, "bot": true,
            }),
        }
    }

    /// Files of a message, as they are told.
    fn files(&self, message: &Message) -> Vec<Value> {
        let told = |file: &message::Attachment| {
            let place = format!("attachments/{}/{}/{}", message.channel, file.id, file.filename);
            json!({
                "id": file.id, "filename": file.filename, "size": file.bytes.len(),
                "url": format!("{}/{place}", self.addresses.http),
                "proxy_url": format!("{}/{place}", self.addresses.http),
                "content_type": file.content_type, "content_scan_version": 1,
            })
        };
        message.attachments.iter().map(told).collect()
    }

    pub(crate) fn message_json(&self, message: &Message) -> Value {
        let users = message.mentions.users.iter().filter_map(|id| self.guild.members.get(id));
        let mut json = json!({
            "id": message.id, "channel_id": message.channel, "type": message.kind,
            "author": self.author(&message.author), "content": message.content, "embeds": message.embeds,
            "components": message.components, "attachments": self.files(message), "flags": message.flags,
            "timestamp": self.time.written(message.posted),
            "edited_timestamp": message.edited.map(|at| self.time.written(at)),
            "mentions": users.map(Member::user).collect::<Vec<_>>(), "mention_roles": message.mentions.roles,
            "mention_everyone": message.mentions.everyone, "pinned": message.pinned, "tts": false,
        });
        self.rarer(message, &mut json);
        json
    }

    /// What only some messages have.
    fn rarer(&self, message: &Message, json: &mut Value) {
        if let Some(nonce) = &message.nonce {
            json["nonce"] = nonce.clone();
        }
        if !message.reactions.is_empty() {
            json["reactions"] =
                message.reactions.iter().map(|(emoji, who)| self.reaction(emoji, who)).collect();
        }
        if let Author::Webhook(id, _) = &message.author {
            json["webhook_id"] = json!(id);
        }
        if let Some(to) = message.reply_to {
            json["message_reference"] = json!({
                "type": 0, "message_id": to, "channel_id": message.channel, "guild_id": self.guild.id,
            });
        }
        if let Some(thread) = self.guild.channels.get(&message.id) {
            json["thread"] = thread.json(self.guild.id);
        }
        if let Some(asked) = message.interaction.and_then(|id| self.interactions.get(&id)) {
            json["application_id"] = json!(self.bot.application);
            json["webhook_id"] = json!(self.bot.application);
            json["interaction_metadata"] = self.metadata(asked);
        }
    }

    /// From what a message came: a click says of which message, a form of which click or command.
    fn metadata(&self, asked: &Interaction) -> Value {
        let mut json = json!({
            "id": asked.id, "type": asked.kind, "user": self.author(&Author::Member(asked.person)),
            "authorizing_integration_owners": { "0": self.guild.id },
        });
        if let (COMPONENT, Some(message)) = (asked.kind, asked.message) {
            json["interacted_message_id"] = json!(message);
        }
        if asked.kind == MODAL {
            let kind = if asked.message.is_some() { COMPONENT } else { COMMAND };
            json["triggering_interaction_metadata"] = self.metadata(&Interaction { kind, ..asked.clone() });
        }
        json
    }

    fn reaction(&self, emoji: &str, who: &BTreeSet<Snowflake>) -> Value {
        json!({
            "emoji": { "id": null, "name": emoji }, "count": who.len(),
            "count_details": { "burst": 0, "normal": who.len() }, "burst_colors": [], "me_burst": false,
            "burst_me": false, "burst_count": 0, "me": who.contains(&self.bot.user),
        })
    }

    /// Tells everybody who is connected and asked for it.
    pub(crate) fn emit(&mut self, kind: &str, needs: u64, data: Value) {
        self.emit_to_each(kind, needs, |_| data.clone());
    }

    /// A message as an event: without its content for those who may not read it.
    pub(crate) fn emit_message(&mut self, kind: &str, id: Snowflake) {
        let Some(message) = self.messages.get(&id) else { return };
        if message.ephemeral_to.is_some() || self.allowed(message.channel, VIEW_CHANNEL).is_err() {
            return;
        }
        let mut data = self.message_json(message);
        data["guild_id"] = json!(self.guild.id);
        if let Author::Member(id) = message.author {
            data["member"] = self.guild.members.get(&id).map_or(Value::Null, Member::without_user);
        }
        let ours = self.is_for_the_bot(message);
        self.emit_to_each(kind, intent::GUILD_MESSAGES, |intents| {
            let data = data.clone();
            if ours || intents & intent::MESSAGE_CONTENT != 0 { data } else { without_content(data) }
        });
    }

    /// A message as who asks for it reads it: what others wrote has no content without the switch for it.
    pub(crate) fn readable(&self, message: &Message) -> Value {
        let json = self.message_json(message);
        let all = self.settings.privileged_intents & intent::MESSAGE_CONTENT != 0;
        if all || self.is_for_the_bot(message) { json } else { without_content(json) }
    }

    fn is_for_the_bot(&self, message: &Message) -> bool {
        self.is_bots(message) || message.mentions.users.contains(&self.bot.user)
    }

    fn emit_to_each(&mut self, kind: &str, needs: u64, data: impl Fn(u64) -> Value) {
        if self.bot.in_guild || kind == "GUILD_DELETE" {
            self.hub.dispatch(kind, needs, data, &mut self.chance);
        }
    }
}

fn without_content(mut message: Value) -> Value {
    message["content"] = json!("");
    for field in ["embeds", "components", "attachments"] {
        message[field] = json!([]);
    }
    message
}
