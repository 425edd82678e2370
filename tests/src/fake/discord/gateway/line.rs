//! One connection's task: frames out, payloads in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::time;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::super::shared::Shared;
use super::heard;
use super::hub::Frame;
use super::record::Ended;

/// Discord gives up on a bot that misses its beat; half a beat and a second more than that.
const SLACK: Duration = Duration::from_secs(1);
/// How long the bot may take to answer our goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// Talks until either side ends it.
pub(crate) async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    shared: &Arc<Shared>,
    mut socket: WebSocketStream<S>,
    number: u64,
    mut frames: mpsc::Receiver<Frame>,
    reset: &AtomicBool,
) {
    let beat = shared.look(|world| world.settings.gateway.heartbeat_interval).mul_f64(1.5) + SLACK;
    let mut deadline = time::Instant::now() + beat;
    loop {
        let ended = tokio::select! {
            frame = frames.recv() => match frame {
                Some(frame) => write(&mut socket, frame, reset).await,
                None => Some(Ended::Lost),
            },
            message = socket.next() => match message {
                Some(Ok(Message::Text(text))) => {
                    shared.with(|world| heard(world, number, text.as_str()));
                    deadline = time::Instant::now() + beat;
                    None
                }
                Some(Ok(Message::Binary(bytes))) => {
                    shared.with(|world| heard(world, number, &String::from_utf8_lossy(&bytes)));
                    None
                }
                Some(Ok(Message::Close(frame))) => Some(Ended::ByBot(frame.map(|frame| frame.code.into()))),
                Some(Ok(_)) => None,
                Some(Err(_)) | None => Some(Ended::Lost),
            },
            () = time::sleep_until(deadline) => {
                let _ = socket.close(Some(CloseFrame { code: 4000.into(), reason: "no heartbeat".into() })).await;
                Some(Ended::ByDouble(Some(4000)))
            }
        };
        if let Some(how) = ended {
            return shared.with(|world| over(world, number, how));
        }
    }
}

fn over(world: &mut super::super::world::World, number: u64, how: Ended) {
    let now = world.now();
    // After 1000 and 1001 from the bot the session is gone; any other end keeps it for a few minutes.
    let dead = matches!(how, Ended::ByBot(Some(1000 | 1001)));
    world.hub.ended(number, how, now);
    if dead {
        world.hub.forget(number);
    }
}

/// Does what the frame says; tells when that is the end.
async fn write<S: AsyncRead + AsyncWrite + Unpin>(
    socket: &mut WebSocketStream<S>,
    frame: Frame,
    reset: &AtomicBool,
) -> Option<Ended> {
    let goodbye = match frame {
        Frame::Text(text) => return lost(socket.send(Message::text(text)).await),
        Frame::Zlib(bytes) => return lost(socket.send(Message::binary(bytes)).await),
        Frame::Drop => return Some(Ended::ByDouble(None)),
        Frame::Reset => {
            reset.store(true, Ordering::Relaxed);
            return Some(Ended::ByDouble(None));
        }
        Frame::CloseWithoutCode => None,
        Frame::Close(code, reason) => Some(CloseFrame { code: code.into(), reason: reason.into() }),
    };
    let code = goodbye.as_ref().map(|frame| frame.code.into());
    let _ = socket.close(goodbye).await;
    let _ = time::timeout(GOODBYE, async { while let Some(Ok(_)) = socket.next().await {} }).await;
    Some(Ended::ByDouble(code))
}

fn lost<E>(sent: Result<(), E>) -> Option<Ended> {
    sent.err().map(|_| Ended::Lost)
}
