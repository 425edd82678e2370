//! Single words and flags.

use lifeboat_commands::people::{DiscordRole, Permission, WhoCould};
use lifeboat_storage::event::{Milestone, Role, Severity, Status, TaskKind};
use lifeboat_storage::id::ChannelName;

use super::{Say, Scene};
use crate::console::view::Flag;

/// `investigating`, in the language of the voice.
#[must_use]
pub fn status(say: Say, status: Status) -> String {
    say.word(match status {
        Status::Investigating => "word-status-investigating",
        Status::Identified => "word-status-identified",
        Status::Mitigated => "word-status-mitigated",
        Status::Resolved => "word-status-resolved",
        Status::Closed => "word-status-closed",
        Status::Cancelled => "word-status-cancelled",
    })
}

/// The status as machines and commands write it.
#[must_use]
pub const fn status_key(status: Status) -> &'static str {
    match status {
        Status::Investigating => "investigating",
        Status::Identified => "identified",
        Status::Mitigated => "mitigated",
        Status::Resolved => "resolved",
        Status::Closed => "closed",
        Status::Cancelled => "cancelled",
    }
}

/// `Started`.
#[must_use]
pub fn milestone(say: Say, milestone: Milestone) -> String {
    say.word(match milestone {
        Milestone::Started => "word-milestone-started",
        Milestone::Detected => "word-milestone-detected",
        Milestone::Declared => "word-milestone-declared",
        Milestone::Acknowledged => "word-milestone-acknowledged",
        Milestone::Identified => "word-milestone-identified",
        Milestone::Mitigated => "word-milestone-mitigated",
        Milestone::Resolved => "word-milestone-resolved",
        Milestone::Closed => "word-milestone-closed",
    })
}

/// `Commander`.
#[must_use]
pub fn role(say: Say, role: Role) -> String {
    say.word(match role {
        Role::Commander => "word-role-commander",
        Role::Operations => "word-role-operations",
        Role::Communications => "word-role-communications",
        Role::Scribe => "word-role-scribe",
    })
}

/// The role as commands write it.
#[must_use]
pub const fn role_key(role: Role) -> &'static str {
    match role {
        Role::Commander => "commander",
        Role::Operations => "operations",
        Role::Communications => "communications",
        Role::Scribe => "scribe",
    }
}

/// What a task is for.
#[must_use]
pub fn task_kind(say: Say, kind: TaskKind) -> String {
    say.word(match kind {
        TaskKind::Mitigate => "word-task-mitigate",
        TaskKind::Prevent => "word-task-prevent",
        TaskKind::Detect => "word-task-detect",
        TaskKind::Other => "word-task-other",
    })
}

/// Why a command was refused, from the key that the record keeps.
#[must_use]
pub fn refused(say: Say, why: &str) -> String {
    say.word(match why {
        "not-signed-in" => "word-refused-not-signed-in",
        "not-allowed" | "own-plan" => "word-refused-not-allowed",
        "unknown-command" | "missing" | "bad-value" | "left-over" | "unclosed-quote"
        | "severity-in-title" | "too-long" => "word-refused-line",
        "not-recording" => "word-refused-not-recording",
        _ => "word-refused-then",
    })
}

/// `SEV1`, the same in every language.
#[must_use]
pub const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Sev1 => "SEV1",
        Severity::Sev2 => "SEV2",
        Severity::Sev3 => "SEV3",
        Severity::Sev4 => "SEV4",
    }
}

/// Shape and tone of a severity.
#[must_use]
pub const fn shape_and_tone(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Sev1 => ("diamond", "sev1"),
        Severity::Sev2 => ("triangle", "sev2"),
        Severity::Sev3 => ("square", "sev3"),
        Severity::Sev4 => ("circle", "sev4"),
    }
}

/// The flag of a severity.
#[must_use]
pub fn severity_flag(level: Severity) -> Flag {
    let (shape, tone) = shape_and_tone(level);
    Flag { shape, word: severity(level).to_owned(), tone }
}

/// The flag of an incident that was resolved or closed.
#[must_use]
pub fn ended_flag(say: Say) -> Flag {
    Flag { shape: "check", word: say.word("word-flag-ended"), tone: "ended" }
}

/// The flag of an incident that was none, or went on in another.
#[must_use]
pub fn void_flag(say: Say) -> Flag {
    Flag { shape: "cross", word: say.word("word-flag-void"), tone: "void" }
}

/// The flag of a moment in which nothing is wrong, as far as can be seen.
#[must_use]
pub fn quiet_flag(say: Say) -> Flag {
    Flag { shape: "check", word: say.word("word-flag-quiet"), tone: "quiet" }
}

/// The flag of a moment in which Lifeboat cannot see.
#[must_use]
pub fn blind_flag(say: Say) -> Flag {
    Flag { shape: "question", word: say.word("word-flag-blind"), tone: "blind" }
}

/// What a person needs to be allowed.
#[must_use]
pub fn permission(say: Say, permission: Permission) -> String {
    say.word(match permission {
        Permission::Reader => "word-permission-reader",
        Permission::Responder => "word-permission-responder",
        Permission::Operator => "word-permission-operator",
        Permission::Approver => "word-permission-approver",
        Permission::Commander => "word-permission-commander",
        Permission::Admin => "word-permission-admin",
    })
}

/// A channel by its name as it is shown.
#[must_use]
pub fn channel(scene: &Scene<'_>, name: &ChannelName) -> String {
    scene.say.name(scene.state.shown_channel(name).as_str())
}

/// Facts on one line: `a, b, c`.
#[must_use]
pub fn listed(say: Say, parts: &[String]) -> String {
    joined(say, "word-list", parts)
}

/// Names on one line: `a, b, c`, in Chinese with the mark for lists.
#[must_use]
pub fn names(say: Say, parts: &[String]) -> String {
    joined(say, "word-names", parts)
}

/// Longer things on one line: `a; b`.
#[must_use]
pub fn sentences(say: Say, parts: &[String]) -> String {
    joined(say, "word-sentences", parts)
}

fn joined(say: Say, key: &str, parts: &[String]) -> String {
    let joined =
        |list: String, part: &String| say.text(key, &[("list", list.into()), ("next", part.as_str().into())]);
    let mut parts = parts.iter();
    let first = parts.next().cloned().unwrap_or_default();
    parts.fold(first, joined)
}

/// `a, b or c`.
#[must_use]
pub fn either(say: Say, parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [most @ .., last] => {
            say.text("word-or", &[("list", names(say, most).into()), ("next", last.as_str().into())])
        }
    }
}

/// `Discord role on-call`; by its id where its name is not configured.
#[must_use]
pub fn discord_role(say: Say, role: &DiscordRole) -> String {
    say.text("word-discord-role", &[("role", say.name(&role.label()).into())])
}

/// Who could, one by one: people first, then whoever has a role.
#[must_use]
pub fn who_could(say: Say, who: &WhoCould) -> Vec<String> {
    let holders = match who.needs {
        Permission::Approver => "word-role-configured",
        _ => "word-role-holders",
    };
    let people = who.people.iter().map(|person| say.name(person.as_str()));
    let roles = who.roles.iter().map(|role| say.text(holders, &[("role", discord_role(say, role).into())]));
    people.chain(roles).collect()
}

/// `512 KiB`, `68 MiB`: the largest unit that leaves a whole number, the same in every language.
#[must_use]
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} KiB", bytes / 1_024),
        1_048_576..1_073_741_824 => format!("{} MiB", bytes / 1_048_576),
        _ => format!("{} GiB", bytes / 1_073_741_824),
    }
}
