//! `[discord]` and `[[discord_role]]`: the team chat, and what its roles may do.

use std::path::Path;

use lifeboat_commands::people::DiscordRole;
use lifeboat_storage::event::Severity;
use toml::de::DeTable;

use super::people::permissions;
use super::secret::Named;
use super::{LANGS, NAME, SEVERITIES, Seen};
use crate::chat::discord::address::{GatewayAddress, REST, RestAddress, Unfit};
use crate::config::file::Surroundings;
use crate::config::problem::Trouble;
use crate::config::reader::{Found, Reader, Section};
use crate::config::{Discord, SecretString};
use crate::say::lang::Lang;

const TOKEN: Named = Named { inline: "token", file: "token_file", variable: "token_env" };
/// Longest id; 64 bits have twenty digits.
const DIGITS: usize = 20;

/// What its roles may do: each role once, with at least one word.
pub(super) fn roles(top: &Section<'_, '_>, reader: &Reader<'_>) -> Vec<DiscordRole> {
    let mut seen = Seen::new(reader);
    let mut all = Vec::new();
    for section in top.sections("discord_role") {
        let found = section.needed_text("id").filter(|found| seen.is_new(found));
        let id = found.and_then(|found| id(&section, &found));
        let name = section.label(section.text("name"), NAME).map(|found| found.value.to_owned());
        let permissions = permissions(&section);
        section.done(&[]);
        all.extend(id.map(|id| DiscordRole { id, name, permissions }));
    }
    all
}

/// The section.
pub(super) fn discord(
    section: Section<'_, '_>,
    folder: &Path,
    lang: Lang,
    around: &dyn Surroundings,
) -> Option<Discord> {
    let token = TOKEN.read(&section, folder, around).map(|(_, text)| SecretString::new(text));
    let guild = section.needed_text("guild").and_then(|found| id(&section, &found));
    let one = |key| section.text(key).and_then(|found| id(&section, &found));
    let severity = |key| section.text(key).and_then(|found: Found<&str>| section.word(&found, &SEVERITIES));
    let (alerts_channel, open_category, closed_category) =
        (one("alerts_channel"), one("open_category"), one("closed_category"));
    let (wake_role, wake_at) = (one("wake_role"), severity("wake_at").unwrap_or(Severity::Sev2));
    let thread_at = severity("thread_at");
    let private_to = section.texts("private_to");
    let private_to = private_to.iter().filter_map(|found| id(&section, found)).collect();
    let lang = section.text("lang").map_or(Some(lang), |found| section.word(&found, &LANGS));
    let pins = section.switch("pins");
    let forced = section.switch("allow_plain");
    let api = section.text("api");
    let api = match &api {
        Some(found) => {
            address(&section, found, "https://discord.com/api/v10", RestAddress::new(found.value, forced))
        }
        None => RestAddress::new(REST, false).ok(),
    };
    let gateway = section.text("gateway").map(|found| {
        address(&section, &found, "wss://gateway.discord.gg", GatewayAddress::new(found.value, forced))
    });
    section.done(&["token"]);
    Some(Discord {
        token: token?,
        guild: guild?,
        alerts_channel,
        open_category,
        closed_category,
        wake: wake_role.map(|role| (wake_at, role)),
        thread_at,
        private_to,
        lang: lang?,
        pins,
        allow_plain: forced,
        api: api?,
        gateway: gateway.unwrap_or(None),
    })
}

/// An id as Discord shows it: digits, in quotes.
pub(super) fn id(section: &Section<'_, '_>, found: &Found<&str>) -> Option<u64> {
    let text = found.value;
    let digits = text.len() <= DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
    let id = text.parse().ok().filter(|id: &u64| digits && *id > 0);
    if id.is_none() {
        let (key, value) = (found.key.clone(), text.to_owned());
        section.trouble(found, Trouble::NotAnId { key, value });
    }
    id
}

fn address<T>(
    section: &Section<'_, '_>,
    found: &Found<&str>,
    such_as: &'static str,
    read: Result<T, Unfit>,
) -> Option<T> {
    let (key, value) = (found.key.clone(), found.value.to_owned());
    match read {
        Ok(address) => Some(address),
        Err(Unfit::Plain) => {
            let host = reqwest::Url::parse(found.value).ok();
            let host = host.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
            section.trouble(found, Trouble::PlainChat { key, host });
            None
        }
        Err(_) => {
            section.trouble(found, Trouble::NotAUrl { key, value, such_as });
            None
        }
    }
}

/// Whether anything of Discord's is configured without the section itself.
pub(super) fn is_missing(tree: &DeTable<'_>) -> bool {
    tree.contains_key("discord_role") && !tree.contains_key("discord")
}
