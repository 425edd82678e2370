//! The live reader: follows access logs as they are written.
//!
//! ```text
//! inotify, or 250 ms ─▶ Tailer::poll ─▶ Followed (a path) ─▶ OpenFile (an inode) ─▶ Lane ─▶ bounded channel
//!                        globs           rotation, blindness   lines, truncation     order of time across paths
//! ```
//!
//! One thread owns all files. A full channel stops it: the file is its own queue, so nothing is dropped, and
//! `behind_bytes` tells how far behind it is.

mod event;
mod file;
mod follow;
mod live;
mod merge;
mod position;
mod rotated;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use event::{Blindness, TailEvent};
pub use live::Tail;
pub use position::{Fingerprint, Position};

use file::{Identity, OpenFile};
use follow::{Emit, Followed, Progress, Start};
use merge::Lane;

/// Why following cannot begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TailError {
    /// A pattern is not a glob.
    #[error("understand the pattern {pattern:?}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// Where it goes wrong.
        source: glob::PatternError,
    },
    /// The reading thread could not be started.
    #[error("start the thread that reads the logs")]
    Thread(#[source] std::io::Error),
}

/// Whether to look for new files that match the globs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Discovery {
    Look,
    LookLater,
}

/// Follows paths and globs; [`Tail`] runs it on a thread.
#[derive(Debug)]
struct Tailer {
    patterns: Vec<Pattern>,
    lanes: BTreeMap<PathBuf, Lane>,
    saved: BTreeMap<PathBuf, Position>,
    /// Files read to their end under another name, so that a glob does not find them anew.
    /// The fingerprint is there because inode numbers are given out again.
    finished: BTreeMap<Identity, Fingerprint>,
    started: bool,
    /// It was told that what stood in the files at the start is read.
    caught_up: bool,
}

#[derive(Debug)]
struct Pattern {
    text: String,
    is_glob: bool,
    /// Whether it matched nothing when that was told last; nothing was told yet since the start of a glob.
    blind: Option<bool>,
}

/// Whether this path or glob means the source of this name: itself, or a file that it matches and that is there.
#[must_use]
pub fn means(pattern: &str, source: &str) -> bool {
    let plain: PathBuf = Path::new(pattern).components().collect();
    let by_folder = glob::MatchOptions { require_literal_separator: true, ..glob::MatchOptions::new() };
    let matches = |glob: glob::Pattern| glob.matches_with(source, by_folder) && Path::new(source).exists();
    pattern == source || glob::Pattern::new(&plain.to_string_lossy()).is_ok_and(matches)
}

