//! Forms: one to five fields, each with its own name.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::refusal::Problem;

const FIELDS: usize = 5;
const TEXT_INPUT: u64 = 4;

pub(super) fn check(data: &Value) -> Vec<Problem> {
    let rows: Vec<&Value> = data["components"].as_array().into_iter().flatten().collect();
    let mut problems = Vec::new();
    if !(1..=FIELDS).contains(&rows.len()) {
        problems.push(Problem::new(
            &["components"],
            "BASE_TYPE_BAD_LENGTH",
            "Must be between 1 and 5 in length.",
        ));
    }
    let mut seen = BTreeSet::new();
    for (index, row) in rows.iter().enumerate() {
        for field in inputs(row) {
            let at = ["components", &index.to_string()].map(str::to_owned);
            problems.extend(input(field, row).into_iter().map(|problem| problem.under(&at)));
            if !seen.insert(field["custom_id"].as_str().unwrap_or_default()) {
                let told = "Component custom id cannot be duplicated";
                problems.push(Problem::new(&["components", &at[1]], "COMPONENT_CUSTOM_ID_DUPLICATED", told));
            }
        }
    }
    problems
}

/// The fields of a row or of a label.
fn inputs(row: &Value) -> impl Iterator<Item = &Value> {
    row["components"].as_array().into_iter().flatten().chain(row.get("component"))
}

fn input(field: &Value, row: &Value) -> Vec<Problem> {
    if field["type"].as_u64() != Some(TEXT_INPUT) {
        return Vec::new();
    }
    let mut problems = Vec::new();
    let labelled = !field["label"].is_null();
    let in_label = row.get("component").is_some();
    if labelled == in_label {
        problems.push(Problem::new(
            &["label"],
            "BASE_TYPE_REQUIRED",
            "A text input in a row has a label, one in a label has none",
        ));
    }
    let length = field["value"].as_str().map_or(0, |value| value.chars().count() as u64);
    let (least, most) =
        (field["min_length"].as_u64().unwrap_or(0), field["max_length"].as_u64().unwrap_or(4_000));
    if least > most || (!field["value"].is_null() && length > 0 && !(least..=most).contains(&length)) {
        problems.push(Problem::new(
            &["value"],
            "BASE_TYPE_BAD_LENGTH",
            format!("Must be between {least} and {most} in length."),
        ));
    }
    problems
}
