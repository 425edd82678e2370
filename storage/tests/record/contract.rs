//! What every log promises.

use std::sync::Arc;

use lifeboat_storage::event::{Event, Kind};
use lifeboat_storage::id::Seq;
use lifeboat_storage::log::{AppendError, EventLog, MemoryLog, RedactError, Tailed};
use proptest::prelude::*;

use super::*;

/// Runs the same test over both logs, the file log with segments of a few events.
#[track_caller]
fn both(test: impl Fn(Arc<dyn EventLog>)) {
    test(Arc::new(MemoryLog::new()));
    test(Arc::new(open(&SimulatedDisk::new()).unwrap()));
}

#[test]
fn an_empty_log_has_head_zero_and_nothing_to_read() {
    both(|log| {
        assert_eq!(log.head().0, Seq(0));
        assert_eq!(texts(log.as_ref()), Vec::<String>::new());
        assert_eq!(log.hash_at(Seq(0)).unwrap(), None);
        assert_eq!(log.hash_at(Seq(1)).unwrap(), None);
    });
}

#[test]
fn a_receipt_names_the_numbers_and_the_head() {
    both(|log| {
        say(log.as_ref(), "first");
        let receipt = log.append_drafts(vec![note("a"), note("b")]).unwrap();
        assert_eq!((receipt.first, receipt.last, receipt.head), (Seq(2), Seq(3), log.head().1));
        assert_eq!(log.hash_at(Seq(3)).unwrap(), Some(receipt.head));
        assert_ne!(log.hash_at(Seq(2)).unwrap(), Some(receipt.head));
    });
}

#[test]
fn events_out_of_order_are_refused_and_nothing_of_the_batch_is_kept() {
    both(|log| {
        let events: Vec<Event> = [1, 2, 4].map(|seq| note("x").at(Seq(seq))).into();
        let refused = log.append(&events);
        assert!(
            matches!(refused, Err(AppendError::OutOfOrder { expected: Seq(3), found: Seq(4) })),
            "{refused:?}"
        );
        let refused = log.append(&events[1..2]);
        assert!(
            matches!(refused, Err(AppendError::OutOfOrder { expected: Seq(1), found: Seq(2) })),
            "{refused:?}"
        );
        log.append(&events[..2]).unwrap();
        assert_eq!(log.read_from(Seq(1)).unwrap().map(Result::unwrap).collect::<Vec<_>>(), events[..2]);
    });
}

#[test]
fn an_empty_batch_changes_nothing() {
    both(|log| {
        say(log.as_ref(), "one");
        assert_eq!(log.append(&[]).unwrap().last, Seq(1));
        assert_eq!(log.head().0, Seq(1));
    });
}

#[test]
fn tombstones_and_unknown_kinds_cannot_be_appended() {
    both(|log| {
        for kind in [
            Kind::Tombstone { by: Seq(9), left: Box::new(Kind::Acknowledged) },
            Kind::Unknown { name: "later".to_owned(), payload: serde_json::Map::new() },
        ] {
            let refused = log.append_drafts(vec![draft(kind)]);
            assert!(matches!(refused, Err(AppendError::NotAppendable)), "{refused:?}");
        }
    });
}

#[test]
fn huge_chinese_and_control_characters_come_back_as_they_were() {
    both(|log| {
        let texts_in = [
            "灾备切换".repeat(100_000),
            "\0\u{1}\r\n\t\u{7f}\u{9b}\u{2028}\u{feff}\"\\".to_owned(),
            String::new(),
        ];
        for text in &texts_in {
            say(log.as_ref(), text);
        }
        assert_eq!(texts(log.as_ref()), texts_in);
    });
}

#[test]
fn a_tail_yields_every_event_in_order_and_ends_with_the_log() {
    both(|log| {
        say(log.as_ref(), "before");
        let tail = log.tail();
        assert_eq!(tail.starts_at(), Seq(2));
        assert_eq!(tail.try_recv(), None);
        for n in 0..10 {
            say(log.as_ref(), &n.to_string());
        }
        for n in 0..10 {
            assert_eq!(tail.recv(), Some(Tailed::Event(Arc::new(note(&n.to_string()).at(Seq(2 + n))))));
        }
        drop(log);
        assert_eq!(tail.recv(), None);
    });
}

