//! A console on a real port, around a real engine and a real record in a folder of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use lifeboat_commands::people::{Permission, Person};
use lifeboat_storage::event::Severity;
use lifeboat_storage::id::PersonName;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

use super::super::auth::AuthSetup;
use super::super::*;
use crate::clock::SystemClock;
use crate::detect::Limits;
use crate::engine::cards::Rhythm;
use crate::engine::input::Input;
use crate::engine::{Engine, Setup};
use crate::shell::keeper::Keeper;
use crate::shell::writer::Writer;
use crate::shell::{Shell, store};
use tokio_util::sync::CancellationToken;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) struct World {
    pub(super) folder: tempfile::TempDir,
    pub(super) at: SocketAddr,
    pub(super) console: Arc<Console>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Got {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

impl Got {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }
}

fn people() -> People {
    let all = vec![Permission::Responder, Permission::Commander, Permission::Admin];
    People::from(vec![Person {
        name: PersonName::new("Ana"),
        console: Some("ana-cli".to_owned()),
        os: Some("ana".to_owned()),
        discord: None,
        permissions: all,
    }])
}

impl World {
    pub(super) async fn new() -> Self {
        Self::within(tempfile::tempdir().unwrap()).await
    }

    pub(super) async fn within(folder: tempfile::TempDir) -> Self {
        let opened = store::open(folder.path()).unwrap();
        let setup = Setup {
            world: lifeboat_storage::id::World::Real,
            people: people(),
            zone: chrono_tz::UTC,
            open_at: Severity::Sev2,
            limits: Limits::default(),
            services: Vec::new(),
            probes: Vec::new(),
            webhook: false,
            discord: false,
            rhythm: Rhythm::default(),
            fleet: lifeboat_commands::fleet::Fleet::default(),
            hints: None,
            scenarios: Vec::new(),
        };
        let engine = Engine::new(setup, opened.state, opened.shelf, None);
        let writer = Writer::start(Arc::clone(&opened.log)).unwrap();
        let keeper = Keeper::start(folder.path().join("checkpoint.json"), opened.views).unwrap();
        let (senders, _) = mpsc::channel(1);
        let clock = Arc::new(SystemClock::default());
        let (shell, desk) =
            Shell::new(engine, opened.log, Arc::clone(&clock) as Arc<dyn Clock>, writer, keeper, senders);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let auth = Auth::new(&AuthSetup {
            data_dir: folder.path(),
            listen: at,
            tls: false,
            behind_tls_proxy: false,
            public_url: None,
        });
        let (auth, world) = (Arc::new(auth), lifeboat_storage::id::World::Real);
        let console = Arc::new(Console {
            desk,
            people: people(),
            zone: chrono_tz::UTC,
            lang: Lang::En,
            auth,
            machine_clock: Arc::clone(&clock) as Arc<dyn Clock>,
            clock,
            world,
        });
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let started = Input::Started { version: "0".to_owned(), torn_bytes: 0 };
        // What was there is known, and that it has started is recorded, before anybody asks.
        let mut news = console.desk.news();
        tasks.spawn(shell.run(started, stop.clone()));
        tokio::time::timeout(PATIENCE, news.recv()).await.unwrap().unwrap();
        tasks.spawn(server::serve(listener, Arc::clone(&console), None, stop.clone()));
        Self { folder, at, console, stop, tasks }
    }

    pub(super) async fn stop(self) -> tempfile::TempDir {
        self.stop.cancel();
        self.tasks.close();
        tokio::time::timeout(PATIENCE, self.tasks.wait()).await.unwrap();
        self.folder
    }

    /// Sends a request as it stands, with `Host` where none is given.
    pub(super) async fn send(&self, first: &str, headers: &[(&str, &str)], body: &str) -> Got {
        let mut stream = TcpStream::connect(self.at).await.unwrap();
        let mut text = format!("{first} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            text.push_str(&format!("Host: {}\r\n", self.at));
        }
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        text.push_str(body);
        // The other side may answer before it has read everything.
        _ = stream.write_all(text.as_bytes()).await;
        let mut answer = Vec::new();
        _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        Got { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
    }

    pub(super) async fn get(&self, path: &str) -> Got {
        self.send(&format!("GET {path}"), &[], "").await
    }

    /// `name=id` of a fresh session of Ana's.
    pub(super) async fn cookie(&self) -> String {
        let link = self.console.auth.link("ana").unwrap();
        let path = link.split_once(&self.at.to_string()).unwrap().1;
        let got = self.get(path).await;
        assert_eq!(got.status, 303, "{got:?}");
        let cookie = got.head.split_once("set-cookie: ").unwrap().1;
        cookie.split(';').next().unwrap().to_owned()
    }

    /// Posts JSON as the page does.
    pub(super) async fn post(&self, cookie: &str, path: &str, body: &Value) -> Got {
        let origin = format!("http://{}", self.at);
        let headers = [
            ("Cookie", cookie),
            ("Origin", origin.as_str()),
            ("X-Lifeboat", "1"),
            ("Content-Type", "application/json"),
        ];
        self.send(&format!("POST {path}"), &headers, &body.to_string()).await
    }

    pub(super) async fn command(&self, cookie: &str, line: &str) -> Value {
        let got = self.post(cookie, "/api/command", &serde_json::json!({"line": line, "lang": "en"})).await;
        assert_eq!(got.status, 200, "{got:?}");
        got.json()
    }

    pub(super) async fn say(&self, cookie: &str, text: &str) -> u64 {
        let got =
            self.post(cookie, "/api/say", &serde_json::json!({"channel": "alerts", "text": text})).await;
        got.json()["seq"].as_u64().unwrap_or_else(|| panic!("{got:?}"))
    }

    pub(super) async fn stream(&self, query: &str, headers: &str) -> Stream {
        let mut stream = TcpStream::connect(self.at).await.unwrap();
        let text = format!("GET /api/stream?{query} HTTP/1.1\r\nHost: {}\r\n{headers}\r\n", self.at);
        stream.write_all(text.as_bytes()).await.unwrap();
        Stream(BufReader::new(stream))
    }
}

/// A stream as a page reads it.
pub(super) struct Stream(BufReader<TcpStream>);

/// One server-sent event.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) id: Option<u64>,
    pub(super) name: String,
    pub(super) data: Value,
}

impl Stream {
    pub(super) async fn next(&mut self) -> Heard {
        let (mut id, mut name) = (None, String::new());
        loop {
            let mut line = String::new();
            let read =
                tokio::time::timeout(PATIENCE, self.0.read_line(&mut line)).await.expect("in time").unwrap();
            assert_ne!(read, 0, "the stream ended");
            if let Some(text) = line.strip_prefix("id: ") {
                id = text.trim().parse().ok();
            } else if let Some(text) = line.strip_prefix("event: ") {
                text.trim().clone_into(&mut name);
            } else if let Some(text) = line.strip_prefix("data: ") {
                return Heard { id, name, data: serde_json::from_str(text).unwrap() };
            }
        }
    }

    /// The next one of this name.
    pub(super) async fn next_of(&mut self, name: &str) -> Heard {
        loop {
            let heard = self.next().await;
            if heard.name == name {
                return heard;
            }
        }
    }
}
