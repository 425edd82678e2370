//! What a test holds of the double.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinSet;

use super::fault::{Fault, Outage, Where};
use super::gateway::hub::Frame;
use super::gateway::record::{Connection, Door};
use super::gateway::script::Script;
use super::person::Person;
use super::received::Received;
use super::server;
use super::settings::Settings;
use super::shared::Shared;
use super::snowflake::Snowflake;
use super::world::channel::{Channel, Overwrite};
use super::world::guild::Guild;
use super::world::interaction::Interaction;
use super::world::message::Message;
use super::world::{Addresses, World};

/// So many calls are told when a test waited in vain.
const LAST_CALLS: usize = 20;

/// A running double. Dropped, it stops, and fails the test when the bot did what it should not have.
#[derive(Debug)]
pub struct Discord {
    shared: Arc<Shared>,
    addresses: Addresses,
    /// The listening tasks, which own their connections.
    tasks: JoinSet<std::convert::Infallible>,
    judged: bool,
}

impl Discord {
    /// Starts one on a loopback port.
    ///
    /// # Panics
    ///
    /// When no port can be had.
    pub async fn start(settings: Settings) -> Self {
        let (first, resume) = server::listen(settings.port).expect("a port on 127.0.0.1 and 127.0.0.2");
        let port = first.local_addr().expect("a bound port").port();
        let addresses = Addresses {
            http: format!("http://127.0.0.1:{port}"),
            gateway: format!("ws://127.0.0.1:{port}"),
            resume: format!("ws://127.0.0.2:{port}"),
        };
        let shared = Arc::new(Shared::new(World::new(settings, addresses.clone())));
        let mut tasks = JoinSet::new();
        tasks.spawn(server::serve(first, Door::First, Arc::clone(&shared)));
        tasks.spawn(server::serve(resume, Door::Resume, Arc::clone(&shared)));
        Self { shared, addresses, tasks, judged: false }
    }

