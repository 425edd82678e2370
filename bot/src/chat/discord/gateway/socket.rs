//! The socket itself: TCP, TLS and the upgrade; messages in and out. No decision is taken here.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};

use super::frame::{Frame, LONGEST};
use super::machine::Input;
use crate::chat::discord::address::GatewayAddress;

/// How long one message may take to leave. Who takes none for so long is gone.
const SENDING: Duration = Duration::from_secs(5);
/// How long a farewell may take.
const CLOSING: Duration = Duration::from_millis(500);
/// Any code but 1000 and 1001, which would end the session.
const SESSION_LIVES: u16 = 4_000;

trait Pipe: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Pipe for T {}

/// An open socket.
pub(super) struct Socket(WebSocketStream<Box<dyn Pipe>>);

impl Socket {
    /// Opens one; who waits limits the time.
    pub(super) async fn open(address: GatewayAddress) -> Result<Self, String> {
        let mut url = address.url().clone();
        url.query_pairs_mut().append_pair("v", "10").append_pair("encoding", "json");
        let pipe = pipe(&address).await?;
        let config = WebSocketConfig::default().max_message_size(Some(LONGEST)).max_frame_size(Some(LONGEST));
        let upgrade = tokio_tungstenite::client_async_with_config(url.as_str(), pipe, Some(config));
        let (stream, _) = upgrade.await.map_err(|error| error.to_string())?;
        Ok(Self(stream))
    }

    /// The next thing that happens on it; [`Input::Closed`] is the last.
    pub(super) async fn next(&mut self) -> Input {
        loop {
            let frame = match self.0.next().await {
                Some(Ok(Message::Text(text))) => Frame::read(text.as_bytes()),
                Some(Ok(Message::Binary(bytes))) => Frame::unpack(&bytes),
                Some(Ok(Message::Close(close))) => {
                    return Input::Closed(close.map(|close| close.code.into()));
                }
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => return Input::Closed(None),
            };
            match frame {
                Some(frame) => return Input::Frame(frame),
                None => {
                    tracing::warn!("Discord's gateway sent a message that cannot be read; it is passed over")
                }
            }
        }
    }

    /// Whether it left.
    pub(super) async fn send(&mut self, text: String) -> bool {
        let sent = tokio::time::timeout(SENDING, self.0.send(Message::text(text))).await;
        matches!(sent, Ok(Ok(())))
    }

    /// Says farewell so that the session lives on.
    pub(super) async fn close(mut self) {
        let farewell = CloseFrame { code: CloseCode::from(SESSION_LIVES), reason: "".into() };
        // Nothing more can be done for a socket that does not even take this.
        drop(tokio::time::timeout(CLOSING, self.0.close(Some(farewell))).await);
    }
}

async fn pipe(address: &GatewayAddress) -> Result<Box<dyn Pipe>, String> {
    let url = address.url();
    let host = url.host_str().unwrap_or("").trim_matches(['[', ']']).to_owned();
    let port = url.port_or_known_default().unwrap_or(443);
    let stream = TcpStream::connect((host.as_str(), port)).await.map_err(|error| error.to_string())?;
    stream.set_nodelay(true).map_err(|error| error.to_string())?;
    if url.scheme() == "ws" {
        return Ok(Box::new(stream));
    }
    let name = host.try_into().map_err(|_| "the host is no name of a certificate".to_owned())?;
    let stream = tls()?.connect(name, stream).await.map_err(|error| error.to_string())?;
    Ok(Box::new(stream))
}

/// The system's certificates are read anew for each connection: they may be renewed while we run.
fn tls() -> Result<TlsConnector, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_platform_verifier())
        .map_err(|error| error.to_string())?;
    Ok(TlsConnector::from(Arc::new(config.with_no_client_auth())))
}
