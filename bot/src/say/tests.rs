//! What people read, in both languages, for fixed events at fixed moments.

mod answers;
mod hostile;
mod plans;
mod recall;
mod several;

use std::fmt::Write as _;

use insta::assert_snapshot;
use lifeboat_commands::parse::parse;
use lifeboat_commands::verb::Show;
use lifeboat_storage::event::{
    AlertKind, Counted, DeliveryOutcome, Event, Kind, PostKind, ProbeFailure, Role, Severity, Status, Usual,
};
use lifeboat_storage::id::{ChannelName, IncidentId, PersonName, Seq, ServiceName};
use proptest::prelude::*;

use super::fixture::*;
use super::{Lang, Say, Scene, alert, card, entry, incident, limits, message, overview, reply};
use crate::console::view::{Card, Entry, Message, State};

fn shown(card: &Card) -> String {
    let mut text = format!("{} {} ({})\n", card.flag.word, card.title, card.flag.shape);
    _ = writeln!(text, "  {}", card.meta);
    for row in &card.rows {
        _ = writeln!(text, "  {} | {}", row.label, row.text);
    }
    for action in &card.actions {
        let mark = if action.primary { "*" } else { "" };
        _ = writeln!(text, "  [{}{mark}] {:?}", action.label, action.command);
    }
    _ = writeln!(text, "  {}, {}, {}", card.incident, card.state, card.edited.text);
    text
}

fn card_at(story: &Story, say: Say, clock: &str, id: u32) -> String {
    shown(&story.at(say, clock, |scene| card::card(scene, story.incident(id))))
}

fn line(entry: &Entry) -> String {
    let recorded = entry.recorded.as_ref().map(|at| format!(" rec {at}")).unwrap_or_default();
    let corrected = entry.corrected_by.map(|seq| format!(" corrected by {seq}")).unwrap_or_default();
    let mut text = format!(
        "{:>3} {}{recorded} {}/{} {} | {}{corrected}\n",
        entry.seq, entry.at.text, entry.shape, entry.tone, entry.actor, entry.text
    );
    for chip in &entry.chips {
        _ = writeln!(text, "      [{}] {:?}", chip.label, chip.lines);
    }
    text
}

fn timeline(story: &Story, say: Say, clock: &str) -> String {
    let entries =
        |scene: &Scene<'_>| story.events.iter().map(|event| line(&entry::entry(scene, event))).collect();
    story.at(say, clock, entries)
}

fn said_line(message: &Message) -> String {
    let role = message.role.as_ref().map(|role| format!(" ({role})")).unwrap_or_default();
    let card = message.card.as_ref().map(|card| card.title.as_str()).unwrap_or_default();
    let marks = [(message.pinned, "pinned"), (message.unrecorded, "unrecorded"), (message.bot, "bot")];
    let marks: Vec<&str> = marks.iter().filter(|(set, _)| *set).map(|(_, mark)| *mark).collect();
    format!(
        "{:>3} #{} {} {}{role} {} {marks:?}\n{}{card}\n",
        message.seq, message.channel, message.at.text, message.author, message.kind, message.text
    )
}

/// Each step of the outage, and its card there.
fn cards(say: Say) -> String {
    let mut text = String::new();
    let mut show = |name: &str, story: &Story, clock: &str| {
        _ = writeln!(text, "-- {name}\n{}", card_at(story, say, clock, 42));
    };
    let mut story = Story::opened(42, "blog-web");
    show("new, nobody has it", &story, "10:15:42");
    let silence = |until| Kind::AlertSilenced {
        alert: key("bad_gateway/blog-web"),
        until: at(until),
        reason: "known".to_owned(),
    };
    story.person("10:16:00", Some(42), "Mei", silence("10:46:00"));
    show("silenced", &story, "10:16:00");
    story.person("10:16:05", Some(42), "Mei", Kind::Acknowledged);
    show("taken, silence over", &story, "10:47:00");
    let mut story = Story::whole();
    show("over, recovery proposed", &story, "11:31:01");
    story.person("11:33:00", Some(42), "Mei", status(Status::Identified, Status::Mitigated, ""));
    show("mitigated", &story, "11:33:00");
    story.person("11:36:00", Some(42), "Mei", status(Status::Mitigated, Status::Resolved, ""));
    show("resolved", &story, "11:36:02");
    story.person("12:00:00", Some(42), "Mei", status(Status::Resolved, Status::Closed, ""));
    show("closed, the day after", &story, "23:59:59");
    text
}

#[test]
fn a_card_tells_each_state_of_an_incident() {
    assert_snapshot!("cards_en", cards(EN));
    assert_snapshot!("cards_zh", cards(ZH));
}

