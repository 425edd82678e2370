//! A script for the autopilot: who types what, at which time or upon seeing what. Pure.
//!
//! ```text
//! # a comment
//! 10:17 lin: /incident ack
//! when failed_start lin: /cluster diagnose
//! when plan proven mei: /node reboot all mode:emergency
//! when "paused" mei: /plan resume
//! ```
//!
//! Lines are played in order. A line with a time plays at that time of the scenario's day, and passes lines above
//! it that still wait. A `when` line waits, once all lines above it are played or passed, until what it names is
//! there: an alert of that kind fires, the newest plan stands so, or the text stands on a card.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveTime;
use lifeboat_storage::event::AlertKind;
use lifeboat_storage::plan::run::Standing;

/// What a line waits to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// An alert of this kind fires.
    Alert(AlertKind),
    /// The newest plan stands so.
    Plan(Standing),
    /// This text stands on a card, in either language; case does not matter.
    Text(String),
}

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

/// A line that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "read line {number} of the script: {why} (`HH:MM person: /command` or `when <sight> person: /command`)"
)]
pub struct NotAScript {
    /// Which line, from 1.
    pub number: usize,
    /// Why.
    pub why: Unreadable,
}

/// Why a line cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// No `person:` before a command.
    NoPerson,
    /// Nothing is typed.
    NothingTyped,
    /// Neither a time nor `when`.
    NoTime,
    /// `when` without what is to be seen.
    NoSight,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoPerson => "no `person:` in it",
            Self::NothingTyped => "nothing is typed",
            Self::NoTime => "it begins with neither a time nor `when`",
            Self::NoSight => "`when` without what is to be seen",
        })
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
        let lines = said.map(|(number, line)| read(number, line).map_err(|why| NotAScript { number, why }));
        Ok(Self { lines: lines.collect::<Result<_, _>>()? })
    }
}

fn read(number: usize, line: &str) -> Result<Line, Unreadable> {
    let (first, rest) = line.split_once(char::is_whitespace).ok_or(Unreadable::NoPerson)?;
    let (when, rest) = if first.eq_ignore_ascii_case("when") {
        let (sight, rest) = split_sight(rest.trim())?;
        (When::Sees(sight), rest)
    } else {
        (When::At(time(first).ok_or(Unreadable::NoTime)?), rest)
    };
    let (person, typed) = rest.split_once(':').ok_or(Unreadable::NoPerson)?;
    let (person, typed) = (person.trim(), typed.trim());
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
    for (open, close) in [('"', '"'), ('“', '”'), ('`', '`')] {
        if let Some(quoted) = text.strip_prefix(open) {
            let (sight, rest) = quoted.split_once(close).ok_or(Unreadable::NoSight)?;
            let text = some(sight).ok_or(Unreadable::NoSight)?;
            return Ok((Sight::Text(text.to_owned()), rest.trim_start()));
        }
    }
    let before_command = person_ends_at(text).ok_or(Unreadable::NoPerson)?;
    let person_begins = text[..before_command].rfind(char::is_whitespace).ok_or(Unreadable::NoSight)?;
    let sight = some(&text[..person_begins]).ok_or(Unreadable::NoSight)?;
    Ok((sight_of(sight), text[person_begins..].trim_start()))
}

/// The colon after the person: the first one that a command follows, else the first one.
fn person_ends_at(text: &str) -> Option<usize> {
    let command = text.match_indices(':').find(|(at, _)| text[at + 1..].trim_start().starts_with('/'));
    command.or_else(|| text.match_indices(':').next()).map(|(at, _)| at)
}

