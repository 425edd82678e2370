//! What is wrong with a configuration, worded from the one catalogue.

use std::fmt::Display;

use chrono_tz::Tz;
use fluent_bundle::FluentValue;

use super::file::Exposed;
use super::problem::{Key, Problem, Problems, Trouble, Want};
use crate::say::lang::Lang;
use crate::say::{Arg, Say};

/// One problem in one paragraph: `file:line:column: what is wrong. What to do.`
#[must_use]
pub fn render(problem: &Problem, lang: Lang) -> String {
    let file = problem.file.display();
    let place = problem.place.map(|place| format!(":{}:{}", place.line, place.column)).unwrap_or_default();
    // No moment is printed, so the zone does not matter.
    let text = words(Say::new(lang, Tz::UTC).plain(), &problem.trouble);
    format!("{file}{place}: {text}")
}

/// What is said of a secret that others may read.
#[must_use]
pub fn exposed(found: &Exposed, lang: Lang) -> String {
    let args = [arg("path", found.path.display()), arg("mode", format!("{:03o}", found.mode))];
    Say::new(lang, Tz::UTC).plain().text("config-exposed-secret", &args)
}

impl Problems {
    /// All of them, a line each.
    #[must_use]
    pub fn render(&self, lang: Lang) -> String {
        let lines: Vec<_> = self.0.iter().map(|problem| render(problem, lang)).collect();
        lines.join("\n")
    }
}

fn words(say: Say, trouble: &Trouble) -> String {
    let (key, args) = sentence(say, trouble);
    say.text(key, &args)
}

/// A table: for each trouble its sentence and what goes into it.
fn sentence(say: Say, trouble: &Trouble) -> (&'static str, Vec<Arg<'static>>) {
    let listed = |words: &[String]| listed(words, &say.word("config-between"));
    match trouble {
        Trouble::NoFile { looked } => {
            let looked: Vec<_> = looked.iter().map(|path| path.display().to_string()).collect();
            ("config-no-file", vec![arg("looked", self::listed(&looked, &say.word("config-nor")))])
        }
        Trouble::Unreadable { path, system } => {
            ("config-unreadable", vec![arg("path", path.display()), arg("system", system)])
        }
        Trouble::WritableByOthers { path, mode } => {
            let args = vec![arg("path", path.display()), arg("mode", format!("{mode:03o}"))];
            ("config-writable-by-others", args)
        }
        Trouble::OwnedByAnother { path, uid } => {
            ("config-owned-by-another", vec![arg("path", path.display()), arg("uid", uid)])
        }
        Trouble::Syntax { message } => ("config-syntax", vec![arg("message", one_line(message))]),
        Trouble::UnknownKey { key, known } => {
            let known = self::listed(known, &say.word("config-between"));
            ("config-unknown-key", vec![of(key), arg("known", known)])
        }
        Trouble::InlineSecret { key, instead } => {
            let instead = self::listed(instead, &say.word("config-or"));
            ("config-inline-secret", vec![of(key), arg("instead", instead)])
        }
        Trouble::WrongKind { key, want, found } => {
            let (want, found) = (say.word(wanted(*want)), say.word(kind(found)));
            ("config-wrong-kind", vec![of(key), arg("want", want), arg("found", found)])
        }
        Trouble::Missing { key } => ("config-missing", vec![of(key)]),
        Trouble::Empty { key } => ("config-empty", vec![of(key)]),
        Trouble::Unprintable { key, most } => ("config-unprintable", vec![of(key), arg("most", most)]),
        Trouble::OutOfRange { key, value, least, most } => {
            let args = vec![of(key), arg("value", value), arg("least", least), arg("most", most)];
            ("config-out-of-range", args)
        }
        Trouble::UnknownValue { key, value, known } if known.is_empty() => {
            ("config-names-none", vec![of(key), arg("value", shown(value))])
        }
        Trouble::UnknownValue { key, value, known } => {
            ("config-unknown-value", vec![of(key), arg("value", shown(value)), arg("known", listed(known))])
        }
        Trouble::UnknownZone { key, value, nearest } => (
            "config-unknown-zone",
            vec![of(key), arg("value", shown(value)), arg("nearest", listed(nearest))],
        ),
        Trouble::Twice { key, value, first } => {
            let first = format!("{}:{}", first.line, first.column);
            ("config-twice", vec![of(key), arg("value", shown(value)), arg("first", first)])
        }
        Trouble::NotAnAddress { key, value, such_as } => {
            ("config-not-an-address", vec![of(key), arg("value", shown(value)), arg("example", such_as)])
        }
        Trouble::NotAUrl { key, value, such_as } if value.is_empty() => {
            ("config-secret-not-a-url", vec![of(key), arg("example", such_as)])
        }
        Trouble::NotAUrl { key, value, such_as } => {
            ("config-not-a-url", vec![of(key), arg("value", shown(value)), arg("example", such_as)])
        }
        Trouble::NotATime { key, value } => ("config-not-a-time", vec![of(key), arg("value", shown(value))]),
        Trouble::NotAGlob { key, value } => ("config-not-a-glob", vec![of(key), arg("value", shown(value))]),
        Trouble::Both { one, other } => {
            ("config-both", vec![arg("one", code(one)), arg("other", code(other))])
        }
        Trouble::Alone { key, needs } => ("config-alone", vec![of(key), arg("needs", code(needs))]),
        Trouble::Neither { one, other } => {
            ("config-neither", vec![arg("one", code(one)), arg("other", code(other))])
        }
        Trouble::TlsNeeded { listen } => ("config-tls-needed", vec![arg("listen", listen)]),
        Trouble::HttpsNeeded { key, host } => ("config-https-needed", vec![of(key), arg("host", host)]),
        Trouble::NotAnId { key, value } => ("config-not-an-id", vec![of(key), arg("value", shown(value))]),
        Trouble::PlainChat { key, host } => ("config-plain-chat", vec![of(key), arg("host", host)]),
        Trouble::NotInEnvironment { key, variable } => {
            ("config-not-in-environment", vec![of(key), arg("variable", shown(variable))])
        }
        Trouble::EmptySecret { key, path } => {
            ("config-empty-secret", vec![of(key), arg("path", path.display())])
        }
        Trouble::TimeoutTooLong { timeout_ms, every_s } => {
            ("config-timeout-too-long", vec![arg("timeout", timeout_ms), arg("every", every_s)])
        }
        Trouble::Unwatched { service } => ("config-unwatched", vec![arg("service", shown(service))]),
    }
}