#[test]
fn the_card_of_an_incident_that_ended_before_its_recovery_was_proven_tells_all_that_was_counted() {
    let mut story = Story::opened(42, "blog-web");
    for (told, from, bad) in [("10:17:00", "10:16:00", 60), ("10:18:00", "10:17:00", 0)] {
        let counts = vec![share(bad, 600)];
        let service = ServiceName::new("blog-web");
        let measured = Kind::TrafficMeasured { service, from: at(from), step_s: 60, counts };
        story.rule(told, Some(42), measured);
    }
    story.person("10:18:05", Some(42), "Mei", status(Status::Investigating, Status::Resolved, ""));
    story.person("10:18:06", Some(42), "Mei", status(Status::Resolved, Status::Closed, ""));
    for (say, told) in
        BOTH.into_iter().zip(["60 of 1,200 requests failed in all", "共 1,200 个请求，60 个失败"])
    {
        let card = card_at(&story, say, "10:19:00", 42);
        assert!(card.contains(told), "{card}");
    }
}

/// Cards of incidents that ended otherwise, or that no alert opened.
fn other_cards(say: Say) -> String {
    let mut text = String::new();
    let mut show = |name: &str, story: &Story, id| {
        _ = writeln!(text, "-- {name}\n{}", card_at(story, say, "10:30:00", id));
    };
    let mut story = Story::opened(42, "blog-web");
    story.rule("10:20:00", Some(42), raised("gateway_timeout/blog-web", AlertKind::GatewayTimeout, 900));
    story.rule("10:20:00", Some(42), Kind::AlertJoined { alert: key("gateway_timeout/blog-web") });
    show("a second alert, worse", &story, 42);
    story.rule("10:25:00", Some(42), recovered());
    let mut cancelled = Story::opened(42, "blog-web");
    cancelled.person("10:20:00", Some(42), "Mei", status(Status::Investigating, Status::Cancelled, "a test"));
    show("cancelled", &cancelled, 42);
    let mut merged = Story::opened(42, "blog-web");
    merged.open(43, "search");
    merged.person("10:20:00", Some(42), "Mei", Kind::Merged { into: IncidentId(43) });
    merged.person("10:20:00", Some(42), "Mei", status(Status::Investigating, Status::Cancelled, ""));
    merged.person("10:20:00", Some(43), "Mei", Kind::MergedFrom { from: IncidentId(42) });
    show("merged", &merged, 42);
    let listed = merged.at(say, "10:30:00", |scene| reply::show(scene, &Show::List { all: true }).text);
    let into = if say == EN { "merged into INC-0043" } else { "已并入 INC-0043" };
    assert!(listed.contains(into), "{listed}");
    show("the other one", &merged, 43);
    let mut typed = Story::new();
    typed.person("10:20:00", Some(7), "Mei", declared("首页打不开 <b>"));
    show("declared by a person", &typed, 7);
    typed.person("10:21:00", Some(7), "Mei", update("home page blank for all", "asking the host", ""));
    show("declared, with an update", &typed, 7);
    text
}

fn declared(title: &str) -> Kind {
    Kind::IncidentDeclared { title: title.to_owned(), severity: Severity::Sev3, service: None, alert: None }
}

fn raised(name: &str, what: AlertKind, bad: u64) -> Kind {
    let service = ServiceName::new(name.split_once('/').map_or(name, |(_, service)| service));
    let evidence = lifeboat_storage::event::AlertEvidence { now: share(bad, 1_240), ..evidence() };
    Kind::AlertRaised { alert: key(name), what, service, severity: Severity::Sev1, evidence }
}

#[test]
fn a_card_tells_merged_cancelled_and_declared_incidents() {
    assert_snapshot!("other_cards_en", other_cards(EN));
    assert_snapshot!("other_cards_zh", other_cards(ZH));
}

#[test]
fn an_alert_that_had_not_recovered_still_fails_and_does_not_fail_again() {
    let mut story = Story::whole();
    let kind = Kind::AlertReturned {
        alert: key("bad_gateway/blog-web"),
        severity: Severity::Sev2,
        evidence: evidence(),
        times: 1,
        still: true,
    };
    story.rule("11:32:10", Some(42), kind);
    let (english, chinese) = (timeline(&story, EN, "11:45:00"), timeline(&story, ZH, "11:45:00"));
    assert!(english.contains("| Still fails, SEV2: 502 on blog-web"), "{english}");
    assert!(chinese.contains("| 仍在失败，SEV2："), "{chinese}");
}

