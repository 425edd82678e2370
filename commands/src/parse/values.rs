//! From what follows a command's words to the values of its options, unread.

use super::word::fits;
use super::{Values, bad};
use crate::refusal::Refusal;
use crate::table::{OptionSpec, Spec, ValueKind};

pub(super) fn values(spec: &'static Spec, rest: &str) -> Result<Values, Refusal> {
    let mut values = Values::new();
    let mut bare: Vec<&str> = Vec::new();
    let mut open_text: Option<&'static str> = None;
    for piece in pieces(rest) {
        match named(spec, piece) {
            Some((option, value)) => {
                let open = option.kind == ValueKind::Text && !is_whole(value);
                open_text = open.then_some(option.name);
                values.insert(option.name, unquote(value).to_owned());
            }
            None if open_text.is_some() => extend(&mut values, open_text, piece),
            None => bare.push(piece),
        }
    }
    let filled = fill(spec, &mut values, &bare, rest);
    let unused = bare.iter().copied().filter(|_| filled.is_err());
    if let Some(open) = values.values().map(String::as_str).chain(unused).find(|text| is_left_open(text)) {
        return Err(Refusal::OpenQuote { typed: open.chars().take(60).collect(), command: spec.words() });
    }
    filled.map(|()| values)
}

/// `name:value`, where the command has such an option.
pub(super) fn named<'a>(spec: &'static Spec, piece: &'a str) -> Option<(&'static OptionSpec, &'a str)> {
    let (name, value) = piece.split_once(':')?;
    Some((spec.option(name.trim())?, value))
}

/// Words after `name:` of a text option belong to it, until the next name, unless its value is in quotes.
fn extend(values: &mut Values, option: Option<&'static str>, piece: &str) {
    let Some(text) = option.and_then(|name| values.get_mut(name)) else { return };
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(piece);
}

/// Bare words fill the options that are still empty, in order; the first text option takes all that is left, or
/// several words in quotes where what follows them fits other options. What waives a guard-rail is taken by its name
/// alone: a stray word must not.
fn fill(spec: &'static Spec, values: &mut Values, bare: &[&str], rest: &str) -> Result<(), Refusal> {
    let mut words = bare;
    for option in spec.options {
        let Some((first, later)) = words.split_first() else { return Ok(()) };
        if values.contains_key(option.name) || option.is_waiver() {
            continue;
        }
        if option.kind == ValueKind::Text {
            let mut apart = values.clone();
            apart.insert(option.name, unquote(first).to_owned());
            if is_whole(first) && fill(spec, &mut apart, later, rest).is_ok() {
                *values = apart;
            } else {
                values.insert(option.name, as_typed(rest, words));
            }
            return Ok(());
        }
        if fits(option, first) {
            values.insert(option.name, unquote(first).to_owned());
            words = later;
        } else if option.required {
            return Err(bad(spec, option, first));
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
pub(super) fn pieces(text: &str) -> Vec<&str> {
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

/// Several words in one pair of quotes: a value that ends where they end.
pub(super) fn is_whole(piece: &str) -> bool {
    unquote(piece) != piece && piece.contains(char::is_whitespace)
}

/// A value that begins with a quote, and one quote is without its other. Later in a text a quote is a character.
fn is_left_open(value: &str) -> bool {
    value.starts_with('"') && value.matches('"').count() % 2 == 1
}

pub(super) fn unquote(text: &str) -> &str {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    inner.filter(|inner| !inner.contains('"')).unwrap_or(text)
}
