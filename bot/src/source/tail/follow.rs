//! One source: a path, and the files that stand behind it one after another.

use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::event::{Blindness, TailEvent};
use super::file::{Chunk, Identity, OpenFile, Truncation, blindness};
use super::position::{Fingerprint, Position};
use super::rotated;

/// How much of a log is handed over as history at the first start.
pub(super) const HISTORY: u64 = 4 << 20;
/// How long the old file is still read after the new one has got its first line: nginx's workers reopen one by one.
pub(super) const LINGER: Duration = Duration::from_millis(200);
/// How long a path may be gone before that is worth a word; a rotation takes far less.
pub(super) const MISSING_AFTER: Duration = Duration::from_secs(5);
/// How long the renamed file of a glob's match is held that nobody writes while its path is missing, so that logs that
/// come and go leave no open files behind. As long as it grows it is held.
pub(super) const HELD_FOR: Duration = Duration::from_secs(15 * 60);

/// Where the reading of a source begins.
#[derive(Clone, Debug)]
pub(super) enum Start {
    /// At the end, with some history before it.
    History,
    /// At the first line.
    First,
    /// Where it stopped.
    Saved(Position),
    /// Where it stopped, in a file that was renamed and has no successor yet; `others` are logs of their own.
    Renamed { position: Position, others: BTreeSet<PathBuf> },
}

/// Whether a source has more to read at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// Nothing more for now.
    Idle,
    /// A chunk was read; there may be another.
    More,
    /// The file could not be read; that was said.
    Failed,
}

/// Takes an event; `Break` when nobody listens any more.
pub(super) type Emit<'a> = dyn FnMut(TailEvent) -> ControlFlow<()> + 'a;

/// A path being followed.
#[derive(Debug)]
pub(super) struct Followed {
    source: Arc<Path>,
    /// Only a glob found it: that it is gone is nothing to tell, unless the glob matches nothing any more.
    only_matched: bool,
    /// How to begin, until it has begun.
    start: Option<Start>,
    file: Option<OpenFile>,
    /// Files to be read before the live one, oldest first.
    waiting: VecDeque<OpenFile>,
    /// Why we see nothing, once it has been said.
    blind: Option<Blindness>,
    missing_since: Option<Duration>,
    /// Since when no line came while the path is missing.
    silent_since: Option<Duration>,
    /// Found by a glob and gone for good.
    gone: bool,
    succeeded_since: Option<Duration>,
    /// Read to its end once.
    caught_up: bool,
}

impl Followed {
    pub(super) fn new(source: &Path, start: Start, only_matched: bool) -> Self {
        Self {
            source: source.into(),
            only_matched,
            start: Some(start),
            file: None,
            waiting: VecDeque::new(),
            blind: None,
            missing_since: None,
            silent_since: None,
            gone: false,
            succeeded_since: None,
            caught_up: false,
        }
    }

    /// The file being read.
    pub(super) fn identity(&self) -> Option<Identity> {
        self.file.as_ref().map(OpenFile::identity)
    }

    /// The file being read, and what it begins with.
    pub(super) fn signature(&self) -> Option<(Identity, Fingerprint)> {
        self.file.as_ref().map(|file| (file.identity(), file.fingerprint()))
    }

    /// Whether it is a match of a glob that is gone for good: its path is missing, and its last file was deleted or
    /// nobody has written it for 15 minutes.
    pub(super) fn is_gone(&self) -> bool {
        self.gone
    }

    /// Whether it has a file, or knows which it had, so that a rotation of its path is no log of its own.
    pub(super) fn has_rotations(&self) -> bool {
        self.file.is_some() || self.unused_position().is_some()
    }

    /// The saved position whose file was not found yet.
    pub(super) fn unused_position(&self) -> Option<&Position> {
        match &self.start {
            Some(Start::Saved(position) | Start::Renamed { position, .. }) => Some(position),
            Some(Start::History | Start::First) | None => None,
        }
    }

    /// How far its rotations and the file at hand are read.
    pub(super) fn read_files(&self) -> Vec<Position> {
        self.file.as_ref().map_or_else(Vec::new, |file| rotated::read_with(&self.source, file))
    }

    /// Whether everything was read that stood there at first, in all its files, or it was said why not.
    pub(super) fn is_caught_up(&self) -> bool {
        self.caught_up
    }

    /// Whether another file has the path and will be read in a moment, before all is caught up.
    pub(super) fn awaits_next(&self) -> bool {
        !self.caught_up && self.next_waits()
    }

