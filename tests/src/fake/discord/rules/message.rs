//! Messages: lengths of the whole, mentions, flags.

use serde_json::Value;

use super::super::refusal::Problem;
use super::super::world::mention::SILENT;
use super::super::world::message::{COMPONENTS_V2, EPHEMERAL};
use super::{component, embed, house};

/// Characters of a content; the schema says 4,000, the documentation wins.
const CONTENT: usize = 2_000;
/// `SUPPRESS_EMBEDS`.
const NO_EMBEDS: u64 = 1 << 2;

/// By which door a message comes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    Channel,
    /// Webhooks and answers to interactions, which may be for one person alone.
    Webhook,
}

pub(super) fn check(body: &Value, door: Door) -> Vec<Problem> {
    let mut problems: Vec<Problem> = content(body).into_iter().collect();
    problems.extend(mentions(body));
    problems.extend(flags(body, door));
    problems.extend(embed::check(&body["embeds"]));
    problems.extend(component::check(&body["components"], v2(body)));
    if body["enforce_nonce"] == true && body["nonce"].is_null() {
        problems.push(Problem::new(&["nonce"], "BASE_TYPE_REQUIRED", "enforce_nonce needs a nonce"));
    }
    problems
}

/// "Thinking" may say who sees it, and nothing else.
pub(super) fn deferred(data: &Value) -> Vec<Problem> {
    let fields = data.as_object().into_iter().flatten();
    let wrong = fields
        .filter(|(key, value)| *key != "flags" || value.as_u64().is_some_and(|bits| bits & !EPHEMERAL != 0));
    wrong.map(|(key, _)| Problem::new(&[key], "BASE_TYPE_CHOICES", "not in a deferred answer")).collect()
}

fn v2(body: &Value) -> bool {
    body["flags"].as_u64().is_some_and(|flags| flags & COMPONENTS_V2 != 0)
}

fn content(body: &Value) -> Option<Problem> {
    let length = body["content"].as_str().map_or(0, |content| content.chars().count());
    (length > CONTENT)
        .then(|| Problem::new(&["content"], "BASE_TYPE_MAX_LENGTH", "Must be 2000 or fewer in length."))
}

fn mentions(body: &Value) -> Vec<Problem> {
    let allowed = &body["allowed_mentions"];
    if allowed.is_null() {
        return vec![house("allowed_mentions", "every send and every edit says whom it may notify")];
    }
    let parsed =
        |word: &str| allowed["parse"].as_array().is_some_and(|words| words.iter().any(|one| one == word));
    let listed = |word: &str| allowed[word].as_array().is_some_and(|ids| !ids.is_empty());
    let twice = ["users", "roles"].into_iter().filter(|word| parsed(word) && listed(word));
    twice
        .map(|word| {
            let path = ["allowed_mentions", word];
            Problem::new(&path, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", "Mutually exclusive with parse")
        })
        .collect()
}

fn flags(body: &Value, door: Door) -> Vec<Problem> {
    let flags = body["flags"].as_u64().unwrap_or_default();
    let private = if door == Door::Webhook { EPHEMERAL } else { 0 };
    let mut problems = Vec::new();
    if flags & !(NO_EMBEDS | SILENT | COMPONENTS_V2 | private) != 0 {
        problems.push(Problem::new(
            &["flags"],
            "MESSAGE_FLAGS_INVALID",
            format!("{flags} cannot be set here"),
        ));
    }
    let full = |field: &str| body[field].as_str().map_or(body[field].is_array(), |text| !text.is_empty());
    if v2(body) {
        for field in ["content", "embeds", "poll", "sticker_ids"].into_iter().filter(|field| full(field)) {
            let rule = "cannot be used with IS_COMPONENTS_V2";
            problems.push(Problem::new(
                &[field],
                "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                rule,
            ));
        }
    }
    problems
}
