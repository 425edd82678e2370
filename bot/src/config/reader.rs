//! Reads a TOML tree and collects what is wrong instead of stopping at the first.
//!
//! A [`Section`] knows which keys it was asked for; [`Section::done`] refuses the others and lists them. A value that is
//! wrong is reported and then read as if it were not there, so that the rest is still looked at.

use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Key, Place, Problem, Trouble, Want};

/// A text being read, and what was found wrong in it so far.
pub(super) struct Reader<'t> {
    file: &'t Path,
    text: &'t str,
    problems: RefCell<Vec<(usize, Problem)>>,
}

impl<'t> Reader<'t> {
    pub(super) fn new(file: &'t Path, text: &'t str) -> Self {
        Self { file, text, problems: RefCell::default() }
    }

    /// Notes a problem at a byte of the text.
    pub(super) fn report(&self, at: usize, trouble: Trouble) {
        let problem = Problem { file: self.file.to_owned(), place: Some(self.place(at)), trouble };
        self.problems.borrow_mut().push((at, problem));
    }

    /// Line and column of a byte.
    pub(super) fn place(&self, at: usize) -> Place {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Place { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }

    /// Everything found wrong, in the order of the text.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|(at, _)| *at);
        problems.into_iter().map(|(_, problem)| problem).collect()
    }
}

/// A table being read.
pub(super) struct Section<'r, 't> {
    reader: &'r Reader<'t>,
    name: &'static str,
    table: &'r DeTable<'r>,
    at: usize,
    asked: RefCell<Vec<&'static str>>,
}

/// A value, its key and where it stands.
#[derive(Clone)]
pub(super) struct Found<T> {
    pub(super) key: Key,
    pub(super) at: usize,
    pub(super) value: T,
}

impl<T> Found<T> {
    fn with<U>(&self, value: U) -> Found<U> {
        Found { key: self.key.clone(), at: self.at, value }
    }
}

impl<'r, 't> Section<'r, 't> {
    pub(super) fn new(reader: &'r Reader<'t>, name: &'static str, table: &'r DeTable<'r>, at: usize) -> Self {
        Self { reader, name, table, at, asked: RefCell::default() }
    }

    /// The full name of one of this section's keys.
    pub(super) fn key(&self, key: &str) -> Key {
        full_name(self.name, key)
    }

    /// Notes a problem of the section as a whole.
    pub(super) fn report(&self, trouble: Trouble) {
        self.reader.report(self.at, trouble);
    }

    fn find(&self, key: &'static str) -> Option<Found<&'r DeValue<'r>>> {
        self.asked.borrow_mut().push(key);
        let value = self.table.get(key)?;
        Some(Found { key: self.key(key), at: value.span().start, value: value.get_ref() })
    }

    fn wrong<T>(&self, found: &Found<&DeValue<'_>>, want: Want) -> Option<T> {
        let (key, kind) = (found.key.clone(), found.value.type_str());
        self.reader.report(found.at, Trouble::WrongKind { key, want, found: kind });
        None
    }

    /// Text that is not empty.
    pub(super) fn text(&self, key: &'static str) -> Option<Found<&'r str>> {
        let found = self.find(key)?;
        self.filled(&found)
    }

    fn filled(&self, found: &Found<&'r DeValue<'r>>) -> Option<Found<&'r str>> {
        let Some(text) = found.value.as_str() else { return self.wrong(found, Want::Text) };
        if text.trim().is_empty() {
            self.reader.report(found.at, Trouble::Empty { key: found.key.clone() });
            return None;
        }
        Some(found.with(text))
    }

