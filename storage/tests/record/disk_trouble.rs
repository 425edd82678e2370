//! Full, read-only and failing disks: what is refused is refused cleanly, and recording returns by itself.

use super::*;

use lifeboat_storage::log::AppendError;

/// Fills the disk so that not one more byte can be allocated.
fn fill(disk: &SimulatedDisk) {
    disk.set_capacity(Some(disk.used()));
}

#[test]
fn on_a_full_disk_the_reserve_takes_over_and_says_so() {
    let disk = SimulatedDisk::new();
    let log = open(&disk).unwrap();
    assert!(log.recovered().reserve_ready);
    assert!(!log.append_drafts(vec![note("roomy")]).unwrap().reserve_in_use);
    fill(&disk);
    assert!(log.append_drafts(vec![note("tight")]).unwrap().reserve_in_use);
    assert_eq!(texts(&log), ["roomy", "tight"]);
    assert_sound(&disk);
    let after = open(&disk.crashed()).unwrap();
    assert_eq!(texts(&after), ["roomy", "tight"]);
}

#[test]
fn when_the_reserve_is_full_too_appends_fail_and_work_again_when_there_is_room() {
    let disk = SimulatedDisk::new();
    let log = open(&disk).unwrap();
    fill(&disk);
    let mut written = 0;
    let error = loop {
        match log.append_drafts(vec![note("x")]) {
            Ok(receipt) => written = receipt.last.0,
            Err(error) => break error,
        }
    };
    assert!(written >= 3, "only {written}");
    assert!(matches!(error, AppendError::Full { .. }) && error.is_disk_trouble(), "{error}");
    assert!(log.append_drafts(vec![note("x")]).is_err());
    assert_eq!(log.head().0, Seq(written));
    disk.set_capacity(None);
    let receipt = log.append_drafts(vec![note("room again")]).unwrap();
    assert_eq!((receipt.first, receipt.reserve_in_use), (Seq(written + 1), false));
    log.restore_reserve().unwrap();
    assert_sound(&disk);
    assert_eq!(open(&disk.crashed()).unwrap().head(), log.head());
}

#[test]
fn room_while_the_reserve_is_in_use_brings_back_ordinary_segments_and_a_new_reserve() {
    let disk = SimulatedDisk::new();
    let log = open(&disk).unwrap();
    say(&log, "one");
    fill(&disk);
    say(&log, "two");
    assert!(log.restore_reserve().is_err());
    assert!(log.append_drafts(vec![note("three")]).unwrap().reserve_in_use);
    disk.set_capacity(None);
    log.restore_reserve().unwrap();
    assert!(!log.append_drafts(vec![note("four")]).unwrap().reserve_in_use);
    fill(&disk);
    assert!(log.append_drafts(vec![note("five")]).unwrap().reserve_in_use);
    assert_eq!(texts(&log), ["one", "two", "three", "four", "five"]);
    assert_sound(&disk);
}

#[test]
fn a_reserve_that_was_used_up_is_made_again_once_there_is_room() {
    let disk = SimulatedDisk::new();
    let log = open(&disk).unwrap();
    assert!(!log.recover_room(), "it is there");
    fill(&disk);
    while log.append_drafts(vec![note("x")]).is_ok() {}
    assert!(!log.recover_room(), "there is no room yet");
    disk.set_capacity(None);
    assert!(!log.append_drafts(vec![note("room again")]).unwrap().reserve_in_use);
    assert!(log.recover_room());
    assert!(!log.recover_room(), "it is there again");
    fill(&disk);
    assert!(log.append_drafts(vec![note("tight again")]).unwrap().reserve_in_use);
    assert_sound(&disk);
}

#[test]
fn a_restart_on_a_full_disk_goes_on_in_the_reserve_even_after_a_torn_write() {
    let disk = SimulatedDisk::new();
    let log = open(&disk).unwrap();
    say(&log, "one");
    fill(&disk);
    say(&log, "two");
    disk.fail_syncs(1);
    log.append_drafts(vec![note("unacknowledged")]).unwrap_err();
    let reserve = segment(2);
    let kept = disk.crashed().content(&reserve).unwrap();
    let end = kept.len() - kept.iter().rev().take_while(|byte| **byte == b'\n').count() + 1;
    for cut in 0..200 {
        let crashed = disk.crashed_as(|file| {
            let mut content = file.synced.to_vec();
            if file.path == reserve {
                content[end..end + cut].copy_from_slice(&file.cached[end..end + cut]);
            }
            content
        });
        fill(&crashed);
        let log = open(&crashed).unwrap();
        assert!(log.append_drafts(vec![note("three")]).unwrap().reserve_in_use, "torn after {cut}");
        assert_eq!(texts(&log), ["one", "two", "three"], "torn after {cut}");
        assert_sound(&crashed);
    }
}

