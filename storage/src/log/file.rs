//! The log as segment files of JSON lines in one directory.
//!
//! ```text
//! 00000000000000000001.jsonl   events from 1 on, at most 64 MiB
//! 00000000000000081342.jsonl   the active segment: only here is anything appended
//! 00000000000000081342.torn    bytes cut at an open: never acknowledged, kept to be looked at
//! reserve                      empty lines, already allocated: becomes a segment when the disk is full
//! lock                         one process at a time
//! ```
//!
//! Segments are never deleted here. The active one is not preallocated: a tail of NULs or holes would show in a pager and
//! stop `jq` and `grep`, and would buy 7,000 instead of 4,900 appends a second where tens are needed. The
//! reserve is preallocated, but with newlines, so that even it stays readable while it is a segment.

use std::any::Any;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use crate::event::{Event, Kind};
use crate::format::{Draft, Encoded, Sha256Hash};
use crate::id::Seq;

use super::disk::{Disk, LockError, RealDisk};
use super::group::GroupCommit;
use super::tail::{Tail, Tails};
use super::{
    AppendError, EventLog, Events, ReadError, Receipt, RedactError, check_kind, check_numbers, lock,
};

mod error;
mod flush;
mod read;
mod recover;
mod redact;
mod scan;
mod segment;
mod verify;
mod writer;

pub use error::OpenError;
pub use verify::{Report, verify, verify_on};

use flush::{Group, Job};
use read::Reading;
use segment::{holds_later_group, segment_path, segments};
use writer::Writer;

/// A place in the index is kept for every so many events.
const MARK_EVERY: u64 = 256;

/// Sizes; the defaults are right but for tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// A segment that would grow beyond this is left for a new one.
    pub segment_bytes: u64,
    /// Size of the reserve: 8 MiB hold some 16,000 events.
    pub reserve_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { segment_bytes: 64 << 20, reserve_bytes: 8 << 20 }
    }
}

/// Where an event's line starts. Only ever a hint: it is checked when used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// First event of the segment, which is the segment's name.
    pub segment: Seq,
    /// Bytes from its start.
    pub byte: u64,
}

/// What opening found and mended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Bytes of an unfinished last flush that were cut.
    pub torn_bytes: u64,
    /// Where they were put aside, if that was possible.
    pub torn_kept_in: Option<PathBuf>,
    /// Redactions finished that a crash had left half-done.
    pub redactions: u32,
    /// Whether the reserve is there. Without it, recording stops as soon as the disk is full.
    pub reserve_ready: bool,
}

/// The log in a directory. See the module.
pub struct FileLog {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    known: Mutex<Known>,
    tails: Tails,
    commit: GroupCommit<Job, Result<Receipt, AppendError>>,
    /// None when opened for reading only.
    writer: Option<Mutex<Writer>>,
    recovered: Recovered,
    _lock: Option<Box<dyn Any + Send + Sync>>,
}

/// What readers need. The head moves only after a flush.
struct Known {
    segments: Vec<Seq>,
    head: (Seq, Sha256Hash),
    marks: BTreeMap<Seq, Place>,
}

impl FileLog {
    /// Opens the log in a directory, makes it if need be, and takes its lock.
    ///
    /// # Effects
    ///
    /// Cuts an unfinished last flush (keeping the bytes beside), finishes a redaction, makes the reserve.
    ///
    /// # Errors
    ///
    /// See [`OpenError`].
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, OpenError> {
        Self::open_on(Arc::new(RealDisk), dir, Options::default())
    }

    /// Opens the log for reading what is there now: no lock, nothing changed, a running Lifeboat not disturbed.
    ///
    /// # Errors
    ///
    /// See [`OpenError`].
    pub fn open_read_only(dir: impl Into<PathBuf>) -> Result<Self, OpenError> {
        Self::open_read_only_on(Arc::new(RealDisk), dir)
    }

