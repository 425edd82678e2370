//! The detectors over real access logs: one with a real outage at a low rate, one quiet.

use std::fs;
use std::path::Path;

use lifeboat::detect::{Finding, Found, Limits, Watch};
use lifeboat::source::access_log::{LogFormat, Parser};
use lifeboat_storage::event::AlertKind;

fn findings_of(file: &str) -> Vec<Finding> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/access-logs").join(file);
    let bytes = fs::read(path).expect("the fixture is part of the repository");
    let (mut watch, mut out) = (Watch::new(Limits::default()), Vec::new());
    let mut parser = Parser::new(LogFormat::Combined);
    for line in bytes.split(|b| *b == b'\n') {
        if let Some(request) = parser.parse(line) {
            watch.observe("site", &request, request.at.unwrap_or_default(), &mut out);
        }
    }
    watch.finish(&mut out);
    out
}

/// Four times the application was down for hours, and in between it answered well for hours.
#[test]
fn the_real_outage_is_found_as_four_incidents_the_last_of_them_open_at_the_end() {
    let findings = findings_of("nginx-combined-real-502-onset.log");
    assert!(findings.iter().all(|finding| finding.kind == AlertKind::BadGateway));
    let is_opened =
        |finding: &&Finding| matches!(finding.what, Found::Opened { .. } | Found::Returned { .. });
    let recovered = findings.iter().filter(|finding| matches!(finding.what, Found::Recovered { .. })).count();
    let opened: Vec<_> = findings
        .iter()
        .filter(is_opened)
        .map(|finding| {
            chrono::DateTime::from_timestamp_millis(finding.at).map(|at| at.format("%d %H:%M").to_string())
        })
        .collect();
    let expected = ["17 10:22", "18 10:35", "18 17:24", "20 20:52"].map(|at| Some(at.to_owned()));
    assert_eq!(opened, expected);
    assert_eq!(recovered, 3, "the last one is open");
}

#[test]
fn the_quiet_real_log_gives_nothing() {
    assert_eq!(findings_of("apache-combined-real-quiet.log"), vec![]);
}
