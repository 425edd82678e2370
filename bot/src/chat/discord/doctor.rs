//! `lifeboat doctor`, for Discord: what is configured, reachable and permitted, each with its cure. Looks, changes
//! nothing.

use chrono::TimeDelta;
use serde_json::Value;
use serenity::model::id::{ApplicationId, GuildId, UserId};

use super::places::IN_CATEGORY;
use super::register;
use super::rest::{Request, Rest, RestError};
use super::rights::{self, MENTION_EVERYONE, Right};
use super::route::Route;
use super::server::id_of;
use crate::config::Discord;
use crate::say::Say;

/// Discord takes so many channels in a server (docs: resources/channel, 2026-08-06).
const CHANNELS: usize = 500;
/// With fewer left it is said before there are none.
const LEFT: usize = 10;
const LEFT_IN_CATEGORY: usize = 5;
/// With fewer new sessions left today a restart may not come back.
const SESSIONS: u64 = 20;
/// A clock that is off by more makes moments wrong by more than people notice.
const SKEW: TimeDelta = TimeDelta::seconds(5);

/// How one thing is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its key in the catalogue: `token`.
    pub key: &'static str,
    /// It is as it must be.
    pub well: bool,
    /// What is told of it, by name.
    pub told: Vec<(&'static str, String)>,
}

fn well(key: &'static str, told: Vec<(&'static str, String)>) -> Check {
    Check { key, well: true, told }
}

fn ill(key: &'static str, told: Vec<(&'static str, String)>) -> Check {
    Check { key, well: false, told }
}

/// Everything that was asked of Discord.
struct Looked<'a> {
    rest: &'a dyn Rest,
    config: &'a Discord,
    guild: GuildId,
}

/// Looks at everything, in the order in which it is mended. Where one thing hides the next, it stops there.
pub async fn examine(rest: &dyn Rest, config: &Discord, skew: Option<TimeDelta>) -> Vec<Check> {
    let looked = Looked { rest, config, guild: GuildId::new(config.guild) };
    let mut found = vec![clock(skew)];
    let me = match looked.get(Route::me()).await {
        Ok(me) => me,
        Err(error) => {
            found.push(token_error(&error));
            return found;
        }
    };
    let name = me["username"].as_str().unwrap_or_default().to_owned();
    found.push(well("token", vec![("name", name)]));
    let application = looked.application(&mut found).await;
    looked.gateway(&mut found).await;
    if looked.server(application, &mut found).await {
        looked.rights(&me, &mut found).await;
        looked.commands(application, &mut found).await;
    }
    found
}

/// Where the first call of all got no answer: each further one would only wait in vain.
#[must_use]
pub fn unanswered(error: &RestError) -> Vec<Check> {
    vec![token_error(error), ill("not-checked", Vec::new())]
}

fn token_error(error: &RestError) -> Check {
    match error {
        RestError::TokenRevoked => ill("token-refused", Vec::new()),
        error => ill("unreachable", vec![("error", error.to_string())]),
    }
}

fn clock(skew: Option<TimeDelta>) -> Check {
    match skew {
        None => ill("clock-unknown", Vec::new()),
        Some(skew) if skew.abs() > SKEW => {
            ill("clock-off", vec![("seconds", skew.num_seconds().to_string())])
        }
        Some(_) => well("clock", Vec::new()),
    }
}

