//! The one who appends: segments, the reserve, and what to do after the disk said no.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::format::{Chain, Sha256Hash};
use crate::id::Seq;
use crate::log::disk::{Disk, DiskFile};
use crate::log::{AppendError, RedactError};

use super::redact::rewrite;
use super::{Options, segment_path, segments};

/// Without a reserve, one is tried for again after so many flushes.
const TRY_RESERVE_EVERY: u32 = 256;

/// Appends to the active segment. Only the leader of a group holds it.
pub(super) struct Writer {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    options: Options,
    file: Box<dyn DiskFile>,
    segment: Seq,
    head: (Seq, Sha256Hash),
    /// Bytes flushed; what lies beyond was never acknowledged.
    len: u64,
    /// The active segment is the reserve, so long.
    capacity: Option<u64>,
    trouble: Trouble,
    /// The segment's name is not durable yet.
    unnamed: bool,
    /// Go on in a new file at the next append.
    leave: bool,
    reserve_ready: bool,
    flushes_without_reserve: u32,
    redactions: Vec<(Seq, Seq)>,
}

/// What the last append left behind.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trouble {
    None,
    /// Bytes beyond `len` that must go.
    Leftover,
    /// A flush failed. The kernel may have dropped the pages and call them clean, so that the next flush of this file
    /// proves nothing about them: cut the file back and never append to it again.
    Distrusted,
}

impl Writer {
    pub(super) fn new(
        disk: Arc<dyn Disk>,
        dir: &Path,
        options: Options,
        file: Box<dyn DiskFile>,
        segment: Seq,
    ) -> Self {
        Self {
            disk,
            dir: dir.to_owned(),
            options,
            file,
            segment,
            head: (Seq(0), Sha256Hash::ZERO),
            len: 0,
            capacity: None,
            trouble: Trouble::None,
            unnamed: true,
            leave: false,
            reserve_ready: false,
            flushes_without_reserve: 0,
            redactions: Vec::new(),
        }
    }

    pub(super) fn at(self, chain: Chain, len: u64, capacity: Option<u64>) -> Self {
        Self { head: (chain.seq, chain.hash), len, capacity, ..self }
    }

    pub(super) fn with_redactions(self, redactions: Vec<(Seq, Seq)>) -> Self {
        Self { redactions, ..self }
    }

    pub(super) fn chain(&self) -> (Seq, Sha256Hash) {
        self.head
    }

    pub(super) fn segment(&self) -> Seq {
        self.segment
    }

    pub(super) fn end(&self) -> u64 {
        self.len
    }

    pub(super) fn in_reserve(&self) -> bool {
        self.capacity.is_some()
    }

    pub(super) fn has_reserve(&self) -> bool {
        self.reserve_ready
    }

