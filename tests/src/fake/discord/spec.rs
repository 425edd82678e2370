//! Discord's own OpenAPI document: which routes there are, and what each takes.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;

const DOCUMENT: &str = include_str!("../../../fixtures/discord/openapi.json");
/// What every path begins with.
pub(crate) const PREFIX: &str = "/api/v10";

static SPEC: LazyLock<Spec> = LazyLock::new(|| Spec::read(DOCUMENT));

/// The document, read once.
#[derive(Debug)]
pub(crate) struct Spec {
    pub(crate) document: Value,
    operations: Vec<Operation>,
}

/// One route with one method.
#[derive(Debug)]
pub(crate) struct Operation {
    /// `create_message`
    pub(crate) id: String,
    method: String,
    path: Vec<Segment>,
    /// What the body must look like, where there is one.
    pub(crate) body: Option<Value>,
    /// What an answer looks like, by status.
    pub(crate) answers: BTreeMap<String, Value>,
    /// Whether it can be called without the bot's token, because one is in the path.
    pub(crate) anonymous: bool,
}

#[derive(Debug, PartialEq)]
enum Segment {
    Word(String),
    /// Its name, and whether it is an id.
    Slot(String, bool),
}

/// What a path leads to.
#[derive(Debug)]
pub(crate) enum Route {
    Found(&'static Operation, BTreeMap<String, String>),
    /// The path is known with other methods.
    OtherMethod,
    Unknown,
}

impl Spec {
    pub(crate) fn get() -> &'static Self {
        &SPEC
    }

    fn read(text: &str) -> Self {
        let document: Value = serde_json::from_str(text).expect("the fixture is JSON");
        let paths = document["paths"].as_object().expect("the fixture has paths");
        let operations = paths.iter().flat_map(|(path, methods)| operations(path, methods)).collect();
        Self { document, operations }
    }

    /// The operation behind a path without [`PREFIX`].
    pub(crate) fn route(&'static self, method: &str, path: &str) -> Route {
        let steps: Vec<&str> = path.split('/').skip(1).collect();
        let mut fitting: Vec<_> = self
            .operations
            .iter()
            .filter_map(|known| known.fit(&steps).map(|slots| (known, slots)))
            .collect();
        // `/messages/pins` is no message id: the more words, the better.
        fitting.sort_by_key(|(_, slots)| slots.len());
        let Some(fewest) = fitting.first().map(|(_, slots)| slots.len()) else { return Route::Unknown };
        fitting.retain(|(_, slots)| slots.len() == fewest);
        match fitting.into_iter().find(|(known, _)| known.method == method) {
            Some((known, slots)) => Route::Found(known, slots),
            None => Route::OtherMethod,
        }
    }

    /// What a `$ref` names, or the schema itself.
    pub(crate) fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let mut schema = schema;
        while let Some(name) = schema["$ref"].as_str() {
            schema = self.document.pointer(&name[1..]).unwrap_or(&Value::Null);
        }
        schema
    }
}

impl Operation {
    /// The slots' values, if the path is this one.
    fn fit(&self, steps: &[&str]) -> Option<BTreeMap<String, String>> {
        if steps.len() != self.path.len() {
            return None;
        }
        let mut slots = BTreeMap::new();
        for (segment, step) in self.path.iter().zip(steps) {
            match segment {
                Segment::Word(word) if word == step => {}
                Segment::Slot(name, id) if !step.is_empty() && (!id || step.parse::<u64>().is_ok()) => {
                    slots.insert(name.clone(), (*step).to_owned());
                }
                Segment::Word(_) | Segment::Slot(..) => return None,
            }
        }
        Some(slots)
    }
}

fn operations(path: &str, methods: &Value) -> Vec<Operation> {
    let ids: Vec<&str> = methods["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|slot| slot["schema"]["$ref"].as_str().is_some_and(|name| name.ends_with("/SnowflakeType")))
        .filter_map(|slot| slot["name"].as_str())
        .collect();
    let segments = |path: &str| path.split('/').skip(1).map(|word| segment(word, &ids)).collect();
    let methods = methods.as_object().into_iter().flatten().filter(|(method, _)| *method != "parameters");
    methods.map(|(method, operation)| read(method, segments(path), operation)).collect()
}

fn segment(word: &str, ids: &[&str]) -> Segment {
    match word.strip_prefix('{').and_then(|word| word.strip_suffix('}')) {
        Some(name) => Segment::Slot(name.to_owned(), ids.contains(&name)),
        None => Segment::Word(word.to_owned()),
    }
}

fn read(method: &str, path: Vec<Segment>, operation: &Value) -> Operation {
    let schema = |content: &Value| content["application/json"].get("schema").cloned();
    let answers = operation["responses"].as_object().into_iter().flatten();
    let anonymous = operation["security"].as_array().into_iter().flatten();
    Operation {
        id: operation["operationId"].as_str().unwrap_or_default().to_owned(),
        method: method.to_uppercase(),
        path,
        body: schema(&operation["requestBody"]["content"]),
        answers: answers
            .filter_map(|(status, answer)| Some((status.clone(), schema(&answer["content"])?)))
            .collect(),
        anonymous: anonymous.into_iter().any(|way| way.as_object().is_some_and(serde_json::Map::is_empty)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(method: &str, path: &str, expected: &str) {
        let found = match Spec::get().route(method, path) {
            Route::Found(operation, _) => operation.id.as_str(),
            Route::OtherMethod => "other method",
            Route::Unknown => "unknown",
        };
        assert_eq!(found, expected, "{method} {path}");
    }

    #[test]
    fn a_path_leads_to_the_operation_whose_words_it_has() {
        check("POST", "/channels/1/messages", "create_message");
        check("PATCH", "/channels/1/messages/2", "update_message");
        check("GET", "/channels/1/messages/pins", "list_pins");
        check("PUT", "/channels/1/messages/pins/2", "create_pin");
        check("PATCH", "/webhooks/1/tok/messages/@original", "update_original_webhook_message");
        check("PATCH", "/webhooks/1/tok/messages/2", "update_webhook_message");
        check("POST", "/webhooks/1/tok", "execute_webhook");
        check("POST", "/interactions/1/tok/callback", "create_interaction_response");
        check("GET", "/users/@me", "get_my_user");
        check("PUT", "/channels/1/messages", "other method");
        check("POST", "/channels/ops/messages", "unknown");
        check("POST", "/channel/1/messages", "unknown");
    }
}