/// Fails from the opening on, and once more at 10:25.
fn failed_twice() -> Story {
    let mut story = Story::opened(42, "blog-web");
    let recovered = |good_since, whole, peak| Kind::AlertRecovered {
        alert: key("bad_gateway/blog-web"),
        good_since: at(good_since),
        now: share(0, 60),
        peak,
        whole,
    };
    story.rule("10:20:00", Some(42), recovered("10:16:00", share(39, 39), share(39, 60)));
    let (alert, severity) = (key("bad_gateway/blog-web"), Severity::Sev2);
    let returned = Kind::AlertReturned { alert, severity, evidence: evidence(), times: 1, still: false };
    story.rule("10:25:00", Some(42), returned);
    story.rule("10:29:00", Some(42), recovered("10:26:00", share(51, 51), share(51, 60)));
    story
}

#[test]
fn what_failed_twice_is_counted_together_and_has_no_worst_minute_below_the_whole() {
    let card = card_at(&failed_twice(), EN, "10:30:00", 42);
    assert!(card.contains("| 90 of 90 requests failed in all; now 0 %\n"), "{card}");
    let card = card_at(&failed_twice(), ZH, "10:30:00", 42);
    assert!(card.contains("| 共 90 个请求，90 个失败；现在 0%\n"), "{card}");
    let (english, chinese) =
        (timeline(&failed_twice(), EN, "10:30:00"), timeline(&failed_twice(), ZH, "10:30:00"));
    let told = "502 on blog-web is over since 10:16:00: share 0 %; 39 of 39 requests failed\n";
    assert!(english.contains(told), "{english}");
    let told = "blog-web 的 502 自 10:16:00 起结束：现在 0%；共 39 个请求，39 个失败\n";
    assert!(chinese.contains(told), "{chinese}");
}

/// Every kind of event once.
fn everything() -> Story {
    let mut story = Story::whole();
    let id = Some(42);
    let version = || "0.1.0".to_owned();
    story.rule("11:32:00", None, Kind::LifeboatStarted { version: version(), torn_bytes: 0 });
    story.rule("11:32:00", None, Kind::LifeboatStarted { version: version(), torn_bytes: 1_204 });
    story.rule("11:32:00", None, Kind::LifeboatStopped);
    story.rule("11:32:00", None, Kind::RecordingResumed { since: at("11:30:00"), unrecorded: 1 });
    story.rule("11:32:00", None, Kind::ReserveInUse);
    let alert = || key("bad_gateway/blog-web");
    let returned = |times| Kind::AlertReturned {
        alert: alert(),
        severity: Severity::Sev2,
        evidence: evidence(),
        times,
        still: false,
    };
    story.rule("11:32:10", id, returned(1));
    story.rule("11:32:10", id, returned(3));
    let reason = || "known".to_owned();
    story.person(
        "11:32:11",
        id,
        "Mei",
        Kind::AlertSilenced { alert: alert(), until: at("12:00:00"), reason: reason() },
    );
    story.person("11:32:12", id, "Mei", Kind::AlertUnsilenced { alert: alert() });
    story.rule("11:32:13", id, Kind::AlertJoined { alert: key("gone/\u{202E}x") });
    let counts = vec![share(1, 10), share(2, 20)];
    let service = ServiceName::new("blog-web");
    story.rule("11:32:14", id, Kind::TrafficMeasured { service, from: at("11:30:00"), step_s: 10, counts });
    let why = "Permission denied (os error 13)".to_owned();
    story.rule("11:32:15", None, Kind::SourceBlind { source: source("edge-1"), why });
    story.rule("11:32:16", None, Kind::SourceSeen { source: source("edge-1") });
    story.rule("11:32:17", None, Kind::SourceBehind { source: source("edge-1"), bytes: 71_303_168 });
    story.person(
        "10:50:00",
        id,
        "Lin",
        Kind::NoteAdded { text: "wk-4 rebooted by hand\nDNS answers".to_owned() },
    );
    story.person("11:32:19", id, "Lin", Kind::TaskDone { task: 1 });
    story.person("11:32:20", id, "Ana", Kind::Redacted { target: Seq(10), reason: "a password".to_owned() });
    let left = Box::new(said("inc-0042-blog-web", ""));
    story.person("11:32:21", id, "Lin", Kind::Tombstone { by: story.state.applied, left });
    let exported = Kind::PostmortemExported { format: "html".to_owned(), lang: "en".to_owned() };
    story.person("11:32:22", id, "Mei", exported);
    let card = story.rule(
        "11:32:23",
        id,
        queued(ChannelName::new("alerts"), PostKind::Card { incident: IncidentId(42) }),
    );
    story.rule("11:32:23", id, queued(ChannelName::new("alerts"), PostKind::Notice { about: card }));
    for outcome in [
        DeliveryOutcome::Sent { message: Some("1".to_owned()) },
        DeliveryOutcome::Refused { status: 403 },
        DeliveryOutcome::GaveUp { tries: 1 },
        DeliveryOutcome::GaveUp { tries: 8 },
        DeliveryOutcome::Replaced,
    ] {
        story.rule("11:32:24", id, Kind::PostSettled { queued: card, outcome });
    }
    let refused =
        Kind::CommandRefused { command: "/incident close".to_owned(), why: "not-allowed".to_owned() };
    story.person("11:32:25", id, "Lin", refused);
    let by = story.incident(42).milestones[&lifeboat_storage::event::Milestone::Started].by;
    let actor = story.events[8].actor.clone();
    let started = Kind::MilestoneSet { milestone: lifeboat_storage::event::Milestone::Started };
    story.put("10:14:30", id, actor, started, Some(by));
    story.rule("11:32:26", None, Kind::SourceUnwatched { source: source("edge-1") });
    story
}

