//! The bot, its application, the server and who is on it.

use serde_json::{Value, json};

use super::super::answer::Answer;
use super::super::call::Call;
use super::super::refusal::Refusal;
use super::super::world::World;
use super::super::world::guild::{self, Member, Role};

pub(super) fn gateway(world: &World) -> Answer {
    Answer::json(json!({ "url": world.addresses.gateway }))
}

pub(super) fn bot_gateway(world: &World) -> Answer {
    let numbers = world.settings.gateway;
    Answer::json(json!({
        "url": world.addresses.gateway, "shards": 1,
        "session_start_limit": {
            "total": numbers.identifies.max(world.hub.remaining), "remaining": world.hub.remaining,
            "reset_after": 82_800_000, "max_concurrency": numbers.concurrency,
        },
    }))
}

pub(super) fn me(world: &World) -> Answer {
    let mut me = guild::user(world.bot.user, "lifeboat", true);
    me["mfa_enabled"] = json!(true);
    me["locale"] = json!("en-US");
    me["email"] = Value::Null;
    me["verified"] = json!(true);
    Answer::json(me)
}

/// Flags of an application with fewer than a hundred servers: the switches of the portal.
fn flags(world: &World) -> u64 {
    let switches = [(1 << 8, 1 << 13), (1 << 1, 1 << 15), (1 << 15, 1 << 19)];
    let on = switches.iter().filter(|(intent, _)| world.settings.privileged_intents & intent != 0);
    on.fold(0, |flags, (_, flag)| flags | flag)
}

pub(super) fn application(world: &World) -> Answer {
    Answer::json(json!({
        "id": world.bot.application, "name": "Lifeboat", "icon": null, "description": "", "type": null,
        "bot": guild::user(world.bot.user, "lifeboat", true), "bot_public": false,
        "bot_require_code_grant": false, "verify_key": "00", "flags": flags(world),
        "flags_new": flags(world).to_string(), "max_participants": null, "tags": [], "redirect_uris": [],
        "interactions_endpoint_url": null, "role_connections_verification_url": null,
        "owner": guild::user(world.guild.owner, "owner", false), "approximate_guild_count": 1,
        "approximate_user_install_count": 0, "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0, "team": null, "eligible_oauth2_scopes": ["bot", "applications.commands"],
        "install_params": { "scopes": ["bot", "applications.commands"], "permissions": "0" },
        "integration_types_config": {},
    }))
}

/// Whether the path's server is the one the bot is on.
pub(super) fn this_guild(world: &World, call: &Call) -> Result<(), Refusal> {
    match call.id("guild_id") == world.guild.id {
        true if world.bot.in_guild => Ok(()),
        true => Err(Refusal::missing_access()),
        false => Err(Refusal::unknown_guild()),
    }
}

pub(super) fn guild(world: &World, call: &Call) -> Result<Answer, Refusal> {
    this_guild(world, call)?;
    let mut told = world.guild.json();
    if call.asks("with_counts") {
        told["approximate_member_count"] = json!(world.guild.members.len());
        told["approximate_presence_count"] = json!(1);
    }
    Ok(Answer::json(told))
}

pub(super) fn roles(world: &World, call: &Call) -> Result<Answer, Refusal> {
    this_guild(world, call)?;
    Ok(Answer::json(world.guild.roles.values().map(Role::json).collect()))
}

pub(super) fn member(world: &World, call: &Call) -> Result<Answer, Refusal> {
    this_guild(world, call)?;
    let member = world.guild.members.get(&call.id("user_id")).ok_or_else(Refusal::unknown_member)?;
    Ok(Answer::json(Member::json(member)))
}

pub(super) fn threads(world: &World, call: &Call) -> Result<Answer, Refusal> {
    this_guild(world, call)?;
    let threads = world.guild.channels.values().filter(|channel| channel.is_active_thread());
    let threads: Vec<Value> = threads.map(|channel| channel.json(world.guild.id)).collect();
    Ok(Answer::json(json!({ "threads": threads, "members": [], "has_more": false })))
}