impl Looked<'_> {
    async fn get(&self, route: Route) -> Result<Value, RestError> {
        Ok(self.rest.call(Request::new(route)).await?.body)
    }

    async fn application(&self, found: &mut Vec<Check>) -> Option<u64> {
        match self.get(Route::my_application()).await {
            // Then Discord sends what people do there, and nothing over the gateway.
            Ok(one) if one["interactions_endpoint_url"].as_str().is_some_and(|url| !url.is_empty()) => {
                found.push(ill("interactions-elsewhere", Vec::new()));
                id_of(&one)
            }
            Ok(one) => {
                let name = one["name"].as_str().unwrap_or_default().to_owned();
                found.push(well("application", vec![("name", name)]));
                id_of(&one)
            }
            Err(error) => {
                found.push(ill("unreachable", vec![("error", error.to_string())]));
                None
            }
        }
    }

    /// Sessions that may still be begun today; of intents none must be switched on.
    async fn gateway(&self, found: &mut Vec<Check>) {
        found.push(match self.get(Route::gateway_bot()).await {
            Ok(told) => {
                let left = told["session_start_limit"]["remaining"].as_u64().unwrap_or(0);
                let args = vec![("left", left.to_string())];
                if left < SESSIONS { ill("sessions-few", args) } else { well("gateway", args) }
            }
            Err(error) => ill("unreachable", vec![("error", error.to_string())]),
        });
    }

    async fn server(&self, application: Option<u64>, found: &mut Vec<Check>) -> bool {
        match self.get(Route::guild(self.guild)).await {
            Ok(guild) => {
                let name = guild["name"].as_str().unwrap_or_default().to_owned();
                found.push(well("server", vec![("name", name)]));
                true
            }
            Err(RestError::Refused { .. } | RestError::Forbidden { .. }) => {
                let link = application.map(|id| rights::invitation(id, self.config)).unwrap_or_default();
                found.push(ill("not-in-server", vec![("id", self.guild.to_string()), ("link", link)]));
                false
            }
            Err(error) => {
                found.push(ill("unreachable", vec![("error", error.to_string())]));
                false
            }
        }
    }

    async fn rights(&self, me: &Value, found: &mut Vec<Check>) {
        let user = me["id"].as_str().unwrap_or_default().to_owned();
        let member = self.get(Route::member(self.guild, UserId::new(id_of(me).unwrap_or(1)))).await;
        let (roles, channels) =
            (self.get(Route::roles(self.guild)).await, self.get(Route::channels(self.guild)).await);
        let (Ok(member), Ok(roles), Ok(channels)) = (member, roles, channels) else {
            found.push(ill("rights-unknown", Vec::new()));
            return;
        };
        let (roles, channels) = (list(&roles), list(&channels));
        let guild = self.guild.to_string();
        let granted = rights::in_guild(&guild, &roles, &member);
        let missing = rights::missing(granted, &rights::needed(self.config));
        found.push(if missing.is_empty() {
            well("rights", Vec::new())
        } else {
            ill("rights-missing", vec![("list", missing.join(", "))])
        });
        // What is missing everywhere was told above.
        let taken_at = |place: &Value, needed: &[Right]| {
            let there = list(&place["permission_overwrites"]);
            let here = rights::in_place(granted, &guild, &member, &user, &there);
            rights::missing(here | !granted, needed)
        };
        self.common_channel(&taken_at, &channels, found);
        self.room_left(&taken_at, &channels, found);
        found.extend(self.wake_role(granted, &roles));
    }

    /// The common channel, as Lifeboat sees it there.
    fn common_channel(&self, taken_at: TakenAt<'_>, channels: &[Value], found: &mut Vec<Check>) {
        let configured = self.config.alerts_channel;
        let ours = |one: &&Value| match configured {
            Some(id) => id_of(one) == Some(id),
            None => one["name"] == lifeboat_storage::state::ALERTS && one["type"] == 0,
        };
        let Some(channel) = channels.iter().find(ours) else {
            found.push(match configured {
                Some(id) => ill("alerts-gone", vec![("id", id.to_string())]),
                None => well("alerts-later", Vec::new()),
            });
            return;
        };
        let missing = taken_at(channel, &rights::in_channel(self.config));
        let name = ("name", channel["name"].as_str().unwrap_or_default().to_owned());
        found.push(if missing.is_empty() {
            well("alerts", vec![name])
        } else {
            ill("alerts-rights", vec![name, ("list", missing.join(", "))])
        });
    }

    /// How many more channels the server and the categories take, and whether Lifeboat may work in them.
    fn room_left(&self, taken_at: TakenAt<'_>, channels: &[Value], found: &mut Vec<Check>) {
        let left = CHANNELS.saturating_sub(channels.len());
        let told = vec![("left", left.to_string())];
        found.push(if left < LEFT { ill("server-full", told) } else { well("channels", told) });
        let say = Say::new(self.config.lang, chrono_tz::UTC);
        let both = [
            (self.config.open_category, "chat-open-category"),
            (self.config.closed_category, "chat-closed-category"),
        ];
        for (configured, key) in both {
            let (id, name) = (configured.map(|id| id.to_string()), say.word(key));
            let ours = |one: &&Value| match &id {
                Some(id) => one["id"] == id.as_str(),
                None => one["name"] == name.as_str(),
            };
            match (channels.iter().filter(|one| one["type"] == 4).find(ours), id) {
                (Some(category), _) => found.push(self.category(taken_at, category, channels)),
                (None, Some(id)) => found.push(ill("category-gone", vec![("id", id)])),
                // It is made with the first channel.
                (None, None) => {}
            }
        }
    }

    fn category(&self, taken_at: TakenAt<'_>, category: &Value, channels: &[Value]) -> Check {
        let inside = channels.iter().filter(|one| one["parent_id"] == category["id"]).count();
        let left = IN_CATEGORY.saturating_sub(inside);
        let name = ("name", category["name"].as_str().unwrap_or_default().to_owned());
        let missing = taken_at(category, &rights::in_category(self.config));
        let told = vec![name.clone(), ("left", left.to_string())];
        match (missing.is_empty(), left < LEFT_IN_CATEGORY) {
            (false, _) => ill("category-rights", vec![name, ("list", missing.join(", "))]),
            (true, true) => ill("category-full", told),
            (true, false) => well("category", told),
        }
    }

    /// The role that is woken must be there, and Lifeboat must be able to wake it.
    fn wake_role(&self, granted: u64, roles: &[Value]) -> Option<Check> {
        let (_, id) = self.config.wake?;
        let id = id.to_string();
        let Some(role) = roles.iter().find(|role| role["id"] == id.as_str()) else {
            return Some(ill("role-gone", vec![("id", id)]));
        };
        let name = role["name"].as_str().unwrap_or_default().to_owned();
        let can = role["mentionable"] == true || granted & MENTION_EVERYONE != 0;
        Some(if can { well("role", vec![("name", name)]) } else { ill("role-silent", vec![("name", name)]) })
    }

    /// The commands there, against those of this version.
    async fn commands(&self, application: Option<u64>, found: &mut Vec<Check>) {
        let Some(application) = application.map(ApplicationId::new) else { return };
        let there = match self.get(Route::commands(application, self.guild)).await {
            Ok(there) => register::words(&there),
            Err(error) => {
                found.push(ill("unreachable", vec![("error", error.to_string())]));
                return;
            }
        };
        let ours = register::words(&register::commands());
        let missing: Vec<String> = ours.iter().filter(|word| !there.contains(word)).cloned().collect();
        let told = vec![("n", ours.len().to_string())];
        found.push(if missing.is_empty() {
            well("commands", told)
        } else {
            let first: Vec<String> = missing.iter().take(5).cloned().collect();
            ill("commands-missing", vec![("n", missing.len().to_string()), ("list", first.join(", "))])
        });
    }
}

/// Which of these rights a place takes away.
type TakenAt<'a> = &'a dyn Fn(&Value, &[Right]) -> Vec<&'static str>;

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests;
