//! Where things stand in Discord: the common channel, the categories, a channel or thread for each incident. Found by
//! our mark before one is made, since making a channel cannot be repeated safely. Nothing live stands in a name, and
//! no channel is renamed.

use std::sync::Arc;

use lifeboat_storage::event::{ChatKind, Instead, Milestone, Place, PostKind, Severity};
use lifeboat_storage::id::{ChannelName, IncidentId};
use lifeboat_storage::state::ALERTS;
use serde_json::{Value, json};
use serenity::builder::{CreateChannel, CreateThread};
use serenity::model::Permissions;
use serenity::model::channel::{
    AutoArchiveDuration, ChannelType, PermissionOverwrite, PermissionOverwriteType,
};
use serenity::model::id::{ChannelId, MessageId, RoleId, UserId};

use super::mark::mark;
use super::render::{escaped, fit, value};
use super::rest::{Request, RestError};
use super::route::Route;
use super::server::{Server, code, delivered, id_of};
use crate::engine::input::{Delivered, Input};
use crate::say::incident;

/// Longest topic of a channel (docs: resources/channel, 2026-08-06).
const TOPIC: usize = 1_024;
/// Longest name of a thread.
const THREAD_NAME: usize = 100;
/// Most channels of a category.
pub(super) const IN_CATEGORY: usize = 50;
/// By which the common channel is known as ours.
const ALERTS_MARK: &str = "lb-alerts";
/// When to look again whether the card is there under which a thread is to stand, in milliseconds.
const CARD_MS: u64 = 300;
/// What whoever is let in, and Lifeboat itself, may do in the channel of an incident.
const SEEN: Permissions =
    Permissions::VIEW_CHANNEL.union(Permissions::SEND_MESSAGES).union(Permissions::READ_MESSAGE_HISTORY);

/// What is known of an incident's place.
#[derive(Clone, Debug)]
struct Wanted {
    incident: IncidentId,
    severity: Severity,
    title: String,
    mark: String,
    ended: bool,
    /// Its card among the alerts.
    card: Option<u64>,
}

/// A place that was found or made.
struct Had {
    id: ChannelId,
    instead: Option<Instead>,
}

impl Server {
    /// Where one of our channels is; found or made where it is not known yet.
    pub(super) async fn place(self: &Arc<Self>, channel: &ChannelName) -> Result<ChannelId, Delivered> {
        let place = Place::Channel { channel: channel.clone() };
        if let Some(id) = self.recorded(&place).await? {
            return Ok(id);
        }
        let _looking = self.looking.lock().await;
        if let Some(id) = self.known(&place) {
            return Ok(id);
        }
        let had = if channel.as_str() == ALERTS {
            self.alerts().await?
        } else {
            let wanted = self.wanted(channel).await?.ok_or(Delivered::Refused { status: 404 })?;
            self.room(channel, &wanted).await?
        };
        self.found(place, had.id, had.instead).await?;
        Ok(had.id)
    }

    /// As this run or the record knows it.
    async fn recorded(self: &Arc<Self>, place: &Place) -> Result<Option<ChannelId>, Delivered> {
        if let Some(id) = self.known(place) {
            return Ok(Some(id));
        }
        let asked = place.clone();
        let id = self.tell(move |_, teller| {
            let chat = teller.chat?;
            match &asked {
                Place::Channel { channel } => Some(chat.channels.get(channel)?.id.clone()),
                Place::Open => chat.open.clone(),
                Place::Closed => chat.closed.clone(),
            }
        });
        let id = id.await.map_err(|_| STOPPING)?.and_then(|id| id.parse().ok()).filter(|id: &u64| *id > 0);
        Ok(id.map(|id| {
            self.keep(place.clone(), ChannelId::new(id));
            ChannelId::new(id)
        }))
    }

    async fn found(&self, place: Place, id: ChannelId, instead: Option<Instead>) -> Result<(), Delivered> {
        self.keep(place.clone(), id);
        let told = Input::Found { chat: ChatKind::Discord, place, id: id.to_string(), instead };
        self.desk.tell(told).await.map_err(|_| STOPPING)
    }

