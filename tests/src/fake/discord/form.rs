//! How a client fills in a form: what is offered, what fits, and the shape in which it is sent.

use serde_json::{Value, json};

/// The form's components as they are sent, in rows or in labels as they were shown.
pub(super) fn filled(form: &Value, fields: &[(&str, &str)]) -> Result<Vec<Value>, String> {
    let shown: Vec<&Value> = form["components"].as_array().into_iter().flatten().collect();
    let inputs = shown
        .iter()
        .flat_map(|row| row["components"].as_array().into_iter().flatten().chain(row.get("component")));
    let inputs: Vec<&Value> = inputs.collect();
    if let Some((name, _)) =
        fields.iter().find(|(name, _)| !inputs.iter().any(|input| input["custom_id"] == *name))
    {
        return Err(format!("the form has no field {name:?}"));
    }
    let mut number = 0;
    let mut next = || {
        number += 1;
        number
    };
    let rows = shown.iter().map(|row| {
        let id = next();
        match row.get("component") {
            Some(input) => Ok(json!({ "type": 18, "id": id, "component": entry(input, fields, next())? })),
            None => {
                let inside = row["components"].as_array().into_iter().flatten();
                let inside: Result<Vec<Value>, String> =
                    inside.map(|input| entry(input, fields, next())).collect();
                Ok(json!({ "type": 1, "id": id, "components": inside? }))
            }
        }
    });
    rows.collect()
}

fn entry(input: &Value, fields: &[(&str, &str)], id: u64) -> Result<Value, String> {
    let given = fields.iter().find(|(name, _)| input["custom_id"] == *name).map(|(_, text)| *text);
    let kind = input["type"].as_u64();
    let mut entry = json!({ "type": kind, "id": id, "custom_id": input["custom_id"] });
    if kind == Some(3) {
        let chosen: Vec<&str> = given.into_iter().collect();
        offered(input, &chosen)?;
        entry["values"] = json!(chosen);
        return Ok(entry);
    }
    let text = given.or(input["value"].as_str()).unwrap_or_default();
    let bound = |name: &str, without: u64| input[name].as_u64().unwrap_or(without);
    let required = input["required"] != false;
    let least = bound("min_length", u64::from(required)).max(u64::from(required));
    let length = text.chars().count() as u64;
    if (length > 0 || required) && !(least..=bound("max_length", 4_000)).contains(&length) {
        return Err(format!("{text:?} does not fit in {input}"));
    }
    entry["value"] = json!(text);
    Ok(entry)
}

/// Whether a list offers all of these values.
pub(super) fn offered(select: &Value, values: &[&str]) -> Result<(), String> {
    let has = |value: &str| {
        select["options"].as_array().is_some_and(|all| all.iter().any(|one| one["value"] == value))
    };
    match values.iter().find(|value| !has(value)) {
        Some(value) => Err(format!("{value:?} is not offered in {select}")),
        None => Ok(()),
    }
}
