//! `[[person]]` and `[webhook]`: who may do what, and who else is told.

use std::path::Path;

use lifeboat_commands::people::{People, Permission, Person};
use lifeboat_storage::id::PersonName;

use super::address::{http_url, https_off_loopback};
use super::discord;
use super::secret::Named;
use super::{LANGS, NAME, Seen};
use crate::config::file::Surroundings;
use crate::config::problem::Trouble;
use crate::config::reader::{Found, Reader, Section};
use crate::config::{SecretUrl, Webhook};
use crate::say::lang::Lang;

const ROLES: [(&str, Permission); 5] = [
    ("responder", Permission::Responder),
    ("operator", Permission::Operator),
    ("approver", Permission::Approver),
    ("commander", Permission::Commander),
    ("admin", Permission::Admin),
];

/// Everybody. No two share a name or an account.
pub(super) fn people(top: &Section<'_, '_>, reader: &Reader<'_>) -> People {
    let mut seen = [(); 4].map(|()| Seen::new(reader));
    let read = |section| person(section, &mut seen);
    People::from(top.sections("person").into_iter().filter_map(read).collect::<Vec<_>>())
}

fn person<'r>(section: Section<'r, '_>, seen: &mut [Seen<'r>; 4]) -> Option<Person> {
    let [names, tokens, users, accounts] = seen;
    let name = section.label(section.needed_text("name"), NAME).filter(|found| names.is_new(found));
    let console = section.label(section.text("console"), NAME).filter(|found| tokens.is_new(found));
    let os = section.label(section.text("os"), NAME).filter(|found| users.is_new(found));
    let account = section.text("discord").filter(|found| accounts.is_new(found));
    let account = account.and_then(|found| discord::id(&section, &found));
    let permissions = permissions(&section);
    section.refuse_secret("token", &["console"]);
    section.done(&["token"]);
    let text = |found: Found<&str>| found.value.to_owned();
    Some(Person {
        name: PersonName::new(name?.value),
        console: console.map(text),
        os: os.map(text),
        discord: account.map(|id| id.to_string()),
        permissions,
    })
}

/// What the roles permit: each role includes those before it in [`ROLES`].
pub(super) fn permissions(section: &Section<'_, '_>) -> Vec<Permission> {
    let words = section.texts("roles");
    if section.has("roles") && words.is_empty() {
        section.report(Trouble::Empty { key: section.key("roles") });
    }
    let named = words.iter().filter_map(|found| section.word(found, &ROLES));
    let most = named.max().unwrap_or(Permission::Responder);
    ROLES.map(|(_, permission)| permission).into_iter().filter(|permission| *permission <= most).collect()
}

const URL: Named = Named { inline: "url", file: "url_file", variable: "url_env" };

/// The webhook, its URL read from where the file says.
pub(super) fn webhook(
    section: Section<'_, '_>,
    folder: &Path,
    lang: Lang,
    around: &dyn Surroundings,
) -> Option<Webhook> {
    let url =
        URL.read(&section, folder, around).and_then(|(found, text)| secret_url(&section, &found, &text));
    let lang = section.text("lang").map_or(Some(lang), |found| section.word(&found, &LANGS));
    section.done(&["url"]);
    Some(Webhook { url: url?, lang: lang? })
}

/// Reads a secret URL. What it says is never repeated in a problem, but for the host.
fn secret_url(section: &Section<'_, '_>, found: &Found<&str>, text: &str) -> Option<SecretUrl> {
    let url = http_url(text.trim());
    if url.is_none() {
        let (key, value) = (found.key.clone(), String::new());
        let such_as = "https://chat.example.org/hooks/...";
        section.trouble(found, Trouble::NotAUrl { key, value, such_as });
    }
    https_off_loopback(section, found, url?).map(SecretUrl::new)
}
