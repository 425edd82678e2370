//! `lifeboat drill`: an outage on a simulated fleet, with the console as chat, or as fast as it goes without one.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use lifeboat_deploy::simulated::{Scenario, Simulated};
use lifeboat_storage::event::Event;
use lifeboat_storage::id::Seq;
use lifeboat_storage::log::EventLog;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Failure;
use super::run::{Around, Running, wait_for_signal};
use crate::cli::{Drill, Exit, Speed};
use crate::config::{Config, Service};
use crate::console::control;
use crate::drill::clock::DrillClock;
use crate::drill::headless::Headless;
use crate::drill::live::Live;
use crate::drill::script::Script;
use crate::drill::stage;
use crate::drill::summary::Summary;
use crate::say::{Lang, Say, opening};
use crate::shell::store;

/// The scenario without a name.
const DEFAULT: &str = "sold-out-morning";
/// So fast in quiet times, and while somebody is needed.
const PACE: (u32, u32) = (60, 10);

/// Plays until Ctrl-C, or to the end of the scenario. Without `--data` the record is kept in a folder of its own under
/// the system's temporary one, and its place is printed, so that the postmortem can still be read afterwards.
///
/// # Errors
/// When the scenario or the script cannot be read, or the folder, the port or the log cannot be had.
pub async fn drill(asked: Drill, lang: Lang) -> Result<Exit, Failure> {
    let scenario = scenario(asked.scenario.as_deref().unwrap_or(DEFAULT))?;
    let script = script(asked.autopilot.as_deref())?;
    let data = match &asked.data {
        Some(data) => data.clone(),
        None => own_folder()?,
    };
    std::fs::create_dir_all(&data).with_context(|| format!("make {}", data.display()))?;
    let summary = match asked.speed {
        Some(Speed::Max) => headless(&scenario, &asked, script, &data)?,
        _ => live(&scenario, &asked, script, &data, lang).await?,
    };
    tell(&summary, &asked, lang, scenario.zone, &data)
}