    /// `http://127.0.0.1:PORT`; what is behind it begins with `/api/v10`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.addresses.http
    }

    /// The same with it: `http://127.0.0.1:PORT/api/v10/`.
    #[must_use]
    pub fn api_url(&self) -> String {
        format!("{}{}/", self.addresses.http, super::spec::PREFIX)
    }

    /// `ws://127.0.0.1:PORT`, as GET /gateway/bot says it.
    #[must_use]
    pub fn gateway_url(&self) -> &str {
        &self.addresses.gateway
    }

    /// `ws://127.0.0.2:PORT`, as READY says it.
    #[must_use]
    pub fn resume_url(&self) -> &str {
        &self.addresses.resume
    }

    /// The bot's token as it is now.
    #[must_use]
    pub fn token(&self) -> String {
        self.shared.look(|world| world.bot.token.clone())
    }

    /// The id of the application, and of the webhook behind every interaction's token.
    #[must_use]
    pub fn application_id(&self) -> Snowflake {
        self.shared.look(|world| world.bot.application)
    }

    /// The bot's own id.
    #[must_use]
    pub fn bot_id(&self) -> Snowflake {
        self.shared.look(|world| world.bot.user)
    }

    /// The server's id.
    #[must_use]
    pub fn guild_id(&self) -> Snowflake {
        self.shared.look(|world| world.guild.id)
    }

    /// The server as it is now.
    #[must_use]
    pub fn guild(&self) -> Guild {
        self.shared.look(|world| world.guild.clone())
    }

    /// The channel, thread or category of this name.
    ///
    /// # Panics
    ///
    /// When there is none.
    #[must_use]
    pub fn channel(&self, name: &str) -> Channel {
        let found =
            self.shared.look(|world| world.guild.channels.values().find(|one| one.name == name).cloned());
        found.unwrap_or_else(|| panic!("no channel {name:?}"))
    }

    /// The person of this name.
    ///
    /// # Panics
    ///
    /// When there is none.
    #[must_use]
    pub fn person(&self, name: &str) -> Person {
        Person::new(Arc::clone(&self.shared), self.shared.look(|world| world.guild.member(name).id))
    }

    /// Adds a person with a language and roles.
    #[must_use]
    pub fn adds_person(&self, name: &str, locale: &str, roles: &[&str]) -> Person {
        Person::new(Arc::clone(&self.shared), self.shared.with(|world| world.add_person(name, locale, roles)))
    }

    /// Gives somebody these roles and takes all others from them.
    pub fn gives(&self, name: &str, roles: &[&str]) {
        self.shared.with(|world| world.give(name, roles));
    }

    /// Adds a role everybody may mention.
    #[must_use]
    pub fn adds_role(&self, name: &str) -> Snowflake {
        self.shared.with(|world| world.add_role(name))
    }

    /// Adds a channel of this kind; see [`channel`](super::world::channel).
    #[must_use]
    pub fn adds_channel(&self, name: &str, kind: u8, parent: Option<Snowflake>) -> Snowflake {
        self.shared.with(|world| world.add_channel(name, kind, parent))
    }

    /// The messages of a channel that all see, the oldest first.
    #[must_use]
    pub fn messages(&self, channel: Snowflake) -> Vec<Message> {
        self.shared.look(|world| {
            let here =
                world.messages.values().filter(|one| one.channel == channel && one.ephemeral_to.is_none());
            here.cloned().collect()
        })
    }

    /// A message as it is now.
    #[must_use]
    pub fn message(&self, id: Snowflake) -> Option<Message> {
        self.shared.look(|world| world.messages.get(&id).cloned())
    }

    /// Pinned messages of a channel, the newest first.
    #[must_use]
    pub fn pinned(&self, channel: Snowflake) -> Vec<Message> {
        let mut pinned = self.messages(channel);
        pinned.retain(|message| message.pinned);
        pinned.reverse();
        pinned
    }

    /// Messages that were there and are gone, in the order they went.
    #[must_use]
    pub fn deleted(&self) -> Vec<Message> {
        self.shared.look(|world| world.deleted.clone())
    }

    /// Commands as they are registered, with their ids.
    #[must_use]
    pub fn commands(&self) -> Vec<Value> {
        self.shared.look(|world| world.commands.set.clone())
    }

    /// Every request so far.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.shared.look(|world| world.received.clone())
    }

    /// The requests of one operation, by Discord's name for it, such as `create_message`.
    #[must_use]
    pub fn calls(&self, operation: &str) -> Vec<Received> {
        let mut calls = self.received();
        calls.retain(|one| one.operation == operation);
        calls
    }

    /// Every connection to the gateway so far.
    #[must_use]
    pub fn connections(&self) -> Vec<Connection> {
        self.shared.look(|world| world.hub.records())
    }

    /// What the bot did that it should not have, so far.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        self.shared.look(|world| world.violations.clone())
    }

    /// Takes the violations, which then no longer fail the test: for tests of the rules themselves.
    #[must_use]
    pub fn takes_violations(&self) -> Vec<String> {
        self.shared.with(|world| std::mem::take(&mut world.violations))
    }

    /// Interactions nobody has answered, right or in time.
    #[must_use]
    pub fn unanswered(&self) -> Vec<Interaction> {
        self.shared
            .look(|world| world.interactions.values().filter(|one| one.answer.is_none()).cloned().collect())
    }

    /// The request after the first `seen` ones, as soon as it comes.
    pub async fn next_received(&self, seen: usize) -> Received {
        self.shared.until_ever(|world| world.received.get(seen).cloned()).await
    }

    /// Waits until somebody is connected and has its session.
    ///
    /// # Panics
    ///
    /// When nobody comes.
    pub async fn connected(&self) -> Connection {
        self.until("a session on the gateway", |discord| {
            discord.connections().into_iter().find(|one| one.session.is_some() && one.ended.is_none())
        })
        .await
    }

    /// Waits until this yields something; looks again at every change.
    ///
    /// # Panics
    ///
    /// When it does not within [`Settings::patience`].
    pub async fn until<T>(&self, what: &str, sought: impl Fn(&Self) -> Option<T>) -> T {
        let found = self.shared.until_told(|| sought(self)).await;
        found.unwrap_or_else(|| {
            let (calls, violations) = (self.last_calls(), self.violations());
            panic!("{what} did not come; violations: {violations:#?}; the last calls: {calls:#?}")
        })
    }

    fn last_calls(&self) -> Vec<String> {
        let told = |one: &Received| {
            let Received { at, method, path, status, code, reason, .. } = one;
            format!(
                "{at:.3?} {method} {path}: {status}, code {code}, {}",
                reason.as_deref().unwrap_or_default()
            )
        };
        let calls = self.received();
        calls[calls.len().saturating_sub(LAST_CALLS)..].iter().map(told).collect()
    }

    /// Plays a script of the gateway.
    pub fn plays(&self, script: &Script) {
        self.shared.with(|world| world.play(script));
    }

    /// The next `times` requests there meet this fault.
    pub fn fails(&self, at: Where, fault: Fault, times: u32) {
        self.shared.with(|world| world.faults.plan(at, fault, 0, times));
    }

    /// The same after `skip` requests that are let through.
    pub fn fails_later(&self, at: Where, fault: Fault, skip: u32, times: u32) {
        self.shared.with(|world| world.faults.plan(at, fault, skip, times));
    }

    /// No more faults; tells how many nobody met.
    #[must_use]
    pub fn stops_failing(&self) -> u32 {
        self.shared.with(|world| {
            let left = world.faults.left();
            world.faults.clear();
            left
        })
    }

    /// All of Discord goes away: REST and gateway.
    pub fn goes_down(&self, outage: Outage) {
        self.shared.with(|world| {
            world.faults.outage = Some(outage);
            world.hub.mood.silent = outage == Outage::Silent;
            if outage != Outage::Silent {
                world.hang_up_all(|| Frame::Reset);
            }
        });
    }

    /// It is back.
    pub fn comes_back(&self) {
        self.shared.with(|world| {
            world.faults.outage = None;
            world.hub.mood.silent = false;
        });
    }

    /// Moves the double's time ahead of the machine's.
    pub fn advance(&self, by: Duration) {
        self.shared.with(|world| world.time.advance(by));
    }

    /// The double's time since it began.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.shared.look(World::now)
    }

    /// Somebody presses "reset token": sessions end with 4004, and the old token is worth nothing. Yields the new one.
    #[must_use]
    pub fn resets_token(&self) -> String {
        self.shared.with(|world| {
            let token = world.secret();
            world.bot.token.clone_from(&token);
            world.close_with(4004);
            token
        })
    }

    /// Rights of the bot's role on the server from now on.
    pub fn permits(&self, bits: u64) {
        self.shared.with(|world| world.change_rights(bits));
    }

    /// Rights that differ for a role or a person in a channel from now on.
    pub fn overwrites(&self, channel: Snowflake, overwrite: Overwrite) {
        self.shared.with(|world| world.overwrite(channel, overwrite));
    }

    /// Somebody deletes a channel.
    pub fn deletes_channel(&self, channel: Snowflake) {
        self.shared.with(|world| world.drop_channel(channel));
    }

    /// Somebody deletes a message.
    pub fn deletes_message(&self, message: Snowflake) {
        self.shared.with(|world| world.remove(message));
    }

    /// Somebody throws the bot out.
    pub fn kicks_bot(&self) {
        self.shared.with(World::kick);
    }

    /// Somebody invites it again.
    pub fn invites_bot(&self) {
        self.shared.with(World::invite);
    }

    /// Somebody makes a webhook that is not the bot's; its path, `/api/v10/webhooks/ID/TOKEN`.
    #[must_use]
    pub fn adds_webhook(&self, channel: Snowflake) -> String {
        self.shared.with(|world| {
            let id = world.add_webhook(channel, "fallback", false);
            format!("/api/v10/webhooks/{id}/{}", world.webhooks[&id].token)
        })
    }

    /// Somebody deletes every webhook.
    pub fn deletes_webhooks(&self) {
        self.shared.with(|world| world.webhooks.clear());
    }

    /// Stops, and fails the test when there are violations.
    ///
    /// # Panics
    ///
    /// When the bot did what it should not have.
    pub async fn finish(mut self) {
        self.tasks.shutdown().await;
        self.judge();
    }

    fn judge(&mut self) {
        if !std::mem::replace(&mut self.judged, true) {
            let violations = self.violations();
            assert!(violations.is_empty(), "the bot broke rules of Discord or of the house: {violations:#?}");
        }
    }
}

impl Drop for Discord {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.judge();
        }
    }
}
