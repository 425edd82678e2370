//! Opening the record, and folding what it holds.
//!
//! | in the data directory | holds |
//! | --- | --- |
//! | `log/` | the truth: segment files, never deleted by Lifeboat |
//! | `views/` | sled: what replay can yield again; deleting it changes nothing but the time a start takes |
//! | `checkpoint.json` | how far sources were read |

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use lifeboat_storage::event::{Event, Kind};
use lifeboat_storage::id::Seq;
use lifeboat_storage::log::{EventLog, FileLog, MemoryLog, OpenError, ReadError, Recovered};
use lifeboat_storage::state::{STATE_VERSION, State};
use lifeboat_storage::view::{self, SledStore, Term};

use crate::engine::shelf::{KEPT, Shelf};

/// How long a start waits for another process that writes here.
const WAITS: Duration = Duration::from_secs(3);

/// How often it looks meanwhile whether that one is done.
const LOOKS_AGAIN: Duration = Duration::from_millis(50);

/// Views over the log, in sled; only the keeper's thread touches them once Lifeboat runs.
pub struct Views {
    views: view::Views<SledStore>,
    log: Arc<dyn EventLog>,
    marks: Arc<FileLog>,
}

impl Views {
    /// Keeps a snapshot of the state and the places of some events, so that the next start need not read everything.
    /// What was kept before a redaction that the state knows of is thrown away.
    pub fn snapshot(&mut self, state: &State) {
        self.views.forget_redacted(state.redacted.len());
        let bytes = match serde_json::to_vec(state) {
            Ok(bytes) => bytes,
            Err(error) => return tracing::warn!(%error, "the state could not be written as a snapshot"),
        };
        if let Ok(Some(hash)) = self.log.hash_at(state.applied) {
            self.views.put_snapshot(state.applied, hash, STATE_VERSION, &bytes);
        }
        self.views.put_marks(&self.marks.marks());
    }
}

/// An opened record.
pub struct Opened {
    /// The log.
    pub log: Arc<dyn EventLog>,
    /// What was mended at opening.
    pub recovered: Recovered,
    /// What all events add up to.
    pub state: State,
    /// The newest events.
    pub shelf: Shelf,
    /// Views, for the keeper.
    pub views: Views,
}

/// Why the record cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It cannot be read.
    #[error("read the record")]
    Read(#[from] ReadError),
}

/// Where the log lies.
#[must_use]
pub fn log_dir(data: &Path) -> PathBuf {
    data.join("log")
}

/// Where the checkpoint lies.
#[must_use]
pub fn checkpoint_file(data: &Path) -> PathBuf {
    data.join("checkpoint.json")
}

/// Makes the data directory where there is none: for nobody but the user Lifeboat runs as.
///
/// # Errors
/// When the system refuses.
pub fn make_data_dir(data: &Path) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(data)
}

/// Opens the record for writing: one process a directory.
///
/// Views that were begun before a redaction (Lifeboat was killed between the two) are thrown away first.
///
/// # Errors
/// [`StoreError`]; nothing was changed, except that an unfinished last record was cut and put aside.
pub fn open(data: &Path) -> Result<Opened, StoreError> {
    let file = Arc::new(open_log(&log_dir(data))?);
    let log: Arc<dyn EventLog> = Arc::clone(&file) as Arc<dyn EventLog>;
    let mut views = view::Views::new(Arc::clone(&log), SledStore::open(data.join("views")), terms);
    file.offer_marks(views.marks());
    let (mut state, mut shelf) = fold(&*log, snapshot(&mut views))?;
    if views.forget_redacted(state.redacted.len()) {
        (state, shelf) = fold(&*log, None)?;
    }
    let recovered = file.recovered().clone();
    Ok(Opened { recovered, state, shelf, views: Views { views, log: Arc::clone(&log), marks: file }, log })
}

/// As [`open`], but waits a moment for a process that writes here: one that carries out a single command is soon done.
///
/// # Errors
/// [`StoreError`], as of [`open`].
pub async fn open_soon(data: &Path) -> Result<Opened, StoreError> {
    let until = Instant::now() + WAITS;
    loop {
        let opened = open(data);
        let in_use = matches!(opened, Err(StoreError::Open(OpenError::InUse { .. })));
        if !in_use || Instant::now() >= until {
            return opened;
        }
        drop(opened);
        tokio::time::sleep(LOOKS_AGAIN).await;
    }
}

/// On a disk that is read-only already, Lifeboat watches all the same: each append fails, so alerts are said without
/// a record and no command is taken, until it is started on a disk that can be written.
fn open_log(dir: &Path) -> Result<FileLog, OpenError> {
    match FileLog::open(dir) {
        Err(OpenError::Io { source, .. }) if source.kind() == std::io::ErrorKind::ReadOnlyFilesystem => {
            tracing::error!(dir = %dir.display(), "the disk is read-only: nothing will be recorded");
            FileLog::open_read_only(dir)
        }
        opened => opened,
    }
}

/// Opens the record for reading, beside a running Lifeboat or without one.
///
/// # Errors
/// [`StoreError`].
pub fn open_read_only(data: &Path) -> Result<(Arc<dyn EventLog>, State, Shelf), StoreError> {
    let log: Arc<dyn EventLog> = match FileLog::open_read_only(log_dir(data)) {
        // Before the first start there is nothing to read, which is no failure.
        Err(OpenError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
            Arc::new(MemoryLog::new())
        }
        opened => Arc::new(opened?),
    };
    let (state, shelf) = fold(&*log, None)?;
    Ok((log, state, shelf))
}

