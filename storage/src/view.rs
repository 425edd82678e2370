//! Views: what makes reading fast and may be lost at any time.
//!
//! A view holds folded snapshots, places in the log and the recall index (signatures and words of incidents), and never
//! an entry an event. Whatever is missing, stale, corrupt or deleted while we run is made again from the log by the
//! next caller; nothing but time is lost. Every answer is tied to a hash of the log, which alone is believed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::event::{Event, Kind};
use crate::format::Sha256Hash;
use crate::id::{IncidentId, Seq};
use crate::log::{EventLog, Place, ReadError};

mod sled;
mod words;

pub use self::sled::SledStore;
pub use words::words;

/// Raised when the index is made differently; an index of another version is made again.
const INDEX_VERSION: u32 = 1;

/// Events indexed between two writes to the store.
const INDEX_BATCH: usize = 4096;

/// Keys with their values.
pub type Entries = Vec<(Vec<u8>, Vec<u8>)>;

/// Keys and values; any of it may be lost or refused at any time.
pub trait Store: Send {
    /// The value of a key.
    ///
    /// # Errors
    ///
    /// [`Lost`] when the store can no longer be used as it is.
    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, Lost>;

    /// Sets some keys, all or none.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    fn put(&mut self, entries: Entries) -> Result<(), Lost>;

    /// All entries whose key begins so, in order.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    fn scan(&mut self, prefix: &[u8]) -> Result<Entries, Lost>;

    /// Throws everything away, files included, and begins empty. A store that cannot begin on the disk begins in memory.
    fn begin_anew(&mut self);
}

/// The store is gone or broken; only [`Store::begin_anew`] helps.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("use the view: {0}")]
pub struct Lost(pub String);

/// A store in memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(BTreeMap<Vec<u8>, Vec<u8>>);

impl Store for MemoryStore {
    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, Lost> {
        Ok(self.0.get(key).cloned())
    }

    fn put(&mut self, entries: Entries) -> Result<(), Lost> {
        self.0.extend(entries);
        Ok(())
    }

    fn scan(&mut self, prefix: &[u8]) -> Result<Entries, Lost> {
        let from_here = self.0.range(prefix.to_vec()..);
        let found = from_here.take_while(|(key, _)| key.starts_with(prefix));
        Ok(found.map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    fn begin_anew(&mut self) {
        self.0.clear();
    }
}

/// A folded state as it was kept, already checked against the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The newest event folded in.
    pub seq: Seq,
    /// The folded state, in whatever form the caller chose.
    pub bytes: Vec<u8>,
}

/// By what an incident is found again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Term {
    /// Signature of a failure.
    Signature(String),
    /// A word as [`words`] yields it.
    Word(String),
}

impl Term {
    fn key(&self, incident: Option<IncidentId>) -> Vec<u8> {
        let (table, text) = match self {
            Self::Signature(text) => ("s", text),
            Self::Word(text) => ("w", text),
        };
        let mut key = format!("{table}\0{text}\0").into_bytes();
        if let Some(incident) = incident {
            key.extend(incident.0.to_be_bytes());
        }
        key
    }
}

/// Views over one log. Everything here blocks, so one thread owns it.
pub struct Views<S> {
    log: Arc<dyn EventLog>,
    store: S,
    terms: fn(&Event) -> Vec<Term>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Covered {
    version: u32,
    seq: Seq,
    hash: Sha256Hash,
}

#[derive(Serialize, Deserialize)]
struct SnapshotHead {
    schema: u32,
    seq: Seq,
    hash: Sha256Hash,
    sha256: Sha256Hash,
}

const COVERED: &[u8] = b"covered";
const SNAPSHOT_HEAD: &[u8] = b"snapshot/head";
const SNAPSHOT: &[u8] = b"snapshot/bytes";
const MARKS: &[u8] = b"marks";
const REDACTIONS: &[u8] = b"redactions";

impl<S: Store> Views<S> {
    /// Views of this log kept in this store; `terms` says by what an event lets its incident be found.
    pub fn new(log: Arc<dyn EventLog>, store: S, terms: fn(&Event) -> Vec<Term>) -> Self {
        Self { log, store, terms }
    }

    /// Keeps a folded state that ends with this event. `schema` is raised when its form changes.
    pub fn put_snapshot(&mut self, seq: Seq, hash: Sha256Hash, schema: u32, bytes: &[u8]) {
        let head = SnapshotHead { schema, seq, hash, sha256: Sha256Hash::of(bytes) };
        let head = serde_json::to_vec(&head).unwrap_or_default();
        self.keep(vec![(SNAPSHOT_HEAD.to_vec(), head), (SNAPSHOT.to_vec(), bytes.to_vec())]);
    }

    /// The newest folded state of this form, if the log still says the same.
    pub fn newest_snapshot(&mut self, schema: u32) -> Option<Snapshot> {
        let head: SnapshotHead = self.value(SNAPSHOT_HEAD)?;
        let bytes = self.get(SNAPSHOT)?;
        let believed = head.schema == schema
            && head.sha256 == Sha256Hash::of(&bytes)
            && self.log.hash_at(head.seq).ok().flatten() == Some(head.hash);
        believed.then_some(Snapshot { seq: head.seq, bytes })
    }

    /// Throws the store away, files included, if it was begun before the newest of all redactions, of which there are
    /// so many; whether it was. What is kept from then on must come from a record without the redacted texts.
    pub fn forget_redacted(&mut self, redactions: usize) -> bool {
        if self.value::<usize>(REDACTIONS).unwrap_or(0) == redactions {
            return false;
        }
        self.store.begin_anew();
        self.keep(vec![(REDACTIONS.to_vec(), serde_json::to_vec(&redactions).unwrap_or_default())]);
        true
    }

