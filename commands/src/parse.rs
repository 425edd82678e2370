//! From a typed line to a typed command. Pure; the line is untrusted.
//!
//! `/noun verb word word name:value name:"value with blanks"`: named values first, then bare words fill the
//! options in table order; a text option takes everything that is left, blanks and line breaks as typed. Several words
//! in quotes are one value: `/incident declare "no images" SEV2`.

mod again;
mod filled;
mod fleet;
mod near;
mod title;
mod values;
mod word;

use std::collections::BTreeMap;

use chrono_tz::Tz;
use lifeboat_storage::event::{Status, TaskKind, Time};
use lifeboat_storage::id::{IncidentId, ServiceName};

use crate::command::{Command, Format};
use crate::moment;
use crate::refusal::Refusal;
use crate::table::{self, OptionSpec, Spec};

pub(crate) use filled::{Next, filled};
pub use word::known;

use values::values;
use word::{event, format, role, severity, status, task_kind};

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
            return Err(missing(spec, option.name, &values));
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
        let typed = format!("/{noun} {verb}").trim_end().chars().take(60).collect();
        Refusal::UnknownCommand { typed, near: near::near(noun, verb) }
    })
}

fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    text.split_once(char::is_whitespace).unwrap_or((text, ""))
}

/// Values by the names of their options.
pub type Values = BTreeMap<&'static str, String>;

fn missing(spec: &Spec, option: &'static str, given: &Values) -> Refusal {
    Refusal::Missing { command: spec.words(), option, given: again::options(spec, given) }
}

fn bad(spec: &Spec, option: &OptionSpec, typed: &str) -> Refusal {
    Refusal::BadValue {
        command: spec.words(),
        option: option.name,
        typed: typed.chars().take(60).collect(),
        known: known(option.kind).iter().map(|&word| word.to_owned()).collect(),
    }
}

/// Reads values by their kind.
struct Reader {
    values: Values,
    now: Time,
    zone: Tz,
}

impl Reader {
    fn command(&self, spec: &'static Spec) -> Result<Command, Refusal> {
        if let Some(command) = fleet::command(self, spec)? {
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
            ("incident", "update") => self.update(spec, incident)?,
            ("incident", "note") => Command::Note { text: self.words(spec, "text")?, at, incident },
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
        let title = self.text("title", LONGEST_TITLE)?;
        let severity = self.read(spec, "severity", severity)?;
        if let Some((found, left)) = title::severity_in(&title).filter(|_| severity.is_none()) {
            let instead = title::declared(&left, found, &self.values);
            return Err(Refusal::SeverityInTitle { title, severity: found, instead });
        }
        Ok(Command::Declare {
            title,
            severity,
            service: self.values.get("service").map(|name| ServiceName::new(name.as_str())),
            at,
            alert: self.values.get("alert").cloned(),
        })
    }

    fn role(&self, spec: &'static Spec, incident: Option<IncidentId>) -> Result<Command, Refusal> {
        let person = self.values.get("person").cloned();
        Ok(Command::Role { role: self.must(spec, "role", role)?, person, incident })
    }

    fn update(&self, spec: &'static Spec, incident: Option<IncidentId>) -> Result<Command, Refusal> {
        Ok(Command::Update {
            conditions: self.words(spec, "conditions")?,
            actions: self.text("actions", LONGEST_TEXT)?,
            needs: self.text("needs", LONGEST_TEXT)?,
            incident,
        })
    }

    fn task(&self, spec: &'static Spec, incident: Option<IncidentId>) -> Result<Command, Refusal> {
        if let Some(task) = self.read(spec, "done", |word| word.parse().ok())? {
            return Ok(Command::TaskDone { task, incident });
        }
        let text = self.words(spec, "text")?;
        let what = self.read(spec, "what", task_kind)?.unwrap_or(TaskKind::Other);
        Ok(Command::Task { text, owner: self.values.get("owner").cloned(), what, incident })
    }

    /// A text that says something. One that is an incident's id names the incident, and the text is what lacks.
    fn words(&self, spec: &'static Spec, name: &'static str) -> Result<String, Refusal> {
        let text = self.text(name, LONGEST_TEXT)?;
        let id = text.parse::<IncidentId>().ok().filter(|_| text.starts_with(|c: char| c.is_alphabetic()));
        if !text.is_empty() && id.is_none() {
            return Ok(text);
        }
        let mut given = self.values.clone();
        given.remove(name);
        if let Some(id) = id {
            given.entry("incident").or_insert_with(|| id.to_string());
        }
        Err(missing(spec, name, &given))
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
        read(word).map(Some).ok_or_else(|| bad(spec, option, word))
    }

    fn must<T>(
        &self,
        spec: &'static Spec,
        name: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, Refusal> {
        self.read(spec, name, read)?.ok_or_else(|| missing(spec, name, &self.values))
    }
}
