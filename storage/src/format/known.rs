//! Tells a kind that is unknown here from a known kind with fields that cannot be read.

use std::fmt;

use serde::Deserialize as _;
use serde::de::value::MapDeserializer;

use crate::event::Kind;

use super::Fault;

/// Reads a payload; a kind unknown to this version is kept whole.
pub(super) fn read_kind(payload: &[u8]) -> Result<Kind, Fault> {
    let error = match serde_json::from_slice::<Kind>(payload) {
        Ok(kind) => return Ok(kind),
        Err(error) => error,
    };
    let payload: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(payload).map_err(|_| Fault::Fields(error.to_string()))?;
    match payload.get("kind").and_then(|name| name.as_str()) {
        Some(name) if !is_known(name) => Ok(Kind::Unknown { name: name.to_owned(), payload }),
        _ => Err(Fault::Fields(error.to_string())),
    }
}

/// Asks serde itself, so that no second list of names can fall behind.
fn is_known(name: &str) -> bool {
    let only_the_name = MapDeserializer::<_, Answer>::new(std::iter::once(("kind", name)));
    !matches!(Kind::deserialize(only_the_name), Err(Answer::UnknownKind))
}

#[derive(Debug)]
enum Answer {
    UnknownKind,
    SomethingElse,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownKind => "unknown kind",
            Self::SomethingElse => "known kind without its fields",
        })
    }
}

impl std::error::Error for Answer {}

impl serde::de::Error for Answer {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::SomethingElse
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self::UnknownKind
    }
}
