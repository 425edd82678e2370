//! A severity that was typed into a title, where it would be a word like any other.
//!
//! `/incident declare no images SEV1` has the title to the end of the line. Whoever types that means SEV1, and an
//! incident of SEV4 would wake nobody.

use lifeboat_storage::event::Severity;

use super::word::{known, severity};
use super::{Values, again};
use crate::table::ValueKind;

/// The first severity that stands in a title as a word of its own, and the title without it.
pub(super) fn severity_in(title: &str) -> Option<(Severity, String)> {
    let joins = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/');
    let mut words = title.split(|c: char| !joins(c));
    // `1` alone is a severity too where one is asked for, and none in a title.
    let named = |word: &str| severity(word).filter(|_| word.len() == "SEV1".len());
    let (word, found) = words.find_map(|word| Some((word, named(word)?)))?;
    let from = word.as_ptr() as usize - title.as_ptr() as usize;
    let (before, after) = (&title[..from], &title[from + word.len()..]);
    let left: Vec<&str> = before.split_whitespace().chain(after.split_whitespace()).collect();
    let loose = |c: char| c.is_whitespace() || "\"“”,.;:，。；：、()（）".contains(c);
    Some((found, left.join(" ").trim_matches(loose).to_owned()))
}

/// The line with the severity where it counts, and with all else that was given.
pub(super) fn declared(title: &str, meant: Severity, given: &Values) -> String {
    let word = known(ValueKind::Severity).iter().find(|word| severity(word) == Some(meant));
    let title = if title.is_empty() { "title:…".to_owned() } else { title.replace('"', "") };
    let mut line = format!("/incident declare {title} severity:{}", word.copied().unwrap_or_default());
    let others = given.iter().filter(|(name, _)| !["title", "severity"].contains(name));
    for (name, value) in others {
        line.push(' ');
        line.push_str(&again::option(name, value));
    }
    line
}
