//! Commands and chat: what people ask for, checked, decided and recorded.

use std::sync::Arc;

use lifeboat_commands::parse::{self, Parsed};
use lifeboat_commands::people::{Permission, Person};
use lifeboat_commands::refusal::Refusal;
use lifeboat_commands::verb::{self, Change, Decision, Scene};
use lifeboat_storage::event::{Actor, Event, Kind, Origin, Share};
use lifeboat_storage::id::{ChannelName, Correlation, IncidentId, Seq, ServiceName, World};

use super::Engine;
use super::effect::{Answer, Effect};
use super::input::{Chosen, Now, Speaker, Ticket, Typed};
use super::record::Decided;

/// Longest message a person may say, in characters.
const LONGEST_MESSAGE: usize = 4_000;
/// How many events back a wish that comes twice is looked for: more than a day of a busy incident.
const LOOKED_BACK: usize = 20_000;

/// What was asked, whatever way it came.
#[derive(Debug)]
struct Asked {
    ticket: Ticket,
    /// The command words, empty where they are none of ours.
    words: String,
    channel: Option<ChannelName>,
    speaker: Speaker,
    once: Option<Correlation>,
}

impl From<Typed> for Asked {
    fn from(typed: Typed) -> Self {
        let Typed { ticket, channel, speaker, .. } = typed;
        Self { ticket, words: String::new(), channel, speaker, once: None }
    }
}

impl Engine {
    /// A line somebody typed.
    pub(crate) fn command(&mut self, typed: Typed, now: Now, out: &mut Vec<Effect>) {
        let words = parse::head(&typed.line).map(|(spec, _)| spec.words()).unwrap_or_default();
        let parsed = parse::parse(&typed.line, now.wall, self.setup.zone);
        let asked = Asked { words, once: None, ..Asked::from(typed) };
        let decided = parsed.and_then(|parsed| self.decide(&parsed, &asked, now));
        self.answer(asked, decided, now, out);
    }

    /// A command whose values were chosen one by one. One that was recorded already is not done again.
    pub(crate) fn chosen(&mut self, chosen: Chosen, now: Now, out: &mut Vec<Effect>) {
        let Chosen { ticket, spec, values, channel, speaker, once } = chosen;
        if let Some(done) = once.as_ref().and_then(|once| self.done_already(once)) {
            out.push(Effect::Reply { ticket, answer: Box::new(Answer::Done(done)) });
            return;
        }
        let parsed = parse::read(spec, values, now.wall, self.setup.zone);
        let asked = Asked { ticket, words: spec.words(), channel, speaker, once };
        let decided = parsed.and_then(|parsed| self.decide(&parsed, &asked, now));
        self.answer(asked, decided, now, out);
    }

    fn done_already(&self, once: &Correlation) -> Option<Vec<Arc<Event>>> {
        let newest = self.record.shelf.newest().take(LOOKED_BACK);
        let mut done: Vec<Arc<Event>> =
            newest.filter(|event| event.correlation.as_ref() == Some(once)).map(Arc::clone).collect();
        done.reverse();
        (!done.is_empty()).then_some(done)
    }

    fn answer(&mut self, asked: Asked, decided: Result<Decision, Refusal>, now: Now, out: &mut Vec<Effect>) {
        let reply = |answer| Effect::Reply { ticket: asked.ticket, answer: Box::new(answer) };
        match decided {
            Ok(Decision::Show(show)) => out.push(reply(Answer::Show(show))),
            Ok(Decision::Change(changes)) => {
                self.measure_to_the_end(&changes, now, out);
                let (ticket, once) = (Some(asked.ticket), asked.once);
                let decided = Decided { changes: changes.clone(), ticket, finding: None, once };
                self.commit(decided, &asked.speaker.actor, now, out);
                self.follow_up(&changes, now, out);
            }
            Err(refusal) => {
                self.remember(&asked, &refusal, now, out);
                out.push(reply(Answer::Refused(refusal)));
            }
        }
    }

    /// What Lifeboat itself adds to what a person decided.
    fn follow_up(&mut self, changes: &[Change], now: Now, out: &mut Vec<Effect>) {
        let changes = self.propose_joined(changes, now.wall).into_iter().collect();
        self.commit(Decided { changes, ..Decided::default() }, &Actor::lifeboat(Origin::Detector), now, out);
    }

    fn decide(&self, parsed: &Parsed, asked: &Asked, now: Now) -> Result<Decision, Refusal> {
        let event = |seq| self.on_shelf(seq);
        let share = |service: &ServiceName| self.recent_share(service);
        let scene = self.scene((self.who(&asked.speaker), asked.channel.as_ref()), now, &event, &share);
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
        let parsed = parse::parse(&typed.line, now.wall, self.setup.zone)?;
        self.decide(&parsed, &Asked::from(typed.clone()), now)
    }

    /// Who somebody is: what the chat they speak in adds, else as configured.
    fn who<'a>(&'a self, speaker: &'a Speaker) -> Option<&'a Person> {
        let configured = || self.setup.people.named(speaker.person.as_ref()?.as_str());
        speaker.granted.as_ref().or_else(configured)
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
    fn remember(&mut self, asked: &Asked, refusal: &Refusal, now: Now, out: &mut Vec<Effect>) {
        if !matches!(refusal, Refusal::NotAllowed { .. }) {
            return;
        }
        let kind = Kind::CommandRefused { command: asked.words.clone(), why: refusal.key().to_owned() };
        let incident = asked.channel.as_ref().and_then(|channel| self.state.incident_of_channel(channel));
        let change = Change { incident, occurred_at: now.wall, kind, supersedes: None };
        self.commit(Decided { changes: vec![change], ..Decided::default() }, &asked.speaker.actor, now, out);
    }

    /// Plain words in a channel.
    pub(crate) fn said(&mut self, typed: Typed, now: Now, out: &mut Vec<Effect>) {
        let decided = self.say(&typed, now).map(|change| Decision::Change(vec![change]));
        self.answer(Asked::from(typed), decided, now, out);
    }

    fn say(&self, typed: &Typed, now: Now) -> Result<Change, Refusal> {
        let person = self.who(&typed.speaker).ok_or(Refusal::NotSignedIn)?;
        if !person.may(Permission::Responder) {
            let who_could = self.setup.people.who_could(Permission::Responder);
            return Err(Refusal::NotAllowed { who_could });
        }
        if self.record.degraded.is_some() {
            return Err(Refusal::NotRecording);
        }
        let text = typed.line.trim();
        let missing = || Refusal::Missing {
            command: "/incident note".to_owned(),
            option: "text",
            given: String::new(),
        };
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
