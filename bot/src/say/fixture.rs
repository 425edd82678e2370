//! A story to word in tests: fixed clock, fixed numbers, and the fold as the real one does it.

use std::sync::Arc;

use chrono::DateTime;
use lifeboat_storage::event::{
    Actor, AlertEvidence, AlertKind, ChatKind, Counted, Event, Kind, Milestone, Origin, PostKind, Role,
    Severity, Share, Status, TaskKind, Time,
};
use lifeboat_storage::id::{
    AlertKey, ChannelName, IncidentId, PersonName, Seq, ServiceName, SourceName, World,
};
use lifeboat_storage::state::State;

use super::{Lang, Say, Scene};

pub(crate) const EN: Say = Say::new(Lang::En, chrono_tz::Asia::Shanghai);
pub(crate) const ZH: Say = Say::new(Lang::ZhCn, chrono_tz::Asia::Shanghai);
pub(crate) const BOTH: [Say; 2] = [EN, ZH];

/// A moment of the story's day, by the clock in Shanghai.
pub(crate) fn at(clock: &str) -> Time {
    DateTime::parse_from_rfc3339(&format!("2026-01-05T{clock}+08:00")).unwrap().to_utc()
}

pub(crate) fn key(name: &str) -> AlertKey {
    AlertKey::new(name)
}

pub(crate) fn share(bad: u64, total: u64) -> Share {
    Share { bad, total }
}

/// Events told one after the other, and what they add up to.
pub(crate) struct Story {
    pub(crate) state: State,
    pub(crate) events: Vec<Arc<Event>>,
}

impl Story {
    pub(crate) fn new() -> Self {
        Self { state: State::new(), events: Vec::new() }
    }

    /// By Lifeboat itself.
    pub(crate) fn rule(&mut self, clock: &str, incident: Option<u32>, kind: Kind) -> Seq {
        self.put(clock, incident, Actor::lifeboat(Origin::Detector), kind, None)
    }

    /// By a person in the console.
    pub(crate) fn person(&mut self, clock: &str, incident: Option<u32>, who: &str, kind: Kind) -> Seq {
        let person = Some(PersonName::new(who));
        let actor = Actor { person, account: Some(who.to_lowercase()), origin: Origin::Console };
        self.put(clock, incident, actor, kind, None)
    }

    pub(crate) fn put(
        &mut self,
        clock: &str,
        incident: Option<u32>,
        actor: Actor,
        kind: Kind,
        supersedes: Option<Seq>,
    ) -> Seq {
        let seq = self.state.applied.next();
        let recorded = self.events.last().map_or(at(clock), |last| last.recorded_at.max(at(clock)));
        let event = Event {
            seq,
            incident: incident.map(IncidentId),
            world: World::Real,
            occurred_at: at(clock),
            recorded_at: recorded,
            actor,
            kind,
            correlation: None,
            supersedes,
        };
        self.state.apply(&event);
        self.events.push(Arc::new(event));
        seq
    }

    pub(crate) fn lookup(&self, seq: Seq) -> Option<Arc<Event>> {
        self.events.iter().find(|event| event.seq == seq).cloned()
    }

