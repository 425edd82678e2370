//! The hub: hears the engine's news once, words each change once a language, and passes it on.
//!
//! The first change of an incident goes out at once; further ones within [`PAUSE`] wait and go out as one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use lifeboat_storage::id::{IncidentId, Seq};
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Said;
use crate::console::Console;
use crate::console::pushes::{self, Changes, Frame};
use crate::console::view::{Chart, FleetView, Incident, Push, State};
use crate::console::{answers, chart};
use crate::desk::{News, Room, Stopping};
use crate::detect::Finding;
use crate::say::{Lang, Say, Scene, fleet, incident};

/// Streams at once.
const STREAMS: usize = 200;
/// Pushes a page may be behind before it catches up from the state.
const RING: usize = 1_024;
/// The state of one incident is told at most so often.
const PAUSE: Duration = Duration::from_millis(250);
/// Services whose charts are kept fresh.
const CHARTS: usize = 50;
/// Open incidents whose cards are kept fresh, the newest.
const FRESH_CARDS: usize = 10;

/// Where pages listen.
#[derive(Clone)]
pub struct Hub {
    lines: BTreeMap<Lang, broadcast::Sender<Arc<Said>>>,
    places: Arc<Semaphore>,
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

impl Hub {
    /// Starts to listen to the engine's news. On return nothing that happens from now on is missed.
    ///
    /// # Errors
    /// [`Stopping`].
    pub async fn start(
        console: Arc<Console>,
        tasks: &TaskTracker,
        shutdown: CancellationToken,
    ) -> Result<Self, Stopping> {
        let lines = Lang::ALL.into_iter().map(|lang| (lang, broadcast::channel(RING).0)).collect();
        let places = Arc::new(Semaphore::new(STREAMS));
        let hub = Self { lines, places, tasks: tasks.clone(), shutdown };
        let news = console.desk.news();
        let done = console.desk.look(|room: &Room<'_>| room.engine.durable().applied).await?;
        tasks.spawn(Teller::new(hub.clone(), console, done).run(news));
        Ok(hub)
    }

    pub(super) fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    pub(super) fn tasks(&self) -> &TaskTracker {
        &self.tasks
    }

    pub(super) fn shutdown(&self) -> CancellationToken {
        self.shutdown.clone()
    }

    pub(super) fn listen(&self, lang: Lang) -> broadcast::Receiver<Arc<Said>> {
        self.lines.get(&lang).map_or_else(|| broadcast::channel(1).1, broadcast::Sender::subscribe)
    }

    /// Languages somebody reads.
    fn read(&self) -> Vec<Lang> {
        self.lines.iter().filter(|(_, line)| line.receiver_count() > 0).map(|(lang, _)| *lang).collect()
    }

    fn tell(&self, lang: Lang, frames: &[Frame]) {
        let Some(line) = self.lines.get(&lang) else { return };
        for frame in frames {
            // An error means only that the last reader has left.
            _ = line.send(Arc::new(Said::from(frame)));
        }
    }
}

/// What is to be told next.
#[derive(Default)]
struct Due {
    seen: bool,
    unrecorded: Vec<(u64, Arc<Finding>)>,
}

/// What one look found, a language.
struct Look {
    changes: Option<Changes>,
    held: Vec<Frame>,
    state: State,
}

struct Teller {
    hub: Hub,
    console: Arc<Console>,
    /// Everything up to here was told.
    done: Seq,
    /// When the state of an incident was told last.
    told: BTreeMap<IncidentId, Instant>,
    /// Incidents whose newest state waits.
    held: BTreeSet<IncidentId>,
    states: BTreeMap<Lang, (Instant, State)>,
    charts: BTreeMap<String, Chart>,
    boards: BTreeMap<Lang, FleetView>,
    /// Open incidents as they were told last: the ages on their cards move with the facts.
    cards: BTreeMap<(Lang, u32), Incident>,
}

impl Teller {
    fn new(hub: Hub, console: Arc<Console>, done: Seq) -> Self {
        let (told, held) = (BTreeMap::new(), BTreeSet::new());
        let (states, charts) = (BTreeMap::new(), BTreeMap::new());
        Self {
            hub,
            console,
            done,
            told,
            held,
            states,
            charts,
            boards: BTreeMap::new(),
            cards: BTreeMap::new(),
        }
    }

    async fn run(mut self, mut news: broadcast::Receiver<News>) {
        let shutdown = self.hub.shutdown();
        loop {
            let wake = self.wake();
            let first = tokio::select! {
                biased;
                () = shutdown.cancelled() => return,
                first = news.recv() => Some(first),
                () = tokio::time::sleep_until(wake), if !self.held.is_empty() => None,
            };
            let mut due = Due::default();
            match first {
                None => {}
                Some(Ok(first)) => due.take(first),
                Some(Err(RecvError::Lagged(_))) => {}
                Some(Err(RecvError::Closed)) => return,
            }
            loop {
                match news.try_recv() {
                    Ok(more) => due.take(more),
                    Err(TryRecvError::Lagged(_)) => {}
                    Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                }
            }
            if self.tell(due).await.is_err() {
                return;
            }
        }
    }

    /// When the first incident that waits may be told.
    fn wake(&self) -> Instant {
        let due = self.held.iter().filter_map(|id| self.told.get(id)).map(|at| *at + PAUSE);
        due.min().unwrap_or_else(Instant::now)
    }