/// One that comes with Lifeboat, or a file.
fn scenario(name: &str) -> Result<Scenario, Failure> {
    if let Some(known) = Scenario::named(name) {
        return Ok(known);
    }
    let path = Path::new(name);
    if !path.exists() {
        let known = Scenario::names().join(", ");
        return Err(anyhow!("there is no scenario {name:?}; there are {known}, or a file").into());
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    Ok(Scenario::parse(&text).with_context(|| path.display().to_string())?)
}

fn script(path: Option<&Path>) -> Result<Script, Failure> {
    let Some(path) = path else { return Ok(Script::default()) };
    let text = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    Ok(text.parse::<Script>().with_context(|| path.display().to_string())?)
}

fn headless(scenario: &Scenario, asked: &Drill, script: Script, data: &Path) -> Result<Summary, Failure> {
    let opened = store::open(&data.join("record"))?;
    if opened.log.head().0 != Seq(0) {
        return Err(anyhow!("{} holds a drill already; name another folder", data.display()).into());
    }
    let mut played = Headless::new(scenario.clone(), asked.seed, script, Arc::clone(&opened.log));
    played.play();
    if !asked.json {
        for line in &played.played {
            let refused = line.refused.as_ref().map(|why| format!("  [{why}]")).unwrap_or_default();
            let at = line.at.with_timezone(&scenario.zone).format("%H:%M:%S");
            println!("{at} {}: {}{refused}", line.person, line.typed);
        }
    }
    Ok(played.summary())
}

/// Everything of `run` around the simulated fleet; the real source reads the log that it writes.
async fn live(
    scenario: &Scenario,
    asked: &Drill,
    script: Script,
    data: &Path,
    lang: Lang,
) -> Result<Summary, Failure> {
    let world = Simulated::new(scenario, asked.seed);
    let log = data.join("access.log");
    let mut config = configuration(scenario, asked, &script, data, lang);
    config.services[0].logs = vec![log.to_string_lossy().into_owned()];
    let from = begin(scenario, asked, &config, &world, &log)?;
    let (quiet, awake) = match asked.speed {
        Some(Speed::Times(times)) => (times, times),
        _ => PACE,
    };
    let clock = Arc::new(DrillClock::new(scenario.starts_at, from, quiet));
    let stop = CancellationToken::new();
    let mut setup = stage::setup(scenario, config.people.clone());
    // Nobody reads a plan faster because the clock runs faster.
    setup.fleet.limits.approval_s *= awake.max(1);
    let around = Around {
        world: stage::DRILL,
        clock: Arc::clone(&clock) as _,
        ports: world.ports(),
        setup: Some(setup),
    };
    let running = Running::start(&config, &around, &stop).await?;
    let say = Say::new(lang, config.zone).plain();
    if !asked.json {
        println!("{}", opening::drill(say, &scenario.name, &running.link, data));
    }
    let live = Live::new(scenario, world, clock, log, script, running.desk.clone(), (quiet, awake));
    let seed = asked.seed;
    let ends_itself = asked.json || asked.autopilot.is_some();
    let mut tasks = JoinSet::new();
    tasks.spawn(live.run(seed, ends_itself, stop.clone()));
    wait_for_signal(&stop).await?;
    stop.cancel();
    let mut summary = None;
    while let Some(ended) = tasks.join_next().await {
        summary = Some(ended.context("play the world")?.context("play the world")?);
    }
    running.finish().await;
    summary.ok_or_else(|| anyhow!("the drill did not begin").into())
}

/// A new drill begins with the quiet time before its start in the log; one that was interrupted goes on.
fn begin(
    scenario: &Scenario,
    asked: &Drill,
    config: &Config,
    world: &Simulated,
    log: &Path,
) -> Result<lifeboat_storage::event::Time, Failure> {
    let happened = world.advance(scenario.starts_at);
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("make {}", config.data_dir.display()))?;
    let opened = store::open(&config.data_dir)?;
    if opened.log.head().0 == Seq(0) {
        let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(log)?;
        file.write_all(&happened.log).with_context(|| format!("write {}", log.display()))?;
        opened.log.append(&stage::first_events(scenario, asked.seed)).context("begin the record")?;
        return Ok(scenario.starts_at);
    }
    let last = last_event(&*opened.log)?;
    Ok(last.map_or(scenario.starts_at, |event| event.recorded_at.max(scenario.starts_at)))
}

fn last_event(log: &dyn EventLog) -> Result<Option<Event>, Failure> {
    let head = log.head().0;
    Ok(log.read_from(head)?.next().transpose()?)
}

fn own_folder() -> Result<PathBuf, Failure> {
    let at = crate::clock::wall().format("%Y%m%d-%H%M%S");
    let folder = std::env::temp_dir().join(format!("lifeboat-drill-{at}-{}", std::process::id()));
    // A folder that is there already may be somebody else's: it must be ours from its first moment.
    let made = std::fs::DirBuilder::new().create(&folder);
    made.with_context(|| format!("make {}", folder.display()))?;
    Ok(folder)
}

/// The scenario's service and people, the console as the chat.
fn configuration(scenario: &Scenario, asked: &Drill, script: &Script, data: &Path, lang: Lang) -> Config {
    let user = control::own_user();
    let mut config = Config::with_defaults(data);
    config.data_dir = data.join("record");
    config.lang = lang;
    config.zone = scenario.zone;
    config.console.listen = asked.listen;
    config.services = vec![Service { name: scenario.service(), logs: Vec::new(), format: None }];
    let mut names: Vec<&str> = script.people();
    for name in [user.as_str(), stage::SECOND] {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    config.people = stage::people(names, Some(&user));
    config
}

/// The score, and where the postmortem is read.
fn tell(
    summary: &Summary,
    asked: &Drill,
    lang: Lang,
    zone: chrono_tz::Tz,
    data: &Path,
) -> Result<Exit, Failure> {
    if asked.json {
        println!("{}", serde_json::to_string(summary)?);
    } else {
        println!("{}", opening::drill_over(Say::new(lang, zone).plain(), summary, data));
    }
    // What `--json` promises: 1 when users still suffer.
    Ok(if summary.is_mitigated() { Exit::Done } else { Exit::Suffering })
}
