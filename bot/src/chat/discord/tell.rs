//! What each post tells in Discord: the same words as in the console, in their places on a [`Sheet`]. Pure.

use chrono::DateTime;
use lifeboat_commands::people::People;
use lifeboat_storage::chat::Chat;
use lifeboat_storage::event::{AlertKind, Event, Kind, Milestone, PostKind, Severity, Status, Time};
use lifeboat_storage::id::{ChannelName, IncidentId, PersonName};
use lifeboat_storage::incident::Incident;
use lifeboat_storage::plan::run::Run;
use lifeboat_storage::state::ALERTS;

use super::render::sign;
use super::sheet::{Act, Button, Field, Line, Look, Panel, Piece, Sheet, Told, plain};
use crate::console::view::{Action, Card, PlanCard, Row};
use crate::say::{Scene, entry, incident, limits, message, plan, time, word};

mod planned;

/// How many lines of the timeline the status shows.
const TIMELINE: usize = 5;
/// How many of an incident's newest events are looked through for them.
const LOOKED_BACK: usize = 200;
/// How many tasks and plans the status shows, and incidents the summary.
const LISTED: usize = 8;
/// What telling rests on.
#[derive(Clone, Copy)]
pub struct Teller<'a> {
    /// State, events and voice: the configured language.
    pub scene: &'a Scene<'a>,
    /// Who is who there.
    pub people: &'a People,
    /// What is known of Discord.
    pub chat: Option<&'a Chat>,
    /// From which severity on which role is woken.
    pub wake: Option<(Severity, u64)>,
    /// The page's address as people type it, where it is configured.
    pub page: Option<&'a str>,
    /// A drill: said on everything, and nobody is woken.
    pub drill: bool,
}

