//! The record itself: every event of the incident in exactly one row of exactly one table.

use lifeboat_storage::event::{Event, Kind, Origin, Share};
use lifeboat_storage::timeline::Entry;

use super::{Block, Ink, Row, Section, Table};
use crate::say::{Lang, alert, entry, time, word};

/// Characters of a chain hash that are told.
const HASH: usize = 12;

impl Ink<'_> {
    pub(super) fn record(&self) -> Vec<Section> {
        let timeline = &self.doc.timeline;
        let story = vec![
            Block::Remark { text: self.scope() },
            Block::Table(self.entries("timeline", &timeline.story)),
        ];
        let mut sections = vec![self.section("timeline", "postmortem-timeline", story)];
        let lists = [
            ("said", "postmortem-said", &timeline.said),
            ("worked", "postmortem-worked", &timeline.worked),
            ("measured", "postmortem-measured", &timeline.measured),
            ("kept", "postmortem-kept", &timeline.kept),
        ];
        for (id, title, list) in lists.into_iter().filter(|(.., list)| !list.is_empty()) {
            let table = if id == "measured" { self.counts(list) } else { self.entries(id, list) };
            sections.push(self.section(id, title, vec![Block::Table(table)]));
        }
        sections
    }

    /// How many entries there are and where the rest of them stands.
    fn scope(&self) -> String {
        let (timeline, head) = (&self.doc.timeline, &self.doc.masthead);
        let mut args = vec![
            ("story", timeline.story.len().into()),
            ("all", timeline.len().into()),
            ("date", time::date(self.scene.say, self.scene.now).into()),
            ("zone", time::zone_label(self.scene.say, self.scene.now).into()),
        ];
        let scope = self.text("postmortem-timeline-scope", &args);
        let Some(hash) = &head.head else { return scope };
        args.truncate(0);
        args.push(("hash", self.hash(hash).into()));
        format!("{scope} {}", self.text("postmortem-timeline-hash", &args))
    }

    fn hash(&self, hash: &str) -> String {
        self.scene.say.outside(&hash.chars().take(HASH).collect::<String>(), HASH)
    }

    fn entries(&self, name: &'static str, entries: &[Entry]) -> Table {
        let heads = self.heads(&[
            "postmortem-col-number",
            "postmortem-col-happened",
            "postmortem-col-recorded",
            "postmortem-col-who",
            "postmortem-col-what",
            "postmortem-col-evidence",
        ]);
        Table { name, heads, rows: entries.iter().map(|entry| self.row(entry)).collect() }
    }

    fn row(&self, entry: &Entry) -> Row {
        let event = &entry.event;
        let recorded = if entry.is_late() { self.at(event.recorded_at) } else { String::new() };
        let cells = vec![
            event.seq.to_string(),
            self.at(event.occurred_at),
            recorded,
            self.who(event),
            self.what(entry),
            self.evidence(entry),
        ];
        Row { event: Some(event.seq), letter: entry.letter, corrected: self.corrected(entry), cells }
    }

    fn what(&self, entry: &Entry) -> String {
        let event = &entry.event;
        match &event.kind {
            Kind::MessagePinned { message } => {
                self.text("postmortem-pinned", &[("entry", self.reference(*message).into())])
            }
            _ => entry::text(&self.scene, event),
        }
    }

    fn corrected(&self, entry: &Entry) -> Option<String> {
        let by = self.reference(entry.corrected_by?);
        Some(self.text("postmortem-corrected", &[("entry", by.into())]))
    }

    /// A person or account; else which part of Lifeboat.
    pub(super) fn who(&self, event: &Event) -> String {
        let actor = entry::actor(self.scene.say, event);
        if !actor.is_empty() {
            return actor;
        }
        match event.actor.origin {
            Origin::Detector => self.word("postmortem-by-detector"),
            Origin::Probe => self.word("postmortem-by-probe"),
            Origin::Console | Origin::CommandLine | Origin::Discord | Origin::Lifeboat => {
                entry::author(self.scene.say, event)
            }
        }
    }

    fn evidence(&self, entry: &Entry) -> String {
        let event = &entry.event;
        let mut labels: Vec<String> = entry::evidence(&event.kind)
            .map(|evidence| alert::chips(self.scene.say, evidence))
            .unwrap_or_default()
            .into_iter()
            .map(|chip| chip.label)
            .collect();
        if let Kind::StatusChanged { head: Some(hash), .. } = &event.kind {
            labels.push(self.text("postmortem-hash", &[("hash", self.hash(hash).into())]));
        }
        if entry.pinned {
            labels.push(self.word("postmortem-is-pinned"));
        }
        if let Kind::CommandRefused { why, .. } = &event.kind {
            labels.push(word::refused(self.scene.say, why));
        }
        if let Some(by) = self.way(event) {
            labels.push(by);
        }
        labels.join(if self.scene.say.lang() == Lang::ZhCn { "、" } else { ", " })
    }

    /// By which way a person did it.
    fn way(&self, event: &Event) -> Option<String> {
        event.actor.person.as_ref()?;
        match event.actor.origin {
            Origin::Console => Some(self.word("postmortem-by-console")),
            Origin::CommandLine => Some(self.word("postmortem-by-command-line")),
            Origin::Discord => Some(self.word("postmortem-by-discord")),
            Origin::Detector | Origin::Probe | Origin::Lifeboat => None,
        }
    }

    fn counts(&self, entries: &[Entry]) -> Table {
        let heads = self.heads(&[
            "postmortem-col-number",
            "postmortem-col-from",
            "postmortem-col-until",
            "postmortem-col-service",
            "postmortem-col-step",
            "postmortem-col-failed",
            "postmortem-col-share",
            "postmortem-col-worst",
        ]);
        Table {
            name: "measured",
            heads,
            rows: entries.iter().filter_map(|entry| self.count(entry)).collect(),
        }
    }

    fn count(&self, entry: &Entry) -> Option<Row> {
        let Kind::TrafficMeasured { service, from, step_s, counts } = entry.event.kind.lasting() else {
            return None;
        };
        let say = self.scene.say;
        let steps = i64::try_from(counts.len()).unwrap_or(i64::MAX);
        let length = chrono::TimeDelta::try_seconds(i64::from(*step_s).saturating_mul(steps));
        let to = length.and_then(|length| from.checked_add_signed(length)).unwrap_or(*from);
        let all = counts.iter().fold(Share::default(), |all, step| Share {
            bad: all.bad.saturating_add(step.bad),
            total: all.total.saturating_add(step.total),
        });
        let known = counts.iter().filter(|step| step.total > 0);
        let worst = known.max_by(|a, b| a.ratio().total_cmp(&b.ratio()));
        let none = || self.word("postmortem-no-data");
        let cells = vec![
            entry.event.seq.to_string(),
            self.at(*from),
            self.at(to),
            self.name(service.as_str()),
            time::seconds(say, *step_s),
            self.text("postmortem-of", &[("bad", all.bad.into()), ("total", all.total.into())]),
            if all.total > 0 { time::share(say, all) } else { none() },
            worst.map_or_else(none, |worst| time::share(say, *worst)),
        ];
        Some(Row { event: Some(entry.event.seq), letter: None, corrected: self.corrected(entry), cells })
    }
}
