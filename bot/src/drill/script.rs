//! A script for the autopilot: who types what, at which time or upon seeing what. Pure.
//!
//! ```text
//! # a comment
//! 10:17 lin: /incident ack
//! when failed_start lin: /cluster diagnose
//! when plan proven mei: /node reboot all mode:emergency
//! when P-3 paused mei: /plan resume P-3
//! when "5 of 9 serving" lin: back to work     # without a slash it is a message
//! ```
//!
//! | after `when` | is there while |
//! | --- | --- |
//! | `bad_gateway`, `alert failed_start`, … | an alert of that kind fires |
//! | `bad_gateway recovered` | one was raised, and none fires any more |
//! | `proposed`, `plan proven`, … | the newest plan stands so, or came through that state since the line before was typed |
//! | `P-3 failed`, `plan 3 failed` | the same of that plan |
//! | `"any text"`, any other words | it stands on the card of an open incident or an open plan, in either language |
//! | `proven or failed`, `"2 of 9" \| "1 of 9"` | one of them is there |
//!
//! Lines are played in order. A line with a time plays at that time of the scenario's day, and passes lines above
//! it that still wait. A `when` line waits, once all lines above it are played or passed, until what it names is
//! there; what was there before counts, so several lines may wait for the same and play one after the other. A line
//! that waits for a plan to be proposed (or to run) is passed over when the command before it, which should have
//! proposed one, was refused. A refused command stops nothing.

mod sight;

use std::fmt;
use std::str::FromStr;

use chrono::NaiveTime;
use lifeboat_commands::parse::head;
use lifeboat_commands::table::ValueKind;

pub use sight::Sight;

/// When a line is played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// At this time of day, in the scenario's zone.
    At(NaiveTime),
    /// Upon seeing this.
    Sees(Sight),
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number in the file, from 1.
    pub number: usize,
    /// When.
    pub when: When,
    /// Who types.
    pub person: String,
    /// What: a command, or plain words.
    pub typed: String,
}

/// A script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// Its lines, in order.
    pub lines: Vec<Line>,
}

/// Every line of a script that cannot be read, in order.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct NotAScript(pub Vec<BadLine>);

impl fmt::Display for NotAScript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

/// A line that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read line {number} of the script, {line:?}: {why}")]
pub struct BadLine {
    /// Which line, from 1.
    pub number: usize,
    /// How it begins.
    pub line: String,
    /// Why.
    pub why: Unreadable,
}

/// Why a line cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// No `person:` before a command.
    NoPerson,
    /// Nothing is typed.
    NothingTyped,
    /// Neither a time nor `when`.
    NoTime,
    /// `when` without what is to be seen.
    NoSight,
    /// A word like `bad_gatway`, or one after `alert`, that is no kind of alert.
    NoSuchAlert(String),
    /// `plan`, or `plan` and a number, and a word that is no state of a plan.
    NoSuchState(String),
    /// `plan`, a word that is no number of a plan, and a state.
    NoSuchPlan(String),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = |keys: Vec<&str>| keys.join(", ");
        match self {
            Self::NoPerson => f.write_str("expected one word and a colon, `person:`, before what is typed"),
            Self::NothingTyped => {
                f.write_str("expected a command, `person: /command`, or a message after `person:`")
            }
            Self::NoTime => f.write_str(
                "expected a time, `HH:MM` or `HH:MM:SS`, or `when` and what is to be seen; then `person: /command`",
            ),
            Self::NoSight => f.write_str(
                "expected what is to be seen after `when`: a kind of alert, a state of a plan, or text on a card (in quotes that are closed), then `person: /command`",
            ),
            Self::NoSuchAlert(word) => write!(
                f,
                "there is no alert {word:?}; expected one of {}, or text on a card in quotes",
                known(sight::kinds())
            ),
            Self::NoSuchPlan(word) => {
                write!(f, "no plan is called {word:?}; expected `plan P-3` and its state, or text in quotes")
            }
            Self::NoSuchState(word) => {
                write!(f, "a plan is never {word:?}; expected one of {}", known(sight::states()))
            }
        }
    }
}

impl Script {
    /// Everybody who types in it, each once.
    #[must_use]
    pub fn people(&self) -> Vec<&str> {
        let mut people: Vec<&str> = self.lines.iter().map(|line| line.person.as_str()).collect();
        people.sort_unstable();
        people.dedup();
        people
    }
}

impl FromStr for Script {
    type Err = NotAScript;

