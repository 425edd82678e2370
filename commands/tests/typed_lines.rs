//! Lines as people type them, and what they come to.

use chrono::{DateTime, Utc};
use lifeboat_commands::command::Command;
use lifeboat_commands::parse::parse;
use lifeboat_commands::refusal::Refusal;
use lifeboat_storage::event::{Role, Severity, Status, TaskKind};
use lifeboat_storage::id::{IncidentId, Seq};
use proptest::prelude::*;

fn now() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-01-05T10:30:00Z").expect("a moment").with_timezone(&Utc)
}

#[track_caller]
fn check(line: &str, expected: &Command) {
    let parsed = parse(line, now(), chrono_tz::UTC).map(|parsed| parsed.command);
    assert_eq!(parsed.as_ref(), Ok(expected), "{line}");
}

#[track_caller]
fn refused(line: &str) -> &'static str {
    parse(line, now(), chrono_tz::UTC).expect_err(line).key()
}

#[test]
fn lines_are_read_the_way_they_are_typed() {
    let inc = Some(IncidentId(7));
    let note = |text: &str, at, incident| Command::Note { text: text.to_owned(), at, incident };
    check("/incident ack", &Command::Ack { incident: None });
    check("  incident   ack inc-7 ", &Command::Ack { incident: inc });
    check("/incident note the ratio is 5:1 now", &note("the ratio is 5:1 now", None, None));
    check("/incident note 两行\n第二行", &note("两行\n第二行", None, None));
    check(
        "/incident note rolled back at:10:15",
        &note("rolled back", Some(now() - chrono::TimeDelta::minutes(15)), None),
    );
    check(
        "/incident note at:-15m rolled back",
        &note("rolled back", Some(now() - chrono::TimeDelta::minutes(15)), None),
    );
    check("/incident note text:\"a  b\" incident:7", &note("a  b", None, inc));
    check("/incident severity sev1 7", &Command::Severity { to: Severity::Sev1, incident: inc });
    check("/incident role commander", &Command::Role { role: Role::Commander, person: None, incident: None });
    check(
        "/incident role commander \"Chen Wei\" INC-0007",
        &Command::Role { role: Role::Commander, person: Some("Chen Wei".to_owned()), incident: inc },
    );
    check(
        "/incident update conditions:41 % fail actions:rolling back needs:a second pair of eyes",
        &Command::Update {
            conditions: "41 % fail".to_owned(),
            actions: "rolling back".to_owned(),
            needs: "a second pair of eyes".to_owned(),
            incident: None,
        },
    );
    check(
        "/incident cancel INC-7 a false alarm",
        &Command::Status {
            to: Status::Cancelled,
            incident: inc,
            at: None,
            reason: "a false alarm".to_owned(),
            reopen: false,
        },
    );
    check(
        "/incident task write a runbook what:prevent",
        &Command::Task {
            text: "write a runbook".to_owned(),
            owner: None,
            what: TaskKind::Prevent,
            incident: None,
        },
    );
    check("/incident task done:2", &Command::TaskDone { task: 2, incident: None });
    check(
        "/incident redact #12 a password",
        &Command::Redact { event: Seq(12), reason: "a password".to_owned() },
    );
}

#[test]
fn what_cannot_be_read_is_refused_by_name() {
    assert_eq!(refused("/incident"), "unknown-command");
    assert_eq!(refused(""), "unknown-command");
    assert_eq!(refused("/node reboot wk-1"), "unknown-command");
    assert_eq!(refused("/incident note"), "missing");
    assert_eq!(refused("/incident note text:\"\""), "missing");
    assert_eq!(refused("/incident severity SEV9"), "bad-value");
    assert_eq!(refused("/incident severity to:SEV9"), "bad-value");
    assert_eq!(refused("/incident ack INC-x"), "left-over");
    assert_eq!(refused("/incident mitigate at:soon"), "bad-value");
    assert_eq!(refused(&format!("/incident note {}", "字".repeat(4_001))), "too-long");
    assert_eq!(refused("/incident task"), "missing");
}

#[test]
fn an_unknown_verb_names_its_neighbours() {
    let Err(Refusal::UnknownCommand { near, .. }) = parse("/incident acknowledge", now(), chrono_tz::UTC)
    else {
        panic!("not refused");
    };
    assert!(near.contains(&"/incident ack".to_owned()), "{near:?}");
}

proptest! {
    #[test]
    fn any_line_is_read_or_refused_without_panic(line in "\\PC{0,80}", tail in "[ :\"a-z0-9-]{0,40}") {
        for start in ["", "/incident note ", "/incident update ", "/incident mitigate ", "/alert silence "] {
            let _ = parse(&format!("{start}{line}{tail}"), now(), chrono_tz::UTC);
        }
    }

    #[test]
    fn a_note_keeps_its_words(text in "[a-z字 ]{1,40}[a-z]") {
        let parsed = parse(&format!("/incident note {text}"), now(), chrono_tz::UTC).unwrap();
        prop_assert_eq!(parsed.command, Command::Note { text: text.trim().to_owned(), at: None, incident: None });
    }
}
