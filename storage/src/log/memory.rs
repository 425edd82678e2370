//! A log in memory: for drills and tests. The same numbers and hashes as the file log, nothing durable.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use crate::event::{Event, Kind};
use crate::format::{Draft, Encoded, Sha256Hash};
use crate::id::Seq;

use super::tail::{Tail, Tails};
use super::{
    AppendError, EventLog, Events, ReadError, Receipt, RedactError, check_kind, check_numbers, lock,
};

/// See the module.
#[derive(Debug, Default)]
pub struct MemoryLog {
    records: Mutex<Vec<(Event, Sha256Hash)>>,
    tails: Tails,
}

impl MemoryLog {
    /// An empty log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn add(&self, expect: Option<Seq>, drafts: Vec<Draft>) -> Result<Receipt, AppendError> {
        drafts.iter().try_for_each(|draft| check_kind(&draft.kind))?;
        let encoded: Vec<Encoded> = drafts
            .iter()
            .map(Encoded::new)
            .collect::<Result<_, _>>()
            .map_err(|error| AppendError::Encode(Arc::new(error)))?;
        let mut records = lock(&self.records);
        let (head, mut hash) = head_of(&records);
        let first = head.next();
        if let Some(found) = expect.filter(|found| *found != first) {
            return Err(AppendError::OutOfOrder { expected: first, found });
        }
        let last = Seq(head.0 + drafts.len() as u64);
        let (mut line, mut new) = (Vec::new(), Vec::new());
        for ((draft, encoded), seq) in drafts.into_iter().zip(&encoded).zip(first.0..) {
            line.clear();
            hash = encoded.write(&mut line, Seq(seq), (first, last), hash);
            let event = draft.at(Seq(seq));
            new.push(Arc::new(event.clone()));
            records.push((event, hash));
        }
        self.tails.publish(&new);
        Ok(Receipt { first, last, head: hash, reserve_in_use: false })
    }
}

fn head_of(records: &[(Event, Sha256Hash)]) -> (Seq, Sha256Hash) {
    records.last().map_or((Seq(0), Sha256Hash::ZERO), |(event, hash)| (event.seq, *hash))
}

fn index(seq: Seq) -> usize {
    usize::try_from(seq.0.saturating_sub(1)).unwrap_or(usize::MAX)
}

impl EventLog for MemoryLog {
    fn append(&self, events: &[Event]) -> Result<Receipt, AppendError> {
        check_numbers(events)?;
        let expect = events.first().map(|event| event.seq);
        self.add(expect, events.iter().cloned().map(Draft::from).collect())
    }

    fn append_drafts(&self, drafts: Vec<Draft>) -> Result<Receipt, AppendError> {
        self.add(None, drafts)
    }

    fn read(&self, range: Range<Seq>) -> Result<Events, ReadError> {
        let records = lock(&self.records);
        let end = index(range.end).min(records.len());
        let found = records.get(index(range.start).min(end)..end).unwrap_or_default();
        let events: Vec<Event> = found.iter().map(|(event, _)| event.clone()).collect();
        Ok(Box::new(events.into_iter().map(Ok)))
    }

    fn tail(&self) -> Tail {
        let records = lock(&self.records);
        self.tails.subscribe(head_of(&records).0.next())
    }

    fn head(&self) -> (Seq, Sha256Hash) {
        head_of(&lock(&self.records))
    }

    fn hash_at(&self, seq: Seq) -> Result<Option<Sha256Hash>, ReadError> {
        Ok(lock(&self.records).get(index(seq)).filter(|_| seq.0 > 0).map(|(_, hash)| *hash))
    }

    fn redact(&self, target: Seq, by: Seq) -> Result<(), RedactError> {
        let mut records = lock(&self.records);
        match records.get(index(by)).map(|(event, _)| &event.kind) {
            Some(Kind::Redacted { target: asked, .. }) if *asked == target => {}
            _ => return Err(RedactError::NotAsked { target, by }),
        }
        match records.get_mut(index(target)).map(|(event, _)| event) {
            Some(event) if event.seq == target && target < by => match event.kind {
                Kind::Redacted { .. } => Err(RedactError::NotRedactable { target }),
                Kind::Tombstone { .. } => Ok(()),
                _ => {
                    let left = Box::new(event.kind.without_text());
                    event.kind = Kind::Tombstone { by, left };
                    Ok(())
                }
            },
            _ => Err(RedactError::NotRedactable { target }),
        }
    }
}
