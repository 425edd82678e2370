//! What `lifeboat verify` found, and why the record could not be opened.

use std::io;
use std::path::Path;

use lifeboat_storage::format::{Fault, VERSION};
use lifeboat_storage::log::{Damage, OpenError, Report};

use super::{Arg, Say, limits};

/// The result in a few lines: sound or not, each damage with its place, what is unfinished, and what to do.
#[must_use]
pub fn text(say: Say, log: &Path, report: &Report) -> String {
    let place = log.display().to_string();
    if report.segments == 0 {
        return say.text("verify-none", &[("place", place.into())]);
    }
    let (seq, hash) = (report.last.to_string(), report.head.to_string());
    let records = report.events.to_string();
    let mut lines = vec![if report.is_sound() {
        say.text("verify-sound", &[("place", place.into()), ("records", records.into())])
    } else {
        say.text("verify-damaged", &[("place", place.into()), ("count", report.damaged.to_string().into())])
    }];
    lines.push(say.text("verify-head", &[("seq", seq.into()), ("hash", hash.into())]));
    lines.extend(report.damage.iter().map(|damage| place_of(say, damage)));
    if report.torn.is_some() {
        lines.push(say.text("verify-torn", &[("bytes", report.torn_bytes.into())]));
    }
    if report.tombstones > 0 {
        lines.push(say.text("verify-tombstones", &[("count", report.tombstones.to_string().into())]));
    }
    for (target, by) in &report.unfinished_redactions {
        let (target, by) = (target.to_string(), by.to_string());
        lines.push(say.text("verify-unfinished", &[("target", target.into()), ("by", by.into())]));
    }
    if !report.is_sound() {
        lines.push(say.word("verify-next"));
    }
    lines.join("\n")
}

/// Why the record could not be opened, and what to do; none where the system's own words say more.
#[must_use]
pub fn unopened(say: Say, error: &OpenError) -> Option<String> {
    Some(match error {
        OpenError::InUse { dir, pid } => {
            let place = dir.display().to_string();
            match pid {
                Some(pid) => {
                    say.text("open-in-use", &[("place", place.into()), ("pid", pid.to_string().into())])
                }
                None => say.text("open-in-use-by-unknown", &[("place", place.into())]),
            }
        }
        OpenError::Damaged(damage) => damaged(say, damage),
        OpenError::UnknownFile { file } => {
            say.text("open-unknown-file", &[("place", file.display().to_string().into())])
        }
        OpenError::Io { file, source } if source.kind() == io::ErrorKind::NotFound => {
            say.text("open-missing", &[("place", file.display().to_string().into())])
        }
        OpenError::Io { .. } => return None,
    })
}

/// Why the record is not read on, and what to do.
#[must_use]
pub fn damaged(say: Say, damage: &Damage) -> String {
    let key = if matches!(damage.fault, Fault::Newer { .. }) { "open-newer" } else { "open-damaged" };
    say.text(key, &[("damage", place_of(say, damage).into())])
}

/// A damaged place and what is wrong with it.
fn place_of(say: Say, damage: &Damage) -> String {
    let args: [Arg<'_>; 4] = [
        ("file", damage.file.display().to_string().into()),
        ("line", damage.line.to_string().into()),
        ("byte", damage.byte.to_string().into()),
        ("fault", fault(say, &damage.fault).into()),
    ];
    say.text("verify-damage", &args)
}

