//! The options that may stand everywhere on the command line, also among the words of a chat command.

use std::ffi::{OsStr, OsString};

/// The options that may stand everywhere, also among the words of a chat command.
const EVERYWHERE: [&str; 3] = ["--config", "--data-dir", "--lang"];
/// What is followed by the words of a chat command.
const NOUNS: [&str; 6] = ["incident", "alert", "node", "cluster", "capacity", "plan"];

/// The arguments, with the options that may stand everywhere taken out of the words of a chat command, which would
/// take them for options of its own, and put in front of it. After a `--` every word is the command's.
pub(super) fn lifted(typed: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut front: Vec<OsString> = typed.into_iter().collect();
    let at = command_in(&front);
    if !front.get(at).is_some_and(|word| NOUNS.iter().any(|noun| word == noun)) {
        return front;
    }
    let mut words = front.split_off(at).into_iter();
    let mut left = Vec::new();
    while let Some(mut word) = words.next() {
        if word == "--" {
            left.push(word);
            left.extend(words.by_ref());
        } else if is_everywhere(&word) {
            word.push("=");
            word.push(words.next().unwrap_or_default());
            front.push(word);
        } else if has_value(&word) {
            front.push(word);
        } else {
            left.push(word);
        }
    }
    front.extend(left);
    front
}

/// Where the command stands: the first word, after the program's name, that is neither an option nor its value.
fn command_in(typed: &[OsString]) -> usize {
    let mut at = 1;
    while let Some(word) = typed.get(at).filter(|word| word.as_encoded_bytes().starts_with(b"-")) {
        at += if is_everywhere(word) { 2 } else { 1 };
    }
    at
}

fn is_everywhere(word: &OsStr) -> bool {
    EVERYWHERE.iter().any(|option| word == *option)
}

/// Whether it is such an option with its value, `--lang=en`.
fn has_value(word: &OsStr) -> bool {
    let word = word.to_string_lossy();
    word.split_once('=').is_some_and(|(option, _)| EVERYWHERE.contains(&option))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &str) {
        let words = |line: &str| line.split(' ').map(OsString::from).collect::<Vec<_>>();
        assert_eq!(lifted(words(line)), words(expected));
    }

    #[test]
    fn options_among_the_words_go_in_front_of_the_command() {
        check(
            "lifeboat incident declare x --data-dir d --severity SEV2 --lang=en",
            "lifeboat --data-dir=d --lang=en incident declare x --severity SEV2",
        );
        check(
            "lifeboat --config a.toml alert --lang zh-CN list",
            "lifeboat --config a.toml --lang=zh-CN alert list",
        );
        check("lifeboat plan show --data-dir", "lifeboat --data-dir= plan show");
        for noun in NOUNS {
            check(&format!("lifeboat {noun} list --lang en"), &format!("lifeboat --lang=en {noun} list"));
        }
    }

    #[test]
    fn everything_else_stays_where_it_is() {
        for line in [
            "lifeboat",
            "lifeboat --help",
            "lifeboat --config incident run --lang en",
            "lifeboat postmortem INC-0001 --lang en",
            "lifeboat incident note --language en --langue=fr -- --lang en",
        ] {
            check(line, line);
        }
    }
}
