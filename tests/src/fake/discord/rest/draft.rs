//! What sending and editing have in common, whoever sends and by which door.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::super::gateway::intent;
use super::super::multipart::File;
use super::super::refusal::{Problem, Refusal};
use super::super::snowflake::Snowflake;
use super::super::world::World;
use super::super::world::mention::{Mentions, SILENT};
use super::super::world::message::{Attachment, Author, COMPONENTS_V2, EPHEMERAL, Message};

/// Flags somebody who sends may set; ephemeral ones come from interactions alone.
const SENDABLE: u64 = (1 << 2) | SILENT | COMPONENTS_V2;
/// Flags an edit may change.
const EDITABLE: u64 = (1 << 2) | COMPONENTS_V2;

/// A message to be, before it has an id.
pub(super) struct Draft<'a> {
    pub(super) author: Author,
    pub(super) channel: Snowflake,
    pub(super) fields: &'a Map<String, Value>,
    pub(super) files: &'a [File],
    /// The only one who will see it.
    pub(super) only: Option<Snowflake>,
    pub(super) interaction: Option<Snowflake>,
    /// The message it answers.
    pub(super) reply_to: Option<Snowflake>,
    /// Its id, where that is given: a forum's first message has its thread's.
    pub(super) id: Option<Snowflake>,
}

impl<'a> Draft<'a> {
    /// What the bot writes for all to see.
    pub(super) fn of_bot(
        world: &World,
        channel: Snowflake,
        fields: &'a Map<String, Value>,
        files: &'a [File],
    ) -> Self {
        let author = Author::Member(world.bot.user);
        Self { author, channel, fields, files, only: None, interaction: None, reply_to: None, id: None }
    }
}

impl World {
    /// Makes a message of a draft and puts it where it belongs.
    pub(super) fn post(&mut self, draft: Draft<'_>) -> Result<Message, Refusal> {
        let message = self.drawn(draft)?;
        if message.is_empty() {
            return Err(Refusal::empty_message());
        }
        Ok(self.publish(message))
    }

    pub(super) fn drawn(&mut self, draft: Draft<'_>) -> Result<Message, Refusal> {
        let mentions = mentions(draft.fields);
        let flags = draft.fields.get("flags").and_then(Value::as_u64).unwrap_or_default();
        let notified = match flags & SILENT == 0 && draft.only.is_none() {
            true => mentions.notified(&self.guild, speaker(self, &draft.author), draft.channel),
            false => BTreeSet::new(),
        };
        let id = draft.id.unwrap_or_else(|| self.id());
        let mut message = Message {
            kind: if draft.reply_to.is_some() { 19 } else { 0 },
            attachments: self.attached(draft.fields, draft.files)?,
            flags: (flags & SENDABLE) | if draft.only.is_some() { EPHEMERAL } else { 0 },
            nonce: draft.fields.get("nonce").filter(|nonce| !nonce.is_null()).cloned(),
            ephemeral_to: draft.only,
            interaction: draft.interaction,
            reply_to: draft.reply_to,
            notified,
            mentions,
            versions: Vec::new(),
            ..Message::written(id, draft.channel, draft.author, "", self.now())
        };
        message.take(draft.fields);
        message.keep_version(message.posted);
        Ok(message)
    }

    /// Puts a message into its channel and tells of it.
    pub(crate) fn publish(&mut self, message: Message) -> Message {
        let id = message.id;
        self.messages.insert(id, message.clone());
        if let Some(channel) = self.guild.channels.get_mut(&message.channel)
            && message.ephemeral_to.is_none()
        {
            channel.last_message = Some(id);
            if let Some(thread) = &mut channel.thread {
                thread.sent += 1;
                thread.archived = false;
            }
        }
        self.emit_message("MESSAGE_CREATE", id);
        message
    }

