//! The sockets: REST and gateway on one port, and the same port on a second loopback address for resumes.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::{Body, to_bytes};
use hyper::body::Incoming as HyperBody;
use hyper::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::answer::{Answer, Delivery};
use super::fault::Outage;
use super::gateway::hub::{Frame, Welcome};
use super::gateway::line;
use super::gateway::record::{Connection, Door};
use super::rest::{self, Incoming};
use super::shared::Shared;
use super::wire::Wire;
use super::world::World;

/// What Discord takes of a request at most, with room for the form around ten files.
const LONGEST: usize = 26 * 1024 * 1024;
/// Tries to find a port that is free on both addresses.
const TRIES: usize = 20;

/// A connection was taken over by the gateway.
struct Switched {
    upgrade: OnUpgrade,
    number: u64,
    frames: mpsc::Receiver<Frame>,
}

/// No answer: the connection ends.
#[derive(Debug)]
struct Gone;

impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection ends without an answer")
    }
}

impl std::error::Error for Gone {}

/// Listeners on 127.0.0.1 and 127.0.0.2 with one port.
pub(crate) fn listen(port: u16) -> io::Result<(TcpListener, TcpListener)> {
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..TRIES {
        let first = bound(Ipv4Addr::LOCALHOST, port)?;
        match bound(Ipv4Addr::new(127, 0, 0, 2), first.local_addr()?.port()) {
            Ok(second) => return Ok((first, second)),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn bound(address: Ipv4Addr, port: u16) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(SocketAddr::from((address, port)))?;
    socket.listen(1024)
}

/// Takes connections until it is dropped; they end with it.
pub(crate) async fn serve(listener: TcpListener, door: Door, shared: Arc<Shared>) -> Infallible {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            taken = listener.accept() => if let Ok((stream, _)) = taken {
                connections.spawn(connection(stream, door, Arc::clone(&shared)));
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, door: Door, shared: Arc<Shared>) {
    let reset = Arc::new(AtomicBool::new(false));
    let refused = shared.look(|world| {
        world.faults.outage == Some(Outage::Refused)
            || (door == Door::Resume && world.hub.mood.resume_refused)
    });
    let wire = Wire::new(stream, Arc::clone(&reset));
    if refused {
        return reset.store(true, Ordering::Relaxed);
    }
    let (switch, mut switched) = mpsc::channel(1);
    let service = service_fn(|request| respond(request, door, &shared, &reset, &switch));
    // How a client ends its connection is its own affair.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(wire), service).with_upgrades().await;
    if let Ok(Switched { upgrade, number, frames }) = switched.try_recv()
        && let Ok(upgraded) = upgrade.await
    {
        let socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, None).await;
        line::talk(&shared, socket, number, frames, &reset).await;
    }
}

async fn respond(
    mut request: Request<HyperBody>,
    door: Door,
    shared: &Arc<Shared>,
    reset: &AtomicBool,
    switch: &mpsc::Sender<Switched>,
) -> Result<Response<Body>, Gone> {
    if request.headers().contains_key(UPGRADE) {
        return upgrade(&mut request, door, shared, reset, switch).await;
    }
    let request = read(request).await.ok_or(Gone)?;
    let answer = shared.with(|world| rest::answer(world, &request));
    delivered(answer, reset).await
}

async fn delivered(answer: Answer, reset: &AtomicBool) -> Result<Response<Body>, Gone> {
    let reset_it = answer.delivery == Delivery::Reset;
    let response = answer.deliver().await;
    if reset_it {
        reset.store(true, Ordering::Relaxed);
    }
    response.ok_or(Gone)
}

async fn read(request: Request<HyperBody>) -> Option<Incoming> {
    let (head, body) = request.into_parts();
    let body = to_bytes(Body::new(body), LONGEST).await.ok()?;
    Some(Incoming {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body,
    })
}

/// Switches to the gateway's protocol, or does not, as the script says.
async fn upgrade(
    request: &mut Request<HyperBody>,
    door: Door,
    shared: &Arc<Shared>,
    reset: &AtomicBool,
    switch: &mpsc::Sender<Switched>,
) -> Result<Response<Body>, Gone> {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let (number, frames) = match shared.with(|world| knock(world, door, query)) {
        Ok(open) => open,
        Err(answer) => return delivered(answer, reset).await,
    };
    let Some(key) = request.headers().get(SEC_WEBSOCKET_KEY) else {
        return delivered(Answer::page(400), reset).await;
    };
    let accept = derive_accept_key(key.as_bytes());
    let switched = Switched { upgrade: hyper::upgrade::on(request), number, frames };
    switch.try_send(switched).map_err(|_| Gone)?;
    Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(CONNECTION, "Upgrade")
        .header(UPGRADE, "websocket")
        .header(SEC_WEBSOCKET_ACCEPT, accept)
        .body(Body::empty())
        .map_err(|_| Gone)
}

/// Somebody wants to connect: a number and what will be said, or what they get instead.
fn knock(world: &mut World, door: Door, query: String) -> Result<(u64, mpsc::Receiver<Frame>), Answer> {
    match world.faults.outage {
        Some(Outage::Unavailable) => return Err(Answer::page(503)),
        Some(Outage::Refused) => return Err(Answer::lost(Delivery::Reset)),
        Some(Outage::Silent) => return Err(Answer::lost(Delivery::Never)),
        None => {}
    }
    let parts = super::call::query(&query);
    let asked = |name: &str| parts.get(name).map_or("", String::as_str).to_owned();
    if asked("v") != "10" || !matches!(asked("encoding").as_str(), "json" | "") {
        world.blame(format!("a gateway address with {query:?} instead of v=10&encoding=json"));
    }
    if !asked("compress").is_empty() {
        world.blame(format!(
            "a gateway address with compress={}, which the double does not play",
            asked("compress")
        ));
    }
    let welcome = world.hub.mood.next.pop_front();
    match welcome {
        Some(Welcome::NoUpgrade) => return Err(Answer::lost(Delivery::Never)),
        Some(Welcome::Refused(status)) => return Err(Answer::page(status)),
        _ => {}
    }
    let record = Connection {
        number: world.hub.next_number(),
        opened: world.now(),
        door,
        query,
        identify: None,
        resume: None,
        heartbeats: Vec::new(),
        session: None,
        ended: None,
    };
    let number = record.number;
    let interval = world.settings.gateway.heartbeat_interval;
    let hello = (welcome != Some(Welcome::NoHello)).then_some(interval);
    let frames = world.hub.open(record, hello);
    if let Some(connected) = world.hub.connected(number) {
        connected.mute = welcome == Some(Welcome::NoReady);
    }
    Ok((number, frames))
}
