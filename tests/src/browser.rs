//! A real browser for tests: a thin WebDriver client, its driver and its Chromium.
//!
//! The driver chooses a free port by itself and is stopped by its own handle on drop, also when a test panics; so is its Chromium.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

/// The name WebDriver gives to an element's reference.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// How long the driver may take to start, and the browser to answer one request.
const LIMIT: Duration = Duration::from_secs(60);
/// How long [`Browser::until`] waits.
const UNTIL_MS: u64 = 20_000;
/// How long the end of a session may take before its Chromium is killed.
const FAREWELL: Duration = Duration::from_secs(5);
/// Chromium of its own: nothing kept, nothing asked of the network.
const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
];

/// What went wrong in the browser or on the way to it.
#[derive(Debug)]
pub struct BrowserError(String);

impl std::fmt::Display for BrowserError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BrowserError {}

impl From<reqwest::Error> for BrowserError {
    fn from(source: reqwest::Error) -> Self {
        Self(format!("reach the driver: {source}"))
    }
}

impl From<std::io::Error> for BrowserError {
    fn from(source: std::io::Error) -> Self {
        Self(format!("run the driver: {source}"))
    }
}

/// What the reader of the page has before them.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// In CSS pixels.
    pub width: u32,
    /// In CSS pixels.
    pub height: u32,
    /// The system's theme is dark.
    pub dark: bool,
}

/// The desktop of the design's pictures.
impl Default for Window {
    fn default() -> Self {
        Self { width: 1440, height: 900, dark: false }
    }
}

/// A found element of the page.
#[derive(Clone, Debug)]
pub struct Element(String);

/// A line of the browser's console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// `SEVERE`, `WARNING`, `INFO`.
    pub level: String,
    /// What it says.
    pub message: String,
}

/// Why there is no browser on this machine, or none.
pub fn missing() -> Option<String> {
    let absent: Vec<_> = [("chromedriver", in_path(&["chromedriver"])), ("chromium", chromium())]
        .into_iter()
        .filter_map(|(name, found)| found.is_none().then_some(name))
        .collect();
    (!absent.is_empty()).then(|| format!("{} not installed", absent.join(" and ")))
}

fn chromium() -> Option<PathBuf> {
    in_path(&["chromium", "chromium-browser", "google-chrome"])
}

fn in_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .flat_map(|folder| names.iter().map(move |name| folder.join(name)))
        .find(|file| file.is_file())
}

/// The driver process; killed on drop.
struct Driver {
    child: Child,
    port: u16,
    /// Kept open, so that the driver may go on printing.
    _stdout: BufReader<ChildStdout>,
}

impl Driver {
    /// Starts it and waits until it says on which port it listens.
    fn start() -> Result<Self, BrowserError> {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let Some(stdout) = child.stdout.take() else {
            return Err(BrowserError("read what the driver prints".to_owned()));
        };
        let mut stdout = BufReader::new(stdout);
        match read_port(&mut stdout) {
            Ok(port) => Ok(Self { child, port, _stdout: stdout }),
            Err(problem) => {
                stop(&mut child);
                Err(problem)
            }
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        stop(&mut self.child);
    }
}

/// Kills a process of ours and collects it; one that is gone already is no failure.
fn stop(child: &mut Child) {
    let _gone = child.kill();
    let _collected = child.wait();
}

fn read_port(stdout: &mut impl BufRead) -> Result<u16, BrowserError> {
    let mut said = String::new();
    while stdout.read_line(&mut said)? > 0 {
        let port =
            said.lines().find_map(|line| line.strip_prefix("ChromeDriver was started successfully on port "));
        if let Some(port) = port {
            return port
                .trim_end_matches('.')
                .parse()
                .map_err(|_| BrowserError(format!("find the port in: {said}")));
        }
    }
    Err(BrowserError(format!("start the driver, it said: {said}")))
}

/// A browser with one window.
pub struct Browser {
    http: reqwest::Client,
    /// `/session/ID`.
    session: String,
    /// Chromium's process, where the driver names it.
    process: Option<u64>,
    driver: Driver,
    /// Profile; removed after the browser has gone.
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts a driver and a Chromium with a profile of its own.
    ///
    /// # Errors
    /// When either is missing, or does not start within a minute.
    pub async fn open(window: Window) -> Result<Self, BrowserError> {
        // The second test of a process finds a provider installed already.
        let _present = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().timeout(LIMIT).build()?;
        let started = tokio::task::spawn_blocking(Driver::start);
        let driver = tokio::time::timeout(LIMIT, started)
            .await
            .map_err(|_| BrowserError("start the driver in a minute".to_owned()))?;
        let driver = driver.map_err(|problem| BrowserError(problem.to_string()))??;
        let profile = tempfile::tempdir()?;
        let asked = capabilities(window, profile.path());
        let answer = send(&http, &driver, "POST", "/session", &asked).await?;
        let session = format!("/session/{}", answer["sessionId"].as_str().unwrap_or_default());
        let process = answer["capabilities"]["goog:processID"].as_u64();
        let browser = Self { http, session, process, driver, _profile: profile };
        browser.measure(window).await?;
        Ok(browser)
    }