#[test]
fn the_reserve_stays_readable_with_any_pager() {
    let disk = SimulatedDisk::new();
    let log = open(&disk).unwrap();
    fill(&disk);
    say(&log, "说明");
    let content = String::from_utf8(disk.content(&segment(1)).unwrap()).unwrap();
    assert!(content.trim_end().lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
    assert!(!content.contains('\0'));
}

#[test]
fn a_read_only_disk_is_named_as_such_and_recording_returns_when_it_is_writable() {
    let disk = SimulatedDisk::new();
    let log = open(&disk).unwrap();
    say(&log, "one");
    disk.set_read_only(true);
    for _ in 0..3 {
        let error = log.append_drafts(vec![note("lost")]).unwrap_err();
        assert!(matches!(error, AppendError::ReadOnlyDisk { .. }), "{error}");
    }
    assert_eq!(texts(&log), ["one"]);
    disk.set_read_only(false);
    assert_eq!(say(&log, "two"), Seq(2));
    assert_eq!(texts(&open(&disk.crashed()).unwrap()), ["one", "two"]);
}

#[test]
fn after_a_failed_flush_a_flush_of_the_same_file_is_not_believed() {
    for events_before in [0, 1, 5] {
        let disk = SimulatedDisk::new();
        let log = open(&disk).unwrap();
        for n in 0..events_before {
            say(&log, &n.to_string());
        }
        let error = {
            disk.fail_syncs(1);
            log.append_drafts(vec![note("lost")]).unwrap_err()
        };
        assert!(matches!(error, AppendError::Flush { .. }), "{error}");
        assert_eq!(log.head().0, Seq(events_before));
        say(&log, "after");
        let crashed = disk.crashed();
        assert_eq!(texts(&open(&crashed).unwrap()), texts(&log), "{events_before} before");
        assert_eq!(log.head().0, Seq(events_before + 1));
        assert!(crashed.content(&segment(events_before + 1)).is_some(), "it goes on in a new file");
        assert_sound(&crashed);
    }
}

#[test]
fn flushes_that_fail_again_and_again_stop_nothing_for_good() {
    let disk = SimulatedDisk::new();
    let log = open(&disk).unwrap();
    let mut acknowledged = Vec::new();
    for n in 0..60_u32 {
        disk.fail_syncs(n % 4);
        let text = n.to_string();
        if log.append_drafts(vec![note(&text)]).is_ok() {
            acknowledged.push(text);
        }
        disk.fail_syncs(0);
        assert_eq!(texts(&open(&disk.crashed()).unwrap()), acknowledged, "after {n}");
    }
    assert!(acknowledged.len() >= 15);
    assert_sound(&disk.crashed());
}

#[test]
fn a_write_that_fails_half_way_leaves_nothing_behind() {
    let disk = SimulatedDisk::new();
    let log = open(&disk).unwrap();
    say(&log, "one");
    disk.fail_writes(1);
    let error = log.append_drafts(vec![note(&"a long note that is cut in two ".repeat(60))]).unwrap_err();
    assert!(matches!(error, AppendError::Write { .. }), "{error}");
    say(&log, "2");
    assert_eq!(texts(&log), ["one", "2"]);
    assert_sound(&disk);
    assert_eq!(texts(&open(&disk.crashed()).unwrap()), ["one", "2"]);
}

#[test]
fn short_writes_are_completed() {
    let disk = SimulatedDisk::new();
    let log = open(&disk).unwrap();
    disk.set_longest_write(Some(7));
    log.append_drafts(vec![note("one"), note("two")]).unwrap();
    assert_eq!(texts(&open(&disk.crashed()).unwrap()), ["one", "two"]);
}

#[test]
fn a_group_costs_one_flush() {
    let disk = SimulatedDisk::new();
    let log = open(&disk).unwrap();
    let before = disk.syncs();
    log.append_drafts(vec![note("x"); 5]).unwrap();
    say(&log, "y");
    assert_eq!(disk.syncs() - before, 2);
}

#[test]
fn a_redaction_that_finds_no_room_is_done_at_the_next_open() {
    let disk = SimulatedDisk::new();
    let log = open(&disk).unwrap();
    say(&log, "hunter2");
    let by = log.append_drafts(vec![redaction(1)]).unwrap().last;
    fill(&disk);
    assert!(log.redact(Seq(1), by).is_err());
    assert_eq!(texts(&log), ["hunter2", "redacts 1"]);
    drop(log);
    disk.set_capacity(None);
    assert_eq!(texts(&open(&disk).unwrap()), ["redacted by 2", "redacts 1"]);
    assert_sound(&disk);
}
