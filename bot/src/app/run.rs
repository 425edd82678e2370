//! `lifeboat run`: everything around the engine, and the order of stopping.
//!
//! ```text
//! logs, probes ──▶ desk ──▶ shell (engine, writer, keeper) ──▶ news ──▶ console
//!                                      └──▶ webhook, Discord
//! ```
//!
//! Stopping: sources and probes first, then the console (it takes no more commands), then the engine records that
//! it stopped and waits for the disk, last the keeper writes its snapshot.

mod around;
mod sources;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use lifeboat_storage::id::{SourceName, World};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::drills::Host;
use super::{Failure, discord, setup};
use crate::chat::webhook::Webhook;
use crate::chat::{Errand, Outgoing};
use crate::cli::Exit;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::console::auth::Auth;
use crate::console::{self, Console, control};
use crate::desk::Desk;
use crate::engine::input::Input;
use crate::engine::watch::Checkpoint;
use crate::engine::{Engine, Setup};
use crate::say::{Say, opening};
use crate::shell::keeper::{self, Keeper};
use crate::shell::store::{self, Opened};
use crate::shell::writer::Writer;
use crate::shell::{DrillAsked, Shell, Stage};
use crate::source::probe;
use crate::source::tail::{Position, Tail};

pub use around::{Around, Theatre};

use sources::{give_up, pump, unwatched};

/// How long everything may take to stop.
const STOPPING: Duration = Duration::from_secs(10);
/// Messages that may wait for the webhook: one is under way at a time.
const OUTGOING: usize = 16;
/// Errands that may wait for Discord: one a channel and one a card, of which few are due together.
const ERRANDS: usize = 256;

/// Runs until SIGTERM or Ctrl-C.
///
/// # Errors
/// When the record, a port or a certificate cannot be had; nothing was watched then.
pub async fn run(config: Config) -> Result<Exit, Failure> {
    let stop = CancellationToken::new();
    let mut running = Running::start(&config, &Around::real(), &stop).await?;
    let mut drills = JoinSet::new();
    if let Some(asked) = running.drills.take() {
        let host = Host { data_dir: config.data_dir.clone(), lang: config.lang, desk: running.desk.clone() };
        drills.spawn(host.run(asked, stop.clone()));
    }
    let say = Say::new(config.lang, config.zone).plain();
    let services: Vec<String> = config.services.iter().map(|service| service.name.to_string()).collect();
    println!("{}", opening::running(say, &services, &running.link, &control::own_user()));
    wait_for_signal(&stop).await?;
    stop.cancel();
    while drills.join_next().await.is_some() {}
    running.finish().await;
    Ok(Exit::Done)
}

/// Waits for SIGTERM, Ctrl-C, or for somebody else to cancel.
///
/// # Errors
/// When the system gives no signals.
pub async fn wait_for_signal(stop: &CancellationToken) -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => {}
        done = tokio::signal::ctrl_c() => done?,
        () = stop.cancelled() => {}
    }
    Ok(())
}

/// Everything that runs, in the groups in which it stops.
pub struct Running {
    /// The one-time link to the console.
    pub link: String,
    /// Where the engine is asked.
    pub desk: Desk,
    /// In a drill: cancelled when somebody there ends it.
    pub curtain: CancellationToken,
    /// In the real world: drills that people ask for.
    pub drills: Option<mpsc::Receiver<DrillAsked>>,
    auth: Option<Arc<Auth>>,
    sources: JoinSet<()>,
    chats: JoinSet<()>,
    engine: JoinSet<()>,
    stop_sources: CancellationToken,
    stop_chats: CancellationToken,
    stop_engine: CancellationToken,
    stop: CancellationToken,
}

impl Running {
    /// Opens the record and the port, then starts everything. `stop` is cancelled when a part of it breaks.
    ///
    /// # Errors
    /// What could not be had.
    pub async fn start(config: &Config, around: &Around, stop: &CancellationToken) -> Result<Self, Failure> {
        store::make_data_dir(&config.data_dir)
            .with_context(|| format!("make the data directory {}", config.data_dir.display()))?;
        let opened = store::open_soon(&config.data_dir).await?;
        let listener = TcpListener::bind(config.console.listen).await;
        let listener = listener.with_context(|| {
            format!("listen on {}: nothing was started; choose another `listen`", config.console.listen)
        })?;
        let (errands, taken) = mpsc::channel(ERRANDS);
        let gone = unwatched(config, &opened.state);
        let (shell, desk, outgoing, first, positions) = engine(config, around, opened)?;
        let shell = shell.with_discord(config.discord.is_some().then_some(errands));
        let mut running = Self::empty(stop, desk.clone());
        let shell = shell.with_stage(running.stage(around));
        running.watch(config, &desk, &positions)?;
        running.sources.spawn(give_up(gone, desk.clone()));
        running.talk(config, &desk, outgoing)?;
        running.join_discord(config, around, &desk, taken)?;
        running.open_console(config, around, &desk, listener)?;
        let stop_engine = running.stop_engine.clone();
        running.engine.spawn(shell.run(first, stop_engine));
        Ok(running)
    }

    fn empty(stop: &CancellationToken, desk: Desk) -> Self {
        Self {
            link: String::new(),
            desk,
            curtain: CancellationToken::new(),
            drills: None,
            auth: None,
            sources: JoinSet::new(),
            chats: JoinSet::new(),
            engine: JoinSet::new(),
            stop_sources: CancellationToken::new(),
            stop_chats: CancellationToken::new(),
            stop_engine: CancellationToken::new(),
            stop: stop.clone(),
        }
    }

