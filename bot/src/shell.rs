//! The thin shell around the engine: one task that feeds it and carries out what it decides.
//!
//! | module | owns |
//! | --- | --- |
//! | [`writer`] | the thread that appends, and flushes once for all that waits |
//! | [`keeper`] | the thread that writes checkpoints and snapshots |
//! | [`store`] | opening the record, and folding what it holds |

pub mod keeper;
pub mod store;
pub mod writer;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use lifeboat_commands::ports::call::Answer as CallAnswer;
use lifeboat_commands::refusal::FleetRefusal;
use lifeboat_commands::verb::Show;
use lifeboat_deploy::ports::Ports;
use lifeboat_storage::chat::Standing;
use lifeboat_storage::event::ChatKind;
use lifeboat_storage::id::{PersonName, Seq};
use lifeboat_storage::log::EventLog;
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::chat::{Errand, Outgoing};
use crate::clock::Clock;
use crate::desk::{Ask, Desk, News, Room, Wish};
use crate::engine::Engine;
use crate::engine::effect::{Answer, Effect};
use crate::engine::input::{Appended, CallId, Chosen, Delivered, Edited, Input, Ticket, Typed};
use keeper::Keeper;
use writer::{Writer, Written};

/// How often time passes for the engine.
const TICK: Duration = Duration::from_millis(100);
/// Asks that may wait for the engine: about a second of the fastest source; a source then waits with its file.
const ASKS: usize = 256;
/// News that may wait for a slow reader before it is told to start anew: some minutes of a busy incident.
const NEWS: usize = 1_024;
/// How long the last appends may take when stopping.
const LAST_APPENDS: Duration = Duration::from_secs(5);

/// The engine's task and what it needs.
pub struct Shell {
    engine: Engine,
    log: Arc<dyn EventLog>,
    clock: Arc<dyn Clock>,
    writer: Writer,
    keeper: Keeper,
    senders: mpsc::Sender<Outgoing>,
    discord: Option<mpsc::Sender<Errand>>,
    asks: mpsc::Receiver<Ask>,
    news: broadcast::Sender<News>,
    ports: Ports,
    calls: JoinSet<(CallId, CallAnswer)>,
    waiting: BTreeMap<Ticket, Waiting>,
    stage: Stage,
    next_ticket: u64,
}

/// Who waits for an answer.
struct Waiting {
    person: Option<PersonName>,
    answer: oneshot::Sender<Answer>,
}

/// Somebody asks for a drill to be played beside this record.
#[derive(Debug)]
pub struct DrillAsked {
    /// Which scenario; the first there is where none is named.
    pub scenario: Option<String>,
    /// Simulated seconds a real second; the usual pace where none is given.
    pub speed: Option<u32>,
    /// Who asked.
    pub person: PersonName,
    /// Where the answer goes.
    pub answer: oneshot::Sender<Answer>,
}

/// Where drills begin and end.
#[derive(Clone, Debug, Default)]
pub struct Stage {
    /// Cancelled when somebody in this drill ends it.
    pub curtain: CancellationToken,
    /// Who begins drills beside this record; nobody does in a drill.
    pub host: Option<mpsc::Sender<DrillAsked>>,
}

impl Shell {
    /// A shell around an engine, and the desk at which it is asked.
    #[must_use]
    pub fn new(
        engine: Engine,
        log: Arc<dyn EventLog>,
        clock: Arc<dyn Clock>,
        writer: Writer,
        keeper: Keeper,
        senders: mpsc::Sender<Outgoing>,
    ) -> (Self, Desk) {
        let (ask, asks) = mpsc::channel(ASKS);
        let (news, _) = broadcast::channel(NEWS);
        let desk = Desk::new(ask, news.clone());
        let shell = Self {
            engine,
            log,
            clock,
            writer,
            keeper,
            senders,
            discord: None,
            asks,
            news,
            ports: Ports::default(),
            calls: JoinSet::new(),
            waiting: BTreeMap::new(),
            stage: Stage::default(),
            next_ticket: 1,
        };
        (shell, desk)
    }

    /// With what touches machines; without, every call finds nothing.
    #[must_use]
    pub fn with_ports(self, ports: Ports) -> Self {
        Self { ports, ..self }
    }

    /// With those who begin and end drills.
    #[must_use]
    pub fn with_stage(self, stage: Stage) -> Self {
        Self { stage, ..self }
    }

    /// With a chat that can edit; without, its messages wait.
    #[must_use]
    pub fn with_discord(self, discord: Option<mpsc::Sender<Errand>>) -> Self {
        Self { discord, ..self }
    }

    /// Runs until `stop`; then records that Lifeboat stopped, and waits for the disk.
    pub async fn run(mut self, first: Input, stop: CancellationToken) {
        self.feed(first);
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        let mut ticks = 0_u32;
        loop {
            tokio::select! {
                biased;
                written = self.writer.written() => self.written(written),
                () = stop.cancelled() => break,
                _ = tick.tick() => {
                    self.feed(Input::Tick);
                    ticks = ticks.wrapping_add(1);
                    if ticks.is_multiple_of(10) {
                        drop(self.news.send(News::Seen));
                    }
                }
                Some(Ok((id, answer))) = self.calls.join_next() => {
                    self.feed(Input::Called { id, answer: Box::new(answer) });
                }
                Some(ask) = self.asks.recv() => self.asked(ask),
            }
        }
        self.stop().await;
    }

