//! What people do in Discord reaches the engine here, and they are answered: first that it was heard, then what came
//! of it.
//!
//! Nothing is done before Discord took our acknowledgement. So of two processes with one token only one acts, and of
//! an interaction that comes twice only the first.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lifeboat_commands::complete;
use lifeboat_commands::parse::Values;
use lifeboat_commands::people::{DiscordRole, Permission, Person};
use lifeboat_commands::refusal::Refusal;
use lifeboat_commands::table::{self, Spec};
use lifeboat_storage::event::{Actor, ChatKind, Origin};
use lifeboat_storage::id::{ChannelName, Correlation, PersonName};
use serde_json::Value;
use serenity::builder::{
    AutocompleteChoice, CreateAutocompleteResponse, CreateInteractionResponse,
    CreateInteractionResponseMessage,
};
use serenity::model::id::{ApplicationId, ChannelId, InteractionId, MessageId};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

mod answer;
mod ask;
mod pin;
mod read;
mod turn;

use pin::note;
use turn::Turn;

use super::form;
use super::gateway::{Arrival, Condition, Dispatch};
use super::interaction::{Account, Envelope, Target, Wants};
use super::mark::nonce_of;
use super::render::{fit, lean, render, value};
use super::rest::{File, Request, RestError};
use super::route::Route;
use super::server::{Server, code, id_of};
use super::sheet::{Piece, Sheet, Told, plain};
use crate::console::answers;
use crate::console::view::CommandReply;
use crate::desk::{Stopping, Wish};
use crate::engine::effect::Answer;
use crate::engine::input::{Input, Link, Speaker};
use crate::say::{Say, command, incident, reply, word};

/// Interactions that wait for their acknowledgement together; each has it within a moment or not at all.
const TOGETHER: usize = 64;
/// What is worked on together, late answers included. More commands are refused, so that no acknowledgement waits
/// behind late answers. About half of what may wait for a turn at Discord, so that acknowledgements find room too.
const UNDER_WAY: usize = 512;
/// Interactions remembered, so that one that comes twice is heard once.
const REMEMBERED: usize = 4_096;
/// What the engine must tell for the first answer is ready within this; else a reading command is acknowledged
/// first, and a completion offers nothing.
const AT_ONCE: Duration = Duration::from_millis(800);
/// Most choices of a completion, and the longest of them (docs: interactions/application-commands, 2026-08-06).
const CHOICES: usize = 25;
const CHOICE: usize = 100;
/// How many events back it is looked whether a missed interaction was carried out after all.
const LOOKED_BACK: usize = 20_000;
/// The sign that puts a message on the timeline.
const PIN: &str = "📌";
/// Longest text of a note.
const NOTE: usize = 3_800;

/// Where people come in.
pub struct Door {
    server: Arc<Server>,
    heard: Mutex<VecDeque<InteractionId>>,
}

/// What was asked, by whom, where.
struct Asked {
    envelope: Envelope,
    application: ApplicationId,
    replayed: bool,
    turn: Turn,
}

impl Asked {
    fn once(&self) -> Correlation {
        Correlation::new(format!("discord-{}", self.envelope.id))
    }
}

impl Door {
    /// The door of a server.
    #[must_use]
    pub fn new(server: Arc<Server>) -> Self {
        Self { server, heard: Mutex::default() }
    }

    /// Hears what the gateway yields until `stop`, or until the gateway ends.
    pub async fn open(self: Arc<Self>, mut arrivals: mpsc::Receiver<Arrival>, stop: CancellationToken) {
        let places = Arc::new(Semaphore::new(TOGETHER));
        let mut under_way = JoinSet::new();
        loop {
            let heard = async {
                let place = Arc::clone(&places).acquire_owned().await.ok()?;
                Some((arrivals.recv().await?, place))
            };
            let heard = tokio::select! {
                () = stop.cancelled() => break,
                Some(_) = under_way.join_next() => continue,
                heard = heard => heard,
            };
            match heard {
                None => break,
                Some((Arrival::Condition(condition), _)) => {
                    self.condition(&condition, &mut under_way, &stop).await;
                }
                Some((Arrival::Dispatch(dispatch), place)) => {
                    let turn = Turn::new(place, under_way.len() >= UNDER_WAY);
                    self.dispatch(dispatch, turn, &mut under_way, &stop);
                }
            }
        }
        while under_way.join_next().await.is_some() {}
    }

