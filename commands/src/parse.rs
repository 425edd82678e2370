//! From a typed line to a typed command. Pure; the line is untrusted.
//!
//! `/noun verb word word name:value name:"value with blanks"`: named values first, then bare words fill the
//! options in table order; a text option takes everything that is left, blanks and line breaks as typed.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use lifeboat_storage::event::{Role, Severity, Status, TaskKind, Time};
use lifeboat_storage::id::{IncidentId, PlanId, Seq, ServiceName};
use lifeboat_storage::plan::{RebootMode, SwapMode};

use crate::command::{
    CapacityCommand, ClusterCommand, Command, DrillCommand, Format, NodeCommand, PlanCommand,
};
use crate::moment;
use crate::refusal::Refusal;
use crate::table::{self, COMMANDS, OptionSpec, Spec, ValueKind};

/// Longest text a person may type, in characters.
pub const LONGEST_TEXT: usize = 4_000;
/// Longest title, in characters.
pub const LONGEST_TITLE: usize = 200;

/// A line read: the command, and its place in the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// Its line in the table.
    pub spec: &'static Spec,
    /// What is wanted.
    pub command: Command,
}

/// Reads a command line.
///
/// # Errors
/// A [`Refusal`] that says what cannot be read and what it may be.
pub fn parse(line: &str, now: Time, zone: Tz) -> Result<Parsed, Refusal> {
    let (spec, rest) = head(line)?;
    read(spec, values(spec, rest)?, now, zone)
}

/// The command of a line and the values it gives so far, unread: for forms that ask for the rest.
///
/// # Errors
/// [`Refusal::UnknownCommand`], or words that fit no option.
pub fn given(line: &str) -> Result<(&'static Spec, Values), Refusal> {
    let (spec, rest) = head(line)?;
    let mut given = values(spec, rest)?;
    given.retain(|_, value| !value.trim().is_empty());
    Ok((spec, given))
}

/// Reads a command whose values come one by one, each exactly as it was given: a form instead of a line.
///
/// # Errors
/// A [`Refusal`] that says what cannot be read and what it may be.
pub fn read(spec: &'static Spec, values: Values, now: Time, zone: Tz) -> Result<Parsed, Refusal> {
    for option in spec.options.iter().filter(|option| option.required) {
        if values.get(option.name).is_none_or(|value| value.trim().is_empty()) {
            return Err(Refusal::Missing { command: spec.words(), option: option.name });
        }
    }
    let command = Reader { values, now, zone }.command(spec)?;
    Ok(Parsed { spec, command })
}

/// The command a line begins with, and what follows.
///
/// # Errors
/// [`Refusal::UnknownCommand`] with the commands that come nearest.
pub fn head(line: &str) -> Result<(&'static Spec, &str), Refusal> {
    let line = line.trim_start().strip_prefix('/').unwrap_or_else(|| line.trim_start());
    let (noun, rest) = word(line);
    let (verb, rest) = word(rest);
    table::find(noun, verb).map(|spec| (spec, rest)).ok_or_else(|| {
        let near = COMMANDS.iter().filter(|spec| spec.noun == noun || spec.verb == verb || spec.verb == noun);
        let typed = format!("/{noun} {verb}").trim_end().chars().take(60).collect();
        let mut near: Vec<String> = near.map(Spec::words).collect();
        if near.is_empty() {
            near = COMMANDS.iter().map(Spec::words).collect();
        }
        Refusal::UnknownCommand { typed, near }
    })
}

fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    text.split_once(char::is_whitespace).unwrap_or((text, ""))
}

/// Values by the names of their options.
pub type Values = BTreeMap<&'static str, String>;

fn values(spec: &'static Spec, rest: &str) -> Result<Values, Refusal> {
    let mut values = Values::new();
    let mut bare: Vec<&str> = Vec::new();
    let mut open_text: Option<&'static str> = None;
    for piece in pieces(rest) {
        let named = piece.split_once(':').and_then(|(name, value)| Some((spec.option(name.trim())?, value)));
        match named {
            Some((option, value)) => {
                open_text = (option.kind == ValueKind::Text).then_some(option.name);
                values.insert(option.name, unquote(value).to_owned());
            }
            None if open_text.is_some() => extend(&mut values, open_text, piece),
            None => bare.push(piece),
        }
    }
    fill(spec, &mut values, &bare, rest)?;
    Ok(values)
}

/// Words after `name:` of a text option belong to it, until the next name.
fn extend(values: &mut Values, option: Option<&'static str>, piece: &str) {
    let Some(text) = option.and_then(|name| values.get_mut(name)) else { return };
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(piece);
}

