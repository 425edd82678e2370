//! The task around the machine: carries out what it decides, and tells it what happens.

use std::collections::VecDeque;
use std::future::{Future, pending};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use serenity::model::gateway::GatewayIntents;
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::identify::Told;
use super::ledger::Ledger;
use super::machine::{Input, Machine, Output, Rules};
use super::pace::{Pace, ms};
use super::saved::{Saved, Session};
use super::socket::Socket;
use super::{Arrival, Condition, Dispatch, Liveness, Receipt, frame};
use crate::chat::discord::address::GatewayAddress;
use crate::chat::discord::rest::{Request, Rest, RestError};
use crate::chat::discord::route::Route;
use crate::clock::Clock;
use crate::config::SecretString;

/// Arrivals that wait for who handles them.
const CHANNEL: usize = 64;
/// Arrivals that were read and found no room there: a burst of a guild that changes much. With more, nothing is
/// read until half of them are taken; Discord waits meanwhile, and heartbeats go on.
const BACKLOG: usize = 1_024;
/// How long a saving is waited for; a disk that takes longer saves in the background.
const SAVING: Duration = Duration::from_secs(2);

/// What the gateway is made of.
pub struct Setup {
    /// The bot's token.
    pub token: SecretString,
    /// What Discord is to tell. [`GatewayIntents::GUILDS`] is enough for commands and buttons.
    pub intents: GatewayIntents,
    /// The first address, where it is not Discord's to say.
    pub address: Option<GatewayAddress>,
    /// Unencrypted addresses elsewhere are taken too.
    pub forced: bool,
    /// Where the session is saved.
    pub file: PathBuf,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// For waits that must not be the same everywhere.
    pub seed: u64,
    /// How long to wait for what.
    pub pace: Pace,
}

/// The gateway, before it runs.
pub struct Gateway {
    setup: Setup,
    rest: Arc<dyn Rest>,
    machine: Machine,
    ledger: Arc<Mutex<Ledger>>,
    /// Rung when a dispatch was handled.
    bell: Arc<Notify>,
    arrivals: mpsc::Sender<Arrival>,
    liveness: watch::Sender<Liveness>,
    backlog: VecDeque<Arrival>,
    holding: bool,
    link: Link,
    asking: Option<Doing<Input>>,
    saving: Arc<AtomicBool>,
    over: bool,
}

type Doing<T> = Pin<Box<dyn Future<Output = T> + Send>>;

enum Link {
    None,
    Opening(Doing<Result<Socket, String>>),
    Open(Box<Socket>),
}

impl Gateway {
    /// Reads the saved session and is ready to run. The second is where arrivals come, the third how the link is.
    #[must_use]
    pub fn new(
        setup: Setup,
        rest: Arc<dyn Rest>,
    ) -> (Self, mpsc::Receiver<Arrival>, watch::Receiver<Liveness>) {
        let saved = Saved::read(&setup.file);
        let (address, forced) = (setup.address.clone(), setup.forced);
        let rules = Rules { pace: setup.pace, address, forced, seed: setup.seed };
        let (arrivals, arriving) = mpsc::channel(CHANNEL);
        let (liveness, watching) = watch::channel(Liveness::default());
        let gateway = Self {
            machine: Machine::new(rules, &saved),
            ledger: Arc::new(Mutex::new(Ledger::new(saved.handled))),
            bell: Arc::new(Notify::new()),
            rest,
            arrivals,
            liveness,
            backlog: VecDeque::new(),
            holding: false,
            link: Link::None,
            asking: None,
            saving: Arc::new(AtomicBool::new(false)),
            over: false,
            setup,
        };
        (gateway, arriving, watching)
    }

