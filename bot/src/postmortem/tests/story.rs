//! A whole story: a 502 outage with everything that may stand in a record, hostile text included.

use chrono::{DateTime, TimeDelta};
use lifeboat_storage::event::{
    Actor, AlertEvidence, AlertKind, ChatKind, Counted, DeliveryOutcome, Event, Kind, Milestone, Origin,
    PostKind, Role, Severity, Share, Status, TaskKind, Time,
};
use lifeboat_storage::id::{AlertKey, ChannelName, IncidentId, PersonName, Seq, ServiceName, World};
use lifeboat_storage::postmortem::{Postmortem, assemble};
use lifeboat_storage::state::State;

pub(in crate::postmortem) const INCIDENT: IncidentId = IncidentId(1);

/// Markup, mentions, links and directions as somebody who means harm would type them.
pub(in crate::postmortem) const HOSTILE: &str = "<script src=\"https://evil.example/x.js\"></script> <img src=x onerror=alert(1)> \
    ![x](https://evil.example/i.png) [click](javascript:alert(1)) @everyone @here <@123> | a | b | `code` **bold** \
    www.evil.example mei@example.com &lt; \u{202E}gpj.exe ~~x~~ $x$";

/// What must be nowhere in a postmortem after its redaction.
pub(in crate::postmortem) const REDACTED: &str = "root password is hunter2";

pub(in crate::postmortem) struct Story {
    pub(in crate::postmortem) events: Vec<Event>,
    world: World,
}

pub(in crate::postmortem) fn at(clock: &str) -> Time {
    DateTime::parse_from_rfc3339(&format!("2026-01-05T{clock}+08:00")).unwrap().to_utc()
}

impl Story {
    pub(in crate::postmortem) fn new(world: World) -> Self {
        Self { events: Vec::new(), world }
    }

    pub(in crate::postmortem) fn add(&mut self, clock: &str, person: Option<&str>, kind: Kind) -> Seq {
        self.late(clock, clock, person, kind)
    }

    pub(in crate::postmortem) fn late(
        &mut self,
        happened: &str,
        recorded: &str,
        person: Option<&str>,
        kind: Kind,
    ) -> Seq {
        let seq = Seq(self.events.len() as u64 + 1);
        let mut actor = Actor::lifeboat(Origin::Lifeboat);
        if let Some(person) = person {
            actor = Actor { person: Some(PersonName::new(person)), account: None, origin: Origin::Console };
        } else if matches!(
            kind,
            Kind::AlertRaised { .. } | Kind::AlertGrew { .. } | Kind::AlertRecovered { .. }
        ) {
            actor.origin = Origin::Detector;
        }
        self.events.push(Event {
            seq,
            incident: Some(INCIDENT),
            world: self.world,
            occurred_at: at(happened),
            recorded_at: at(recorded),
            actor,
            kind,
            correlation: None,
            supersedes: None,
        });
        seq
    }

    fn note(&mut self, happened: &str, recorded: &str, person: &str, text: &str) -> Seq {
        self.late(happened, recorded, Some(person), Kind::NoteAdded { text: text.to_owned() })
    }

    fn said(&mut self, clock: &str, person: &str, text: &str) -> Seq {
        let channel = ChannelName::new("inc-0001-blog-web");
        self.add(clock, Some(person), Kind::MessageSaid { channel, text: text.to_owned() })
    }

    fn status(&mut self, clock: &str, from: Status, to: Status, reason: &str) -> Seq {
        let head = Some("9f2c4b7d18aa03e5".to_owned());
        self.add(clock, Some("Mei"), Kind::StatusChanged { from, to, head, reason: reason.to_owned() })
    }

    fn supersede(&mut self, newer: Seq, older: Seq) {
        self.events[usize::try_from(newer.0).unwrap() - 1].supersedes = Some(older);
    }

    fn measured(&mut self, from: &str, shares: &[u64]) {
        let counts = shares.iter().map(|percent| Share { bad: percent * 4, total: 400 }).collect();
        let end = at(from) + TimeDelta::seconds(30 * i64::try_from(shares.len()).unwrap());
        let end = end.with_timezone(&chrono_tz::Asia::Shanghai).format("%H:%M:%S").to_string();
        let service = ServiceName::new("blog-web");
        self.add(&end, None, Kind::TrafficMeasured { service, from: at(from), step_s: 30, counts });
    }