fn snapshot(views: &mut view::Views<SledStore>) -> Option<State> {
    let snapshot = views.newest_snapshot(STATE_VERSION)?;
    let state: State = serde_json::from_slice(&snapshot.bytes).ok()?;
    (state.applied == snapshot.seq).then_some(state)
}

/// From the snapshot on, or from the beginning; the newest events go on the shelf either way.
fn fold(log: &dyn EventLog, snapshot: Option<State>) -> Result<(State, Shelf), ReadError> {
    let head = log.head().0;
    let mut state = snapshot.filter(|state| state.applied <= head).unwrap_or_default();
    let shelved = Seq(head.0.saturating_sub(KEPT as u64) + 1);
    let mut shelf = Shelf::default();
    for event in log.read_from(shelved.min(state.applied.next()))? {
        let event = event?;
        state.apply(&event);
        if event.seq >= shelved {
            shelf.put(Arc::new(event));
        }
    }
    Ok((state, shelf))
}

/// By what an incident is found again: what fails, where, and the words people used.
fn terms(event: &Event) -> Vec<Term> {
    let words = |text: &str| view::words(text).into_iter().map(Term::Word).collect();
    match event.kind.lasting() {
        Kind::AlertRaised { alert, .. } => vec![Term::Signature(alert.as_str().to_owned())],
        Kind::IncidentDeclared { title, .. } => words(title),
        Kind::NoteAdded { text } => words(text),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use lifeboat_storage::event::{Actor, Origin, Severity, Time};
    use lifeboat_storage::format::Draft;
    use lifeboat_storage::id::{IncidentId, World};

    use super::*;

    const SECRET: &str = "hunter2secret";

    fn draft(kind: Kind) -> Draft {
        let now = Time::from_timestamp_millis(0).unwrap();
        Draft {
            incident: Some(IncidentId(1)),
            world: World::Real,
            occurred_at: now,
            recorded_at: now,
            actor: Actor::lifeboat(Origin::Lifeboat),
            kind,
            correlation: None,
            supersedes: None,
        }
    }

    /// Appends an event and folds it in.
    fn record(opened: &mut Opened, kind: Kind) -> Seq {
        let seq = opened.log.append_drafts(vec![draft(kind)]).unwrap().last;
        for event in opened.log.read_from(seq).unwrap() {
            opened.state.apply(&event.unwrap());
        }
        seq
    }

    /// A record with an incident whose title holds the secret, in the log and in the views; which event it is.
    fn with_secret(data: &Path) -> Seq {
        let mut opened = open(data).unwrap();
        let title = format!("{SECRET} leaked");
        let declared = Kind::IncidentDeclared { title, severity: Severity::Sev2, service: None, alert: None };
        let target = record(&mut opened, declared);
        opened.views.snapshot(&opened.state);
        drop(opened);
        assert_ne!(telling(data), Vec::<PathBuf>::new(), "the secret is on the disk before");
        target
    }

    /// Redacts it in the log.
    fn redact(opened: &mut Opened, target: Seq) {
        let by = record(opened, Kind::Redacted { target, reason: "a password".to_owned() });
        opened.log.redact(target, by).unwrap();
    }

    /// The files below a directory that hold the secret.
    fn telling(dir: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
        let told = |path: PathBuf| {
            if path.is_dir() {
                return telling(&path);
            }
            let content = std::fs::read(&path).unwrap();
            let tells = content.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
            if tells { vec![path] } else { Vec::new() }
        };
        entries.flat_map(told).collect()
    }

    #[test]
    fn a_redacted_text_leaves_every_file_with_the_snapshot_that_follows() {
        let data = tempfile::tempdir().unwrap();
        let target = with_secret(data.path());
        let mut opened = open(data.path()).unwrap();
        redact(&mut opened, target);
        opened.views.snapshot(&opened.state);
        drop(opened);
        assert_eq!(telling(data.path()), Vec::<PathBuf>::new());
    }

    #[test]
    fn a_redacted_text_leaves_every_file_at_the_next_start_where_a_kill_came_between() {
        let data = tempfile::tempdir().unwrap();
        let target = with_secret(data.path());
        let mut opened = open(data.path()).unwrap();
        redact(&mut opened, target);
        let lived = opened.state.clone();
        drop(opened);
        let opened = open(data.path()).unwrap();
        assert_eq!(opened.state, lived);
        drop(opened);
        assert_eq!(telling(data.path()), Vec::<PathBuf>::new());
    }

    #[tokio::test]
    async fn a_start_waits_for_a_command_that_is_soon_done() {
        let data = tempfile::tempdir().unwrap();
        let command = open(data.path()).unwrap();
        let soon_done = async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            drop(command);
        };
        let (opened, ()) = tokio::join!(open_soon(data.path()), soon_done);
        assert!(opened.is_ok(), "{:?}", opened.err());
    }

    #[test]
    fn what_lifeboat_makes_is_for_nobody_else() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        make_data_dir(&data).unwrap();
        make_data_dir(&data).unwrap();
        drop(open(&data).unwrap());
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        for path in [data.clone(), log_dir(&data), data.join("views")] {
            assert_eq!(mode(&path), 0o700, "{}", path.display());
        }
    }
}
