//! A webhook: one JSON object a message, `{"text", "content", "allowed_mentions", "id"}`. `text` suits Slack-like
//! receivers, `content` Discord-like ones; both are the same plain sentence. `id` is the number of the event that
//! queued it: two messages with the same `id` are one that was repeated.
//!
//! A webhook cannot edit: a card is sent anew at each change of status, and of those that wait only the newest.

use std::sync::Arc;
use std::time::Duration;

use lifeboat_storage::id::Seq;
use serde_json::json;
use tokio::sync::{broadcast, mpsc};
use tokio_util::sync::CancellationToken;

use super::Outgoing;
use crate::config::SecretUrl;
use crate::desk::{Desk, News};
use crate::detect::Finding;
use crate::engine::input::{Delivered, Input};
use crate::say::Say;
use crate::say::outgoing;

/// How long one call may take.
const CALL: Duration = Duration::from_secs(10);

/// Where messages go, and in which voice.
pub struct Webhook {
    /// The HTTP client; it follows no redirects.
    pub client: reqwest::Client,
    /// The secret address.
    pub url: SecretUrl,
    /// The voice.
    pub say: Say,
    /// Where the engine is asked.
    pub desk: Desk,
}

impl Webhook {
    /// Sends what the engine hands out, one after the other, until `stop`. What cannot be recorded is said once.
    pub async fn run(self, mut outgoing: mpsc::Receiver<Outgoing>, stop: CancellationToken) {
        let mut news = self.desk.news();
        loop {
            let goes_on = tokio::select! {
                () = stop.cancelled() => return,
                Some(message) = outgoing.recv() => self.deliver(message).await,
                heard = news.recv() => match heard {
                    Ok(News::Unrecorded { finding, .. }) => self.say_unrecorded(&finding).await,
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => Some(()),
                    Err(broadcast::error::RecvError::Closed) => None,
                },
            };
            if goes_on.is_none() {
                return;
            }
        }
    }

    async fn deliver(&self, message: Outgoing) -> Option<()> {
        let (say, queued) = (self.say, message.queued);
        let text = self.desk.look(move |room| outgoing::text(&say, room, &message)).await.ok()?;
        let outcome = self.post(&text, Some(queued)).await;
        self.desk.tell(Input::Delivered { queued, outcome }).await.ok()
    }

    /// There is no record to repeat it from, so it is tried once; the engine says it again in a minute.
    async fn say_unrecorded(&self, finding: &Arc<Finding>) -> Option<()> {
        let (say, finding) = (self.say, Arc::clone(finding));
        let text = self.desk.look(move |room| outgoing::unrecorded(&say, room, &finding)).await.ok()?;
        if let Some(text) = text {
            self.post(&text, None).await;
        }
        Some(())
    }

    async fn post(&self, text: &str, queued: Option<Seq>) -> Delivered {
        let id = queued.map(|seq| seq.0);
        let body = json!({ "text": text, "content": text, "allowed_mentions": { "parse": [] }, "id": id });
        let sent = self.client.post(self.url.expose().clone()).timeout(CALL).json(&body).send().await;
        match sent {
            Ok(answer) => judge(&answer),
            Err(error) => {
                let (host, maybe_arrived) = (self.url.host(), !error.is_connect());
                tracing::warn!(error = %error.without_url(), webhook.host = host, "webhook not reached");
                Delivered::Later { after_ms: None, maybe_arrived }
            }
        }
    }
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
        let after_ms = after_ms.and_then(|ms| u64::try_from(ms).ok());
        return Delivered::Later { after_ms, maybe_arrived: status.is_server_error() };
    }
    Delivered::Refused { status: status.as_u16() }
}
