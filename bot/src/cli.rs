//! The command line: what may be typed after `lifeboat`, and how it ends.

mod everywhere;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::PossibleValue;
use clap::{Args, Parser, Subcommand, ValueEnum};
use lifeboat_storage::id::IncidentId;

use crate::say::lang::Lang;
use crate::source::access_log::LogFormat;

/// A chat-ops incident bot: it notices an outage within seconds, opens the incident, and writes the timeline while
/// people work.
#[derive(Clone, Debug, PartialEq, Eq, Parser)]
#[command(name = "lifeboat", version, after_help = EXIT_CODES, disable_help_subcommand = true)]
pub struct Cli {
    /// Configuration file [default: ./lifeboat.toml, then /etc/lifeboat/lifeboat.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of the record, instead of the configured one
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Language of the answers [default: that of LC_ALL, LC_MESSAGES or LANG, then the configured one]
    #[arg(long, global = true, value_name = "LANG")]
    pub lang: Option<Lang>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str =
    "Exit codes: 0 done, 2 not understood, 3 refused, 4 failed, 5 not known whether it was done";

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Watch, alert, and serve the console
    Run,
    /// Play an outage on a built-in site: no account, no cluster, nothing to configure
    Drill(Drill),
    /// Look for outages in access logs of the past
    Analyze(Analyze),
    /// Check the record's chain, every record of it
    Verify {
        /// Folder of the record [default: the configured one]
        dir: Option<PathBuf>,
    },
    /// Check the configuration and tell everything that is wrong with it
    Check {
        /// Print a commented example with every option instead
        #[arg(long)]
        example: bool,
    },
    /// Console tokens: how people prove who they are
    #[command(subcommand)]
    Token(Token),
    /// Print the link that lets Lifeboat into the Discord server, with exactly the permissions it needs
    Invite,
    /// Look whether everything is as it must be, and tell the cure where it is not
    Doctor,
    /// Write the postmortem of an incident
    Postmortem(Postmortem),
    /// The life of an incident, in the words of the chat: `lifeboat incident list`
    Incident(Words),
    /// What fires and what is muted, in the words of the chat: `lifeboat alert list`
    Alert(Words),
    /// Say a `/node` command.
    Node(Words),
    /// Say a `/cluster` command.
    Cluster(Words),
    /// Say a `/capacity` command.
    Capacity(Words),
    /// Say a `/plan` command.
    Plan(Words),
}

/// How fast a drill runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speed {
    /// So many times as fast as real.
    Times(u32),
    /// As fast as the machine can, without a console.
    Max,
}

fn speed(typed: &str) -> Result<Speed, String> {
    match (typed, typed.parse::<u32>()) {
        ("max", _) => Ok(Speed::Max),
        (_, Ok(times @ 1..=3_600)) => Ok(Speed::Times(times)),
        _ => Err("1 to 3600, or max".to_owned()),
    }
}

/// `lifeboat drill`
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct Drill {
    /// Name of a scenario that comes with Lifeboat, or a scenario file [default: sold-out-morning]
    #[arg(value_name = "SCENARIO")]
    pub scenario: Option<String>,
    /// How many times as fast as real: 1 to 3600, or `max` for as fast as it goes, without a console [default: 60 in quiet times, 10 while somebody is needed]
    #[arg(long, value_name = "N|max", value_parser = speed)]
    pub speed: Option<Speed>,
    /// Seed of everything that is drawn
    #[arg(long, value_name = "S", default_value_t = 502)]
    pub seed: u64,
    /// A script that types for people
    #[arg(long, value_name = "FILE")]
    pub autopilot: Option<PathBuf>,
    /// Print one JSON object at the end; exit 1 when users still suffer then
    #[arg(long)]
    pub json: bool,
    /// IP address and port of the console; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7171")]
    pub listen: SocketAddr,
    /// Where the drill keeps its own record [default: a folder of its own among the temporary ones; its place is printed]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// `lifeboat analyze`
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct Analyze {
    /// Access logs: plain, gzip or zstd; `-` is standard input. Rotations (`access.log.1`) are one log with theirs
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// How the lines are written [default: recognised from the first 100]
    #[arg(long, value_enum)]
    pub format: Option<LogFormat>,
    /// Name of the service where the lines do not tell it, one for all files [default: the name of each log]
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,
}

/// `lifeboat token`
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Token {
    /// Make a token and print it, once; only its hash is kept
    Add {
        /// Its name, as `console` of a `[[person]]` says it
        name: String,
    },
    /// Show the names
    List,
    /// Make a token worthless
    Revoke {
        /// Its name
        name: String,
    },
}

/// `lifeboat postmortem`
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct Postmortem {
    /// INC-0042, inc-42 or 42
    pub id: IncidentId,
    /// What to write it as
    #[arg(long, value_enum, default_value_t)]
    pub format: PostmortemFormat,
    /// File to write it to; one that is there is not overwritten [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// What a postmortem is written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum PostmortemFormat {
    /// Markdown
    #[default]
    Md,
    /// One file that prints well
    Html,
    /// For machines
    Json,
}

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

impl Cli {
    /// Reads the command line; what is not understood ends the process, as `--help` does.
    #[must_use]
    pub fn read() -> Self {
        Self::parse_from(everywhere::lifted(std::env::args_os()))
    }

    /// The language to answer in: as asked, else that of the terminal, else none, which leaves it to the configuration.
    pub fn spoken(&self, variable: impl Fn(&str) -> Option<String>) -> Option<Lang> {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(|name| {
            let value = variable(name)?;
            (!value.is_empty()).then_some(value)
        });
        self.lang.or_else(|| match set?.get(..2)? {
            "zh" => Some(Lang::ZhCn),
            "en" => Some(Lang::En),
            _ => None,
        })
    }
}

/// How a command ends; the process's exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: done, or shown.
    Done,
    /// 1: the drill is over and users still suffer.
    Suffering,
    /// 2: what was typed was not understood.
    Usage,
    /// 3: refused; nothing was changed.
    Refused,
    /// 4: failed; what was changed is told.
    Failed,
    /// 5: not known whether it was done; how to find out is told.
    Unknown,
}

