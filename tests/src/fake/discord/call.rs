//! A request as its operation sees it.

use std::collections::BTreeMap;

use hyper::HeaderMap;
use serde_json::{Map, Value};

use super::multipart::File;
use super::snowflake::Snowflake;
use super::spec::Operation;

/// A request that found its operation and whose body was judged.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) operation: &'static Operation,
    pub(crate) slots: BTreeMap<String, String>,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) body: Value,
    pub(crate) files: Vec<File>,
    /// The reason for the audit log, decoded.
    pub(crate) reason: Option<String>,
}

impl Call {
    /// An id of the path; the routes have seen to it that it is one.
    pub(crate) fn id(&self, slot: &str) -> Snowflake {
        self.slots.get(slot).and_then(|id| id.parse().ok()).unwrap_or_default()
    }

    pub(crate) fn text(&self, slot: &str) -> &str {
        self.slots.get(slot).map_or("", String::as_str)
    }

    pub(crate) fn asks(&self, flag: &str) -> bool {
        self.query.get(flag).is_some_and(|value| value == "true")
    }

    /// The body's fields.
    pub(crate) fn fields(&self) -> Map<String, Value> {
        self.body.as_object().cloned().unwrap_or_default()
    }

    /// What limits are counted by beside the bucket: the channel, the server or the webhook.
    pub(crate) fn top(&self) -> String {
        top(&self.slots)
    }
}

/// See [`Call::top`].
pub(crate) fn top(slots: &BTreeMap<String, String>) -> String {
    let slot = |name: &str| slots.get(name).cloned().unwrap_or_default();
    match ["channel_id", "guild_id", "interaction_id"].into_iter().find(|name| slots.contains_key(*name)) {
        Some(name) => slot(name),
        None => slot("webhook_id") + &slot("webhook_token"),
    }
}

/// A query's parts, decoded.
pub(crate) fn query(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decoded(key), decoded(value)))
        .collect()
}

/// Text without its percent signs; what is no UTF-8 then is replaced.
pub(crate) fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = (*first == b'%').then(|| after.get(..2)).flatten();
        let byte = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A header as text.
pub(crate) fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_signs_are_decoded_and_broken_ones_stay() {
        assert_eq!(decoded("INC-1%20%E7%BD%91%E5%85%B3%zz%2"), "INC-1 网关%zz%2");
        assert_eq!(
            query("wait=true&name=a%20b&x"),
            BTreeMap::from([
                ("wait".to_owned(), "true".to_owned()),
                ("name".to_owned(), "a b".to_owned()),
                ("x".to_owned(), String::new()),
            ])
        );
    }
}
