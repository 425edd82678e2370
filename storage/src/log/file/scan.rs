//! Reading a segment line by line, and following its chain.

use std::io;
use std::path::Path;

use crate::event::Kind;
use crate::format::{Chain, Fault, parse_line};
use crate::id::Seq;
use crate::log::disk::{Disk, DiskFile};
use crate::log::{Damage, ReadError};

use super::{MARK_EVERY, Place, segment_path};

const CHUNK: usize = 256 << 10;

/// Lines of a file, without loading all of it.
pub(super) struct LineReader {
    file: Box<dyn DiskFile>,
    buffer: Vec<u8>,
    /// Place of the buffer in the file.
    start: u64,
    /// Place of the next line in the buffer.
    at: usize,
    chunk: usize,
    ended: bool,
}

/// One line without its newline.
pub(super) struct RawLine<'a> {
    pub(super) byte: u64,
    pub(super) bytes: &'a [u8],
    /// Whether it had a newline.
    pub(super) complete: bool,
}

impl LineReader {
    pub(super) fn new(file: Box<dyn DiskFile>, start: u64) -> Self {
        // Small at first: most reads want a few events.
        Self { file, buffer: Vec::new(), start, at: 0, chunk: CHUNK / 16, ended: false }
    }

    pub(super) fn next(&mut self) -> io::Result<Option<RawLine<'_>>> {
        let mut searched = self.at;
        loop {
            if let Some(index) = self.buffer[searched..].iter().position(|byte| *byte == b'\n') {
                return Ok(Some(self.take(searched + index, true)));
            }
            if self.ended {
                let rest = self.at < self.buffer.len();
                return Ok(rest.then(|| self.take(self.buffer.len(), false)));
            }
            searched = self.buffer.len() - self.at;
            self.fill()?;
        }
    }

    fn take(&mut self, end: usize, complete: bool) -> RawLine<'_> {
        let line = self.at..end;
        self.at = (end + 1).min(self.buffer.len());
        let byte = self.start + line.start as u64;
        RawLine { byte, bytes: &self.buffer[line], complete }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.at);
        self.start += self.at as u64;
        self.at = 0;
        let held = self.buffer.len();
        self.buffer.resize(held + self.chunk, 0);
        let read = self.file.read_at(&mut self.buffer[held..], self.start + held as u64)?;
        self.buffer.truncate(held + read);
        self.ended = read == 0;
        self.chunk = (self.chunk * 2).min(CHUNK);
        Ok(())
    }
}

/// What stands in one segment.
pub(super) struct Scan {
    /// Where the last whole group leads.
    pub(super) chain: Chain,
    /// The byte after it.
    pub(super) end: u64,
    pub(super) marks: Vec<(Seq, Place)>,
    /// Target and `Redacted` event.
    pub(super) redactions: Vec<(Seq, Seq)>,
    pub(super) ending: Ending,
}

/// What follows the last whole group.
pub(super) enum Ending {
    Clean,
    /// Only empty lines: a reserve in use.
    Padded,
    Fault(Damage),
}

/// Follows a segment up to its end or the first fault. Without a chain, the first line's `prev` is taken as it is.
pub(super) fn scan(disk: &dyn Disk, dir: &Path, first: Seq, chain: Option<Chain>) -> Result<Scan, ReadError> {
    let path = segment_path(dir, first);
    let failed = |source| ReadError::Io { file: path.clone(), source };
    let mut reader = LineReader::new(disk.open_to_read(&path).map_err(failed)?, 0);
    let start = chain.unwrap_or(Chain { seq: Seq(first.0 - 1), ..Chain::START });
    let mut walk = Walk { now: start, trust_first: chain.is_none(), redactions: vec![], tombstones: vec![] };
    let mut scan = Scan { chain: start, end: 0, marks: vec![], redactions: vec![], ending: Ending::Clean };
    let mut line = 0;
    while let Some(raw) = reader.next().map_err(failed)? {
        line += 1;
        let place = |fault| Damage { file: path.clone(), line, byte: raw.byte, fault };
        if raw.bytes.is_empty() && walk.now.open.is_none() {
            scan.ending = Ending::Padded;
            continue;
        }
        if matches!(scan.ending, Ending::Padded) {
            scan.ending = Ending::Fault(place(Fault::Blank));
            break;
        }
        if let Err(fault) = walk.step(&raw) {
            scan.ending = Ending::Fault(place(fault));
            break;
        }
        if walk.now.seq.0.is_multiple_of(MARK_EVERY) {
            scan.marks.push((walk.now.seq, Place { segment: first, byte: raw.byte }));
        }
        if walk.now.open.is_none() {
            scan.chain = walk.now;
            scan.end = raw.byte + raw.bytes.len() as u64 + 1;
        }
    }
    if walk.now.open.is_some() && matches!(scan.ending, Ending::Clean) {
        scan.ending = Ending::Fault(Damage { file: path.clone(), line, byte: scan.end, fault: Fault::Group });
    }
    walk.finish(&mut scan, &path);
    Ok(scan)
}

struct Walk {
    now: Chain,
    trust_first: bool,
    redactions: Vec<(Seq, Seq)>,
    tombstones: Vec<(Seq, Seq, u64)>,
}

impl Walk {
    fn step(&mut self, raw: &RawLine<'_>) -> Result<(), Fault> {
        if !raw.complete {
            return Err(Fault::Unfinished);
        }
        let line = parse_line(raw.bytes)?;
        if std::mem::take(&mut self.trust_first) {
            self.now.hash = line.prev;
        }
        let event = line.event()?;
        self.now.accept(&line)?;
        match event.kind {
            Kind::Redacted { target, .. } => self.redactions.push((target, event.seq)),
            Kind::Tombstone { by, .. } => self.tombstones.push((event.seq, by, raw.byte)),
            _ => {}
        }
        Ok(())
    }

    /// Leaves out what belongs to an unfinished group, and looks for tombstones nobody asked for: a redaction comes
    /// after its target, so in the last segment both are here.
    fn finish(mut self, scan: &mut Scan, path: &Path) {
        let last = scan.chain.seq;
        scan.marks.retain(|(seq, _)| *seq <= last);
        self.redactions.retain(|(_, by)| *by <= last);
        scan.redactions = self.redactions;
        if matches!(scan.ending, Ending::Fault(_)) {
            return;
        }
        let asked = |seq, by| by > last || scan.redactions.contains(&(seq, by));
        if let Some((seq, by, byte)) = self.tombstones.into_iter().find(|(seq, by, _)| !asked(*seq, *by)) {
            let line = seq.0 - segment_of(path).map_or(0, |first| first.0) + 1;
            let fault = Fault::Tombstone { by };
            scan.ending = Ending::Fault(Damage { file: path.to_owned(), line, byte, fault });
        }
    }
}

fn segment_of(path: &Path) -> Option<Seq> {
    path.file_stem()?.to_str()?.parse().ok().map(Seq)
}
