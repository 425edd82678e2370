//! Segments in the directory: their names, their order, and what a cut one may still hold.

use std::path::{Path, PathBuf};

use crate::format::parse_line;
use crate::id::Seq;
use crate::log::disk::Disk;

use super::OpenError;

/// Name of the segment that begins with this event: as wide as a number can get, so that names sort.
fn segment_name(first: Seq) -> String {
    format!("{:020}.jsonl", first.0)
}

pub(super) fn segment_path(dir: &Path, first: Seq) -> PathBuf {
    dir.join(segment_name(first))
}

/// First events of the segments in a directory, in order.
pub(super) fn segments(disk: &dyn Disk, dir: &Path) -> Result<Vec<Seq>, OpenError> {
    let mut found = Vec::new();
    for name in disk.list(dir).map_err(OpenError::io(dir))? {
        let Some((number, ending)) = name.split_once('.') else { continue };
        let Some(first) = number.parse().ok().filter(|_| number.len() == 20) else { continue };
        match ending {
            "jsonl" => found.push(Seq(first)),
            "torn" | "jsonl.redacting" => {}
            _ if ending.starts_with("torn") => {}
            _ => return Err(OpenError::UnknownFile { file: dir.join(name) }),
        }
    }
    found.sort();
    Ok(found)
}

/// A line of a later flush than the one that begins with `first` stands in these bytes, so that flush was acknowledged.
pub(super) fn holds_later_group(bytes: &[u8], first: Seq) -> bool {
    const START: &[u8] = b"{\"v\":";
    bytes.windows(START.len()).enumerate().filter(|(_, window)| *window == START).any(|(at, _)| {
        let line = bytes[at..].split(|byte| *byte == b'\n').next().unwrap_or_default();
        match parse_line(line) {
            Ok(line) => line.group.0 > first,
            Err(fault) => matches!(fault, crate::format::Fault::Newer { .. }),
        }
    })
}
