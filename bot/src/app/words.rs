//! Incident words on the command line.
//!
//! A running Lifeboat is asked over its socket. Where none runs, the same engine is woken for one line: reading
//! lines open the record read-only, writing ones take its lock.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use lifeboat_commands::parse;
use lifeboat_commands::verb::Show;
use lifeboat_storage::event::Origin;
use lifeboat_storage::id::{IncidentId, World};
use lifeboat_storage::log::EventLog;
use lifeboat_storage::state::State;

use super::{Failure, configuration, setup};
use crate::cli::{Cli, Exit, Postmortem, PostmortemFormat};
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;
use crate::console::control::{self, Asked};
use crate::console::export::{Wanted, export};
use crate::desk::{self, Room};
use crate::engine::Engine;
use crate::engine::effect::{Answer, Effect};
use crate::engine::input::{Appended, Input, Ticket, Typed};
use crate::engine::shelf::Shelf;
use crate::say::{Lang, Say, Scene, reply};
use crate::shell::store;

/// Says one line, `/incident list`, and prints the answer.
///
/// # Errors
/// When the configuration, the record or the running Lifeboat cannot be had.
pub fn line(cli: &Cli, line: &str, lang: Option<Lang>, out: &mut dyn Write) -> Result<Exit, Failure> {
    let config = configuration(cli)?;
    let lang = lang.unwrap_or(config.lang);
    let asked = Asked { line: Some(line.to_owned()), export: None, lang: lang.tag().to_owned() };
    if let Some(answer) = ask(&config, &asked)? {
        writeln!(out, "{}", answer.reply.text)?;
        return Ok(exit_of(answer.exit));
    }
    let reads = parse::head(line).is_ok_and(|(spec, _)| spec.reads);
    let (text, exit) = if reads { read(&config, line, lang)? } else { write(&config, line, lang)? };
    writeln!(out, "{text}")?;
    Ok(exit)
}

/// Writes a postmortem out.
///
/// # Errors
/// When the record cannot be had, the file exists, or it cannot be written.
pub fn postmortem(
    cli: &Cli,
    asked: &Postmortem,
    lang: Option<Lang>,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    let config = configuration(cli)?;
    let lang = lang.unwrap_or(config.lang);
    let ending = match asked.format {
        PostmortemFormat::Md => "md",
        PostmortemFormat::Html => "html",
        PostmortemFormat::Json => "json",
    };
    let name = format!("{}.{ending}", asked.id);
    let question = Asked { line: None, export: Some(name.clone()), lang: lang.tag().to_owned() };
    let (text, exit) = match ask(&config, &question)? {
        Some(answer) => (answer.reply.text, exit_of(answer.exit)),
        None => export_alone(&config, asked.id, &name, lang)?,
    };
    match &asked.out {
        Some(file) if exit == Exit::Done => {
            let made = std::fs::OpenOptions::new().write(true).create_new(true).open(file);
            let mut made = made.with_context(|| format!("write {}: nothing was written", file.display()))?;
            made.write_all(text.as_bytes())?;
        }
        _ => writeln!(out, "{}", text.trim_end())?,
    }
    Ok(exit)
}

fn ask(config: &Config, asked: &Asked) -> Result<Option<control::Answered>, Failure> {
    let answered = control::ask(&config.data_dir, asked);
    Ok(answered.context(
        "ask the running Lifeboat: whether it was done is not known; look with `lifeboat incident show`",
    )?)
}

fn exit_of(code: u8) -> Exit {
    match code {
        0 => Exit::Done,
        2 => Exit::Usage,
        3 => Exit::Refused,
        4 => Exit::Failed,
        _ => Exit::Unknown,
    }
}

/// The engine, woken for one line.
struct Alone {
    engine: Engine,
    log: Arc<dyn EventLog>,
    clock: SystemClock,
}

impl Alone {
    fn reading(config: &Config) -> Result<Self, Failure> {
        let (log, state, shelf) = store::open_read_only(&config.data_dir)?;
        Ok(Self::of(config, log, state, shelf))
    }

    fn writing(config: &Config) -> Result<Self, Failure> {
        let opened = store::open(&config.data_dir)?;
        Ok(Self::of(config, opened.log, opened.state, opened.shelf))
    }

    /// In the world the record belongs to, real or a drill.
    fn of(config: &Config, log: Arc<dyn EventLog>, state: State, shelf: Shelf) -> Self {
        let newest = shelf.get(state.applied).map(|event| event.world);
        let setup = setup::engine(config, newest.unwrap_or(World::Real));
        let engine = Engine::new(setup, state, shelf, None).after(log.head().1.to_string());
        Self { engine, log, clock: SystemClock::default() }
    }