#[test]
fn every_kind_of_event_has_a_line() {
    let story = everything();
    assert_snapshot!("entries_en", timeline(&story, EN, "11:40:00"));
    assert_snapshot!("entries_zh", timeline(&story, ZH, "11:40:00"));
}

#[test]
fn chart_data_deliveries_and_chat_are_no_lines_of_the_timeline() {
    let story = everything();
    let off: Vec<&Kind> =
        story.events.iter().map(|event| &event.kind).filter(|kind| !entry::is_story(kind)).collect();
    let chat = off.iter().filter(|kind| entry::part(kind) == entry::Part::Chat).count();
    let chart = off.iter().filter(|kind| entry::part(kind) == entry::Part::Chart).count();
    let delivery = off.iter().filter(|kind| entry::part(kind) == entry::Part::Delivery).count();
    assert_eq!((chat, chart, delivery, off.len()), (2, 1, 9, 12), "the redacted message stays chat");
}

/// What each event would say as a notice, and the messages of the channels.
fn messages(say: Say) -> String {
    let mut story = Story::whole();
    let alerts = || ChannelName::new("alerts");
    let about = |story: &mut Story, seq, incident| {
        story.rule("11:45:00", incident, queued(alerts(), PostKind::Notice { about: seq }));
    };
    let below = story.rule("11:40:00", None, raised("bad_gateway/search", AlertKind::BadGateway, 37));
    about(&mut story, below, None);
    let test = story.person("11:41:00", None, "Lin", raised("test", AlertKind::Test, 0));
    about(&mut story, test, None);
    let blind = Kind::SourceBlind { source: source("edge-1"), why: "No such file or directory".to_owned() };
    let blind = story.rule("11:42:00", None, blind);
    about(&mut story, blind, None);
    let proposed = story.events.iter().find(|event| matches!(event.kind, Kind::RecoveryProposed { .. }));
    let proposed = proposed.map(|event| event.seq).unwrap();
    about(&mut story, proposed, Some(42));
    let resolved = story.person("11:43:00", Some(42), "Mei", status(Status::Mitigated, Status::Resolved, ""));
    about(&mut story, resolved, Some(42));
    let back = story.rule("11:44:00", Some(42), status(Status::Resolved, Status::Investigating, ""));
    story.rule(
        "11:44:00",
        Some(42),
        queued(ChannelName::new("inc-0042-blog-web"), PostKind::Notice { about: back }),
    );
    let worse = story.events.iter().find(|event| matches!(event.kind, Kind::SeverityChanged { .. }));
    let worse = worse.map(|event| event.seq).unwrap();
    about(&mut story, worse, Some(42));
    let reserve = story.rule("11:44:30", None, Kind::ReserveInUse);
    about(&mut story, reserve, None);
    about(&mut story, Seq(9_999), None);
    let placed: Vec<Seq> =
        story.state.channels.values().flat_map(|channel| channel.messages.clone()).collect();
    story.at(say, "11:46:00", |scene| {
        let mut text: String = placed
            .iter()
            .filter_map(|seq| story.lookup(*seq))
            .map(|event| said_line(&message::message(scene, &event)))
            .collect();
        let alert = raised("bad_gateway/search", AlertKind::BadGateway, 800);
        text.push_str(&said_line(&message::unrecorded(scene, 1, at("11:45:59"), alert)));
        text
    })
}

#[test]
fn a_message_says_who_did_what_and_what_is_next() {
    assert_snapshot!("messages_en", messages(EN));
    assert_snapshot!("messages_zh", messages(ZH));
}

