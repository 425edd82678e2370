//! A bot that does exactly what it is told, without a library: raw requests and raw payloads.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use lifeboat_tests::fake::discord::Discord;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// Whoever waits longer than this for the double waits in vain.
const PATIENCE: Duration = Duration::from_secs(5);
const AGENT: &str = "DiscordBot (https://example.org/lifeboat, 0.1.0)";

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Reply {
    /// Discord's code, 0 without one.
    pub(crate) fn code(&self) -> u64 {
        self.body["code"].as_u64().unwrap_or_default()
    }

    /// The id of what was made.
    pub(crate) fn id(&self) -> String {
        self.body["id"].as_str().unwrap_or_else(|| panic!("no id in {}", self.body)).to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap_or_default())
    }
}

/// The REST half.
pub(crate) struct Rest {
    pub(crate) client: reqwest::Client,
    base: String,
    token: String,
}

impl Rest {
    pub(crate) fn of(discord: &Discord) -> Self {
        // A provider may be there already from another test of this process.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().user_agent(AGENT).build().expect("a client");
        Self { client, base: format!("{}/api/v10", discord.base_url()), token: discord.token() }
    }

    /// Sends a request with everything a good bot sends.
    pub(crate) async fn send(&self, method: &str, path: &str, body: Value) -> Reply {
        self.try_send(method, path, body).await.expect("an answer")
    }

    /// The same, where the connection may break.
    pub(crate) async fn try_send(&self, method: &str, path: &str, body: Value) -> reqwest::Result<Reply> {
        let method = method.parse().expect("a method");
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.base))
            .header("authorization", format!("Bot {}", self.token))
            .header("x-audit-log-reason", "INC-1%20by%20ana");
        if !body.is_null() {
            request = request.json(&body);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await?;
        Ok(Reply { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) })
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, Value::Null).await
    }

    /// Sends a message that notifies nobody.
    pub(crate) async fn says(&self, channel: impl std::fmt::Display, content: &str) -> Reply {
        self.send("POST", &format!("/channels/{channel}/messages"), message(content)).await
    }
}

/// The least a message must have.
pub(crate) fn message(content: &str) -> Value {
    json!({ "content": content, "allowed_mentions": { "parse": [] } })
}

/// The gateway half: one connection.
pub(crate) struct Line {
    socket: WebSocketStream<TcpStream>,
}

/// What came on a connection.
#[derive(Debug, PartialEq)]
pub(crate) enum Heard {
    Payload(Value),
    Zlib(Vec<u8>),
    Closed(Option<u16>),
    /// Without a goodbye.
    Gone,
}

impl Line {
    /// Connects to `ws://ADDRESS`.
    pub(crate) async fn connect(url: &str) -> Self {
        Self::try_connect(url).await.expect("an upgrade")
    }

    pub(crate) async fn try_connect(url: &str) -> Result<Self, String> {
        let address = url.trim_start_matches("ws://");
        let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
        let handshake = tokio_tungstenite::client_async(format!("{url}/?v=10&encoding=json"), stream);
        let (socket, _) = handshake.await.map_err(|error| error.to_string())?;
        Ok(Self { socket })
    }

    /// Connects and identifies; yields the READY.
    pub(crate) async fn ready(discord: &Discord) -> (Self, Value) {
        let mut line = Self::connect(discord.gateway_url()).await;
        line.hears_op(10).await;
        line.says(identify(discord)).await;
        let ready = line.hears_event("READY").await;
        line.hears_event("GUILD_CREATE").await;
        (line, ready)
    }

    pub(crate) async fn says(&mut self, payload: Value) {
        self.says_text(payload.to_string()).await;
    }

    pub(crate) async fn says_text(&mut self, text: String) {
        self.socket.send(Message::text(text)).await.expect("a connection");
    }

    pub(crate) async fn closes(mut self, code: u16) {
        let frame =
            tokio_tungstenite::tungstenite::protocol::CloseFrame { code: code.into(), reason: "".into() };
        self.socket.close(Some(frame)).await.expect("a connection");
        while self.socket.next().await.is_some() {}
    }

    pub(crate) async fn hears(&mut self) -> Heard {
        let heard = time::timeout(PATIENCE, self.socket.next()).await.expect("something is said");
        match heard {
            Some(Ok(Message::Text(text))) => Heard::Payload(serde_json::from_str(&text).expect("JSON")),
            Some(Ok(Message::Binary(bytes))) => Heard::Zlib(bytes.to_vec()),
            Some(Ok(Message::Close(frame))) => Heard::Closed(frame.map(|frame| frame.code.into())),
            Some(Ok(other)) => panic!("{other:?}"),
            Some(Err(_)) | None => Heard::Gone,
        }
    }

    pub(crate) async fn hears_payload(&mut self) -> Value {
        match self.hears().await {
            Heard::Payload(payload) => payload,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn hears_op(&mut self, op: u64) -> Value {
        let payload = self.hears_payload().await;
        assert_eq!(payload["op"], op, "{payload}");
        payload
    }

    /// The next event, which must be this one.
    pub(crate) async fn hears_event(&mut self, kind: &str) -> Value {
        let payload = self.hears_op(0).await;
        assert_eq!(payload["t"], kind, "{payload}");
        payload
    }
}

/// An IDENTIFY for [`GUILDS`](lifeboat_tests::fake::discord::gateway::intent) alone.
pub(crate) fn identify(discord: &Discord) -> Value {
    identify_with(discord, 1)
}

pub(crate) fn identify_with(discord: &Discord, intents: u64) -> Value {
    json!({ "op": 2, "d": {
        "token": discord.token(), "intents": intents,
        "properties": { "os": "linux", "browser": "lifeboat", "device": "lifeboat" },
    } })
}