    fn say(&mut self, config: &Config, line: &str) -> Option<Answer> {
        let user = control::own_user();
        let person = self.engine.setup().people.by_os(&user).map(|person| person.name.clone());
        let speaker = desk::speaker(person, &user, Origin::CommandLine);
        let typed = Typed { ticket: Ticket(1), line: line.to_owned(), channel: None, speaker };
        let mut waiting = self.engine.handle(Input::Command(typed), self.clock.now());
        let mut answer = None;
        while !waiting.is_empty() {
            let mut next = Vec::new();
            for effect in waiting {
                match effect {
                    Effect::Append { batch, events } => {
                        let outcome = append(&*self.log, &events);
                        let input = Input::Appended { batch, outcome };
                        next.extend(self.engine.handle(input, self.clock.now()));
                    }
                    Effect::Redact { target, by } => {
                        if let Err(error) = self.log.redact(target, by) {
                            tracing::error!(%error, "redaction is put off to the next start");
                        }
                    }
                    Effect::Reply { answer: given, .. } => answer = Some(*given),
                    // Messages for chats outside wait in the outbox for the next start; nobody else listens here.
                    _ => {}
                }
            }
            waiting = next;
        }
        tracing::debug!(data = %config.data_dir.display(), "said one line without a running Lifeboat");
        answer
    }

    fn room(&self) -> Room<'_> {
        Room { engine: &self.engine, log: &*self.log, now: self.clock.now() }
    }
}

fn append(log: &dyn EventLog, events: &[lifeboat_storage::event::Event]) -> Appended {
    match log.append(events) {
        Ok(receipt) => {
            Appended::Durable { head: receipt.head.to_string(), reserve_in_use: receipt.reserve_in_use }
        }
        Err(error) => Appended::Failed { why: error.to_string() },
    }
}

fn read(config: &Config, line: &str, lang: Lang) -> Result<(String, Exit), Failure> {
    let mut alone = Alone::reading(config)?;
    let answer = alone.say(config, line);
    Ok(worded(&alone, config, lang, answer))
}

fn write(config: &Config, line: &str, lang: Lang) -> Result<(String, Exit), Failure> {
    make_data_dir(&config.data_dir)?;
    let mut alone = Alone::writing(config)?;
    let answer = alone.say(config, line);
    Ok(worded(&alone, config, lang, answer))
}

fn make_data_dir(data: &Path) -> Result<(), Failure> {
    Ok(store::make_data_dir(data).with_context(|| format!("make the data directory {}", data.display()))?)
}

fn worded(alone: &Alone, config: &Config, lang: Lang, answer: Option<Answer>) -> (String, Exit) {
    let room = alone.room();
    let lookup = |seq| room.event(seq);
    let say = Say::new(lang, config.zone).plain();
    let scene = Scene {
        say,
        state: alone.engine.durable(),
        lookup: &lookup,
        fleet: Some(alone.engine.sight()),
        people: Some(&alone.engine.setup().people),
        now: room.now.wall,
    };
    match answer {
        Some(Answer::Done(events)) => (reply::done(&scene, &events).text, Exit::Done),
        // Nothing serves the address that a running Lifeboat would answer with.
        Some(Answer::Show(Show::Postmortem { id, .. })) => {
            (say.text("export-by-command", &[("incident", id.to_string().into())]), Exit::Done)
        }
        Some(Answer::Show(show)) => (reply::show(&scene, &show).text, Exit::Done),
        Some(Answer::Refused(refusal)) => {
            let exit = if refusal.is_of_the_line() { Exit::Usage } else { Exit::Refused };
            (reply::refused(&scene, &refusal).text, exit)
        }
        Some(Answer::DrillBegan { drill, link, pace }) => {
            (reply::drill_began(&scene, drill, &link, pace).text, Exit::Done)
        }
        Some(Answer::DrillFailed { why }) => (reply::drill_failed(&scene, &why).text, Exit::Failed),
        Some(Answer::NotRecorded { why }) => (reply::not_recorded(&scene, &why).text, Exit::Failed),
        None => (String::new(), Exit::Unknown),
    }
}

fn export_alone(config: &Config, id: IncidentId, name: &str, lang: Lang) -> Result<(String, Exit), Failure> {
    let alone = Alone::reading(config)?;
    let say = Say::new(lang, config.zone).plain();
    match Wanted::read(name).and_then(|wanted| export(&alone.room(), wanted, lang)) {
        Some(text) => Ok((text, Exit::Done)),
        None => Ok((say.text("export-unknown", &[("incident", id.to_string().into())]), Exit::Refused)),
    }
}
