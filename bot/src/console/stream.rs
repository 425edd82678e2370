//! News for every open page, as server-sent events.
//!
//! ```text
//! desk.news() ─▶ hub: one task, words each change once a language ─▶ pages of that language
//!                                                                     each: what it missed, then what comes
//! ```
//!
//! A page that is slow is told what it missed from the state, and never holds up others: the hub's ring is bounded,
//! and so is what waits for one page.

mod hub;

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hyper::body::Frame as Piece;
use lifeboat_storage::id::{Seq, World};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, broadcast, mpsc};
use tokio_util::sync::CancellationToken;

pub use hub::Hub;

use super::Console;
use super::answers;
use super::problem::No;
use super::pushes::{self, Frame};
use super::view::Push;
use crate::desk::Stopping;
use crate::say::{self, Say};

/// How often a page is told that Lifeboat lives.
const BEAT: Duration = Duration::from_secs(5);
/// The same in a drill.
const DRILL_BEAT: Duration = Duration::from_secs(1);
/// Frames that wait for one page; then it has [`SLOWEST`] to take one.
const WAITING: usize = 64;
/// A page that takes nothing for so long is cut off; it asks again by itself.
const SLOWEST: Duration = Duration::from_secs(30);

/// One push, worded and written.
#[derive(Clone, Debug)]
struct Said {
    seq: Option<Seq>,
    last: bool,
    bytes: Bytes,
}

impl From<&Frame> for Said {
    fn from(frame: &Frame) -> Self {
        Self { seq: frame.seq, last: frame.last, bytes: frame.bytes() }
    }
}

/// Opens a stream: after `since`, or from now on.
pub(super) fn open(hub: &Hub, console: Arc<Console>, say: Say, since: Option<Seq>) -> Response {
    let Some(place) = hub.place() else {
        return No::worded(say, StatusCode::SERVICE_UNAVAILABLE, "console-many-streams", &[]).into_response();
    };
    let (frames, waiting) = mpsc::channel(WAITING);
    let page =
        Page { console, say, frames, news: hub.listen(say.lang()), done: Seq(0), shutdown: hub.shutdown() };
    hub.tasks().spawn(async move { page.follow(since).await });
    let body = Body::new(Waiting { frames: waiting, _place: place });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (headers, body).into_response()
}

/// The body of a stream.
struct Waiting {
    frames: mpsc::Receiver<Bytes>,
    _place: OwnedSemaphorePermit,
}

impl hyper::body::Body for Waiting {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Piece<Bytes>, Self::Error>>> {
        self.frames.poll_recv(context).map(|bytes| bytes.map(|bytes| Ok(Piece::data(bytes))))
    }
}

/// The other end is gone, or too slow, or Lifeboat stops.
struct Over;

impl From<Stopping> for Over {
    fn from(_: Stopping) -> Self {
        Self
    }
}

/// One open page.
struct Page {
    console: Arc<Console>,
    say: Say,
    frames: mpsc::Sender<Bytes>,
    news: broadcast::Receiver<Arc<Said>>,
    /// All of this event was sent, and of those before it.
    done: Seq,
    shutdown: CancellationToken,
}

impl Page {
    async fn follow(mut self, since: Option<Seq>) {
        _ = self.until_over(since).await;
    }

    async fn until_over(&mut self, since: Option<Seq>) -> Result<(), Over> {
        // A drill's clock changes its speed: the page must not run ahead of it for long.
        let every = if self.console.world == World::Real { BEAT } else { DRILL_BEAT };
        let mut beat = tokio::time::interval(every);
        self.beat().await?;
        beat.tick().await;
        self.catch_up(since).await?;
        loop {
            tokio::select! {
                biased;
                () = self.shutdown.cancelled() => return Ok(()),
                () = self.frames.closed() => return Ok(()),
                said = self.news.recv() => match said {
                    Ok(said) => self.pass_on(&said).await?,
                    Err(RecvError::Lagged(_)) => self.catch_up(Some(self.done)).await?,
                    Err(RecvError::Closed) => return Ok(()),
                },
                _ = beat.tick() => self.beat().await?,
            }
        }
    }

    /// What was missed, from the state.
    async fn catch_up(&mut self, since: Option<Seq>) -> Result<(), Over> {
        let say = self.say;
        let question = move |room: &crate::desk::Room<'_>| {
            let applied = room.engine.durable().applied;
            let missed = pushes::changes(room, say, since.unwrap_or(applied), &BTreeSet::new());
            let state = answers::scene(room, say, |scene| answers::sight(room, scene));
            let mut bytes = vec![Frame::state(Push::State(state)).bytes()];
            match missed {
                Some(missed) => bytes.extend(missed.frames.iter().map(Frame::bytes)),
                None => bytes.push(pushes::reset(applied)),
            }
            (applied, bytes)
        };
        let (applied, missed) = self.console.desk.look(question).await?;
        for bytes in missed {
            self.send(bytes).await?;
        }
        self.done = applied;
        Ok(())
    }

    /// What the hub says; what was sent while catching up is not sent again.
    async fn pass_on(&mut self, said: &Said) -> Result<(), Over> {
        if said.seq.is_some_and(|seq| seq <= self.done) {
            return Ok(());
        }
        self.send(said.bytes.clone()).await?;
        if said.last
            && let Some(seq) = said.seq
        {
            self.done = seq;
        }
        Ok(())
    }

    async fn beat(&self) -> Result<(), Over> {
        let (now, speed) = (say::time::utc(self.console.clock.now().wall), self.console.clock.speed());
        self.send(Frame::state(Push::Beat { now, speed }).bytes()).await
    }

    async fn send(&self, bytes: Bytes) -> Result<(), Over> {
        tokio::time::timeout(SLOWEST, self.frames.send(bytes)).await.map_err(|_| Over)?.map_err(|_| Over)
    }
}
