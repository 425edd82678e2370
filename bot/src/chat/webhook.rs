//! A webhook: one JSON object a message, `{"text", "content", "incident", "state"}`. `text` suits Slack-like
//! receivers, `content` Discord-like ones; both are the same plain sentence.
//!
//! A webhook cannot edit: each new state of a card is a message of its own, and only the newest one is sent.

use std::time::Duration;

use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Outgoing;
use crate::config::SecretUrl;
use crate::desk::Desk;
use crate::engine::input::{Delivered, Input};
use crate::say::Say;
use crate::say::outgoing;

/// How long one call may take.
const CALL: Duration = Duration::from_secs(10);

/// Sends what the engine hands out, one after the other, until `stop`.
pub async fn run(
    client: reqwest::Client,
    url: SecretUrl,
    say: Say,
    desk: Desk,
    mut outgoing: mpsc::Receiver<Outgoing>,
    stop: CancellationToken,
) {
    loop {
        let next = tokio::select! {
            () = stop.cancelled() => return,
            next = outgoing.recv() => next,
        };
        let Some(message) = next else { return };
        let queued = message.queued;
        let Some(outcome) = deliver(&client, &url, &say, &desk, message).await else { return };
        if desk.tell(Input::Delivered { queued, outcome }).await.is_err() {
            return;
        }
    }
}

async fn deliver(
    client: &reqwest::Client,
    url: &SecretUrl,
    say: &Say,
    desk: &Desk,
    message: Outgoing,
) -> Option<Delivered> {
    let say = *say;
    let incident = format!("{:?}", message.queued.0);
    let text = desk.look(move |room| outgoing::text(say, room, &message)).await.ok()?;
    let body = json!({ "text": text, "content": text, "allowed_mentions": { "parse": [] }, "id": incident });
    let sent = client.post(url.expose().clone()).timeout(CALL).json(&body).send().await;
    Some(match sent {
        Ok(answer) => judge(&answer),
        Err(error) => {
            tracing::warn!(error = %error.without_url(), webhook.host = url.host(), "webhook not reached");
            Delivered::Later { after_ms: None }
        }
    })
}

/// 2xx is yes; 408, 425, 429 and 5xx may work later; anything else is no for good.
fn judge(answer: &reqwest::Response) -> Delivered {
    let status = answer.status();
    if status.is_success() {
        return Delivered::Yes;
    }
    if status.is_server_error() || [408, 425, 429].contains(&status.as_u16()) {
        let header = answer.headers().get(reqwest::header::RETRY_AFTER);
        let seconds = header.and_then(|value| value.to_str().ok()?.trim().parse::<f64>().ok());
        let seconds = seconds.filter(|seconds| (0.0..=86_400.0).contains(seconds));
        let after_ms = seconds.map(|seconds| Duration::from_secs_f64(seconds).as_millis());
        return Delivered::Later { after_ms: after_ms.and_then(|ms| u64::try_from(ms).ok()) };
    }
    Delivered::Refused { status: status.as_u16() }
}