/// Both states of each alert: firing and recovered.
fn alerts(say: Say) -> String {
    let kinds = [
        (AlertKind::BadGateway, None),
        (AlertKind::ServerError, None),
        (AlertKind::Unavailable, None),
        (AlertKind::GatewayTimeout, None),
        (AlertKind::Absent, None),
        (AlertKind::Test, None),
        (AlertKind::ProbeDown, None),
        (AlertKind::ProbeDown, Some(ProbeFailure::Refused)),
        (AlertKind::ProbeDown, Some(ProbeFailure::TimedOut { after_ms: 5_000 })),
        (AlertKind::ProbeDown, Some(ProbeFailure::WrongStatus { status: 503, expected: 200 })),
        (AlertKind::ProbeDown, Some(ProbeFailure::TextMissing)),
        (AlertKind::ProbeDown, Some(ProbeFailure::Tls)),
        (AlertKind::ProbeDown, Some(ProbeFailure::Name)),
        (AlertKind::ProbeDown, Some(ProbeFailure::Broken)),
    ];
    let mut text = String::new();
    for (what, probe) in kinds {
        let evidence = lifeboat_storage::event::AlertEvidence { probe, ..evidence() };
        let service = ServiceName::new("blog-web");
        let over = alert::impact_over(say, what, share(31_204, 98_120), share(600, 1_333), share(3, 10_000));
        let mut story = Story::opened(42, "other");
        let raised = Kind::AlertRaised {
            alert: key("bad_gateway/blog-web"),
            what,
            service: service.clone(),
            severity: Severity::Sev2,
            evidence: evidence.clone(),
        };
        story.rule("10:20:00", Some(42), raised);
        story.rule("11:31:00", Some(42), recovered());
        let ended =
            story.at(say, "11:31:00", |scene| entry::text(scene, &story.events[story.events.len() - 1]));
        _ = writeln!(text, "-- {what:?}\n{}", alert::title(say, alert::About::Known(what, &service)));
        _ = writeln!(text, "{}", alert::state_title(say, what, &service, &evidence));
        _ = writeln!(text, "{}", alert::told(say, what, &service, &evidence));
        _ = writeln!(text, "{}\n{over}\n{ended}", alert::impact(say, what, &evidence));
    }
    text
}

#[test]
fn each_alert_is_worded_firing_and_recovered() {
    assert_snapshot!("alerts_en", alerts(EN));
    assert_snapshot!("alerts_zh", alerts(ZH));
}

#[test]
fn likely_says_what_the_failures_have_in_common_and_nothing_more() {
    let counted = |list: &[(&str, u64)]| -> Vec<Counted> {
        list.iter().map(|(name, count)| Counted { name: (*name).to_owned(), count: *count }).collect()
    };
    #[track_caller]
    fn check(evidence: &lifeboat_storage::event::AlertEvidence, en: &str, zh: &str) {
        assert_eq!([alert::points_at(EN, evidence), alert::points_at(ZH, evidence)], [en, zh]);
    }
    let mut evidence = lifeboat_storage::event::AlertEvidence { now: share(100, 900), ..Default::default() };
    check(&evidence, "not known", "尚不明确");
    evidence.upstreams = counted(&[("a:80", 100)]);
    check(&evidence, "all failures seen come from upstream a:80", "所见失败全部来自上游 a:80");
    evidence.now = share(5, 5);
    evidence.upstreams = counted(&[("a:80", 4)]);
    check(&evidence, "all failures seen come from upstream a:80", "所见失败全部来自上游 a:80");
    assert_eq!(alert::culprit(&evidence).map(|upstream| upstream.name.as_str()), Some("a:80"));
    evidence.now = share(8, 11);
    check(&evidence, "all failures seen come from upstream a:80", "所见失败全部来自上游 a:80");
    evidence.now = share(9, 11);
    check(&evidence, "not known", "尚不明确");
    assert_eq!(alert::culprit(&evidence), None);
    evidence.now = share(100, 900);
    evidence.upstreams = counted(&[("a:80", 90), ("b:80", 10)]);
    check(&evidence, "90 of 100 failures come from upstream a:80", "100 个失败中 90 个来自上游 a:80");
    evidence.upstreams = counted(&[("a:80", 89), ("b:80", 11)]);
    check(&evidence, "failures come from 2 upstreams", "失败来自 2 个上游");
    evidence.paths = counted(&[("/api", 95)]);
    check(&evidence, "95 of 100 failures are on /api", "100 个失败中 95 个在 /api");
    evidence.paths = counted(&[("/api", 50)]);
    evidence.clients = counted(&[("198.51.100.0/24", 250)]);
    check(
        &evidence,
        "all failures seen are of one network, 198.51.100.0/24",
        "所见失败全部属于同一网段 198.51.100.0/24",
    );
    evidence.clients.clear();
    evidence.upstreams = counted(&[("a", 20), ("b", 20), ("c", 20), ("d", 20), ("e", 20)]);
    check(&evidence, "failures come from 5 upstreams or more", "失败来自至少 5 个上游");
    evidence.now = share(1, 900);
    evidence.upstreams = counted(&[("a:80", 1)]);
    evidence.paths.clear();
    check(&evidence, "not known", "尚不明确");
}

