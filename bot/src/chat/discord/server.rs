//! What all parts of this chat share: the server there, how it is called, who is who, and in which voice it is told.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use chrono_tz::Tz;
use lifeboat_commands::people::People;
use lifeboat_storage::event::{ChatKind, Place};
use lifeboat_storage::id::Seq;
use serde_json::Value;
use serenity::model::id::{ChannelId, GuildId};

use super::rest::{Request, Rest, RestError};
use super::tell::Teller;
use crate::config;
use crate::console::answers;
use crate::desk::{Desk, Room, Stopping};
use crate::engine::input::Delivered;
use crate::say::Say;

/// A lane waits so long where somebody must mend something first, in milliseconds.
const MENDED_MS: u64 = 60_000;

/// What a message said last, and when it was edited on the clock that never goes back.
pub(super) type Last = (Value, u64);

/// The server.
pub struct Server {
    /// By which it is called.
    pub rest: Arc<dyn Rest>,
    /// Where the engine is asked.
    pub desk: Desk,
    /// As configured.
    pub config: config::Discord,
    /// Who is who.
    pub people: People,
    /// In which zone moments are printed.
    pub zone: Tz,
    /// The page's address as people type it, where it is configured.
    pub page: Option<String>,
    /// A drill.
    pub drill: bool,
    /// The file that says which commands are registered where.
    pub registered: PathBuf,
    /// The commands were seen to stand there since they may have gone.
    pub(super) commands_stand: tokio::sync::Mutex<bool>,
    /// Places found in this run; the record may be a moment behind.
    places: Mutex<BTreeMap<Place, ChannelId>>,
    /// What cards say, so that no edit says the same.
    last: Mutex<BTreeMap<Seq, Last>>,
    /// One place is looked for at a time, so that none is made twice.
    pub(super) looking: tokio::sync::Mutex<()>,
}

impl Server {
    /// A server that is not asked yet.
    #[must_use]
    pub fn new(
        rest: Arc<dyn Rest>,
        desk: Desk,
        config: &config::Config,
        discord: config::Discord,
        people: People,
        drill: bool,
    ) -> Self {
        let page = config.console.public_url.as_ref().map(|url| url.origin().ascii_serialization());
        Self {
            rest,
            desk,
            config: discord,
            people,
            zone: config.zone,
            page,
            drill,
            registered: config.data_dir.join("discord-commands"),
            commands_stand: tokio::sync::Mutex::default(),
            places: Mutex::default(),
            last: Mutex::default(),
            looking: tokio::sync::Mutex::default(),
        }
    }

    /// Its id.
    #[must_use]
    pub fn guild(&self) -> GuildId {
        GuildId::new(self.config.guild)
    }

    /// The voice of what all read together.
    #[must_use]
    pub fn say(&self) -> Say {
        Say::new(self.config.lang, self.zone)
    }

    /// Makes a call and takes the body of its answer.
    pub(super) async fn call(&self, request: Request) -> Result<Value, RestError> {
        Ok(self.rest.call(request).await?.body)
    }

    /// Asks something that is told in the voice of all.
    pub(super) async fn tell<T: Send + 'static>(
        self: &Arc<Self>,
        ask: impl FnOnce(&Room<'_>, &Teller<'_>) -> T + Send + 'static,
    ) -> Result<T, Stopping> {
        let own = Arc::clone(self);
        let answer = move |room: &Room<'_>| {
            answers::scene(room, own.say(), |scene| {
                let teller = Teller {
                    scene,
                    people: &own.people,
                    chat: scene.state.chats.of(ChatKind::Discord),
                    wake: own.config.wake,
                    page: own.page.as_deref(),
                    drill: own.drill,
                };
                ask(room, &teller)
            })
        };
        self.desk.look(answer).await
    }

    pub(super) fn known(&self, place: &Place) -> Option<ChannelId> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner).get(place).copied()
    }

    pub(super) fn keep(&self, place: Place, id: ChannelId) {
        self.places.lock().unwrap_or_else(PoisonError::into_inner).insert(place, id);
    }

    pub(super) fn forget(&self, place: &Place) {
        self.places.lock().unwrap_or_else(PoisonError::into_inner).remove(place);
    }

    /// A channel was deleted there, and with it what hung on it: the record is asked again where places are.
    pub(super) fn deleted(&self, id: ChannelId) {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if places.values().any(|known| *known == id) {
            places.clear();
        }
    }

    pub(super) fn last(&self, queued: Seq) -> Option<Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).get(&queued).cloned()
    }

    /// Remembers what a card says; the oldest are forgotten, which costs one needless edit each.
    pub(super) fn said(&self, queued: Seq, last: Last) {
        let mut all = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(queued, last);
        while all.len() > KEPT {
            all.pop_first();
        }
    }
}

/// How many cards are remembered as they were said last.
const KEPT: usize = 256;

/// Discord's codes that we act on (docs: topics/opcodes-and-status-codes, 2026-08-06).
pub(super) mod code {
    pub(in super::super) const UNKNOWN_CHANNEL: u32 = 10_003;
    pub(in super::super) const UNKNOWN_MESSAGE: u32 = 10_008;
    pub(in super::super) const UNKNOWN_INTERACTION: u32 = 10_062;
    pub(in super::super) const CHANNELS_FULL: u32 = 30_013;
    pub(in super::super) const TOO_OLD_TO_EDIT: u32 = 30_046;
    pub(in super::super) const ALREADY_ACKNOWLEDGED: u32 = 40_060;
    pub(in super::super) const NOT_THE_AUTHOR: u32 = 50_005;
    pub(in super::super) const INVALID_FORM: u32 = 50_035;
    pub(in super::super) const ARCHIVED: u32 = 50_083;
    pub(in super::super) const HAS_A_THREAD: u32 = 160_004;
    pub(in super::super) const UNKNOWN_WEBHOOK: u32 = 10_015;
    pub(in super::super) const DEAD_TOKEN: u32 = 50_027;
}

/// What a failed call means for a message that waits.
pub(super) fn delivered(error: &RestError) -> Delivered {
    let ms = |wait: &std::time::Duration| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    match error {
        RestError::Refused { code: code::UNKNOWN_CHANNEL, .. } => Delivered::Gone,
        RestError::Refused { status, .. } => Delivered::Refused { status: *status },
        // Somebody has to mend it; until then it waits, and after two minutes others are told.
        RestError::Forbidden { .. } | RestError::TokenRevoked => {
            Delivered::Later { after_ms: Some(MENDED_MS), maybe_arrived: false }
        }
        RestError::RateLimited { retry_after, .. } => Delivered::NotYet { after_ms: ms(retry_after) },
        RestError::Crowded => Delivered::NotYet { after_ms: 1_000 },
        RestError::Banned { retry_after } => {
            Delivered::Later { after_ms: Some(ms(retry_after)), maybe_arrived: false }
        }
        RestError::Unreachable(_) => Delivered::Later { after_ms: None, maybe_arrived: false },
        RestError::Unclear(_) | RestError::Ill { .. } => {
            Delivered::Later { after_ms: None, maybe_arrived: true }
        }
    }
}

/// An id in an answer.
pub(super) fn id_of(value: &Value) -> Option<u64> {
    value["id"].as_str()?.parse().ok().filter(|id| *id > 0)
}
