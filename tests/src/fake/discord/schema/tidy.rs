//! What the schemas alone do not do: numbers that come as text become numbers, and unknown keys are found.

use serde_json::{Number, Value};

use super::super::refusal::Problem;
use super::super::spec::Spec;

/// Makes numbers of text where the schema wants numbers, and tells every key that no schema has.
pub(crate) fn tidy(body: &mut Value, schema: &Value) -> Vec<Problem> {
    let mut unknown = Vec::new();
    walk(body, &[schema], &mut Vec::new(), &mut unknown);
    unknown
}

fn walk(value: &mut Value, schemas: &[&Value], path: &mut Vec<String>, unknown: &mut Vec<Problem>) {
    let mut meanings = Vec::new();
    for schema in schemas {
        gather(schema, value, &mut meanings);
    }
    match value {
        Value::Object(fields) => {
            for (key, child) in fields {
                path.push(key.clone());
                match below(&meanings, key) {
                    Below::Known(schemas) => walk(child, &schemas, path, unknown),
                    Below::Anything => {}
                    Below::Unknown => unknown.push(Problem {
                        path: path.clone(),
                        code: "UNKNOWN_KEY",
                        message: "No schema of this route has this key".to_owned(),
                    }),
                }
                path.pop();
            }
        }
        Value::Array(items) => {
            let schemas: Vec<&Value> = meanings.iter().filter_map(|meaning| meaning.get("items")).collect();
            for (index, item) in items.iter_mut().enumerate() {
                path.push(index.to_string());
                walk(item, &schemas, path, unknown);
                path.pop();
            }
        }
        _ => coerce(value, &meanings),
    }
}

/// The schema's parts that may be meant by this value: what it refers to, all of `allOf`, the fitting of `oneOf`.
fn gather<'a>(schema: &'a Value, value: &Value, into: &mut Vec<&'a Value>) {
    let schema = Spec::get().resolve(schema);
    into.push(schema);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        gather(part, value, into);
    }
    for union in ["oneOf", "anyOf"] {
        for branch in schema[union].as_array().into_iter().flatten().filter(|branch| may_be(branch, value)) {
            gather(branch, value, into);
        }
    }
}

/// Whether the branch's `type` field, by which Discord tells its unions apart, allows the value's.
pub(crate) fn may_be(branch: &Value, value: &Value) -> bool {
    let kinds = &Spec::get().resolve(branch)["properties"]["type"];
    let (Some(kinds), Some(kind)) = (kinds["enum"].as_array(), value.get("type")) else { return true };
    kinds.contains(kind)
}

enum Below<'a> {
    Known(Vec<&'a Value>),
    Anything,
    Unknown,
}

fn below<'a>(meanings: &[&'a Value], key: &str) -> Below<'a> {
    let mut known: Vec<&Value> = meanings.iter().filter_map(|part| part["properties"].get(key)).collect();
    known.extend(
        meanings.iter().filter_map(|part| part.get("additionalProperties")).filter(|more| more.is_object()),
    );
    let closed = meanings.iter().any(|part| part.get("properties").is_some());
    match known.is_empty() {
        false => Below::Known(known),
        true if closed => Below::Unknown,
        true => Below::Anything,
    }
}

/// Text to a number where only a number is wanted; a number to an id, as Discord's own examples write `"id": 0`.
fn coerce(value: &mut Value, meanings: &[&Value]) {
    let wants = |kind: &str| {
        meanings.iter().any(|part| match &part["type"] {
            Value::String(one) => one == kind,
            Value::Array(some) => some.iter().any(|one| one == kind),
            _ => false,
        })
    };
    let id = meanings.iter().any(|part| part["format"] == "snowflake");
    match value {
        Value::String(text) if wants("integer") && !wants("string") => {
            if let Ok(number) = text.parse::<i64>() {
                *value = Value::Number(Number::from(number));
            }
        }
        Value::Number(number) if id && !wants("integer") && number.is_u64() => {
            *value = Value::String(number.to_string());
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn named(name: &str) -> Value {
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    #[test]
    fn permission_bits_written_as_text_become_numbers_and_ids_stay_text() {
        let mut body =
            json!({ "name": "inc", "permission_overwrites": [{ "id": "7", "allow": "1024", "deny": "0" }] });
        assert_eq!(tidy(&mut body, &named("CreateGuildChannelRequest")), []);
        assert_eq!(
            body,
            json!({ "name": "inc", "permission_overwrites": [{ "id": "7", "allow": 1024, "deny": 0 }] })
        );
    }

    #[test]
    fn a_key_that_no_schema_has_is_told_with_its_place() {
        let mut body = json!({ "content": "a", "embed": {}, "components": [
            { "type": 1, "components": [{ "type": 2, "style": 1, "customid": "x" }] }] });
        let places: Vec<String> = tidy(&mut body, &named("MessageCreateRequest"))
            .iter()
            .map(|found| found.path.join("."))
            .collect();
        assert_eq!(places, ["components.0.components.0.customid", "embed"]);
    }

    #[test]
    fn a_key_of_another_member_of_the_union_is_unknown() {
        let mut body = json!({ "components": [{ "type": 1, "components": [
            { "type": 2, "style": 1, "custom_id": "x", "options": [] }] }] });
        let found = tidy(&mut body, &named("MessageCreateRequest"));
        assert_eq!(found.len(), 1, "{found:?}");
    }

    #[test]
    fn localisations_may_have_any_language() {
        let mut body = json!([{ "name": "a", "description": "b", "name_localizations": { "zh-CN": "甲" } }]);
        let schema = json!({ "type": "array", "items": named("ApplicationCommandUpdateRequest") });
        assert_eq!(tidy(&mut body, &schema), []);
    }
}
