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
use std::path::{Component, Path, PathBuf};
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
    /// The same of logs that are not followed any more: how far they were read, as they may grow again.
    let_go: BTreeMap<Identity, Position>,
    started: bool,
    /// It was told that what stood in the files at the start is read.
    caught_up: bool,
}

/// How far a file that a pattern means was read under another name.
#[derive(Debug)]
enum ReadAlready {
    No,
    /// It was let go there, and has grown since.
    UpTo(Position),
    /// To its end, or it is being read.
    Whole,
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
    pattern == source || (matches(pattern, Path::new(source)) && Path::new(source).exists())
}

/// Whether looking for this glob would find this path, if something were there.
fn matches(glob: &str, path: &Path) -> bool {
    let plain =
        |path: &Path| path.components().filter(|part| *part != Component::CurDir).collect::<PathBuf>();
    let by_folder = glob::MatchOptions { require_literal_separator: true, ..glob::MatchOptions::new() };
    let glob = glob::Pattern::new(&plain(Path::new(glob)).to_string_lossy());
    glob.is_ok_and(|glob| glob.matches_path_with(&plain(path), by_folder))
}

impl Tailer {
    fn new(patterns: &[String], positions: Vec<Position>) -> Result<Self, TailError> {
        let patterns = patterns.iter().map(|text| Pattern::new(text)).collect::<Result<_, _>>()?;
        let saved = positions.into_iter().map(|position| (position.path.clone(), position)).collect();
        let (lanes, finished, let_go) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Ok(Self { patterns, saved, lanes, finished, let_go, started: false, caught_up: false })
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
        let renamed = if self.started { Vec::new() } else { self.add_renamed(&matched) };
        let is_renamed = |pattern: &Pattern| renamed.iter().any(|path| pattern.matches(path));
        let known: Vec<_> = self.patterns.iter().map(is_renamed).collect();
        for (index, (paths, known)) in matched.iter().zip(known).enumerate() {
            self.add(index, paths, known);
        }
        self.started = true;
        ControlFlow::Continue(())
    }

    /// At the start, follows the matches of globs that were renamed meanwhile and have no successor yet.
    fn add_renamed(&mut self, matched: &[Vec<PathBuf>]) -> Vec<PathBuf> {
        let followed = matched.iter().flatten().filter(|path| self.saved.contains_key(*path));
        let others: BTreeSet<_> = followed.cloned().collect();
        let is_renamed = |path: &Path, position: &Position| {
            self.patterns.iter().any(|pattern| pattern.matches(path))
                && self.is_only_matched(path)
                && !path.exists()
                && !rotated::since(path, position, &others).is_empty()
        };
        let renamed = self.saved.iter().filter(|(path, position)| is_renamed(path, position));
        let renamed: Vec<_> = renamed.map(|(path, _)| path.clone()).collect();
        for path in &renamed {
            if let Some(position) = self.saved.remove(path) {
                self.follow(path, Start::Renamed { position, others: others.clone() });
            }
        }
        renamed
    }

    /// Follows the paths of one pattern that are not followed yet; `known` if others of it were before the start.
    fn add(&mut self, pattern: usize, paths: &[PathBuf], known: bool) {
        let known = known || paths.iter().any(|path| self.saved.contains_key(path));
        for path in paths {
            if self.lanes.contains_key(path) || self.is_rotation(path, &self.patterns[pattern]) {
                continue;
            }
            let start = match self.read_already(path) {
                ReadAlready::No => match self.saved.remove(path) {
                    Some(position) => Start::Saved(position),
                    None if self.started || known => Start::First,
                    None => Start::History,
                },
                ReadAlready::UpTo(position) => {
                    self.take_up(path, position);
                    continue;
                }
                ReadAlready::Whole => continue,
            };
            self.follow(path, start);
        }
    }

    /// Goes on with a file that was let go: as a rotation of the log it was, or under the name it has now.
    fn take_up(&mut self, path: &Path, position: Position) {
        if !rotated::is_rotation_of(path, &position.path) {
            let position = Position { path: path.to_owned(), ..position };
            self.follow(path, Start::Saved(position));
        } else if !self.lanes.contains_key(&position.path) {
            let others = self.lanes.keys().cloned().collect();
            self.follow(&position.path.clone(), Start::Renamed { position, others });
        }
    }

    fn follow(&mut self, path: &Path, start: Start) {
        let followed = Followed::new(path, start, self.is_only_matched(path));
        self.lanes.insert(path.to_owned(), Lane::new(followed));
    }

    fn is_only_matched(&self, path: &Path) -> bool {
        !self.patterns.iter().any(|pattern| !pattern.is_glob && pattern.path() == *path)
    }

    /// Whether a glob found a rotation of another match of it that is followed, though its path is missing for now.
    fn is_rotation(&self, path: &Path, glob: &Pattern) -> bool {
        let of = |(live, lane): (&PathBuf, &Lane)| {
            rotated::is_rotation_of(path, live) && lane.followed.has_rotations() && glob.matches(live)
        };
        !self.saved.contains_key(path) && self.lanes.iter().any(of)
    }

    /// How far the file of this path is read, or was read, under another name.
    fn read_already(&self, path: &Path) -> ReadAlready {
        let Ok(file) = OpenFile::open(path) else { return ReadAlready::No };
        if self.lanes.values().any(|lane| lane.followed.identity() == Some(file.identity())) {
            return ReadAlready::Whole;
        }
        if let Some(position) = self.let_go.get(&file.identity())
            && file.has(position.fingerprint)
        {
            let grown = file.size().is_ok_and(|size| size > position.offset);
            return if grown { ReadAlready::UpTo(position.clone()) } else { ReadAlready::Whole };
        }
        match self.finished.get(&file.identity()) {
            Some(fingerprint) if file.has(*fingerprint) => ReadAlready::Whole,
            _ => ReadAlready::No,
        }
    }

    /// A finished file that no pattern matches any more cannot be found anew.
    fn forget_finished(&mut self, matched: &[Vec<PathBuf>]) {
        if !self.finished.is_empty() || !self.let_go.is_empty() {
            let present = matched.iter().flatten().filter_map(|path| fs::metadata(path).ok());
            let present: BTreeSet<_> = present.map(|metadata| Identity::of(&metadata)).collect();
            self.finished.retain(|identity, _| present.contains(identity));
            self.let_go.retain(|identity, _| present.contains(identity));
        }
    }

    /// A match of a glob that is gone for good is forgotten, so that pods that come and go leave nothing behind but what
    /// a glob would find anew.
    fn forget_gone_matches(&mut self) {
        let gone = self.lanes.iter().filter(|(_, lane)| lane.is_gone());
        let gone: Vec<_> = gone.map(|(path, _)| path.clone()).collect();
        for path in gone {
            let Some(lane) = self.lanes.remove(&path) else { continue };
            let read = lane.followed.read_files().into_iter();
            self.let_go.extend(read.map(|position| (rotated::identity(&position), position)));
            if let Some(position) = lane.followed.unused_position() {
                self.saved.insert(path, position.clone());
            }
        }
    }
}

impl Pattern {
    fn new(text: &str) -> Result<Self, TailError> {
        let pattern = |source| TailError::Pattern { pattern: text.to_owned(), source };
        glob::Pattern::new(text).map_err(pattern)?;
        let is_glob = text.contains(['*', '?', '[']);
        Ok(Self { text: text.to_owned(), is_glob, blind: (!is_glob).then_some(false) })
    }

    /// Whether it is a glob that would find this path, if something were there.
    fn matches(&self, path: &Path) -> bool {
        self.is_glob && matches(&self.text, path)
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
