//! Finding what a log was renamed to while nobody read it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::file::{Identity, OpenFile};
use super::position::Position;
use crate::source::dated::{SEPARATORS, is_date};

/// A copy made by copytruncate is known by its first bytes alone, so there must be enough of them.
const LEAST_COPIED_HEAD: u16 = 64;

/// The files that follow a saved position, oldest first, the first of them resumed where reading stopped.
/// Empty if the file of the position cannot be found. `others` are logs of their own.
pub(super) fn since(live: &Path, position: &Position, others: &BTreeSet<PathBuf>) -> Vec<OpenFile> {
    let mut siblings = siblings(live);
    siblings.retain(|sibling| !others.contains(&sibling.path));
    let resumed = siblings.iter().find_map(|sibling| {
        let mut file = OpenFile::open(&sibling.path).ok()?;
        let same = file.identity() == identity(position);
        let copy = position.fingerprint.length >= LEAST_COPIED_HEAD;
        ((same || copy) && file.resume(position).ok()?).then_some((file, sibling.modified))
    });
    let Some((first, modified)) = resumed else { return Vec::new() };
    let later = siblings.iter().filter(|sibling| sibling.modified > modified);
    let later = later.filter_map(|sibling| OpenFile::open(&sibling.path).ok());
    let skip = first.identity();
    std::iter::once(first).chain(later.filter(|file| file.identity() != skip)).collect()
}

/// How far the rotations of a log are read that is let go, whose last file was `last`: those written before it, and its
/// copies, to their ends. What was written later is unread.
pub(super) fn read_with(live: &Path, last: &OpenFile) -> Vec<Position> {
    let read = |sibling: Sibling| {
        let mut file = OpenFile::open(&sibling.path).ok()?;
        let copy = last.fingerprint().length >= LEAST_COPIED_HEAD && file.has(last.fingerprint());
        let older = last.modified().is_ok_and(|modified| sibling.modified <= modified);
        (copy || older).then_some(())?;
        file.skip_to_end().ok()?;
        Some(file.position(live))
    };
    siblings(live).into_iter().filter_map(read).chain([last.position(live)]).collect()
}

/// Whether this is the file a position speaks of, by its numbers alone.
pub(super) fn identity(position: &Position) -> Identity {
    Identity::new(position.device, position.inode)
}

/// Whether `path` is a name that a rotation of `live` gets: `access.log.1`, `access.log-20251219`, or with the date before
/// the ending, `access-20251219.log`. A number there is none: `web-1.log` is the log of another machine.
pub(super) fn is_rotation_of(path: &Path, live: &Path) -> bool {
    let (Some(name), Some(live_name)) = (path.file_name(), live.file_name()) else { return false };
    let (name, live_name) = (name.as_encoded_bytes(), live_name.as_encoded_bytes());
    let behind = matches!(name.strip_prefix(live_name), Some([b'.' | b'-' | b'_', _, ..]));
    path.parent() == live.parent() && (behind || has_date_before_ending(name, live_name))
}

fn has_date_before_ending(name: &[u8], live_name: &[u8]) -> bool {
    let Some(dot) = live_name.iter().rposition(|byte| *byte == b'.') else { return false };
    let (stem, ending) = live_name.split_at(dot);
    let added = name.strip_prefix(stem).and_then(|rest| rest.strip_suffix(ending));
    let added = added.and_then(|added| std::str::from_utf8(added).ok());
    added.and_then(|added| added.strip_prefix(SEPARATORS)).is_some_and(is_date)
}

/// Whether the name says that the content is compressed.
pub(super) fn is_compressed(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| matches!(extension, "gz" | "zst" | "bz2" | "xz"))
}

struct Sibling {
    modified: SystemTime,
    path: PathBuf,
}

/// Uncompressed rotations of the live file, least recently written first.
fn siblings(live: &Path) -> Vec<Sibling> {
    let directory = live.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let paths = entries.filter_map(|entry| Some(live.parent()?.join(entry.file_name())));
    let rotations = paths.filter(|path| is_rotation_of(path, live) && !is_compressed(path));
    let mut siblings: Vec<_> = rotations
        .filter_map(|path| {
            let metadata = fs::metadata(&path).ok().filter(fs::Metadata::is_file)?;
            Some(Sibling { modified: metadata.modified().ok()?, path })
        })
        .collect();
    siblings.sort_by(|a, b| (a.modified, &a.path).cmp(&(b.modified, &b.path)));
    siblings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotation_has_the_name_of_its_log_with_something_behind_or_a_date_before_the_ending() {
        for (name, live, expected) in [
            ("d/access.log.1", "d/access.log", true),
            ("d/access.log-20251219", "d/access.log", true),
            ("d/access-20251219.log", "d/access.log", true),
            ("d/access.2025-12-19-13.log", "d/access.log", true),
            ("d/access_20251219", "d/access", true),
            ("d/access-1.log", "d/access.log", false),
            ("d/access-shop.log", "d/access.log", false),
            ("d/access-20251219.json", "d/access.log", false),
            ("d/access.log", "d/access.log", false),
            ("e/access.log.1", "d/access.log", false),
        ] {
            assert_eq!(is_rotation_of(Path::new(name), Path::new(live)), expected, "{name}");
        }
    }
}
