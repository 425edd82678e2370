//! Carries out what the engine decided: sends, edits, opens and puts away, one errand a channel at a time.
//!
//! What may have been sent already is looked for before it is sent again: by its nonce, else by its words.

use std::sync::Arc;
use std::time::Duration;

use lifeboat_storage::chat::Standing;
use lifeboat_storage::event::{Place, PostKind, Time};
use lifeboat_storage::id::{ChannelName, IncidentId, Seq};
use lifeboat_storage::state::ALERTS;
use serde_json::{Value, json};
use serenity::model::id::{ChannelId, MessageId};
use tokio::sync::{broadcast, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::mark::{nonce, nonce_of};
use super::places::STOPPING;
use super::render::{Rendered, render};
use super::rest::{File, PATIENCE, Request, RestError};
use super::route::Route;
use super::server::{Server, code, delivered, id_of};
use super::sheet::{Sheet, plain};
use crate::chat::{Errand, Outgoing};
use crate::console::export::{Wanted, export};
use crate::desk::News;
use crate::detect::Finding;
use crate::engine::input::{Delivered, Edited, Input};
use crate::postmortem::Format;
use crate::say::outgoing;

/// Errands under way together: each is a lane of its own, and the REST interface has its own limits.
const TOGETHER: usize = 16;
/// A card that says the same is edited all the same after so long, so that its "as of" stays young, in milliseconds.
const SAME_MS: u64 = 200_000;

/// A summary is worded anew after so long.
const FRESH: Duration = Duration::from_secs(2);

/// What is to be sent, as it was worded.
struct Worded {
    rendered: Rendered,
    nonce: String,
    queued_at: Time,
    mono_ms: u64,
    /// How long one attempt may take: what sums up until now must not be old when it arrives.
    within: Duration,
}

impl Server {
    /// Carries out errands until `stop`. What cannot be recorded is said once, without a record.
    pub async fn send(self: Arc<Self>, mut errands: mpsc::Receiver<Errand>, stop: CancellationToken) {
        let mut news = self.desk.news();
        let mut under_way = JoinSet::new();
        loop {
            let free = under_way.len() < TOGETHER;
            tokio::select! {
                () = stop.cancelled() => break,
                Some(_) = under_way.join_next() => {}
                Some(errand) = errands.recv(), if free => {
                    let own = Arc::clone(&self);
                    under_way.spawn(async move { own.carry_out(errand).await });
                }
                heard = news.recv(), if free => match heard {
                    Ok(News::Unrecorded { number, finding }) => {
                        let own = Arc::clone(&self);
                        under_way.spawn(async move { own.say_unrecorded(number, finding).await });
                    }
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => break,
                },
            }
        }
        // What left already is heard to its end; a receipt saves a second look after the start.
        while under_way.join_next().await.is_some() {}
    }

    async fn carry_out(self: Arc<Self>, errand: Errand) {
        let told = match errand {
            Errand::Send(outgoing) => {
                let queued = outgoing.queued;
                let outcome = self.deliver(&outgoing).await.unwrap_or_else(|outcome| outcome);
                if let Delivered::Refused { status } = outcome {
                    tracing::error!(
                        status,
                        queued = queued.0,
                        "Discord refused a message; the page shows it"
                    );
                }
                if outcome == Delivered::Gone {
                    self.forget(&Place::Channel { channel: outgoing.channel });
                }
                Input::Delivered { queued, outcome }
            }
            Errand::Edit { queued, card } => {
                let outcome = self.edit(queued, &card).await;
                if outcome == Edited::PlaceGone {
                    self.forget(&Place::Channel { channel: card.channel });
                }
                Input::Edited { queued, outcome }
            }
        };
        // Nobody listens only when Lifeboat is stopping.
        let _stopping = self.desk.tell(told).await;
    }

    async fn deliver(self: &Arc<Self>, outgoing: &Outgoing) -> Result<Delivered, Delivered> {
        if let PostKind::Room { .. } = outgoing.post {
            let id = self.bring_back(&outgoing.channel).await?;
            return Ok(Delivered::Sent { message: id.to_string() });
        }
        let place = self.place(&outgoing.channel).await?;
        let Some(worded) = self.word(outgoing).await? else { return Ok(Delivered::Yes) };
        let before = if outgoing.maybe_repeated { self.find(place, &worded).await? } else { None };
        let message = match before {
            Some(message) => message,
            None => self.post(place, outgoing, &worded).await?,
        };
        self.said(outgoing.queued, (worded.rendered.seen(), worded.mono_ms));
        match outgoing.post {
            PostKind::Card { .. } if outgoing.channel.as_str() != ALERTS => {
                self.pin(outgoing, place, message).await;
            }
            PostKind::Farewell { .. } => self.put_away(&outgoing.channel, place).await?,
            _ => {}
        }
        Ok(Delivered::Sent { message: message.to_string() })
    }

    async fn word(self: &Arc<Self>, outgoing: &Outgoing) -> Result<Option<Worded>, Delivered> {
        let (queued, channel, post) = (outgoing.queued, outgoing.channel.clone(), outgoing.post.clone());
        let worded = self.tell(move |room, teller| {
            let sheet = teller.post(&channel, &post)?;
            let queued_at = room.event(queued)?.recorded_at;
            let sums_up = match &post {
                PostKind::Notice { about } => {
                    room.event(*about).is_some_and(|event| event.kind.sums_up(&channel))
                }
                _ => false,
            };
            Some(Worded {
                within: if sums_up { FRESH } else { PATIENCE },
                rendered: render(&sheet),
                nonce: nonce(queued, queued_at),
                queued_at,
                mono_ms: room.now.mono_ms,
            })
        });
        worded.await.map_err(|_| STOPPING)
    }

    /// The message, if it arrived before: the nonce tells while Discord remembers it, the words tell afterwards.
    async fn find(&self, place: ChannelId, worded: &Worded) -> Result<Option<MessageId>, Delivered> {
        let newest =
            self.call(Request::new(Route::messages(place))).await.map_err(|error| delivered(&error))?;
        let body = worded.rendered.create(&worded.nonce);
        let since = snowflake(worded.queued_at);
        let same = |one: &&Value| {
            let ours = one["author"]["bot"] == true && id_of(one).is_some_and(|id| id >= since);
            let card = subject(one).is_some() && subject(one) == subject(&body);
            let words = subject(&body).is_none() && one["content"] == body["content"];
            one["nonce"].as_str() == Some(worded.nonce.as_str()) || (ours && (card || words))
        };
        Ok(newest.as_array().into_iter().flatten().find(same).and_then(id_of).map(MessageId::new))
    }

    async fn post(
        self: &Arc<Self>,
        place: ChannelId,
        outgoing: &Outgoing,
        worded: &Worded,
    ) -> Result<MessageId, Delivered> {
        let files = match outgoing.post {
            PostKind::Farewell { incident } => self.postmortem(incident).await?,
            _ => Vec::new(),
        };
        let route = || Request::new(Route::create_message(place)).within(worded.within);
        let body = worded.rendered.create(&worded.nonce);
        let request =
            if files.is_empty() { route().json(body) } else { route().files(attached(body, &files), files) };
        let sent = match self.call(request).await {
            // The last resort: its words alone, once.
            Err(RestError::Refused { code: code::INVALID_FORM, message, errors, .. }) => {
                tracing::error!(message, %errors, "Discord takes a message for wrong; its words alone are sent");
                self.call(route().json(worded.rendered.words_only().create(&worded.nonce))).await
            }
            sent => sent,
        };
        let sent = sent.map_err(|error| delivered(&error))?;
        id_of(&sent).map(MessageId::new).ok_or(Delivered::Later { after_ms: None, maybe_arrived: true })
    }

    /// The postmortem as people keep it, in the language of all.
    async fn postmortem(self: &Arc<Self>, incident: IncidentId) -> Result<Vec<File>, Delivered> {
        let lang = self.config.lang;
        let written = self.desk.look(move |room| {
            let file = |format: Format| {
                let wanted = Wanted { incident, format };
                let bytes = export(room, wanted, lang)?.into_bytes();
                Some(File { name: wanted.file_name(), content_type: format.media_type(), bytes })
            };
            [Format::Html, Format::Markdown].into_iter().filter_map(file).collect()
        });
        written.await.map_err(|_| STOPPING)
    }

    /// Pins the newest status and takes the pin from the one before. What cannot be pinned stands there all the same.
    async fn pin(self: &Arc<Self>, outgoing: &Outgoing, place: ChannelId, message: MessageId) {
        if let Err(error) = self.call(Request::new(Route::pin(place, message))).await {
            tracing::warn!(%error, channel = outgoing.channel.as_str(), "the status is not pinned");
            return;
        }
        let (channel, post) = (outgoing.channel.clone(), outgoing.post.clone());
        let old =
            self.tell(move |_, teller| Some(teller.chat?.card(&channel, &post)?.1.message.clone())).await;
        let old = old
            .ok()
            .flatten()
            .and_then(|id| id.parse().ok())
            .filter(|old: &u64| *old > 0 && *old != message.get());
        if let Some(old) = old
            && let Err(error) = self.call(Request::new(Route::unpin(place, MessageId::new(old)))).await
        {
            tracing::warn!(%error, channel = outgoing.channel.as_str(), "the old status stays pinned");
        }
    }

    async fn edit(self: &Arc<Self>, queued: Seq, card: &Standing) -> Edited {
        let place = match self.place(&card.channel).await {
            Ok(place) => place,
            Err(outcome) => return not_placed(&outcome),
        };
        let (channel, post, successor) = (card.channel.clone(), card.post.clone(), card.successor);
        let guild = self.config.guild;
        let worded = self.tell(move |room, teller| {
            let shown = room.engine.durable().applied;
            let sheet = match successor {
                Some(newer) => {
                    let newer = &teller.chat?.cards.get(&newer)?.message;
                    teller.pointer(&post, &format!("https://discord.com/channels/{guild}/{place}/{newer}"))
                }
                None => teller.post(&channel, &post)?,
            };
            Some((render(&sheet), shown, room.now.mono_ms))
        });
        let Ok(Some((rendered, shown, mono_ms))) = worded.await else {
            return Edited::Later { after_ms: None };
        };
        let seen = rendered.seen();
        if self.last(queued).is_some_and(|(last, at)| last == seen && mono_ms < at + SAME_MS) {
            return Edited::Same { shown };
        }
        let Ok(message) = card.message.parse::<u64>() else { return Edited::Gone };
        let request =
            Request::new(Route::edit_message(place, MessageId::new(message.max(1)))).json(rendered.edit());
        match self.change(place, card, request, &rendered).await {
            Ok(()) => {
                self.said(queued, (seen, mono_ms));
                Edited::Yes { shown }
            }
            Err(error) => edited(&error),
        }
    }

    async fn change(
        self: &Arc<Self>,
        place: ChannelId,
        card: &Standing,
        request: Request,
        rendered: &Rendered,
    ) -> Result<(), RestError> {
        match self.call(request.clone()).await {
            // A thread is archived when its incident ends, and by Discord when nobody wrote for a week.
            Err(RestError::Refused { code: code::ARCHIVED, .. }) => {
                self.archive(place, false).await?;
                self.call(request).await?;
                if self.has_ended(&card.channel).await {
                    self.archive(place, true).await?;
                }
                Ok(())
            }
            // The last resort: its words alone.
            Err(RestError::Refused { code: code::INVALID_FORM, message, errors, .. }) => {
                tracing::error!(message, %errors, "Discord takes a card for wrong; its words alone are shown");
                self.call(request.json(rendered.words_only().edit())).await.map(|_| ())
            }
            outcome => outcome.map(|_| ()),
        }
    }

    /// The incident of this channel has ended.
    async fn has_ended(self: &Arc<Self>, channel: &ChannelName) -> bool {
        let channel = channel.clone();
        let open = self.tell(move |_, teller| {
            let state = teller.scene.state;
            let incident = state.incident_of_channel(&channel)?;
            state.incidents.get(&incident).map(lifeboat_storage::incident::Incident::is_open)
        });
        matches!(open.await, Ok(Some(false)))
    }

    /// There is no record to repeat it from, so it is tried once; the engine says it again in a minute.
    async fn say_unrecorded(self: Arc<Self>, number: u64, finding: Arc<Finding>) {
        let (say, at) = (self.say(), finding.at);
        let text = self.desk.look(move |room| outgoing::unrecorded(&say, room, &finding)).await;
        let (Ok(Some(text)), Ok(place)) = (text, self.place(&ChannelName::new(ALERTS)).await) else { return };
        let sheet = Sheet { line: plain(text), ..Sheet::default() };
        let body = render(&sheet).create(&nonce_of(&format!("unrecorded {number} {at}")));
        if let Err(error) = self.call(Request::new(Route::create_message(place)).json(body)).await {
            tracing::warn!(%error, "an alert that cannot be recorded did not reach Discord");
        }
    }
}

/// The smallest id that a message sent at that moment can have; a clock that is ahead by a minute does not matter.
fn snowflake(at: Time) -> u64 {
    const EPOCH_MS: i64 = 1_420_070_400_000;
    const SKEW_MS: i64 = 60_000;
    u64::try_from(at.timestamp_millis() - EPOCH_MS - SKEW_MS).unwrap_or(0) << 22
}

/// Whose card it is, as its footer says: its state may be another than when it was sent.
fn subject(message: &Value) -> Option<&str> {
    message["embeds"][0]["footer"]["text"].as_str()?.split(" · ").next()
}

fn attached(mut body: Value, files: &[File]) -> Value {
    let listed =
        files.iter().enumerate().map(|(id, file)| json!({ "id": id.to_string(), "filename": file.name }));
    body["attachments"] = listed.collect();
    body
}

/// No place for a card that stands somewhere: it is asked for again.
fn not_placed(outcome: &Delivered) -> Edited {
    match outcome {
        Delivered::Later { after_ms, .. } => Edited::Later { after_ms: *after_ms },
        Delivered::NotYet { after_ms } => Edited::NotYet { after_ms: *after_ms },
        Delivered::Refused { status } => Edited::Refused { status: *status },
        Delivered::Yes | Delivered::Sent { .. } | Delivered::Gone => Edited::Gone,
    }
}

/// What a failed edit means for the card.
fn edited(error: &RestError) -> Edited {
    match error {
        RestError::RateLimited { code: Some(code::TOO_OLD_TO_EDIT), .. }
        | RestError::Refused { code: code::TOO_OLD_TO_EDIT, .. } => Edited::TooOld,
        RestError::Refused { code: code::UNKNOWN_CHANNEL, .. } => Edited::PlaceGone,
        RestError::Refused { code: code::UNKNOWN_MESSAGE | code::NOT_THE_AUTHOR, .. } => Edited::Gone,
        error => not_placed(&delivered(error)),
    }
}

#[cfg(test)]
mod tests;
