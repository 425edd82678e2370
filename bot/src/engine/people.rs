//! Commands and chat: what people ask for, checked, decided and recorded.

use lifeboat_commands::parse;
use lifeboat_commands::people::{Permission, Person};
use lifeboat_commands::refusal::Refusal;
use lifeboat_commands::verb::{self, Change, Decision, Scene};
use lifeboat_storage::event::{Actor, Event, Kind, Share};
use lifeboat_storage::id::{ChannelName, IncidentId, Seq, ServiceName, World};

use super::Engine;
use super::effect::{Answer, Effect};
use super::input::{Now, Typed};
use super::record::Decided;

/// Longest message a person may say, in characters.
const LONGEST_MESSAGE: usize = 4_000;

impl Engine {
    pub(crate) fn command(&mut self, typed: Typed, now: Now, out: &mut Vec<Effect>) {
        let decided = self.decide(&typed, now);
        self.answer(typed, decided, now, out);
    }

    fn answer(&mut self, typed: Typed, decided: Result<Decision, Refusal>, now: Now, out: &mut Vec<Effect>) {
        let reply = |answer| Effect::Reply { ticket: typed.ticket, answer: Box::new(answer) };
        match decided {
            Ok(Decision::Show(show)) => out.push(reply(Answer::Show(show))),
            Ok(Decision::Change(changes)) => {
                let decided = Decided { changes, ticket: Some(typed.ticket), finding: None };
                self.commit(decided, &typed.speaker.actor, now, out);
            }
            Err(refusal) => {
                self.remember(&typed, &refusal, now, out);
                out.push(reply(Answer::Refused(refusal)));
            }
        }
    }

    fn decide(&self, typed: &Typed, now: Now) -> Result<Decision, Refusal> {
        let parsed = parse::parse(&typed.line, now.wall, self.setup.zone)?;
        let event = |seq| self.on_shelf(seq);
        let share = |service: &ServiceName| self.recent_share(service);
        let who = typed.speaker.person.as_ref().and_then(|name| self.setup.people.named(name.as_str()));
        let scene = self.scene((who, typed.channel.as_ref()), now, &event, &share);
        verb::authorize(&scene, parsed.spec)?;
        if !parsed.spec.reads && self.record.degraded.is_some() {
            return Err(Refusal::NotRecording);
        }
        verb::decide(&scene, &parsed.command)
    }

    /// What a command would come to, without doing it: for the preview under the command line.
    ///
    /// # Errors
    /// The refusal it would meet.
    pub fn preview(&self, typed: &Typed, now: Now) -> Result<Decision, Refusal> {
        self.decide(typed, now)
    }

    /// What Lifeboat itself decides on: nobody asks.
    pub(crate) fn own_scene<T>(&self, now: Now, look: impl FnOnce(&Scene<'_>) -> T) -> T {
        let event = |seq| self.on_shelf(seq);
        let share = |service: &ServiceName| self.recent_share(service);
        look(&self.scene((None, None), now, &event, &share))
    }

    fn scene<'a>(
        &'a self,
        (who, channel): (Option<&'a Person>, Option<&'a ChannelName>),
        now: Now,
        event: &'a dyn Fn(Seq) -> Option<Event>,
        share: &'a dyn Fn(&ServiceName) -> Option<Share>,
    ) -> Scene<'a> {
        Scene {
            state: &self.state,
            people: &self.setup.people,
            who,
            channel,
            now: now.wall,
            head: self.record.head.as_deref(),
            fleet: &self.setup.fleet,
            facts: &self.fleet.facts,
            share,
            zone: self.setup.zone,
            hints: self.setup.hints.as_deref(),
            drill: self.setup.world != World::Real,
            scenarios: &self.setup.scenarios,
            event,
        }
    }

    /// Who tried what without being allowed to is kept.
    fn remember(&mut self, typed: &Typed, refusal: &Refusal, now: Now, out: &mut Vec<Effect>) {
        if !matches!(refusal, Refusal::NotAllowed { .. }) {
            return;
        }
        let command = parse::head(&typed.line).map(|(spec, _)| spec.words()).unwrap_or_default();
        let kind = Kind::CommandRefused { command, why: refusal.key().to_owned() };
        let incident = typed.channel.as_ref().and_then(|channel| self.state.incident_of_channel(channel));
        let change = Change { incident, occurred_at: now.wall, kind, supersedes: None };
        self.commit(Decided { changes: vec![change], ..Decided::default() }, &typed.speaker.actor, now, out);
    }

    /// Plain words in a channel.
    pub(crate) fn said(&mut self, typed: Typed, now: Now, out: &mut Vec<Effect>) {
        let decided = self.say(&typed, now).map(|change| Decision::Change(vec![change]));
        self.answer(typed, decided, now, out);
    }

    fn say(&self, typed: &Typed, now: Now) -> Result<Change, Refusal> {
        let person = typed.speaker.person.as_ref().and_then(|name| self.setup.people.named(name.as_str()));
        let person = person.ok_or(Refusal::NotSignedIn)?;
        if !person.may(Permission::Responder) {
            let who_could = self.setup.people.who_could(Permission::Responder);
            return Err(Refusal::NotAllowed { needs: Permission::Responder, who_could });
        }
        if self.record.degraded.is_some() {
            return Err(Refusal::NotRecording);
        }
        let text = typed.line.trim();
        let missing = || Refusal::Missing { command: "/incident note".to_owned(), option: "text" };
        if text.is_empty() {
            return Err(missing());
        }
        if text.chars().count() > LONGEST_MESSAGE {
            return Err(Refusal::TooLong { option: "text", limit: LONGEST_MESSAGE });
        }
        let channel = self.channel(typed.channel.as_ref()).ok_or_else(missing)?;
        let incident = self.state.incident_of_channel(&channel);
        let kind = Kind::MessageSaid { channel, text: text.to_owned() };
        Ok(Change { incident, occurred_at: now.wall, kind, supersedes: None })
    }

    /// Only channels that exist can be spoken in.
    fn channel(&self, named: Option<&ChannelName>) -> Option<ChannelName> {
        named.filter(|name| self.state.channels.contains_key(name)).cloned()
    }

    pub(crate) fn exported(
        &mut self,
        incident: IncidentId,
        format: String,
        lang: String,
        actor: Actor,
        now: Now,
        out: &mut Vec<Effect>,
    ) {
        let change = Change::of(incident, now.wall, Kind::PostmortemExported { format, lang });
        self.commit(Decided { changes: vec![change], ..Decided::default() }, &actor, now, out);
    }
}
