//! Which commands come nearest to words that are none.

use crate::table::{COMMANDS, Spec};

/// More than these are no help to choose from.
const MOST: usize = 5;

/// The nearest commands, nearest first; none where no word is like one of ours. All verbs of a noun that stands alone.
pub(super) fn near(noun: &str, verb: &str) -> Vec<String> {
    if verb.is_empty() && COMMANDS.iter().any(|spec| spec.noun == noun) {
        return COMMANDS.iter().filter(|spec| spec.noun == noun).map(Spec::words).collect();
    }
    let mut near: Vec<(usize, &Spec)> =
        COMMANDS.iter().filter_map(|spec| Some((apart(spec, noun, verb)?, spec))).collect();
    // Stable: of two as near, the one that stands first in help.
    near.sort_by_key(|(apart, _)| *apart);
    near.into_iter().take(MOST).map(|(_, spec)| spec.words()).collect()
}

/// How far a command is from these words; none where it is not like them.
fn apart(spec: &Spec, noun: &str, verb: &str) -> Option<usize> {
    let from = |typed: &str, ours: &str| {
        let begun = !typed.is_empty() && (ours.starts_with(typed) || typed.starts_with(ours));
        if begun { 0 } else { distance(typed, ours) }
    };
    if noun == spec.noun {
        return Some(from(verb, spec.verb));
    }
    // `/ack` is a verb without its noun; `/node` is none, although `note` is like it.
    if like(noun, spec.verb) && COMMANDS.iter().all(|spec| spec.noun != noun) {
        return Some(from(noun, spec.verb));
    }
    let whole = like(noun, spec.noun) || (verb == spec.verb);
    whole.then(|| distance(noun, spec.noun) + from(verb, spec.verb))
}

/// Less than half of it would have to be typed anew.
fn like(typed: &str, ours: &str) -> bool {
    distance(typed, ours) * 2 < ours.chars().count().min(typed.chars().count())
}

/// Letters to add, leave out, replace or swap with their neighbour. A word of a person is long only by mistake, so what
/// follows its 40th letter counts for nothing.
fn distance(a: &str, b: &str) -> usize {
    let [a, b] = [a, b].map(|text| text.chars().take(40).collect::<String>());
    strsim::osa_distance(&a, &b)
}
