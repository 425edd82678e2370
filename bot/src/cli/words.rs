//! Chat commands on the command line: from the words of a shell to the line that would be typed in chat.

use clap::Args;

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
    /// `--name value` and `--name=value` become `name:value`, and what the shell kept together is quoted.
    #[must_use]
    pub fn line(&self, noun: &str) -> String {
        let mut line = format!("/{noun}");
        let mut words = self.words.iter();
        while let Some(word) = words.next() {
            line.push(' ');
            match word.strip_prefix("--").filter(|option| is_name(option.split('=').next().unwrap_or(""))) {
                None => line.push_str(&quoted(word)),
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

/// Quoted where it has a blank. A word that has quotes itself is left as it is: in chat they are text too.
fn quoted(word: &str) -> String {
    let whole = word.contains(char::is_whitespace) && !word.contains('"');
    if whole || word.is_empty() { format!("\"{word}\"") } else { word.to_owned() }
}
