//! The machine stops at any moment, and the unsynced tail is anything.

use super::*;

use lifeboat_storage::log::disk::Crash;
use lifeboat_storage::log::{MemoryLog, verify_on};

/// A log with two acknowledged events (one of them in a group of two more), and one group of two written but not
/// flushed: the sync "failed", nothing was cut back.
fn with_unsynced_group() -> SimulatedDisk {
    let disk = SimulatedDisk::new();
    let log = open(&disk).unwrap();
    say(&log, "one");
    log.append_drafts(vec![note("two"), note("three")]).unwrap();
    disk.fail_syncs(1);
    log.append_drafts(vec![note("four"), note("five")]).unwrap_err();
    disk
}

#[track_caller]
fn check_survival(disk: &SimulatedDisk, tail: &str) -> usize {
    let log = open(disk).unwrap_or_else(|error| panic!("{tail}: {error}"));
    let found = texts(&log);
    let all = ["one", "two", "three", "four", "five"];
    assert!(found == all[..3] || found == all, "{tail}: {found:?}");
    let next = say(&log, "and on");
    assert_eq!(next.0 as usize, found.len() + 1, "{tail}");
    drop(log);
    assert_sound(disk);
    assert_eq!(texts(&open(disk).unwrap()).len(), found.len() + 1, "{tail}");
    found.len()
}

#[test]
fn acknowledged_events_survive_a_tail_cut_at_every_byte_and_no_group_is_halved() {
    let disk = with_unsynced_group();
    let whole = disk.content(&segment(1)).unwrap().len();
    let kept = disk.crashed().content(&segment(1)).unwrap().len();
    assert!(kept < whole);
    for cut in kept..=whole {
        let crashed = disk.crashed_as(|file| part(file, |file| file.cached[..cut].to_vec()));
        let survived = check_survival(&crashed, &format!("cut at {cut}"));
        assert_eq!(survived == 5, cut == whole, "cut at {cut}");
    }
}

#[test]
fn acknowledged_events_survive_a_tail_garbled_at_every_byte() {
    let disk = with_unsynced_group();
    let kept = disk.crashed().content(&segment(1)).unwrap().len();
    let whole = disk.content(&segment(1)).unwrap().len();
    for at in kept..whole {
        // Two of the four for each byte: a file has many bytes.
        for garbage in [[0, b'\n'], [b'9', 0xff]][at % 2] {
            let crashed = disk.crashed_as(|file| {
                part(file, |file| {
                    let mut content = file.cached.to_vec();
                    content[at] = garbage;
                    content
                })
            });
            check_survival(&crashed, &format!("byte {at} is {garbage}"));
        }
    }
}

#[test]
fn acknowledged_events_survive_when_later_pages_reached_the_disk_before_earlier_ones() {
    let disk = with_unsynced_group();
    let kept = disk.crashed().content(&segment(1)).unwrap().len();
    let whole = disk.content(&segment(1)).unwrap().len();
    for from in kept..whole {
        let crashed = disk.crashed_as(|file| {
            part(file, |file| {
                let mut content = file.cached.to_vec();
                content[kept..=from].fill(0);
                content
            })
        });
        assert_eq!(check_survival(&crashed, &format!("zeros up to {from}")), 3);
    }
}

/// The first segment as `change` makes it, the other files as synced.
fn part(file: Crash<'_>, change: impl Fn(Crash<'_>) -> Vec<u8>) -> Vec<u8> {
    if file.path == segment(1) { change(file) } else { file.synced.to_vec() }
}

#[test]
fn torn_bytes_are_counted_and_kept_beside() {
    let disk = with_unsynced_group();
    let kept = disk.crashed().content(&segment(1)).unwrap().len();
    let crashed = disk.crashed_as(|file| part(file, |file| file.cached[..kept + 100].to_vec()));
    let log = open(&crashed).unwrap();
    let beside = log.recovered().torn_kept_in.clone().unwrap();
    assert_eq!(log.recovered().torn_bytes, 100);
    assert_eq!(beside, dir().join("00000000000000000004.torn"));
    assert_eq!(crashed.content(&beside).unwrap(), disk.content(&segment(1)).unwrap()[kept..kept + 100]);
}

#[test]
fn a_byte_changed_before_the_last_flush_is_refused_at_its_place_and_found_by_verify() {
    let disk = SimulatedDisk::new();
    let log = open(&disk).unwrap();
    for text in ["one", "two", "three"] {
        say(&log, text);
    }
    drop(log);
    let good = disk.content(&segment(1)).unwrap();
    let lines: Vec<usize> = good.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::len).collect();
    for at in 0..lines[0] + lines[1] {
        for flip in [1, 0x10] {
            let mut content = good.clone();
            content[at] ^= flip;
            disk.put(&segment(1), content.clone());
            let refused = open(&disk).map(drop);
            let Err(OpenError::Damaged(damage)) = refused else { panic!("byte {at} ^ {flip}: {refused:?}") };
            let (line, byte) = if at < lines[0] { (1, 0) } else { (2, lines[0] as u64) };
            assert_eq!(
                (damage.file, damage.line, damage.byte),
                (segment(1), line, byte),
                "byte {at} ^ {flip}"
            );
            assert_eq!(disk.content(&segment(1)).unwrap(), content, "a refused log is left as it is");
            let report = verify_on(&disk, &dir()).unwrap();
            assert!(!report.is_sound(), "byte {at} ^ {flip}: {report:?}");
            assert_eq!((report.damage[0].line, report.damage[0].byte), (line, byte), "byte {at} ^ {flip}");
        }
    }
}

