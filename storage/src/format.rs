//! How an event stands on disk: one JSON line, sealed so that a change anywhere shows.
//!
//! ```text
//! {"v":1,"seq":7,"group":[7,8],"prev":"<hash of 6>","payload_sha256":"…","header":{…},"hash":"…","payload":{…}}
//! └────────────────────── hash = SHA-256 of exactly these bytes ───────────────────┘
//! ```
//!
//! `payload_sha256` covers the payload's bytes, `hash` everything before `,"hash"`: a payload can be replaced by a
//! tombstone and the chain still holds. `group` names the first and last event written by the same flush: a
//! group exists whole or not at all, and a line of a later group proves that this one was flushed.
//! With `sed` and `sha256sum` a line can be checked without Lifeboat.
//!
//! # Versions
//!
//! | who reads what | what happens |
//! | --- | --- |
//! | old reader, newer `v` | refused, with the version ([`Fault::Newer`]); nothing is cut, nothing appended |
//! | old reader, known `v`, unknown kind | yielded as [`Kind::Unknown`] with its whole payload; folds pass over it |
//! | old reader, known kind, unknown field | the field is passed over, and stays in the file |
//! | new reader, older `v` | brought to today's types while reading; the file is not rewritten |
//! | old writer, newer data | may append after unknown kinds, not after a newer `v` |
//!
//! So: a new kind, or a new optional field an old reader may rightly ignore, keeps `v`. Anything else, every change of
//! the header included, raises it. Every version keeps the line's outer layout up to `,"payload":`; one that cannot
//! must use another file ending, which older versions refuse to pass over.

use std::fmt;
use std::io::Write as _;
use std::str::FromStr;

use chrono::SubsecRound as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::event::{Actor, Event, Kind, Time};
use crate::id::{Correlation, IncidentId, Seq, World};

mod known;
mod line;

pub(crate) use line::seq_of;
pub use line::{Line, parse_line};

/// The version this Lifeboat writes; it reads this one and all before it.
pub const VERSION: u32 = 1;

/// A SHA-256, shown as 64 hexadecimal digits.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Sha256Hash([u8; 32]);

impl Sha256Hash {
    /// What stands as `prev` of the first event.
    pub const ZERO: Self = Self([0; 32]);

    /// The hash of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Sha256Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.hex()).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Sha256Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Sha256Hash {
    fn hex(self) -> [u8; 64] {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 64];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        text
    }

    fn from_hex(text: &[u8]) -> Option<Self> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        if text.len() != 64 {
            return None;
        }
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(text.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Self(hash))
    }
}

/// What was given is not 64 lowercase hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read the text as a SHA-256 (64 lowercase hexadecimal digits)")]
pub struct NotAHash;

impl FromStr for Sha256Hash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        Self::from_hex(text.as_bytes()).ok_or(NotAHash)
    }
}

impl Serialize for Sha256Hash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Sha256Hash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// An event that has no place in the log yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The incident it belongs to, or none.
    pub incident: Option<IncidentId>,
    /// The real world or a drill.
    pub world: World,
    /// When it happened.
    pub occurred_at: Time,
    /// When Lifeboat wrote it down.
    pub recorded_at: Time,
    /// Who or what did it.
    pub actor: Actor,
    /// What happened.
    pub kind: Kind,
    /// The events of one command or one decision share it.
    pub correlation: Option<Correlation>,
    /// The older event that this one corrects.
    pub supersedes: Option<Seq>,
}

impl Draft {
    /// The event it becomes at this place. Times are cut to the millisecond, as the log keeps them.
    #[must_use]
    pub fn at(self, seq: Seq) -> Event {
        Event {
            seq,
            incident: self.incident,
            world: self.world,
            occurred_at: self.occurred_at.trunc_subsecs(3),
            recorded_at: self.recorded_at.trunc_subsecs(3),
            actor: self.actor,
            kind: self.kind,
            correlation: self.correlation,
            supersedes: self.supersedes,
        }
    }
}

impl From<Event> for Draft {
    fn from(event: Event) -> Self {
        Self {
            incident: event.incident,
            world: event.world,
            occurred_at: event.occurred_at,
            recorded_at: event.recorded_at,
            actor: event.actor,
            kind: event.kind,
            correlation: event.correlation,
            supersedes: event.supersedes,
        }
    }
}

