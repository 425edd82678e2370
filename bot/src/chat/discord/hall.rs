//! A real engine and a real record around the fake REST interface, for tests of what comes in and what goes out.

use std::sync::Arc;
use std::time::Duration;

use chrono_tz::UTC;
use lifeboat_commands::people::{DiscordRole, People, Permission, Person};
use lifeboat_storage::event::{Event, Severity};
use lifeboat_storage::id::PersonName;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::address::{REST, RestAddress};
use super::fake::Fake;
use super::server::Server;
use crate::chat::Errand;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Discord, Lang, SecretString};
use crate::desk::Desk;
use crate::detect::Limits;
use crate::engine::cards::Rhythm;
use crate::engine::input::Input;
use crate::engine::{Engine, Setup};
use crate::shell::keeper::Keeper;
use crate::shell::writer::Writer;
use crate::shell::{Shell, store};

/// Longer than anything here takes.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// The engine, the server, and what was asked of it.
pub(super) struct Hall {
    pub(super) rest: Arc<Fake>,
    pub(super) server: Arc<Server>,
    pub(super) desk: Desk,
    pub(super) stop: CancellationToken,
    pub(super) tasks: JoinSet<()>,
    errands: Option<mpsc::Receiver<Errand>>,
    _folder: tempfile::TempDir,
}

/// Discord as configured in these tests.
pub(super) fn discord() -> Discord {
    Discord {
        token: SecretString::new("t"),
        guild: 600,
        alerts_channel: None,
        open_category: None,
        closed_category: None,
        wake: None,
        thread_at: None,
        private_to: Vec::new(),
        lang: Lang::En,
        pins: true,
        allow_plain: false,
        api: RestAddress::new(REST, false).unwrap(),
        gateway: None,
    }
}

/// `Mei` (200) may everything, `Lin` (201) works on incidents, and so does whoever has the role
/// 300; whoever has the role 302 decides on them.
pub(super) fn people() -> People {
    use Permission::{Admin, Approver, Commander, Responder};
    let person = |name: &str, id: u64, permissions: &[Permission]| Person {
        name: PersonName::new(name),
        console: None,
        os: None,
        discord: Some(id.to_string()),
        permissions: permissions.to_vec(),
    };
    let role = |id, name: Option<&str>, permissions: &[Permission]| DiscordRole {
        id,
        name: name.map(str::to_owned),
        permissions: permissions.to_vec(),
    };
    People {
        all: vec![person("Mei", 200, &[Responder, Commander, Admin]), person("Lin", 201, &[Responder])],
        roles: vec![role(300, Some("on-call"), &[Responder, Approver]), role(302, None, &[Commander])],
    }
}

impl Hall {
    /// A quiet service, a Discord that answers as `rest` says.
    pub(super) fn new(rest: Fake, discord: Discord) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let opened = store::open(folder.path()).unwrap();
        let setup = Setup {
            world: lifeboat_storage::id::World::Real,
            people: people(),
            zone: UTC,
            open_at: Severity::Sev2,
            limits: Limits::default(),
            services: Vec::new(),
            probes: Vec::new(),
            webhook: false,
            discord: true,
            rhythm: Rhythm::default(),
            fleet: lifeboat_commands::fleet::Fleet::default(),
            hints: None,
            scenarios: Vec::new(),
        };
        let engine = Engine::new(setup, opened.state, opened.shelf, None);
        let writer = Writer::start(Arc::clone(&opened.log)).unwrap();
        let keeper = Keeper::start(folder.path().join("checkpoint.json"), opened.views).unwrap();
        let ((senders, _), (errands, taken)) = (mpsc::channel(1), mpsc::channel(64));
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        let (shell, desk) = Shell::new(engine, opened.log, clock, writer, keeper, senders);
        let config = Config { data_dir: folder.path().to_owned(), ..Config::with_defaults(folder.path()) };
        let rest = Arc::new(rest);
        let server = Server::new(Arc::clone(&rest) as _, desk.clone(), &config, discord, people(), false);
        let (stop, mut tasks) = (CancellationToken::new(), JoinSet::new());
        let started = Input::Started { version: "0".to_owned(), torn_bytes: 0 };
        tasks.spawn(shell.with_discord(Some(errands)).run(started, stop.clone()));
        Self { rest, server: Arc::new(server), desk, stop, tasks, errands: Some(taken), _folder: folder }
    }

    /// The sender runs.
    pub(super) fn sending(mut self) -> Self {
        if let Some(errands) = self.errands.take() {
            self.tasks.spawn(Arc::clone(&self.server).send(errands, self.stop.clone()));
        }
        self
    }

    /// Everything recorded so far.
    pub(super) async fn events(&self) -> Vec<Event> {
        let newest = |room: &crate::desk::Room<'_>| {
            room.engine.shelf().newest().map(|event| Event::clone(event)).collect()
        };
        let mut events: Vec<Event> = self.desk.look(newest).await.unwrap();
        events.reverse();
        events
    }

    /// Waits until the calls asked for so far are as wanted.
    pub(super) async fn until(&self, what: &str, wanted: impl Fn(&Fake) -> bool) {
        let look = async {
            while !wanted(&self.rest) {
                // A question is answered between two inputs: the engine has gone on by then.
                self.desk.look(|_| ()).await.unwrap();
                tokio::task::yield_now().await;
            }
        };
        let reached = tokio::time::timeout(PATIENCE, look).await;
        assert!(reached.is_ok(), "{what}: {:#?}", self.rest.asked());
    }
}
