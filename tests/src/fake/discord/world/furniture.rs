//! The server as it is found: roles, people and channels of the examples.

use std::collections::{BTreeMap, BTreeSet};

use chrono::SecondsFormat;

use super::super::settings::Settings;
use super::super::snowflake::Snowflake;
use super::channel::{self, Channel};
use super::guild::{Guild, Member, Role};
use super::permission::EVERYONE;
use super::{Bot, World};

/// Names of the roles people are given; all can be mentioned.
const ROLES: [&str; 3] = ["on-call", "responder", "ops-lead"];
/// People with their language and roles.
const PEOPLE: [(&str, &str, &[&str]); 4] = [
    ("ana", "en-US", &["responder", "ops-lead"]),
    ("mei", "zh-CN", &["responder", "on-call"]),
    ("bo", "en-GB", &["responder"]),
    ("guest", "en-US", &[]),
];
const CHANNELS: [&str; 2] = ["alerts", "general"];

/// The server with nobody but its owner and the bot.
pub(super) fn guild(settings: &Settings, id: Snowflake, bot: &Bot, owner: Snowflake) -> Guild {
    let joined = settings.began.to_rfc3339_opts(SecondsFormat::Micros, false);
    let role = |id, name: &str, permissions, position| Role {
        id,
        name: name.to_owned(),
        permissions,
        mentionable: false,
        managed: position == 1,
        position,
    };
    let member = |id, name: &str, roles: &[Snowflake], bot| Member {
        id,
        username: name.to_owned(),
        locale: "en-US".to_owned(),
        roles: roles.iter().copied().collect(),
        bot,
        joined: joined.clone(),
    };
    Guild {
        id,
        name: "Operations".to_owned(),
        owner,
        locale: "en-US".to_owned(),
        roles: BTreeMap::from([
            (id, role(id, "@everyone", EVERYONE, 0)),
            (bot.role, role(bot.role, "Lifeboat", settings.permissions, 1)),
        ]),
        members: BTreeMap::from([
            (bot.user, member(bot.user, "lifeboat", &[bot.role], true)),
            (owner, member(owner, "owner", &[], false)),
        ]),
        channels: BTreeMap::new(),
    }
}

impl World {
    pub(super) fn furnish(&mut self) {
        for name in ROLES {
            self.add_role(name);
        }
        for (name, locale, roles) in PEOPLE {
            self.add_person(name, locale, roles);
        }
        for name in CHANNELS {
            self.add_channel(name, channel::TEXT, None);
        }
    }

    pub(crate) fn add_role(&mut self, name: &str) -> Snowflake {
        let id = self.id();
        let position = u32::try_from(self.guild.roles.len()).unwrap_or(u32::MAX);
        let role =
            Role { id, name: name.to_owned(), permissions: 0, mentionable: true, managed: false, position };
        self.guild.roles.insert(id, role);
        id
    }

    pub(crate) fn add_person(&mut self, name: &str, locale: &str, roles: &[&str]) -> Snowflake {
        let id = self.id();
        let roles: BTreeSet<Snowflake> = roles.iter().map(|role| self.guild.role(role).id).collect();
        let person = Member {
            id,
            username: name.to_owned(),
            locale: locale.to_owned(),
            roles,
            bot: false,
            joined: self.time.written(self.now()),
        };
        self.guild.members.insert(id, person);
        id
    }

    pub(crate) fn add_channel(&mut self, name: &str, kind: u8, parent: Option<Snowflake>) -> Snowflake {
        let id = self.id();
        let position = u32::try_from(self.guild.channels.len()).unwrap_or(u32::MAX);
        let channel = Channel { parent, position, ..Channel::new(id, kind, name) };
        self.guild.channels.insert(id, channel);
        id
    }
}