#[test]
fn a_byte_changed_in_an_older_segment_is_found_by_verify_and_by_reading() {
    let disk = SimulatedDisk::new();
    let log = open(&disk).unwrap();
    for n in 1..=40 {
        say(&log, &format!("note {n}"));
    }
    drop(log);
    let mut content = disk.content(&segment(1)).unwrap();
    let middle = content.len() / 2;
    content[middle] ^= 1;
    let line = content[..middle].iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
    disk.put(&segment(1), content);
    let report = verify_on(&disk, &dir()).unwrap();
    assert_eq!((report.damaged, report.damage[0].line), (1, line), "{report:#?}");
    let log = open(&disk).unwrap();
    let (read, failed): (Vec<_>, Vec<_>) = log.read_from(Seq(1)).unwrap().partition(Result::is_ok);
    assert_eq!((read.len() as u64, failed.len()), (line - 1, 1));
    assert_eq!(log.read_from(Seq(line + 1)).unwrap().filter(Result::is_ok).count() as u64, 40 - line);
}

#[test]
fn a_missing_segment_is_found_by_verify() {
    let disk = SimulatedDisk::new();
    let log = open(&disk).unwrap();
    for n in 1..=40 {
        say(&log, &format!("note {n}"));
    }
    let second = log.marks();
    assert_eq!(second, []);
    drop(log);
    use lifeboat_storage::log::disk::Disk as _;
    let mut names: Vec<String> = disk.list(&dir()).unwrap();
    names.retain(|name| name.ends_with(".jsonl"));
    names.sort();
    assert!(names.len() > 3, "{names:?}");
    disk.remove(&dir().join(&names[1])).unwrap();
    let report = verify_on(&disk, &dir()).unwrap();
    assert_eq!((report.damaged, &report.damage[0].file), (1, &dir().join(&names[2])), "{report:#?}");
}

/// Plays the same story against a disk that crashes after every sync, with nothing unsynced surviving or all of it.
#[test]
fn a_crash_at_any_point_of_rolling_and_redacting_loses_nothing_acknowledged() {
    for all_survives in [false, true] {
        let disk = SimulatedDisk::new();
        let log = open(&disk).unwrap();
        let oracle = MemoryLog::new();
        for n in 0..60 {
            for log in [&log as &dyn EventLog, &oracle] {
                say(log, &format!("note {n}"));
            }
            if n % 7 == 3 {
                let target = log.head().0;
                for log in [&log as &dyn EventLog, &oracle] {
                    let by = log.append_drafts(vec![redaction(target.0)]).unwrap().last;
                    let crashed = crash(&disk, all_survives);
                    if n % 2 == 0 {
                        assert!(open(&crashed).is_ok());
                    }
                    log.redact(target, by).unwrap();
                }
            }
            let after = open(&crash(&disk, all_survives)).unwrap();
            assert_eq!(texts(&after), texts(&oracle), "after note {n}");
            assert_eq!(after.head(), log.head());
        }
        assert_sound(&crash(&disk, all_survives));
    }
}

fn crash(disk: &SimulatedDisk, all_survives: bool) -> SimulatedDisk {
    disk.crashed_as(|file| if all_survives { file.cached.to_vec() } else { file.synced.to_vec() })
}

#[test]
fn a_crash_between_the_redaction_and_the_rewrite_is_finished_at_the_next_open() {
    let disk = SimulatedDisk::new();
    let log = open(&disk).unwrap();
    say(&log, "hunter2");
    for n in 0..30 {
        say(&log, &format!("note {n}"));
    }
    log.append_drafts(vec![redaction(1)]).unwrap();
    let crashed = disk.crashed();
    assert_eq!(verify_on(&crashed, &dir()).unwrap().unfinished_redactions, [(Seq(1), Seq(32))]);
    let log = open(&crashed).unwrap();
    assert_eq!(log.recovered().redactions, 1);
    assert_eq!(texts(&log)[0], "redacted by 32");
    assert!(!String::from_utf8(crashed.content(&segment(1)).unwrap()).unwrap().contains("hunter2"));
    let report = verify_on(&crashed, &dir()).unwrap();
    assert_eq!((report.is_sound(), report.tombstones, report.unfinished_redactions.len()), (true, 1, 0));
}

#[test]
fn a_tombstone_nobody_asked_for_is_damage() {
    let disk = SimulatedDisk::new();
    let log = open(&disk).unwrap();
    say(&log, "evidence");
    log.append_drafts(vec![redaction(1)]).unwrap();
    say(&log, "more evidence");
    say(&log, "the end");
    drop(log);
    let content = String::from_utf8(disk.content(&segment(1)).unwrap()).unwrap();
    let forged = content.replace(
        "{\"kind\":\"note_added\",\"text\":\"more evidence\"}",
        "{\"kind\":\"tombstone\",\"by\":2,\"left\":{\"kind\":\"note_added\",\"text\":\"\"}}",
    );
    assert_ne!(content, forged);
    disk.put(&segment(1), forged.into_bytes());
    let report = verify_on(&disk, &dir()).unwrap();
    assert_eq!((report.damaged, report.damage[0].line), (1, 3), "{report:#?}");
    assert!(matches!(open(&disk), Err(OpenError::Damaged(damage)) if damage.line == 3));
}