    /// Reads a whole file; empty lines and lines that begin with `#` are passed over.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
        let said = numbered.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let (mut lines, mut bad) = (Vec::new(), Vec::new());
        for (number, line) in said {
            match read(number, line) {
                Ok(read) => lines.push(read),
                Err(why) => bad.push(BadLine { number, line: line.chars().take(60).collect(), why }),
            }
        }
        if bad.is_empty() { Ok(Self { lines }) } else { Err(NotAScript(bad)) }
    }
}

fn read(number: usize, line: &str) -> Result<Line, Unreadable> {
    let (first, rest) = line.split_once(char::is_whitespace).ok_or(Unreadable::NoTime)?;
    let (when, rest) = if first.eq_ignore_ascii_case("when") {
        let (sight, rest) = split_sight(rest.trim())?;
        (When::Sees(sight), rest)
    } else {
        (When::At(time(first).ok_or(Unreadable::NoTime)?), rest)
    };
    let (person, typed) = rest.split_once([':', '：']).ok_or(Unreadable::NoPerson)?;
    let person = person.trim();
    let person = person.strip_prefix('@').unwrap_or(person);
    let typed = without_comment(typed.trim());
    match (person.is_empty() || person.contains(char::is_whitespace), typed.is_empty()) {
        (true, _) => Err(Unreadable::NoPerson),
        (_, true) => Err(Unreadable::NothingTyped),
        _ => Ok(Line { number, when, person: person.to_owned(), typed: typed.to_owned() }),
    }
}

fn time(text: &str) -> Option<NaiveTime> {
    ["%H:%M:%S", "%H:%M"].iter().find_map(|format| NaiveTime::parse_from_str(text, format).ok())
}

/// What is to be seen stands in quotes, or is everything before the last word in front of `: /command`.
fn split_sight(text: &str) -> Result<(Sight, &str), Unreadable> {
    if let Some((quoted, rest)) = quoted(text)? {
        let text = Sight::Text(quoted.to_owned());
        let Some(others) = rest.strip_prefix('|') else { return Ok((text, rest)) };
        let (other, rest) = split_sight(others.trim_start())?;
        return Ok((sight::either([text, other]), rest));
    }
    let before_command = person_ends_at(text).ok_or(Unreadable::NoPerson)?;
    let person_begins =
        text[..before_command].trim_end().rfind(char::is_whitespace).ok_or(Unreadable::NoSight)?;
    let sight = some(&text[..person_begins]).ok_or(Unreadable::NoSight)?;
    Ok((sight::of(sight)?, text[person_begins..].trim_start()))
}

/// What stands in quotes at the beginning, if quotes do, and what follows.
fn quoted(text: &str) -> Result<Option<(&str, &str)>, Unreadable> {
    for (open, close) in [('"', '"'), ('“', '”'), ('「', '」'), ('`', '`'), ('\'', '\'')] {
        if let Some(quoted) = text.strip_prefix(open) {
            let (sight, rest) = quoted.split_once(close).ok_or(Unreadable::NoSight)?;
            let rest = rest.trim_start_matches([':', ',', '：', '，']).trim_start();
            return Ok(Some((some(sight).ok_or(Unreadable::NoSight)?, rest)));
        }
    }
    Ok(None)
}

/// The colon after the person: the first one that a command follows, else the first one.
fn person_ends_at(text: &str) -> Option<usize> {
    let colons = || text.match_indices([':', '：']);
    let command = colons().find(|(at, colon)| text[at + colon.len()..].trim_start().starts_with('/'));
    command.or_else(|| colons().next()).map(|(at, _)| at)
}

fn some(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// A remark behind a command, from a blank and `#` on. Where free text is being typed, `#` belongs to it.
fn without_comment(typed: &str) -> &str {
    let Some(at) = typed.find(" #").filter(|_| typed.starts_with('/')) else { return typed };
    let Ok((spec, rest)) = head(typed) else { return typed };
    let before = &rest[..rest.len().saturating_sub(typed.len() - at)];
    let is_text = |name: &str| spec.option(name).is_some_and(|option| option.kind == ValueKind::Text);
    let named =
        before.split_whitespace().filter_map(|word| word.split_once(':')).any(|(name, _)| is_text(name));
    let first = spec.options.first().is_some_and(|option| option.kind == ValueKind::Text);
    if named || first { typed } else { typed[..at].trim_end() }
}

#[cfg(test)]
mod tests;