impl Teller<'_> {
    /// What a message to a channel shows; none where there is nothing to show.
    #[must_use]
    pub fn post(&self, channel: &ChannelName, post: &PostKind) -> Option<Sheet> {
        let state = self.scene.state;
        let told = match post {
            PostKind::Card { incident } => {
                let known = state.incidents.get(incident)?;
                if channel.as_str() == ALERTS { self.card(known) } else { self.status(known) }
            }
            PostKind::Plan { plan } => self.plan(state.plans.get(plan)?),
            PostKind::Notice { about } => self.notice(&*(self.scene.lookup)(*about)?, channel),
            PostKind::Farewell { incident } => self.farewell(state.incidents.get(incident)?),
            PostKind::Room { .. } => return None,
        };
        Some(self.drilled(told))
    }

    /// What is left of a card that goes on elsewhere: where it goes on.
    #[must_use]
    pub fn pointer(&self, post: &PostKind, link: &str) -> Sheet {
        let subject = match post {
            PostKind::Card { incident } => incident.to_string(),
            PostKind::Plan { plan } => plan.to_string(),
            _ => String::new(),
        };
        let text = self.scene.say.text("chat-goes-on", &[("subject", subject.into())]);
        let button = Button {
            label: self.scene.say.word("chat-do-newest"),
            look: Look::Plain,
            act: Act::Link(link.to_owned()),
        };
        self.drilled(Sheet { line: plain(text), silent: true, buttons: vec![button], ..Sheet::default() })
    }

    fn drilled(&self, sheet: Sheet) -> Sheet {
        if !self.drill {
            return sheet;
        }
        let mut line = vec![Piece::Strong(self.scene.say.word("chat-drill")), Piece::Text(" · ".to_owned())];
        line.extend(sheet.line.into_iter().filter(|piece| !matches!(piece, Piece::Role(_))));
        Sheet { line, wakes: Vec::new(), calls: Vec::new(), ..sheet }
    }

    /// Who is woken at this severity.
    fn woken(&self, severity: Severity) -> Vec<u64> {
        self.wake.filter(|(at, _)| severity <= *at).map(|(_, role)| role).into_iter().collect()
    }

    /// A person: by their account there, else by name.
    fn person(&self, name: &PersonName) -> Piece {
        let account = self.people.named(name.as_str()).and_then(|person| person.discord.as_deref());
        match account.and_then(|id| id.parse().ok()) {
            Some(id) => Piece::Person(id),
            None => Piece::Text(self.scene.say.name(name.as_str())),
        }
    }

    fn link(&self, incident: &Incident) -> Option<String> {
        Some(format!("{}/#{}", self.page?.trim_end_matches('/'), incident.channel.as_ref()?))
    }

    /// Buttons that give commands, then the one that opens the page.
    fn buttons(&self, actions: &[Action], link: Option<String>) -> Vec<Button> {
        let mut all: Vec<Button> = actions.iter().map(button).collect();
        all.extend(link.map(|url| Button {
            label: self.scene.say.word("chat-do-page"),
            look: Look::Plain,
            act: Act::Link(url),
        }));
        all
    }

    fn zone(&self) -> String {
        time::zone_label(self.scene.say, self.scene.now)
    }

    /// The card among the alerts: how bad, what and where first.
    fn card(&self, known: &Incident) -> Sheet {
        let (scene, say) = (self.scene, self.scene.say);
        let view = crate::say::card::card(scene, known);
        let open = known.is_open() && known.status != Status::Resolved;
        let mut line = headline(&view);
        line.push(Piece::Text(format!(" · {}", known.id)));
        if let Some(person) = &known.acknowledged_by {
            line.extend([Piece::Text(format!(" · {} ", say.word("chat-taken-by"))), self.person(person)]);
        }
        let wakes = if open { self.woken(known.severity) } else { Vec::new() };
        line.extend(wakes.iter().flat_map(|role| [Piece::Text(" · ".to_owned()), Piece::Role(*role)]));
        line.extend([Piece::Text(" · ".to_owned()), Piece::Moment(incident::since(scene, known), Told::Ago)]);
        let mut lines = facts(&view.rows);
        lines.extend(self.place(known));
        let footer = [known.id.to_string(), view.meta.clone(), self.zone()].join(" · ");
        let ended = !known.is_open();
        Sheet {
            line,
            wakes,
            silent: false,
            panel: Some(Panel {
                title: incident::sentence(scene, known),
                url: self.link(known),
                tone: view.flag.tone,
                lines,
                fields: Vec::new(),
                footer,
                at: Some(known.touched_at),
            }),
            buttons: self.buttons(if ended { &[] } else { &view.actions }, self.link(known)),
            ..Sheet::default()
        }
    }

    /// Where people work on it.
    fn place(&self, known: &Incident) -> Option<Line> {
        let strong = Piece::Strong(self.scene.say.word("chat-channel"));
        Some(vec![strong, Piece::Text(" ".to_owned()), self.room(known)?])
    }

    /// The incident's own channel there.
    fn room(&self, known: &Incident) -> Option<Piece> {
        let id = &self.chat?.channels.get(known.channel.as_ref()?)?.id;
        id.parse().ok().map(Piece::Channel)
    }

    /// The pinned status of an incident's channel: one source of truth.
    fn status(&self, known: &Incident) -> Sheet {
        let (scene, say) = (self.scene, self.scene.say);
        let view = incident::incident(scene, known);
        let mut line = vec![
            Piece::Text(format!("{} ", sign(view.flag.shape))),
            Piece::Strong(format!("{} · {} · {}", view.id, view.flag.word, view.title)),
            Piece::Text(" · ".to_owned()),
            Piece::Moment(incident::since(scene, known), Told::Ago),
        ];
        if let Some(lead) = known.roles.get(&lifeboat_storage::event::Role::Commander) {
            line.extend([Piece::Text(format!(" · {} ", say.word("chat-lead"))), self.person(lead)]);
        }
        let burns = matches!(known.status, Status::Investigating | Status::Identified);
        let roles = if burns { self.woken(known.severity) } else { Vec::new() };
        line.extend(roles.iter().flat_map(|role| [Piece::Text(" · ".to_owned()), Piece::Role(*role)]));
        let title = say.text(
            "chat-status",
            &[("status", view.status_text.clone().into()), ("sentence", view.sentence.clone().into())],
        );
        let mut footer = vec![
            view.id.clone(),
            say.text("chat-state", &[("n", known.told.0.to_string().into())]),
            self.zone(),
        ];
        footer.extend(burns.then(|| say.word("chat-beat")));
        let fields = [self.seats(known), self.timeline(known), self.work(known, &view)];
        Sheet {
            line,
            silent: true,
            panel: Some(Panel {
                title,
                url: self.link(known),
                tone: view.flag.tone,
                lines: facts(&view.card.rows),
                fields: fields.into_iter().flatten().collect(),
                footer: footer.join(" · "),
                at: Some(scene.now),
            }),
            buttons: self.buttons(if known.is_open() { &view.card.actions } else { &[] }, self.link(known)),
            ..Sheet::default()
        }
    }

    fn seats(&self, known: &Incident) -> Option<Field> {
        let say = self.scene.say;
        let seat = |(role, person): (&lifeboat_storage::event::Role, &PersonName)| {
            vec![Piece::Text(format!("{} ", word::role(say, *role))), self.person(person)]
        };
        let lines: Vec<Line> = known.roles.iter().map(seat).collect();
        field(say.word("chat-who"), lines)
    }

    fn timeline(&self, known: &Incident) -> Option<Field> {
        let (scene, say) = (self.scene, self.scene.say);
        let newest = known.events.iter().rev().take(LOOKED_BACK).filter_map(|seq| (scene.lookup)(*seq));
        let mut told: Vec<_> = newest.filter(|event| is_told(&event.kind)).collect();
        told.reverse();
        // Of what happened at once, what was recorded first comes first.
        told.sort_by_key(|event| event.occurred_at);
        let shown = &told[told.len().saturating_sub(TIMELINE)..];
        let line = |event: &std::sync::Arc<Event>| {
            let (told, by) = (entry::text(scene, event), entry::actor(say, event));
            let first = told.lines().next().unwrap_or_default().to_owned();
            let by = if by.is_empty() { String::new() } else { format!("{by}: ") };
            let text = limits::middle_cut(&format!("{by}{first}"), limits::LINE);
            vec![Piece::Code(scene.at(event.occurred_at)), Piece::Text(format!(" {text}"))]
        };
        field(say.word("chat-timeline"), shown.iter().map(line).collect())
    }

    fn work(&self, known: &Incident, view: &crate::console::view::Incident) -> Option<Field> {
        let (scene, say) = (self.scene, self.scene.say);
        let of_incident = |run: &&Run| run.is_open() && run.incident == Some(known.id);
        let plans = scene.state.plans.values().filter(of_incident).map(|run| plan::line(scene, run));
        let tasks = view.tasks.iter().filter(|task| !task.done).map(|task| {
            let owner = task.owner.as_ref().map(|owner| format!(" ({owner})")).unwrap_or_default();
            format!("{}. {}{owner}", task.number, task.text)
        });
        let lines = plans.chain(tasks).take(LISTED).map(|text| plain(format!("⏳ {text}"))).collect();
        field(say.word("chat-work"), lines)
    }

    /// One event, in the words of the console's channel.
    fn notice(&self, event: &Event, channel: &ChannelName) -> Sheet {
        match event.kind.lasting() {
            Kind::ChatLost { since, .. } => return self.away("chat-away", None, *since),
            Kind::ChannelUnreached { channel: of, since, .. } if of == channel => {
                let own = self.scene.state.incident_of_channel(channel);
                return self.away("chat-away-here", own, *since);
            }
            Kind::SeverityChanged { from, to } if to < from && channel.as_str() == ALERTS => {
                let known = event.incident.and_then(|id| self.scene.state.incidents.get(&id));
                if let Some(known) = known {
                    return self.worse(event, known, *from, *to);
                }
            }
            _ => {}
        }
        let scene = self.scene;
        let text = match &event.actor.person {
            Some(_) => message::message(scene, event).text,
            None => message::notice(scene, event, channel),
        };
        let mut lines = text.lines();
        let mut line = match &event.actor.person {
            Some(person) => vec![self.person(person), Piece::Text(" · ".to_owned())],
            None => mark(scene, event).map(|sign| Piece::Text(format!("{sign} "))).into_iter().collect(),
        };
        line.push(Piece::Text(lines.next().unwrap_or_default().to_owned()));
        let wakes = self.woken_by(event);
        line.extend(wakes.iter().flat_map(|role| [Piece::Text(" · ".to_owned()), Piece::Role(*role)]));
        let calls = self.called_by(event);
        line.extend(calls.iter().flat_map(|id| [Piece::Text(" · ".to_owned()), Piece::Person(*id)]));
        let more = lines.map(plain).collect();
        // Who made it worse stands there in their own words; phones sound by the common channel.
        let own_words = event.actor.person.is_some() && matches!(event.kind, Kind::SeverityChanged { .. });
        let silent = wakes.is_empty() && calls.is_empty() && (own_words || !is_loud(&event.kind));
        Sheet { line, more, wakes, calls, silent, ..Sheet::default() }
    }

    /// Whoever was given a role or a task by another person hears of it.
    fn called_by(&self, event: &Event) -> Vec<u64> {
        let given = match event.kind.lasting() {
            Kind::RoleTaken { person, .. } => Some(person),
            Kind::TaskAdded { owner, .. } => owner.as_ref(),
            _ => None,
        };
        let by_another = given.filter(|person| event.actor.person.as_ref() != Some(person));
        match by_another.map(|person| self.person(person)) {
            Some(Piece::Person(id)) => vec![id],
            _ => Vec::new(),
        }
    }

    /// A raised severity among the alerts wakes those who must come: how bad, what and where first, then the numbers
    /// behind it.
    fn worse(&self, event: &Event, known: &Incident, from: Severity, to: Severity) -> Sheet {
        let (scene, say) = (self.scene, self.scene.say);
        let worse = say
            .text("chat-worse", &[("to", word::severity(to).into()), ("from", word::severity(from).into())]);
        let mut line = vec![
            Piece::Text(format!("{} ", mark(scene, event).unwrap_or_default())),
            Piece::Strong(format!("{worse} · {} · {}", incident::title(scene, known), known.id)),
        ];
        let wakes = self.woken(to);
        let person = event.actor.person.as_ref().map(|person| self.person(person));
        let roles = wakes.iter().map(|role| Piece::Role(*role));
        for piece in self.room(known).into_iter().chain(person).chain(roles) {
            line.extend([Piece::Text(" · ".to_owned()), piece]);
        }
        let more = message::numbers(scene, event).map(plain).into_iter().collect();
        Sheet { line, more, wakes, ..Sheet::default() }
    }

    /// What came back wakes where it was worked on. A test alert wakes like the worst: it shows that phones sound.
    fn woken_by(&self, event: &Event) -> Vec<u64> {
        match event.kind.lasting() {
            Kind::AlertReturned { severity, .. } => self.woken(*severity),
            Kind::AlertRaised { what: AlertKind::Test, .. } => self.woken(Severity::Sev1),
            _ => Vec::new(),
        }
    }

    /// What happened while nothing could be said here: one summary, as of now; of one incident in its own channel.
    fn away(&self, title: &str, own: Option<IncidentId>, since: Time) -> Sheet {
        let (scene, say) = (self.scene, self.scene.say);
        let of_here = |known: &&Incident| own.is_none_or(|id| id == known.id);
        let touched =
            scene.state.incidents.values().rev().filter(|known| known.touched_at >= since).filter(of_here);
        let told: Vec<(IncidentId, Line)> = touched.map(|known| (known.id, self.one_line(known))).collect();
        let more = told.len().saturating_sub(LISTED);
        let mut lines: Vec<Line> = told.into_iter().take(LISTED).map(|(_, line)| line).collect();
        if more > 0 {
            lines.push(plain(say.text("reply-more", &[("n", more.into())])));
        }
        if lines.is_empty() {
            lines.push(plain(say.word("chat-away-nothing")));
        }
        lines.push(plain(say.word("chat-away-record")));
        let line = vec![
            Piece::Text(format!("{} ", sign("question"))),
            Piece::Strong(say.word(title)),
            Piece::Text(" ".to_owned()),
            Piece::Moment(since, Told::Clock),
            Piece::Text(" → ".to_owned()),
            Piece::Moment(scene.now, Told::Clock),
        ];
        Sheet { line, more: lines, ..Sheet::default() }
    }

    fn one_line(&self, known: &Incident) -> Line {
        let flag = incident::flag(self.scene, known);
        let told = incident::sentence(self.scene, known);
        vec![Piece::Text(format!("{} {} · {} · {told}", sign(flag.shape), flag.word, known.id))]
    }

    /// The last message of an incident's channel; the postmortem is attached to it.
    fn farewell(&self, known: &Incident) -> Sheet {
        let scene = self.scene;
        let flag = incident::flag(scene, known);
        let line = vec![
            Piece::Text(format!("{} ", sign(flag.shape))),
            Piece::Strong(format!("{} · {}", known.id, flag.word)),
            Piece::Text(format!(" · {}", scene.say.word("chat-farewell"))),
        ];
        Sheet { line, silent: true, ..Sheet::default() }
    }
}