    /// Keeps the link until `stop`, until nobody takes arrivals any more, or until only a person can mend it.
    ///
    /// # Effects
    /// Begins a session, or resumes the saved one. When it ends the session lives on, to be resumed.
    pub async fn run(mut self, stop: CancellationToken) {
        self.tell(Input::Start).await;
        while !self.over {
            let wait = self.until_wake();
            let input = tokio::select! {
                biased;
                () = stop.cancelled() => Some(Input::Stop),
                () = sleep(wait) => Some(Input::Tick),
                () = self.bell.notified() => Some(Input::Handled),
                taken = hand_over(&self.arrivals, &mut self.backlog) => self.handed_over(taken),
                input = asked(&mut self.asking) => Some(input),
                input = self.link.next(), if !self.holding => Some(input),
            };
            if let Some(input) = input {
                self.tell(input).await;
            }
        }
        self.last_words(&stop).await;
    }

    /// What was heard before the end, unless it was we who were stopped: then nobody listens any more.
    async fn last_words(&mut self, stop: &CancellationToken) {
        while !self.backlog.is_empty() {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                taken = hand_over(&self.arrivals, &mut self.backlog) => if !taken { return },
            }
        }
    }

    fn until_wake(&self) -> Option<Duration> {
        let now_ms = self.setup.clock.now().mono_ms;
        self.machine.wake_ms().map(|at| Duration::from_millis(at.saturating_sub(now_ms)))
    }

    /// After an arrival was taken, or nobody is there to take any.
    fn handed_over(&mut self, taken: bool) -> Option<Input> {
        if !taken {
            return Some(Input::Stop);
        }
        let goes_on = self.holding && self.backlog.len() <= BACKLOG / 2;
        goes_on.then(|| {
            self.holding = false;
            Input::Holding(false)
        })
    }

    /// Tells the machine, and does what it says; what comes of that is told too.
    async fn tell(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let heard = matches!(&input, Input::Frame(frame) if frame::is_sign_of_life(frame));
            let now = self.setup.clock.now();
            for output in self.machine.step(input, now) {
                inputs.extend(self.carry_out(output).await);
            }
            if !self.holding && self.backlog.len() >= BACKLOG {
                self.holding = true;
                inputs.push_back(Input::Holding(true));
            }
            self.show(heard.then_some(now.mono_ms));
        }
    }

    fn show(&self, heard_ms: Option<u64>) {
        let live = self.machine.is_live();
        self.liveness.send_if_modified(|liveness| {
            let new = Liveness { live, heard_ms: heard_ms.or(liveness.heard_ms) };
            std::mem::replace(liveness, new) != new
        });
    }

    async fn carry_out(&mut self, output: Output) -> Option<Input> {
        match output {
            Output::Ask => self.ask(),
            Output::Open(address) => self.link = Link::Opening(Box::pin(Socket::open(address))),
            Output::Beat(seq) => return self.send(frame::heartbeat(seq)).await,
            Output::Identify => {
                return self.send(frame::identify(&self.setup.token, self.setup.intents)).await;
            }
            Output::Resume(session) => return self.send(frame::resume(&self.setup.token, &session)).await,
            Output::Close => {
                if let Link::Open(socket) = std::mem::replace(&mut self.link, Link::None) {
                    socket.close().await;
                }
            }
            Output::Save => self.save().await,
            Output::NewSession => self.ledger().new_session(),
            Output::Dispatch { seq, name, data, replayed } => self.hand_out(seq, name, data, replayed),
            Output::Say(condition) => self.say(condition),
            Output::End => self.over = true,
        }
        None
    }

    fn ask(&mut self) {
        let asking = self.rest.call(Request::new(Route::gateway_bot()));
        self.asking = Some(Box::pin(async move {
            match asking.await {
                Ok(reply) => Told::read(&reply.body).map_or_else(
                    || Input::NotTold { why: "the answer names no address".to_owned(), after_ms: None },
                    Input::Told,
                ),
                Err(RestError::TokenRevoked) => Input::TokenRevoked,
                Err(error) => Input::NotTold { after_ms: wait_of(&error), why: error.to_string() },
            }
        }));
    }

    async fn send(&mut self, text: String) -> Option<Input> {
        let Link::Open(socket) = &mut self.link else { return None };
        if socket.send(text).await {
            return None;
        }
        self.link = Link::None;
        Some(Input::Closed(None))
    }

    fn hand_out(&mut self, seq: u64, name: String, data: Value, replayed: bool) {
        let interaction = (name == "INTERACTION_CREATE").then(|| data["id"].as_str()).flatten();
        let Some(entry) = self.ledger().hand_out(seq, interaction) else {
            tracing::info!(discord.seq = seq, "an interaction came again; it was handled before");
            return;
        };
        let (ledger, bell) = (Arc::clone(&self.ledger), Arc::clone(&self.bell));
        let receipt = Some(Receipt { entry, ledger, bell });
        self.backlog.push_back(Arrival::Dispatch(Dispatch { seq, name, data, replayed, receipt }));
    }

    fn say(&mut self, condition: Condition) {
        match &condition {
            Condition::Connected | Condition::Resumed { .. } => {
                tracing::info!(?condition, "the link to Discord is there");
            }
            Condition::Lost { .. } => {
                tracing::warn!(?condition, "the link to Discord is lost; it is being mended")
            }
            _ => tracing::error!(?condition, "the link to Discord cannot be mended now"),
        }
        self.backlog.push_back(Arrival::Condition(condition));
    }

    /// The file holds what was handled, not what was heard: what lies between comes again after a restart.
    async fn save(&mut self) {
        let saved = {
            let ledger = self.ledger();
            let (session, first, begun) = self.machine.session();
            let session =
                session.map(|session| Session { seq: ledger.handled_up_to(session.seq), ..session.clone() });
            Saved::new(session, first.cloned(), begun.to_vec(), ledger.remembered())
        };
        if self.saving.swap(true, Ordering::AcqRel) {
            tracing::warn!("the Discord session is not saved: the disk still works at the saving before");
            return;
        }
        let (file, busy) = (self.setup.file.clone(), Arc::clone(&self.saving));
        let writing = tokio::task::spawn_blocking(move || {
            if let Err(error) = saved.write(&file) {
                tracing::warn!(%error, "the Discord session is not saved; a restart may begin a new one");
            }
            busy.store(false, Ordering::Release);
        });
        drop(tokio::time::timeout(SAVING, writing).await);
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Link {
    /// What happens on it next. Nothing is lost when this is dropped before it is ready.
    async fn next(&mut self) -> Input {
        match self {
            Self::None => pending().await,
            Self::Opening(opening) => match opening.as_mut().await {
                Ok(socket) => {
                    *self = Self::Open(Box::new(socket));
                    Input::Opened
                }
                Err(why) => {
                    *self = Self::None;
                    Input::NotOpened(why)
                }
            },
            Self::Open(socket) => {
                let input = socket.next().await;
                if let Input::Closed(_) = input {
                    *self = Self::None;
                }
                input
            }
        }
    }
}

async fn sleep(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => pending().await,
    }
}

/// Hands the oldest arrival over as soon as there is room; `false` when nobody takes any more. Nothing is lost when
/// this is dropped before it is ready.
async fn hand_over(arrivals: &mpsc::Sender<Arrival>, backlog: &mut VecDeque<Arrival>) -> bool {
    if backlog.is_empty() {
        arrivals.closed().await;
        return false;
    }
    let Ok(room) = arrivals.reserve().await else { return false };
    if let Some(arrival) = backlog.pop_front() {
        room.send(arrival);
    }
    true
}

async fn asked(asking: &mut Option<Doing<Input>>) -> Input {
    let Some(doing) = asking else { return pending().await };
    let input = doing.as_mut().await;
    *asking = None;
    input
}

fn wait_of(error: &RestError) -> Option<u64> {
    match error {
        RestError::RateLimited { retry_after, .. } | RestError::Banned { retry_after } => {
            Some(ms(*retry_after))
        }
        _ => None,
    }
}
