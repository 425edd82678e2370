//! `lifeboat drill`: an outage on a simulated fleet, with the console as chat, or as fast as it goes without one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use lifeboat_deploy::simulated::{Scenario, Text};
use lifeboat_storage::id::Seq;
use tokio_util::sync::CancellationToken;

use super::run::wait_for_signal;
use super::staged::{PACE, Staged, Staging, record_in};
use super::{Failure, papers};
use crate::cli::{Drill, Exit, Speed};
use crate::console::control;
use crate::drill::headless::{Headless, Outcome, Played};
use crate::drill::score::Score;
use crate::drill::script::{Line, Script};
use crate::drill::stage;
use crate::drill::summary::Summary;
use crate::say::{Lang, Say, opening, score};
use crate::shell::store;

/// The scenario without a name.
const DEFAULT: &str = "sold-out-morning";

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
    let opened = store::open(&record_in(data))?;
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

/// Plays around a console until Ctrl-C, or to the end of the scenario where nobody is waited for. When the play is over
/// before that, the score is told at once, and the console stays open to be read.
async fn live(
    scenario: &Scenario,
    asked: &Drill,
    script: Script,
    data: &Path,
    lang: Lang,
) -> Result<Summary, Failure> {
    let pace = match asked.speed {
        Some(Speed::Times(times)) => (times, times),
        _ => PACE,
    };
    let staging = Staging {
        scenario: scenario.clone(),
        seed: asked.seed,
        number: stage::ALONE,
        pace,
        script,
        ends_itself: asked.json || asked.autopilot.is_some(),
        data: data.to_owned(),
        listen: asked.listen,
        lang,
        player: control::own_user(),
    };
    let stop = CancellationToken::new();
    let mut staged = Staged::begin(&staging, &stop).await?;
    let say = Say::new(lang, scenario.zone).plain();
    if !asked.json {
        let title = in_language(lang, &scenario.title);
        let (now, link) = (staged.from, staged.link.as_str());
        let first = opening::Drill { scenario: &scenario.name, title, link, data, now, pace };
        println!("{}", opening::drill(say, &first));
    }
    tokio::select! {
        signal = wait_for_signal(&stop) => signal?,
        _ = staged.over.wait_for(Option::is_some) => {
            if !staging.ends_itself {
                println!("{}", say.word("drill-stands-still"));
            }
            wait_for_signal(&stop).await?;
        }
    }
    staged.end().await
}

fn own_folder() -> Result<PathBuf, Failure> {
    let at = crate::clock::wall().format("%Y%m%d-%H%M%S");
    let folder = std::env::temp_dir().join(format!("lifeboat-drill-{at}-{}", std::process::id()));
    // A folder that is there already may be somebody else's: it must be ours from its first moment.
    let made = std::fs::DirBuilder::new().create(&folder);
    made.with_context(|| format!("make {}", folder.display()))?;
    Ok(folder)
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
    let record = record_in(data);
    let report = lifeboat_storage::log::verify(&store::log_dir(&record))?;
    let summary = summary.with_chain(report.is_sound());
    let papers::Left { events, state, files } = papers::leave(data, scenario, lang)?;
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
            papers: &files,
            record: &record,
        };
        println!("{}", score::ended(Say::new(lang, scenario.zone).plain(), &ended));
    }
    // What `--json` promises: 1 when users still suffer.
    Ok(if summary.is_mitigated() { Exit::Done } else { Exit::Suffering })
}
