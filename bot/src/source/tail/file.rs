//! One open log file: whole lines out of a file that grows.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::time::SystemTime;

use memchr::{memchr, memrchr};

use super::event::Blindness;
use super::position::{Fingerprint, HEAD, Position};
use crate::source::access_log::LONGEST_LINE;

/// Most bytes of whole lines handed out at once.
pub(super) const CHUNK: usize = 64 << 10;

/// Which file it is, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    pub(super) fn new(device: u64, inode: u64) -> Self {
        Self { device, inode }
    }

    pub(super) fn of(metadata: &Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }
}

/// Whole lines read at one go.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) bytes: Vec<u8>,
    pub(super) cut: bool,
    pub(super) history: bool,
}

/// Whether a file was cut to be written anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Truncation {
    No,
    /// As far as is known, after all of it was read.
    Read,
    /// While more was known to stand in it than was read.
    Unread,
}

/// A log file being read.
///
/// ```text
///          offset         offset + pending + dropped          size
/// ─────────┼──────────────┼───────────────────────────────────┤
///  handed   read, but no    not read yet
///  out      line end yet
/// ```
#[derive(Debug)]
pub(super) struct OpenFile {
    file: File,
    identity: Identity,
    /// Up to 256 first bytes, as last seen.
    head: Vec<u8>,
    offset: u64,
    pending: Vec<u8>,
    /// No line ends in `pending` before here.
    searched: usize,
    /// Bytes of the first pending line that were left out because it is too long.
    dropped: u64,
    /// Lines that end up to here are history.
    history_until: u64,
    /// As last seen.
    size: u64,
}

impl OpenFile {
    /// Opens a file to be read from its start.
    pub(super) fn open(path: &Path) -> Result<Self, Blindness> {
        let file = File::open(path).map_err(blindness)?;
        let metadata = file.metadata().map_err(blindness)?;
        if !metadata.is_file() {
            return Err(Blindness::NotAFile);
        }
        let mut opened = Self {
            file,
            identity: Identity::of(&metadata),
            head: Vec::new(),
            offset: 0,
            pending: Vec::new(),
            searched: 0,
            dropped: 0,
            history_until: 0,
            size: 0,
        };
        opened.head = opened.read_head(HEAD).map_err(blindness)?;
        Ok(opened)
    }

    /// Starts at the last `history` bytes, at the start of a line, and calls what is there history.
    pub(super) fn begin_with_history(&mut self, history: u64) -> io::Result<()> {
        let size = self.size()?;
        self.history_until = size;
        self.offset = match size.checked_sub(history) {
            None | Some(0) => 0,
            Some(middle) => self.next_line(middle, size)?,
        };
        Ok(())
    }

    /// Goes on at a saved position, if this is the file it speaks of.
    pub(super) fn resume(&mut self, position: &Position) -> io::Result<bool> {
        let fits = position.fingerprint.fits(&self.head) && self.size()? >= position.offset;
        if fits {
            self.offset = position.offset;
        }
        Ok(fits)
    }

    /// Goes to where the file ends now, as if it were read.
    pub(super) fn skip_to_end(&mut self) -> io::Result<()> {
        self.offset = self.size()?;
        Ok(())
    }

    pub(super) fn identity(&self) -> Identity {
        self.identity
    }

    /// Whether it has no name any more: then it cannot come back.
    pub(super) fn is_unlinked(&self) -> bool {
        self.file.metadata().is_ok_and(|metadata| metadata.nlink() == 0)
    }

    pub(super) fn modified(&self) -> io::Result<SystemTime> {
        self.file.metadata()?.modified()
    }

