//! Views over a log: whatever happens to them, the answers stay the same.

#![expect(clippy::unwrap_used, reason = "this whole crate is tests, its helpers included")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use lifeboat_storage::event::{Actor, Event, Kind, Origin, Time};
use lifeboat_storage::format::{Draft, Sha256Hash};
use lifeboat_storage::id::{IncidentId, Seq, World};
use lifeboat_storage::log::{EventLog, MemoryLog, Place};
use lifeboat_storage::view::{MemoryStore, SledStore, Snapshot, Store, Term, Views, words};

fn terms(event: &Event) -> Vec<Term> {
    match &event.kind {
        Kind::NoteAdded { text } => words(text).into_iter().map(Term::Word).collect(),
        Kind::AlertJoined { alert } => vec![Term::Signature(alert.to_string())],
        _ => Vec::new(),
    }
}

fn draft(incident: u32, kind: Kind) -> Draft {
    let now = Time::from_timestamp_millis(0).unwrap();
    Draft {
        incident: Some(IncidentId(incident)),
        world: World::Real,
        occurred_at: now,
        recorded_at: now,
        actor: Actor::lifeboat(Origin::Lifeboat),
        kind,
        correlation: None,
        supersedes: None,
    }
}

fn note(incident: u32, text: &str) -> Draft {
    draft(incident, Kind::NoteAdded { text: text.to_owned() })
}

fn log() -> Arc<MemoryLog> {
    let log = Arc::new(MemoryLog::new());
    log.append_drafts(vec![
        note(1, "域名解析失败 on worker-3"),
        note(3, "DNS again"),
        note(3, "dns, dns, dns"),
        draft(3, Kind::AlertJoined { alert: lifeboat_storage::id::AlertKey::new("bad_gateway/blog-web") }),
    ])
    .unwrap();
    log
}

fn word(text: &str) -> Term {
    Term::Word(text.to_owned())
}

#[track_caller]
fn check<S: Store>(views: &mut Views<S>) {
    assert_eq!(views.find(&word("dns")).unwrap(), [IncidentId(3)]);
    assert_eq!(views.find(&word("解析")).unwrap(), [IncidentId(1)]);
    assert_eq!(views.find(&word("d")).unwrap(), []);
    let signature = Term::Signature("bad_gateway/blog-web".to_owned());
    assert_eq!(views.find(&signature).unwrap(), [IncidentId(3)]);
}

fn sled(log: &Arc<MemoryLog>, dir: &Path) -> Views<SledStore> {
    let store = SledStore::open(dir);
    assert!(store.is_on_disk());
    Views::new(log.clone(), store, terms)
}

#[test]
fn incidents_are_found_by_word_and_signature_and_new_events_at_once() {
    let (log, dir) = (log(), tempfile::tempdir().unwrap());
    let mut views = sled(&log, dir.path());
    check(&mut views);
    check(&mut Views::new(log.clone(), MemoryStore::default(), terms));
    log.append_drafts(vec![note(7, "dns cured by a reboot")]).unwrap();
    assert_eq!(views.find(&word("dns")).unwrap(), [IncidentId(3), IncidentId(7)]);
    drop(views);
    assert_eq!(sled(&log, dir.path()).find(&word("reboot")).unwrap(), [IncidentId(7)]);
}

#[test]
fn a_directory_deleted_while_running_changes_no_answer() {
    let (log, dir) = (log(), tempfile::tempdir().unwrap());
    let path = dir.path().join("views");
    let mut views = sled(&log, &path);
    check(&mut views);
    std::fs::remove_dir_all(&path).unwrap();
    check(&mut views);
    assert!(path.join("db").exists(), "it was made again");
    views.put_snapshot(Seq(4), log.head().1, 1, b"state");
    std::fs::remove_dir_all(&path).unwrap();
    assert_eq!(views.newest_snapshot(1), None);
    check(&mut views);
}

#[test]
fn garbled_files_change_no_answer() {
    let log = log();
    let names = ["db", "conf", "db", "conf"];
    for (index, name) in names.into_iter().enumerate() {
        let dir = tempfile::tempdir().unwrap();
        check(&mut sled(&log, dir.path()));
        let path = dir.path().join(name);
        let mut content = std::fs::read(&path).unwrap();
        if index < 2 {
            content.fill(0xa5)
        } else {
            content.truncate(content.len() / 2)
        }
        std::fs::write(&path, content).unwrap();
        for entry in std::fs::read_dir(dir.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.to_string_lossy().contains("snap") {
                std::fs::write(path, b"nonsense").unwrap();
            }
        }
        check(&mut sled(&log, dir.path()));
    }
}

#[test]
fn where_no_directory_can_be_made_memory_serves() {
    let (log, dir) = (log(), tempfile::tempdir().unwrap());
    let in_the_way = dir.path().join("views");
    std::fs::write(&in_the_way, b"a file").unwrap();
    let store = SledStore::open(in_the_way.join("deeper"));
    assert!(!store.is_on_disk());
    check(&mut Views::new(log, store, terms));
}