    /// Reads one chunk, or finds that there is none.
    pub(super) fn poll(&mut self, now: Duration, emit: &mut Emit<'_>) -> ControlFlow<(), Progress> {
        let progress = self.read(now, emit)?;
        self.caught_up |= progress != Progress::More && !self.next_waits();
        ControlFlow::Continue(progress)
    }

    fn next_waits(&self) -> bool {
        self.succeeded_since.is_some() && self.blind.is_none()
    }

    fn read(&mut self, now: Duration, emit: &mut Emit<'_>) -> ControlFlow<(), Progress> {
        if self.file.is_none() {
            self.begin(emit)?;
        }
        while self.file.is_some() {
            let progress = self.drain(emit)?;
            if progress != Progress::Idle {
                return ControlFlow::Continue(progress);
            }
            let Some(next) = self.successor(now, emit)? else { break };
            self.switch_to(next, emit)?;
        }
        ControlFlow::Continue(Progress::Idle)
    }

    /// Opens the first file. A path that is not there yet will be read from its first line.
    fn begin(&mut self, emit: &mut Emit<'_>) -> ControlFlow<()> {
        let start = self.start.take().unwrap_or(Start::First);
        match self.open(&start) {
            Ok(file) => self.switch_to(file, emit),
            Err(Blindness::Lost) => {
                self.say_blind(Blindness::Lost, emit)?;
                self.begin(emit)
            }
            Err(why) => {
                // A saved position stays good while the file cannot be read; "at the end" does not.
                let stays = matches!(start, Start::Saved(_) | Start::Renamed { .. });
                self.start = stays.then_some(start);
                self.gone = self.only_matched && why == Blindness::Missing;
                if self.gone { ControlFlow::Continue(()) } else { self.say_blind(why, emit) }
            }
        }
    }

    fn open(&mut self, start: &Start) -> Result<OpenFile, Blindness> {
        match start {
            Start::First => OpenFile::open(&self.source),
            Start::History => {
                let mut file = OpenFile::open(&self.source)?;
                file.begin_with_history(HISTORY).map_err(blindness)?;
                Ok(file)
            }
            Start::Saved(position) => self.reopen(position, &BTreeSet::new()),
            Start::Renamed { position, others } => self.reopen(position, others),
        }
    }

    /// Finds the file of a saved position, under its old name or a new one.
    fn reopen(&mut self, position: &Position, others: &BTreeSet<PathBuf>) -> Result<OpenFile, Blindness> {
        let mut live = OpenFile::open(&self.source);
        if let Ok(file) = &mut live
            && file.identity() == rotated::identity(position)
            && file.resume(position).map_err(blindness)?
        {
            return live;
        }
        self.waiting = rotated::since(&self.source, position, others).into();
        // While the live file is missing or cannot be read, nothing is lost yet.
        let why = live.err().unwrap_or(Blindness::Lost);
        self.waiting.pop_front().ok_or(why)
    }

    /// Hands out the next whole lines.
    fn drain(&mut self, emit: &mut Emit<'_>) -> ControlFlow<(), Progress> {
        let Some(file) = &mut self.file else { return ControlFlow::Continue(Progress::Idle) };
        let before = file.position(&self.source);
        match file.notice_truncation() {
            Ok(Truncation::No) => {}
            Ok(how) => self.truncated(&before, how, emit)?,
            Err(error) => return self.failed(error, emit),
        }
        let Some(file) = &mut self.file else { return ControlFlow::Continue(Progress::Idle) };
        match file.next_chunk() {
            Ok(Some(chunk)) => {
                self.silent_since = None;
                emit(lines(&self.source, file, chunk))?;
                ControlFlow::Continue(Progress::More)
            }
            Ok(None) => ControlFlow::Continue(Progress::Idle),
            Err(error) => self.failed(error, emit),
        }
    }

    fn failed(&mut self, error: io::Error, emit: &mut Emit<'_>) -> ControlFlow<(), Progress> {
        self.say_blind(blindness(error), emit)?;
        ControlFlow::Continue(Progress::Failed)
    }

    /// What was not read of a file before it was truncated is read in the copy that copytruncate made, if there is one.
    fn truncated(&mut self, before: &Position, how: Truncation, emit: &mut Emit<'_>) -> ControlFlow<()> {
        let mut copies = VecDeque::from(rotated::since(&self.source, before, &BTreeSet::new()));
        match copies.pop_front() {
            Some(copy) if copy.size().is_ok_and(|size| size > before.offset) => {
                if self.waiting.is_empty() {
                    self.waiting = copies;
                }
                self.switch_to(copy, emit)
            }
            None if how == Truncation::Unread => {
                self.say_blind(Blindness::Lost, emit)?;
                self.say_seen(emit)
            }
            Some(_) | None => ControlFlow::Continue(()),
        }
    }