    async fn condition(
        self: &Arc<Self>,
        condition: &Condition,
        under_way: &mut JoinSet<()>,
        stop: &CancellationToken,
    ) {
        let link = match condition {
            Condition::Connected => {
                self.server.rest.permissions_changed();
                self.see_to_commands(true, under_way, stop);
                Link::Up
            }
            Condition::Resumed { .. } => {
                self.see_to_commands(false, under_way, stop);
                Link::Up
            }
            Condition::Lost { why } => {
                tracing::warn!(?why, "the link to Discord is lost; it is being mended");
                Link::Down
            }
            Condition::Fatal(why) => {
                tracing::error!(
                    ?why,
                    "the link to Discord cannot be mended without a person: run lifeboat doctor"
                );
                Link::Over
            }
            Condition::IdentifyBudgetSpent { remaining, retry_after } => {
                tracing::error!(
                    ?remaining,
                    ?retry_after,
                    "no new session with Discord for now, to save the token"
                );
                Link::Over
            }
        };
        // Nobody listens only when Lifeboat is stopping.
        let _stopping = self.server.desk.tell(Input::Link { chat: ChatKind::Discord, link }).await;
    }

    /// Registers the commands where that is due; `anew`: also where they stood before.
    fn see_to_commands(&self, anew: bool, under_way: &mut JoinSet<()>, stop: &CancellationToken) {
        let (server, stop) = (Arc::clone(&self.server), stop.clone());
        under_way.spawn(async move {
            if anew {
                server.commands_may_be_gone().await;
            }
            // What is cut short is done by the next start.
            let _stopped = stop.run_until_cancelled(server.register()).await;
        });
    }

    fn dispatch(
        self: &Arc<Self>,
        dispatch: Dispatch,
        turn: Turn,
        under_way: &mut JoinSet<()>,
        stop: &CancellationToken,
    ) {
        let own = Arc::clone(self);
        let of_ours = dispatch.data["id"].as_str() == Some(self.server.config.guild.to_string().as_str());
        match dispatch.name.as_str() {
            "GUILD_CREATE" if of_ours => self.see_to_commands(false, under_way, stop),
            // It left the server, as against a server that is ill: its commands are gone with it.
            "GUILD_DELETE" if of_ours && dispatch.data["unavailable"] != true => {
                under_way.spawn(async move { own.server.commands_may_be_gone().await });
                return dispatch.done();
            }
            _ => {}
        }
        let own = Arc::clone(self);
        match dispatch.name.as_str() {
            "INTERACTION_CREATE" => _ = under_way.spawn(async move { own.interaction(dispatch, turn).await }),
            "MESSAGE_REACTION_ADD" if self.server.config.pins && turn.crowded => {
                tracing::warn!("too many calls wait for Discord: a pinned message was not looked at");
                dispatch.done();
            }
            "MESSAGE_REACTION_ADD" if self.server.config.pins => {
                under_way.spawn(async move { own.reaction(dispatch).await });
            }
            "GUILD_CREATE"
            | "GUILD_ROLE_CREATE"
            | "GUILD_ROLE_UPDATE"
            | "GUILD_ROLE_DELETE"
            | "GUILD_MEMBER_UPDATE"
            | "CHANNEL_UPDATE" => {
                self.server.rest.permissions_changed();
                let up = Input::Link { chat: ChatKind::Discord, link: Link::Up };
                under_way.spawn(own.tell(dispatch, turn, up));
            }
            "CHANNEL_DELETE" | "THREAD_DELETE" => match id_of(&dispatch.data) {
                Some(id) => {
                    self.server.deleted(ChannelId::new(id));
                    let lost = Input::Lost { chat: ChatKind::Discord, id: id.to_string() };
                    under_way.spawn(own.tell(dispatch, turn, lost));
                }
                None => dispatch.done(),
            },
            _ => dispatch.done(),
        }
    }