#[test]
fn an_index_of_another_log_is_not_believed() {
    let dir = tempfile::tempdir().unwrap();
    check(&mut sled(&log(), dir.path()));
    let other = Arc::new(MemoryLog::new());
    for n in 0..9 {
        other.append_drafts(vec![note(5, &format!("unrelated {n}"))]).unwrap();
    }
    let mut views = sled(&other, dir.path());
    assert_eq!(views.find(&word("dns")).unwrap(), []);
    assert_eq!(views.find(&word("unrelated")).unwrap(), [IncidentId(5)]);
}

#[test]
fn redacted_words_leave_the_index_and_its_files() {
    let (log, dir) = (log(), tempfile::tempdir().unwrap());
    let target = log.append_drafts(vec![note(9, "xyzzyhunter2")]).unwrap().last;
    let mut views = sled(&log, dir.path());
    assert_eq!(views.find(&word("xyzzyhunter2")).unwrap(), [IncidentId(9)]);
    let asked = draft(9, Kind::Redacted { target, reason: "a password".to_owned() });
    let by = log.append_drafts(vec![asked]).unwrap().last;
    assert_eq!(views.find(&word("xyzzyhunter2")).unwrap(), [], "even before the payload is gone");
    log.redact(target, by).unwrap();
    check(&mut views);
    drop(views);
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        let content = std::fs::read(&path).unwrap_or_default();
        assert!(!content.windows(12).any(|window| window == b"xyzzyhunter2"), "{}", path.display());
    }
}

#[test]
fn a_store_begun_before_a_redaction_is_thrown_away_once() {
    let (log, dir) = (log(), tempfile::tempdir().unwrap());
    let mut views = sled(&log, dir.path());
    assert!(!views.forget_redacted(0), "nothing was redacted");
    views.put_snapshot(Seq(4), log.head().1, 1, b"xyzzyhunter2");
    assert!(views.forget_redacted(1));
    assert_eq!(views.newest_snapshot(1), None);
    views.put_snapshot(Seq(4), log.head().1, 1, b"state");
    drop(views);
    let mut views = sled(&log, dir.path());
    assert!(!views.forget_redacted(1), "it was begun after it");
    assert!(views.newest_snapshot(1).is_some());
}

#[test]
fn a_store_that_its_last_user_is_still_letting_go_of_is_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let mut held = SledStore::open(dir.path());
    held.put(vec![(b"key".to_vec(), b"value".to_vec())]).unwrap();
    let last = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(100));
        drop(held);
    });
    let mut opened = SledStore::open(dir.path());
    assert_eq!(opened.get(b"key"), Ok(Some(b"value".to_vec())));
    last.join().unwrap();
}

#[test]
fn the_directory_is_for_nobody_else() {
    let (log, dir) = (log(), tempfile::tempdir().unwrap());
    let path = dir.path().join("views");
    std::fs::create_dir(&path).unwrap();
    let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    let mut views = sled(&log, &path);
    assert_eq!(mode(), 0o700, "one that was there");
    std::fs::remove_dir_all(&path).unwrap();
    check(&mut views);
    assert_eq!(mode(), 0o700, "one that was made anew");
}

#[test]
fn a_snapshot_is_believed_only_with_the_right_hash_and_form() {
    let (log, dir) = (log(), tempfile::tempdir().unwrap());
    let mut views = sled(&log, dir.path());
    assert_eq!(views.newest_snapshot(1), None);
    views.put_snapshot(Seq(4), log.head().1, 1, b"state");
    assert_eq!(views.newest_snapshot(1), Some(Snapshot { seq: Seq(4), bytes: b"state".to_vec() }));
    assert_eq!(views.newest_snapshot(2), None);
    drop(views);
    assert!(sled(&log, dir.path()).newest_snapshot(1).is_some());
    let mut views = sled(&log, dir.path());
    views.put_snapshot(Seq(4), Sha256Hash::of(b"another history"), 1, b"state");
    assert_eq!(views.newest_snapshot(1), None);
    views.put_snapshot(Seq(99), log.head().1, 1, b"the future");
    assert_eq!(views.newest_snapshot(1), None);
}

#[test]
fn the_first_question_keeps_a_snapshot_taken_before_it() {
    let (log, dir) = (log(), tempfile::tempdir().unwrap());
    let mut views = sled(&log, dir.path());
    views.put_snapshot(Seq(4), log.head().1, 1, b"state");
    check(&mut views);
    assert!(views.newest_snapshot(1).is_some());
}

#[test]
fn places_come_back_as_they_were_kept() {
    let (log, dir) = (log(), tempfile::tempdir().unwrap());
    let marks =
        [(Seq(256), Place { segment: Seq(1), byte: 77 }), (Seq(512), Place { segment: Seq(300), byte: 0 })];
    sled(&log, dir.path()).put_marks(&marks);
    assert_eq!(sled(&log, dir.path()).marks(), marks);
}
