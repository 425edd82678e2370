//! The first page: it stands alone.

use chrono::TimeDelta;
use lifeboat_storage::event::{Event, Kind, Milestone, Time};
use lifeboat_storage::metrics::Span;
use lifeboat_storage::postmortem::Detection;
use lifeboat_storage::postmortem::impact::{Counted, FullStop, Impact};
use lifeboat_storage::postmortem::turning::{Turn, TurningPoint};

use super::{Block, Clock, Ink, Point, Section, works_again};
use crate::say::{entry, limits, time, word};

impl Ink<'_> {
    pub(super) fn front(&self) -> Vec<Section> {
        let mut summary = vec![Block::Prose { text: self.lead() }, self.blank("postmortem-ask-summary")];
        summary.push(Block::Clocks { clocks: self.clocks() });
        let mut course = vec![Block::Chart { caption: self.caption(), drawn: self.doc.chart.clone() }];
        course.push(Block::Points { points: self.points() });
        let mut sections = vec![
            self.section("summary", "postmortem-summary", summary),
            self.section("course", "postmortem-turning-points", course),
            self.section("impact", "postmortem-impact", vec![Block::Facts { rows: self.impact() }]),
        ];
        sections.extend(self.plans());
        sections.extend(self.questions());
        sections
    }

    /// What the record itself can say in a sentence.
    fn lead(&self) -> String {
        let impact = &self.doc.impact;
        let service = self.doc.masthead.service.as_ref().map(|service| self.name(service.as_str()));
        let service = service.unwrap_or_else(|| self.word("postmortem-the-service"));
        let mut args = vec![("service", service.into())];
        let Some(from) = impact.from else { return self.text("postmortem-lead-nothing", &args) };
        args.push(("from", self.at(from).into()));
        args.push(("to", impact.to.map(|to| self.at(to)).unwrap_or_default().into()));
        let Some(failed) = impact.failed else {
            let key = if impact.to.is_some() {
                "postmortem-lead-uncounted"
            } else {
                "postmortem-lead-uncounted-open"
            };
            return self.text(key, &args);
        };
        args.push(("bad", failed.bad.into()));
        args.push(("total", failed.total.into()));
        args.push(("share", time::share(self.scene.say, failed).into()));
        args.push(("missing", self.uncounted(impact).into()));
        args.push(("times", impact.stretches().len().into()));
        args.push(("stretches", self.stretches(impact).into()));
        let again = !impact.breaks.is_empty();
        let key = match (failed.bad, impact.to.is_some()) {
            (0, true) if impact.uncounted_s > 0 => "postmortem-lead-none-failed-part",
            (0, true) => "postmortem-lead-none-failed",
            (0, false) => "postmortem-lead-none-failed-open",
            (_, true) if again => "postmortem-lead-again",
            (_, false) if again => "postmortem-lead-again-open",
            (_, true) => "postmortem-lead",
            (_, false) => "postmortem-lead-open",
        };
        self.text(key, &args)
    }

    fn clocks(&self) -> Vec<Clock> {
        let mut times = self.doc.times;
        times.mitigate.to = times.mitigate.to.or_else(|| works_again(self.doc));
        // Nothing was to be mitigated where users did not suffer.
        let mitigated = times.mitigate.to.is_some() || !self.doc.impact.none_failed();
        let clock = |key: &str, span: Span| Clock {
            title: self.word(key),
            value: self.length(span),
            ends: self.ends(span),
        };
        let Some(from) = self.felt_later() else {
            let mitigate = mitigated.then(|| clock("postmortem-ttm", times.mitigate));
            let first = [clock("postmortem-ttd", times.detect), clock("postmortem-tta", times.acknowledge)];
            let last = clock("postmortem-ttr", times.resolve);
            return first.into_iter().chain(mitigate).chain([last]).collect();
        };
        let felt = Span { from: Some(from), ..times.mitigate };
        vec![
            clock("postmortem-ttd-warned", times.detect),
            clock("postmortem-tta", times.acknowledge),
            clock("postmortem-ttm-warned", times.mitigate),
            clock("postmortem-ttm-felt", felt),
            clock("postmortem-ttr-warned", times.resolve),
        ]
    }

    /// When requests began to fail in an incident that a warning had opened before.
    fn felt_later(&self) -> Option<Time> {
        let first = self.doc.detection.first()?.what?;
        let warned = self.doc.times.detect.from?;
        self.doc.impact.from.filter(|felt| !first.is_of_requests() && warned < *felt)
    }

    fn length(&self, span: Span) -> String {
        span.length().map_or_else(|| "–".to_owned(), |length| time::duration(self.scene.say, length))
    }

    fn ends(&self, span: Span) -> String {
        let end = |at: Option<Time>, missing: &str| at.map_or_else(|| self.word(missing), |at| self.at(at));
        let missing = if span.from.is_some() { "postmortem-not-yet" } else { "postmortem-not-known" };
        format!("{} → {}", end(span.from, "postmortem-not-known"), end(span.to, missing))
    }

    fn caption(&self) -> String {
        let Some(chart) = &self.doc.chart else { return self.word("postmortem-chart-none") };
        let say = self.scene.say;
        let mut args = vec![
            ("service", self.name(chart.service.as_str()).into()),
            ("step", time::seconds(say, chart.step_s).into()),
            ("peak", chart.worst().map(|(_, share)| time::share(say, share)).unwrap_or_default().into()),
        ];
        let Some(usual) = chart.usual else { return self.text("postmortem-chart", &args) };
        args.push(("usual", time::share(say, usual).into()));
        self.text("postmortem-chart-usual", &args)
    }

    fn points(&self) -> Vec<Point> {
        self.doc.turning_points.iter().map(|point| self.point(point)).collect()
    }

    fn point(&self, point: &TurningPoint) -> Point {
        Point {
            letter: point.letter,
            at: self.at(point.at),
            moment: point.at,
            text: self.turn(point),
            share: point.share.map(|share| time::share(self.scene.say, share)).unwrap_or_default(),
            ratio: point.share.map(|share| share.ratio().min(1.0)),
            seq: point.seq,
        }
    }

    /// Milestones have a sentence of their own here; all else reads as on the timeline.
    fn turn(&self, point: &TurningPoint) -> String {
        let event = (self.scene.lookup)(point.seq);
        let Some(event) = event else { return String::new() };
        match point.turn {
            Turn::Reached { milestone } => self.reached(milestone, &event),
            _ => entry::text(&self.scene, &event),
        }
    }

    /// `Identified (Mei): cluster DNS fails`.
    fn reached(&self, milestone: Milestone, event: &Event) -> String {
        let say = self.scene.say;
        let (name, actor) = (word::milestone(say, milestone), entry::actor(say, event));
        let key = if actor.is_empty() { "postmortem-turn" } else { "postmortem-turn-by" };
        let head = self.text(key, &[("milestone", name.into()), ("person", actor.into())]);
        match self.why_reached(milestone, event) {
            Some(why) => self.text("postmortem-turn-why", &[("head", head.into()), ("why", why.into())]),
            None => head,
        }
    }

    /// The reason typed, the alert that detected it, the request that began it.
    fn why_reached(&self, milestone: Milestone, event: &Event) -> Option<String> {
        if let Kind::StatusChanged { reason, .. } = event.kind.lasting() {
            let reason = self.scene.say.outside(reason, limits::LINE);
            return (!reason.trim().is_empty()).then_some(reason);
        }
        let at = event.occurred_at;
        let mut told = self.doc.detection.iter();
        match milestone {
            Milestone::Started => {
                told.find(|detection| detection.evidence.since == Some(at)).map(|first| self.first(first))
            }
            Milestone::Detected => {
                let near = told.find(|one| (one.at - at).num_seconds().abs() <= 5)?;
                (self.scene.lookup)(near.seq).map(|alert| entry::text(&self.scene, &alert))
            }
            _ => None,
        }
    }

    /// With what it started: a request, or what an alert on the fleet tells.
    fn first(&self, detection: &Detection) -> String {
        let of_requests = detection.what.is_none_or(|what| what.is_of_requests());
        let event = (self.scene.lookup)(detection.seq).filter(|_| !of_requests);
        let Some(event) = event else { return self.word("postmortem-turn-first") };
        entry::text(&self.scene, &event)
    }

    fn impact(&self) -> Vec<(String, String)> {
        let impact = &self.doc.impact;
        // Where no request failed there is no worst minute.
        let worst = (self.word("postmortem-impact-worst"), self.worst(impact));
        let mut rows = vec![
            (self.word("postmortem-impact-lasted"), self.lasted(impact)),
            (self.word("postmortem-impact-failed"), self.failed(impact)),
        ];
        rows.extend((!impact.none_failed()).then_some(worst));
        rows.extend([
            (self.word("postmortem-impact-stop"), self.full_stop(impact)),
            (self.word("postmortem-impact-users"), self.users(impact)),
        ]);
        rows
    }

    fn lasted(&self, impact: &Impact) -> String {
        self.timed(impact.lasted(), self.stretches(impact))
    }

    /// When users suffered.
    fn stretches(&self, impact: &Impact) -> String {
        let ends: Vec<String> = impact.stretches().into_iter().map(|span| self.ends(span)).collect();
        word::names(self.scene.say, &ends)
    }

    fn timed(&self, length: Option<TimeDelta>, ends: String) -> String {
        let Some(length) = length else { return ends };
        let length = time::duration(self.scene.say, length);
        self.text("postmortem-impact-span", &[("length", length.into()), ("ends", ends.into())])
    }

    fn failed(&self, impact: &Impact) -> String {
        let Some(failed) = impact.failed else { return self.word("postmortem-not-known") };
        let key = match impact.counted {
            Counted::Alerts => "postmortem-impact-count-alerts",
            Counted::Steps if impact.uncounted_s > 0 => "postmortem-impact-count-part",
            Counted::Steps | Counted::Nothing => "postmortem-impact-count",
        };
        let args = [
            ("bad", failed.bad.into()),
            ("total", failed.total.into()),
            ("share", time::share(self.scene.say, failed).into()),
            ("missing", self.uncounted(impact).into()),
        ];
        self.text(key, &args)
    }

    /// How long nothing was counted.
    fn uncounted(&self, impact: &Impact) -> String {
        let missing = i64::try_from(impact.uncounted_s).ok().and_then(TimeDelta::try_seconds);
        time::duration(self.scene.say, missing.unwrap_or_default())
    }

    fn worst(&self, impact: &Impact) -> String {
        let Some(worst) = impact.worst else { return self.word("postmortem-not-known") };
        let share = time::share(self.scene.say, worst.share);
        let Some(at) = worst.at else { return share };
        self.text("postmortem-impact-worst-at", &[("share", share.into()), ("at", self.at(at).into())])
    }

    fn full_stop(&self, impact: &Impact) -> String {
        match impact.full_stop {
            FullStop::NotKnown => self.word("postmortem-not-known"),
            FullStop::Never => self.word("postmortem-impact-stop-none"),
            FullStop::Lasted { from, to, .. } => {
                let span = Span { from: Some(from), to: Some(to) };
                self.timed(span.length(), self.ends(span))
            }
        }
    }

    fn users(&self, impact: &Impact) -> String {
        impact.users.map_or_else(|| self.word("postmortem-not-known"), |users| users.to_string())
    }
}