    pub(in crate::postmortem) fn state(&self) -> State {
        let mut state = State::new();
        self.events.iter().for_each(|event| state.apply(event));
        state
    }

    pub(in crate::postmortem) fn postmortem(&self) -> Postmortem {
        let state = self.state();
        assemble(&state.incidents[&INCIDENT], &self.events, &state)
    }
}

fn alert() -> AlertKey {
    AlertKey::new("bad_gateway/blog-web")
}

fn counted(name: &str, count: u64) -> Counted {
    Counted { name: name.to_owned(), count }
}

fn evidence(bad: u64, total: u64) -> AlertEvidence {
    AlertEvidence {
        since: Some(at("10:15:00")),
        now: Share { bad, total },
        window_s: 41,
        before: Share { bad: 3, total: 10_214 },
        before_s: 3600,
        gathered: None,
        upstreams: vec![counted("10.0.0.4:8080", 131), counted("10.0.0.5:8080", 92)],
        paths: vec![counted("/p/*", 180), counted("/<b>x</b>|y", 43)],
        clients: vec![counted("203.0.113.0/24", 9), counted("2001:db8::/48", 4)],
        usual: None,
        samples: vec![
            "203.0.113.0 - - [05/Jan/2026:10:15:02 +0800] \"GET /p/* HTTP/1.1\" 502 157".to_owned(),
            format!("198.51.100.0 - - [05/Jan/2026:10:15:03 +0800] \"GET /{HOSTILE} HTTP/1.1\" 502 157"),
        ],
        probe: None,
    }
}

/// From the first 502 to the last export.
pub(in crate::postmortem) fn whole(world: World) -> Story {
    let mut story = Story::new(world);
    opened(&mut story);
    worked_on(&mut story);
    ended(&mut story);
    afterwards(&mut story);
    story
}

fn opened(story: &mut Story) {
    let declared = Kind::IncidentDeclared {
        title: String::new(),
        severity: Severity::Sev2,
        service: Some(ServiceName::new("blog-web")),
        alert: Some(alert()),
    };
    story.add("10:15:42", None, declared);
    story.add(
        "10:15:41",
        None,
        Kind::AlertRaised {
            alert: alert(),
            what: AlertKind::BadGateway,
            service: ServiceName::new("blog-web"),
            severity: Severity::Sev2,
            evidence: evidence(223, 1240),
        },
    );
    story.late("10:15:00", "10:15:42", None, Kind::MilestoneSet { milestone: Milestone::Started });
    story.add("10:15:41", None, Kind::MilestoneSet { milestone: Milestone::Detected });
    let channel = ChannelName::new("inc-0001-blog-web");
    story.add("10:15:42", None, Kind::ChannelOpened { channel: channel.clone() });
    let post = PostKind::Card { incident: INCIDENT };
    let queued = story.add("10:15:42", None, Kind::PostQueued { chat: ChatKind::Webhook, channel, post });
    let outcome = DeliveryOutcome::Refused { status: 404 };
    story.add("10:15:43", None, Kind::PostSettled { queued, outcome });
    story.measured("10:00:00", &[0; 30]);
    story.measured("10:15:00", &[9, 14, 17, 18, 19, 20, 21, 20, 22, 21]);
}