    async fn wanted(self: &Arc<Self>, channel: &ChannelName) -> Result<Option<Wanted>, Delivered> {
        let channel = channel.clone();
        let wanted = self.tell(move |room, teller| {
            let state = teller.scene.state;
            let id = state.incident_of_channel(&channel)?;
            let known = state.incidents.get(&id)?;
            let declared = known.milestones.get(&Milestone::Declared)?.by;
            let recorded_at = room.event(declared)?.recorded_at;
            let card = teller.chat.and_then(|chat| {
                let (_, card) = chat.card(&ChannelName::new(ALERTS), &PostKind::Card { incident: id })?;
                card.message.parse().ok()
            });
            Some(Wanted {
                incident: id,
                severity: known.severity,
                title: incident::title(teller.scene, known),
                mark: mark(declared, recorded_at),
                ended: !known.is_open(),
                card,
            })
        });
        wanted.await.map_err(|_| STOPPING)
    }

    /// The common channel: as configured, else the one with our mark or name, else a new one.
    async fn alerts(&self) -> Result<Had, Delivered> {
        let all = self.channels().await.map_err(|error| delivered(&error))?;
        if let Some(id) = self.config.alerts_channel {
            if all.iter().any(|one| id_of(one) == Some(id)) {
                return Ok(Had { id: ChannelId::new(id), instead: None });
            }
            tracing::error!(id, "the configured common channel is not there; another one stands in for it");
        }
        let ours = |one: &&Value| has_mark(one, ALERTS_MARK);
        let named = |one: &&Value| one["name"] == ALERTS && one["type"] == 0;
        if let Some(id) = all.iter().find(ours).or_else(|| all.iter().find(named)).and_then(id_of) {
            return Ok(Had { id: ChannelId::new(id), instead: None });
        }
        let topic = self.say().text("chat-alerts-topic", &[("mark", ALERTS_MARK.into())]);
        let body = CreateChannel::new(ALERTS).kind(ChannelType::Text).topic(topic);
        let made = self
            .make(value(&body), "lifeboat: the common channel")
            .await
            .map_err(|error| delivered(&error))?;
        Ok(Had { id: made, instead: None })
    }

    async fn channels(&self) -> Result<Vec<Value>, RestError> {
        let all = self.call(Request::new(Route::channels(self.guild()))).await?;
        Ok(all.as_array().cloned().unwrap_or_default())
    }

    async fn make(&self, body: Value, why: &str) -> Result<ChannelId, RestError> {
        let made =
            self.call(Request::new(Route::create_channel(self.guild())).json(body).because(why)).await?;
        id_of(&made)
            .map(ChannelId::new)
            .ok_or_else(|| RestError::Unclear("an answer without an id".to_owned()))
    }

    /// The place of an incident: a channel of its own; a thread under its card where configured or where there is no
    /// room; at last the common channel.
    async fn room(self: &Arc<Self>, channel: &ChannelName, wanted: &Wanted) -> Result<Had, Delivered> {
        if self.config.thread_at.is_some_and(|at| wanted.severity >= at) {
            return self.thread(wanted, Instead::Mild).await;
        }
        match self.own_channel(channel, wanted).await {
            Ok(id) => Ok(Had { id, instead: None }),
            Err(error) if is_full(&error) => self.thread(wanted, Instead::Full).await,
            // Whatever Discord has against the channel, people need a place.
            Err(error @ (RestError::Forbidden { .. } | RestError::Refused { .. })) => {
                tracing::error!(%error, channel = channel.as_str(), "an incident gets no channel of its own");
                self.thread(wanted, Instead::Forbidden).await
            }
            Err(error) => Err(delivered(&error)),
        }
    }

    async fn own_channel(
        self: &Arc<Self>,
        channel: &ChannelName,
        wanted: &Wanted,
    ) -> Result<ChannelId, RestError> {
        let all = self.channels().await?;
        if let Some(id) = all.iter().find(|one| has_mark(one, &wanted.mark)).and_then(id_of) {
            return Ok(ChannelId::new(id));
        }
        let category = self.category(Place::Open, &all).await?;
        let mut body = CreateChannel::new(channel.as_str())
            .kind(ChannelType::Text)
            .category(category)
            .topic(topic(wanted));
        if !self.config.private_to.is_empty() {
            body = body.permissions(self.overwrites().await?);
        }
        self.make(value(&body), &format!("{}: its channel", wanted.incident)).await
    }