#[test]
fn likely_counts_all_failures_that_names_were_gathered_of_not_those_named() {
    let all = |name: &str| vec![Counted { name: name.to_owned(), count: 100 }];
    let evidence = lifeboat_storage::event::AlertEvidence::default();
    for (gathered, expected) in [
        (None, "all failures seen are on /cart"),
        (Some(100), "all failures seen are on /cart"),
        (Some(111), "100 of 111 failures are on /cart"),
        (Some(112), "not known"),
        (Some(400), "not known"),
    ] {
        let now = share(gathered.unwrap_or(100), 900);
        let paths = all("/cart");
        let evidence = lifeboat_storage::event::AlertEvidence { now, gathered, paths, ..evidence.clone() };
        assert_eq!(alert::points_at(EN, &evidence), expected, "{gathered:?}");
        let upstreams = all("a:80");
        let evidence = lifeboat_storage::event::AlertEvidence { upstreams, ..evidence };
        let one = gathered.is_none_or(|gathered| gathered == 100);
        assert_eq!(alert::culprit(&evidence).is_some(), one, "{gathered:?}");
    }
}

#[test]
fn likely_is_no_path_and_no_network_that_most_good_requests_have_too() {
    let all = |name: &str| vec![Counted { name: name.to_owned(), count: 100 }];
    let mut evidence = lifeboat_storage::event::AlertEvidence {
        now: share(100, 900),
        paths: all("/pay"),
        clients: all("10.0.0.0/24"),
        ..Default::default()
    };
    let path = "all failures seen are on /pay";
    let network = "all failures seen are of one network, 10.0.0.0/24";
    for (name, usual, expected) in [
        ("an older Lifeboat did not look", None, path),
        ("one path and one network of many", Some((32, 0, 0)), path),
        ("half are on that path", Some((32, 16, 32)), path),
        ("more than half are on that path", Some((32, 17, 16)), network),
        ("one path, and a balancer in front", Some((32, 32, 32)), "not known"),
        ("too few were looked at", Some((7, 0, 0)), "not known"),
        ("just enough were looked at", Some((8, 0, 0)), path),
    ] {
        evidence.usual = usual.map(|(good, path, client)| Usual { good, path, client });
        assert_eq!(alert::points_at(EN, &evidence), expected, "{name}");
    }
    evidence.usual = Some(Usual { good: 32, path: 32, client: 32 });
    evidence.upstreams = all("a:80");
    assert_eq!(alert::points_at(EN, &evidence), "all failures seen come from upstream a:80");
}

fn header(story: &Story, say: Say, clock: &str, id: u32) -> String {
    story.at(say, clock, |scene| {
        let view = incident::incident(scene, story.incident(id));
        let mut text = format!(
            "{} {} {} {}\n{}\n",
            view.id, view.flag.word, view.title, view.status_text, view.sentence
        );
        for seat in &view.seats {
            _ = writeln!(text, "  {}: {:?} {:?}", seat.role, seat.person, seat.take);
        }
        for clock in &view.clocks {
            _ = writeln!(
                text,
                "  {} ({}) {} [{}] {:?}",
                clock.name, clock.title, clock.value, clock.ends, clock.running_from
            );
        }
        for task in &view.tasks {
            _ = writeln!(text, "  {task:?}");
        }
        text
    })
}

#[test]
fn a_header_tells_the_truth_in_one_sentence_and_prints_both_ends_of_each_clock() {
    let mut typed = Story::new();
    typed.person("10:20:00", Some(7), "Mei", declared("首页打不开"));
    let mut ended = Story::whole();
    ended.person("11:33:00", Some(42), "Mei", status(Status::Identified, Status::Mitigated, ""));
    ended.person("11:36:00", Some(42), "Mei", status(Status::Mitigated, Status::Resolved, ""));
    for (say, name) in BOTH.into_iter().zip(["headers_en", "headers_zh"]) {
        let text = [
            header(&Story::opened(42, "blog-web"), say, "10:15:42", 42),
            header(&Story::whole(), say, "11:31:00", 42),
            header(&ended, say, "12:00:00", 42),
            header(&typed, say, "10:21:05", 7),
        ];
        assert_snapshot!(name, text.join("\n"));
    }
}

fn seen(state: &State) -> String {
    let mut text = format!("{} {}\n", state.flag.word, state.sentence);
    for source in &state.sources {
        _ = writeln!(text, "  {} {}: {}", if source.well { "+" } else { "-" }, source.name, source.text);
    }
    for notice in &state.notices {
        _ = writeln!(text, "  {}: {}", notice.tone, notice.text);
    }
    text
}