fn worked_on(story: &mut Story) {
    story.add("10:18:20", Some("Mei"), Kind::Acknowledged);
    story.add(
        "10:18:30",
        Some("Mei"),
        Kind::RoleTaken { role: Role::Commander, person: PersonName::new("Mei") },
    );
    let refused =
        Kind::CommandRefused { command: "incident close".to_owned(), why: "not resolved".to_owned() };
    story.add("10:19:00", Some("Lin"), refused);
    story.measured("10:20:00", &[22; 40]);
    story.add("10:24:00", Some("Mei"), Kind::SeverityChanged { from: Severity::Sev2, to: Severity::Sev1 });
    story.note("10:26:00", "10:26:00", "林", "节点 wk-3、wk-4 的集群 DNS 无法解析，已停止调度。");
    story.said("10:27:10", "Lin", HOSTILE);
    let message = story.said(
        "10:28:00",
        "Chen Wei",
        "INC-0003 looked the same:\nthen a reboot of each worker cured it.",
    );
    story.add("10:28:30", Some("Mei"), Kind::MessagePinned { message });
    story.measured("10:40:00", &[24, 25, 26, 30, 36, 41, 44, 48, 46, 45]);
    story.add(
        "10:46:00",
        None,
        Kind::AlertGrew {
            alert: alert(),
            severity: Severity::Sev1,
            evidence: evidence(541, 1240),
            moved: false,
        },
    );
    story.note("10:50:00", "10:52:11", "Chen Wei", "Provider by phone: no stock before noon");
    let update = Kind::UpdatePosted {
        conditions: "41 % of page views fail".to_owned(),
        actions: "Canary reboot of wk-4".to_owned(),
        needs: "Somebody for Communications".to_owned(),
    };
    story.add("10:58:00", Some("Mei"), update);
    story.add("11:00:00", Some("Mei"), Kind::MergedFrom { from: IncidentId(2) });
    story.note("11:02:00", "11:02:00", "Lin", REDACTED);
}

fn ended(story: &mut Story) {
    story.status("11:06:40", Status::Investigating, Status::Identified, "cluster DNS fails on every worker");
    story.measured(
        "11:07:00",
        &[41, 36, 30, 24, 20, 18, 15, 12, 10, 9, 8, 7, 7, 6, 6, 5, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4],
    );
    story.measured("11:21:00", &[0; 40]);
    story.late(
        "11:26:02",
        "11:26:02",
        None,
        Kind::AlertRecovered {
            alert: alert(),
            good_since: at("11:21:00"),
            now: Share { bad: 0, total: 4000 },
            peak: Share { bad: 368, total: 800 },
            whole: Share { bad: 14_000, total: 52_000 },
        },
    );
    story.add("11:26:03", None, Kind::RecoveryProposed { good_since: at("11:21:00") });
    let called = story.status("11:26:04", Status::Identified, Status::Mitigated, "");
    let corrected = story.late(
        "11:21:00",
        "11:27:00",
        Some("Mei"),
        Kind::MilestoneSet { milestone: Milestone::Mitigated },
    );
    story.supersede(corrected, called);
    story.status(
        "11:36:00",
        Status::Mitigated,
        Status::Resolved,
        "all workers rebooted, 27 of 27 pods ready",
    );
}

fn afterwards(story: &mut Story) {
    let tasks = [
        (TaskKind::Prevent, "Spread the 4 spot workers over two types and two zones", Some("Lin")),
        (TaskKind::Detect, "启动失败时通知值班人员 | 而不是频道", Some("Chen Wei")),
        (TaskKind::Prevent, "Find out why cluster DNS failed on new and old workers alike", None),
        (TaskKind::Mitigate, "Reboot the last worker", Some("Lin")),
    ];
    for (task, (what, text, owner)) in (1..).zip(tasks) {
        let owner = owner.map(PersonName::new);
        story.add("11:40:00", Some("Mei"), Kind::TaskAdded { task, what, text: text.to_owned(), owner });
    }
    story.add("11:45:00", Some("Lin"), Kind::TaskDone { task: 4 });
    let redacted = Kind::NoteAdded { text: REDACTED.to_owned() };
    let target = story.events.iter().find(|event| event.kind == redacted).unwrap().seq;
    let reason = "a password was pasted".to_owned();
    let by = story.add("11:46:00", Some("Mei"), Kind::Redacted { target, reason });
    let old = &mut story.events[usize::try_from(target.0).unwrap() - 1].kind;
    *old = Kind::Tombstone { by, left: Box::new(old.without_text()) };
    let exported = Kind::PostmortemExported { format: "md".to_owned(), lang: "en".to_owned() };
    story.add("11:50:00", Some("Mei"), exported);
}