    /// A category: as configured or recorded, else the one of that name, else a new one.
    async fn category(self: &Arc<Self>, place: Place, all: &[Value]) -> Result<ChannelId, RestError> {
        let (configured, key) = match place {
            Place::Closed => (self.config.closed_category, "chat-closed-category"),
            _ => (self.config.open_category, "chat-open-category"),
        };
        // Channels of open incidents stay together: a full category is told. Of closed ones there are always more.
        let takes = |id: &ChannelId| {
            let stands = all.iter().any(|one| id_of(one) == Some(id.get()));
            stands && (place != Place::Closed || inside(all, *id) < IN_CATEGORY)
        };
        let recorded = self.recorded(&place).await.ok().flatten();
        let known = configured.filter(|id| *id > 0).map(ChannelId::new).into_iter().chain(recorded);
        if let Some(id) = known.into_iter().find(takes) {
            return Ok(id);
        }
        let first = self.say().word(key);
        let mut names = std::iter::once(first.clone()).chain((2..).map(|number| format!("{first} {number}")));
        let id = loop {
            let Some(name) = names.next() else { break self.make_category(first).await? };
            match named(all, &name) {
                None => break self.make_category(name).await?,
                Some(id) if takes(&id) => break id,
                Some(_) => {}
            }
        };
        // Should Lifeboat be stopping, the next run finds it by its name.
        drop(self.found(place, id, None).await);
        Ok(id)
    }

    async fn make_category(&self, name: String) -> Result<ChannelId, RestError> {
        let body = value(&CreateChannel::new(name).kind(ChannelType::Category));
        self.make(body, "lifeboat: the category for channels of incidents").await
    }

    /// Nobody but these roles and Lifeboat itself.
    async fn overwrites(&self) -> Result<Vec<PermissionOverwrite>, RestError> {
        let me = self.call(Request::new(Route::me())).await?;
        let me = id_of(&me).ok_or_else(|| RestError::Unclear("an answer without an id".to_owned()))?;
        let everyone = PermissionOverwriteType::Role(RoleId::new(self.config.guild));
        let may = |kind, allow| PermissionOverwrite { allow, deny: Permissions::empty(), kind };
        let mut all = vec![
            PermissionOverwrite {
                allow: Permissions::empty(),
                deny: Permissions::VIEW_CHANNEL,
                kind: everyone,
            },
            may(PermissionOverwriteType::Member(UserId::new(me)), SEEN | Permissions::MANAGE_CHANNELS),
        ];
        let roles =
            self.config.private_to.iter().map(|role| PermissionOverwriteType::Role(RoleId::new(*role)));
        all.extend(roles.map(|role| may(role, SEEN)));
        Ok(all)
    }

    /// A thread under the card: a message has at most one, with the message's own id.
    async fn thread(self: &Arc<Self>, wanted: &Wanted, instead: Instead) -> Result<Had, Delivered> {
        let Some(card) = wanted.card.filter(|id| *id > 0) else {
            return Err(Delivered::NotYet { after_ms: CARD_MS });
        };
        let alerts = Place::Channel { channel: ChannelName::new(ALERTS) };
        let Some(alerts) = self.recorded(&alerts).await? else {
            return Err(Delivered::NotYet { after_ms: CARD_MS });
        };
        let name = fit(&format!("{} {}", wanted.incident, wanted.title), THREAD_NAME);
        let request = Request::new(Route::thread_under(alerts, MessageId::new(card)))
            .json(value(&CreateThread::new(name).auto_archive_duration(AutoArchiveDuration::OneWeek)))
            .because(format!("{}: its thread", wanted.incident));
        match self.call(request).await {
            Ok(made) => {
                let id = id_of(&made).unwrap_or(card);
                Ok(Had { id: ChannelId::new(id), instead: Some(instead) })
            }
            Err(RestError::Refused { code: code::HAS_A_THREAD, .. }) => {
                Ok(Had { id: ChannelId::new(card), instead: Some(instead) })
            }
            Err(RestError::Forbidden { .. } | RestError::Refused { .. }) => {
                Ok(Had { id: alerts, instead: Some(Instead::Nothing) })
            }
            Err(error) => Err(delivered(&error)),
        }
    }