fn overviews(say: Say) -> String {
    use overview::{Reading, Sight, Source};
    let (edge, out) = (source("edge-1"), source("outside"));
    let log = Reading::Log { last_at: Some(at("10:58:02")), requests: 41_003, malformed: 0, behind: 0 };
    let new = Reading::Log { last_at: None, requests: 0, malformed: 3, behind: 5 << 20 };
    let of = |reading| vec![Source { name: &edge, reading }, Source { name: &out, reading: Reading::Probe }];
    let calm = || Sight { sources: of(log), lately: Some(share(2, 10_000)), ..Sight::default() };
    let mut text = String::new();
    let mut show = |name: &str, story: &Story, sight: &Sight<'_>| {
        let state = story.at(say, "11:00:00", |scene| overview::overview(scene, sight));
        _ = writeln!(text, "-- {name}\n{}", seen(&state));
    };
    let mut story = Story::new();
    show("nothing configured", &story, &Sight::default());
    show("first start", &story, &Sight { sources: of(new), ..Sight::default() });
    show("calm", &story, &calm());
    let degraded = Some((at("10:59:00"), "No space left on device (os error 28)"));
    show("in the reserve", &story, &Sight { reserve_in_use: true, ..calm() });
    show("not recorded", &story, &Sight { unrecorded: degraded, reserve_in_use: true, ..calm() });
    story.rule("10:58:02", None, Kind::SourceBlind { source: edge.clone(), why: "gone".to_owned() });
    show("one of two blind", &story, &calm());
    let only = Sight { sources: vec![Source { name: &edge, reading: log }], ..Sight::default() };
    show("the only one blind", &story, &only);
    story.rule("10:58:03", None, Kind::SourceBlind { source: out.clone(), why: "gone".to_owned() });
    show("all blind", &story, &calm());
    let mut story = Story::new();
    story.rule("10:40:00", None, raised("bad_gateway/search", AlertKind::BadGateway, 37));
    let webhook = Kind::PostQueued {
        chat: lifeboat_storage::event::ChatKind::Webhook,
        channel: ChannelName::new("alerts"),
        post: PostKind::Notice { about: Seq(1) },
    };
    let first = story.rule("10:41:00", None, webhook.clone());
    story.rule(
        "10:42:00",
        None,
        Kind::PostSettled { queued: first, outcome: DeliveryOutcome::Refused { status: 403 } },
    );
    story.rule("10:43:00", None, webhook);
    show("an alert below the limit, the chat outside refuses", &story, &calm());
    show("a storm", &Story::opened(42, "blog-web"), &calm());
    text
}

#[test]
fn the_overview_tells_calm_storm_and_blindness_apart() {
    assert_snapshot!("overviews_en", overviews(EN));
    assert_snapshot!("overviews_zh", overviews(ZH));
}

