//! A field nobody knows in every object that is sent, so that strictness creeps in nowhere.

use serde_json::{Map, Value, json};

use crate::traffic::seeded::Seeded;

/// Objects whose keys are ids or languages; there a strange key would be a strange value.
const MAPS: [&str; 9] = [
    "users",
    "members",
    "roles",
    "channels",
    "messages",
    "attachments",
    "name_localizations",
    "description_localizations",
    "authorizing_integration_owners",
];

/// Adds to each object, at every depth, one field that no document names.
pub(crate) fn garnish(value: &mut Value, chance: &mut Seeded) {
    match value {
        Value::Object(fields) => {
            for (key, child) in fields.iter_mut() {
                match child {
                    Value::Object(_) if key == "errors" => {}
                    Value::Object(map) if MAPS.contains(&key.as_str()) => inside(map, chance),
                    _ => garnish(child, chance),
                }
            }
            let (key, strange) = strange(chance);
            fields.insert(key, strange);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| garnish(item, chance)),
        _ => {}
    }
}

fn inside(map: &mut Map<String, Value>, chance: &mut Seeded) {
    map.values_mut().for_each(|child| garnish(child, chance));
}

fn strange(chance: &mut Seeded) -> (String, Value) {
    let bits = chance.bits();
    let value = match bits % 5 {
        0 => json!(bits),
        1 => json!("new at Discord"),
        2 => json!({ "nested": [bits % 7, null] }),
        3 => json!([true]),
        _ => Value::Null,
    };
    (format!("x_{:06x}", bits >> 40), value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_object_gets_one_strange_field_and_maps_by_id_get_none() {
        let mut value = json!({ "a": [{ "b": 1 }], "resolved": { "users": { "7": { "id": "7" } } } });
        garnish(&mut value, &mut Seeded::new(3, 0));
        assert_eq!(value.as_object().map(Map::len), Some(3));
        assert_eq!(value["a"][0].as_object().map(Map::len), Some(2));
        assert_eq!(value["resolved"]["users"].as_object().map(Map::len), Some(1));
        assert_eq!(value["resolved"]["users"]["7"].as_object().map(Map::len), Some(2));
    }
}