    /// Drills begin only beside the real record, one at a time.
    fn stage(&mut self, around: &Around) -> Stage {
        let mut stage = Stage { curtain: self.curtain.clone(), host: None };
        if around.theatre.world() == World::Real {
            let (host, asked) = mpsc::channel(1);
            (stage.host, self.drills) = (Some(host), Some(asked));
        }
        stage
    }

    /// A link that signs this account in, once; the one given before no longer works.
    ///
    /// # Errors
    /// When there is no console, or no randomness.
    pub fn link_for(&self, account: &str) -> Result<String, Failure> {
        let auth = self.auth.as_ref().context("make a link: there is no console")?;
        Ok(auth.link(account)?)
    }

    fn watch(
        &mut self,
        config: &Config,
        desk: &Desk,
        positions: &[(SourceName, Position)],
    ) -> Result<(), Failure> {
        for service in sources::read(config) {
            let positions = positions.iter().map(|(_, position)| position.clone()).collect();
            let (tail, events) = Tail::start(&service.logs, positions)?;
            let pump = pump(tail, events, service.name.clone(), desk.clone(), self.stop_sources.clone());
            self.sources.spawn(pump);
        }
        for setup in setup::probes(config) {
            let (desk, stop) = (desk.clone(), self.stop_sources.clone());
            self.sources.spawn(async move {
                let name = setup.name.clone();
                if let Err(error) = probe::run(setup, desk, stop).await {
                    tracing::error!(%error, source.name = %name, "the probe cannot ask at all");
                }
            });
        }
        Ok(())
    }

    fn talk(
        &mut self,
        config: &Config,
        desk: &Desk,
        outgoing: mpsc::Receiver<Outgoing>,
    ) -> Result<(), Failure> {
        let Some(hook) = &config.webhook else { return Ok(()) };
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
        let say = Say::new(hook.lang, config.zone).plain();
        let webhook = Webhook { client, url: hook.url.clone(), say, desk: desk.clone() };
        self.chats.spawn(webhook.run(outgoing, self.stop_chats.clone()));
        Ok(())
    }

    fn join_discord(
        &mut self,
        config: &Config,
        around: &Around,
        desk: &Desk,
        errands: mpsc::Receiver<Errand>,
    ) -> Result<(), Failure> {
        let Some(chat) = &config.discord else { return Ok(()) };
        let drill = around.theatre.world() != World::Real;
        discord::open((config, chat), drill, (desk, errands), (&mut self.chats, &self.stop_chats))
    }

    fn open_console(
        &mut self,
        config: &Config,
        around: &Around,
        desk: &Desk,
        listener: TcpListener,
    ) -> Result<(), Failure> {
        let tls = setup::tls(&config.console.transport)?;
        let auth = Arc::new(Auth::new(&setup::auth(config, listener.local_addr()?)));
        self.link = auth.link(&control::own_user())?;
        self.auth = Some(Arc::clone(&auth));
        let console = Arc::new(Console {
            desk: desk.clone(),
            people: setup::people(config),
            zone: config.zone,
            lang: config.lang,
            auth: Arc::clone(&auth),
            clock: Arc::clone(&around.clock),
            machine_clock: Arc::new(SystemClock::default()),
            world: around.theatre.world(),
        });
        let (page, stop, broken) = (Arc::clone(&console), self.stop_chats.clone(), self.stop.clone());
        self.chats.spawn(async move {
            if let Err(error) = console::server::serve(listener, page, tls, stop).await {
                tracing::error!(%error, "the console stopped; so does Lifeboat");
                broken.cancel();
            }
        });
        match control::Socket::bind(&config.data_dir) {
            Ok(socket) => _ = self.chats.spawn(control::serve(socket, console, self.stop_chats.clone())),
            Err(error) => tracing::warn!(%error, "no socket for the command line; the console goes on"),
        }
        Ok(())
    }

    /// Stops everything, in order, within a deadline.
    pub async fn finish(mut self) {
        let orderly = async {
            self.stop_sources.cancel();
            while self.sources.join_next().await.is_some() {}
            self.stop_chats.cancel();
            while self.chats.join_next().await.is_some() {}
            self.stop_engine.cancel();
            while self.engine.join_next().await.is_some() {}
        };
        if tokio::time::timeout(STOPPING, orderly).await.is_err() {
            tracing::warn!(
                "not everything stopped in time; the record is complete up to what was acknowledged"
            );
        }
    }
}

type Parts = (Shell, Desk, mpsc::Receiver<Outgoing>, Input, Vec<(SourceName, Position)>);

fn engine(config: &Config, around: &Around, opened: Opened) -> Result<Parts, Failure> {
    let file = store::checkpoint_file(&config.data_dir);
    let checkpoint: Option<Checkpoint> = keeper::read(&file);
    let positions = checkpoint.as_ref().map(|checkpoint| checkpoint.positions.clone()).unwrap_or_default();
    let setup = around.setup.clone().unwrap_or_else(|| setup::engine(config, around.theatre.world()));
    let engine = Engine::new(
        Setup { discord: config.discord.is_some(), ..setup },
        opened.state,
        opened.shelf,
        checkpoint,
    )
    .after(opened.log.head().1.to_string())
    .catching_up(sources::read(config).map(|service| service.name.clone()));
    let writer = Writer::start(Arc::clone(&opened.log))?;
    let keeper = Keeper::start(file, opened.views)?;
    let (senders, outgoing) = mpsc::channel(OUTGOING);
    let clock = Arc::clone(&around.clock);
    let (shell, desk) = Shell::new(engine, opened.log, clock, writer, keeper, senders);
    let shell = shell.with_ports(around.theatre.ports());
    let torn_bytes = opened.recovered.torn_bytes;
    let first = Input::Started { version: env!("CARGO_PKG_VERSION").to_owned(), torn_bytes };
    Ok((shell, desk, outgoing, first, positions))
}