#[test]
fn every_button_sends_a_command_that_can_be_read() {
    let mut stories = vec![Story::opened(42, "blog-web"), Story::opened(42, "[::1]:8080"), Story::whole()];
    for to in [Status::Mitigated, Status::Resolved, Status::Closed, Status::Cancelled] {
        let mut story = Story::whole();
        story.person("11:33:00", Some(42), "Mei", status(Status::Identified, to, ""));
        stories.push(story);
    }
    let mut seen = 0;
    for story in &stories {
        let view = story.at(EN, "11:34:00", |scene| incident::incident(scene, story.incident(42)));
        let buttons = view.card.actions.iter().map(|action| action.command.clone());
        assert!(view.card.actions.len() <= 4);
        assert!(view.card.actions.iter().filter(|action| action.primary).count() <= 1);
        for line in buttons.chain(view.seats.into_iter().filter_map(|seat| seat.take)) {
            let whole = if line.ends_with(' ') { format!("{line}words of a person") } else { line };
            assert!(parse(&whole, at("11:34:00"), chrono_tz::UTC).is_ok(), "{whole}");
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn a_service_whose_name_is_no_plain_word_gets_no_silence_button() {
    for name in ["a b", "x\" reason:y", "博客", "a\nb"] {
        let story = Story::opened(42, name);
        let card = story.at(EN, "10:16:00", |scene| card::card(scene, story.incident(42)));
        assert!(card.actions.iter().all(|action| !action.command.starts_with("/alert")), "{name:?}");
    }
}

#[test]
fn an_entry_recorded_the_next_day_says_so() {
    let story = Story::whole();
    let mut late = Event::clone(&story.events[0]);
    late.recorded_at = at("23:59:59") + chrono::TimeDelta::hours(2);
    story.at(EN, "23:59:59", |scene| {
        assert_eq!(entry::entry(scene, &late).recorded.as_deref(), Some("2026-01-06 01:59"));
        late.recorded_at = late.occurred_at + chrono::TimeDelta::seconds(5);
        assert_eq!(entry::entry(scene, &late).recorded, None);
        late.actor.person = None;
        late.actor.account = Some("root".to_owned());
        assert_eq!(entry::entry(scene, &late).actor, "root");
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_sentence_of_truth_keeps_its_length(
        name in "\\PC{1,90}",
        status_number in 0_usize..6,
        typed in any::<bool>(),
        bad in 0_u64..2_000,
    ) {
        let mut story = if typed { Story::new() } else { Story::opened(42, &name) };
        if typed {
            story.person("10:20:00", Some(42), "Mei", declared(&name));
        } else {
            let mut worse = evidence();
            worse.now = share(bad, 2_000);
            let alert = key(&format!("bad_gateway/{name}"));
            story.rule("10:21:00", Some(42), Kind::AlertGrew { alert, severity: Severity::Sev1, evidence: worse, moved: false });
        }
        let all = [Status::Investigating, Status::Identified, Status::Mitigated, Status::Resolved, Status::Closed, Status::Cancelled];
        story.person("10:22:00", Some(42), "Mei", status(Status::Investigating, all[status_number], ""));
        for say in BOTH {
            let sentence = story.at(say, "10:23:00", |scene| incident::sentence(scene, story.incident(42)));
            let visible = sentence.chars().filter(|c| !matches!(c, '\u{2068}' | '\u{2069}')).count();
            let most = if say.lang() == Lang::En { 80 } else { 40 };
            prop_assert!(visible <= most, "{}: {}", visible, sentence);
        }
    }
}

#[test]
fn while_five_good_minutes_are_waited_for_nothing_is_said_to_fail() {
    let sentences = [
        (
            EN,
            [
                "No request to blog-web fails now; waiting for five good minutes.",
                "0.2 % of requests to blog-web fail now; waiting for five good minutes.",
            ],
        ),
        (ZH, ["blog-web 目前没有请求失败，待五分钟正常。", "blog-web 仅 0.2% 请求失败，待五分钟正常。"]),
    ];
    for (say, expected) in sentences {
        for (bad, expected) in [0, 2].into_iter().zip(expected) {
            let mut story = Story::opened(42, "blog-web");
            let (service, counts) = (ServiceName::new("blog-web"), vec![share(bad, 1_000)]);
            let measured = Kind::TrafficMeasured { service, from: at("10:22:00"), step_s: 10, counts };
            story.rule("10:22:14", Some(42), measured);
            let known = story.incident(42);
            let plain = |text: &str| text.replace(['\u{2068}', '\u{2069}'], "");
            let told = story.at(say, "10:22:14", |scene| incident::sentence(scene, known));
            assert_eq!(plain(&told), expected);
            let card = story.at(say, "10:22:14", |scene| card::card(scene, known));
            assert!(!card.title.contains('%'), "{}", card.title);
            let impact = plain(&card.rows[0].text);
            let none = impact.contains("none of 1,000 requests") || impact.contains("无一失败");
            assert_eq!(none, bad == 0, "{impact}");
        }
    }
}

#[test]
fn the_page_gets_its_texts_with_names_in_braces() {
    let texts = super::catalogue::family(Lang::En, "time-");
    assert_eq!(texts["time-share"], "{n} %");
    assert_eq!(texts.len(), 7);
}

#[test]
fn a_person_who_speaks_has_their_role_beside_their_name() {
    let mut story = Story::whole();
    story.person("11:40:00", Some(42), "Mei", said("inc-0042-blog-web", "going on"));
    let last = story.events.last().cloned().unwrap();
    let message = story.at(EN, "11:40:00", |scene| message::message(scene, &last));
    assert_eq!(last.actor.person, Some(PersonName::new("Mei")));
    assert_eq!((message.author.as_str(), message.role.as_deref()), ("Mei", Some("Commander")));
}

#[test]
fn a_message_keeps_the_role_in_which_it_was_said() {
    let mut story = Story::whole();
    let before = story.person("11:40:00", Some(42), "Mei", said("inc-0042-blog-web", "over to Lin"));
    story.person("11:41:00", Some(42), "Lin", role(Role::Commander, "Lin"));
    let after = story.person("11:42:00", Some(42), "Mei", said("inc-0042-blog-web", "good night"));
    let role_in = |seq| {
        let event = story.lookup(seq).unwrap();
        story.at(EN, "11:43:00", |scene| message::message(scene, &event).role)
    };
    assert_eq!((role_in(before).as_deref(), role_in(after)), (Some("Commander"), None));
}