/// `♦️ SEV1 · 502 on blog-web: 18 % of requests`.
fn headline(view: &Card) -> Line {
    vec![
        Piece::Text(format!("{} ", sign(view.flag.shape))),
        Piece::Strong(format!("{} · {}", view.flag.word, view.title)),
    ]
}

fn facts(rows: &[Row]) -> Vec<Line> {
    rows.iter()
        .map(|row| vec![Piece::Strong(row.label.clone()), Piece::Text(format!(" {}", row.text))])
        .collect()
}

fn field(name: String, lines: Vec<Line>) -> Option<Field> {
    (!lines.is_empty()).then_some(Field { name, lines })
}

fn button(action: &Action) -> Button {
    let danger = [" cancel ", " remove "].iter().any(|word| action.command.contains(word));
    let look = match (action.primary, danger) {
        (true, _) => Look::Primary,
        (false, true) => Look::Danger,
        (false, false) => Look::Plain,
    };
    Button { label: action.label.clone(), look, act: Act::Command(action.command.clone()) }
}

/// The sign of what Lifeboat tells, where it has one.
fn mark(scene: &Scene<'_>, event: &Event) -> Option<&'static str> {
    let shape = entry::entry(scene, event).shape;
    let told = ["diamond", "triangle", "square", "circle", "check", "cross", "question"].contains(&shape);
    told.then(|| sign(shape))
}

/// What the short timeline tells: neither refusals nor what only goes with a declaration.
fn is_told(kind: &Kind) -> bool {
    let beside = match kind.lasting() {
        Kind::CommandRefused { .. } | Kind::ChannelOpened { .. } => true,
        Kind::MilestoneSet { milestone } => *milestone == Milestone::Declared,
        _ => false,
    };
    entry::is_story(kind) && !beside
}

/// What must be noticed; recovery and bookkeeping are silent, and so is what people did themselves.
fn is_loud(kind: &Kind) -> bool {
    match kind.lasting() {
        Kind::SeverityChanged { from, to } => to < from,
        Kind::PlanEnded { proven, .. } => !proven,
        Kind::CapacityJudged { wanted, ready, .. } => ready < wanted,
        Kind::AlertRaised { .. }
        | Kind::AlertReturned { .. }
        | Kind::SourceBlind { .. }
        | Kind::FleetBlind { .. }
        | Kind::PlanPaused { .. }
        | Kind::Diagnosed { .. }
        | Kind::RecoveryProposed { .. }
        | Kind::ReserveInUse => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
