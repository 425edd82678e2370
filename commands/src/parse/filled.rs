//! Which options the words of a line fill so far, for whoever tells what may be typed next.

use super::values::{is_whole, named, pieces};
use super::word::fits;
use crate::table::{OptionSpec, Spec, ValueKind};

/// What the words that a blank follows have filled.
pub(crate) struct Filled {
    /// Options that have a value, or whose name is typed.
    pub(crate) options: Vec<&'static str>,
    /// What the next word belongs to.
    pub(crate) next: Next,
}

/// What the next word belongs to.
#[derive(Clone, Copy)]
pub(crate) enum Next {
    /// An option whose name is typed and whose value is still empty.
    Empty(&'static OptionSpec),
    /// A text that has begun and goes on until the next name.
    Text(&'static OptionSpec),
    /// The first option that is still free.
    Free(&'static OptionSpec),
    /// Nothing is left to fill.
    Nothing,
}

/// Reads words as [`super::values`] does, except that nothing is refused: a required option takes a word that it could
/// not read, so that what comes behind it can be told.
pub(crate) fn filled(spec: &'static Spec, words: &str) -> Filled {
    let mut options = Vec::new();
    let mut bare = Vec::new();
    let mut open = None;
    for piece in pieces(words) {
        open = match (named(spec, piece), open) {
            (Some((option, value)), _) => {
                options.push(option.name);
                begun(option, value)
            }
            (None, Some(Next::Empty(option) | Next::Text(option))) if option.kind == ValueKind::Text => {
                Some(Next::Text(option))
            }
            (None, _) => {
                bare.push(piece);
                None
            }
        };
    }
    let free = place(spec, &mut options, &bare);
    Filled { options, next: open.unwrap_or(free) }
}

/// What `name:value` leaves open.
fn begun(option: &'static OptionSpec, value: &str) -> Option<Next> {
    match option.kind {
        _ if value.is_empty() => Some(Next::Empty(option)),
        ValueKind::Text if !is_whole(value) => Some(Next::Text(option)),
        _ => None,
    }
}

/// Gives bare words to the options without a name, in order; returns what the word behind them belongs to.
fn place(spec: &'static Spec, options: &mut Vec<&'static str>, bare: &[&str]) -> Next {
    let mut words = bare;
    for option in spec.options {
        if options.contains(&option.name) || option.is_waiver() {
            continue;
        }
        let Some((first, later)) = words.split_first() else { return Next::Free(option) };
        if !fits(option, first) && !option.required {
            continue;
        }
        options.push(option.name);
        if option.kind == ValueKind::Text && !is_whole(first) {
            return Next::Text(option);
        }
        words = later;
    }
    Next::Nothing
}