    async fn tell(&mut self, due: Due) -> Result<(), Stopping> {
        let read = self.hub.read();
        let now = Instant::now();
        self.told.retain(|id, at| now < *at + PAUSE || self.held.contains(id));
        let resting: BTreeSet<IncidentId> =
            self.told.iter().filter(|(_, at)| now < **at + PAUSE).map(|(id, _)| *id).collect();
        let ready: BTreeSet<IncidentId> = self.held.difference(&resting).copied().collect();
        let (since, zone) = (self.done, self.console.zone);
        let (langs, hold, show) = (read.clone(), resting, ready.clone());
        let (done, looks) = self
            .console
            .desk
            .look(move |room| {
                let look = |lang: &Lang| look(room, Say::new(*lang, zone), since, &hold, &show);
                (room.engine.durable().applied, langs.iter().map(look).collect::<Vec<_>>())
            })
            .await?;
        self.done = done;
        self.held.retain(|id| !ready.contains(id));
        self.told.extend(ready.iter().map(|id| (*id, now)));
        for (lang, look) in read.iter().zip(looks) {
            self.pass_on(*lang, look, done, now);
        }
        for (number, finding) in &due.unrecorded {
            self.unrecorded(&read, *number, finding).await?;
        }
        if due.seen && !read.is_empty() {
            self.traffic(&read).await?;
            self.fleet(&read).await?;
        }
        Ok(())
    }

    fn pass_on(&mut self, lang: Lang, look: Look, done: Seq, now: Instant) {
        match look.changes {
            Some(changes) => {
                self.hub.tell(lang, &changes.frames);
                self.told.extend(changes.told.iter().map(|id| (*id, now)));
                self.held.extend(changes.held);
            }
            None => {
                if let Some(line) = self.hub.lines.get(&lang) {
                    let bytes = pushes::reset(done);
                    _ = line.send(Arc::new(Said { seq: Some(done), last: true, bytes }));
                }
            }
        }
        self.hub.tell(lang, &look.held);
        if self.is_news(lang, &look.state, now) {
            self.hub.tell(lang, &[Frame::state(Push::State(look.state.clone()))]);
            self.states.insert(lang, (now, look.state));
        }
    }

    /// What counts is told at once; numbers of sources once a second.
    fn is_news(&self, lang: Lang, state: &State, now: Instant) -> bool {
        let Some((at, old)) = self.states.get(&lang) else { return true };
        let counts = old.flag != state.flag || old.notices != state.notices;
        counts || (old != state && now >= *at + Duration::from_millis(900))
    }

    async fn unrecorded(&self, read: &[Lang], number: u64, finding: &Arc<Finding>) -> Result<(), Stopping> {
        for lang in read {
            let (say, finding) = (Say::new(*lang, self.console.zone), Arc::clone(finding));
            let word = move |room: &Room<'_>| {
                answers::scene(room, say, |scene| answers::unrecorded(scene, number, &finding))
            };
            if let Some(said) = self.console.desk.look(word).await? {
                self.hub.tell(*lang, &[Frame::state(Push::Message(said))]);
            }
        }
        Ok(())
    }

    /// What is seen of the fleet, and what that changes on the cards of open incidents.
    async fn fleet(&mut self, read: &[Lang]) -> Result<(), Stopping> {
        let zone = self.console.zone;
        for lang in read {
            let say = Say::new(*lang, zone);
            let look = move |room: &Room<'_>| answers::scene(room, say, fleet_and_incidents);
            let (board, incidents) = self.console.desk.look(look).await?;
            if self.boards.get(lang) != Some(&board) {
                self.hub.tell(*lang, &[Frame::state(Push::Fleet(Box::new(board.clone())))]);
                self.boards.insert(*lang, board);
            }
            let open: BTreeSet<u32> = incidents.iter().map(|one| one.number).collect();
            self.cards.retain(|(of, number), _| of != lang || open.contains(number));
            for incident in incidents {
                let key = (*lang, incident.number);
                if self.cards.get(&key) != Some(&incident) {
                    self.hub.tell(*lang, &[Frame::state(Push::Incident(Box::new(incident.clone())))]);
                    self.cards.insert(key, incident);
                }
            }
        }
        Ok(())
    }

    async fn traffic(&mut self, read: &[Lang]) -> Result<(), Stopping> {
        let say = Say::new(self.console.lang, self.console.zone);
        // Told about once a second of real time; a drill's clock runs faster.
        let covers_s = self.console.clock.speed().saturating_mul(3);
        let newest = move |room: &Room<'_>| {
            let services = chart::services(room);
            services
                .iter()
                .take(CHARTS)
                .filter_map(|service| chart::newest(room, say, service, covers_s))
                .collect::<Vec<_>>()
        };
        for chart in self.console.desk.look(newest).await? {
            if self.charts.get(&chart.service) == Some(&chart) {
                continue;
            }
            for lang in read {
                self.hub.tell(*lang, &[Frame::state(Push::Traffic(chart.clone()))]);
            }
            self.charts.insert(chart.service.clone(), chart);
        }
        Ok(())
    }
}

impl Due {
    fn take(&mut self, news: News) {
        match news {
            News::Events(_) => {}
            News::Seen => self.seen = true,
            News::Unrecorded { number, finding } => self.unrecorded.push((number, finding)),
        }
    }
}

/// The fleet as the page shows it, and the open incidents it is about.
fn fleet_and_incidents(scene: &Scene<'_>) -> (FleetView, Vec<Incident>) {
    let board = fleet::board(scene);
    if board == FleetView::default() {
        return (board, Vec::new());
    }
    let open = scene.state.open_incidents().rev().take(FRESH_CARDS);
    (board, open.map(|known| incident::incident(scene, known)).collect())
}

fn look(
    room: &Room<'_>,
    say: Say,
    since: Seq,
    hold: &BTreeSet<IncidentId>,
    ready: &BTreeSet<IncidentId>,
) -> Look {
    answers::scene(room, say, |scene| Look {
        changes: pushes::changes(room, say, since, hold),
        held: pushes::states(scene, ready),
        state: answers::sight(room, scene),
    })
}