    /// Writes one group and flushes it.
    pub(super) fn store(&mut self, bytes: &[u8], head: (Seq, Sha256Hash)) -> Result<(), AppendError> {
        let stored = self.mend().and_then(|()| self.make_room(bytes)).and_then(|()| self.put(bytes));
        match stored {
            Err(AppendError::Full { .. }) if self.reserve_ready && self.capacity.is_none() => {
                self.enter_reserve()?;
                self.put(bytes)?;
            }
            other => other?,
        }
        self.head = head;
        self.look_after_reserve();
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), AppendError> {
        if let Err(error) = self.file.write_all_at(bytes, self.len) {
            self.trouble = Trouble::Leftover;
            return Err(self.failed(error));
        }
        if let Err(error) = self.file.sync_data() {
            self.trouble = Trouble::Distrusted;
            return Err(self.flush_failed(error));
        }
        if self.unnamed {
            if let Err(error) = self.disk.sync_dir(&self.dir) {
                self.trouble = Trouble::Leftover;
                return Err(self.flush_failed(error));
            }
            self.unnamed = false;
        }
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// Removes what a failed append left, so that no crash can bring half of it back.
    fn mend(&mut self) -> Result<(), AppendError> {
        match self.trouble {
            Trouble::None => return Ok(()),
            Trouble::Leftover => self.cut().map_err(|error| self.failed(error))?,
            Trouble::Distrusted => {
                self.file.set_len(self.len).map_err(|error| self.failed(error))?;
                self.file.sync_data().map_err(|error| self.flush_failed(error))?;
                self.leave = true;
            }
        }
        self.trouble = Trouble::None;
        Ok(())
    }

    fn cut(&self) -> io::Result<()> {
        let Some(capacity) = self.capacity else { return self.file.set_len(self.len) };
        self.file.set_len(capacity)?;
        let blank = usize::try_from(capacity.saturating_sub(self.len)).map_err(io::Error::other)?;
        self.file.write_all_at(&vec![b'\n'; blank], self.len)
    }

    fn make_room(&mut self, bytes: &[u8]) -> Result<(), AppendError> {
        let after = self.len + bytes.len() as u64;
        let beyond = match self.capacity {
            Some(capacity) => after > capacity,
            None => self.len > 0 && after > self.options.segment_bytes,
        };
        if !beyond && !self.leave {
            return Ok(());
        }
        self.finish_redactions();
        if self.capacity.is_some() {
            // Unused lines of the reserve. Should this fail, they stay: readers pass over them.
            let _ = self.file.set_len(self.len).and_then(|()| self.file.sync_data());
        }
        self.begin_segment().map_err(|error| self.failed(error))
    }

    fn begin_segment(&mut self) -> io::Result<()> {
        let next = self.head.0.next();
        let path = segment_path(&self.dir, next);
        if self.segment == next {
            // It holds no acknowledged event; a distrusted file is not used again.
            match self.disk.remove(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        self.file = self.disk.create(&path)?;
        self.begin_at(next, None);
        Ok(())
    }

    fn begin_at(&mut self, segment: Seq, capacity: Option<u64>) {
        self.segment = segment;
        self.capacity = capacity;
        self.len = 0;
        self.unnamed = true;
        self.leave = false;
        self.trouble = Trouble::None;
    }

    /// The disk is full: the reserve becomes the active segment, and is written over line by line.
    fn enter_reserve(&mut self) -> Result<(), AppendError> {
        self.mend()?;
        self.rename_reserve().map_err(|error| self.failed(error))
    }

    fn rename_reserve(&mut self) -> io::Result<()> {
        let next = self.head.0.next();
        let path = segment_path(&self.dir, next);
        if self.segment != next {
            // The segment left behind must end with its last acknowledged line, also after a crash.
            self.file.sync_data()?;
        }
        self.disk.rename(&self.reserve(), &path)?;
        self.reserve_ready = false;
        self.file = self.disk.open(&path)?;
        let capacity = self.file.len()?;
        self.begin_at(next, Some(capacity));
        Ok(())
    }

    fn look_after_reserve(&mut self) {
        if self.reserve_ready {
            return;
        }
        self.flushes_without_reserve += 1;
        if self.flushes_without_reserve >= TRY_RESERVE_EVERY {
            // Nothing lost if there is still no room.
            let _ = self.make_reserve();
        }
    }

    /// Makes the reserve, if it is not there; then the reserve in use, if any, is left at the next append.
    pub(super) fn make_reserve(&mut self) -> Result<(), AppendError> {
        self.flushes_without_reserve = 0;
        if !self.reserve_ready {
            let made = self.allocate_reserve();
            made.map_err(|error| AppendError::of(self.reserve(), error))?;
            self.reserve_ready = true;
            self.leave |= self.capacity.is_some();
        }
        Ok(())
    }

    fn allocate_reserve(&self) -> io::Result<()> {
        let (reserve, beside) = (self.reserve(), self.dir.join("reserve.tmp"));
        match self.disk.open_to_read(&reserve).and_then(|file| file.len()) {
            Ok(len) if len >= self.options.reserve_bytes => return Ok(()),
            Ok(_) => self.disk.remove(&reserve)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let _ = self.disk.remove(&beside);
        let file = self.disk.create(&beside)?;
        let len = usize::try_from(self.options.reserve_bytes).map_err(io::Error::other)?;
        let made = file.write_all_at(&vec![b'\n'; len], 0).and_then(|()| file.sync_data());
        if let Err(error) = made {
            let _ = self.disk.remove(&beside);
            return Err(error);
        }
        self.disk.rename(&beside, &reserve)?;
        self.disk.sync_dir(&self.dir)
    }

    fn reserve(&self) -> PathBuf {
        self.dir.join("reserve")
    }

    /// Notes a redaction that a durable event asks for.
    pub(super) fn ask_redaction(&mut self, target: Seq, by: Seq) {
        if !self.redactions.contains(&(target, by)) {
            self.redactions.push((target, by));
        }
    }

    /// Does what is still to do; what the disk refuses stays to be done. Returns how many were done.
    pub(super) fn finish_redactions(&mut self) -> u32 {
        let asked = self.redactions.clone();
        asked.into_iter().map(|(target, by)| u32::from(matches!(self.redact(target, by), Ok(true)))).sum()
    }

    /// Rewrites the target's segment; false when that was done before.
    pub(super) fn redact(&mut self, target: Seq, by: Seq) -> Result<bool, RedactError> {
        let dir = self.dir.clone();
        let io = |source| RedactError::Io { file: dir.clone(), source };
        let all = segments(self.disk.as_ref(), &self.dir).map_err(|error| io(io::Error::other(error)))?;
        let index = all.partition_point(|first| *first <= target).checked_sub(1);
        let segment = index.map(|index| all[index]).ok_or(RedactError::NotRedactable { target })?;
        let active = segment == self.segment;
        if active {
            self.mend().map_err(|error| io(io::Error::other(error)))?;
        }
        let end = active.then_some(self.len);
        let done = rewrite(self.disk.as_ref(), &self.dir, segment, (target, by), end);
        if !matches!(done, Err(RedactError::Io { .. })) {
            self.redactions.retain(|asked| *asked != (target, by));
        }
        let Some(new) = done? else { return Ok(false) };
        if active {
            self.file = new.file;
            self.len = new.len;
            self.capacity = None;
        }
        Ok(true)
    }

    fn failed(&self, error: io::Error) -> AppendError {
        AppendError::of(segment_path(&self.dir, self.segment), error)
    }

    fn flush_failed(&self, error: io::Error) -> AppendError {
        match self.failed(error) {
            AppendError::Write { file, source } => AppendError::Flush { file, source },
            other => other,
        }
    }
}
