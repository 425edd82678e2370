//! Wiring: what the command line asks for is started here, and stopped in order.
//!
//! | module | does |
//! | --- | --- |
//! | [`run`] | `lifeboat run`: everything around the engine, and the order of stopping |
//! | [`play`] | `lifeboat drill`: the same around a built-in site |
//! | [`words`] | incident words on the command line, with or without a running Lifeboat |
//! | `discord` | Discord around the engine; `lifeboat invite`, `lifeboat doctor` |
//! | [`setup`] | from the configuration to what the engine needs |

mod discord;
pub mod drills;
pub mod papers;
pub mod play;
pub mod run;
pub mod setup;
pub mod staged;
pub mod words;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use lifeboat_storage::log::{OpenError, ReadError};
use tracing_subscriber::EnvFilter;

use crate::cli::{Cli, Command, Exit, Token};
use crate::config::{self, Config, Exposed, Problems};
use crate::console::auth::{self, TokenStore};
use crate::say::{Lang, Say, verified};
use crate::shell::store::StoreError;
use crate::{analyze, check};

/// What went wrong, and whose turn it is.
#[derive(Debug)]
pub enum Failure {
    /// The configuration must be mended: told in full.
    Configuration(Problems),
    /// Anything else, with its causes.
    Other(anyhow::Error),
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Self::Configuration(problems)
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

/// Does what the command line asks for.
#[must_use]
pub fn main(cli: &Cli) -> ExitCode {
    start_logging();
    // A second installation can only mean that it is installed already.
    drop(rustls::crypto::ring::default_provider().install_default());
    let lang = cli.spoken(|name| std::env::var(name).ok());
    match dispatch(cli, lang) {
        Ok(exit) => exit.into(),
        Err(Failure::Configuration(problems)) => {
            eprintln!("{}", problems.render(lang.unwrap_or_default()));
            Exit::Refused.into()
        }
        // Whoever reads our output has read enough: `lifeboat incident list | head`.
        Err(Failure::Other(error)) if is_broken_pipe(&error) => Exit::Done.into(),
        Err(Failure::Other(error)) => {
            let say = Say::new(lang.unwrap_or_default(), chrono_tz::UTC).plain();
            eprintln!("lifeboat: {}", unopened(say, &error).unwrap_or_else(|| format!("{error:#}")));
            Exit::Failed.into()
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Why the record could not be had, in the language asked for; none for all other errors.
fn unopened(say: Say, error: &anyhow::Error) -> Option<String> {
    match error.downcast_ref::<StoreError>() {
        Some(StoreError::Open(open)) => verified::unopened(say, open),
        Some(StoreError::Read(ReadError::Damaged(damage))) => Some(verified::damaged(say, damage)),
        Some(StoreError::Read(_)) => None,
        None => verified::unopened(say, error.downcast_ref::<OpenError>()?),
    }
}

fn start_logging() {
    let filter =
        EnvFilter::try_from_env("LIFEBOAT_LOG").unwrap_or_else(|_| EnvFilter::new("warn,lifeboat=info"));
    let colours = io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(colours).init();
}

fn dispatch(cli: &Cli, lang: Option<Lang>) -> Result<Exit, Failure> {
    let out = &mut io::stdout().lock();
    match &cli.command {
        Command::Run => {
            let (config, exposed) = configuration_watchful(cli)?;
            for one in &exposed {
                tracing::warn!("{}", config::exposed(one, lang.unwrap_or(config.lang)));
            }
            block_on(run::run(config))
        }
        Command::Drill(drill) => block_on(play::drill(drill.clone(), lang.unwrap_or_default())),
        Command::Analyze(asked) => analyze_files(asked, lang.unwrap_or_default(), out),
        Command::Verify { dir } => verify(cli, dir.clone(), lang, out),
        Command::Check { example: true } => Ok(check::example(out)?),
        Command::Check { example: false } => Ok(check::check(cli.config.as_deref(), lang, out)?),
        Command::Token(asked) => token(cli, asked, lang, out),
        Command::Invite => block_on(discord::invite(&configuration(cli)?, out)),
        Command::Doctor => {
            let (config, exposed) = configuration_watchful(cli)?;
            block_on(discord::doctor(&config, &exposed, lang, out))
        }
        Command::Postmortem(asked) => words::postmortem(cli, asked, lang, out),
        Command::Incident(words) => words::line(cli, &words.line("incident"), lang, out),
        Command::Alert(words) => words::line(cli, &words.line("alert"), lang, out),
        Command::Node(words) => words::line(cli, &words.line("node"), lang, out),
        Command::Cluster(words) => words::line(cli, &words.line("cluster"), lang, out),
        Command::Capacity(words) => words::line(cli, &words.line("capacity"), lang, out),
        Command::Plan(words) => words::line(cli, &words.line("plan"), lang, out),
    }
}

fn block_on(future: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("start the runtime")?;
    runtime.block_on(future)
}

/// The configuration, with the data directory given on the command line.
///
/// # Errors
/// All its problems together.
pub fn configuration(cli: &Cli) -> Result<Config, Failure> {
    configuration_watchful(cli).map(|(config, _)| config)
}

/// The same, and which of the secrets it names others may read.
fn configuration_watchful(cli: &Cli) -> Result<(Config, Vec<Exposed>), Failure> {
    let file = config::find(cli.config.as_deref())?;
    let (mut config, exposed) = config::load_watchful(&file)?;
    if let Some(dir) = &cli.data_dir {
        config.data_dir.clone_from(dir);
    }
    if let Some(lang) = cli.lang {
        config.lang = lang;
    }
    Ok((config, exposed))
}

/// The data directory: the one named, else the configured one.
///
/// # Errors
/// All problems of the configuration together.
pub fn data_dir(cli: &Cli) -> Result<PathBuf, Failure> {
    match &cli.data_dir {
        Some(dir) => Ok(dir.clone()),
        None => Ok(configuration(cli)?.data_dir),
    }
}

fn analyze_files(asked: &crate::cli::Analyze, lang: Lang, out: &mut dyn Write) -> Result<Exit, Failure> {
    let options = analyze::Options {
        files: asked.files.clone(),
        json: asked.json,
        format: asked.format,
        service: asked.service.clone(),
        lang,
    };
    let report = analyze::run(&options, out)?;
    if let Some(warning) = analyze::report::warning(&report, lang) {
        eprintln!("lifeboat: {warning}");
    }
    Ok(Exit::Done)
}

fn verify(cli: &Cli, dir: Option<PathBuf>, lang: Option<Lang>, out: &mut dyn Write) -> Result<Exit, Failure> {
    let data = dir.map_or_else(|| data_dir(cli), Ok)?;
    let inner = crate::shell::store::log_dir(&data);
    let log = if inner.is_dir() { inner } else { data };
    let report = lifeboat_storage::log::verify(&log)?;
    let say = Say::new(lang.unwrap_or_default(), chrono_tz::UTC).plain();
    writeln!(out, "{}", verified::text(say, &log, &report))?;
    Ok(if report.is_sound() && report.segments > 0 { Exit::Done } else { Exit::Failed })
}

fn token(cli: &Cli, asked: &Token, lang: Option<Lang>, out: &mut dyn Write) -> Result<Exit, Failure> {
    let data = data_dir(cli)?;
    crate::shell::store::make_data_dir(&data)
        .with_context(|| format!("make the data directory {}", data.display()))?;
    let mut store = TokenStore::open(&data)?;
    match asked {
        Token::Add { name } => {
            let made = store.add(name)?;
            writeln!(out, "{made}")?;
            // A configuration that cannot be read is told of where it is needed.
            if let Ok(config) = configuration(cli) {
                // Beside the token: what reads it from the first output gets it alone.
                let told = [Some(way_in(&config, name, &made, lang)), only_reads(&config, name, lang)];
                told.iter().flatten().for_each(|line| eprintln!("lifeboat: {line}"));
            }
        }
        Token::List => {
            for name in store.list()? {
                writeln!(out, "{name}")?;
            }
        }
        Token::Revoke { name } => {
            if !store.revoke(name)? {
                return Err(
                    anyhow!("revoke {name:?}: there is no token of that name; nothing was changed").into()
                );
            }
        }
    }
    Ok(Exit::Done)
}

/// Where a browser signs in with a token, how often, and for how long.
fn way_in(config: &Config, name: &str, token: &str, lang: Option<Lang>) -> String {
    let say = Say::new(lang.unwrap_or(config.lang), config.zone).plain();
    let address = setup::auth(config, config.console.listen).address();
    let days = auth::sessions::LASTS.num_days();
    let said = [
        ("link", auth::link(&address, token).into()),
        ("name", say.name(name).into()),
        ("days", days.into()),
    ];
    say.text("token-way-in", &said)
}

/// That whoever has the token may only read, and how to let them do more; none where it is somebody's.
fn only_reads(config: &Config, token: &str, lang: Option<Lang>) -> Option<String> {
    let say = Say::new(lang.unwrap_or(config.lang), config.zone).plain();
    let nobodys = config.people.by_console(token).is_none();
    nobodys.then(|| say.text("token-only-reads", &[("name", say.name(token).into())]))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use lifeboat_commands::people::{People, Person};
    use lifeboat_storage::id::PersonName;

    use super::*;

    #[test]
    fn a_token_is_told_with_the_link_that_signs_in_at_the_configured_address() {
        let mut config = Config::with_defaults(Path::new("."));
        for (public, address) in
            [(None, "http://127.0.0.1:7171"), (Some("https://lb.example/"), "https://lb.example")]
        {
            config.console.public_url = public.map(|url| url.parse().unwrap());
            for (lang, once) in [(Lang::En, "lifeboat token revoke \"ana\""), (Lang::ZhCn, "14 天")] {
                let told = way_in(&config, "ana", "0a1b", Some(lang));
                let link = format!("{address}/login?token=0a1b\n");
                assert!(told.contains(&link) && told.contains(once), "{told}");
            }
        }
    }

    #[test]
    fn a_token_of_nobody_is_warned_of_in_both_languages_and_one_of_somebody_is_not() {
        let ana = Person {
            name: PersonName::new("Ana"),
            console: Some("ana".to_owned()),
            os: None,
            discord: None,
            permissions: Vec::new(),
        };
        let config = Config { people: People::from(vec![ana]), ..Config::with_defaults(Path::new(".")) };
        assert_eq!(only_reads(&config, "ana", None), None);
        for (lang, told) in [(None, "may only read"), (Some(Lang::ZhCn), "只能读取")] {
            let warning = only_reads(&config, "bob", lang).unwrap();
            assert!(warning.contains(told) && warning.contains("console = \"bob\""), "{warning}");
        }
    }
}