impl Tailer {
    fn new(patterns: &[String], positions: Vec<Position>) -> Result<Self, TailError> {
        let patterns = patterns.iter().map(|text| Pattern::new(text)).collect::<Result<_, _>>()?;
        let saved = positions.into_iter().map(|position| (position.path.clone(), position)).collect();
        let (lanes, finished) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { patterns, saved, lanes, finished, started: false, caught_up: false })
    }

    /// Reads what there is to read in all files.
    fn poll(&mut self, now: Duration, look: Discovery, emit: &mut Emit<'_>) -> ControlFlow<(), Progress> {
        if look == Discovery::Look || !self.started {
            self.discover(emit)?;
        }
        let progress = merge::poll(&mut self.lanes, &mut self.finished, now, emit)?;
        self.forget_gone_matches();
        self.tell_caught_up(emit)?;
        ControlFlow::Continue(progress)
    }

    fn tell_caught_up(&mut self, emit: &mut Emit<'_>) -> ControlFlow<()> {
        if self.caught_up || !self.lanes.values().all(Lane::is_caught_up) {
            return ControlFlow::Continue(());
        }
        self.caught_up = true;
        emit(TailEvent::CaughtUp)
    }

    fn discover(&mut self, emit: &mut Emit<'_>) -> ControlFlow<()> {
        let mut matched = Vec::new();
        for pattern in &mut self.patterns {
            let paths = pattern.paths();
            pattern.tell(paths.is_empty(), emit)?;
            matched.push(paths);
        }
        self.forget_finished(&matched);
        for paths in matched {
            self.add(&paths);
        }
        self.started = true;
        ControlFlow::Continue(())
    }

    /// Follows the paths of one pattern that are not followed yet.
    fn add(&mut self, paths: &[PathBuf]) {
        let known = paths.iter().any(|path| self.saved.contains_key(path));
        for path in paths {
            if self.lanes.contains_key(path) || self.is_read_already(path) {
                continue;
            }
            let start = match self.saved.remove(path) {
                Some(position) => Start::Saved(position),
                None if self.started || known => Start::First,
                None => Start::History,
            };
            let only_matched =
                !self.patterns.iter().any(|pattern| !pattern.is_glob && pattern.path() == *path);
            let followed = Followed::new(path, start, only_matched);
            self.lanes.insert(path.clone(), Lane::new(followed));
        }
    }

    /// Whether the file of this path is read, or was read, under another name.
    fn is_read_already(&self, path: &Path) -> bool {
        let Ok(file) = OpenFile::open(path) else { return false };
        let now = self.lanes.values().any(|lane| lane.followed.identity() == Some(file.identity()));
        now || self.finished.get(&file.identity()).is_some_and(|fingerprint| file.has(*fingerprint))
    }

    /// A finished file that no pattern matches any more cannot be found anew.
    fn forget_finished(&mut self, matched: &[Vec<PathBuf>]) {
        if !self.finished.is_empty() {
            let present = matched.iter().flatten().filter_map(|path| fs::metadata(path).ok());
            let present: BTreeSet<_> = present.map(|metadata| Identity::of(&metadata)).collect();
            self.finished.retain(|identity, _| present.contains(identity));
        }
    }

    /// A match of a glob that is gone for good is forgotten, so that pods that come and go leave nothing behind.
    fn forget_gone_matches(&mut self) {
        let literal: BTreeSet<_> =
            self.patterns.iter().filter(|pattern| !pattern.is_glob).map(Pattern::path).collect();
        self.lanes.retain(|path, lane| !lane.is_gone() || literal.contains(path));
    }
}

impl Pattern {
    fn new(text: &str) -> Result<Self, TailError> {
        let pattern = |source| TailError::Pattern { pattern: text.to_owned(), source };
        glob::Pattern::new(text).map_err(pattern)?;
        let is_glob = text.contains(['*', '?', '[']);
        Ok(Self { text: text.to_owned(), is_glob, blind: (!is_glob).then_some(false) })
    }

    fn path(&self) -> PathBuf {
        PathBuf::from(&self.text)
    }

    /// The files it means: a plain path always, of a glob's matches those that are no rotations of others.
    fn paths(&self) -> Vec<PathBuf> {
        if !self.is_glob {
            return vec![self.path()];
        }
        let matches = glob::glob(&self.text).into_iter().flatten().flatten();
        let mut paths: Vec<_> =
            matches.filter(|path| path.is_file() && !rotated::is_compressed(path)).collect();
        paths.sort();
        let all = paths.clone();
        paths.retain(|path| !all.iter().any(|live| rotated::is_rotation_of(path, live)));
        paths
    }

    /// Says when a pattern matches nothing, and when it does again: at the first look too, as it may have matched
    /// nothing before a restart.
    fn tell(&mut self, nothing: bool, emit: &mut Emit<'_>) -> ControlFlow<()> {
        if self.blind.replace(nothing) == Some(nothing) {
            return ControlFlow::Continue(());
        }
        let source = Path::new(&self.text).into();
        emit(if nothing {
            TailEvent::Blind { source, why: Blindness::NothingMatches }
        } else {
            TailEvent::Seen { source, position: None }
        })
    }
}
