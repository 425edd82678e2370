//! What administrators do behind the bot's back.

use std::collections::BTreeSet;

use serde_json::json;

use super::super::gateway::hub::Frame;
use super::super::gateway::intent;
use super::super::snowflake::Snowflake;
use super::World;
use super::channel::Overwrite;
use super::guild::{Member, Role};

impl World {
    /// Ends all sessions with this code, once.
    pub(crate) fn close_with(&mut self, code: u16) {
        let now = self.now();
        for number in self.hub.open_numbers() {
            self.hub.hang_up(number, Frame::Close(code, "Authentication failed."), true, now);
        }
    }

    pub(crate) fn change_rights(&mut self, bits: u64) {
        let role = self.bot.role;
        if let Some(role) = self.guild.roles.get_mut(&role) {
            role.permissions = bits;
        }
        let told = self.guild.roles.get(&role).map(Role::json);
        self.emit("GUILD_ROLE_UPDATE", intent::GUILDS, json!({ "guild_id": self.guild.id, "role": told }));
    }

    pub(crate) fn overwrite(&mut self, channel: Snowflake, overwrite: Overwrite) {
        let guild = self.guild.id;
        let Some(channel) = self.guild.channels.get_mut(&channel) else { return };
        channel.overwrites.retain(|one| one.id != overwrite.id);
        channel.overwrites.push(overwrite);
        let told = channel.json(guild);
        self.emit("CHANNEL_UPDATE", intent::GUILDS, told);
    }

    /// Somebody has these roles and no others from now on.
    pub(crate) fn give(&mut self, name: &str, roles: &[&str]) {
        let roles: BTreeSet<Snowflake> = roles.iter().map(|role| self.guild.role(role).id).collect();
        let id = self.guild.member(name).id;
        let Some(person) = self.guild.members.get_mut(&id) else { return };
        person.roles = roles;
        let mut told = person.json();
        told["guild_id"] = json!(self.guild.id);
        self.emit("GUILD_MEMBER_UPDATE", intent::GUILD_MEMBERS, told);
    }

    /// The bot is no longer on the server, and its commands are gone with it.
    pub(crate) fn kick(&mut self) {
        self.emit("GUILD_DELETE", intent::GUILDS, json!({ "id": self.guild.id }));
        self.bot.in_guild = false;
        let user = self.bot.user;
        self.guild.members.remove(&user);
        self.commands.set.clear();
    }

    /// The bot is on the server again, with the role it had.
    pub(crate) fn invite(&mut self) {
        let (id, role) = (self.bot.user, self.bot.role);
        let joined = self.time.written(self.now());
        let roles = BTreeSet::from([role]);
        let bot = Member {
            id,
            username: "lifeboat".to_owned(),
            locale: "en-US".to_owned(),
            roles,
            bot: true,
            joined,
        };
        self.guild.members.insert(id, bot);
        self.bot.in_guild = true;
        let whole = self.guild_create();
        self.emit("GUILD_CREATE", intent::GUILDS, whole);
    }
}
