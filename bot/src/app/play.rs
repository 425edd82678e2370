//! `lifeboat drill`: an outage on a simulated fleet, with the console as chat, or as fast as it goes without one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use lifeboat_deploy::simulated::{Scenario, Simulated, Text};
use lifeboat_storage::event::{Event, Kind, Time};
use lifeboat_storage::id::Seq;
use lifeboat_storage::log::EventLog;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::run::{Around, Running, wait_for_signal};
use super::{Failure, papers};
use crate::cli::{Drill, Exit, Speed};
use crate::config::{Config, Service};
use crate::console::control;
use crate::drill::clock::DrillClock;
use crate::drill::headless::{Headless, Outcome, Played};
use crate::drill::journal::{self, Journal};
use crate::drill::live::Live;
use crate::drill::score::Score;
use crate::drill::script::{Line, Script};
use crate::drill::stage;
use crate::drill::summary::Summary;
use crate::say::{Lang, Say, opening, score};
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
    tell(&scenario, summary, &asked, lang, &data)
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
    let mut lines: Vec<String> = played.played.iter().map(|line| told(scenario, line)).collect();
    let never =
        |line: &Line| format!("--:--:-- {}: {}  [never: line {}]", line.person, line.typed, line.number);
    lines.extend(played.not_played().iter().map(never));
    for line in lines {
        // What `--json` promises is the last line of the output, so nothing else stands there.
        if asked.json { eprintln!("{line}") } else { println!("{line}") }
    }
    Ok(played.summary())
}

fn told(scenario: &Scenario, played: &Played) -> String {
    let at = played.at.with_timezone(&scenario.zone).format("%H:%M:%S");
    let came = match &played.outcome {
        Outcome::Taken => String::new(),
        Outcome::Refused(why) => format!("  [refused: {why}]"),
        Outcome::PassedOver => format!("  [passed over: line {}]", played.line.number),
    };
    format!("{at} {}: {}{came}", played.line.person, played.line.typed)
}

/// Everything of `run` around the simulated fleet; the real source reads the log that it writes.
async fn live(
    scenario: &Scenario,
    asked: &Drill,
    script: Script,
    data: &Path,
    lang: Lang,
) -> Result<Summary, Failure> {
    let mut config = configuration(scenario, asked, &script, data, lang);
    config.services[0].logs = vec![journal::access_log(data).to_string_lossy().into_owned()];
    let last = begin(scenario, asked, &config)?;
    let world = Journal::open(Simulated::new(scenario, asked.seed), data).context("go on with the world")?;
    let world = Arc::new(world);
    let from = last.max(world.world().now());
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
        let title = in_language(lang, &scenario.title);
        let (pace, link) = ((quiet, awake), running.link.as_str());
        let first = opening::Drill { scenario: &scenario.name, title, link, data, now: from, pace };
        println!("{}", opening::drill(say, &first));
    }
    let live = Live::new(scenario, world, clock, script, running.desk.clone(), (quiet, awake));
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

/// A new drill begins its record; one that was interrupted goes on after its last event.
fn begin(scenario: &Scenario, asked: &Drill, config: &Config) -> Result<Time, Failure> {
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("make {}", config.data_dir.display()))?;
    let opened = store::open(&config.data_dir)?;
    if opened.log.head().0 == Seq(0) {
        opened.log.append(&stage::first_events(scenario, asked.seed)).context("begin the record")?;
        return Ok(scenario.starts_at);
    }
    let this = Kind::DrillStarted { scenario: scenario.name.clone(), seed: asked.seed };
    let mut events = opened.log.read_from(Seq(1))?.map_while(Result::ok);
    if !events.any(|event| event.kind == this) {
        return Err(anyhow!("{} holds another drill; name another folder", config.data_dir.display()).into());
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

fn in_language(lang: Lang, text: &Text) -> &str {
    if lang == Lang::En { &text.en } else { &text.zh_cn }
}

/// The score, and where the postmortems are, which are written here.
fn tell(
    scenario: &Scenario,
    summary: Summary,
    asked: &Drill,
    lang: Lang,
    data: &Path,
) -> Result<Exit, Failure> {
    let record = data.join("record");
    let report = lifeboat_storage::log::verify(&store::log_dir(&record))?;
    let summary = summary.with_chain(report.is_sound());
    let (log, state, _) = store::open_read_only(&record)?;
    let events = stage::record(&*log);
    let now = state.applied_at.unwrap_or(scenario.starts_at);
    let papers = papers::write(&data.join("postmortem"), &events, &state, (scenario.zone, now), lang)?;
    if asked.json {
        println!("{}", serde_json::to_string(&summary)?);
    } else {
        let first_move = scenario.hint("first-move").map(|hint| in_language(lang, &hint.text));
        let ended = score::Ended {
            summary: &summary,
            score: &Score::of(&summary, &events, &state),
            state: &state,
            first_move,
            currency: scenario.currency(),
            papers: &papers,
            record: &record,
        };
        println!("{}", score::ended(Say::new(lang, scenario.zone).plain(), &ended));
    }
    // What `--json` promises: 1 when users still suffer.
    Ok(if summary.is_mitigated() { Exit::Done } else { Exit::Suffering })
}
