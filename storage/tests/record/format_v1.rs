//! Records written by version 1 are read for ever.

use super::*;

use lifeboat_storage::event::{AlertEvidence, AlertKind, Counted, Severity, Share};
use lifeboat_storage::id::{AlertKey, Correlation, PersonName, ServiceName};
use lifeboat_storage::log::verify;

/// What stands in the fixture, as today's types.
fn story() -> Vec<Event> {
    let time = |ms: i64| Time::from_timestamp_millis(1_767_580_500_000 + ms).unwrap();
    let evidence = AlertEvidence {
        since: Some(time(-2_000)),
        now: Share { bad: 31, total: 62 },
        window_s: 10,
        before: Share { bad: 1, total: 2_400 },
        before_s: 300,
        upstreams: vec![Counted { name: "10.0.0.7:8080".to_owned(), count: 31 }],
        samples: vec!["GET /p/… 502".to_owned()],
        ..AlertEvidence::default()
    };
    let kinds = vec![
        (None, Kind::LifeboatStarted { version: "0.1.0".to_owned(), torn_bytes: 0 }),
        (
            Some(IncidentId(1)),
            Kind::AlertRaised {
                alert: AlertKey::new("bad_gateway/blog-web"),
                what: AlertKind::BadGateway,
                service: ServiceName::new("blog-web"),
                severity: Severity::Sev1,
                evidence,
            },
        ),
        (
            Some(IncidentId(1)),
            Kind::Tombstone { by: Seq(5), left: Box::new(Kind::NoteAdded { text: String::new() }) },
        ),
        (Some(IncidentId(1)), Kind::NoteAdded { text: "重启 worker-3 后恢复\n\"quoted\"".to_owned() }),
        (Some(IncidentId(1)), Kind::Redacted { target: Seq(3), reason: "a token".to_owned() }),
    ];
    let event = |(seq, (incident, kind))| Event {
        seq: Seq(seq),
        incident,
        world: if seq == 4 { World::Drill(3) } else { World::Real },
        occurred_at: time(123),
        recorded_at: time(124),
        actor: Actor { person: Some(PersonName::new("ana")), account: None, origin: Origin::Console },
        kind,
        correlation: (seq > 2).then(|| Correlation::new("c-1")),
        supersedes: (seq == 4).then_some(Seq(2)),
    };
    (1..).zip(kinds).map(event).collect()
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/record-v1")
}

#[test]
fn records_written_by_version_1_still_load() {
    let log = FileLog::open_read_only(fixture()).unwrap();
    assert_eq!(log.read_from(Seq(1)).unwrap().map(Result::unwrap).collect::<Vec<_>>(), story());
    assert!(verify(&fixture()).unwrap().is_sound());
}

#[test]
fn what_is_written_today_is_still_version_1_byte_for_byte() {
    let dir = tempfile::tempdir().unwrap();
    let log = FileLog::open(dir.path()).unwrap();
    for mut event in story() {
        if event.seq == Seq(3) {
            event.kind = Kind::NoteAdded { text: "token: 12345".to_owned() };
        }
        log.append(&[event]).unwrap();
    }
    log.redact(Seq(3), Seq(5)).unwrap();
    let name = "00000000000000000001.jsonl";
    let (now, then) = (std::fs::read_to_string(dir.path().join(name)).unwrap(), fixture().join(name));
    assert_eq!(now, std::fs::read_to_string(then).unwrap_or_default());
}
