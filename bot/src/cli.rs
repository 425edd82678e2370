//! The command line: what may be typed after `lifeboat`, and how it ends.

mod everywhere;
#[cfg(test)]
mod tests;
mod words;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::PossibleValue;
use clap::{Args, Parser, Subcommand, ValueEnum};
use lifeboat_storage::id::IncidentId;

use crate::say::lang::Lang;
use crate::source::access_log::LogFormat;

pub use words::Words;

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

const EXIT_CODES: &str = "Exit codes: 0 done, 1 a drill is over and users still suffer, 2 not understood, 3 refused, \
    4 failed, 5 not known whether it was done";

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
