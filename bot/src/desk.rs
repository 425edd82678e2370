//! How everybody outside the engine's task asks it: commands, questions, news.
//!
//! The engine lives in one task; nobody else touches its state. A question is a function that runs there between
//! two inputs and sees only what is durable.

use std::sync::Arc;

use lifeboat_commands::parse::Values;
use lifeboat_commands::table::Spec;
use lifeboat_storage::event::{Actor, Event};
use lifeboat_storage::id::{ChannelName, Correlation, PersonName, Seq};
use lifeboat_storage::log::EventLog;
use tokio::sync::{broadcast, mpsc, oneshot};

use crate::detect::Finding;
use crate::engine::Engine;
use crate::engine::effect::Answer;
use crate::engine::input::{Input, Now, Speaker};

/// News for everybody who shows something.
#[derive(Clone, Debug)]
pub enum News {
    /// Durable, in order, without gaps.
    Events(Vec<Arc<Event>>),
    /// Said although it cannot be recorded.
    Unrecorded {
        /// Grows, over a restart too.
        number: u64,
        /// What was found.
        finding: Arc<Finding>,
    },
    /// Recording broke or came back, a source was read: what Lifeboat sees may have changed. At most once a second.
    Seen,
}

/// What a question may look at.
pub struct Room<'a> {
    /// The engine: only its durable side is public.
    pub engine: &'a Engine,
    /// Older events.
    pub log: &'a dyn EventLog,
    /// The time.
    pub now: Now,
}

impl Room<'_> {
    /// One durable event, from memory or from disk.
    #[must_use]
    pub fn event(&self, seq: Seq) -> Option<Arc<Event>> {
        if let Some(event) = self.engine.shelf().get(seq) {
            return Some(Arc::clone(event));
        }
        if seq > self.engine.durable().applied {
            return None;
        }
        self.log.read(seq..seq.next()).ok()?.next()?.ok().map(Arc::new)
    }
}

type Question = Box<dyn FnOnce(&Room<'_>) + Send>;

/// What reaches the engine's task.
pub(crate) enum Ask {
    /// An input.
    Tell(Input),
    /// A line: a command, or plain words.
    Line {
        line: String,
        channel: Option<ChannelName>,
        speaker: Speaker,
        said: bool,
        answer: oneshot::Sender<Answer>,
    },
    /// A command from a form.
    Wish { wish: Wish, answer: oneshot::Sender<Answer> },
    /// A question.
    Look(Question),
}

/// A command whose values were chosen one by one.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Which command.
    pub spec: &'static Spec,
    /// The values as given.
    pub values: Values,
    /// The channel it was given in.
    pub channel: Option<ChannelName>,
    /// Who.
    pub speaker: Speaker,
    /// Names this very wish: what was recorded under it before is not done again.
    pub once: Option<Correlation>,
}

/// The engine's task is gone: Lifeboat is stopping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("ask the engine: it is stopping")]
pub struct Stopping;

/// A way to ask the engine's task. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    asks: mpsc::Sender<Ask>,
    news: broadcast::Sender<News>,
}

impl Desk {
    pub(crate) fn new(asks: mpsc::Sender<Ask>, news: broadcast::Sender<News>) -> Self {
        Self { asks, news }
    }

    /// Asks a question about what is durable; the answer comes back in microseconds, or after the file is read.
    ///
    /// # Errors
    /// [`Stopping`].
    pub async fn look<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Room<'_>) -> T + Send + 'static,
    ) -> Result<T, Stopping> {
        let (answer, answered) = oneshot::channel();
        let question: Question = Box::new(move |room| drop(answer.send(question(room))));
        self.asks.send(Ask::Look(question)).await.map_err(|_| Stopping)?;
        answered.await.map_err(|_| Stopping)
    }

    /// Gives a command line; the answer comes when its events are durable.
    ///
    /// # Errors
    /// [`Stopping`].
    pub async fn command(
        &self,
        line: String,
        channel: Option<ChannelName>,
        speaker: Speaker,
    ) -> Result<Answer, Stopping> {
        self.line(line, channel, speaker, false).await
    }

    /// Gives a command whose values were chosen one by one; the answer comes when its events are durable.
    ///
    /// # Errors
    /// [`Stopping`].
    pub async fn choose(&self, wish: Wish) -> Result<Answer, Stopping> {
        let (answer, answered) = oneshot::channel();
        self.asks.send(Ask::Wish { wish, answer }).await.map_err(|_| Stopping)?;
        answered.await.map_err(|_| Stopping)
    }

    /// Says plain words in a channel; the answer comes when they are durable.
    ///
    /// # Errors
    /// [`Stopping`].
    pub async fn say(
        &self,
        text: String,
        channel: ChannelName,
        speaker: Speaker,
    ) -> Result<Answer, Stopping> {
        self.line(text, Some(channel), speaker, true).await
    }

    async fn line(
        &self,
        line: String,
        channel: Option<ChannelName>,
        speaker: Speaker,
        said: bool,
    ) -> Result<Answer, Stopping> {
        let (answer, answered) = oneshot::channel();
        self.asks.send(Ask::Line { line, channel, speaker, said, answer }).await.map_err(|_| Stopping)?;
        answered.await.map_err(|_| Stopping)
    }

    /// Tells the engine something.
    ///
    /// # Errors
    /// [`Stopping`].
    pub async fn tell(&self, input: Input) -> Result<(), Stopping> {
        self.asks.send(Ask::Tell(input)).await.map_err(|_| Stopping)
    }

    /// News from now on. Who falls behind is told so (`Lagged`) and starts anew from the state.
    #[must_use]
    pub fn news(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }
}

/// Who speaks, for an account that may belong to a configured person.
#[must_use]
pub fn speaker(
    person: Option<PersonName>,
    account: &str,
    origin: lifeboat_storage::event::Origin,
) -> Speaker {
    let actor = Actor { person: person.clone(), account: Some(account.to_owned()), origin };
    Speaker { person, actor, granted: None }
}
