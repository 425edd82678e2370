//! What is said: the one catalogue of sentences, in English and Simplified Chinese, and the pure functions that
//! word typed values into the views of [`crate::console::view`].
//!
//! | module | words |
//! | --- | --- |
//! | [`catalogue`], [`lang`] | the texts, by key and language |
//! | [`time`], [`limits`], [`word`] | moments, durations, shares; text from outside; single words and flags |
//! | [`alert`] | what an alert tells, its evidence, and what the evidence points at |
//! | [`entry`], [`message`] | a line of the timeline, a message in a channel |
//! | [`card`], [`incident`], [`overview`] | the state of an incident, and of everything |
//! | [`plan`], [`fleet`] | plans and their steps; nodes, clusters, schedules |
//! | [`outgoing`] | what leaves for a chat outside |
//! | [`doctor`] | what `lifeboat doctor` found |
//! | [`refusal`], [`reply`], [`command`] | private answers to commands, what commands and options are for |
//!
//! Nothing here reads a clock, a file or a socket: the moment "now" and the events come with the [`Scene`].
//!
//! # Text from outside
//! Names, titles, lines and reasons go through [`Say::outside`]: control characters and invisible direction marks
//! become visible, long text is cut in the middle, and text that contains right-to-left letters is isolated for
//! direction. Fluent's own isolating marks are off, because they would also wrap our own numbers and words and
//! travel along when a person copies a command; a name without right-to-left letters needs none. They are left out
//! by [`Say::plain`], for Markdown and terminals.

pub mod alert;
pub mod capacity;
pub mod card;
pub mod catalogue;
pub mod command;
pub mod doctor;
pub mod drill;
pub mod entry;
#[cfg(test)]
pub(crate) mod fixture;
pub mod fleet;
pub mod incident;
pub mod lang;
pub mod limits;
pub mod message;
pub mod opening;
pub mod outgoing;
pub mod overview;
pub mod plan;
pub mod refusal;
pub mod reply;
pub mod score;
pub mod time;
pub mod verified;
pub mod word;

use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;
use fluent_bundle::FluentValue;
use lifeboat_commands::facts::Facts;
use lifeboat_commands::fleet::Fleet;
use lifeboat_commands::people::People;
use lifeboat_deploy::simulated::Scenario;
use lifeboat_storage::event::{Event, Time};
use lifeboat_storage::id::Seq;
use lifeboat_storage::state::State;

pub use lang::Lang;

/// A value that goes into a sentence, by its name there.
pub type Arg<'a> = (&'static str, FluentValue<'a>);

/// How a language is spoken: which one, in which time zone, and whether marks for direction are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Say {
    lang: Lang,
    zone: Tz,
    isolating: bool,
}

impl Say {
    /// Speaks for the page: text with right-to-left letters is isolated for direction.
    #[must_use]
    pub const fn new(lang: Lang, zone: Tz) -> Self {
        Self { lang, zone, isolating: true }
    }

    /// Speaks for Markdown, JSON and terminals: without marks for direction.
    #[must_use]
    pub const fn plain(self) -> Self {
        Self { isolating: false, ..self }
    }

    /// The language.
    #[must_use]
    pub const fn lang(self) -> Lang {
        self.lang
    }

    /// The time zone in which moments are printed.
    #[must_use]
    pub const fn zone(self) -> Tz {
        self.zone
    }

    /// The sentence of a key with its values. A key that does not exist yields the key itself; tests see to it
    /// that there is none.
    #[must_use]
    pub fn text(self, key: &str, args: &[Arg<'_>]) -> String {
        catalogue::text(self.lang, key, args)
    }

    /// The text of a key that takes no values.
    #[must_use]
    pub fn word(self, key: &str) -> String {
        self.text(key, &[])
    }

    /// Text from outside, made safe to stand inside a sentence of one line: at most `max` characters.
    #[must_use]
    pub fn outside(self, text: &str, max: usize) -> String {
        let line = limits::middle_cut(&limits::visible_line(text), max);
        if self.isolating { limits::isolated(line) } else { line }
    }

    /// Text from outside that keeps its lines, for what people typed in chat.
    #[must_use]
    pub fn outside_lines(self, text: &str, max: usize) -> String {
        let lines = limits::middle_cut(&limits::visible_lines(text), max);
        if self.isolating { limits::isolated(lines) } else { lines }
    }

    /// A name from outside at the usual length.
    #[must_use]
    pub fn name(self, name: &str) -> String {
        self.outside(name, limits::NAME)
    }
}

/// Finds an event by its place in the log; none where it was not kept or cannot be read.
pub type Lookup<'a> = &'a dyn Fn(Seq) -> Option<Arc<Event>>;

/// What words rest on: the voice, what all events add up to, the events themselves, and the moment.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The voice.
    pub say: Say,
    /// What all events add up to.
    pub state: &'a State,
    /// The events themselves.
    pub lookup: Lookup<'a>,
    /// What is configured and seen of the fleet, where that is at hand.
    pub fleet: Option<(&'a Fleet, &'a Facts)>,
    /// Who is configured, where that is at hand: who could press a button.
    pub people: Option<&'a People>,
    /// The moment at which it is said; decides which dates are printed, and how long what runs has run.
    pub now: Time,
}

impl Scene<'_> {
    /// Today's date in the configured zone.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.say.zone()).date_naive()
    }

    /// A moment as the page is given it.
    #[must_use]
    pub fn moment(&self, at: Time) -> crate::console::view::Moment {
        time::moment(self.say, at, self.today())
    }

    /// A moment as printed: `10:15:41`, with the date in front where it is not today's, and with its distance from
    /// UTC where the clock was changed between it and now.
    #[must_use]
    pub fn at(&self, at: Time) -> String {
        time::zoned(self.say, time::printed(self.say, at, self.today()), at, self.now)
    }
}

/// What a scenario that comes with Lifeboat is called, in this language; nothing for others.
#[must_use]
pub fn scenario_title(say: Say, name: &str) -> String {
    let title = Scenario::named(name).map(|scenario| scenario.title);
    title.map_or_else(String::new, |text| if say.lang() == Lang::En { text.en } else { text.zh_cn })
}

/// A hint of the drill by its key, in this language; the key itself where no scenario of ours has it.
#[must_use]
pub fn hint(say: Say, key: &str) -> String {
    let scenario = key.split_once('/').and_then(|(name, key)| Some((Scenario::named(name)?, key)));
    let text = scenario.and_then(|(scenario, key)| scenario.hint(key).map(|hint| hint.text.clone()));
    text.map_or_else(|| key.to_owned(), |text| if say.lang() == Lang::En { text.en } else { text.zh_cn })
}

#[cfg(test)]
mod tests;