    /// As [`open`](Self::open), on a disk and with sizes of one's own.
    ///
    /// # Errors
    ///
    /// See [`OpenError`].
    pub fn open_on(
        disk: Arc<dyn Disk>,
        dir: impl Into<PathBuf>,
        options: Options,
    ) -> Result<Self, OpenError> {
        let dir = dir.into();
        disk.make_dir(&dir).map_err(OpenError::io(&dir))?;
        let path = dir.join("lock");
        let held = disk.lock(&path).map_err(|error| match error {
            LockError::Held { pid } => OpenError::InUse { dir: dir.clone(), pid },
            LockError::Io(source) => OpenError::Io { file: path, source },
        })?;
        let found = recover::look(disk.as_ref(), &dir)?;
        let (mut writer, mut recovered) = recover::mend(&disk, &dir, options, &found)?;
        recovered.redactions = writer.finish_redactions();
        recovered.reserve_ready = writer.make_reserve().is_ok();
        let mut log = Self::new(disk, dir, &found, Some(held), recovered);
        lock(&log.known).note_segment(writer.segment());
        log.writer = Some(Mutex::new(writer));
        Ok(log)
    }

    /// As [`open_read_only`](Self::open_read_only), on a disk of one's own.
    ///
    /// # Errors
    ///
    /// See [`OpenError`].
    pub fn open_read_only_on(disk: Arc<dyn Disk>, dir: impl Into<PathBuf>) -> Result<Self, OpenError> {
        let dir = dir.into();
        let found = recover::look(disk.as_ref(), &dir)?;
        Ok(Self::new(disk, dir, &found, None, Recovered::default()))
    }

    fn new(
        disk: Arc<dyn Disk>,
        dir: PathBuf,
        found: &recover::Found,
        held: Option<Box<dyn Any + Send + Sync>>,
        recovered: Recovered,
    ) -> Self {
        let known = Known {
            segments: found.segments.clone(),
            head: (found.chain.seq, found.chain.hash),
            marks: found.marks.iter().copied().collect(),
        };
        Self {
            disk,
            dir,
            known: Mutex::new(known),
            tails: Tails::default(),
            commit: GroupCommit::new(),
            writer: None,
            recovered,
            _lock: held,
        }
    }

    /// What opening found and mended.
    #[must_use]
    pub fn recovered(&self) -> &Recovered {
        &self.recovered
    }

    /// Makes the reserve again, if it was used up and there is room; from then on recording goes to an ordinary
    /// segment. The log tries by itself now and then; this is for a timer or a person who made room.
    ///
    /// # Errors
    ///
    /// When there is still no room, or the log was opened for reading only.
    pub fn restore_reserve(&self) -> Result<(), AppendError> {
        let writer = self.writer.as_ref().ok_or(AppendError::OpenedReadOnly)?;
        lock(writer).make_reserve()
    }

    /// Places of some events, for a view to keep.
    #[must_use]
    pub fn marks(&self) -> Vec<(Seq, Place)> {
        lock(&self.known).marks.iter().map(|(seq, place)| (*seq, *place)).collect()
    }

    /// Takes places back from a view. Each is checked when used, so a stale one costs time only.
    pub fn offer_marks(&self, marks: impl IntoIterator<Item = (Seq, Place)>) {
        let mut known = lock(&self.known);
        for (seq, place) in marks {
            known.marks.entry(seq).or_insert(place);
        }
    }

    fn submit(&self, expect: Option<Seq>, drafts: Vec<Draft>) -> Result<Receipt, AppendError> {
        let Some(writer) = &self.writer else { return Err(AppendError::OpenedReadOnly) };
        drafts.iter().try_for_each(|draft| check_kind(&draft.kind))?;
        let encoded: Result<_, _> = drafts.iter().map(Encoded::new).collect();
        let encoded = encoded.map_err(|error| AppendError::Encode(Arc::new(error)))?;
        self.commit.submit(Job { expect, drafts, encoded }, |jobs| self.flush(&mut lock(writer), jobs))
    }

    /// Numbers, writes and flushes what waits, as one group.
    fn flush(&self, writer: &mut Writer, jobs: Vec<Job>) -> Vec<Result<Receipt, AppendError>> {
        let group = Group::of(writer.chain(), &jobs);
        let stored = if group.bytes.is_empty() { Ok(()) } else { writer.store(&group.bytes, group.head) };
        if stored.is_ok() {
            self.publish(writer, &group, jobs);
        }
        let reserve_in_use = writer.in_reserve();
        group
            .receipts
            .into_iter()
            .map(|receipt| {
                let receipt = receipt?;
                stored.clone().map(|()| Receipt { reserve_in_use, ..receipt })
            })
            .collect()
    }

