//! What Lifeboat may do there, against what it needs. Bits stay plain numbers: serenity 0.12.5 drops those it does not
//! know. Pure.

use std::fmt::Write as _;

use serde_json::Value;

use crate::config::Discord;

/// A right: its bit, and its key in the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Right {
    /// Its bit (docs: topics/permissions, 2026-08-06).
    pub bit: u64,
    /// As Discord's settings call it.
    pub name: &'static str,
}

const fn right(bit: u32, name: &'static str) -> Right {
    Right { bit: 1 << bit, name }
}

const ADMINISTRATOR: u64 = 1 << 3;
const VIEW: Right = right(10, "View Channels");
const SEND: Right = right(11, "Send Messages");
const MANAGE_ROLES: Right = right(28, "Manage Roles");
/// Mentions roles that are not mentionable by all.
pub const MENTION_EVERYONE: u64 = 1 << 17;
/// All that Lifeboat always needs.
const ALWAYS: [Right; 10] = [
    VIEW,
    SEND,
    right(4, "Manage Channels"),
    right(14, "Embed Links"),
    right(15, "Attach Files"),
    right(16, "Read Message History"),
    right(34, "Manage Threads"),
    right(35, "Create Public Threads"),
    right(38, "Send Messages in Threads"),
    right(51, "Pin Messages"),
];
/// What is needed in the common channel.
const IN_CHANNEL: [&str; 8] = [
    "View Channels",
    "Send Messages",
    "Embed Links",
    "Attach Files",
    "Read Message History",
    "Create Public Threads",
    "Send Messages in Threads",
    "Manage Threads",
];
/// What is needed in a category, since the channels of incidents have their permissions from it.
const IN_CATEGORY: [&str; 7] = [
    "View Channels",
    "Send Messages",
    "Manage Channels",
    "Embed Links",
    "Attach Files",
    "Read Message History",
    "Pin Messages",
];

/// Everything that is needed as configured. Never Administrator.
#[must_use]
pub fn needed(config: &Discord) -> Vec<Right> {
    let mut all = ALWAYS.to_vec();
    if !config.private_to.is_empty() {
        all.push(MANAGE_ROLES);
    }
    all.sort_by_key(|right| right.bit);
    all
}

/// What is needed of these in the common channel.
#[must_use]
pub fn in_channel(config: &Discord) -> Vec<Right> {
    needed(config).into_iter().filter(|right| IN_CHANNEL.contains(&right.name)).collect()
}

/// What is needed of these in a category.
#[must_use]
pub fn in_category(config: &Discord) -> Vec<Right> {
    needed(config).into_iter().filter(|right| IN_CATEGORY.contains(&right.name)).collect()
}

/// The bits of these rights.
#[must_use]
pub fn bits(rights: &[Right]) -> u64 {
    rights.iter().fold(0, |bits, right| bits | right.bit)
}

/// The link by which somebody who may manage the server invites Lifeboat, with exactly these rights.
#[must_use]
pub fn invitation(application: u64, config: &Discord) -> String {
    let mut link = "https://discord.com/oauth2/authorize".to_owned();
    let bits = bits(&needed(config));
    // Writing into a string cannot fail.
    let _ = write!(
        link,
        "?client_id={application}&scope=bot+applications.commands&permissions={bits}&guild_id={}&disable_guild_select=true",
        config.guild
    );
    link
}

/// Which of the rights are missing.
#[must_use]
pub fn missing(granted: u64, needed: &[Right]) -> Vec<&'static str> {
    needed.iter().filter(|right| granted & right.bit == 0).map(|right| right.name).collect()
}

/// What a member may in the whole server: everyone's rights and those of their roles.
#[must_use]
pub fn in_guild(guild: &str, roles: &[Value], member: &Value) -> u64 {
    let has = |role: &&Value| {
        let id = role["id"].as_str().unwrap_or_default();
        id == guild || member["roles"].as_array().into_iter().flatten().any(|own| own == id)
    };
    let bits = roles.iter().filter(has).fold(0, |bits, role| bits | number(&role["permissions"]));
    if bits & ADMINISTRATOR != 0 { u64::MAX } else { bits }
}

