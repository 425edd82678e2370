//! The first page: it stands alone.

use chrono::TimeDelta;
use lifeboat_storage::event::{Event, Kind, Milestone, Time};
use lifeboat_storage::metrics::Span;
use lifeboat_storage::postmortem::Detection;
use lifeboat_storage::postmortem::felt::{Counted, Felt, FullStop};
use lifeboat_storage::postmortem::impact::Impact;
use lifeboat_storage::postmortem::turning::{Turn, TurningPoint};

use super::{Block, Clock, Ink, NAMED_OTHERS, Point, Section, works_again};
use crate::say::{Lang, entry, limits, time, word};

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

    /// What the record itself can say in a sentence, and in one more for each other service.
    fn lead(&self) -> String {
        let failing: Vec<&Felt> = self.doc.impact.failing_others().collect();
        let mut sentences = vec![self.own()];
        sentences.extend(failing.iter().take(NAMED_OTHERS).map(|other| self.other(other)));
        if failing.len() > NAMED_OTHERS {
            let more = failing.len() - NAMED_OTHERS;
            sentences.push(self.text("postmortem-more-others", &[("more", more.into())]));
        }
        sentences.join(if self.scene.say.lang() == Lang::ZhCn { "" } else { " " })
    }

    /// What failed of another service in the same time.
    fn other(&self, felt: &Felt) -> String {
        let failed = felt.failed.unwrap_or_default();
        let args = [
            ("service", self.service(felt).into()),
            ("bad", failed.bad.into()),
            ("total", failed.total.into()),
            ("share", time::share(self.scene.say, failed).into()),
        ];
        self.text("postmortem-lead-other", &args)
    }

    fn service(&self, felt: &Felt) -> String {
        let named = felt.service.as_ref().map(|service| self.name(service.as_str()));
        named.unwrap_or_else(|| self.word("postmortem-the-service"))
    }

    fn own(&self) -> String {
        let impact = &self.doc.impact;
        let service = self.doc.masthead.service.as_ref().or(impact.service.as_ref());
        let service = service.map(|service| self.name(service.as_str()));
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
        args.push(("missing", self.uncounted(impact.uncounted_s).into()));
        args.push(("times", impact.stretches().len().into()));
        args.push(("stretches", self.stretches(impact).into()));
        let again = !impact.breaks.is_empty();
        // Where requests to another service failed, users did suffer.
        let any = failed.bad.max(impact.failing_others().map(Felt::bad).sum());
        let key = match (any, impact.to.is_some()) {
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
        let worst = (self.word("postmortem-impact-worst"), self.of_each(|felt| self.worst(felt)));
        let mut rows = vec![
            (self.word("postmortem-impact-lasted"), self.lasted(impact)),
            (self.word("postmortem-impact-failed"), self.of_each(|felt| self.failed(felt))),
        ];
        rows.extend((!impact.none_failed()).then_some(worst));
        rows.extend([
            (self.word("postmortem-impact-stop"), self.of_each(|felt| self.full_stop(felt))),
            (self.word("postmortem-impact-users"), self.users(impact)),
        ]);
        rows
    }

    /// A number of each service by its name, where there are several: shares of two are no share of anything.
    fn of_each(&self, told: impl Fn(&Felt) -> String) -> String {
        let each = self.doc.impact.each();
        if let [own] = &each[..] {
            return told(own);
        }
        let named = |felt: &Felt| {
            let args = [("service", self.service(felt).into()), ("told", told(felt).into())];
            self.text("postmortem-impact-of", &args)
        };
        word::sentences(self.scene.say, &each.iter().map(named).collect::<Vec<_>>())
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

    fn failed(&self, felt: &Felt) -> String {
        let Some(failed) = felt.failed else { return self.word("postmortem-not-known") };
        let key = match felt.counted {
            Counted::Alerts => "postmortem-impact-count-alerts",
            Counted::Steps if felt.uncounted_s > 0 => "postmortem-impact-count-part",
            Counted::Steps | Counted::Nothing => "postmortem-impact-count",
        };
        let args = [
            ("bad", failed.bad.into()),
            ("total", failed.total.into()),
            ("share", time::share(self.scene.say, failed).into()),
            ("missing", self.uncounted(felt.uncounted_s).into()),
        ];
        self.text(key, &args)
    }

    /// How long nothing was counted.
    fn uncounted(&self, seconds: u64) -> String {
        let missing = i64::try_from(seconds).ok().and_then(TimeDelta::try_seconds);
        time::duration(self.scene.say, missing.unwrap_or_default())
    }

    fn worst(&self, felt: &Felt) -> String {
        let Some(worst) = felt.worst else { return self.word("postmortem-not-known") };
        let share = time::share(self.scene.say, worst.share);
        let Some(at) = worst.at else { return share };
        self.text("postmortem-impact-worst-at", &[("share", share.into()), ("at", self.at(at).into())])
    }

    fn full_stop(&self, felt: &Felt) -> String {
        match felt.full_stop {
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
