//! The worded postmortem: sections and blocks in reading order, every text plain and unescaped.

mod evidence;
mod front;
mod plans;
mod question;
mod record;
mod review;

use std::collections::BTreeMap;
use std::sync::Arc;

use lifeboat_storage::event::{Event, Time};
use lifeboat_storage::id::{Seq, World};
use lifeboat_storage::postmortem::Postmortem;
use lifeboat_storage::postmortem::chart::Chart;
use serde::Serialize;

use super::{Source, public};
use crate::say::{Arg, Lang, Say, Scene, alert, limits, time, word};

/// A worded postmortem.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Sheet {
    /// Its language.
    pub(super) lang: Lang,
    /// `DRILL-3`, where it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) drill: Option<String>,
    /// What stands at the top.
    pub(super) head: Head,
    /// As typed, or worded from the alert.
    pub(super) title: String,
    /// No blame.
    pub(super) blameless: String,
    /// Sections in reading order.
    pub(super) sections: Vec<Section>,
}

/// What stands at the top.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Head {
    /// Shape of the severity.
    pub(super) shape: &'static str,
    /// `SEV1`.
    pub(super) severity: String,
    /// Tone of the severity.
    pub(super) tone: &'static str,
    /// `INC-0042`.
    pub(super) incident: String,
    /// The service, empty where unknown.
    pub(super) service: String,
    /// Where it stands, and where it went.
    pub(super) status: String,
    /// `Draft 3, 2026-01-05 11:52`.
    pub(super) draft: String,
    /// `2026-01-05`: the date of times without one.
    pub(super) date: String,
    /// `UTC+8`.
    pub(super) zone: String,
    /// Line under each printed page.
    pub(super) footer: String,
    /// Between page and pages: `of`.
    pub(super) of: String,
    /// Title of the list of sections.
    pub(super) contents: String,
}

/// A section.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Section {
    /// Its name for links, the same in every language.
    pub(super) id: &'static str,
    /// Its heading.
    pub(super) title: String,
    /// What stands in it.
    pub(super) blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub(super) enum Block {
    /// A paragraph.
    Prose { text: String },
    /// A remark in small print.
    Remark { text: String },
    /// Labels and what they say.
    Facts { rows: Vec<(String, String)> },
    /// The four times.
    Clocks { clocks: Vec<Clock> },
    /// The chart, with its caption; its numbers are in the typed document.
    Chart {
        caption: String,
        #[serde(skip)]
        drawn: Option<Chart>,
    },
    /// A to H.
    Points { points: Vec<Point> },
    /// A table.
    Table(Table),
    /// Left for people.
    Blank { ask: String, hint: String },
    /// Questions in a frame.
    Questions { questions: Vec<String>, hint: String },
    /// Lines from outside, as they came (masked).
    Lines { label: String, lines: Vec<String> },
    /// A passage in a language of its own.
    Passage { lang: Lang, title: String, subject: Option<String>, paragraphs: Vec<String> },
}

/// One of the four times.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Clock {
    /// `Time to detect`.
    pub(super) title: String,
    /// `41 s`, or `–`.
    pub(super) value: String,
    /// `10:15:00 → 10:15:41`.
    pub(super) ends: String,
}

/// A turning point.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Point {
    /// A to H.
    pub(super) letter: char,
    /// When, as printed.
    pub(super) at: String,
    /// When.
    pub(super) moment: Time,
    /// What turned.
    pub(super) text: String,
    /// The share then, or empty.
    pub(super) share: String,
    /// The share between 0 and 1.
    pub(super) ratio: Option<f64>,
    /// Its event.
    pub(super) seq: Seq,
}

/// A table; its columns are the same in every row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Table {
    /// Which table: chooses widths.
    pub(super) name: &'static str,
    /// Heads.
    pub(super) heads: Vec<String>,
    /// Rows.
    pub(super) rows: Vec<Row>,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Row {
    /// The event that has its one place here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) event: Option<Seq>,
    /// Its letter on the chart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) letter: Option<char>,
    /// Corrected since, and by which entry: shown struck through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) corrected: Option<String>,
    /// Cells, plain text, lines separated by `\n`.
    pub(super) cells: Vec<String>,
}

impl Row {
    fn plain(cells: Vec<String>) -> Self {
        Self { event: None, letter: None, corrected: None, cells }
    }
}

/// Words a postmortem.
pub(super) fn worded(source: &Source<'_>, say: Say) -> Sheet {
    let events = by_seq(source.postmortem);
    let lookup = |seq: Seq| events.get(&seq).cloned();
    let scene = Scene {
        say,
        state: source.state,
        lookup: &lookup,
        fleet: None,
        people: None,
        now: start(source.postmortem),
    };
    let ink = Ink { scene, doc: source.postmortem };
    Sheet {
        lang: say.lang(),
        drill: drill(source.postmortem.masthead.world),
        head: ink.head(source.now),
        title: ink.title(),
        blameless: ink.word("postmortem-blameless"),
        sections: ink.sections(),
    }
}

/// So many services besides the incident's own are told of by name in running text; the impact lists all.
pub(super) const NAMED_OTHERS: usize = 3;

/// The moment whose date needs no printing.
pub(super) fn start(postmortem: &Postmortem) -> Time {
    let from = postmortem.impact.from;
    let first = postmortem.timeline.story.first().map(|entry| entry.event.occurred_at);
    from.or(first).unwrap_or(postmortem.masthead.as_of)
}