    /// Tells the engine of it. While Lifeboat is stopping nobody listens: the next run hears it again.
    fn tell(
        self: Arc<Self>,
        dispatch: Dispatch,
        turn: Turn,
        input: Input,
    ) -> impl Future<Output = ()> + Send + 'static {
        // Where it is crowded it keeps its place: only so many may wait for the engine then.
        let place = turn.crowded.then_some(turn);
        async move {
            let _place = place;
            if self.server.desk.tell(input).await.is_ok() {
                dispatch.done();
            }
        }
    }

    async fn interaction(self: Arc<Self>, dispatch: Dispatch, turn: Turn) {
        let data = &dispatch.data;
        let application =
            data["application_id"].as_str().and_then(|id| id.parse().ok()).filter(|id: &u64| *id > 0);
        let (Some(envelope), Some(application)) = (Envelope::read(data), application) else {
            tracing::error!("an interaction without the fields by which it could be answered");
            return dispatch.done();
        };
        if !self.is_first(envelope.id) {
            return dispatch.done();
        }
        let wants = envelope.wants(data);
        let application = ApplicationId::new(application);
        let asked = Asked { envelope, application, replayed: dispatch.replayed, turn };
        if self.meet(&asked, wants).await.is_ok() {
            dispatch.done();
        }
        // While Lifeboat is stopping nothing was done: the next run hears it again.
    }

    fn is_first(&self, id: InteractionId) -> bool {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        if heard.contains(&id) {
            return false;
        }
        heard.push_back(id);
        if heard.len() > REMEMBERED {
            heard.pop_front();
        }
        true
    }

    async fn meet(self: &Arc<Self>, asked: &Asked, wants: Option<Wants>) -> Result<(), Stopping> {
        let say = self.say(asked);
        let wants = wants.filter(|_| asked.envelope.guild == Some(self.server.guild()));
        match wants {
            // To a completion nothing else may be answered; whoever sends the line is told why.
            None | Some(Wants::Outdated) if asked.envelope.completes() => {
                let none = CreateAutocompleteResponse::new();
                self.answer(asked, None, CreateInteractionResponse::Autocomplete(none)).await
            }
            None => {
                let reference = asked.envelope.reference();
                tracing::error!(reference, "an interaction that cannot be read");
                let text = say.text("chat-unreadable", &[("reference", reference.into())]);
                self.answer(asked, None, self.private(asked, &text)).await
            }
            Some(Wants::Outdated) => {
                self.answer(asked, None, self.private(asked, &say.word("chat-outdated"))).await
            }
            Some(_) if asked.turn.crowded && !asked.envelope.completes() => {
                tracing::warn!("too many answers to commands wait for Discord: a command was refused");
                self.answer(asked, None, self.private(asked, &say.word("chat-crowded"))).await
            }
            Some(Wants::Completion { spec, option, typed, beside }) => {
                let choices = self.choices(asked, (spec, option), typed, beside).await?;
                self.answer(asked, None, CreateInteractionResponse::Autocomplete(choices)).await
            }
            Some(Wants::Form { spec, values, line }) => self.form(asked, spec, &values, &line).await,
            Some(Wants::Command { spec, values }) if spec.reads => self.read(asked, spec, values).await,
            Some(Wants::Command { spec, values }) => self.write(asked, spec, values, asked.once()).await,
            Some(Wants::ToTimeline(target)) => {
                let Some(spec) = table::find("incident", "note") else { return Ok(()) };
                let (values, once) = note(&target);
                self.write(asked, spec, values, once).await
            }
        }
    }

    fn say(&self, asked: &Asked) -> Say {
        Say::new(asked.envelope.lang, self.server.zone)
    }

    /// Acknowledges first, then has it done, then says what came of it.
    async fn write(
        self: &Arc<Self>,
        asked: &Asked,
        spec: &'static Spec,
        values: Values,
        once: Correlation,
    ) -> Result<(), Stopping> {
        let hidden = CreateInteractionResponseMessage::new().ephemeral(true);
        if !self.acknowledge(asked, Some(spec), CreateInteractionResponse::Defer(hidden)).await? {
            return Ok(());
        }
        let wish = self.wish(asked, spec, values, Some(once)).await?;
        let answer = self.server.desk.choose(wish).await?;
        let link = match &answer {
            Answer::DrillBegan { link, .. } => Some(link.clone()),
            _ => None,
        };
        let text = self.worded(asked, answer).await?.text;
        let sheet = link.iter().fold(self.told(self.say(asked), &text), |sheet, link| sheet.with_link(link));
        self.replace_by(asked, &text, &sheet, Vec::new()).await;
        Ok(())
    }

    async fn wish(
        self: &Arc<Self>,
        asked: &Asked,
        spec: &'static Spec,
        values: Values,
        once: Option<Correlation>,
    ) -> Result<Wish, Stopping> {
        let channel = self.channel(asked.envelope.channel).await?;
        let speaker = self.speaker(&asked.envelope.account);
        Ok(Wish { spec, values, channel, speaker, once })
    }

    /// Our channel of that id there.
    async fn channel(&self, id: Option<ChannelId>) -> Result<Option<ChannelName>, Stopping> {
        let Some(id) = id.map(|id| id.to_string()) else { return Ok(None) };
        let found = self.server.desk.look(move |room| {
            let chat = room.engine.durable().chats.of(ChatKind::Discord)?;
            // Where the common channel stands in for an incident's, it is the common channel.
            chat.channel_of(&id).cloned()
        });
        found.await
    }

    /// Who speaks: the configured person of that account, with what their roles there add; else an account whose
    /// roles say what it may. The second person of a plan is a configured one: a role alone does not make one.
    fn speaker(&self, account: &Account) -> Speaker {
        let people = &self.server.people;
        let by_role = people.by_roles(&account.roles);
        let configured = people.by_discord(&account.id.to_string()).cloned();
        let granted = match configured {
            Some(mut person) => {
                person.permissions.extend(by_role);
                Some(person)
            }
            None if by_role.is_empty() => None,
            None => Some(Person {
                name: PersonName::new(format!("@{}", fit(&account.name, 40))),
                console: None,
                os: None,
                discord: Some(account.id.to_string()),
                permissions: by_role.into_iter().filter(|may| *may != Permission::Approver).collect(),
            }),
        };
        let person = granted.as_ref().map(|person| person.name.clone());
        let actor =
            Actor { person: person.clone(), account: Some(account.id.to_string()), origin: Origin::Discord };
        Speaker { person, actor, granted }
    }
}

#[cfg(test)]
mod tests;
