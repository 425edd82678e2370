//! The draft for readers outside: from milestones and impact only.
//!
//! No name of a person or a host, no upstream, no title that somebody typed: the service as it is configured, times
//! to the minute, shares rounded. What caused it and what changes is left for people, in so many words.

use lifeboat_storage::event::{AlertKind, Milestone, Share, Status, Time};
use lifeboat_storage::id::World;
use lifeboat_storage::postmortem::Postmortem;
use lifeboat_storage::postmortem::felt::{Felt, FullStop};

use super::sheet::{Block, NAMED_OTHERS, drill};
use crate::say::{Arg, Lang, Say, time};

/// The draft in one language.
pub(super) fn draft(doc: &Postmortem, lang: Lang, say: Say) -> Block {
    let voice = Voice { doc, say: Say::new(lang, say.zone()).plain() };
    let mut paragraphs: Vec<String> = voice.banner().into_iter().collect();
    let told = doc.masthead.status != Status::Cancelled && !doc.impact.none_failed();
    if doc.impact.none_failed() && doc.masthead.status != Status::Cancelled {
        paragraphs.push(voice.word("postmortem-public-nothing-failed"));
    } else if told {
        paragraphs.extend(voice.told())
    } else {
        paragraphs.push(voice.called_off())
    }
    let subject = told.then(|| voice.subject());
    Block::Passage { lang, title: voice.word("postmortem-public-language"), subject, paragraphs }
}

struct Voice<'a> {
    doc: &'a Postmortem,
    say: Say,
}