/// Bare words fill the options that are still empty, in order; the first text option takes all that is left. What
/// waives a guard-rail is taken by its name alone: a stray word must not.
fn fill(spec: &'static Spec, values: &mut Values, bare: &[&str], rest: &str) -> Result<(), Refusal> {
    let mut words = bare;
    for option in spec.options {
        let Some((first, later)) = words.split_first() else { return Ok(()) };
        if values.contains_key(option.name) || option.is_waiver() {
            continue;
        }
        if option.kind == ValueKind::Text {
            values.insert(option.name, as_typed(rest, words));
            return Ok(());
        }
        if fits(option, first) {
            values.insert(option.name, unquote(first).to_owned());
            words = later;
        } else if option.required {
            return Err(bad(option, first));
        }
    }
    match words.first() {
        None => Ok(()),
        Some(first) => Err(left_over(spec, first)),
    }
}

/// A word that fits no option is most useful when it names what was expected.
fn left_over(spec: &'static Spec, word: &str) -> Refusal {
    let typed = word.chars().take(60).collect();
    Refusal::LeftOver { typed, command: spec.words() }
}

/// The words as they stand in the line where they are one stretch of it, else joined by blanks.
fn as_typed(rest: &str, words: &[&str]) -> String {
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return String::new() };
    let base = rest.as_ptr() as usize;
    let (from, to) = (first.as_ptr() as usize - base, last.as_ptr() as usize - base + last.len());
    let stretch = rest.get(from..to).unwrap_or_default();
    if pieces(stretch).len() == words.len() { unquote(stretch).to_owned() } else { words.join(" ") }
}

