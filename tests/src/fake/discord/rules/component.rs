//! Buttons and selects: what they lead to, and that each leads to something else.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::refusal::Problem;

const ROW: u64 = 1;
const BUTTON: u64 = 2;
const STRING_SELECT: u64 = 3;
/// The style of a button that leads away.
const LINK: u64 = 5;
const ROWS: usize = 5;
const IN_ALL: usize = 40;

pub(super) fn check(components: &Value, v2: bool) -> Vec<Problem> {
    let rows: Vec<&Value> = components.as_array().into_iter().flatten().collect();
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    for (index, row) in rows.iter().enumerate() {
        walk(row, &mut vec!["components".to_owned(), index.to_string()], &mut seen, &mut problems);
        if !v2 && row["type"].as_u64() != Some(ROW) {
            let path = ["components", &index.to_string()];
            problems.push(Problem::new(&path, "UNION_TYPE_CHOICES", "Needs the flag IS_COMPONENTS_V2"));
        }
    }
    if !v2 && rows.len() > ROWS {
        problems.push(Problem::new(&["components"], "BASE_TYPE_MAX_LENGTH", "Must be 5 or fewer in length."));
    }
    if v2 && rows.iter().map(|row| count(row)).sum::<usize>() > IN_ALL {
        problems.push(Problem::new(&["components"], "COMPONENT_MAX_TOTAL", "Must be 40 or fewer in total."));
    }
    problems
}

fn inside(component: &Value) -> impl Iterator<Item = &Value> {
    component["components"].as_array().into_iter().flatten().chain(component.get("accessory"))
}

fn count(component: &Value) -> usize {
    1 + inside(component).map(count).sum::<usize>()
}

fn walk(one: &Value, path: &mut Vec<String>, seen: &mut BTreeSet<String>, problems: &mut Vec<Problem>) {
    let mut found = own(one);
    if let Some(id) = one["custom_id"].as_str()
        && !seen.insert(id.to_owned())
    {
        found.push(Problem::new(
            &["custom_id"],
            "COMPONENT_CUSTOM_ID_DUPLICATED",
            "Component custom id cannot be duplicated",
        ));
    }
    if one["type"].as_u64() == Some(ROW) {
        found.extend(row(one));
    }
    problems.extend(found.into_iter().map(|problem| problem.under(path)));
    for (index, child) in inside(one).enumerate() {
        path.extend(["components".to_owned(), index.to_string()]);
        walk(child, path, seen, problems);
        path.truncate(path.len() - 2);
    }
}

/// A row has up to five buttons, or one select.
fn row(row: &Value) -> Option<Problem> {
    let kinds: Vec<Option<u64>> = inside(row).map(|one| one["type"].as_u64()).collect();
    let buttons = kinds.iter().filter(|kind| **kind == Some(BUTTON)).count();
    let wrong = (buttons > 0 && buttons < kinds.len()) || (buttons == 0 && kinds.len() > 1);
    wrong.then(|| {
        Problem::new(
            &["components"],
            "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
            "The specified component exceeds the maximum width",
        )
    })
}

fn own(one: &Value) -> Vec<Problem> {
    match one["type"].as_u64() {
        Some(BUTTON) => button(one),
        Some(STRING_SELECT) => select(one),
        _ => Vec::new(),
    }
}

fn button(one: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    let link = one["style"].as_u64() == Some(LINK);
    let (wanted, other) = if link { ("url", "custom_id") } else { ("custom_id", "url") };
    if one[wanted].is_null() {
        let code = if link { "BUTTON_COMPONENT_URL_REQUIRED" } else { "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED" };
        problems.push(Problem::new(&[wanted], code, format!("A {wanted} is required")));
    }
    if !one[other].is_null() {
        let told = "A custom id and url cannot both be specified";
        problems.push(Problem::new(&[other], "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", told));
    }
    if let Some(url) = one["url"].as_str()
        && !["https://", "http://", "discord://"].iter().any(|scheme| url.starts_with(scheme))
    {
        problems.push(Problem::new(
            &["url"],
            "URL_TYPE_INVALID_SCHEME",
            "Scheme must be one of http, https, discord",
        ));
    }
    if let Some(url) = one["url"].as_str().filter(|url| !has_known_host(url)) {
        problems.push(Problem::new(
            &["url"],
            "URL_TYPE_INVALID_URL",
            format!("Not a well formed URL: {url}"),
        ));
    }
    if one["label"].as_str().is_none_or(str::is_empty) && one["emoji"].is_null() {
        problems.push(Problem::new(
            &["label"],
            "BUTTON_COMPONENT_INVALID_EMOJI",
            "A label or an emoji is required",
        ));
    }
    problems
}

/// Discord takes no address whose host has no dot in it.
pub(super) fn has_known_host(url: &str) -> bool {
    let host =
        url.split_once("://").map_or(url, |(_, rest)| rest).split(['/', '?', '#']).next().unwrap_or("");
    host.starts_with('[') || host.split(':').next().is_some_and(|host| host.trim_matches('.').contains('.'))
}

fn select(one: &Value) -> Vec<Problem> {
    let options: Vec<&Value> = one["options"].as_array().into_iter().flatten().collect();
    let mut problems = Vec::new();
    let values: BTreeSet<String> = options.iter().map(|option| option["value"].to_string()).collect();
    if values.len() < options.len() {
        problems.push(Problem::new(
            &["options"],
            "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
            "The specified option value is already used",
        ));
    }
    if options.is_empty() {
        problems.push(Problem::new(&["options"], "BASE_TYPE_REQUIRED", "This field is required"));
    }
    let most = one["max_values"].as_u64().unwrap_or(1);
    if one["min_values"].as_u64().unwrap_or(1) > most || most > options.len() as u64 {
        problems.push(Problem::new(
            &["max_values"],
            "SELECT_COMPONENT_MAX_LESS_THAN_MIN",
            "More than there are, or fewer than needed",
        ));
    }
    let chosen = options.iter().filter(|option| option["default"] == true).count() as u64;
    if chosen > most {
        problems.push(Problem::new(
            &["options"],
            "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES",
            "Too many default options",
        ));
    }
    problems
}