/// A value as text: numbers here are typed back into a file, so they are not grouped.
fn arg(name: &'static str, value: impl Display) -> Arg<'static> {
    (name, FluentValue::from(value.to_string()))
}

fn of(key: &Key) -> Arg<'static> {
    arg("key", code(key))
}

fn wanted(want: Want) -> &'static str {
    match want {
        Want::Text => "config-want-text",
        Want::Number => "config-want-number",
        Want::Switch => "config-want-switch",
        Want::Texts => "config-want-texts",
        Want::Section => "config-want-section",
        Want::Sections => "config-want-sections",
    }
}

/// What TOML calls a value, in words of ours.
fn kind(found: &str) -> &'static str {
    match found {
        "string" => "config-found-text",
        "integer" => "config-found-number",
        "float" => "config-found-fraction",
        "boolean" => "config-found-switch",
        "datetime" => "config-found-date",
        "array" => "config-found-list",
        _ => "config-found-section",
    }
}

/// A key in code quotes.
fn code(key: &Key) -> String {
    format!("`{}`", key.0.escape_debug())
}

/// What was written, made safe for one line of a terminal and cut where it is long.
fn shown(value: &str) -> String {
    let mut text: String = value.chars().take(80).collect();
    if text.len() < value.len() {
        text.push('…');
    }
    format!("{text:?}")
}

/// What the TOML parser said, on one line.
fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Words in code quotes, separated as the language does.
fn listed<T: AsRef<str>>(words: &[T], between: &str) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`{}`", word.as_ref())).collect();
    quoted.join(between)
}
