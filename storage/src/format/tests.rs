use proptest::prelude::*;

use super::*;
use crate::event::{Origin, Severity};

fn at(ms: i64) -> Time {
    Time::from_timestamp_millis(ms).unwrap()
}

fn draft(kind: Kind) -> Draft {
    Draft {
        incident: Some(IncidentId(42)),
        world: World::Real,
        occurred_at: at(1_767_580_500_123),
        recorded_at: at(1_767_580_500_124),
        actor: Actor { person: None, account: Some("ana".to_owned()), origin: Origin::Console },
        kind,
        correlation: None,
        supersedes: None,
    }
}

fn note(text: &str) -> Kind {
    Kind::NoteAdded { text: text.to_owned() }
}

fn line_of(draft: &Draft) -> Vec<u8> {
    let mut line = Vec::new();
    Encoded::new(draft).unwrap().write(&mut line, Seq(7), (Seq(7), Seq(7)), Sha256Hash::of(b"six"));
    line
}

fn read(line: &[u8]) -> Result<Event, Fault> {
    parse_line(line.strip_suffix(b"\n").unwrap())?.event()
}

/// A line as a future version might write it: everything in order but what `change` changes.
fn sealed_again(line: &[u8], change: impl Fn(String) -> String) -> Vec<u8> {
    let text = change(String::from_utf8(line.to_vec()).unwrap());
    let (head, rest) = text.split_once(",\"hash\":\"").unwrap();
    let payload = rest.split_once("\"payload\":").unwrap().1.strip_suffix("}\n").unwrap();
    let old = head.split_once("payload_sha256\":\"").unwrap().1[..64].to_owned();
    let head = head.replace(&old, &Sha256Hash::of(payload.as_bytes()).to_string());
    let hash = Sha256Hash::of(head.as_bytes());
    format!("{head},\"hash\":\"{hash}\",\"payload\":{payload}}}\n").into_bytes()
}

#[test]
fn a_line_reads_like_this() {
    let line = String::from_utf8(line_of(&draft(note("看起来是 DNS")))).unwrap();
    assert_eq!(
        line,
        "{\"v\":1,\"seq\":7,\"group\":[7,7],\
         \"prev\":\"44778d82365e4af681c40d5f0eef5cf6f5899d3f0ac335050a7ed6779cf3f674\",\
         \"payload_sha256\":\"PAYLOAD\",\
         \"header\":{\"incident\":42,\"world\":\"real\",\"occurred_at\":\"2026-01-05T02:35:00.123Z\",\
         \"recorded_at\":\"2026-01-05T02:35:00.124Z\",\"actor\":{\"account\":\"ana\",\"origin\":\"console\"}},\
         \"hash\":\"HASH\",\"payload\":{\"kind\":\"note_added\",\"text\":\"看起来是 DNS\"}}\n"
            .replace("PAYLOAD", &Sha256Hash::of("{\"kind\":\"note_added\",\"text\":\"看起来是 DNS\"}".as_bytes()).to_string())
            .replace("HASH", &Sha256Hash::of(line.split(",\"hash\"").next().unwrap().as_bytes()).to_string())
    );
}

#[test]
fn a_changed_byte_anywhere_in_a_line_is_noticed() {
    let line = line_of(&draft(note("checked \"twice\"")));
    for index in 0..line.len() - 1 {
        for flip in [1, 0x20, 0x80] {
            let mut changed = line.clone();
            changed[index] ^= flip;
            assert!(read(&changed).is_err(), "byte {index} ^ {flip} went unnoticed");
        }
    }
}

#[test]
fn a_newer_version_is_refused_by_its_number() {
    let line = sealed_again(&line_of(&draft(note("from the future"))), |text| {
        text.replace("{\"v\":1,", "{\"v\":2,")
    });
    assert_eq!(read(&line), Err(Fault::Newer { found: 2 }));
}

#[test]
fn a_kind_unknown_to_this_version_is_kept_whole() {
    let line = sealed_again(&line_of(&draft(note("x"))), |text| {
        text.replace("{\"kind\":\"note_added\",\"text\":\"x\"}", "{\"kind\":\"pager_rang\",\"times\":3}")
    });
    let payload = serde_json::json!({"kind": "pager_rang", "times": 3}).as_object().unwrap().clone();
    assert_eq!(read(&line).unwrap().kind, Kind::Unknown { name: "pager_rang".to_owned(), payload });
}

#[test]
fn a_known_kind_with_unreadable_fields_is_a_fault_and_not_an_unknown_kind() {
    let severity = Kind::SeverityChanged { from: Severity::Sev3, to: Severity::Sev1 };
    let line = sealed_again(&line_of(&draft(severity)), |text| text.replace("SEV1", "SEV0"));
    assert!(matches!(read(&line), Err(Fault::Fields(_))), "{:?}", read(&line));
}

#[test]
fn an_unknown_header_field_is_a_fault() {
    let line = sealed_again(&line_of(&draft(note("x"))), |text| {
        text.replace("{\"incident\"", "{\"mood\":1,\"incident\"")
    });
    assert!(matches!(read(&line), Err(Fault::Fields(_))), "{:?}", read(&line));
}

#[test]
fn a_tombstone_keeps_header_and_hash_and_loses_the_payload() {
    let line = line_of(&draft(note("password: hunter2")));
    let before = parse_line(line.strip_suffix(b"\n").unwrap()).unwrap();
    let redacted = before.redacted(Seq(9)).unwrap();
    let after = parse_line(redacted.strip_suffix(b"\n").unwrap()).unwrap();
    assert_eq!(after.hash, before.hash);
    assert_eq!(
        after.event().unwrap(),
        Event { kind: Kind::Tombstone { by: Seq(9), left: Box::new(note("")) }, ..before.event().unwrap() }
    );
    assert!(!String::from_utf8(redacted).unwrap().contains("hunter2"));
}

#[test]
fn a_tombstone_written_as_an_event_is_no_tombstone() {
    let line = line_of(&draft(Kind::Tombstone { by: Seq(9), left: Box::new(note("")) }));
    assert_eq!(read(&line), Err(Fault::Tombstone { by: Seq(9) }));
}

#[test]
fn times_are_kept_to_the_millisecond() {
    let precise = Draft { occurred_at: at(0) + chrono::Duration::nanoseconds(1_999_999), ..draft(note("x")) };
    assert_eq!(read(&line_of(&precise)).unwrap(), precise.at(Seq(7)));
}

proptest! {
    #[test]
    fn any_text_comes_back_as_it_went_in_on_one_line(text in ".*", account in any::<String>(), ms in 0..4_102_444_800_000_i64) {
        let actor = Actor { person: None, account: Some(account.clone()), origin: Origin::Console };
        let draft = Draft { actor, occurred_at: at(ms), correlation: Some(Correlation::new(account)), ..draft(note(&text)) };
        let line = line_of(&draft);
        prop_assert_eq!(line.iter().filter(|byte| **byte < b' ').count(), 1);
        prop_assert_eq!(read(&line).unwrap(), draft.at(Seq(7)));
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in any::<Vec<u8>>(), cut in any::<prop::sample::Index>(), start in any::<prop::sample::Index>()) {
        let mut line = line_of(&draft(note("x")));
        line.splice(start.index(line.len())..cut.index(line.len()).max(start.index(line.len())), bytes);
        let _ = parse_line(&line).and_then(|line| line.event());
    }
}
