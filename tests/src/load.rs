//! A load generator, bounded in count and time.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

/// What is sent.
#[derive(Clone, Debug)]
pub struct Load {
    /// To whom.
    pub address: SocketAddr,
    /// The request's target, `/`.
    pub path: String,
    /// Requests a second; they do not wait for each other.
    pub rate: NonZeroU32,
    /// How many.
    pub count: usize,
    /// How long one may take.
    pub patience: Duration,
}

/// One request and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shot {
    /// When it was sent, from the start of the load.
    pub sent: Duration,
    /// From sending until the connection was closed, or until patience ended.
    pub took: Duration,
    /// The status answered, or none.
    pub status: Option<u16>,
}

impl Load {
    /// `count` requests for `/` at `rate` a second, each with 10 s of patience.
    ///
    /// # Panics
    ///
    /// When the rate is 0.
    #[must_use]
    pub fn new(address: SocketAddr, rate: u32, count: usize) -> Self {
        let rate = NonZeroU32::new(rate).expect("a load has a rate");
        Self { address, path: "/".to_owned(), rate, count, patience: Duration::from_secs(10) }
    }

    /// Sends them; in the order sent. It ends after `count / rate` seconds and one patience at the latest.
    ///
    /// A connection is read to its end, so that nginx has logged the request before it counts as answered.
    pub async fn send(&self) -> Vec<Shot> {
        let mut pace = interval(Duration::from_secs(1) / self.rate.get());
        pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let start = Instant::now();
        let mut shots = JoinSet::new();
        for _ in 0..self.count {
            pace.tick().await;
            shots.spawn(shoot(self.address, self.path.clone(), self.patience, start));
        }
        let mut shots = shots.join_all().await;
        shots.sort_by_key(|shot| shot.sent);
        shots
    }
}

async fn shoot(address: SocketAddr, path: String, patience: Duration, start: Instant) -> Shot {
    let sent = Instant::now();
    let status = timeout(patience, get(address, &path)).await.ok().flatten();
    Shot { sent: sent - start, took: sent.elapsed(), status }
}

async fn get(address: SocketAddr, path: &str) -> Option<u16> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: blog.test\r\nUser-Agent: load\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    let line = answer.split(|byte| *byte == b'\r').next()?;
    std::str::from_utf8(line).ok()?.split(' ').nth(1)?.parse().ok()
}

/// How many were answered with this status; `None` counts those that were not answered.
#[must_use]
pub fn answered(shots: &[Shot], status: Option<u16>) -> usize {
    shots.iter().filter(|shot| shot.status == status).count()
}

/// A load that goes on until it is dropped.
#[derive(Debug)]
pub struct Steady {
    task: JoinSet<()>,
    seen: Arc<Mutex<Seen>>,
}

/// What a steady load was answered: how many, and when first, for each status; 0 stands for no answer.
type Seen = BTreeMap<u16, (usize, DateTime<Utc>)>;

impl Steady {
    /// `rate` requests a second to `/` from now on.
    ///
    /// # Panics
    ///
    /// When the rate is 0.
    #[must_use]
    pub fn start(address: SocketAddr, rate: u32) -> Self {
        let load = Load::new(address, rate, usize::MAX);
        let seen = Arc::new(Mutex::new(Seen::new()));
        let mut task = JoinSet::new();
        task.spawn(go_on(load, Arc::clone(&seen)));
        Self { task, seen }
    }

    /// How many were answered so.
    #[must_use]
    pub fn count(&self, status: u16) -> usize {
        self.seen().get(&status).map_or(0, |(count, _)| *count)
    }

    /// When the first was answered so.
    #[must_use]
    pub fn first(&self, status: u16) -> Option<DateTime<Utc>> {
        self.seen().get(&status).map(|(_, first)| *first)
    }

    /// Stops; on return no request is on its way.
    pub async fn stop(mut self) {
        self.task.shutdown().await;
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn go_on(load: Load, seen: Arc<Mutex<Seen>>) {
    let mut pace = interval(Duration::from_secs(1) / load.rate.get());
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut shots = JoinSet::new();
    loop {
        pace.tick().await;
        let (load, seen) = (load.clone(), Arc::clone(&seen));
        shots.spawn(async move {
            let status = timeout(load.patience, get(load.address, &load.path)).await.ok().flatten();
            let now = lifeboat::clock::wall();
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.entry(status.unwrap_or(0)).or_insert((0, now)).0 += 1;
        });
        while shots.try_join_next().is_some() {}
    }
}
