//! Replacing a payload: the segment is written anew beside the old one and renamed over it.

use std::io;
use std::path::Path;

use crate::event::Kind;
use crate::format::{parse_line, seq_of};
use crate::id::Seq;
use crate::log::disk::{Disk, DiskFile};
use crate::log::{Damage, ReadError, RedactError};

use super::scan::LineReader;
use super::segment_path;

const CHUNK: usize = 1 << 20;

/// The segment as rewritten.
pub(super) struct Rewritten {
    pub(super) file: Box<dyn DiskFile>,
    pub(super) len: u64,
}

/// Rewrites a segment up to `end` with the target's payload replaced; none when that was done before.
pub(super) fn rewrite(
    disk: &dyn Disk,
    dir: &Path,
    segment: Seq,
    (target, by): (Seq, Seq),
    end: Option<u64>,
) -> Result<Option<Rewritten>, RedactError> {
    let path = segment_path(dir, segment);
    let failed = |source| RedactError::Io { file: path.clone(), source };
    let old = disk.open_to_read(&path).map_err(failed)?;
    let Some(found) = find(disk, &path, segment, target, by)? else { return Ok(None) };
    let end = match end {
        Some(end) => end,
        None => old.len().map_err(failed)?,
    };
    replace(disk, dir, &path, (old.as_ref(), end), &found).map(Some).map_err(failed)
}

struct Target {
    from: u64,
    to: u64,
    line: Vec<u8>,
}

fn find(
    disk: &dyn Disk,
    path: &Path,
    segment: Seq,
    target: Seq,
    by: Seq,
) -> Result<Option<Target>, RedactError> {
    let failed = |source| RedactError::Io { file: path.to_owned(), source };
    let mut lines = LineReader::new(disk.open_to_read(path).map_err(failed)?, 0);
    while let Some(raw) = lines.next().map_err(failed)? {
        if seq_of(raw.bytes) != Some(target) {
            continue;
        }
        let damage = |fault| {
            let line = target.0 - segment.0 + 1;
            ReadError::Damaged(Damage { file: path.to_owned(), line, byte: raw.byte, fault })
        };
        let line = parse_line(raw.bytes).map_err(damage)?;
        return match line.event().map_err(damage)?.kind {
            Kind::Tombstone { .. } => Ok(None),
            Kind::Redacted { .. } => Err(RedactError::NotRedactable { target }),
            _ => {
                let to = raw.byte + raw.bytes.len() as u64 + 1;
                Ok(Some(Target { from: raw.byte, to, line: line.redacted(by).map_err(damage)? }))
            }
        };
    }
    Err(RedactError::NotRedactable { target })
}

fn replace(
    disk: &dyn Disk,
    dir: &Path,
    path: &Path,
    (old, end): (&dyn DiskFile, u64),
    target: &Target,
) -> io::Result<Rewritten> {
    let beside = path.with_extension("jsonl.redacting");
    match disk.remove(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let file = disk.create(&beside)?;
    let written = copy(old, 0..target.from, file.as_ref(), 0)
        .and_then(|len| file.write_all_at(&target.line, len).map(|()| len + target.line.len() as u64))
        .and_then(|len| copy(old, target.to..end, file.as_ref(), len))
        .and_then(|len| file.sync_data().map(|()| len));
    match written {
        Ok(len) => {
            disk.rename(&beside, path)?;
            // The rename is seen from now on; should only this sync fail, the next open does it all again.
            let _ = disk.sync_dir(dir);
            Ok(Rewritten { file, len })
        }
        Err(error) => {
            let _ = disk.remove(&beside);
            Err(error)
        }
    }
}

fn copy(from: &dyn DiskFile, range: std::ops::Range<u64>, to: &dyn DiskFile, mut at: u64) -> io::Result<u64> {
    let (mut next, mut buffer) = (range.start, vec![0; CHUNK]);
    while next < range.end {
        let want = usize::try_from(range.end - next).map_or(CHUNK, |left| left.min(CHUNK));
        let read = from.read_at(&mut buffer[..want], next)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        to.write_all_at(&buffer[..read], at)?;
        next += read as u64;
        at += read as u64;
    }
    Ok(at)
}
