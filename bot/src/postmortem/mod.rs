//! The postmortem as people read it: worded once, then written as Markdown, as one HTML file, or as JSON.
//!
//! ```text
//! storage::postmortem ─▶ sheet: worded blocks in reading order ─┬▶ markdown
//!   (typed)              └ public: the draft for readers         ├▶ html, with the chart
//!                                                                └▶ json, with the typed document
//! ```
//!
//! Every text from outside stands in the sheet as plain text and is escaped by the writer of the format, all of it,
//! at one place. Times are printed in the configured zone; the date only where it is not that of the start.

mod chart;
mod html;
mod json;
mod markdown;
mod public;
mod sheet;

use std::fmt;
use std::str::FromStr;

use chrono_tz::Tz;
use lifeboat_storage::event::Time;
use lifeboat_storage::postmortem::Postmortem;
use lifeboat_storage::state::State;

use crate::say::{Lang, Say};

/// How a postmortem is written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Markdown, readable as it is.
    Markdown,
    /// One HTML file without script and without anything to load; prints on A4 and Letter.
    Html,
    /// The typed document with its words.
    Json,
}

impl Format {
    /// All formats, in the order they are offered.
    pub const ALL: [Self; 3] = [Self::Markdown, Self::Html, Self::Json];

    /// `md`, `html`, `json`: as people write it, and as the file's name ends.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Json => "json",
        }
    }

    /// The media type, with the character set.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
            Self::Json => "application/json",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// What was typed is no format of a postmortem.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read {0:?} as a format (md, html or json)")]
pub struct NotAFormat(pub String);

impl FromStr for Format {
    type Err = NotAFormat;

    /// Reads `md`, `markdown`, `html` and `json`, in any case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().to_ascii_lowercase().as_str() {
            "md" | "markdown" => Ok(Self::Markdown),
            "html" => Ok(Self::Html),
            "json" => Ok(Self::Json),
            _ => Err(NotAFormat(text.to_owned())),
        }
    }
}

/// What a postmortem is written from.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// What the record knows.
    pub postmortem: &'a Postmortem,
    /// What all events add up to: names the alerts.
    pub state: &'a State,
    /// The time zone printed.
    pub zone: Tz,
    /// When it is written out.
    pub now: Time,
}

/// Writes a postmortem. The same source, format and language give the same text.
#[must_use]
pub fn render(source: &Source<'_>, format: Format, lang: Lang) -> String {
    let say = Say::new(lang, source.zone);
    let say = if format == Format::Html { say } else { say.plain() };
    let sheet = sheet::worded(source, say);
    match format {
        Format::Markdown => markdown::written(&sheet),
        Format::Html => html::written(&sheet, source, say),
        Format::Json => json::written(&sheet, source),
    }
}

#[cfg(test)]
mod tests;
