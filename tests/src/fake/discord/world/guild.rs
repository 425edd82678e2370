//! The server: its roles, its people, its channels.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::snowflake::Snowflake;
use super::channel::Channel;
use super::permission;

/// A server of people. There is one.
#[derive(Clone, Debug)]
pub struct Guild {
    /// Also the id of the role everybody has.
    pub id: Snowflake,
    /// As people named it.
    pub name: String,
    /// Who may everything.
    pub owner: Snowflake,
    /// What its own texts are in.
    pub locale: String,
    /// By id; the one everybody has among them.
    pub roles: BTreeMap<Snowflake, Role>,
    /// By id; the bot among them.
    pub members: BTreeMap<Snowflake, Member>,
    /// By id; categories and threads among them.
    pub channels: BTreeMap<Snowflake, Channel>,
}

/// A group of people that can be mentioned and given rights.
#[derive(Clone, Debug, PartialEq)]
pub struct Role {
    /// Its id.
    pub id: Snowflake,
    /// Unique on our server.
    pub name: String,
    /// Rights as bits.
    pub permissions: u64,
    /// Whether everybody may mention it.
    pub mentionable: bool,
    /// Whether it belongs to a bot.
    pub managed: bool,
    /// Higher is more.
    pub position: u32,
}

/// Somebody on the server.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Their id.
    pub id: Snowflake,
    /// Account name.
    pub username: String,
    /// Language of their client.
    pub locale: String,
    /// Without the one everybody has.
    pub roles: BTreeSet<Snowflake>,
    /// Whether it is a program.
    pub bot: bool,
    /// Date, as Discord writes it.
    pub joined: String,
}

impl Guild {
    /// The role of this name.
    ///
    /// # Panics
    ///
    /// When there is none.
    #[must_use]
    pub fn role(&self, name: &str) -> &Role {
        self.roles.values().find(|role| role.name == name).unwrap_or_else(|| panic!("no role {name:?}"))
    }

    /// The person of this name.
    ///
    /// # Panics
    ///
    /// When there is none.
    #[must_use]
    pub fn member(&self, name: &str) -> &Member {
        self.members
            .values()
            .find(|member| member.username == name)
            .unwrap_or_else(|| panic!("nobody is named {name:?}"))
    }

    /// Rights of a person in a channel, as bits; 0 where either is unknown.
    #[must_use]
    pub fn permissions(&self, member: Snowflake, channel: Snowflake) -> u64 {
        match (self.members.get(&member), self.channels.get(&channel)) {
            (Some(member), Some(channel)) => permission::within(self, member, channel),
            _ => 0,
        }
    }

    pub(crate) fn base(&self, member: Snowflake) -> u64 {
        self.members.get(&member).map_or(0, |member| permission::base(self, member))
    }

    /// What GET tells of it.
    pub(crate) fn json(&self) -> Value {
        let roles: Vec<Value> = self.roles.values().map(Role::json).collect();
        json!({
            "id": self.id, "name": self.name, "icon": null, "description": null, "home_header": null,
            "splash": null, "discovery_splash": null, "features": [], "banner": null, "owner_id": self.owner,
            "application_id": null, "region": "deprecated", "afk_channel_id": null, "afk_timeout": 300,
            "system_channel_id": null, "system_channel_flags": 0, "widget_enabled": false,
            "widget_channel_id": null, "verification_level": 0, "roles": roles,
            "default_message_notifications": 1, "mfa_level": 0, "explicit_content_filter": 0,
            "max_presences": null, "max_members": 500_000, "max_stage_video_channel_users": 50,
            "max_video_channel_users": 25, "vanity_url_code": null, "premium_tier": 0,
            "premium_subscription_count": 0, "preferred_locale": self.locale, "rules_channel_id": null,
            "safety_alerts_channel_id": null, "public_updates_channel_id": null,
            "premium_progress_bar_enabled": false, "nsfw": false, "nsfw_level": 0, "emojis": [],
            "stickers": [], "incidents_data": null,
        })
    }

    /// What GUILD_CREATE tells beside [`Guild::json`].
    pub(crate) fn whole(&self, seen_by: Snowflake) -> Value {
        let mut whole = self.json();
        let members: Vec<Value> = self.members.get(&seen_by).map(Member::json).into_iter().collect();
        let channels = self.channels.values().filter(|channel| channel.thread.is_none());
        let threads = self.channels.values().filter(|channel| channel.is_active_thread());
        let more = json!({
            "channels": channels.map(|channel| channel.json(self.id)).collect::<Vec<_>>(),
            "threads": threads.map(|channel| channel.json(self.id)).collect::<Vec<_>>(),
            "members": members, "member_count": self.members.len(), "large": false, "unavailable": false,
            "joined_at": self.members.get(&seen_by).map(|member| member.joined.clone()),
            "voice_states": [], "presences": [], "stage_instances": [], "guild_scheduled_events": [],
            "soundboard_sounds": [],
        });
        if let (Value::Object(whole), Value::Object(more)) = (&mut whole, more) {
            whole.extend(more);
        }
        whole
    }
}

impl Role {
    pub(crate) fn json(&self) -> Value {
        json!({
            "id": self.id, "name": self.name, "permissions": self.permissions.to_string(),
            "position": self.position, "color": 0,
            "colors": { "primary_color": 0, "secondary_color": null, "tertiary_color": null },
            "hoist": false, "managed": self.managed, "mentionable": self.mentionable, "icon": null,
            "unicode_emoji": null, "flags": 0, "description": null,
        })
    }
}

impl Member {
    pub(crate) fn user(&self) -> Value {
        user(self.id, &self.username, self.bot)
    }

    pub(crate) fn json(&self) -> Value {
        let mut member = self.without_user();
        member["user"] = self.user();
        member
    }

    pub(crate) fn without_user(&self) -> Value {
        json!({
            "avatar": null, "banner": null, "communication_disabled_until": null, "flags": 0,
            "joined_at": self.joined, "nick": null, "pending": false, "premium_since": null,
            "roles": self.roles, "mute": false, "deaf": false,
        })
    }
}

pub(crate) fn user(id: Snowflake, username: &str, bot: bool) -> Value {
    let mut user = json!({
        "id": id, "username": username, "avatar": null, "discriminator": if bot { "1234" } else { "0" },
        "public_flags": 0, "flags": 0, "global_name": if bot { Value::Null } else { json!(titled(username)) },
        "primary_guild": null, "avatar_decoration_data": null, "banner": null, "accent_color": null,
        "collectibles": null, "clan": null,
    });
    if bot {
        user["bot"] = json!(true);
    }
    user
}

fn titled(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
