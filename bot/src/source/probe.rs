//! The HTTP probe: the outside view. Asks one URL every few seconds and says how it went.

use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use lifeboat_storage::event::ProbeFailure;
use lifeboat_storage::id::SourceName;
use reqwest::header::HOST;
use tokio_util::sync::CancellationToken;

use crate::desk::Desk;
use crate::engine::input::Input;

/// At most so much of an answer is read for the expected text.
const LONGEST_BODY: usize = 1024 * 1024;

/// What one probe asks and expects.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Its name.
    pub name: SourceName,
    /// The URL; redirects are not followed.
    pub url: reqwest::Url,
    /// `Host` header, where it differs from the URL's.
    pub host: Option<String>,
    /// Where to connect to instead of asking DNS.
    pub address: Option<(IpAddr, Option<u16>)>,
    /// The status that is well.
    pub expect_status: u16,
    /// Text that a good answer holds.
    pub expect_text: Option<String>,
    /// Time between two questions.
    pub every: Duration,
    /// Longest time of one question.
    pub timeout: Duration,
}

/// Asks until `stop`. Each answer goes to the engine, which judges.
///
/// # Errors
/// When no client can be made (no root certificates, for instance).
pub async fn run(setup: Setup, desk: Desk, stop: CancellationToken) -> Result<(), reqwest::Error> {
    let client = client(&setup)?;
    let mut due = tokio::time::interval(setup.every);
    due.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            _ = due.tick() => {}
        }
        let outcome = ask(&client, &setup).await;
        if desk.tell(Input::Probe { source: setup.name.clone(), outcome }).await.is_err() {
            return Ok(());
        }
    }
}

/// Each question is a new connection: an old one kept open would not tell that nobody new gets in.
fn client(setup: &Setup) -> Result<reqwest::Client, reqwest::Error> {
    let mut client = reqwest::Client::builder()
        .user_agent(concat!("lifeboat/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .pool_max_idle_per_host(0)
        .timeout(setup.timeout);
    if let (Some((ip, port)), Some(host)) = (setup.address, setup.url.host_str()) {
        let port = port.or(setup.url.port_or_known_default()).unwrap_or(80);
        client = client.resolve(host, SocketAddr::new(ip, port));
    }
    client.build()
}

async fn ask(client: &reqwest::Client, setup: &Setup) -> Result<(), ProbeFailure> {
    let mut url = setup.url.clone();
    if let Some((_, Some(port))) = setup.address {
        // The port a client connects to is the URL's; `resolve` replaces the address only.
        let _ = url.set_port(Some(port));
    }
    let mut question = client.get(url);
    if let Some(host) = &setup.host {
        question = question.header(HOST, host);
    }
    let answer = question.send().await.map_err(|error| failure(&error, setup.timeout))?;
    let status = answer.status().as_u16();
    if status != setup.expect_status {
        return Err(ProbeFailure::WrongStatus { status, expected: setup.expect_status });
    }
    match &setup.expect_text {
        None => Ok(()),
        Some(text) => holds(answer, text, setup.timeout).await,
    }
}

async fn holds(mut answer: reqwest::Response, text: &str, timeout: Duration) -> Result<(), ProbeFailure> {
    let mut body: Vec<u8> = Vec::new();
    while body.len() < LONGEST_BODY {
        let Some(chunk) = answer.chunk().await.map_err(|error| failure(&error, timeout))? else { break };
        body.extend_from_slice(&chunk);
    }
    let found = text.is_empty() || memchr::memmem::find(&body, text.as_bytes()).is_some();
    if found { Ok(()) } else { Err(ProbeFailure::TextMissing) }
}

/// What a failed exchange means. The chain of causes is looked through, for the client wraps them.
fn failure(error: &reqwest::Error, timeout: Duration) -> ProbeFailure {
    if error.is_timeout() {
        return ProbeFailure::TimedOut { after_ms: u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX) };
    }
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = cause {
        if error.downcast_ref::<rustls::Error>().is_some() {
            return ProbeFailure::Tls;
        }
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            if io.kind() == std::io::ErrorKind::ConnectionRefused {
                return ProbeFailure::Refused;
            }
            if io.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) {
                return ProbeFailure::Tls;
            }
        }
        let text = error.to_string();
        if text.contains("dns error") || text.contains("failed to lookup address") {
            return ProbeFailure::Name;
        }
        cause = error.source();
    }
    ProbeFailure::Broken
}