/// Numbers go in as text: those of records and versions are not grouped.
fn fault(say: Say, fault: &Fault) -> String {
    match fault {
        Fault::Layout => say.word("fault-layout"),
        Fault::Unfinished => say.word("fault-unfinished"),
        Fault::Blank => say.word("fault-blank"),
        Fault::Newer { found } => say.text(
            "fault-newer",
            &[("found", found.to_string().into()), ("newest", VERSION.to_string().into())],
        ),
        Fault::Hash => say.word("fault-hash"),
        Fault::Payload => say.word("fault-payload"),
        Fault::Chain => say.word("fault-chain"),
        Fault::Number { expected, found } => say.text(
            "fault-number",
            &[("expected", expected.to_string().into()), ("found", found.to_string().into())],
        ),
        Fault::Group => say.word("fault-group"),
        Fault::Fields(why) => say.text("fault-fields", &[("why", say.outside(why, limits::LINE).into())]),
        Fault::Tombstone { by } => say.text("fault-tombstone", &[("by", by.to_string().into())]),
        Fault::Name { promised } => say.text("fault-name", &[("promised", promised.to_string().into())]),
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;
    use lifeboat_storage::id::Seq;

    use super::*;
    use crate::say::Lang;

    fn told(lang: Lang, word: impl Fn(Say) -> String) -> String {
        word(Say::new(lang, Tz::UTC).plain())
    }

    fn damage(fault: Fault) -> Damage {
        Damage { file: "log/1.jsonl".into(), line: 1_204, byte: 88_001, fault }
    }

    #[test]
    fn every_fault_reads_in_english_as_the_storage_says_it_and_in_chinese_too() {
        for fault in [
            Fault::Layout,
            Fault::Unfinished,
            Fault::Blank,
            Fault::Newer { found: 2 },
            Fault::Hash,
            Fault::Payload,
            Fault::Chain,
            Fault::Number { expected: Seq(1_000), found: Seq(1_002) },
            Fault::Group,
            Fault::Fields("missing field `actor`".to_owned()),
            Fault::Tombstone { by: Seq(7) },
            Fault::Name { promised: Seq(1) },
        ] {
            let damage = damage(fault);
            assert_eq!(told(Lang::En, |say| place_of(say, &damage)), damage.to_string());
            let chinese = told(Lang::ZhCn, |say| place_of(say, &damage));
            assert!(chinese.contains("第 1204 行") && !chinese.contains("the "), "{chinese}");
        }
    }

    #[test]
    fn a_record_that_cannot_be_opened_says_why_and_what_to_do_in_both_languages() {
        let missing = io::Error::from(io::ErrorKind::NotFound);
        for (error, english, chinese) in [
            (
                OpenError::InUse { dir: "data/log".into(), pid: Some(1_717) },
                "process 1717 is using it",
                "进程 1717",
            ),
            (
                OpenError::InUse { dir: "data/log".into(), pid: None },
                "another process is using it",
                "另一个进程",
            ),
            (OpenError::Damaged(damage(Fault::Hash)), "damaged at log/1.jsonl, line 1204", "已损坏"),
            (
                OpenError::Damaged(damage(Fault::Newer { found: 2 })),
                "use a newer Lifeboat",
                "较新的 Lifeboat",
            ),
            (OpenError::UnknownFile { file: "data/log/x".into() }, "data/log/x", "较新的 Lifeboat"),
            (
                OpenError::Io { file: "nowhere".into(), source: missing },
                "open nowhere: there is no such",
                "nowhere",
            ),
        ] {
            let told = |lang| told(lang, |say| unopened(say, &error).unwrap_or_default());
            assert!(told(Lang::En).contains(english), "{}", told(Lang::En));
            assert!(told(Lang::ZhCn).contains(chinese), "{}", told(Lang::ZhCn));
        }
        let refused = OpenError::Io { file: "log".into(), source: io::ErrorKind::PermissionDenied.into() };
        assert_eq!(unopened(Say::new(Lang::En, Tz::UTC), &refused), None);
    }

    fn report_told(lang: Lang, report: &Report) -> String {
        told(lang, |say| text(say, Path::new("data/log"), report))
    }

    #[test]
    fn an_unfinished_tail_is_told_with_its_length_and_what_becomes_of_it() {
        let torn = Damage { file: "1.jsonl".into(), line: 23, byte: 4_000, fault: Fault::Unfinished };
        let report =
            Report { segments: 1, events: 22, torn: Some(torn), torn_bytes: 14, ..Report::default() };
        let said = report_told(Lang::En, &report);
        assert!(said.starts_with("data/log: sound, 22 records."), "{said}");
        assert!(said.contains("14 bytes") && said.contains("never acknowledged"), "{said}");
        assert!(report_told(Lang::ZhCn, &report).contains("14 字节"), "{said}");
        assert!(!report_told(Lang::En, &Report { torn: None, ..report }).contains("acknowledged"));
    }

    #[test]
    fn a_directory_without_a_record_is_not_called_sound() {
        let said = report_told(Lang::En, &Report::default());
        assert!(said.contains("no record") && !said.contains("sound"), "{said}");
    }
}