    /// Changes a message. Nobody is notified by an edit.
    pub(super) fn edit(
        &mut self,
        id: Snowflake,
        fields: &Map<String, Value>,
        files: &[File],
    ) -> Result<Message, Refusal> {
        let now = self.now();
        let added = self.attached(fields, files)?;
        let mut message = self.messages.get(&id).cloned().ok_or_else(Refusal::unknown_message)?;
        message.take(fields);
        message.attachments = kept(&message.attachments, fields.get("attachments"));
        message.attachments.extend(added);
        if fields.contains_key("content") {
            message.mentions = mentions(fields);
        }
        if let Some(flags) = fields.get("flags").and_then(Value::as_u64) {
            if message.flags & !flags & COMPONENTS_V2 != 0 {
                return Err(Refusal::form(&[v2_stays()]).blamed("components V2 cannot be taken back"));
            }
            message.flags = (message.flags & !EDITABLE) | (flags & EDITABLE);
        }
        if message.is_empty() {
            return Err(Refusal::empty_message());
        }
        message.edited = Some(now);
        message.keep_version(now);
        self.messages.insert(id, message.clone());
        self.emit_message("MESSAGE_UPDATE", id);
        Ok(message)
    }

    /// Files with the names their entries give them.
    fn attached(&mut self, fields: &Map<String, Value>, files: &[File]) -> Result<Vec<Attachment>, Refusal> {
        if files.len() > 10 {
            return Err(Refusal::too_many_attachments());
        }
        if files.iter().any(|file| file.bytes.len() > self.settings.limits.file) {
            return Err(Refusal::too_large());
        }
        let entries = fields.get("attachments").and_then(Value::as_array).cloned().unwrap_or_default();
        let named = |number: u64| {
            let number = number.to_string();
            entries.iter().find(|entry| entry["id"].as_str() == Some(&number))
        };
        let mut attached = Vec::new();
        for file in files {
            let entry = named(file.number).and_then(|entry| entry["filename"].as_str());
            attached.push(Attachment {
                id: self.id(),
                filename: entry.unwrap_or(&file.name).to_owned(),
                content_type: file.content_type.clone(),
                bytes: file.bytes.clone(),
            });
        }
        match entries.iter().find(|entry| !self.explains(entry, files)) {
            Some(entry) => Err(Refusal::form(&[Problem::new(
                &["attachments"],
                "ATTACHMENT_NOT_FOUND",
                format!("Attachment data not found {entry}"),
            )])
            .blamed("an attachment entry without its file")),
            None => Ok(attached),
        }
    }

    /// Whether an entry is about a file that came along, or about one that is there.
    fn explains(&self, entry: &Value, files: &[File]) -> bool {
        let id = entry["id"].as_str().unwrap_or_default();
        files.iter().any(|file| file.number.to_string() == id)
            || self.messages.values().flat_map(|one| &one.attachments).any(|one| one.id.to_string() == id)
    }

    /// Takes a message out of its channel.
    pub(crate) fn remove(&mut self, id: Snowflake) {
        let Some(message) = self.messages.remove(&id) else { return };
        if message.ephemeral_to.is_none() {
            let gone =
                serde_json::json!({ "id": id, "channel_id": message.channel, "guild_id": self.guild.id });
            self.emit("MESSAGE_DELETE", intent::GUILD_MESSAGES, gone);
        }
        self.deleted.push(message);
    }
}

/// Whose rights count for mentions: a webhook shouts with those of nobody.
fn speaker(world: &World, author: &Author) -> Snowflake {
    match author {
        Author::Member(id) => *id,
        Author::Webhook(..) => world.guild.owner,
    }
}

fn mentions(fields: &Map<String, Value>) -> Mentions {
    let content = fields.get("content").and_then(Value::as_str).unwrap_or_default();
    Mentions::read(content).allowed(fields.get("allowed_mentions").unwrap_or(&Value::Null))
}

/// Of the files that were there, those the edit names; all, where it names none.
fn kept(there: &[Attachment], named: Option<&Value>) -> Vec<Attachment> {
    let Some(named) = named.and_then(Value::as_array) else { return there.to_vec() };
    let wanted = |file: &&Attachment| named.iter().any(|entry| entry["id"] == file.id.to_string());
    there.iter().filter(wanted).cloned().collect()
}

fn v2_stays() -> Problem {
    Problem::new(&["flags"], "MESSAGE_COMPONENTS_V2_CANNOT_BE_REMOVED", "IS_COMPONENTS_V2 cannot be removed")
}