fn some(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// Alert kinds and plan states by their words, with or without `alert` or `plan` before; anything else is text.
fn sight_of(words: &str) -> Sight {
    let plain = words.to_ascii_lowercase().replace('-', "_");
    let (about, word) = match plain.split_once(char::is_whitespace) {
        Some((about @ ("alert" | "plan"), word)) => (Some(about), word.trim()),
        _ => (None, plain.as_str()),
    };
    let alert = kind(word).filter(|_| about != Some("plan")).map(Sight::Alert);
    let plan = standing(word).filter(|_| about != Some("alert")).map(Sight::Plan);
    alert.or(plan).unwrap_or_else(|| Sight::Text(words.to_owned()))
}

fn kind(word: &str) -> Option<AlertKind> {
    use AlertKind::{
        Absent, BadGateway, CapacityShort, FailedStart, GatewayTimeout, ProbeDown, ServerError, Unavailable,
    };
    let kinds =
        [BadGateway, ServerError, Unavailable, GatewayTimeout, Absent, ProbeDown, FailedStart, CapacityShort];
    kinds.into_iter().find(|kind| kind.key() == word)
}

fn standing(word: &str) -> Option<Standing> {
    Some(match word {
        "proposed" => Standing::Proposed,
        "running" | "approved" => Standing::Running,
        "paused" => Standing::Paused,
        "rejected" => Standing::Rejected,
        "expired" => Standing::Expired,
        "cancelled" => Standing::Cancelled,
        "proven" | "done" => Standing::Proven,
        "failed" => Standing::Failed,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, when: When, person: &str, typed: &str) {
        let script: Script = line.parse().unwrap();
        let expected = Line { number: 1, when, person: person.to_owned(), typed: typed.to_owned() };
        assert_eq!(script.lines, [expected], "{line}");
    }

    fn at(hour: u32, minute: u32, second: u32) -> When {
        When::At(NaiveTime::from_hms_opt(hour, minute, second).unwrap())
    }

    #[test]
    fn a_line_waits_for_a_time_an_alert_a_plan_or_a_text() {
        check("10:17 lin: /incident ack", at(10, 17, 0), "lin", "/incident ack");
        check("9:05:30 lin: on my way", at(9, 5, 30), "lin", "on my way");
        let sees = When::Sees;
        check(
            "when failed_start lin: /cluster diagnose",
            sees(Sight::Alert(AlertKind::FailedStart)),
            "lin",
            "/cluster diagnose",
        );
        check(
            "when alert bad-gateway 林: /incident ack",
            sees(Sight::Alert(AlertKind::BadGateway)),
            "林",
            "/incident ack",
        );
        check(
            "when plan proven mei: /incident note text: ok",
            sees(Sight::Plan(Standing::Proven)),
            "mei",
            "/incident note text: ok",
        );
        check(
            "when proposed lin: /plan approve",
            sees(Sight::Plan(Standing::Proposed)),
            "lin",
            "/plan approve",
        );
        let text = |text: &str| When::Sees(Sight::Text(text.to_owned()));
        check("when 5 of 9 serving lin: /node list", text("5 of 9 serving"), "lin", "/node list");
        check("when \"sold out: 4\" lin: /node list", text("sold out: 4"), "lin", "/node list");
        check("when 就绪: 5/9 lin: /node list", text("就绪: 5/9"), "lin", "/node list");
    }

    #[test]
    fn comments_and_empty_lines_are_passed_over_and_people_are_told() {
        let script: Script =
            "\u{feff}# the morning\n\n10:00 mei: hello\n10:01 lin: /incident list\n10:02 mei: /x"
                .parse()
                .unwrap();
        assert_eq!(script.people(), ["lin", "mei"]);
        assert_eq!(script.lines[0].number, 3);
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        for (text, number, why) in [
            ("lin: /incident ack", 1, Unreadable::NoTime),
            ("10:00 /incident ack", 1, Unreadable::NoPerson),
            ("# x\n25:00 lin: /incident ack", 2, Unreadable::NoTime),
            ("10:00 lin:", 1, Unreadable::NothingTyped),
            ("when lin: /incident ack", 1, Unreadable::NoSight),
            ("when \"open lin: /incident ack", 1, Unreadable::NoSight),
            ("now", 1, Unreadable::NoPerson),
        ] {
            assert_eq!(text.parse::<Script>(), Err(NotAScript { number, why }), "{text}");
        }
    }
}
