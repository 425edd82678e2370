//! What the live reader tells.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::position::Position;

/// One thing the live reader tells. Events of one source come in the order of its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TailEvent {
    /// Whole lines.
    Lines {
        /// The path as configured or matched; it stays the same across rotations.
        source: Arc<Path>,
        /// Whole lines with their endings, at most 64 KiB, or one longer line. Only the last line of a file that was
        /// rotated away may lack its `\n`.
        bytes: Vec<u8>,
        /// The line was longer than 1 MiB and lost its end.
        cut: bool,
        /// Written before the first start: for learning what is normal, not for alerts.
        history: bool,
        /// Where to go on after these lines.
        position_after: Position,
        /// How many bytes of the file are still to be read.
        behind_bytes: u64,
    },
    /// From here on nothing is known of the source.
    Blind {
        /// The path, or the pattern where nothing matches it.
        source: Arc<Path>,
        /// Why.
        why: Blindness,
    },
    /// The source can be read (again).
    Seen {
        /// The path, or the pattern that has a match at last.
        source: Arc<Path>,
        /// From where it will be read; `None` for a pattern.
        position: Option<Position>,
    },
    /// What stood in the logs at the start is read, or it was said what cannot be. Told once.
    CaughtUp,
}

/// Why nothing is known of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blindness {
    /// There is no such file.
    Missing,
    /// No file matches the pattern.
    NothingMatches,
    /// Something that is no regular file stands in its place.
    NotAFile,
    /// The system refuses.
    Unreadable(io::ErrorKind),
    /// What was written between the last position and this file's first line cannot be found any more.
    /// Reading goes on from the start of the file that is there now.
    Lost,
}
