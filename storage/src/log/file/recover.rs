//! Opening: what is there, what was torn, what was left half-done.
//!
//! A flush is begun only after the one before it succeeded. So a fault in the last group is an unfinished write, never
//! acknowledged (or a damaged last record, which looks the same: the bytes are kept beside); a fault with a later group
//! behind it lies in acknowledged records, and is refused.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::format::{Chain, Fault};
use crate::id::Seq;
use crate::log::Damage;
use crate::log::disk::{Disk, DiskFile};

use super::scan::{Ending, Scan, scan};
use super::writer::Writer;
use super::{OpenError, Options, Place, Recovered, holds_later_group, segment_path, segments};

/// What stands in the directory; nothing was changed yet.
pub(super) struct Found {
    pub(super) segments: Vec<Seq>,
    pub(super) chain: Chain,
    pub(super) marks: Vec<(Seq, Place)>,
    redactions: Vec<(Seq, Seq)>,
    end: u64,
    padded: bool,
    torn: Vec<u8>,
}

/// Checks the last segment, and the one before it where the last is still empty.
pub(super) fn look(disk: &dyn Disk, dir: &Path) -> Result<Found, OpenError> {
    let segments = segments(disk, dir)?;
    let mut found = Found {
        chain: Chain::START,
        marks: Vec::new(),
        redactions: Vec::new(),
        end: 0,
        padded: false,
        torn: Vec::new(),
        segments,
    };
    for (index, first) in found.segments.clone().into_iter().enumerate().rev() {
        let last = index + 1 == found.segments.len();
        let chain = (first == Seq(1)).then_some(Chain::START);
        let scan = scan(disk, dir, first, chain)?;
        if last {
            found.tail(disk, dir, first, &scan)?;
        } else if let Ending::Fault(damage) = &scan.ending {
            return Err(OpenError::Damaged(damage.clone()));
        }
        let expected = Seq(first.0 - 1);
        found.marks.extend(scan.marks);
        found.redactions.extend(scan.redactions);
        if last && scan.chain.seq == expected && index > 0 {
            continue;
        }
        return found.follow(dir, scan.chain);
    }
    Ok(found)
}

impl Found {
    /// The chain found must lead to the active segment.
    fn follow(mut self, dir: &Path, chain: Chain) -> Result<Self, OpenError> {
        self.chain = chain;
        match self.segments.last() {
            Some(active) if !self.continues(*active) => Err(OpenError::Damaged(Damage {
                file: segment_path(dir, *active),
                line: 1,
                byte: 0,
                fault: Fault::Name { promised: chain.seq.next() },
            })),
            _ => Ok(self),
        }
    }

    /// An empty active segment is named after the next event, any other after one it holds.
    fn continues(&self, active: Seq) -> bool {
        let next = self.chain.seq.next();
        if self.end == 0 { next == active } else { next > active }
    }

    fn tail(&mut self, disk: &dyn Disk, dir: &Path, first: Seq, scan: &Scan) -> Result<(), OpenError> {
        let path = segment_path(dir, first);
        self.end = scan.end;
        match &scan.ending {
            Ending::Clean => {}
            Ending::Padded => self.padded = true,
            Ending::Fault(damage) => {
                let file = disk.open_to_read(&path).map_err(OpenError::io(&path))?;
                let rest = read_rest(file.as_ref(), scan.end).map_err(OpenError::io(&path))?;
                if !is_torn(&damage.fault, &rest, scan.chain.seq.next()) {
                    return Err(OpenError::Damaged(damage.clone()));
                }
                self.padded = rest.ends_with(b"\n\n");
                self.torn = rest;
            }
        }
        Ok(())
    }
}

/// Whether a fault in the group that begins with `first` is an unfinished write.
pub(super) fn is_torn(fault: &Fault, rest: &[u8], first: Seq) -> bool {
    let cut_or_garbled = matches!(
        fault,
        Fault::Layout | Fault::Unfinished | Fault::Blank | Fault::Hash | Fault::Payload | Fault::Group
    );
    cut_or_garbled && !holds_later_group(rest, first)
}

pub(super) fn read_rest(file: &dyn DiskFile, from: u64) -> std::io::Result<Vec<u8>> {
    let len = usize::try_from(file.len()?.saturating_sub(from)).map_err(std::io::Error::other)?;
    let (mut rest, mut filled) = (vec![0; len], 0);
    while filled < len {
        match file.read_at(&mut rest[filled..], from + filled as u64)? {
            0 => break,
            read => filled += read,
        }
    }
    rest.truncate(filled);
    Ok(rest)
}

/// How much of a rest was written, in bytes: the padding behind it was not.
pub(super) fn written(rest: &[u8]) -> u64 {
    rest.iter().rposition(|byte| *byte != b'\n').map_or(0, |at| at as u64 + 1)
}

/// Cuts what was torn and makes ready to append.
pub(super) fn mend(
    disk: &Arc<dyn Disk>,
    dir: &Path,
    options: Options,
    found: &Found,
) -> Result<(Writer, Recovered), OpenError> {
    let active = found.segments.last().copied().unwrap_or(Seq(1));
    let path = segment_path(dir, active);
    let new = found.segments.is_empty();
    let file = if new { disk.create(&path) } else { disk.open(&path) }.map_err(OpenError::io(&path))?;
    let mut recovered = Recovered::default();
    if !found.torn.is_empty() {
        recovered.torn_kept_in = keep(disk.as_ref(), dir, found.chain.seq.next(), &found.torn);
        recovered.torn_bytes = written(&found.torn);
        let cut = if found.padded {
            file.write_all_at(&vec![b'\n'; found.torn.len()], found.end)
        } else {
            file.set_len(found.end)
        };
        cut.and_then(|()| file.sync_data()).map_err(OpenError::io(&path))?;
    }
    let capacity = if found.padded { Some(file.len().map_err(OpenError::io(&path))?) } else { None };
    let writer = Writer::new(Arc::clone(disk), dir, options, file, active)
        .at(found.chain, found.end, capacity)
        .with_redactions(found.redactions.clone());
    Ok((writer, recovered))
}

/// Puts torn bytes aside. They were never acknowledged, so a disk that has no room for them does not stop us.
fn keep(disk: &dyn Disk, dir: &Path, first: Seq, torn: &[u8]) -> Option<PathBuf> {
    for attempt in 0..100 {
        let number = if attempt == 0 { String::new() } else { format!("-{attempt}") };
        let path = dir.join(format!("{:020}.torn{number}", first.0));
        match disk.create(&path) {
            Ok(file) => {
                let kept = file.write_all_at(torn, 0).and_then(|()| file.sync_data());
                return kept.and_then(|()| disk.sync_dir(dir)).is_ok().then_some(path);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(_) => return None,
        }
    }
    None
}
