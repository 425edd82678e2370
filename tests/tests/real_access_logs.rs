//! The detectors over real access logs: one with a real outage at a low rate, one quiet.
//!
//! The logs are no part of this repository; `LIFEBOAT_ACCESS_LOGS` names the directory that holds them.
//! Without it these tests say so and do nothing.

use std::fs;
use std::path::PathBuf;

use chrono::DateTime;
use lifeboat::detect::{Finding, Found, Limits, Watch};
use lifeboat::source::request::Request;
use lifeboat_storage::event::AlertKind;

/// Just enough of nginx combined for these two files.
fn parse(line: &[u8]) -> Option<(i64, u16, &[u8], &[u8])> {
    let find = |from: usize, byte: u8| line[from..].iter().position(|b| *b == byte).map(|at| from + at);
    let client = &line[..find(0, b' ')?];
    let open = find(0, b'[')?;
    let time = std::str::from_utf8(line.get(open + 1..open + 27)?).ok()?;
    let at = DateTime::parse_from_str(time, "%d/%b/%Y:%H:%M:%S %z").ok()?.timestamp_millis();
    let quote = find(open, b'"')?;
    let end = (quote + 1..line.len()).find(|at| line[*at] == b'"' && line[at - 1] != b'\\')?;
    let target = line[quote + 1..end].split(|b| *b == b' ').nth(1).unwrap_or_default();
    let status = std::str::from_utf8(line.get(end + 2..end + 5)?).ok()?.parse().ok()?;
    Some((at, status, client, target))
}

/// Findings of the file; none where the directory is not named.
fn findings_of(file: &str) -> Option<Vec<Finding>> {
    let Some(directory) = std::env::var_os("LIFEBOAT_ACCESS_LOGS") else {
        eprintln!("left out: LIFEBOAT_ACCESS_LOGS names no directory with {file}");
        return None;
    };
    let bytes = fs::read(PathBuf::from(directory).join(file)).unwrap();
    let (mut watch, mut out) = (Watch::new(Limits::default()), Vec::new());
    for line in bytes.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
        let (at, status, client, target) = parse(line).unwrap();
        let request = Request { at: Some(at), status, client, target, line, ..Request::default() };
        watch.observe("site", &request, at, &mut out);
    }
    watch.finish(&mut out);
    Some(out)
}

#[test]
fn the_real_outage_is_found_as_a_handful_of_incidents_and_open_at_the_end() {
    let Some(findings) = findings_of("nginx-combined-real-502-onset.log") else { return };
    for finding in &findings {
        println!(
            "{} {:?} {:?}",
            DateTime::from_timestamp_millis(finding.at).unwrap(),
            finding.kind,
            finding.what
        );
    }
    assert!(findings.iter().all(|finding| finding.kind == AlertKind::BadGateway));
    let opened = findings.iter().filter(|finding| matches!(finding.what, Found::Opened { .. })).count();
    let recovered = findings.iter().filter(|finding| matches!(finding.what, Found::Recovered { .. })).count();
    let returned = findings.iter().filter(|finding| matches!(finding.what, Found::Returned { .. })).count();
    assert!((1..=6).contains(&opened), "{opened}");
    assert_eq!(opened + returned, recovered + 1, "the last one is open");
}

#[test]
fn the_quiet_real_log_gives_nothing() {
    let Some(findings) = findings_of("apache-combined-real-quiet.log") else { return };
    assert_eq!(findings, vec![]);
}
