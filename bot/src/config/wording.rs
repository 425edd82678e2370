//! Words for what is wrong with a configuration.

mod en;
mod zh_cn;

use super::problem::{Key, Problem, Problems};
use crate::say::lang::Lang;

/// One problem in one paragraph: `file:line:column: what is wrong. What to do.`
#[must_use]
pub fn render(problem: &Problem, lang: Lang) -> String {
    let file = problem.file.display();
    let place = problem.place.map(|place| format!(":{}:{}", place.line, place.column)).unwrap_or_default();
    let text = match lang {
        Lang::En => en::words(&problem.trouble),
        Lang::ZhCn => zh_cn::words(&problem.trouble),
    };
    format!("{file}{place}: {text}")
}

impl Problems {
    /// All of them, a line each.
    #[must_use]
    pub fn render(&self, lang: Lang) -> String {
        let lines: Vec<_> = self.0.iter().map(|problem| render(problem, lang)).collect();
        lines.join("\n")
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
fn shown_plain(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Words in code quotes, separated as the language does.
fn listed<T: AsRef<str>>(words: &[T], between: &str) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`{}`", word.as_ref())).collect();
    quoted.join(between)
}
