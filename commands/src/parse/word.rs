//! Single words: what each kind of value may be, and what it means.

use lifeboat_storage::event::{Role, Severity, Status, TaskKind};
use lifeboat_storage::id::{IncidentId, PlanId, Seq};
use lifeboat_storage::plan::{RebootMode, SwapMode};

use super::values::unquote;
use crate::command::Format;
use crate::moment;
use crate::table::{OptionSpec, ValueKind};

pub(super) fn fits(option: &OptionSpec, word: &str) -> bool {
    let word = unquote(word);
    match option.kind {
        ValueKind::Text => true,
        ValueKind::Incident => word.parse::<IncidentId>().is_ok(),
        ValueKind::Severity => severity(word).is_some(),
        ValueKind::Status => status(word).is_some(),
        ValueKind::Role => role(word).is_some(),
        ValueKind::TaskKind => task_kind(word).is_some(),
        ValueKind::Format => format(word).is_some(),
        ValueKind::Lang => ["en", "zh-CN"].contains(&word),
        ValueKind::All => word == "all",
        ValueKind::Event => event(word).is_some(),
        ValueKind::Task => word.parse::<u32>().is_ok(),
        ValueKind::Duration => moment::span(word).is_some(),
        ValueKind::Moment => word.starts_with('-') || time_of_day(word),
        ValueKind::Person | ValueKind::Service | ValueKind::Alert => word.parse::<IncidentId>().is_err(),
        ValueKind::Count => count(word).is_some(),
        ValueKind::Plan => word.parse::<PlanId>().is_ok(),
        ValueKind::Hash => word.len() >= 4 && word.bytes().all(|b| b.is_ascii_hexdigit()),
        ValueKind::RebootMode => reboot_mode(word).is_some(),
        ValueKind::SwapMode => swap_mode(word).is_some(),
        ValueKind::Speed => speed(word).is_some(),
        ValueKind::Canary => word == "install",
        ValueKind::Scenario => speed(word).is_none(),
        ValueKind::Node | ValueKind::Pool | ValueKind::Cluster | ValueKind::Schedule => true,
    }
}

/// `10:15`, `2026-01-04T10:15:00Z`, and what is mistyped like it; `cause:dns` names an option there is not.
fn time_of_day(word: &str) -> bool {
    word.contains(':') && word.starts_with(|first: char| first.is_ascii_digit())
}

/// The values an option may take, where that is a short list.
#[must_use]
pub fn known(kind: ValueKind) -> &'static [&'static str] {
    match kind {
        ValueKind::Severity => &["SEV1", "SEV2", "SEV3", "SEV4"],
        ValueKind::Status => &["investigating", "identified", "mitigated", "resolved", "closed"],
        ValueKind::Role => &["commander", "operations", "communications", "scribe"],
        ValueKind::TaskKind => &["mitigate", "prevent", "detect", "other"],
        ValueKind::Format => &["html", "md", "json"],
        ValueKind::Lang => &["en", "zh-CN"],
        ValueKind::All => &["all"],
        ValueKind::Duration => &["30m", "2h", "1d"],
        ValueKind::Moment => &["-5m", "-15m", "-1h"],
        ValueKind::RebootMode => &["canary", "rolling", "emergency"],
        ValueKind::SwapMode => &["stepwise", "at-once"],
        ValueKind::Count => &["1", "2", "4"],
        ValueKind::Speed => &["1", "10", "60"],
        ValueKind::Canary => &["install"],
        _ => &[],
    }
}

/// Faster than this a person only watches.
const FASTEST: u32 = 600;

pub(super) fn speed(word: &str) -> Option<u32> {
    word.parse().ok().filter(|speed| (1..=FASTEST).contains(speed))
}

pub(super) fn count(word: &str) -> Option<u32> {
    word.parse().ok().filter(|count| (1..=100).contains(count))
}

pub(super) fn reboot_mode(word: &str) -> Option<RebootMode> {
    match word {
        "canary" => Some(RebootMode::Canary),
        "rolling" => Some(RebootMode::Rolling),
        "emergency" => Some(RebootMode::Emergency),
        _ => None,
    }
}

pub(super) fn swap_mode(word: &str) -> Option<SwapMode> {
    match word {
        "stepwise" => Some(SwapMode::Stepwise),
        "at-once" => Some(SwapMode::AtOnce),
        _ => None,
    }
}

pub(super) fn severity(word: &str) -> Option<Severity> {
    match word.to_ascii_uppercase().as_str() {
        "SEV1" | "1" => Some(Severity::Sev1),
        "SEV2" | "2" => Some(Severity::Sev2),
        "SEV3" | "3" => Some(Severity::Sev3),
        "SEV4" | "4" => Some(Severity::Sev4),
        _ => None,
    }
}

pub(super) fn status(word: &str) -> Option<Status> {
    match word {
        "investigating" => Some(Status::Investigating),
        "identified" => Some(Status::Identified),
        "mitigated" => Some(Status::Mitigated),
        "resolved" => Some(Status::Resolved),
        "closed" => Some(Status::Closed),
        _ => None,
    }
}

pub(super) fn role(word: &str) -> Option<Role> {
    match word {
        "commander" => Some(Role::Commander),
        "operations" => Some(Role::Operations),
        "communications" => Some(Role::Communications),
        "scribe" => Some(Role::Scribe),
        _ => None,
    }
}

pub(super) fn task_kind(word: &str) -> Option<TaskKind> {
    match word {
        "mitigate" => Some(TaskKind::Mitigate),
        "prevent" => Some(TaskKind::Prevent),
        "detect" => Some(TaskKind::Detect),
        "other" => Some(TaskKind::Other),
        _ => None,
    }
}

pub(super) fn format(word: &str) -> Option<Format> {
    match word {
        "md" => Some(Format::Markdown),
        "html" => Some(Format::Html),
        "json" => Some(Format::Json),
        _ => None,
    }
}

pub(super) fn event(word: &str) -> Option<Seq> {
    word.trim_start_matches('#').parse().ok().filter(|&seq| seq > 0).map(Seq)
}
