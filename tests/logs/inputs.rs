//! The same log in other clothes gives the same report.

use std::fs;
use std::io::{PipeReader, Write, pipe};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use lifeboat::analyze::{AnalyzeError, Report};
use proptest::prelude::*;

use super::{ONSET, QUIET, analyze, fixture};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn written(directory: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = directory.join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn report_of(bytes: &[u8]) -> Report {
    let directory = tempfile::tempdir().unwrap();
    analyze(&[written(directory.path(), "log", bytes)]).unwrap()
}

#[test]
fn rotations_given_in_any_order_are_read_in_the_order_of_time() {
    let directory = tempfile::tempdir().unwrap();
    let log = fs::read(fixture(ONSET)).unwrap();
    let lines: Vec<_> = log.split_inclusive(|byte| *byte == b'\n').collect();
    let part = |from: usize, to: usize| lines[from..to].concat();
    let newest = written(directory.path(), "access.log", &part(4000, lines.len()));
    let middle = written(directory.path(), "access.log.1", &gzip(&part(1500, 4000)));
    let oldest = written(directory.path(), "access.log.2", &zstd::encode_all(&part(0, 1500)[..], 1).unwrap());
    let whole = analyze(&[fixture(ONSET)]).unwrap();
    assert_eq!(analyze(&[newest, oldest, middle]).unwrap(), whole);
}

/// A pipe that holds these bytes, fewer than 64 KiB, and has no writer any more; its path, while it is held.
fn piped(bytes: &[u8]) -> (PipeReader, PathBuf) {
    let (reader, mut writer) = pipe().unwrap();
    writer.write_all(bytes).unwrap();
    let path = format!("/proc/self/fd/{}", reader.as_raw_fd());
    (reader, path.into())
}

#[test]
fn no_line_of_a_pipe_is_lost_whatever_the_order_of_pipes() {
    let log = fs::read(fixture(ONSET)).unwrap();
    let lines: Vec<_> = log.split_inclusive(|byte| *byte == b'\n').take(200).collect();
    let (_first, first) = piped(&lines[..120].concat());
    let (_second, second) = piped(&gzip(&lines[120..].concat()));
    assert_eq!(analyze(&[second, first]).unwrap(), report_of(&lines.concat()));
}

#[test]
fn a_log_that_begins_with_a_hole_or_a_very_long_line_is_recognised_behind_it() {
    let log = fs::read(fixture(ONSET)).unwrap();
    let (whole, behind_a_hole) = (report_of(&log), report_of(&[&[0; 3_000_000], &b"\n"[..], &log].concat()));
    assert_eq!(behind_a_hole.incidents, whole.incidents);
    let counts = |report: &Report| (report.lines, report.malformed, report.status.get(&502).copied());
    assert_eq!(counts(&behind_a_hole), (whole.lines + 1, whole.malformed + 1, Some(1_533)));

    let json = r#"{"time":"2025-12-17T09:03:01Z","status":502,"request":"GET /"}"#;
    let long = json.replace("GET /", &format!("GET /{}", "x".repeat(400_000)));
    let strange = "no request at all ".repeat(200);
    for (first, malformed) in [(vec![long.as_str()], 0), (vec![strange.as_str(); 99], 99)] {
        let lines: Vec<&str> = first.iter().copied().chain([json; 400]).collect();
        let report = report_of(lines.join("\n").as_bytes());
        assert_eq!((report.malformed, report.requests), (malformed, lines.len() as u64 - malformed));
    }
}

#[test]
fn an_empty_file_is_no_error_and_a_missing_one_is() {
    let directory = tempfile::tempdir().unwrap();
    let empty = written(directory.path(), "empty", b"");
    let whole = analyze(&[fixture(QUIET)]).unwrap();
    assert_eq!(analyze(&[fixture(QUIET), empty]).unwrap(), whole);
    let missing = directory.path().join("missing");
    assert!(
        matches!(analyze(std::slice::from_ref(&missing)), Err(AnalyzeError::Open { path, .. }) if path == missing)
    );
}

#[test]
fn a_torn_archive_is_an_error_and_not_a_smaller_count() {
    let directory = tempfile::tempdir().unwrap();
    let archive = gzip(&fs::read(fixture(ONSET)).unwrap());
    let torn = written(directory.path(), "torn.gz", &archive[..archive.len() / 2]);
    assert!(matches!(analyze(&[torn]), Err(AnalyzeError::Read { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_report_is_the_same_for_any_chunking_of_the_input(cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20)) {
        let log = fs::read(fixture(ONSET)).unwrap();
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(log.len())).chain([0, log.len()]).collect();
        cuts.sort_unstable();
        let parts: Vec<_> = cuts.windows(2).map(|ends| &log[ends[0]..ends[1]]).collect();
        let members: Vec<u8> = parts.iter().flat_map(|part| gzip(part)).collect();
        let frames: Vec<u8> = parts.iter().flat_map(|part| zstd::encode_all(*part, 1).unwrap()).collect();
        let whole = report_of(&log);
        prop_assert_eq!(&report_of(&members), &whole);
        prop_assert_eq!(&report_of(&frames), &whole);
    }
}
