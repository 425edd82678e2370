//! A live drill: a simulated world, a whole Lifeboat of its own around it, and whoever plays.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use lifeboat_deploy::simulated::{Scenario, Simulated};
use lifeboat_storage::event::{Kind, Time};
use lifeboat_storage::id::Seq;
use lifeboat_storage::log::EventLog;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Failure;
use super::run::{Around, Running, Theatre};
use crate::config::{Config, Service};
use crate::drill::clock::DrillClock;
use crate::drill::journal::{self, Journal};
use crate::drill::live::{Ends, Live, Played};
use crate::drill::script::Script;
use crate::drill::stage;
use crate::drill::summary::Summary;
use crate::say::Lang;
use crate::shell::store;

/// So fast in quiet times, and while somebody is needed.
pub const PACE: (u32, u32) = (60, 10);

/// What is to be staged.
pub struct Staging {
    /// What is played.
    pub scenario: Scenario,
    /// Seed of everything that is drawn.
    pub seed: u64,
    /// Its number: `DRILL-3`.
    pub number: u32,
    /// So fast in quiet times, and while somebody is needed.
    pub pace: (u32, u32),
    /// Types for people.
    pub script: Script,
    /// Everything stops with the scenario; else the console stays open, and time stands still there.
    pub ends_itself: bool,
    /// Its own folder.
    pub data: PathBuf,
    /// Where its console listens.
    pub listen: SocketAddr,
    /// Language of what all read together.
    pub lang: Lang,
    /// Whose link it is; they may play everybody.
    pub player: String,
}

impl Staging {
    /// Where the record lies.
    #[must_use]
    pub fn record(&self) -> PathBuf {
        record_in(&self.data)
    }

    /// Everybody who may be played: the player, a second one, and who types in the script.
    fn people(&self) -> Vec<&str> {
        let mut names = vec![self.player.as_str()];
        names.extend(self.script.people());
        names.push(stage::SECOND);
        let mut known = Vec::new();
        names.retain(|name| (!known.contains(name)).then(|| known.push(*name)).is_some());
        names
    }

    /// The scenario's service and people, the console as the chat.
    fn configuration(&self, log: &Path) -> Config {
        let mut config = Config::with_defaults(&self.data);
        config.data_dir = self.record();
        config.lang = self.lang;
        config.zone = self.scenario.zone;
        config.console.listen = self.listen;
        let logs = vec![log.to_string_lossy().into_owned()];
        config.services = vec![Service { name: self.scenario.service(), logs, format: None }];
        config.people = stage::people(self.people(), Some(&self.player));
        config
    }
}

/// Where the record of a drill lies in its folder.
#[must_use]
pub fn record_in(data: &Path) -> PathBuf {
    data.join("record")
}

/// A live drill that runs.
pub struct Staged {
    /// The link of the player; it works once.
    pub link: String,
    /// What time it was there when it began.
    pub from: Time,
    /// Cancelled when somebody ends the play; cancelling it ends the play.
    pub curtain: CancellationToken,
    /// How it went, as soon as the play is over.
    pub over: watch::Receiver<Option<Summary>>,
    /// Whoever hosts it has told that it is over.
    pub told: bool,
    running: Running,
    play: JoinSet<anyhow::Result<Summary>>,
    stop: CancellationToken,
}

impl Staged {
    /// Opens its record and its console, and begins to play. `stop` is cancelled when it ends itself or breaks.
    ///
    /// # Errors
    /// When the folder, the log, the record or the port cannot be had; nothing runs then.
    pub async fn begin(staging: &Staging, stop: &CancellationToken) -> Result<Self, Failure> {
        let Staging { scenario, seed, .. } = staging;
        let config = staging.configuration(&journal::access_log(&staging.data));
        let last = begin(staging, &config)?;
        let world = Journal::open(Simulated::new(scenario, *seed), &staging.data);
        let world = Arc::new(world.context("go on with the world")?);
        let from = last.max(world.world().now());
        let clock = Arc::new(DrillClock::new(scenario.starts_at, from, staging.pace.0));
        let mut setup = stage::setup(scenario, staging.number, config.people.clone());
        // Nobody reads a plan faster because the clock runs faster.
        setup.fleet.limits.approval_s *= staging.pace.1.max(1);
        let theatre = Theatre::Drill { number: staging.number, fleet: Arc::clone(&world) };
        let around = Around { theatre, clock: Arc::clone(&clock) as _, setup: Some(setup) };
        let running = Running::start(&config, &around, stop).await?;
        let link = running.link_for(&staging.player)?;
        let played = Played { scenario: scenario.clone(), seed: *seed, script: staging.script.clone() };
        let live = Live::new(played, world, clock, running.desk.clone(), staging.pace);
        let (told, over) = watch::channel(None);
        let (with_the_play, curtain) = (staging.ends_itself, running.curtain.clone());
        let ends = Ends { with_the_play, curtain: curtain.clone(), stop: stop.clone(), over: told };
        let mut play = JoinSet::new();
        play.spawn(live.run(ends));
        Ok(Self { link, from, curtain, over, told: false, running, play, stop: stop.clone() })
    }

    /// Stops everything and tells how it went.
    ///
    /// # Errors
    /// When the play itself broke.
    pub async fn end(mut self) -> Result<Summary, Failure> {
        self.stop.cancel();
        let mut summary = None;
        while let Some(ended) = self.play.join_next().await {
            summary = Some(ended.context("play the world")?.context("play the world")?);
        }
        self.running.finish().await;
        summary.ok_or_else(|| anyhow!("the drill did not begin").into())
    }
}

/// A new drill begins its record; one that was interrupted goes on after its last event.
fn begin(staging: &Staging, config: &Config) -> Result<Time, Failure> {
    let (starts_at, dir) = (staging.scenario.starts_at, config.data_dir.display());
    store::make_data_dir(&config.data_dir).with_context(|| format!("make {dir}"))?;
    let opened = store::open(&config.data_dir)?;
    if opened.log.head().0 == Seq(0) {
        let first = stage::first_events(&staging.scenario, staging.number, staging.seed);
        opened.log.append(&first).context("begin the record")?;
        return Ok(starts_at);
    }
    let this = Kind::DrillStarted { scenario: staging.scenario.name.clone(), seed: staging.seed };
    let mut events = opened.log.read_from(Seq(1))?.map_while(Result::ok);
    if !events.any(|event| event.kind == this) {
        return Err(anyhow!("{dir} holds another drill; name another folder").into());
    }
    let last = last_time(&*opened.log)?;
    Ok(last.map_or(starts_at, |at| at.max(starts_at)))
}

fn last_time(log: &dyn EventLog) -> Result<Option<Time>, Failure> {
    let head = log.head().0;
    Ok(log.read_from(head)?.next().transpose()?.map(|event| event.recorded_at))
}
