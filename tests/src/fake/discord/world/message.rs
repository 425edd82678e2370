//! Messages, and all they ever were.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::super::snowflake::Snowflake;
use super::mention::Mentions;

/// Only the asker sees it.
pub(crate) const EPHEMERAL: u64 = 1 << 6;
/// "Lifeboat is thinking".
pub(crate) const LOADING: u64 = 1 << 7;
/// The new layout components; once on, for good.
pub(crate) const COMPONENTS_V2: u64 = 1 << 15;

/// A message as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its id.
    pub id: Snowflake,
    /// Where it is.
    pub channel: Snowflake,
    /// Who wrote it.
    pub author: Author,
    /// 0 ordinary, 6 "pinned a message", 18 "started a thread", 19 a reply, 20 the answer to a command.
    pub kind: u8,
    /// At most 2,000 characters.
    pub content: String,
    /// As they were sent.
    pub embeds: Vec<Value>,
    /// Rows of buttons and selects, with the numbers Discord gives them.
    pub components: Vec<Value>,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// Bits.
    pub flags: u64,
    /// What it was sent with, so that it is not sent twice.
    pub nonce: Option<Value>,
    /// When it came, since the double began.
    pub posted: Duration,
    /// When it was last edited.
    pub edited: Option<Duration>,
    /// Whether it is pinned.
    pub pinned: bool,
    /// Who reacted, by emoji.
    pub reactions: BTreeMap<String, BTreeSet<Snowflake>>,
    /// The only one who sees it.
    pub ephemeral_to: Option<Snowflake>,
    /// The interaction it answers.
    pub interaction: Option<Snowflake>,
    /// The message it answers.
    pub reply_to: Option<Snowflake>,
    /// Whose telephone rang when it came. Edits ring nobody.
    pub notified: BTreeSet<Snowflake>,
    /// Named in the content and allowed.
    pub(crate) mentions: Mentions,
    /// Everything it ever said, the newest last, with the moment.
    pub versions: Vec<(Duration, Version)>,
}

/// What a message said for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// See [`Message::content`].
    pub content: String,
    /// See [`Message::embeds`].
    pub embeds: Vec<Value>,
    /// See [`Message::components`].
    pub components: Vec<Value>,
}

/// Who writes.
#[derive(Clone, Debug, PartialEq)]
pub enum Author {
    /// A person or the bot.
    Member(Snowflake),
    /// Somebody who has the webhook's address, under a name of their choice.
    Webhook(Snowflake, String),
}

/// A file of a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Attachment {
    /// Its id.
    pub id: Snowflake,
    /// Its name.
    pub filename: String,
    /// What it is said to be.
    pub content_type: Option<String>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Message {
    /// An ordinary message with nothing but text.
    pub(crate) fn written(
        id: Snowflake,
        channel: Snowflake,
        author: Author,
        text: &str,
        at: Duration,
    ) -> Self {
        let mut message = Self {
            id,
            channel,
            author,
            kind: 0,
            content: text.trim().to_owned(),
            embeds: Vec::new(),
            components: Vec::new(),
            attachments: Vec::new(),
            flags: 0,
            nonce: None,
            posted: at,
            edited: None,
            pinned: false,
            reactions: BTreeMap::new(),
            ephemeral_to: None,
            interaction: None,
            reply_to: None,
            notified: BTreeSet::new(),
            mentions: Mentions::default(),
            versions: Vec::new(),
        };
        message.keep_version(at);
        message
    }

    /// How often it was edited.
    #[must_use]
    pub fn edits(&self) -> usize {
        self.versions.len().saturating_sub(1)
    }

    /// The buttons that lead to the bot or away, and selects, in order.
    pub fn controls(&self) -> impl Iterator<Item = &Value> {
        self.components.iter().flat_map(|row| row["components"].as_array().into_iter().flatten())
    }

    /// The button or select with this `custom_id`, or with this label.
    #[must_use]
    pub fn control(&self, named: &str) -> Option<&Value> {
        self.controls().find(|one| one["custom_id"] == named || one["label"] == named)
    }

    /// Content, titles, descriptions, fields and footers in the order they are read, a line each.
    #[must_use]
    pub fn text(&self) -> String {
        let mut lines = vec![self.content.clone()];
        for embed in &self.embeds {
            let line = |value: &Value| value.as_str().map(str::to_owned);
            lines.extend([line(&embed["title"]), line(&embed["description"])].into_iter().flatten());
            for field in embed["fields"].as_array().into_iter().flatten() {
                lines.extend([line(&field["name"]), line(&field["value"])].into_iter().flatten());
            }
            lines.extend(line(&embed["footer"]["text"]));
        }
        lines.retain(|line| !line.is_empty());
        lines.join("\n")
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.content.is_empty()
            && self.embeds.is_empty()
            && self.attachments.is_empty()
            && self.components.is_empty()
    }

    /// Takes over what the fields say; a field that is not there stays as it was.
    pub(crate) fn take(&mut self, fields: &Map<String, Value>) {
        if let Some(content) = fields.get("content") {
            content.as_str().unwrap_or_default().trim().clone_into(&mut self.content);
        }
        if let Some(embeds) = fields.get("embeds") {
            self.embeds = listed(embeds).map(rich).collect();
        }
        if let Some(components) = fields.get("components") {
            let mut count = 0;
            self.components = listed(components).map(|row| numbered(row, &mut count)).collect();
        }
    }

    pub(crate) fn keep_version(&mut self, at: Duration) {
        let version = Version {
            content: self.content.clone(),
            embeds: self.embeds.clone(),
            components: self.components.clone(),
        };
        self.versions.push((at, version));
    }

    pub(crate) fn is_private(&self) -> bool {
        self.ephemeral_to.is_some()
    }

    /// Whether somebody may see it at all.
    pub(crate) fn shown_to(&self, person: Snowflake) -> bool {
        self.ephemeral_to.is_none_or(|only| only == person)
    }
}

fn listed(value: &Value) -> impl Iterator<Item = Value> {
    value.as_array().cloned().unwrap_or_default().into_iter()
}

fn rich(mut embed: Value) -> Value {
    embed["type"] = json!("rich");
    for field in embed.get_mut("fields").and_then(Value::as_array_mut).into_iter().flatten() {
        if field["inline"].is_null() {
            field["inline"] = json!(false);
        }
    }
    embed
}

/// Discord gives every component without an id the next free number, and writes the defaults out.
fn numbered(mut component: Value, count: &mut u64) -> Value {
    *count += 1;
    if component["id"].is_null() {
        component["id"] = json!(*count);
    }
    if matches!(component["type"].as_u64(), Some(3 | 5..=8)) {
        for one in ["min_values", "max_values"]
            .into_iter()
            .filter(|one| component[one].is_null())
            .collect::<Vec<_>>()
        {
            component[one] = json!(1);
        }
    }
    if let Some(inside) = component["components"].as_array().cloned() {
        component["components"] = inside.into_iter().map(|one| numbered(one, count)).collect();
    } else if let Some(fields) = component.as_object_mut() {
        fields.remove("components");
    }
    component
}
