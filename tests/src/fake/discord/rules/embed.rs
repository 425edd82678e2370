//! Embeds: the sum over all of a message, and none that is empty.

use serde_json::Value;

use super::super::refusal::Problem;
use super::component::has_known_host;

/// Characters over all embeds of a message.
const SUM: usize = 6_000;
/// What makes an embed one that can be seen.
const VISIBLE: [&str; 8] =
    ["title", "description", "fields", "footer", "image", "thumbnail", "author", "url"];

pub(super) fn check(embeds: &Value) -> Vec<Problem> {
    let embeds: Vec<&Value> = embeds.as_array().into_iter().flatten().collect();
    let mut problems = Vec::new();
    let sum: usize = embeds.iter().map(|embed| length(embed)).sum();
    if sum > SUM {
        let told = format!("Embed size exceeds maximum size of 6000: {sum}");
        problems.push(Problem::new(&["embeds"], "MAX_EMBED_SIZE_EXCEEDED", told));
    }
    for (index, embed) in embeds.iter().enumerate() {
        let index = index.to_string();
        if VISIBLE.iter().all(|part| embed[part].is_null() || embed[part] == "") {
            problems.push(Problem::new(
                &["embeds", &index],
                "BASE_TYPE_REQUIRED",
                "An embed with nothing in it",
            ));
        }
        if let Some(url) = embed["url"].as_str().filter(|url| !has_known_host(url)) {
            let told = format!("Not a well formed URL: {url}");
            problems.push(Problem::new(&["embeds", &index, "url"], "URL_TYPE_INVALID_URL", told));
        }
        problems.extend(fields(embed, &index));
    }
    problems
}

/// What of an embed counts towards the sum.
fn length(embed: &Value) -> usize {
    let texts = [&embed["title"], &embed["description"], &embed["footer"]["text"], &embed["author"]["name"]];
    let fields = embed["fields"].as_array().into_iter().flatten();
    let fields = fields.flat_map(|field| [&field["name"], &field["value"]]);
    texts.into_iter().chain(fields).filter_map(Value::as_str).map(|text| text.chars().count()).sum()
}

fn fields(embed: &Value, index: &str) -> Vec<Problem> {
    let fields = embed["fields"].as_array().into_iter().flatten().enumerate();
    let parts = fields.flat_map(|(at, field)| ["name", "value"].map(|part| (at, part, field[part].as_str())));
    parts
        .filter(|(_, _, text)| text.is_none_or(|text| text.trim().is_empty()))
        .map(|(at, part, _)| {
            let path = ["embeds", index, "fields", &at.to_string(), part];
            Problem::new(&path, "BASE_TYPE_REQUIRED", "This field is required")
        })
        .collect()
}
