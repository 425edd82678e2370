//! Who is connected, and what goes to whom.

use std::collections::{BTreeMap, VecDeque};
use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::super::garnish::garnish;
use super::super::world::pace::Pace;
use super::record::{Connection, Ended};
use super::session::Session;
use crate::traffic::seeded::Seeded;

/// What waits to be written to one connection: a burst of thousands of events must fit. Who reads slower is cut off,
/// as Discord does.
const WAITING: usize = 16_384;

/// Something to be done on a connection.
#[derive(Debug)]
pub(crate) enum Frame {
    Text(String),
    Zlib(Vec<u8>),
    /// Goodbye with a code.
    Close(u16, &'static str),
    /// Goodbye without a code.
    CloseWithoutCode,
    /// Gone without a word.
    Drop,
    /// Gone with a TCP reset.
    Reset,
}

/// All connections and sessions.
#[derive(Debug)]
pub(crate) struct Hub {
    connections: BTreeMap<u64, Connected>,
    pub(crate) sessions: BTreeMap<String, Session>,
    /// Sessions that may still be begun today.
    pub(crate) remaining: u32,
    pub(crate) identified: Pace,
    pub(crate) mood: Mood,
}

#[derive(Debug)]
pub(crate) struct Connected {
    pub(crate) record: Connection,
    pub(crate) line: Option<mpsc::Sender<Frame>>,
    pub(crate) sent: Pace,
    /// Whether its heartbeats go unanswered.
    pub(crate) deaf: bool,
    /// Whether its IDENTIFY goes unanswered.
    pub(crate) mute: bool,
    pub(crate) zlib: bool,
}

/// How the gateway behaves to come.
#[derive(Debug, Default)]
pub(crate) struct Mood {
    /// For the next connections, one each.
    pub(crate) next: VecDeque<Welcome>,
    /// Whether the address of READY is dead.
    pub(crate) resume_refused: bool,
    /// Whether a resumed session hears again what it had heard.
    pub(crate) repeats: bool,
    /// Whether connections to come are answered in zlib frames.
    pub(crate) zlib: bool,
    /// The code every IDENTIFY and RESUME is answered with.
    pub(crate) rejects: Option<u16>,
    /// Whether connections stay open and nothing is said on them.
    pub(crate) silent: bool,
    /// Added to the next GUILD_CREATE, in bytes.
    pub(crate) padding: usize,
}

/// How the next connection is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Welcome {
    /// The upgrade is never answered.
    NoUpgrade,
    /// No HELLO.
    NoHello,
    /// HELLO and heartbeats, but nothing to an IDENTIFY or RESUME.
    NoReady,
    /// HTTP status instead of an upgrade.
    Refused(u16),
}

impl Hub {
    pub(crate) fn new(identifies: u32) -> Self {
        Self {
            connections: BTreeMap::new(),
            sessions: BTreeMap::new(),
            remaining: identifies,
            identified: Pace::default(),
            mood: Mood::default(),
        }
    }

    /// Takes in a connection and says HELLO, unless it is to be met otherwise.
    pub(crate) fn open(&mut self, record: Connection, hello: Option<Duration>) -> mpsc::Receiver<Frame> {
        let (line, frames) = mpsc::channel(WAITING);
        let number = record.number;
        let zlib = self.mood.zlib;
        let connected =
            Connected { record, line: Some(line), sent: Pace::default(), deaf: false, mute: false, zlib };
        self.connections.insert(number, connected);
        if let Some(interval) = hello {
            let interval = u64::try_from(interval.as_millis()).unwrap_or(u64::MAX);
            self.say(
                number,
                &json!({ "op": 10, "s": null, "t": null, "d": { "heartbeat_interval": interval } }),
            );
        }
        frames
    }

    pub(crate) fn next_number(&self) -> u64 {
        self.connections.keys().next_back().map_or(1, |last| last + 1)
    }

    pub(crate) fn records(&self) -> Vec<Connection> {
        self.connections.values().map(|connected| connected.record.clone()).collect()
    }

    pub(crate) fn connected(&mut self, number: u64) -> Option<&mut Connected> {
        self.connections.get_mut(&number)
    }

    /// Numbers of the connections that are open.
    pub(crate) fn open_numbers(&self) -> Vec<u64> {
        self.connections.values().filter(|one| one.line.is_some()).map(|one| one.record.number).collect()
    }

    /// The session a connection holds.
    pub(crate) fn session_of(&mut self, number: u64) -> Option<&mut Session> {
        self.sessions.values_mut().find(|session| session.connection == Some(number))
    }

    pub(crate) fn say(&mut self, number: u64, payload: &Value) {
        let Some(connected) = self.connections.get(&number).filter(|_| !self.mood.silent) else { return };
        let text = payload.to_string();
        self.put(number, if connected.zlib { Frame::Zlib(deflated(&text)) } else { Frame::Text(text) });
    }

    /// Does something to a connection; one that has no room left is cut.
    pub(crate) fn put(&mut self, number: u64, frame: Frame) {
        let Some(connected) = self.connections.get_mut(&number) else { return };
        if connected.line.as_ref().is_some_and(|line| line.try_send(frame).is_err()) {
            connected.line = None;
        }
    }

    /// Ends a connection from our side; its session lives on unless `dead`.
    pub(crate) fn hang_up(&mut self, number: u64, frame: Frame, dead: bool, now: Duration) {
        let code = match frame {
            Frame::Close(code, _) => Some(code),
            _ => None,
        };
        self.put(number, frame);
        self.ended(number, Ended::ByDouble(code), now);
        if dead {
            self.forget(number);
        }
    }

    /// Notes how a connection ended, the first time.
    pub(crate) fn ended(&mut self, number: u64, how: Ended, now: Duration) {
        if let Some(connected) = self.connections.get_mut(&number) {
            connected.line = None;
            connected.record.ended.get_or_insert((now, how));
        }
        if let Some(session) = self.session_of(number) {
            session.lost.get_or_insert(now);
        }
    }

    /// The session of this connection can never be resumed.
    pub(crate) fn forget(&mut self, number: u64) {
        if let Some(session) = self.session_of(number) {
            (session.dead, session.connection) = (true, None);
        }
    }

    /// An event to every session that asked for it: kept for those who are away, sent to those who are there.
    pub(crate) fn dispatch(
        &mut self,
        kind: &str,
        needs: u64,
        data: impl Fn(u64) -> Value,
        chance: &mut Seeded,
    ) {
        let mut there = Vec::new();
        for session in self.sessions.values_mut().filter(|one| !one.dead && one.intents & needs == needs) {
            session.seq += 1;
            let mut payload = json!({ "op": 0, "t": kind, "s": session.seq, "d": data(session.intents) });
            garnish(&mut payload, chance);
            there.extend(
                session.connection.filter(|_| session.lost.is_none()).map(|number| (number, payload.clone())),
            );
            session.log.push((session.seq, payload));
        }
        for (number, payload) in there {
            self.say(number, &payload);
        }
    }

    /// An event to one session alone.
    pub(crate) fn dispatch_to(&mut self, session: &str, kind: &str, data: Value, chance: &mut Seeded) {
        let Some(session) = self.sessions.get_mut(session) else { return };
        session.seq += 1;
        let mut payload = json!({ "op": 0, "t": kind, "s": session.seq, "d": data });
        garnish(&mut payload, chance);
        session.log.push((session.seq, payload.clone()));
        if let Some(number) = session.connection {
            self.say(number, &payload);
        }
    }
}

fn deflated(text: &str) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory cannot fail.
    let _ = encoder.write_all(text.as_bytes());
    encoder.finish().unwrap_or_default()
}
