//! The real file system: one process a directory, readers beside it, files people can read.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use super::*;

use lifeboat_storage::log::{AppendError, verify};

const CHILD: &str = "LIFEBOAT_TEST_OPENS";

/// Not a test by itself: what the second process does.
#[test]
fn second_process() {
    let Some(dir) = std::env::var_os(CHILD) else { return };
    match FileLog::open(&dir) {
        Err(OpenError::InUse { pid, .. }) => println!("in use by {}", pid.unwrap_or(0)),
        other => println!("{other:?}"),
    }
}

fn open_in_second_process(dir: &Path) -> String {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "on_disk::second_process", "--nocapture"])
        .env(CHILD, dir)
        .output()
        .unwrap();
    String::from_utf8(child.stdout).unwrap()
}

#[test]
fn a_second_process_is_refused_with_the_number_of_the_first() {
    let dir = tempfile::tempdir().unwrap();
    let log = FileLog::open(dir.path()).unwrap();
    let said = open_in_second_process(dir.path());
    assert!(said.contains(&format!("in use by {}", std::process::id())), "{said}");
    let error = FileLog::open(dir.path()).unwrap_err().to_string();
    assert!(error.contains(&format!("process {} is using it", std::process::id())), "{error}");
    drop(log);
    let said = open_in_second_process(dir.path());
    assert!(said.contains("Ok(FileLog"), "{said}");
}

#[test]
fn a_reader_beside_the_running_one_sees_what_is_acknowledged_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let log = FileLog::open(dir.path()).unwrap();
    say(&log, "one");
    let reader = FileLog::open_read_only(dir.path()).unwrap();
    assert_eq!(texts(&reader), ["one"]);
    let refused = reader.append_drafts(vec![note("x")]).unwrap_err();
    assert!(matches!(refused, AppendError::OpenedReadOnly));
    assert!(refused.to_string().contains("file system was read-only"), "{refused}");
    say(&log, "two");
    assert_eq!(texts(&FileLog::open_read_only(dir.path()).unwrap()), ["one", "two"]);
}

#[test]
fn reading_an_unfinished_tail_leaves_it_there() {
    let dir = tempfile::tempdir().unwrap();
    let log = FileLog::open(dir.path()).unwrap();
    say(&log, "one");
    drop(log);
    let path = dir.path().join("00000000000000000001.jsonl");
    let mut content = std::fs::read(&path).unwrap();
    content.extend_from_slice(b"{\"v\":1,\"seq\":2");
    std::fs::write(&path, &content).unwrap();
    assert_eq!(texts(&FileLog::open_read_only(dir.path()).unwrap()), ["one"]);
    let report = verify(dir.path()).unwrap();
    assert!(report.is_sound() && report.torn.is_some(), "{report:#?}");
    assert_eq!(report.torn_bytes, 14);
    assert_eq!(std::fs::read(&path).unwrap(), content);
    assert_eq!(FileLog::open(dir.path()).unwrap().recovered().torn_bytes, 14);
}

#[test]
fn segments_are_plain_lines_that_only_their_owner_can_read() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data/log");
    let log = FileLog::open(&data).unwrap();
    for n in 0..600 {
        say(&log, &format!("第 {n} 条"));
    }
    let path = data.join("00000000000000000001.jsonl");
    let content = std::fs::read_to_string(&path).unwrap();
    assert_eq!(content.lines().count(), 600);
    assert!(content.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
    assert!(content.contains("第 599 条"));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::metadata(&data).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(text_of(&log.read(Seq(555)..Seq(556)).unwrap().next().unwrap().unwrap()), "第 554 条");
}

#[test]
fn stale_marks_cost_time_only() {
    let dir = tempfile::tempdir().unwrap();
    let log = FileLog::open(dir.path()).unwrap();
    for n in 1..=600 {
        say(&log, &n.to_string());
    }
    let marks = log.marks();
    assert_eq!(marks.iter().map(|(seq, _)| seq.0).collect::<Vec<_>>(), [256, 512]);
    drop(log);
    let log = FileLog::open_read_only(dir.path()).unwrap();
    let shifted = marks.into_iter().map(|(seq, mut place)| {
        place.byte += 3;
        (Seq(seq.0 + 1), place)
    });
    log.offer_marks(shifted);
    for n in [1, 256, 257, 258, 513, 600] {
        assert_eq!(text_of(&log.read_from(Seq(n)).unwrap().next().unwrap().unwrap()), n.to_string());
    }
}

#[test]
fn a_file_of_a_newer_lifeboat_is_not_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let newer = dir.path().join("00000000000000000001.jsonl2");
    std::fs::write(&newer, b"?").unwrap();
    assert!(matches!(FileLog::open(dir.path()), Err(OpenError::UnknownFile { file }) if file == newer));
}
