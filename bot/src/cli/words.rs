//! Chat commands on the command line: from the words of a shell to the line that would be typed in chat.

use clap::Args;
use lifeboat_commands::table::{self, Spec};

/// The words of a chat command, as the shell split them.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct Words {
    /// As in chat; an option is `severity:SEV2` or `--severity SEV2`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "WORD")]
    pub words: Vec<String>,
}

impl Words {
    /// The command line as it would be typed in chat: `/incident declare "no images" severity:SEV2`.
    ///
    /// `--name value` and `--name=value` become `name:value`, and what the shell kept together is quoted: a whole word,
    /// or the value of an option.
    #[must_use]
    pub fn line(&self, noun: &str) -> String {
        let mut line = format!("/{noun}");
        let spec = self.words.first().and_then(|verb| table::find(noun, verb));
        let mut words = self.words.iter();
        while let Some(word) = words.next() {
            line.push(' ');
            match word.strip_prefix("--").filter(|option| is_name(option.split('=').next().unwrap_or(""))) {
                None => line.push_str(&kept_together(spec, word)),
                Some(option) => {
                    let (name, value) = option.split_once('=').unwrap_or((option, ""));
                    let apart = if option.contains('=') { None } else { words.next() };
                    line.push_str(&format!("{name}:{}", quoted(apart.map_or(value, String::as_str))));
                }
            }
        }
        line
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '-')
}

/// `reason:the cause is gone` is an option of the command and its value; the quotes belong around the value.
fn kept_together(spec: Option<&Spec>, word: &str) -> String {
    let is_option = |name: &str| spec.is_some_and(|spec| spec.option(name).is_some());
    match word.split_once(':').filter(|(name, value)| is_option(name) && !value.is_empty()) {
        Some((name, value)) => format!("{name}:{}", quoted(value)),
        None => quoted(word),
    }
}

/// Quoted where it has a blank. A word that has quotes itself is left as it is: in chat they are text too.
fn quoted(word: &str) -> String {
    let whole = word.contains(char::is_whitespace) && !word.contains('"');
    if whole || word.is_empty() { format!("\"{word}\"") } else { word.to_owned() }
}