/// Why a line is not a record this version can stand by.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The line does not have a record's layout.
    #[error("not laid out as a record")]
    Layout,
    /// The line has no end.
    #[error("the line has no end")]
    Unfinished,
    /// An empty line stands between records.
    #[error("an empty line between records")]
    Blank,
    /// Written by a newer Lifeboat.
    #[error(
        "record version {found} is newer than {VERSION}, the newest this Lifeboat reads; use a newer Lifeboat"
    )]
    Newer {
        /// The version of the record.
        found: u32,
    },
    /// Header or numbers do not give the hash written beside them.
    #[error("the hash does not match the record's header")]
    Hash,
    /// The payload is neither the one hashed nor a tombstone.
    #[error("the payload's SHA-256 does not match")]
    Payload,
    /// `prev` is not the hash of the record before.
    #[error("the chain is broken: `prev` is not the hash of the record before")]
    Chain,
    /// A number is missing or comes twice.
    #[error("expected event {expected}, found {found}")]
    Number {
        /// What should have come.
        expected: Seq,
        /// What came.
        found: Seq,
    },
    /// The lines of one flush contradict each other, or some are missing.
    #[error("the flush of this record is incomplete")]
    Group,
    /// The header or the payload cannot be read, though its hash is right.
    #[error("the fields cannot be read: {0}")]
    Fields(String),
    /// A tombstone names no `Redacted` event for its place.
    #[error("a tombstone without its redaction (event {by})")]
    Tombstone {
        /// The event it names.
        by: Seq,
    },
    /// The first number is not the one in the file's name.
    #[error("the file's name promises event {promised}")]
    Name {
        /// The number in the name.
        promised: Seq,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderV1 {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    incident: Option<IncidentId>,
    world: World,
    #[serde(with = "millis")]
    occurred_at: Time,
    #[serde(with = "millis")]
    recorded_at: Time,
    actor: Actor,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    correlation: Option<Correlation>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    supersedes: Option<Seq>,
}

mod millis {
    use chrono::SecondsFormat;
    use serde::{Deserialize as _, Deserializer, Serializer};

    use crate::event::Time;

    pub(super) fn serialize<S: Serializer>(time: &Time, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        Time::deserialize(deserializer)
    }
}

/// The parts of a line that do not depend on its place, made before any lock is taken.
#[derive(Clone, Debug)]
pub(crate) struct Encoded {
    header: Vec<u8>,
    payload: Vec<u8>,
    payload_sha256: Sha256Hash,
}

impl Encoded {
    pub(crate) fn new(draft: &Draft) -> Result<Self, serde_json::Error> {
        let header = HeaderV1 {
            incident: draft.incident,
            world: draft.world,
            occurred_at: draft.occurred_at,
            recorded_at: draft.recorded_at,
            actor: draft.actor.clone(),
            correlation: draft.correlation.clone(),
            supersedes: draft.supersedes,
        };
        let payload = serde_json::to_vec(&draft.kind)?;
        Ok(Self { header: serde_json::to_vec(&header)?, payload_sha256: Sha256Hash::of(&payload), payload })
    }

    /// How many bytes its line takes at most.
    pub(crate) fn room(&self) -> usize {
        /// Three hashes of 64 digits, three numbers of at most 20, and the names and marks between them.
        const FRAME: usize = 384;
        self.header.len() + self.payload.len() + FRAME
    }

    /// Writes the whole line with its newline, and returns its hash.
    pub(crate) fn write(
        &self,
        out: &mut Vec<u8>,
        seq: Seq,
        group: (Seq, Seq),
        prev: Sha256Hash,
    ) -> Sha256Hash {
        let start = out.len();
        let (first, last) = group;
        write!(out, "{{\"v\":{VERSION},\"seq\":{seq},\"group\":[{first},{last}],\"prev\":\"")
            .expect("writing to memory does not fail");
        out.extend_from_slice(&prev.hex());
        out.extend_from_slice(b"\",\"payload_sha256\":\"");
        out.extend_from_slice(&self.payload_sha256.hex());
        out.extend_from_slice(b"\",\"header\":");
        out.extend_from_slice(&self.header);
        let hash = Sha256Hash::of(&out[start..]);
        out.extend_from_slice(b",\"hash\":\"");
        out.extend_from_slice(&hash.hex());
        out.extend_from_slice(b"\",\"payload\":");
        out.extend_from_slice(&self.payload);
        out.extend_from_slice(b"}\n");
        hash
    }
}

/// Follows the chain from record to record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chain {
    pub(crate) seq: Seq,
    pub(crate) hash: Sha256Hash,
    /// The group that is still open: more lines of it must come.
    pub(crate) open: Option<(Seq, Seq)>,
}

impl Chain {
    pub(crate) const START: Self = Self { seq: Seq(0), hash: Sha256Hash::ZERO, open: None };

    /// Checks that the line is the next one, and moves on to it.
    pub(crate) fn accept(&mut self, line: &Line<'_>) -> Result<(), Fault> {
        if line.seq != self.seq.next() {
            return Err(Fault::Number { expected: self.seq.next(), found: line.seq });
        }
        if line.prev != self.hash {
            return Err(Fault::Chain);
        }
        let (first, last) = line.group;
        let fits = match self.open {
            Some(open) => open == line.group,
            None => first == line.seq && last >= line.seq,
        };
        if !fits {
            return Err(Fault::Group);
        }
        *self = Self { seq: line.seq, hash: line.hash, open: (line.seq < last).then_some(line.group) };
        Ok(())
    }
}

#[cfg(test)]
mod tests;