#[test]
fn a_slow_reader_is_told_what_to_read_instead() {
    both(|log| {
        let tail = log.tail();
        log.append_drafts(vec![note("x"); 1030]).unwrap();
        for seq in 1..=1024 {
            assert!(matches!(tail.recv(), Some(Tailed::Event(event)) if event.seq == Seq(seq)));
        }
        assert_eq!(tail.recv(), Some(Tailed::Behind(Seq(1025)..Seq(1031))));
        say(log.as_ref(), "back in time");
        assert!(matches!(tail.recv(), Some(Tailed::Event(event)) if event.seq == Seq(1031)));
    });
}

#[test]
fn a_redacted_payload_is_gone_and_every_hash_stays() {
    both(|log| {
        say(log.as_ref(), "before");
        let target = say(log.as_ref(), "hunter2");
        let hash = log.hash_at(target).unwrap();
        let by = log.append_drafts(vec![redaction(target.0)]).unwrap().last;
        log.redact(target, by).unwrap();
        log.redact(target, by).unwrap();
        say(log.as_ref(), "after");
        assert_eq!(texts(log.as_ref()), ["before", "redacted by 3", "redacts 2", "after"]);
        assert_eq!(log.hash_at(target).unwrap(), hash);
    });
}

#[test]
fn only_what_a_redaction_names_is_redacted_and_never_a_redaction_itself() {
    both(|log| {
        say(log.as_ref(), "one");
        say(log.as_ref(), "two");
        log.append_drafts(vec![redaction(2), redaction(3), redaction(6)]).unwrap();
        say(log.as_ref(), "six");
        let not_asked = [log.redact(Seq(1), Seq(3)), log.redact(Seq(1), Seq(2)), log.redact(Seq(1), Seq(99))];
        for refused in not_asked {
            assert!(matches!(refused, Err(RedactError::NotAsked { target: Seq(1), .. })), "{refused:?}");
        }
        for (target, by) in [(3, 4), (6, 5)] {
            let refused = log.redact(Seq(target), Seq(by));
            assert!(matches!(refused, Err(RedactError::NotRedactable { .. })), "{target}: {refused:?}");
        }
        assert_eq!(texts(log.as_ref()), ["one", "two", "redacts 2", "redacts 3", "redacts 6", "six"]);
    });
}

#[test]
fn many_writers_get_numbers_without_gaps_and_each_keeps_its_own_order() {
    both(|log| {
        std::thread::scope(|scope| {
            for writer in 0..16 {
                let log = log.as_ref();
                scope.spawn(move || {
                    for n in 0..20 {
                        let receipt = log.append_drafts(vec![
                            note(&format!("{writer} {n:02} a")),
                            note(&format!("{writer} {n:02} b")),
                        ]);
                        let receipt = receipt.unwrap();
                        assert_eq!(receipt.last, receipt.first.next());
                    }
                });
            }
        });
        let all = texts(log.as_ref());
        assert_eq!(all.len(), 640);
        for writer in 0..16 {
            let own: Vec<_> = all.iter().filter(|text| text.starts_with(&format!("{writer} "))).collect();
            assert!(own.is_sorted() && own.len() == 40, "{own:?}");
        }
    });
}

#[test]
fn both_logs_come_to_the_same_head_from_the_same_events() {
    let (memory, file) = (MemoryLog::new(), open(&SimulatedDisk::new()).unwrap());
    for log in [&memory as &dyn EventLog, &file] {
        for n in 0..30 {
            log.append_drafts(vec![note("a"); n % 3 + 1]).unwrap();
        }
    }
    assert_eq!(memory.head(), file.head());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_range_read_equals_the_same_slice_of_a_list(
        batches in prop::collection::vec(prop::collection::vec("\\PC{0,300}", 1..5), 1..30),
        ranges in prop::collection::vec((0..80_u64, 0..80_u64), 1..10),
        reopen in any::<bool>(),
    ) {
        let disk = SimulatedDisk::new();
        let mut log = open(&disk).unwrap();
        let mut oracle = Vec::new();
        for batch in batches {
            log.append_drafts(batch.iter().map(|text| note(text)).collect()).unwrap();
            oracle.extend(batch);
        }
        if reopen {
            drop(log);
            log = open(&disk).unwrap();
        }
        for (from, to) in ranges {
            let read: Vec<String> = log.read(Seq(from)..Seq(to)).unwrap().map(|event| text_of(&event.unwrap())).collect();
            let from = (from.max(1) - 1) as usize;
            let to = ((to.max(1) - 1) as usize).min(oracle.len());
            prop_assert_eq!(&read[..], oracle.get(from..to).unwrap_or_default());
        }
    }
}
