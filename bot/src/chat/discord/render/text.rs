//! Lines in Discord's markup, in which untrusted text stays text, and the cut that leaves nothing half.

use super::super::sheet::{Piece, Told};

/// A line in Discord's markup.
pub(super) fn marked(line: &[Piece]) -> String {
    line.iter().map(piece).collect()
}

fn piece(piece: &Piece) -> String {
    match piece {
        Piece::Text(text) => escaped(text),
        Piece::Strong(text) if text.trim().is_empty() => escaped(text),
        Piece::Strong(text) => format!("**{}**", escaped(text)),
        Piece::Code(text) if text.trim().is_empty() => String::new(),
        Piece::Code(text) => format!("`{}`", text.replace('`', "ˋ").replace('\n', " ")),
        Piece::Moment(at, Told::Ago) => format!("<t:{}:R>", at.timestamp()),
        Piece::Moment(at, Told::Clock) => format!("<t:{}:T>", at.timestamp()),
        Piece::Role(id) => format!("<@&{id}>"),
        Piece::Person(id) => format!("<@{id}>"),
        Piece::Channel(id) => format!("<#{id}>"),
        // In angle brackets Discord shows no preview, so it does not fetch a link that works once.
        Piece::Link(link) if link.contains(['<', '>', ' ', '\n']) => escaped(link),
        Piece::Link(link) => format!("<{link}>"),
    }
}

/// Untrusted text, in which nothing is markup, a mention or a link. What is read stays the same.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut line_start = true;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let begins_block = line_start && matches!(c, '#' | '-' | '>' | '+');
        match c {
            '\\' | '*' | '_' | '~' | '|' | '`' | '<' | '[' | ']' => out.extend(['\\', c]),
            _ if begins_block => out.extend(['\\', c]),
            // A blank of no width after it: nobody is mentioned, and nothing is a link.
            '@' => out.extend(['@', '\u{200B}']),
            ':' if rest.peek() == Some(&'/') => out.extend([':', '\u{200B}']),
            _ => out.push(c),
        }
        line_start = c == '\n' || (line_start && (c == ' ' || c.is_ascii_digit() || begins_block));
        if line_start && c.is_ascii_digit() && rest.peek() == Some(&'.') {
            out.push('\u{200B}');
        }
    }
    out
}

/// Length as Discord may count it.
pub(super) fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Cuts marked text in the middle so that it fits. A cut never leaves half an escape, half a mention or an open mark.
#[must_use]
pub fn fit(text: &str, most: usize) -> String {
    if units(text) <= most {
        return text.to_owned();
    }
    if most == 0 {
        return String::new();
    }
    let atoms = atoms(text);
    let room = most - 1;
    let tail_room = room / 2;
    let mut tail = atoms.len();
    let mut used = 0;
    while tail > 0 && used + units(atoms[tail - 1]) <= tail_room {
        tail -= 1;
        used += units(atoms[tail]);
    }
    let mut head = 0;
    while head < tail && used + units(atoms[head]) <= room {
        used += units(atoms[head]);
        head += 1;
    }
    let cut: String =
        atoms[..head].iter().copied().chain(["…"]).chain(atoms[tail..].iter().copied()).collect();
    closed(cut, most)
}

/// Pieces that a cut must not divide: `\*`, `<t:1:R>`, `**`, and what belongs to the character before it.
pub(super) fn atoms(text: &str) -> Vec<&str> {
    let mut atoms = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let escape = || rest.chars().nth(1).map(|next| 1 + next.len_utf8());
        let mention = || rest.find('>').filter(|end| *end < 32).map(|end| end + 1);
        let length = match first {
            '\\' => escape(),
            '<' => mention(),
            '*' if rest.starts_with("**") => Some(2),
            _ => None,
        };
        let mut length = length.unwrap_or(first.len_utf8());
        while rest[length..].starts_with(['\u{200B}', '\u{200D}', '\u{FE0F}']) {
            length += rest[length..].chars().next().map_or(1, char::len_utf8);
        }
        let (atom, after) = rest.split_at(length);
        atoms.push(atom);
        rest = after;
    }
    atoms
}

/// A cut may have taken one of two marks: then both go.
fn closed(text: String, most: usize) -> String {
    let strong = atoms(&text).iter().filter(|atom| **atom == "**").count();
    let code = atoms(&text).iter().filter(|atom| **atom == "`").count();
    let drop =
        |text: &str, mark: &str| atoms(text).into_iter().filter(|atom| *atom != mark).collect::<String>();
    let text = if strong % 2 == 1 { drop(&text, "**") } else { text };
    let text = if code % 2 == 1 { drop(&text, "`") } else { text };
    debug_assert!(units(&text) <= most, "a cut text is not longer than it may be");
    text
}