    async fn stop(mut self) {
        self.asks.close();
        self.feed(Input::Stopping);
        let drained = async {
            while !self.writer.is_idle() {
                let written = self.writer.written().await;
                self.written(written);
            }
        };
        if tokio::time::timeout(LAST_APPENDS, drained).await.is_err() {
            tracing::warn!("stopping although the last appends are not on disk yet");
        }
        self.keeper.snapshot(self.engine.durable());
    }

    fn feed(&mut self, input: Input) {
        let effects = self.engine.handle(input, self.clock.now());
        for effect in effects {
            self.carry_out(effect);
        }
    }

    fn asked(&mut self, ask: Ask) {
        match ask {
            Ask::Tell(input) => self.feed(input),
            Ask::Look(question) => {
                question(&Room { engine: &self.engine, log: &*self.log, now: self.clock.now() });
            }
            Ask::Wish { wish, answer } => {
                let ticket = self.ticket(wish.speaker.person.clone(), answer);
                let Wish { spec, values, channel, speaker, once } = wish;
                self.feed(Input::Chosen(Chosen { ticket, spec, values, channel, speaker, once }));
            }
            Ask::Line { line, channel, speaker, said, answer } => {
                let ticket = self.ticket(speaker.person.clone(), answer);
                let typed = Typed { ticket, line, channel, speaker };
                self.feed(if said { Input::Said(typed) } else { Input::Command(typed) });
            }
        }
    }

    fn ticket(&mut self, person: Option<PersonName>, answer: oneshot::Sender<Answer>) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        self.waiting.insert(ticket, Waiting { person, answer });
        ticket
    }

    fn written(&mut self, written: Written) {
        if let Appended::Failed { why } = &written.outcome {
            tracing::error!(why, "events could not be recorded");
        }
        self.feed(Input::Appended { batch: written.batch, outcome: written.outcome });
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Append { batch, events } => {
                if let Some(refused) = self.writer.append(batch, events) {
                    self.written(refused);
                }
            }
            Effect::Redact { target, by } => {
                self.writer.redact(target, by);
                // Views that hold the text go with it; where the keeper has no room, at its next snapshot or start.
                self.keeper.snapshot(self.engine.durable());
            }
            Effect::Publish(events) => {
                self.keeper.count(events.len(), self.engine.durable());
                drop(self.news.send(News::Events(events)));
            }
            Effect::Reply { ticket, answer } => {
                if let Some(waiting) = self.waiting.remove(&ticket) {
                    self.reply(waiting, *answer);
                }
            }
            Effect::SayUnrecorded { number, finding } => {
                drop(self.news.send(News::Unrecorded { number, finding: Arc::new(*finding) }));
            }
            Effect::Send { chat, queued, channel, post, maybe_repeated } => {
                self.send(chat, Outgoing { queued, channel, post, maybe_repeated });
            }
            Effect::Edit { queued, card, .. } => self.edit(queued, card),
            Effect::Call { id, call } => {
                let ports = self.ports.clone();
                // The engine bounds how many are under way, and gives up those that never come back.
                self.calls.spawn(async move { (id, ports.perform(*call).await) });
            }
            Effect::Checkpoint(checkpoint) => self.keeper.checkpoint(*checkpoint),
        }
    }

    /// What only shows is answered at once, but for drills: they begin and end outside of the engine.
    fn reply(&self, waiting: Waiting, answer: Answer) {
        match (answer, &self.stage.host, waiting.person) {
            (Answer::Show(Show::StartDrill { scenario, speed }), Some(host), Some(person)) => {
                let asked = DrillAsked { scenario, speed, person, answer: waiting.answer };
                // A host that is busy with another one has no room: whoever asked hears that one runs.
                if let Err(full) = host.try_send(asked) {
                    let busy = Answer::Refused(FleetRefusal::DrillRuns.into());
                    drop(full.into_inner().answer.send(busy));
                }
            }
            (answer, ..) => {
                if answer == Answer::Show(Show::StopDrill) {
                    self.stage.curtain.cancel();
                }
                drop(waiting.answer.send(answer));
            }
        }
    }

    /// One message a channel is on its way at most, so a full queue means that the sender is gone.
    fn send(&mut self, chat: ChatKind, outgoing: Outgoing) {
        let queued = outgoing.queued;
        let taken = match (chat, &self.discord) {
            (ChatKind::Discord, Some(discord)) => discord.try_send(Errand::Send(outgoing)).is_ok(),
            (ChatKind::Discord, None) => false,
            _ => self.senders.try_send(outgoing).is_ok(),
        };
        if !taken {
            let outcome = Delivered::Later { after_ms: None, maybe_arrived: false };
            self.feed(Input::Delivered { queued, outcome });
        }
    }

    fn edit(&mut self, queued: Seq, card: Standing) {
        let taken =
            self.discord.as_ref().is_some_and(|chat| chat.try_send(Errand::Edit { queued, card }).is_ok());
        if !taken {
            self.feed(Input::Edited { queued, outcome: Edited::Later { after_ms: None } });
        }
    }
}