    pub(super) fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.head)
    }

    /// Whether this file may be the one that left the fingerprint.
    pub(super) fn has(&self, fingerprint: Fingerprint) -> bool {
        fingerprint.fits(&self.head)
    }

    pub(super) fn position(&self, path: &Path) -> Position {
        let (device, inode) = (self.identity.device, self.identity.inode);
        let fingerprint = self.fingerprint();
        Position { path: path.to_owned(), device, inode, offset: self.offset, fingerprint }
    }

    /// Bytes that were not handed out yet; none where only the beginning of a line is left.
    pub(super) fn behind(&self) -> u64 {
        let size = self.size().unwrap_or(self.offset);
        let only_begun = size <= self.read_up_to() && memchr(b'\n', &self.pending).is_none();
        if only_begun { 0 } else { size.saturating_sub(self.offset) }
    }

    /// Starts over if the file was truncated, even if it has grown past our place since; says whether it was.
    pub(super) fn notice_truncation(&mut self) -> io::Result<Truncation> {
        let (head, size) = (self.read_head(HEAD)?, self.size()?);
        let truncated = size < self.read_up_to() || !head.starts_with(&self.head);
        let unread = std::mem::replace(&mut self.size, size) > self.read_up_to();
        self.head = head;
        if !truncated {
            return Ok(Truncation::No);
        }
        (self.offset, self.searched, self.dropped, self.history_until) = (0, 0, 0, 0);
        self.pending.clear();
        Ok(if unread { Truncation::Unread } else { Truncation::Read })
    }

    /// The next whole lines, `None` where the file ends for now.
    pub(super) fn next_chunk(&mut self) -> io::Result<Option<Chunk>> {
        loop {
            if let Some(length) = self.whole_lines() {
                return Ok(Some(self.hand_out(length)));
            }
            if self.fill()? == 0 {
                return Ok(None);
            }
        }
    }

    /// What stands behind the last line end, once it is certain that nothing will follow.
    pub(super) fn take_rest(&mut self) -> Option<Chunk> {
        let length = self.pending.len();
        (length > 0).then(|| self.hand_out(length))
    }

    pub(super) fn size(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn read_up_to(&self) -> u64 {
        self.offset + self.pending.len() as u64 + self.dropped
    }

    fn read_head(&self, length: usize) -> io::Result<Vec<u8>> {
        let mut head = vec![0; length];
        let mut filled = 0;
        while filled < length {
            match self.file.read_at(&mut head[filled..], filled as u64)? {
                0 => break,
                count => filled += count,
            }
        }
        head.truncate(filled);
        Ok(head)
    }

    /// The start of the first line that begins at `from` or later, or `end`.
    fn next_line(&self, from: u64, end: u64) -> io::Result<u64> {
        let mut at = from - 1;
        let mut buffer = vec![0; CHUNK];
        while at < end {
            let count = self.file.read_at(&mut buffer, at)?;
            if let Some(newline) = memchr(b'\n', &buffer[..count]) {
                return Ok((at + newline as u64 + 1).min(end));
            }
            if count == 0 {
                break;
            }
            at += count as u64;
        }
        Ok(end)
    }

    /// Length of the whole lines to hand out next: several short ones or one long one.
    fn whole_lines(&mut self) -> Option<usize> {
        let short = &self.pending[..self.pending.len().min(CHUNK)];
        let newline = match memrchr(b'\n', short) {
            Some(newline) => Some(newline),
            None => memchr(b'\n', &self.pending[self.searched..]).map(|newline| self.searched + newline),
        };
        if newline.is_none() {
            self.searched = self.pending.len();
        }
        newline.map(|newline| newline + 1)
    }

    /// Reads on, when `pending` holds the beginning of one line at most.
    fn fill(&mut self) -> io::Result<usize> {
        let from = self.read_up_to();
        let mut room = CHUNK - if self.pending.len() < CHUNK { self.pending.len() } else { 0 };
        if from < self.history_until {
            room = room.min((self.history_until - from) as usize);
        }
        let mut buffer = vec![0; room];
        let count = self.file.read_at(&mut buffer, from)?;
        self.keep(&buffer[..count]);
        Ok(count)
    }

    fn keep(&mut self, new: &[u8]) {
        let line_end = memchr(b'\n', new).unwrap_or(new.len());
        let kept = line_end.min(LONGEST_LINE - self.pending.len());
        self.dropped += (line_end - kept) as u64;
        self.pending.extend_from_slice(&new[..kept]);
        self.pending.extend_from_slice(&new[line_end..]);
    }

    fn hand_out(&mut self, length: usize) -> Chunk {
        let rest = self.pending.split_off(length);
        let bytes = std::mem::replace(&mut self.pending, rest);
        let dropped = std::mem::take(&mut self.dropped);
        self.offset += length as u64 + dropped;
        self.searched = 0;
        Chunk { bytes, cut: dropped > 0, history: self.offset <= self.history_until }
    }
}

/// What an error of the file system means for who wants to read.
pub(super) fn blindness(error: io::Error) -> Blindness {
    match error.kind() {
        io::ErrorKind::NotFound => Blindness::Missing,
        io::ErrorKind::IsADirectory => Blindness::NotAFile,
        kind => Blindness::Unreadable(kind),
    }
}
