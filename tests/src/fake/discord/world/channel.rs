//! Channels, categories and threads.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::snowflake::Snowflake;
use super::pace::Pace;

/// A text channel.
pub const TEXT: u8 = 0;
/// A category of channels.
pub const CATEGORY: u8 = 4;
/// A channel whose messages others may follow.
pub const ANNOUNCEMENT: u8 = 5;
/// A thread everybody sees.
pub const PUBLIC_THREAD: u8 = 11;
/// A thread by invitation.
pub const PRIVATE_THREAD: u8 = 12;
/// A channel of posts, each a thread.
pub const FORUM: u8 = 15;

/// A place for messages, or for such places.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// Its id.
    pub id: Snowflake,
    /// See [`TEXT`] and the others.
    pub kind: u8,
    /// As Discord keeps it: a text channel's has no capitals and no spaces.
    pub name: String,
    /// What it is about.
    pub topic: Option<String>,
    /// Its category, or what the thread hangs on.
    pub parent: Option<Snowflake>,
    /// Order in the list.
    pub position: u32,
    /// Rights that differ here.
    pub overwrites: Vec<Overwrite>,
    /// What makes it a thread.
    pub thread: Option<Thread>,
    /// A forum's words, with their ids.
    pub tags: Vec<(Snowflake, String)>,
    /// The newest message in it, gone or not.
    pub last_message: Option<Snowflake>,
    /// Reasons given for what was done to it, in order.
    pub reasons: Vec<String>,
    /// Names and topics it had, with the moments they came.
    pub renamed: Vec<(Duration, String)>,
    pub(crate) renames: Pace,
    pub(crate) old_edits: Pace,
}

/// Rights of a role or a person that differ in a channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Overwrite {
    /// Role or person.
    pub id: Snowflake,
    /// 0 a role, 1 a person.
    pub kind: u8,
    /// Bits that are given.
    pub allow: u64,
    /// Bits that are taken.
    pub deny: u64,
}

/// What a thread has beside a channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Thread {
    /// Who opened it.
    pub owner: Snowflake,
    /// Out of sight until somebody writes.
    pub archived: bool,
    /// Only moderators may write.
    pub locked: bool,
    /// Minutes without a message after which it goes out of sight.
    pub auto_archive: u32,
    /// Messages sent in it, gone or not.
    pub sent: u32,
    /// A forum post's words.
    pub tags: Vec<Snowflake>,
    /// When it was last archived or brought back, as Discord writes it.
    pub since: String,
}

impl Channel {
    pub(crate) fn new(id: Snowflake, kind: u8, name: &str) -> Self {
        Self {
            id,
            kind,
            name: normalised(kind, name),
            topic: None,
            parent: None,
            position: 0,
            overwrites: Vec::new(),
            thread: None,
            tags: Vec::new(),
            last_message: None,
            reasons: Vec::new(),
            renamed: Vec::new(),
            renames: Pace::default(),
            old_edits: Pace::default(),
        }
    }

    /// Whether people write in it.
    pub(crate) fn holds_messages(&self) -> bool {
        matches!(self.kind, TEXT | ANNOUNCEMENT | PUBLIC_THREAD | PRIVATE_THREAD)
    }

    pub(crate) fn is_active_thread(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.archived)
    }

    pub(crate) fn json(&self, guild: Snowflake) -> Value {
        let mut json = json!({
            "id": self.id, "type": self.kind, "flags": 0, "guild_id": guild, "name": self.name,
            "parent_id": self.parent, "last_message_id": self.last_message, "rate_limit_per_user": 0,
            "last_pin_timestamp": null,
        });
        let more = self.thread.as_ref().map_or_else(|| self.settled(), Thread::json);
        if let (Value::Object(json), Value::Object(more)) = (&mut json, more) {
            json.extend(more);
        }
        json
    }

    fn settled(&self) -> Value {
        let overwrites: Vec<Value> = self.overwrites.iter().map(Overwrite::json).collect();
        let mut settled = json!({
            "position": self.position, "permission_overwrites": overwrites, "nsfw": false,
            "topic": self.topic, "icon_emoji": null, "theme_color": null,
        });
        if self.kind == FORUM {
            settled["available_tags"] = self.tags.iter().map(tag).collect();
        }
        settled
    }
}

fn tag((id, name): &(Snowflake, String)) -> Value {
    json!({ "id": id, "name": name, "moderated": false, "emoji_id": null, "emoji_name": null })
}

impl Overwrite {
    fn json(&self) -> Value {
        json!({ "id": self.id, "type": self.kind, "allow": self.allow.to_string(), "deny": self.deny.to_string() })
    }
}

impl Thread {
    fn json(&self) -> Value {
        json!({
            "owner_id": self.owner, "message_count": self.sent, "member_count": 1,
            "total_message_sent": self.sent, "applied_tags": self.tags,
            "thread_metadata": {
                "archived": self.archived, "locked": self.locked, "auto_archive_duration": self.auto_archive,
                "archive_timestamp": self.since, "create_timestamp": self.since,
            },
        })
    }
}

/// A text channel's name as Discord keeps it; see discord/discord-api-docs#1646 for what is known of it.
#[must_use]
pub fn normalised(kind: u8, name: &str) -> String {
    if !matches!(kind, TEXT | ANNOUNCEMENT | FORUM) {
        return name.trim().to_owned();
    }
    let mut kept = String::new();
    for letter in name.trim().to_lowercase().chars() {
        match letter {
            ' ' | '-' if kept.ends_with('-') => {}
            ' ' => kept.push('-'),
            '!'..=',' | '.' | '/' | ':'..='@' | '['..='^' | '`' | '{'..='~' => {}
            _ => kept.push(letter),
        }
    }
    kept.trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_channels_name_loses_capitals_spaces_and_signs_and_keeps_chinese() {
        let name = |text| normalised(TEXT, text);
        assert_eq!(name("INC 0042  API -- 502!"), "inc-0042-api-502");
        assert_eq!(name("inc-142-网关-502"), "inc-142-网关-502");
        assert_eq!(normalised(CATEGORY, "Incidents, Closed"), "Incidents, Closed");
        assert_eq!(normalised(PUBLIC_THREAD, "INC 0042"), "INC 0042");
    }
}
