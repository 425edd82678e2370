//! A running Lifeboat with the double as its Discord: the real engine, record, gateway, executor and sender.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use lifeboat::app::run::{Around, Running};
use lifeboat::app::setup;
use lifeboat::chat::discord::address::RestAddress;
use lifeboat::clock;
use lifeboat::config::{Config, Discord as Configured, Lang, SecretString, SecretUrl, Service, Webhook};
use lifeboat::desk::{self, Room};
use lifeboat::engine::Setup;
use lifeboat::engine::cards::Rhythm;
use lifeboat::engine::effect::Answer;
use lifeboat_commands::people::{People, Permission, Person};
use lifeboat_storage::event::Origin;
use lifeboat_storage::id::{PersonName, ServiceName, World};
use lifeboat_tests::fake::discord::{Discord, Snowflake};
use lifeboat_tests::hook::Hook;
use reqwest::Url;
use tokio_util::sync::CancellationToken;

/// The service that is watched.
pub(crate) const SERVICE: &str = "blog-web";

/// Edits many times as often as in life, so that tests need not wait for them.
pub(crate) const BRISK: Rhythm = Rhythm { card_ms: 100, status_ms: 200, old_ms: 1_000, lost_ms: 2_000 };

/// The real world, with a brisk chat.
pub(crate) fn brisk(config: &Config) -> Around {
    let setup = Setup { rhythm: BRISK, ..setup::engine(config, World::Real) };
    Around { setup: Some(setup), ..Around::real() }
}

/// A Lifeboat, its folder, and the log it reads.
pub(crate) struct Lifeboat {
    pub(crate) running: Option<Running>,
    config: Config,
    around: Around,
    log: PathBuf,
    stop: CancellationToken,
    _folder: tempfile::TempDir,
}

/// A configured person.
pub(crate) fn person(name: &str, id: Snowflake, permissions: &[Permission]) -> Person {
    Person {
        name: PersonName::new(name),
        console: None,
        os: None,
        discord: Some(id.to_string()),
        permissions: permissions.to_vec(),
    }
}

/// Everything a person may.
pub(crate) const ALL: [Permission; 5] = [
    Permission::Responder,
    Permission::Operator,
    Permission::Approver,
    Permission::Commander,
    Permission::Admin,
];

/// What a token and a guild id come to.
pub(crate) fn configured(discord: &Discord, lang: Lang) -> Configured {
    Configured {
        token: SecretString::new(discord.token()),
        guild: discord.guild_id().to_string().parse().expect("an id"),
        alerts_channel: None,
        open_category: None,
        closed_category: None,
        wake: None,
        thread_at: None,
        private_to: Vec::new(),
        lang,
        pins: false,
        allow_plain: false,
        api: RestAddress::new(&format!("{}/api/v10", discord.base_url()), false).expect("a loopback address"),
        gateway: None,
    }
}

impl Lifeboat {
    /// Starts one that watches a quiet log.
    pub(crate) async fn start(lang: Lang, discord: Configured, people: Vec<Person>) -> Self {
        Self::around(lang, discord, people, |config| brisk(config)).await
    }

    /// The same with a webhook as the second channel.
    pub(crate) async fn with_webhook(discord: Configured, people: Vec<Person>, hook: &Hook) -> Self {
        let url = Url::parse(&hook.url()).expect("a URL");
        let webhook = Webhook { url: SecretUrl::new(url), lang: Lang::En };
        Self::around(Lang::En, discord, people, |config| {
            config.webhook = Some(webhook);
            brisk(config)
        })
        .await
    }

    /// The same in another world.
    pub(crate) async fn around(
        lang: Lang,
        discord: Configured,
        people: Vec<Person>,
        around: impl FnOnce(&mut Config) -> Around,
    ) -> Self {
        // A provider may be there already from another test of this process.
        drop(rustls::crypto::ring::default_provider().install_default());
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("access.log");
        std::fs::write(&log, "").expect("a log");
        let mut config = Config::with_defaults(folder.path());
        config.lang = lang;
        config.console.listen = ([127, 0, 0, 1], 0).into();
        let logs = vec![log.to_string_lossy().into_owned()];
        config.services = vec![Service { name: ServiceName::new(SERVICE), logs, format: None }];
        config.people = People::from(people);
        config.discord = Some(discord);
        let around = around(&mut config);
        let mut lifeboat =
            Self { running: None, config, around, log, stop: CancellationToken::new(), _folder: folder };
        lifeboat.begin().await;
        lifeboat
    }

    /// Where its record is.
    pub(crate) fn folder(&self) -> &std::path::Path {
        &self.config.data_dir
    }

    /// Starts again over the same record.
    pub(crate) async fn begin(&mut self) {
        self.stop = CancellationToken::new();
        let running = Running::start(&self.config, &self.around, &self.stop).await;
        self.running = Some(running.unwrap_or_else(|why| panic!("it does not start: {why:?}")));
    }

    /// Stops in order.
    pub(crate) async fn finish(&mut self) {
        if let Some(running) = self.running.take() {
            running.finish().await;
        }
    }

    /// What comes of a command that this person gives in the console.
    pub(crate) async fn console(&self, person: &str, line: &str) -> Answer {
        let desk = &self.running.as_ref().expect("it runs").desk;
        let speaker = desk::speaker(Some(PersonName::new(person)), person, Origin::Console);
        desk.command(line.to_owned(), None, speaker).await.expect("it runs")
    }

    /// Waits until nothing is on its way to a chat any more.
    pub(crate) async fn delivered(&self) {
        let nothing = |room: &Room<'_>| room.engine.durable().outbox.waiting.is_empty().then_some(());
        self.until("everything is delivered", nothing).await;
    }

    /// Requests are answered: so many, one in `failing` of them with 502 (0: none).
    pub(crate) fn serves(&self, requests: u32, failing: u32) {
        let mut text = String::new();
        let now = clock::wall().format("%d/%b/%Y:%H:%M:%S +0000");
        for n in 0..requests {
            let status = if failing > 0 && n % failing == 0 { 502 } else { 200 };
            let client = n % 200 + 1;
            writeln!(
                text,
                "198.51.100.{client} - - [{now}] \"GET /p/{n} HTTP/1.1\" {status} 157 \"-\" \"agent\""
            )
            .expect("a line");
        }
        let file = std::fs::OpenOptions::new().append(true).open(&self.log);
        file.and_then(|mut file| file.write_all(text.as_bytes())).expect("the log is written");
    }

    /// Waits for what the engine shows.
    pub(crate) async fn until<T: Send + 'static>(
        &self,
        what: &str,
        sought: impl Fn(&Room<'_>) -> Option<T> + Send + Sync + Clone + 'static,
    ) -> T {
        let desk = &self.running.as_ref().expect("it runs").desk;
        let mut news = desk.news();
        let found = async {
            loop {
                let sought = sought.clone();
                if let Some(found) = desk.look(move |room| sought(room)).await.expect("it runs") {
                    return found;
                }
                drop(news.recv().await);
            }
        };
        let found = tokio::time::timeout(Duration::from_secs(30), found).await;
        found.unwrap_or_else(|_| panic!("{what} did not come"))
    }
}