impl Exit {
    /// The number the process ends with.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Suffering => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::Failed => 4,
            Self::Unknown => 5,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

impl ValueEnum for Lang {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.tag()))
    }
}

impl ValueEnum for LogFormat {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use clap::CommandFactory;

    use super::*;

    fn typed(line: &[&str]) -> Cli {
        read(line).unwrap_or_else(|error| panic!("{error}"))
    }

    fn read(line: &[&str]) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(everywhere::lifted(
            [&["lifeboat"], line].concat().into_iter().map(OsString::from),
        ))
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[track_caller]
    fn check_line(line: &[&str], expected: &str) {
        match typed(line).command {
            Command::Incident(words) => assert_eq!(words.line("incident"), expected),
            Command::Alert(words) => assert_eq!(words.line("alert"), expected),
            Command::Node(words) => assert_eq!(words.line("node"), expected),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_words_of_an_incident_are_the_line_that_would_be_typed_in_chat() {
        check_line(&["incident"], "/incident");
        check_line(&["incident", "list"], "/incident list");
        check_line(&["incident", "show", "INC-0042"], "/incident show INC-0042");
        check_line(
            &["incident", "declare", "no images", "--severity", "SEV2"],
            "/incident declare \"no images\" severity:SEV2",
        );
        check_line(&["incident", "note", "--at=-15m", "say \"hi\""], r#"/incident note at:-15m say "hi""#);
        check_line(&["incident", "note", "--at", "-15m", "图片打不开"], "/incident note at:-15m 图片打不开");
        check_line(
            &["alert", "silence", "bad_gateway/blog", "for:30m"],
            "/alert silence bad_gateway/blog for:30m",
        );
    }

    #[test]
    fn global_options_may_stand_in_front_of_the_words_or_in_front_of_the_noun() {
        let before = typed(&["--lang", "zh-CN", "incident", "list"]);
        assert_eq!(before.lang, Some(Lang::ZhCn));
        let after = typed(&["run", "--config", "a.toml", "--data-dir", "d"]);
        assert_eq!((after.config, after.data_dir), (Some("a.toml".into()), Some("d".into())));
    }

    #[test]
    fn global_options_may_stand_among_the_words_and_are_none_of_them() {
        let line =
            ["incident", "declare", "no images", "--data-dir", "d e", "--severity", "SEV2", "--lang=zh-CN"];
        let cli = typed(&line);
        assert_eq!((cli.data_dir, cli.lang), (Some("d e".into()), Some(Lang::ZhCn)));
        check_line(&line, "/incident declare \"no images\" severity:SEV2");
        check_line(&["incident", "note", "say", "--", "--lang=en"], "/incident note say -- lang:en");
    }

    #[test]
    fn a_postmortem_is_asked_for_by_any_spelling_of_its_id() {
        let cli = typed(&["postmortem", "inc-42", "--format", "html", "--lang", "zh-CN", "--out", "a.html"]);
        let expected =
            Postmortem { id: IncidentId(42), format: PostmortemFormat::Html, out: Some("a.html".into()) };
        assert_eq!((cli.command, cli.lang), (Command::Postmortem(expected), Some(Lang::ZhCn)));
    }

    #[test]
    fn what_is_not_understood_ends_with_the_usage_code() {
        for line in [
            &["analyze"][..],
            &["reboot"],
            &["postmortem", "x"],
            &["run", "--lang", "fr"],
            &["incident", "list", "--lang", "fr"],
            &["incident", "list", "--data-dir"],
            &[],
        ] {
            let error = read(line).unwrap_err();
            assert_eq!(error.exit_code(), i32::from(Exit::Usage.code()), "{line:?}");
        }
    }

    #[test]
    fn the_answer_is_in_the_language_asked_for_or_that_of_the_terminal() {
        let rows = [
            (None, [("LC_ALL", ""), ("LANG", "zh_CN.UTF-8")], Some(Lang::ZhCn)),
            (None, [("LC_ALL", "en_GB.UTF-8"), ("LANG", "zh_CN.UTF-8")], Some(Lang::En)),
            (None, [("LC_ALL", "C"), ("LANG", "zh_CN.UTF-8")], None),
            (Some(Lang::En), [("LC_ALL", ""), ("LANG", "zh_CN.UTF-8")], Some(Lang::En)),
        ];
        for (asked, terminal, expected) in rows {
            let cli = Cli { lang: asked, ..typed(&["run"]) };
            let variable = |name: &str| {
                let found = terminal.iter().find(|(set, _)| *set == name)?;
                Some(found.1.to_owned())
            };
            assert_eq!(cli.spoken(variable), expected, "{asked:?} {terminal:?}");
        }
    }
}