impl Voice<'_> {
    fn word(&self, key: &str) -> String {
        self.say.word(key)
    }

    fn text(&self, key: &str, args: &[Arg<'_>]) -> String {
        self.say.text(key, args)
    }

    /// A draft that leaves the page still says that it was a drill.
    fn banner(&self) -> Option<String> {
        if self.doc.masthead.world == World::Real {
            return None;
        }
        let drill = drill(self.doc.masthead.world).unwrap_or_default();
        Some(self.text("postmortem-drill", &[("drill", drill.into())]))
    }

    fn called_off(&self) -> String {
        let merged = self.doc.masthead.merged_into.is_some();
        self.word(if merged { "postmortem-public-elsewhere" } else { "postmortem-public-cancelled" })
    }

    fn told(&self) -> Vec<String> {
        let mut paragraphs = vec![self.what()];
        paragraphs.extend(self.course());
        paragraphs.push(self.word("postmortem-public-ask"));
        paragraphs.push(self.word("postmortem-public-apology"));
        paragraphs
    }

    fn subject(&self) -> String {
        let title = self.title();
        drill(self.doc.masthead.world).map_or_else(|| title.clone(), |drill| format!("{drill} · {title}"))
    }

    fn title(&self) -> String {
        let date = time::date(self.say, super::sheet::start(self.doc));
        self.text("postmortem-public-title", &[("service", self.service().into()), ("date", date.into())])
    }

    fn service(&self) -> String {
        let service = self.doc.masthead.service.as_ref().or(self.doc.impact.service.as_ref());
        service.map_or_else(|| self.word("postmortem-the-service"), |name| self.say.name(name.as_str()))
    }

    /// What readers felt: one sentence, one for each other service, and one where everything stood still.
    fn what(&self) -> String {
        let impact = &self.doc.impact;
        let from = impact.from.unwrap_or_else(|| super::sheet::start(self.doc));
        let mut args = vec![
            ("service", self.service().into()),
            ("date", time::date(self.say, from).into()),
            ("zone", self.zone(from, impact.to).into()),
            ("from", self.minute(from).into()),
        ];
        args.push(("to", impact.to.map(|to| self.dated(from, to)).unwrap_or_default().into()));
        args.push(("share", impact.failed.map(|share| self.about(share)).unwrap_or_default().into()));
        args.push(("times", impact.stretches().len().into()));
        let length = impact.lasted().map(|length| time::duration(self.say, length));
        args.push(("length", length.unwrap_or_default().into()));
        let again = !impact.breaks.is_empty();
        let key = match (impact.failed.is_some(), impact.to.is_some()) {
            (true, true) if again => "postmortem-public-share-again",
            (true, false) if again => "postmortem-public-share-again-open",
            (true, true) => "postmortem-public-share",
            (true, false) => "postmortem-public-share-open",
            (false, true) => "postmortem-public-uncounted",
            (false, false) => "postmortem-public-uncounted-open",
        };
        let mut told = vec![self.text(key, &args)];
        let failing: Vec<&Felt> = impact.failing_others().collect();
        told.extend(failing.iter().take(NAMED_OTHERS).map(|other| self.other(other)));
        if failing.len() > NAMED_OTHERS {
            let more = failing.len() - NAMED_OTHERS;
            told.push(self.text("postmortem-more-others", &[("more", more.into())]));
        }
        let several = !impact.others.is_empty();
        let named = impact.each().into_iter().take(NAMED_OTHERS + 1);
        told.extend(named.filter_map(|felt| self.stop(&felt, several)));
        self.joined(&told)
    }

    /// What failed of another service in the same time.
    fn other(&self, felt: &Felt) -> String {
        let share = self.about(felt.failed.unwrap_or_default());
        self.text("postmortem-public-other", &[("service", self.of(felt).into()), ("share", share.into())])
    }

    /// That everything stood still, and of which service where there are several.
    fn stop(&self, felt: &Felt, several: bool) -> Option<String> {
        let FullStop::Lasted { from, to, .. } = felt.full_stop else { return None };
        let length = time::duration(self.say, to - from);
        let key = if several { "postmortem-public-stop-of" } else { "postmortem-public-stop" };
        Some(self.text(key, &[("length", length.into()), ("service", self.of(felt).into())]))
    }

    fn of(&self, felt: &Felt) -> String {
        felt.service.as_ref().map_or_else(|| self.service(), |name| self.say.name(name.as_str()))
    }

    /// What we did, by milestones.
    fn course(&self) -> Option<String> {
        let minute = |at| self.minute_after(super::sheet::start(self.doc), at);
        let at = |milestone| self.reached(milestone).map(minute);
        let noticed = self.noticed();
        let taken =
            self.reached(Milestone::Acknowledged).filter(|taken| noticed.is_none_or(|at| at <= *taken));
        let service = ("service", self.service().into());
        let mut told = Vec::new();
        match (noticed.map(minute), taken.map(minute)) {
            (Some(detected), Some(acknowledged)) => told.push(self.text(
                "postmortem-public-noticed-taken",
                &[("detected", detected.into()), ("acknowledged", acknowledged.into())],
            )),
            (Some(detected), None) => {
                told.push(self.text("postmortem-public-noticed", &[("detected", detected.into())]));
            }
            (None, _) => {}
        }
        if let Some(again) = super::sheet::works_again(self.doc) {
            let several = self.doc.impact.failing_others().next().is_some();
            let key = if several { "postmortem-public-mitigated-all" } else { "postmortem-public-mitigated" };
            told.push(self.text(key, &[service, ("mitigated", minute(again).into())]));
        }
        if let Some(resolved) = at(Milestone::Resolved) {
            told.push(self.text("postmortem-public-resolved", &[("resolved", resolved.into())]));
        }
        (!told.is_empty()).then(|| self.joined(&told))
    }

    /// When it was seen that requests fail; a warning before the first of them is not what readers felt.
    fn noticed(&self) -> Option<Time> {
        let from = self.doc.impact.from;
        let felt = |at: &Time| from.is_none_or(|from| from <= *at);
        self.reached(Milestone::Detected).filter(felt).or_else(|| {
            let mut told = self.doc.detection.iter();
            told.find(|one| one.what.is_some_and(AlertKind::is_of_requests)).map(|one| one.at)
        })
    }

    fn reached(&self, milestone: Milestone) -> Option<Time> {
        self.doc.milestones.iter().find(|reached| reached.milestone == milestone).map(|reached| reached.at)
    }

    fn minute(&self, at: Time) -> String {
        time::clock_minutes(self.say, at)
    }

    /// `UTC+2`, and `UTC+2 → UTC+1` where the clock was changed before the end.
    fn zone(&self, from: Time, to: Option<Time>) -> String {
        let began = time::zone_label(self.say, from);
        let ended = to.map(|to| time::zone_label(self.say, to)).filter(|ended| *ended != began);
        ended.map_or_else(|| began.clone(), |ended| format!("{began} → {ended}"))
    }

    /// With its date, and its distance from UTC, where that is another one.
    fn minute_after(&self, from: Time, at: Time) -> String {
        time::zoned(self.say, self.dated(from, at), at, from)
    }

    /// With its date where that is another one.
    fn dated(&self, from: Time, at: Time) -> String {
        let (first, date) = (time::date(self.say, from), time::date(self.say, at));
        if first == date { self.minute(at) } else { format!("{date} {}", self.minute(at)) }
    }

    /// Rounded to whole percent: nobody outside needs more, and the draft claims no more than it knows.
    fn about(&self, share: Share) -> String {
        if share.ratio() < 0.01 {
            return self.word("postmortem-public-few");
        }
        let hundredths =
            (u128::from(share.bad) * 100 + u128::from(share.total) / 2) / u128::from(share.total.max(1));
        self.text("time-share", &[("n", hundredths.min(100).to_string().into())])
    }

    /// Chinese sentences follow each other without a blank.
    fn joined(&self, sentences: &[String]) -> String {
        sentences.join(if self.say.lang() == Lang::ZhCn { "" } else { " " })
    }
}