/// What the same member may in a channel with these overwrites (docs: topics/permissions): everyone's first, then all
/// their roles' denials before all their permissions, last their own.
#[must_use]
pub fn in_place(base: u64, guild: &str, member: &Value, user: &str, overwrites: &[Value]) -> u64 {
    if base & ADMINISTRATOR != 0 {
        return u64::MAX;
    }
    let of = |kind: u64, fits: &dyn Fn(&str) -> bool| {
        let ours = |one: &&Value| number(&one["type"]) == kind && one["id"].as_str().is_some_and(fits);
        overwrites
            .iter()
            .filter(ours)
            .fold((0, 0), |(deny, allow), one| (deny | number(&one["deny"]), allow | number(&one["allow"])))
    };
    let roles: Vec<&str> =
        member["roles"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let steps =
        [of(0, &|id| id == guild), of(0, &|id| id != guild && roles.contains(&id)), of(1, &|id| id == user)];
    let bits = steps.into_iter().fold(base, |bits, (deny, allow)| (bits & !deny) | allow);
    // Who cannot see a channel, or not write there, has none of its other rights.
    if bits & VIEW.bit == 0 || bits & SEND.bit == 0 { bits & VIEW.bit } else { bits }
}

/// Bits come as a decimal string, types as a number.
fn number(value: &Value) -> u64 {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn role(id: &str, bits: u64) -> Value {
        json!({ "id": id, "permissions": bits.to_string() })
    }

    #[test]
    fn rights_of_a_server_are_everyones_and_those_of_the_own_roles() {
        let roles = [role("600", 1), role("7", 2), role("8", 4)];
        let member = json!({ "roles": ["7"] });
        assert_eq!(in_guild("600", &roles, &member), 3);
        let boss = [role("600", 1), role("7", ADMINISTRATOR)];
        assert_eq!(in_guild("600", &boss, &member), u64::MAX);
    }

    #[test]
    fn a_channel_takes_away_and_gives_in_discords_order() {
        let member = json!({ "roles": ["7", "8"] });
        let base = VIEW.bit | SEND.bit | 1 << 14;
        let over = |kind: u64, id: &str, deny: u64, allow: u64| json!({ "type": kind, "id": id, "deny": deny.to_string(), "allow": allow.to_string() });
        let rows = [
            ("nothing", vec![], base),
            (
                "everyone denied, a role allowed",
                vec![over(0, "600", 1 << 14, 0), over(0, "7", 0, 1 << 14)],
                base,
            ),
            (
                "one role denies, another allows",
                vec![over(0, "8", 1 << 14, 0), over(0, "7", 0, 1 << 14)],
                base,
            ),
            (
                "the member itself comes last",
                vec![over(1, "400", 1 << 14, 0), over(0, "7", 0, 1 << 14)],
                VIEW.bit | SEND.bit,
            ),
            ("another's role", vec![over(0, "9", 1 << 14, 0)], base),
            ("not seen: nothing at all", vec![over(0, "600", VIEW.bit, 0)], 0),
            ("not written: only seen", vec![over(0, "600", SEND.bit, 0)], VIEW.bit),
        ];
        for (name, overwrites, expected) in rows {
            assert_eq!(in_place(base, "600", &member, "400", &overwrites), expected, "{name}");
        }
    }

    #[test]
    fn the_bits_of_the_invitation_are_exactly_what_is_used() {
        assert_eq!(bits(&ALWAYS) | MANAGE_ROLES.bit, 2_252_126_499_752_976);
        assert_eq!(missing(bits(&ALWAYS) & !(1 << 51), &ALWAYS), ["Pin Messages"]);
    }
}
