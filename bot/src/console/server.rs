//! The listening side: connections, TLS, limits, and an end that waits for answers on their way.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Console, routes, stream};

/// Connections at once: 200 streams, and browsers that keep a few open each. More wait to be accepted.
const CONNECTIONS: usize = 512;
/// A TLS handshake, and the head of a request, must be here in this time.
const PATIENCE: Duration = Duration::from_secs(10);
/// Answers on their way have this long when Lifeboat stops.
const LAST_ANSWERS: Duration = Duration::from_secs(3);
/// How long to wait when the system has no room for another connection.
const BREATH: Duration = Duration::from_millis(100);

/// The address of the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) SocketAddr);

/// Serves the console until `shutdown`; then ends the streams and waits for the last answers.
///
/// # Errors
/// Never by one connection; only when the listener itself is broken.
pub async fn serve(
    listener: TcpListener,
    console: impl Into<Arc<Console>>,
    tls: Option<Arc<ServerConfig>>,
    shutdown: CancellationToken,
) -> std::io::Result<()> {
    let console = console.into();
    let tasks = TaskTracker::new();
    let Ok(hub) = stream::Hub::start(Arc::clone(&console), &tasks, shutdown.clone()).await else {
        return Ok(());
    };
    let door = Door {
        router: routes::router(console, hub),
        tls: tls.map(TlsAcceptor::from),
        shutdown: shutdown.clone(),
    };
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            accepted = accept(&listener, &room) => accepted,
        };
        let (stream, peer, place) = accepted?;
        let door = door.clone();
        tasks.spawn(async move {
            door.connection(stream, peer).await;
            drop(place);
        });
    }
    tasks.close();
    if tokio::time::timeout(LAST_ANSWERS, tasks.wait()).await.is_err() {
        tracing::warn!("the console stops although answers are still on their way");
    }
    Ok(())
}

type Accepted = (TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit);

/// Takes a connection when there is room for one more.
async fn accept(listener: &TcpListener, room: &Arc<Semaphore>) -> std::io::Result<Accepted> {
    let place = Arc::clone(room).acquire_owned().await.map_err(std::io::Error::other)?;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return Ok((stream, peer, place)),
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "the console could not accept a connection");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}

fn is_of_one_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// What every connection needs.
#[derive(Clone)]
struct Door {
    router: Router,
    tls: Option<TlsAcceptor>,
    shutdown: CancellationToken,
}

impl Door {
    async fn connection(self, stream: TcpStream, peer: SocketAddr) {
        if stream.set_nodelay(true).is_err() {
            return;
        }
        let Some(tls) = self.tls.clone() else { return self.speak(stream, peer).await };
        // A handshake that fails or lingers is the other side's affair; it is not worth a line in the log.
        if let Ok(Ok(stream)) = tokio::time::timeout(PATIENCE, tls.accept(stream)).await {
            self.speak(stream, peer).await;
        }
    }

    async fn speak(self, stream: impl AsyncRead + AsyncWrite + Unpin, peer: SocketAddr) {
        let inner = TowerToHyperService::new(self.router);
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            let answer = inner.call(request);
            async move { Ok::<_, Infallible>(answer.await.unwrap_or_else(|never| match never {})) }
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
        let connection = http.serve_connection(TokioIo::new(stream), service);
        tokio::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.shutdown.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection to the console broke");
        }
    }
}