    /// Text as it stands there, if it is one: looked at before the section is read, so nothing is reported.
    pub(super) fn peek(&self, key: &str) -> Option<&'r str> {
        self.table.get(key)?.get_ref().as_str()
    }

    /// Text that must be there.
    pub(super) fn needed_text(&self, key: &'static str) -> Option<Found<&'r str>> {
        if !self.table.contains_key(key) {
            self.report(Trouble::Missing { key: self.key(key) });
        }
        self.text(key)
    }

    /// Text that can be shown on one line, of at most so many characters.
    pub(super) fn label(&self, found: Option<Found<&'r str>>, most: usize) -> Option<Found<&'r str>> {
        let found = found?;
        if found.value.chars().count() <= most && !found.value.chars().any(char::is_control) {
            return Some(found);
        }
        self.reader.report(found.at, Trouble::Unprintable { key: found.key, most });
        None
    }

    /// A whole number within a range.
    pub(super) fn number(&self, key: &'static str, range: RangeInclusive<i64>, default: i64) -> i64 {
        let Some(found) = self.find(key) else { return default };
        let Some(integer) = found.value.as_integer() else {
            return self.wrong(&found, Want::Number).unwrap_or(default);
        };
        let value = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
        if let Some(value) = value.filter(|value| range.contains(value)) {
            return value;
        }
        let (least, most) = range.into_inner();
        let value = integer.to_string();
        self.reader.report(found.at, Trouble::OutOfRange { key: found.key, value, least, most });
        default
    }

    /// `true` or `false`; absent is `false`.
    pub(super) fn switch(&self, key: &'static str) -> bool {
        let Some(found) = self.find(key) else { return false };
        found.value.as_bool().or_else(|| self.wrong(&found, Want::Switch)).unwrap_or(false)
    }

    /// An array of texts, none of them empty; absent is empty.
    pub(super) fn texts(&self, key: &'static str) -> Vec<Found<&'r str>> {
        let Some(found) = self.find(key) else { return Vec::new() };
        let Some(array) = found.value.as_array() else {
            return self.wrong(&found, Want::Texts).unwrap_or_default();
        };
        let item = |item: &'r Spanned<DeValue<'r>>| {
            self.filled(&Found { key: found.key.clone(), at: item.span().start, value: item.get_ref() })
        };
        array.iter().filter_map(item).collect()
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(&self, found: &Found<&str>, words: &[(&str, T)]) -> Option<T> {
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == found.value) {
            return Some(*value);
        }
        let known = words.iter().map(|(word, _)| (*word).to_owned()).collect();
        self.unknown(found, known);
        None
    }

    /// Notes that a value is not one of the known.
    pub(super) fn unknown(&self, found: &Found<&str>, known: Vec<String>) {
        let (key, value) = (found.key.clone(), found.value.to_owned());
        self.reader.report(found.at, Trouble::UnknownValue { key, value, known });
    }

    /// Notes a problem of a value.
    pub(super) fn trouble<T>(&self, found: &Found<T>, trouble: Trouble) {
        self.reader.report(found.at, trouble);
    }

    /// A key that would hold a secret: never here.
    pub(super) fn refuse_secret(&self, key: &'static str, instead: &[&'static str]) {
        let Some(written) = self.table.get_key_value(key) else { return };
        let instead = instead.to_vec();
        self.reader.report(written.0.span().start, Trouble::InlineSecret { key: self.key(key), instead });
    }

    /// `[key]`, or none.
    pub(super) fn section(&self, key: &'static str) -> Option<Section<'r, 't>> {
        let found = self.find(key)?;
        let Some(table) = found.value.as_table() else { return self.wrong(&found, Want::Section) };
        Some(Section::new(self.reader, key, table, found.at))
    }

    /// Every `[[key]]`.
    pub(super) fn sections(&self, key: &'static str) -> Vec<Section<'r, 't>> {
        let Some(found) = self.find(key) else { return Vec::new() };
        let Some(array) = found.value.as_array() else {
            return self.wrong(&found, Want::Sections).unwrap_or_default();
        };
        let item = |item: &'r Spanned<DeValue<'r>>| {
            let found = Found { key: found.key.clone(), at: item.span().start, value: item.get_ref() };
            let Some(table) = found.value.as_table() else { return self.wrong(&found, Want::Sections) };
            Some(Section::new(self.reader, key, table, found.at))
        };
        array.iter().filter_map(item).collect()
    }

    /// Whether the key is written at all.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Refuses every key that was not asked for, and tells where the section stands.
    pub(super) fn done(self, secrets: &[&str]) -> usize {
        let known = self.asked.into_inner();
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if known.contains(&name) || secrets.contains(&name) {
                continue;
            }
            let trouble = Trouble::UnknownKey { key: full_name(self.name, name), known: known.clone() };
            self.reader.report(key.span().start, trouble);
        }
        self.at
    }
}

fn full_name(section: &str, key: &str) -> Key {
    if section.is_empty() { Key(key.to_owned()) } else { Key(format!("{section}.{key}")) }
}