    /// Lets a test look at it at that moment, in that voice.
    pub(crate) fn at<T>(&self, say: Say, clock: &str, look: impl FnOnce(&Scene<'_>) -> T) -> T {
        let lookup = |seq| self.lookup(seq);
        look(&Scene { say, state: &self.state, lookup: &lookup, fleet: None, people: None, now: at(clock) })
    }

    /// A 502 spike on a service, which opens an incident by rule.
    pub(crate) fn opened(id: u32, service: &str) -> Self {
        let mut story = Self::new();
        story.open(id, service);
        story
    }

    pub(crate) fn open(&mut self, id: u32, service: &str) {
        let alert = key(&format!("bad_gateway/{service}"));
        let (severity, title) = (Severity::Sev2, String::new());
        let service = ServiceName::new(service);
        let channel = ChannelName::new(format!("inc-{id:04}-blog-web"));
        self.rule(
            "10:15:41",
            Some(id),
            Kind::IncidentDeclared {
                title,
                severity,
                service: Some(service.clone()),
                alert: Some(alert.clone()),
            },
        );
        self.rule("10:15:41", Some(id), Kind::ChannelOpened { channel: channel.clone() });
        for place in [ChannelName::new("alerts"), channel] {
            self.rule("10:15:41", Some(id), queued(place, PostKind::Card { incident: IncidentId(id) }));
        }
        self.rule("10:15:00", Some(id), Kind::MilestoneSet { milestone: Milestone::Started });
        self.rule("10:15:41", Some(id), Kind::MilestoneSet { milestone: Milestone::Detected });
        self.rule(
            "10:15:41",
            Some(id),
            Kind::AlertRaised { alert, what: AlertKind::BadGateway, service, severity, evidence: evidence() },
        );
    }

    /// The story of the outage up to the moment a person would close it.
    pub(crate) fn whole() -> Self {
        let mut story = Self::opened(42, "blog-web");
        let id = Some(42);
        story.person("10:16:05", id, "Mei", Kind::Acknowledged);
        story.person("10:16:20", id, "Mei", role(Role::Commander, "Mei"));
        let said = story.person("10:17:00", id, "Lin", said("inc-0042-blog-web", "5 of 9 workers serve"));
        story.person("10:17:00", id, "Mei", Kind::MessagePinned { message: said });
        story.rule("10:22:00", id, grew(Severity::Sev1));
        story.rule("10:22:00", id, Kind::SeverityChanged { from: Severity::Sev2, to: Severity::Sev1 });
        story.person("10:25:00", id, "Mei", update("41 % fail", "rebooting wk-4", "a second pair of eyes"));
        story.person("10:26:00", id, "Lin", task());
        story.person("10:40:00", id, "Lin", status(Status::Investigating, Status::Identified, "cluster DNS"));
        story.rule("11:31:00", id, recovered());
        story.rule("11:31:00", id, Kind::RecoveryProposed { good_since: at("11:26:00") });
        story
    }

    pub(crate) fn incident(&self, id: u32) -> &lifeboat_storage::incident::Incident {
        &self.state.incidents[&IncidentId(id)]
    }
}

pub(crate) fn evidence() -> AlertEvidence {
    let counted = |name: &str, count| Counted { name: name.to_owned(), count };
    AlertEvidence {
        since: Some(at("10:15:00")),
        now: share(223, 1_240),
        window_s: 41,
        before: share(3, 14_000),
        before_s: 600,
        gathered: None,
        upstreams: vec![counted("10.0.0.5:8080", 223)],
        paths: vec![counted("/", 120), counted("/post/…", 103)],
        clients: vec![counted("198.51.100.0/24", 20), counted("2001:db8::/48", 12)],
        usual: None,
        samples: vec![
            "198.51.100.0/24 - - [05/Jan/2026:10:15:02 +0800] \"GET / HTTP/1.1\" 502 157".to_owned(),
        ],
        probe: None,
    }
}

pub(crate) fn grew(severity: Severity) -> Kind {
    let worse = AlertEvidence { now: share(508, 1_240), window_s: 60, upstreams: Vec::new(), ..evidence() };
    Kind::AlertGrew { alert: key("bad_gateway/blog-web"), severity, evidence: worse, moved: false }
}

pub(crate) fn recovered() -> Kind {
    Kind::AlertRecovered {
        alert: key("bad_gateway/blog-web"),
        good_since: at("11:26:00"),
        now: share(3, 10_000),
        peak: share(600, 1_333),
        whole: share(31_204, 98_120),
    }
}

pub(crate) fn queued(channel: ChannelName, post: PostKind) -> Kind {
    Kind::PostQueued { chat: ChatKind::Console, channel, post }
}

pub(crate) fn role(role: Role, person: &str) -> Kind {
    Kind::RoleTaken { role, person: PersonName::new(person) }
}

pub(crate) fn said(channel: &str, text: &str) -> Kind {
    Kind::MessageSaid { channel: ChannelName::new(channel), text: text.to_owned() }
}

pub(crate) fn update(conditions: &str, actions: &str, needs: &str) -> Kind {
    let [conditions, actions, needs] = [conditions, actions, needs].map(str::to_owned);
    Kind::UpdatePosted { conditions, actions, needs }
}

pub(crate) fn task() -> Kind {
    let owner = Some(PersonName::new("Lin"));
    Kind::TaskAdded { task: 1, what: TaskKind::Prevent, text: "a DNS canary on each node".to_owned(), owner }
}

pub(crate) fn status(from: Status, to: Status, reason: &str) -> Kind {
    let head = Some("9f2c4e".repeat(10) + "aa01");
    Kind::StatusChanged { from, to, head, reason: reason.to_owned() }
}

pub(crate) fn source(name: &str) -> SourceName {
    SourceName::new(name)
}