    /// The file to read after the one at hand, once that one is finished.
    fn successor(&mut self, now: Duration, emit: &mut Emit<'_>) -> ControlFlow<(), Option<OpenFile>> {
        if let Some(next) = self.waiting.pop_front() {
            return ControlFlow::Continue(Some(next));
        }
        let metadata = match fs::metadata(&self.source) {
            Ok(metadata) if metadata.is_file() => metadata,
            Ok(_) => return self.unsuccessful(Blindness::NotAFile, emit),
            Err(error) => match blindness(error) {
                Blindness::Missing => return self.missing(now, emit),
                why => return self.unsuccessful(why, emit),
            },
        };
        self.is_there();
        if self.identity() == Some(Identity::of(&metadata)) {
            self.succeeded_since = None;
            self.say_seen(emit)?;
            return ControlFlow::Continue(None);
        }
        self.replaced(metadata.len(), now, emit)
    }

    /// Another file has our path: it is next as soon as it has a line and the old one had time to get its last.
    fn replaced(
        &mut self,
        size: u64,
        now: Duration,
        emit: &mut Emit<'_>,
    ) -> ControlFlow<(), Option<OpenFile>> {
        if size == 0 {
            return ControlFlow::Continue(None);
        }
        let since = *self.succeeded_since.get_or_insert(now);
        if now.saturating_sub(since) < LINGER {
            return ControlFlow::Continue(None);
        }
        match OpenFile::open(&self.source) {
            Ok(next) => ControlFlow::Continue(Some(next)),
            Err(why) => self.unsuccessful(why, emit),
        }
    }

    fn missing(&mut self, now: Duration, emit: &mut Emit<'_>) -> ControlFlow<(), Option<OpenFile>> {
        let since = *self.missing_since.get_or_insert(now);
        let silent_since = *self.silent_since.get_or_insert(now);
        if now.saturating_sub(since) < MISSING_AFTER {
            return ControlFlow::Continue(None);
        }
        if !self.only_matched {
            return self.unsuccessful(Blindness::Missing, emit);
        }
        let unlinked = self.file.as_ref().is_none_or(OpenFile::is_unlinked);
        self.gone = unlinked || now.saturating_sub(silent_since) >= HELD_FOR;
        ControlFlow::Continue(None)
    }

    fn is_there(&mut self) {
        (self.missing_since, self.silent_since, self.gone) = (None, None, false);
    }

    fn unsuccessful(&mut self, why: Blindness, emit: &mut Emit<'_>) -> ControlFlow<(), Option<OpenFile>> {
        self.say_blind(why, emit)?;
        ControlFlow::Continue(None)
    }

    /// Goes over to another file; a half line at the end of the old one will never be finished.
    fn switch_to(&mut self, next: OpenFile, emit: &mut Emit<'_>) -> ControlFlow<()> {
        if let Some(old) = &mut self.file
            && let Some(rest) = old.take_rest()
        {
            emit(lines(&self.source, old, rest))?;
        }
        self.is_there();
        (self.succeeded_since, self.blind) = (None, None);
        let position = Some(next.position(&self.source));
        self.file = Some(next);
        emit(TailEvent::Seen { source: self.source.clone(), position })
    }

    /// Says once that we see nothing.
    fn say_blind(&mut self, why: Blindness, emit: &mut Emit<'_>) -> ControlFlow<()> {
        if self.blind == Some(why) {
            return ControlFlow::Continue(());
        }
        self.blind = Some(why);
        emit(TailEvent::Blind { source: self.source.clone(), why })
    }

    /// Says once that we see again.
    fn say_seen(&mut self, emit: &mut Emit<'_>) -> ControlFlow<()> {
        if self.blind.take().is_none() {
            return ControlFlow::Continue(());
        }
        let position = self.file.as_ref().map(|file| file.position(&self.source));
        emit(TailEvent::Seen { source: self.source.clone(), position })
    }
}

fn lines(source: &Arc<Path>, file: &OpenFile, chunk: Chunk) -> TailEvent {
    TailEvent::Lines {
        source: source.clone(),
        bytes: chunk.bytes,
        cut: chunk.cut,
        history: chunk.history,
        position_after: file.position(source),
        behind_bytes: file.behind(),
    }
}
