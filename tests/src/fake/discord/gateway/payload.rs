//! What a session is told first.

use serde_json::{Value, json};

use super::super::world::World;
use super::super::world::guild;

impl World {
    pub(super) fn ready(&self, session: &str) -> Value {
        let mut user = guild::user(self.bot.user, "lifeboat", true);
        user["verified"] = json!(true);
        user["email"] = Value::Null;
        user["mfa_enabled"] = json!(true);
        let guilds =
            if self.bot.in_guild { json!([{ "id": self.guild.id, "unavailable": true }]) } else { json!([]) };
        json!({
            "v": 10, "user": user, "guilds": guilds,
            "session_id": session, "resume_gateway_url": self.addresses.resume, "session_type": "normal",
            "application": { "id": self.bot.application, "flags": 0 }, "shard": [0, 1],
            "private_channels": [], "relationships": [], "presences": [], "user_settings": {},
            "geo_ordered_rtc_regions": ["hongkong"], "guild_join_requests": [], "_trace": ["double"],
        })
    }

    pub(crate) fn guild_create(&mut self) -> Value {
        let mut whole = self.guild.whole(self.bot.user);
        let padding = std::mem::take(&mut self.hub.mood.padding);
        if padding > 0 {
            whole["padding"] = json!("x".repeat(padding));
        }
        whole
    }
}