    /// Opens a thread that was archived, or archives it again.
    pub(super) async fn archive(&self, thread: ChannelId, archived: bool) -> Result<(), RestError> {
        let request = Request::new(Route::edit_channel(thread)).json(json!({ "archived": archived }));
        self.call(request.because("lifeboat: the status in it is brought up to date")).await.map(|_| ())
    }

    /// Fetches the channel of an incident that goes on back among the open ones; a thread is opened again.
    pub(super) async fn bring_back(self: &Arc<Self>, channel: &ChannelName) -> Result<ChannelId, Delivered> {
        let before = self.recorded(&Place::Channel { channel: channel.clone() }).await?;
        let id = self.place(channel).await?;
        if before.is_some() {
            self.put(channel, id, Place::Open).await?;
        }
        Ok(id)
    }

    /// Puts the channel of an incident that ended among the closed ones; a thread is archived.
    pub(super) async fn put_away(
        self: &Arc<Self>,
        channel: &ChannelName,
        id: ChannelId,
    ) -> Result<(), Delivered> {
        match self.wanted(channel).await? {
            // It goes on again since this was asked for.
            Some(wanted) if !wanted.ended => Ok(()),
            _ => self.put(channel, id, Place::Closed).await,
        }
    }

    async fn put(
        self: &Arc<Self>,
        channel: &ChannelName,
        id: ChannelId,
        place: Place,
    ) -> Result<(), Delivered> {
        let own = channel.clone();
        let instead = self
            .tell(move |_, teller| teller.chat?.channels.get(&own)?.instead)
            .await
            .map_err(|_| STOPPING)?;
        let body = match instead {
            Some(Instead::Nothing) => return Ok(()),
            Some(_) => json!({ "archived": place == Place::Closed }),
            None => {
                let all = self.channels().await.map_err(|error| delivered(&error))?;
                let category = self.category(place, &all).await.map_err(|error| delivered(&error))?;
                json!({ "parent_id": category.to_string() })
            }
        };
        let why = format!(
            "{channel}: {}",
            if body["archived"].is_null() { "moved" } else { "archived or opened again" }
        );
        match self.call(Request::new(Route::edit_channel(id)).json(body).because(why)).await {
            Ok(_) => Ok(()),
            // A full server, or a right that is missing: it stays where it is, which loses nothing.
            Err(error @ (RestError::Forbidden { .. } | RestError::Refused { .. })) => {
                tracing::warn!(%error, channel = channel.as_str(), "a channel stays where it is");
                Ok(())
            }
            Err(error) => Err(delivered(&error)),
        }
    }
}

/// Lifeboat is stopping: it is asked again after the next start.
pub(super) const STOPPING: Delivered = Delivered::NotYet { after_ms: 1_000 };

/// The title, so that Chinese is readable too, and our mark.
fn topic(wanted: &Wanted) -> String {
    let title = fit(&escaped(&wanted.title), TOPIC / 2);
    format!("{title} · {} · {}", wanted.incident, wanted.mark)
}

/// The category of that name.
fn named(all: &[Value], name: &str) -> Option<ChannelId> {
    let found = all.iter().find(|one| one["type"] == 4 && one["name"].as_str() == Some(name));
    found.and_then(id_of).map(ChannelId::new)
}

/// How many channels are in a category.
fn inside(all: &[Value], category: ChannelId) -> usize {
    let id = category.to_string();
    all.iter().filter(|one| one["parent_id"].as_str() == Some(id.as_str())).count()
}

fn has_mark(channel: &Value, mark: &str) -> bool {
    let words = channel["topic"].as_str().map(str::split_whitespace);
    words.is_some_and(|mut words| words.any(|word| word == mark))
}

/// The server or the category takes no more channels. A full category has no code of its own
/// (discord-api-docs#1289), and may be full before fifty.
fn is_full(error: &RestError) -> bool {
    match error {
        RestError::Refused { code: code::CHANNELS_FULL, .. } => true,
        RestError::Refused { code: code::INVALID_FORM, errors, .. } => {
            errors.to_string().contains("CHANNEL_PARENT_MAX_CHANNELS")
        }
        _ => false,
    }
}
