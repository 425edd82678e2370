//! What the real tests share: a site, the Lifeboat that watches it, a person at the page or with a token.

use std::sync::Arc;
use std::time::Duration;

use lifeboat_tests::browser::{Browser, BrowserError, Window};
use lifeboat_tests::process::Lifeboat;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::{Instant, interval};

/// The service everybody watches here.
pub(crate) const SERVICE: &str = "blog-web";
/// How long anything here may take to become true.
const PATIENCE: Duration = Duration::from_secs(30);

/// Two cores are not many: what measures or loads runs by itself.
pub(crate) async fn alone() -> OwnedMutexGuard<()> {
    static ALONE: std::sync::OnceLock<Arc<Mutex<()>>> = std::sync::OnceLock::new();
    Arc::clone(ALONE.get_or_init(Arc::default)).lock_owned().await
}

/// A section for a service that is watched by these logs.
pub(crate) fn service(log: &std::path::Path) -> String {
    format!("[[service]]\nname = \"{SERVICE}\"\nlogs = [\"{}\"]\n\n{}", log.display(), people())
}

/// Ana, who may everything, at the console, with a token and on this machine.
pub(crate) fn people() -> String {
    let user = lifeboat::console::control::own_user();
    format!("[[person]]\nname = \"Ana\"\nconsole = \"ana\"\nos = \"{user}\"\nroles = [\"admin\"]\n\n")
}

/// Waits until something is there; looks fifty times a second.
///
/// # Panics
///
/// When it is not there in time; `what` is told.
pub(crate) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    let mut pace = interval(Duration::from_millis(20));
    loop {
        pace.tick().await;
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < end, "not within {PATIENCE:?}: {what}");
    }
}

/// A person with a lasting token, who speaks HTTP.
#[derive(Clone)]
pub(crate) struct Api {
    http: Client,
    base: String,
    token: String,
}

impl Api {
    /// Makes the token `ana` and speaks with it.
    pub(crate) fn new(lifeboat: &Lifeboat) -> Self {
        let made = lifeboat.say(&["token", "add", "ana"]).unwrap();
        assert!(made.status.success(), "{made:?}");
        let token = String::from_utf8(made.stdout).unwrap().trim().to_owned();
        // Another test of this process may have installed it.
        let _present = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
        Self { http, base: format!("http://{}", lifeboat.listen()), token }
    }

    /// Reads; none where Lifeboat does not answer.
    pub(crate) async fn get(&self, path: &str) -> Option<(StatusCode, String)> {
        let answer =
            self.http.get(format!("{}{path}", self.base)).bearer_auth(&self.token).send().await.ok()?;
        Some((answer.status(), answer.text().await.ok()?))
    }

    /// Reads JSON that is there.
    pub(crate) async fn json(&self, path: &str) -> Value {
        let (status, text) = self.get(path).await.unwrap_or_else(|| panic!("no answer to {path}"));
        assert_eq!(status, StatusCode::OK, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Sends bytes as a command; none where no answer came.
    pub(crate) async fn post(&self, body: Vec<u8>) -> Option<(StatusCode, Value)> {
        let request = self.http.post(format!("{}/api/command", self.base)).bearer_auth(&self.token);
        let answer = request.header("Content-Type", "application/json").body(body).send().await.ok()?;
        Some((answer.status(), answer.json().await.ok()?))
    }

    /// Says a line; none where no answer came.
    pub(crate) async fn command(&self, line: &str) -> Option<(StatusCode, Value)> {
        self.post(json!({"line": line, "lang": "en"}).to_string().into_bytes()).await
    }

    /// Says a line that is done; its durable event.
    pub(crate) async fn done(&self, line: &str) -> u64 {
        let (status, reply) = self.command(line).await.unwrap_or_else(|| panic!("no answer to {line}"));
        assert_eq!((status, &reply["outcome"]), (StatusCode::OK, &json!("done")), "{line}: {reply}");
        reply["seq"].as_u64().unwrap()
    }

    /// What the page has of a channel, oldest first, page after page.
    pub(crate) async fn messages(&self, channel: &str) -> Vec<Value> {
        let (mut all, mut before) = (Vec::new(), u64::MAX);
        loop {
            let page = self
                .json(&format!("/api/messages?channel={channel}&lang=en&limit=200&before={before}"))
                .await;
            let messages = page["messages"].as_array().unwrap().clone();
            let Some(first) = messages.first() else { return all };
            before = first["seq"].as_u64().unwrap();
            all.splice(0..0, messages);
        }
    }

    /// What the page shows at first.
    pub(crate) async fn start(&self) -> Value {
        self.json("/api/start?lang=en").await
    }

    /// Waits until an incident is there; its channel.
    pub(crate) async fn incident(&self) -> String {
        let channel = async || {
            let (_, text) = self.get("/api/start?lang=en").await?;
            let start: Value = serde_json::from_str(&text).ok()?;
            start["incidents"][0]["channel"].as_str().filter(|name| !name.is_empty()).map(str::to_owned)
        };
        until("an incident with a channel", channel).await
    }
}

/// The page of a Lifeboat, in a browser.
pub(crate) struct Page(pub(crate) Browser);

impl Page {
    /// Opens a browser and logs in by the one-time link.
    pub(crate) async fn open(lifeboat: &Lifeboat) -> Result<Self, BrowserError> {
        let page = Self(Browser::open(Window::default()).await?);
        page.enter(lifeboat).await?;
        Ok(page)
    }

    /// Logs in by the newest one-time link, and waits until the page has drawn itself.
    pub(crate) async fn enter(&self, lifeboat: &Lifeboat) -> Result<(), BrowserError> {
        self.0.goto(lifeboat.link()).await?;
        self.ready().await
    }

    /// Loads the page anew.
    pub(crate) async fn reload(&self) -> Result<(), BrowserError> {
        self.0.eval("location.reload()").await?;
        self.ready().await
    }

    async fn ready(&self) -> Result<(), BrowserError> {
        self.0
            .until(
                "document.getElementById('frame').dataset.ready && document.querySelector('#rail .me .who')",
            )
            .await
    }

    /// Types a line and sends it.
    pub(crate) async fn say(&self, line: &str) -> Result<(), BrowserError> {
        self.0.type_keys("#line", &format!("{line}\u{e007}")).await
    }

    /// Waits until an entry of the timeline holds these words.
    pub(crate) async fn told(&self, words: &str) -> Result<(), BrowserError> {
        let words = json!(words);
        self.0.until(&format!("[...document.querySelectorAll('#time li[data-seq]')].some(li => li.innerText.includes({words}))")).await
    }

    /// Waits until an element is there whose text holds these words.
    pub(crate) async fn shows(&self, css: &str, words: &str) -> Result<(), BrowserError> {
        let (css, words) = (json!(css), json!(words));
        self.0
            .until(&format!(
                "[...document.querySelectorAll({css})].some(one => one.innerText.includes({words}))"
            ))
            .await
    }

    /// How many elements there are.
    pub(crate) async fn count(&self, css: &str) -> Result<u64, BrowserError> {
        let found = self.0.eval(&format!("return document.querySelectorAll({}).length", json!(css))).await?;
        Ok(found.as_u64().unwrap_or_default())
    }
}