/// Splits at blanks, except inside double quotes.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = None;
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        if c == '"' {
            quoted = !quoted && text[at + 1..].contains('"');
        }
        match (c.is_whitespace() && !quoted, start) {
            (true, Some(from)) => {
                pieces.push(&text[from..at]);
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    pieces.extend(start.map(|from| &text[from..]));
    pieces
}

fn unquote(text: &str) -> &str {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    inner.filter(|inner| !inner.contains('"')).unwrap_or(text)
}

fn fits(option: &OptionSpec, word: &str) -> bool {
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
        ValueKind::Moment => word.starts_with('-') || word.contains(':'),
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

/// The commands on the fleet, by their words; none for any other.
fn fleet_command(reader: &Reader, spec: &'static Spec) -> Result<Option<Command>, Refusal> {
    Ok(Some(match spec.noun {
        "node" => Command::Node(node(reader, spec)?),
        "cluster" => Command::Cluster(cluster(reader, spec)?),
        "capacity" => Command::Capacity(capacity(reader, spec)?),
        "plan" => Command::Plan(plan(reader, spec)?),
        "drill" => Command::Drill(drill(reader, spec)?),
        _ => return Ok(None),
    }))
}

fn node(reader: &Reader, spec: &'static Spec) -> Result<NodeCommand, Refusal> {
    let (target, over) = (reader.word("target"), reader.some_text("override")?);
    Ok(match spec.verb {
        "add" => NodeCommand::Add { count: reader.must(spec, "count", count)?, pool: reader.word("pool") },
        "cordon" => NodeCommand::Cordon { target },
        "uncordon" => NodeCommand::Uncordon { target },
        "drain" => NodeCommand::Drain { target },
        "reboot" => NodeCommand::Reboot { target, mode: reader.must(spec, "mode", reboot_mode)?, over },
        "move" => NodeCommand::Move { target, to: reader.word("to-cluster"), over },
        "remove" => NodeCommand::Remove { target, over },
        _ => NodeCommand::List { cluster: reader.values.get("cluster").cloned() },
    })
}

fn cluster(reader: &Reader, spec: &'static Spec) -> Result<ClusterCommand, Refusal> {
    let named = reader.values.get("cluster").cloned();
    let cluster = reader.word("cluster");
    Ok(match spec.verb {
        "status" => ClusterCommand::Status { cluster: named },
        "check" => ClusterCommand::Check { cluster: named },
        "diagnose" => ClusterCommand::Diagnose { cluster: named },
        "swap" => ClusterCommand::Swap {
            to: reader.word("to"),
            mode: reader.read(spec, "mode", swap_mode)?,
            over: reader.some_text("override")?,
        },
        "freeze" => ClusterCommand::Freeze { cluster, reason: reader.text("reason", LONGEST_TEXT)? },
        "unfreeze" => ClusterCommand::Unfreeze { cluster },
        "canary" => {
            reader.must(spec, "action", |word| (word == "install").then_some(()))?;
            ClusterCommand::Canary { cluster: named }
        }
        _ => ClusterCommand::List,
    })
}

fn capacity(reader: &Reader, spec: &'static Spec) -> Result<CapacityCommand, Refusal> {
    let schedule = reader.word("schedule");
    Ok(match spec.verb {
        "check" => CapacityCommand::Check { schedule: reader.values.get("schedule").cloned() },
        "run" => CapacityCommand::Run { schedule },
        "skip" => CapacityCommand::Skip { schedule, reason: reader.text("reason", LONGEST_TEXT)? },
        _ => CapacityCommand::Show,
    })
}

fn plan(reader: &Reader, spec: &'static Spec) -> Result<PlanCommand, Refusal> {
    let plan = reader.read(spec, "plan", |word| word.parse().ok())?;
    Ok(match spec.verb {
        "approve" => PlanCommand::Approve { plan, hash: reader.values.get("hash").cloned() },
        "reject" => PlanCommand::Reject { plan, reason: reader.text("reason", LONGEST_TEXT)? },
        "pause" => PlanCommand::Pause { plan },
        "resume" => PlanCommand::Resume { plan },
        "cancel" => PlanCommand::Cancel { plan },
        _ => PlanCommand::Show { plan },
    })
}

fn drill(reader: &Reader, spec: &'static Spec) -> Result<DrillCommand, Refusal> {
    Ok(match spec.verb {
        "start" => DrillCommand::Start {
            scenario: reader.values.get("scenario").cloned(),
            speed: reader.read(spec, "speed", speed)?,
        },
        "hint" => DrillCommand::Hint,
        _ => DrillCommand::Stop,
    })
}

/// Faster than this a person only watches.
const FASTEST: u32 = 600;

fn speed(word: &str) -> Option<u32> {
    word.parse().ok().filter(|speed| (1..=FASTEST).contains(speed))
}

fn count(word: &str) -> Option<u32> {
    word.parse().ok().filter(|count| (1..=100).contains(count))
}

fn reboot_mode(word: &str) -> Option<RebootMode> {
    match word {
        "canary" => Some(RebootMode::Canary),
        "rolling" => Some(RebootMode::Rolling),
        "emergency" => Some(RebootMode::Emergency),
        _ => None,
    }
}

fn swap_mode(word: &str) -> Option<SwapMode> {
    match word {
        "stepwise" => Some(SwapMode::Stepwise),
        "at-once" => Some(SwapMode::AtOnce),
        _ => None,
    }
}

fn bad(option: &OptionSpec, typed: &str) -> Refusal {
    Refusal::BadValue {
        option: option.name,
        typed: typed.chars().take(60).collect(),
        known: known(option.kind).iter().map(|&word| word.to_owned()).collect(),
    }
}

fn severity(word: &str) -> Option<Severity> {
    match word.to_ascii_uppercase().as_str() {
        "SEV1" | "1" => Some(Severity::Sev1),
        "SEV2" | "2" => Some(Severity::Sev2),
        "SEV3" | "3" => Some(Severity::Sev3),
        "SEV4" | "4" => Some(Severity::Sev4),
        _ => None,
    }
}

fn status(word: &str) -> Option<Status> {
    match word {
        "investigating" => Some(Status::Investigating),
        "identified" => Some(Status::Identified),
        "mitigated" => Some(Status::Mitigated),
        "resolved" => Some(Status::Resolved),
        "closed" => Some(Status::Closed),
        _ => None,
    }
}

fn role(word: &str) -> Option<Role> {
    match word {
        "commander" => Some(Role::Commander),
        "operations" => Some(Role::Operations),
        "communications" => Some(Role::Communications),
        "scribe" => Some(Role::Scribe),
        _ => None,
    }
}

fn task_kind(word: &str) -> Option<TaskKind> {
    match word {
        "mitigate" => Some(TaskKind::Mitigate),
        "prevent" => Some(TaskKind::Prevent),
        "detect" => Some(TaskKind::Detect),
        "other" => Some(TaskKind::Other),
        _ => None,
    }
}

fn format(word: &str) -> Option<Format> {
    match word {
        "md" => Some(Format::Markdown),
        "html" => Some(Format::Html),
        "json" => Some(Format::Json),
        _ => None,
    }
}

fn event(word: &str) -> Option<Seq> {
    word.trim_start_matches('#').parse().ok().filter(|&seq| seq > 0).map(Seq)
}

/// Reads values by their kind.
struct Reader {
    values: Values,
    now: Time,
    zone: Tz,
}

impl Reader {
    fn command(&self, spec: &'static Spec) -> Result<Command, Refusal> {
        if let Some(command) = fleet_command(self, spec)? {
            return Ok(command);
        }
        let incident = self.read(spec, "incident", |word| word.parse().ok())?;
        let reason = self.text("reason", LONGEST_TEXT)?;
        let at = self.read(spec, "at", |word| moment::moment(word, self.now, self.zone))?;
        let to_status = |to, reopen| Command::Status { to, incident, at, reason: reason.clone(), reopen };
        Ok(match (spec.noun, spec.verb) {
            ("incident", "declare") => self.declare(spec, at)?,
            ("incident", "list") => Command::List { all: self.values.contains_key("all") },
            ("incident", "show") => Command::Show { incident },
            ("incident", "ack") => Command::Ack { incident },
            ("incident", "severity") => Command::Severity { to: self.must(spec, "to", severity)?, incident },
            ("incident", "status") => to_status(self.must(spec, "to", status)?, false),
            ("incident", "mitigate") => to_status(Status::Mitigated, false),
            ("incident", "resolve") => to_status(Status::Resolved, false),
            ("incident", "close") => to_status(Status::Closed, false),
            ("incident", "cancel") => to_status(Status::Cancelled, false),
            ("incident", "reopen") => to_status(Status::Investigating, true),
            ("incident", "role") => self.role(spec, incident)?,
            ("incident", "update") => self.update(incident)?,
            ("incident", "note") => Command::Note { text: self.text("text", LONGEST_TEXT)?, at, incident },
            ("incident", "task") => self.task(spec, incident)?,
            ("incident", "merge") => {
                Command::Merge { into: self.must(spec, "into", |word| word.parse().ok())?, incident }
            }
            ("incident", "pin") => Command::Pin { message: self.must(spec, "message", event)? },
            ("incident", "redact") => Command::Redact { event: self.must(spec, "event", event)?, reason },
            ("incident", "postmortem") => Command::Postmortem {
                incident,
                format: self.read(spec, "format", format)?.unwrap_or(Format::Html),
                lang: self.read(spec, "lang", |word| Some(word.to_owned()))?,
            },
            ("alert", "silence") => Command::Silence {
                alert: self.word("alert"),
                for_: self.must(spec, "for", moment::span)?,
                reason,
            },
            ("alert", "unsilence") => Command::Unsilence { alert: self.word("alert") },
            ("alert", "test") => Command::AlertTest,
            _ => Command::AlertList,
        })
    }

    fn declare(&self, spec: &'static Spec, at: Option<Time>) -> Result<Command, Refusal> {
        Ok(Command::Declare {
            title: self.text("title", LONGEST_TITLE)?,
            severity: self.read(spec, "severity", severity)?,
            service: self.values.get("service").map(|name| ServiceName::new(name.as_str())),
            at,
        })
    }

    fn role(&self, spec: &'static Spec, incident: Option<IncidentId>) -> Result<Command, Refusal> {
        let person = self.values.get("person").cloned();
        Ok(Command::Role { role: self.must(spec, "role", role)?, person, incident })
    }

    fn update(&self, incident: Option<IncidentId>) -> Result<Command, Refusal> {
        Ok(Command::Update {
            conditions: self.text("conditions", LONGEST_TEXT)?,
            actions: self.text("actions", LONGEST_TEXT)?,
            needs: self.text("needs", LONGEST_TEXT)?,
            incident,
        })
    }

    fn task(&self, spec: &'static Spec, incident: Option<IncidentId>) -> Result<Command, Refusal> {
        if let Some(task) = self.read(spec, "done", |word| word.parse().ok())? {
            return Ok(Command::TaskDone { task, incident });
        }
        let text = self.text("text", LONGEST_TEXT)?;
        if text.is_empty() {
            return Err(Refusal::Missing { command: spec.words(), option: "text" });
        }
        let what = self.read(spec, "what", task_kind)?.unwrap_or(TaskKind::Other);
        Ok(Command::Task { text, owner: self.values.get("owner").cloned(), what, incident })
    }

    fn some_text(&self, name: &'static str) -> Result<Option<String>, Refusal> {
        self.text(name, LONGEST_TEXT).map(|text| Some(text).filter(|text| !text.is_empty()))
    }

    fn word(&self, name: &str) -> String {
        self.values.get(name).cloned().unwrap_or_default()
    }

    fn text(&self, name: &'static str, limit: usize) -> Result<String, Refusal> {
        let text = self.word(name).trim().to_owned();
        if text.chars().count() > limit { Err(Refusal::TooLong { option: name, limit }) } else { Ok(text) }
    }

    fn read<T>(
        &self,
        spec: &'static Spec,
        name: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Refusal> {
        let (Some(word), Some(option)) = (self.values.get(name), spec.option(name)) else { return Ok(None) };
        read(word).map(Some).ok_or_else(|| bad(option, word))
    }

    fn must<T>(
        &self,
        spec: &'static Spec,
        name: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, Refusal> {
        let missing = || Refusal::Missing { command: spec.words(), option: name };
        self.read(spec, name, read)?.ok_or_else(missing)
    }
}
