//! Range reads: from the nearest known place, line by line, across segments.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use crate::event::Event;
use crate::format::{Fault, Line, parse_line, seq_of};
use crate::id::Seq;
use crate::log::disk::Disk;
use crate::log::{Damage, ReadError};

use super::scan::LineReader;
use super::{Place, segment_path};

/// Yields the events of a range. It holds no lock; the range ends at the head of the moment it was made.
pub(super) struct Reading {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    segments: Vec<Seq>,
    range: Range<Seq>,
    mark: Option<(Seq, Place)>,
    open: Option<Open>,
}

struct Open {
    segment: Seq,
    path: PathBuf,
    lines: LineReader,
    /// Number of the next line, as far as can be counted.
    at: Seq,
}

impl Reading {
    pub(super) fn new(
        disk: Arc<dyn Disk>,
        dir: PathBuf,
        segments: Vec<Seq>,
        range: Range<Seq>,
        mark: Option<(Seq, Place)>,
    ) -> Self {
        Self { disk, dir, segments, range, mark, open: None }
    }

    /// Goes to the first event.
    pub(super) fn begin(&mut self) -> Result<(), ReadError> {
        if self.range.is_empty() { Ok(()) } else { self.open_segment() }
    }

    fn open_segment(&mut self) -> Result<(), ReadError> {
        let next = self.range.start;
        let place = self.segments.partition_point(|first| *first <= next).checked_sub(1);
        let segment = place.map_or(Seq(1), |index| self.segments[index]);
        let path = segment_path(&self.dir, segment);
        let (at, start) = match self.mark.take() {
            Some((seq, place)) if place.segment == segment && self.holds(seq, place) => (seq, place.byte),
            _ => (segment, 0),
        };
        let file =
            self.disk.open_to_read(&path).map_err(|source| ReadError::Io { file: path.clone(), source })?;
        self.open = Some(Open { segment, path, lines: LineReader::new(file, start), at });
        Ok(())
    }

    /// A place is a hint: a redaction moves lines, a view may be old.
    fn holds(&self, seq: Seq, place: Place) -> bool {
        let Ok(file) = self.disk.open_to_read(&segment_path(&self.dir, place.segment)) else { return false };
        let mut start = [0; 64];
        // A place in the middle of a line could look like the start of one only inside a text, where quotes are escaped.
        file.read_at(&mut start, place.byte).is_ok_and(|read| seq_of(&start[..read]) == Some(seq))
    }

    /// Finds the next line of the range, checked, and makes something of it.
    pub(super) fn next_line<T>(
        &mut self,
        take: impl Fn(&Line<'_>) -> Result<T, Fault>,
    ) -> Option<Result<T, ReadError>> {
        if self.range.is_empty() {
            return None;
        }
        let found = self.find(&take);
        match found {
            Ok(_) => self.range.start = self.range.start.next(),
            Err(_) => self.range.end = self.range.start,
        }
        Some(found)
    }

    fn find<T>(&mut self, take: &impl Fn(&Line<'_>) -> Result<T, Fault>) -> Result<T, ReadError> {
        let mut moved_on = false;
        loop {
            if self.open.is_none() {
                self.open_segment()?;
            }
            if let Some(open) = &mut self.open
                && let Some(found) = open.find(self.range.start, take)?
            {
                return Ok(found);
            }
            let ended = self.open.take();
            let next = self.range.start;
            if moved_on || !self.segments.contains(&next) {
                let open = ended.map(|open| (open.segment, open.path));
                let (segment, file) = open.unwrap_or((Seq(1), self.dir.clone()));
                let line = next.0.saturating_sub(segment.0) + 1;
                return Err(ReadError::Damaged(Damage { file, line, byte: 0, fault: Fault::Unfinished }));
            }
            moved_on = true;
        }
    }
}

impl Open {
    /// The line with this number; none when the segment ends before it.
    fn find<T>(
        &mut self,
        wanted: Seq,
        take: &impl Fn(&Line<'_>) -> Result<T, Fault>,
    ) -> Result<Option<T>, ReadError> {
        loop {
            let next =
                self.lines.next().map_err(|source| ReadError::Io { file: self.path.clone(), source })?;
            let Some(raw) = next.filter(|raw| !raw.bytes.is_empty()) else { return Ok(None) };
            // A damaged line on the way to the wanted one is not in our way.
            let found = seq_of(raw.bytes).unwrap_or(self.at);
            self.at = found.next();
            let fault = match found {
                _ if found < wanted => continue,
                _ if found > wanted => Fault::Number { expected: wanted, found },
                _ => match parse_line(raw.bytes).and_then(|line| take(&line)) {
                    Ok(found) => return Ok(Some(found)),
                    Err(fault) => fault,
                },
            };
            let line = wanted.0 - self.segment.0 + 1;
            let damage = Damage { file: self.path.clone(), line, byte: raw.byte, fault };
            return Err(ReadError::Damaged(damage));
        }
    }
}

impl Iterator for Reading {
    type Item = Result<Event, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_line(|line| line.event())
    }
}