    /// Keeps places of events for [`FileLog::offer_marks`](crate::log::FileLog::offer_marks), which checks each.
    pub fn put_marks(&mut self, marks: &[(Seq, Place)]) {
        let marks: Vec<_> = marks.iter().map(|(seq, place)| (seq.0, place.segment.0, place.byte)).collect();
        self.keep(vec![(MARKS.to_vec(), serde_json::to_vec(&marks).unwrap_or_default())]);
    }

    /// The places kept.
    pub fn marks(&mut self) -> Vec<(Seq, Place)> {
        let marks: Vec<(u64, u64, u64)> = self.value(MARKS).unwrap_or_default();
        marks
            .into_iter()
            .map(|(seq, segment, byte)| (Seq(seq), Place { segment: Seq(segment), byte }))
            .collect()
    }

    /// The incidents a term leads to, the index brought up to the log's head first.
    ///
    /// # Errors
    ///
    /// When the log cannot be read.
    pub fn find(&mut self, term: &Term) -> Result<Vec<IncidentId>, ReadError> {
        // A second loss within one question would be odd, a third one odder: then we ask memory.
        for _ in 0..3 {
            let found = self.catch_up()?.and_then(|()| self.store.scan(&term.key(None)));
            match found {
                Ok(entries) => return Ok(entries.iter().filter_map(|(key, _)| incident_of(key)).collect()),
                Err(Lost(_)) => self.store.begin_anew(),
            }
        }
        let mut memory = Views::new(Arc::clone(&self.log), MemoryStore::default(), self.terms);
        let found = memory.catch_up()?.and_then(|()| memory.store.scan(&term.key(None)));
        Ok(found.unwrap_or_default().iter().filter_map(|(key, _)| incident_of(key)).collect())
    }

    /// Indexes what the log has and the index has not.
    fn catch_up(&mut self) -> Result<Result<(), Lost>, ReadError> {
        let covered = match self.store.get(COVERED) {
            Ok(value) => value.and_then(|value| serde_json::from_slice::<Covered>(&value).ok()),
            Err(lost) => return Ok(Err(lost)),
        };
        let (head, hash) = self.log.head();
        let from = match covered {
            Some(covered)
                if covered.seq == head && covered.hash == hash && covered.version == INDEX_VERSION =>
            {
                return Ok(Ok(()));
            }
            Some(covered) if self.still_true(&covered)? => covered.seq,
            None if self.has_no_terms() => Seq(0),
            // Half an index may hold what was redacted since.
            _ => {
                self.store.begin_anew();
                Seq(0)
            }
        };
        self.index(from, (head, hash))
    }

    fn has_no_terms(&mut self) -> bool {
        [b"s\0", b"w\0"].iter().all(|table| self.store.scan(*table).is_ok_and(|terms| terms.is_empty()))
    }

    fn still_true(&self, covered: &Covered) -> Result<bool, ReadError> {
        let same_log = covered.seq == Seq(0) || self.log.hash_at(covered.seq)? == Some(covered.hash);
        // What was redacted meanwhile must leave the index, and its files: so it is made anew.
        Ok(covered.version == INDEX_VERSION
            && same_log
            && self.redacted(covered.seq.next()..self.log.head().0.next())?.is_empty())
    }

    /// Targets of the redactions in a range.
    fn redacted(&self, range: std::ops::Range<Seq>) -> Result<BTreeSet<Seq>, ReadError> {
        let mut targets = BTreeSet::new();
        for event in self.log.read(range)? {
            if let Kind::Redacted { target, .. } = event?.kind {
                targets.insert(target);
            }
        }
        Ok(targets)
    }

    fn index(&mut self, after: Seq, (head, hash): (Seq, Sha256Hash)) -> Result<Result<(), Lost>, ReadError> {
        let range = after.next()..head.next();
        let redacted = self.redacted(range.clone())?;
        let mut entries = BTreeSet::new();
        for event in self.log.read(range)? {
            let event = event?;
            let (Some(incident), false) = (event.incident, redacted.contains(&event.seq)) else { continue };
            entries.extend((self.terms)(&event).iter().map(|term| term.key(Some(incident))));
            if entries.len() >= INDEX_BATCH
                && let Err(lost) = self.store.put(with_empty_values(std::mem::take(&mut entries)))
            {
                return Ok(Err(lost));
            }
        }
        let covered = Covered { version: INDEX_VERSION, seq: head, hash };
        let mut last = with_empty_values(entries);
        last.push((COVERED.to_vec(), serde_json::to_vec(&covered).unwrap_or_default()));
        Ok(self.store.put(last))
    }

    fn keep(&mut self, entries: Entries) {
        if self.store.put(entries.clone()).is_err() {
            self.store.begin_anew();
            // Only speed is lost when this fails too.
            let _ = self.store.put(entries);
        }
    }

    fn get(&mut self, key: &[u8]) -> Option<Vec<u8>> {
        self.store.get(key).unwrap_or_else(|Lost(_)| {
            self.store.begin_anew();
            None
        })
    }

    fn value<T: for<'de> Deserialize<'de>>(&mut self, key: &[u8]) -> Option<T> {
        serde_json::from_slice(&self.get(key)?).ok()
    }
}

fn with_empty_values(keys: BTreeSet<Vec<u8>>) -> Entries {
    keys.into_iter().map(|key| (key, Vec::new())).collect()
}

fn incident_of(key: &[u8]) -> Option<IncidentId> {
    key.last_chunk().map(|number| IncidentId(u32::from_be_bytes(*number)))
}