    /// Makes the page exactly as large as asked, and light or dark.
    async fn measure(&self, window: Window) -> Result<(), BrowserError> {
        let size =
            json!({"width": window.width, "height": window.height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", size).await?;
        let theme = if window.dark { "dark" } else { "light" };
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": theme}]});
        self.devtools("Emulation.setEmulatedMedia", media).await
    }

    /// Sends one command of the developer tools' protocol.
    ///
    /// # Errors
    /// When the browser refuses it.
    pub async fn devtools(&self, command: &str, params: Value) -> Result<(), BrowserError> {
        self.post("/goog/cdp/execute", json!({"cmd": command, "params": params})).await.map(drop)
    }

    /// Goes to a page and waits until it has loaded.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub async fn goto(&self, url: &str) -> Result<(), BrowserError> {
        self.post("/url", json!({"url": url})).await.map(drop)
    }

    /// The first element that a CSS selector names.
    ///
    /// # Errors
    /// When there is none.
    pub async fn find(&self, css: &str) -> Result<Element, BrowserError> {
        let found = self.post("/element", json!({"using": "css selector", "value": css})).await?;
        found[ELEMENT]
            .as_str()
            .map(|id| Element(id.to_owned()))
            .ok_or_else(|| BrowserError(format!("find {css}")))
    }

    /// The text a reader sees in an element.
    ///
    /// # Errors
    /// When there is no such element.
    pub async fn text(&self, css: &str) -> Result<String, BrowserError> {
        let Element(id) = self.find(css).await?;
        let text = self.ask("GET", &format!("/element/{id}/text"), &Value::Null).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Clicks in the middle of an element.
    ///
    /// # Errors
    /// When there is none, or something covers it.
    pub async fn click(&self, css: &str) -> Result<(), BrowserError> {
        let Element(id) = self.find(css).await?;
        self.post(&format!("/element/{id}/click"), json!({})).await.map(drop)
    }

    /// Types into an element; `\u{e007}` is Enter, `\u{e004}` Tab, `\u{e00c}` Escape.
    ///
    /// # Errors
    /// When there is no such element, or it takes no keys.
    pub async fn type_keys(&self, css: &str, keys: &str) -> Result<(), BrowserError> {
        let Element(id) = self.find(css).await?;
        self.post(&format!("/element/{id}/value"), json!({"text": keys})).await.map(drop)
    }

    /// Runs a script in the page; what it returns comes back.
    ///
    /// # Errors
    /// When the script throws.
    pub async fn eval(&self, script: &str) -> Result<Value, BrowserError> {
        self.post("/execute/sync", json!({"script": script, "args": []})).await
    }

    /// Waits until an expression is true, looking once a frame and at least ten times a second.
    ///
    /// # Errors
    /// When it does not become true in 20 s; the error tells the expression.
    pub async fn until(&self, expression: &str) -> Result<(), BrowserError> {
        let script = format!(
            "const done = arguments[0], end = Date.now() + {UNTIL_MS};
             const look = () => {{ let ok = false; try {{ ok = Boolean({expression}); }} catch {{ ok = false; }}
               if (ok || Date.now() > end) done(ok); else setTimeout(look, 16); }};
             look();"
        );
        match self.post("/execute/async", json!({"script": script, "args": []})).await? {
            Value::Bool(true) => Ok(()),
            _ => Err(BrowserError(format!("see within {UNTIL_MS} ms that {expression}"))),
        }
    }

    /// A picture of the window, as PNG.
    ///
    /// # Errors
    /// When the browser cannot draw.
    pub async fn screenshot(&self) -> Result<Vec<u8>, BrowserError> {
        let picture = self.ask("GET", "/screenshot", &Value::Null).await?;
        Ok(from_base64(picture.as_str().unwrap_or_default()))
    }

    /// A picture of the first element that a CSS selector names, as PNG.
    ///
    /// # Errors
    /// When there is none, or the browser cannot draw.
    pub async fn picture_of(&self, css: &str) -> Result<Vec<u8>, BrowserError> {
        let Element(id) = self.find(css).await?;
        let picture = self.ask("GET", &format!("/element/{id}/screenshot"), &Value::Null).await?;
        Ok(from_base64(picture.as_str().unwrap_or_default()))
    }

    /// What the console has said since it was asked last; violations of the content policy are there too.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn logs(&self) -> Result<Vec<LogLine>, BrowserError> {
        let lines = self.post("/se/log", json!({"type": "browser"})).await?;
        let line = |one: &Value| LogLine { level: text_of(&one["level"]), message: text_of(&one["message"]) };
        Ok(lines.as_array().into_iter().flatten().map(line).collect())
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value, BrowserError> {
        self.ask("POST", path, &body).await
    }

    async fn ask(&self, method: &str, path: &str, body: &Value) -> Result<Value, BrowserError> {
        send(&self.http, &self.driver, method, &format!("{}{path}", self.session), body).await
    }

    /// Ends the session, which ends Chromium; by hand, since drop cannot wait for a future.
    fn farewell(&self) -> std::io::Result<()> {
        let mut line = TcpStream::connect(("127.0.0.1", self.driver.port))?;
        line.set_read_timeout(Some(FAREWELL))?;
        write!(line, "DELETE {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", self.session)?;
        let mut answer = [0; 12];
        line.read_exact(&mut answer)?;
        Ok(())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if self.farewell().is_err()
            && let Some(process) = self.process
        {
            // The driver does not answer: end the Chromium that it named as its own.
            let _gone = Command::new("kill").arg(process.to_string()).status();
        }
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn capabilities(window: Window, profile: &Path) -> Value {
    let mut args: Vec<String> = FLAGS.iter().map(|flag| (*flag).to_owned()).collect();
    args.push(format!("--user-data-dir={}", profile.display()));
    args.push(format!("--window-size={},{}", window.width, window.height));
    let options = json!({"args": args, "binary": chromium()});
    let always = json!({"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}, "timeouts": {"script": UNTIL_MS + 5_000}});
    json!({"capabilities": {"alwaysMatch": always}})
}

/// One request to the driver; its `value`, or what it says is wrong.
async fn send(
    http: &reqwest::Client,
    driver: &Driver,
    method: &str,
    path: &str,
    body: &Value,
) -> Result<Value, BrowserError> {
    let url = format!("http://127.0.0.1:{}{path}", driver.port);
    let request = if method == "GET" { http.get(url) } else { http.post(url).json(body) };
    let answer = request.send().await?;
    let well = answer.status().is_success();
    let mut said: Value = answer.json().await?;
    if well {
        return Ok(said["value"].take());
    }
    Err(BrowserError(format!("{method} {path}: {}", text_of(&said["value"]["message"]))))
}

/// Decodes the base64 of the driver; other characters are passed over.
fn from_base64(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for six in text.bytes().filter_map(|byte| LETTERS.iter().position(|letter| *letter == byte)) {
        held = (held << 6 | six as u32) & 0x00ff_ffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::{from_base64, read_port};

    #[test]
    fn base64_of_every_rest_is_decoded() {
        for (text, bytes) in
            [("", ""), ("bA==", "l"), ("bGk=", "li"), ("bGlm", "lif"), ("bGlmZWJvYXQ=", "lifeboat")]
        {
            assert_eq!(from_base64(text), bytes.as_bytes(), "{text}");
        }
    }

    #[test]
    fn the_port_is_the_one_the_driver_names() {
        let said = "Starting ChromeDriver 130\nChromeDriver was started successfully on port 40123.\n";
        assert_eq!(read_port(&mut said.as_bytes()).unwrap(), 40123);
        assert!(
            read_port(&mut "no such library\n".as_bytes())
                .unwrap_err()
                .to_string()
                .contains("no such library")
        );
    }
}
