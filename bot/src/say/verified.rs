//! What `lifeboat verify` found.

use std::path::Path;

use lifeboat_storage::log::Report;

use super::Say;

/// The result in a few lines: sound or not, each damage with its place, and what to do.
#[must_use]
pub fn text(say: Say, log: &Path, report: &Report) -> String {
    let place = log.display().to_string();
    let (seq, hash) = (report.last.to_string(), report.head.to_string());
    let records = report.events.to_string();
    let mut lines = vec![if report.is_sound() {
        say.text("verify-sound", &[("place", place.into()), ("records", records.into())])
    } else {
        say.text("verify-damaged", &[("place", place.into()), ("count", report.damaged.to_string().into())])
    }];
    lines.push(say.text("verify-head", &[("seq", seq.into()), ("hash", hash.into())]));
    lines.extend(report.damage.iter().map(|damage| damage.to_string()));
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
