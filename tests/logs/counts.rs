//! Exact counts, compared with a count by awk.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use super::{ERROR_LOG, ONSET, QUIET, analyze, fixture};

/// Takes the first quote that a status and a size follow for the end of the request.
const PROGRAM: &str = r#"
    match($0, /" [1-9][0-9][0-9] ([0-9]+|-)( |$)/) { count[substr($0, RSTART + 2, 3)]++; next }
    { count["malformed"]++ }
    END { for (status in count) print status, count[status] }
"#;

fn counted_by_awk(log: &Path) -> BTreeMap<String, u64> {
    let awk =
        Command::new("awk").env("LC_ALL", "C").arg(PROGRAM).arg(log).output().expect("awk is installed");
    assert!(awk.status.success(), "{}", String::from_utf8_lossy(&awk.stderr));
    let text = String::from_utf8(awk.stdout).unwrap();
    let pair =
        |line: &str| line.split_once(' ').map(|(status, count)| (status.to_owned(), count.parse().unwrap()));
    text.lines().filter_map(pair).collect()
}

#[track_caller]
fn check(name: &str, lines: u64, bad_gateway: Option<u64>) {
    let report = analyze(&[fixture(name)]).unwrap();
    let mut counted: BTreeMap<_, _> =
        report.status.iter().map(|(status, count)| (status.to_string(), *count)).collect();
    if report.malformed > 0 {
        counted.insert("malformed".to_owned(), report.malformed);
    }
    assert_eq!(counted, counted_by_awk(&fixture(name)));
    assert_eq!(report.status.get(&502).copied(), bad_gateway);
    assert_eq!((report.lines, report.requests + report.malformed), (lines, lines));
    assert_eq!(report.bytes, fixture(name).metadata().unwrap().len());
}

#[test]
fn every_status_of_the_real_outage_is_counted_as_awk_counts_it() {
    check(ONSET, 5_790, Some(1_533));
}

#[test]
fn every_status_of_the_quiet_log_is_counted_as_awk_counts_it() {
    check(QUIET, 10_000, None);
}

#[test]
fn the_lines_of_an_error_log_are_counted_as_malformed_and_no_outage_is_made_of_them() {
    check(ERROR_LOG, 1_534, None);
    assert_eq!(analyze(&[fixture(ERROR_LOG)]).unwrap().incidents, []);
}