/// When users no longer suffered; the end of the work alone says nothing about them.
pub(super) fn works_again(postmortem: &Postmortem) -> Option<Time> {
    let (mitigated, resolved) = (postmortem.times.mitigate.to, postmortem.times.resolve.to);
    postmortem.impact.to.filter(|to| mitigated.is_some() || resolved != Some(*to))
}

/// `DRILL-3`.
pub(super) fn drill(world: World) -> Option<String> {
    match world {
        World::Real => None,
        World::Drill(number) => Some(format!("DRILL-{number}")),
    }
}

fn by_seq(postmortem: &Postmortem) -> BTreeMap<Seq, Arc<Event>> {
    let entries = postmortem.timeline.entries();
    entries.map(|entry| (entry.event.seq, Arc::new(entry.event.clone()))).collect()
}

/// What the sections are written with.
struct Ink<'a> {
    scene: Scene<'a>,
    doc: &'a Postmortem,
}

impl Ink<'_> {
    fn word(&self, key: &str) -> String {
        self.scene.say.word(key)
    }

    fn text(&self, key: &str, args: &[Arg<'_>]) -> String {
        self.scene.say.text(key, args)
    }

    fn at(&self, at: Time) -> String {
        self.scene.at(at)
    }

    fn heads(&self, keys: &[&str]) -> Vec<String> {
        keys.iter().map(|key| self.word(key)).collect()
    }

    fn blank(&self, ask: &str) -> Block {
        Block::Blank { ask: self.word(ask), hint: self.word("postmortem-left") }
    }

    fn section(&self, id: &'static str, key: &str, blocks: Vec<Block>) -> Section {
        Section { id, title: self.word(key), blocks }
    }

    fn title(&self) -> String {
        let head = &self.doc.masthead;
        if !head.title.trim().is_empty() {
            return self.scene.say.outside(&head.title, limits::LINE);
        }
        if let Some(sentence) = self.sentence() {
            return sentence;
        }
        match (head.opened_by, &head.service) {
            (Some(kind), Some(service)) => alert::title(self.scene.say, alert::About::Known(kind, service)),
            (_, Some(service)) => {
                self.text("postmortem-untitled-service", &[("service", self.name(service.as_str()).into())])
            }
            _ => self.word("postmortem-untitled"),
        }
    }

    /// A title by rule, where nobody typed one: how much failed, for how long.
    fn sentence(&self) -> Option<String> {
        let (say, impact) = (self.scene.say, &self.doc.impact);
        let service = self.name(self.doc.masthead.service.as_ref()?.as_str());
        let failed = impact.failed.filter(|failed| failed.bad > 0)?;
        let length = time::duration(say, impact.lasted()?);
        let others = impact.failing_others().take(NAMED_OTHERS);
        let others = others.filter_map(|other| Some(self.name(other.service.as_ref()?.as_str())));
        let services: Vec<String> = std::iter::once(service.clone()).chain(others).collect();
        let key = match (services.len() > 1, impact.breaks.is_empty()) {
            (false, true) => "postmortem-title",
            (false, false) => "postmortem-title-again",
            // Each failed for a part of that time: one share would be that of no service.
            (true, true) => "postmortem-title-several",
            (true, false) => "postmortem-title-several-again",
        };
        Some(self.text(
            key,
            &[
                ("times", impact.stretches().len().into()),
                ("service", service.into()),
                ("services", word::names(say, &services).into()),
                ("share", time::share(say, failed).into()),
                ("length", length.into()),
            ],
        ))
    }

    fn name(&self, name: &str) -> String {
        self.scene.say.name(name)
    }

    fn head(&self, now: Time) -> Head {
        let (say, head) = (self.scene.say, &self.doc.masthead);
        let (shape, tone) = word::shape_and_tone(head.worst);
        let date = time::date(say, self.scene.now);
        let zone = time::zone_label(say, self.scene.now);
        let written = format!("{} {}", time::date(say, now), time::clock_minutes(say, now));
        let written = time::zoned(say, written, now, self.scene.now);
        let incident = head.incident.to_string();
        Head {
            shape,
            tone,
            severity: word::severity(head.worst).to_owned(),
            service: head.service.as_ref().map(|service| self.name(service.as_str())).unwrap_or_default(),
            status: self.status(),
            draft: self.text("postmortem-draft", &[("n", head.draft.into()), ("at", written.into())]),
            footer: self.text(
                "postmortem-footer",
                &[("incident", incident.clone().into()), ("zone", zone.clone().into())],
            ),
            of: self.word("postmortem-page-of"),
            contents: self.word("postmortem-contents"),
            incident,
            date,
            zone,
        }
    }

    fn status(&self) -> String {
        let head = &self.doc.masthead;
        let status = word::status(self.scene.say, head.status);
        match head.merged_into {
            Some(into) => self.text(
                "postmortem-status-merged",
                &[("status", status.into()), ("into", into.to_string().into())],
            ),
            None => status,
        }
    }

    fn sections(&self) -> Vec<Section> {
        let mut sections = self.front();
        sections.extend(self.review());
        sections.push(self.public());
        sections.extend(self.record());
        sections
    }

    fn public(&self) -> Section {
        let mut blocks = vec![Block::Remark { text: self.word("postmortem-public-note") }];
        blocks.extend(Lang::ALL.map(|lang| public::draft(self.doc, lang, self.scene.say)));
        self.section("public", "postmortem-public", blocks)
    }
}