    fn publish(&self, writer: &mut Writer, group: &Group, jobs: Vec<Job>) {
        let mut known = lock(&self.known);
        known.note_segment(writer.segment());
        known.head = group.head;
        for (seq, at) in &group.marks {
            let place =
                Place { segment: writer.segment(), byte: writer.end() - group.bytes.len() as u64 + at };
            known.marks.insert(*seq, place);
        }
        let mut new = Vec::new();
        let wanted = !self.tails.is_empty();
        for (job, receipt) in jobs.into_iter().zip(&group.receipts) {
            let Ok(receipt) = receipt else { continue };
            for (draft, seq) in job.drafts.into_iter().zip(receipt.first.0..) {
                if let Kind::Redacted { target, .. } = draft.kind {
                    writer.ask_redaction(target, Seq(seq));
                }
                if wanted {
                    new.push(Arc::new(draft.at(Seq(seq))));
                }
            }
        }
        self.tails.publish(&new);
    }

    fn reading(&self, range: Range<Seq>) -> Reading {
        let known = lock(&self.known);
        let first = range.start.max(Seq(1));
        let end = range.end.min(known.head.0.next());
        let mark = known.marks.range(..=first).next_back().map(|(seq, place)| (*seq, *place));
        Reading::new(Arc::clone(&self.disk), self.dir.clone(), known.segments.clone(), first..end, mark)
    }

    fn event_at(&self, seq: Seq) -> Result<Option<Event>, ReadError> {
        self.read(seq..seq.next())?.next().transpose()
    }

    fn check_redaction(&self, target: Seq, by: Seq) -> Result<(), RedactError> {
        match self.event_at(by)?.map(|event| event.kind) {
            Some(Kind::Redacted { target: asked, .. }) if asked == target => {}
            _ => return Err(RedactError::NotAsked { target, by }),
        }
        match self.event_at(target)?.map(|event| event.kind) {
            None | Some(Kind::Redacted { .. }) => Err(RedactError::NotRedactable { target }),
            Some(_) if target > by => Err(RedactError::NotRedactable { target }),
            Some(_) => Ok(()),
        }
    }
}

impl Known {
    fn note_segment(&mut self, segment: Seq) {
        if self.segments.last() != Some(&segment) {
            self.segments.push(segment);
        }
    }
}

impl EventLog for FileLog {
    fn append(&self, events: &[Event]) -> Result<Receipt, AppendError> {
        check_numbers(events)?;
        let expect = events.first().map(|event| event.seq);
        self.submit(expect, events.iter().cloned().map(Draft::from).collect())
    }

    fn append_drafts(&self, drafts: Vec<Draft>) -> Result<Receipt, AppendError> {
        self.submit(None, drafts)
    }

    fn read(&self, range: Range<Seq>) -> Result<Events, ReadError> {
        let mut reading = self.reading(range);
        reading.begin()?;
        Ok(Box::new(reading))
    }

    fn tail(&self) -> Tail {
        let known = lock(&self.known);
        self.tails.subscribe(known.head.0.next())
    }

    fn head(&self) -> (Seq, Sha256Hash) {
        lock(&self.known).head
    }

    fn hash_at(&self, seq: Seq) -> Result<Option<Sha256Hash>, ReadError> {
        let mut reading = self.reading(seq..seq.next());
        reading.begin()?;
        reading.next_line(|line| Ok(line.hash)).transpose()
    }

    fn recover_room(&self) -> bool {
        let used_up = self.writer.as_ref().is_some_and(|writer| !lock(writer).has_reserve());
        used_up && self.restore_reserve().is_ok()
    }

    fn redact(&self, target: Seq, by: Seq) -> Result<(), RedactError> {
        let mut writer = lock(self.writer.as_ref().ok_or(RedactError::OpenedReadOnly)?);
        self.check_redaction(target, by)?;
        writer.ask_redaction(target, by);
        writer.redact(target, by)?;
        let mut known = lock(&self.known);
        known.marks.retain(|seq, _| *seq <= target);
        Ok(())
    }
}

impl std::fmt::Debug for FileLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileLog").field("dir", &self.dir).field("head", &self.head()).finish_non_exhaustive()
    }
}
