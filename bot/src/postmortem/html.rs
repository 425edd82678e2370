//! The postmortem as one HTML file: no script, nothing to load, light paper, made to be printed.
//!
//! Its own content policy allows exactly the one style sheet inside it, by its hash. Every text is escaped by the
//! template.

use std::fmt::Write as _;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::Source;
use super::sheet::{Block, Clock, Head, Point, Row, Section, Sheet, Table};
use super::{chart, sheet};
use crate::say::Say;

const PAPER: &str = include_str!("paper.css");

pub(super) fn written(sheet: &Sheet, source: &Source<'_>, say: Say) -> String {
    let style = format!("{PAPER}{}", footer(&sheet.head));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        base64(&Sha256::digest(&style))
    );
    let drill = sheet::drill(source.postmortem.masthead.world);
    let page = html! {
        @if let Some(drill) = &drill { (PreEscaped(format!("<!-- {drill} -->"))) }
        (DOCTYPE)
        html lang=(sheet.lang) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light";
                meta name="referrer" content="no-referrer";
                title { @if let Some(drill) = &drill { (drill) " · " } (sheet.head.incident) " · " (sheet.title) }
                style { (PreEscaped(&style)) }
            }
            body { main { (top(sheet, say)) (contents(sheet)) @for part in &sheet.sections { (section(part, sheet, say)) } } }
        }
    };
    page.into_string()
}

/// The line under each printed page. All its texts are ours; quotes and backslashes are taken out all the same.
fn footer(head: &Head) -> String {
    let plain = |text: &str| text.replace(['"', '\\', '<', '\n'], " ");
    format!(
        "@page{{@top-left{{content:\"\"}}@top-center{{content:\"\"}}@top-right{{content:\"\"}}@bottom-left{{content:\"{}\"}}@bottom-right{{content:counter(page) \" {} \" counter(pages)}}}}\n",
        plain(&head.footer),
        plain(&head.of)
    )
}

fn top(sheet: &Sheet, say: Say) -> Markup {
    let head = &sheet.head;
    html! {
        header {
            @if let Some(drill) = &sheet.drill {
                p.drill { (say.text("postmortem-drill", &[("drill", drill.clone().into())])) }
            }
            div.masthead {
                p.which {
                    span.flag.(head.tone) { (shape(head.shape)) " " (head.severity) }
                    " " b { (head.incident) } " " span { (head.service) } " " span { (head.status) }
                }
                p.draft { (head.draft) " " (head.zone) }
            }
            h1 { (sheet.title) }
            p.blameless { (sheet.blameless) }
        }
    }
}

/// A sign that can be told in grey.
fn shape(shape: &str) -> &'static str {
    match shape {
        "diamond" => "◆",
        "triangle" => "▲",
        "square" => "■",
        _ => "●",
    }
}

fn contents(sheet: &Sheet) -> Markup {
    html! {
        nav aria-label=(sheet.head.contents) {
            ul { @for part in &sheet.sections { li { a href={ "#" (part.id) } { (part.title) } } } }
        }
    }
}

fn section(part: &Section, sheet: &Sheet, say: Say) -> Markup {
    let points = points_of(sheet);
    html! {
        section id=(part.id) {
            h2 { (part.title) }
            @for one in &part.blocks { (block(one, points, say)) }
        }
    }
}

fn points_of(sheet: &Sheet) -> &[Point] {
    let blocks = sheet.sections.iter().flat_map(|section| &section.blocks);
    let points =
        blocks.filter_map(|block| if let Block::Points { points } = block { Some(points) } else { None });
    points.map(Vec::as_slice).next().unwrap_or_default()
}

fn block(block: &Block, points: &[Point], say: Say) -> Markup {
    match block {
        Block::Prose { text } => html! { p { (lines(text)) } },
        Block::Remark { text } => html! { p.remark { (lines(text)) } },
        Block::Facts { rows } => html! {
            dl { @for (label, text) in rows { div { dt { (label) } dd { (lines(text)) } } } }
        },
        Block::Clocks { clocks } => html! { div.clocks { @for one in clocks { (clock(one)) } } },
        Block::Chart { caption, drawn } => html! {
            figure {
                @if let Some(drawn) = drawn { (chart::drawn(drawn, points, caption, say)) }
                figcaption { (caption) }
            }
        },
        Block::Points { points } => html! { ol.points { @for one in points { (point(one)) } } },
        Block::Table(one) => table(one),
        Block::Blank { ask, hint } => html! { div.blank { p { b { (ask) } } p.remark { (hint) } } },
        Block::Questions { questions, hint } => html! {
            div.blank.questions {
                ul { @for question in questions { li { (question) } } }
                p.remark { (hint) }
            }
        },
        Block::Lines { label, lines } => html! {
            p.remark { (label) }
            ul.lines { @for line in lines { li { code { (line) } } } }
        },
        Block::Passage { lang, title, subject, paragraphs } => html! {
            div.passage lang=(lang) {
                h3 { (title) }
                @if let Some(subject) = subject { p { b { (subject) } } }
                @for text in paragraphs { p { (text) } } }
        },
    }
}

fn clock(clock: &Clock) -> Markup {
    html! { div { p.label { (clock.title) } p.value { (clock.value) } p.ends { (clock.ends) } } }
}

fn point(point: &Point) -> Markup {
    html! {
        li {
            a.letter href={ "#e" (point.seq) } { (point.letter) }
            span.clock { (point.at) }
            span.what { (lines(&point.text)) }
            span.share {
                @if let Some(ratio) = point.ratio {
                    svg.bar viewBox="0 0 40 10" aria-hidden="true" {
                        rect x=(format!("{:.1}", 40.0 - 40.0 * ratio)) y="1" height="8" width=(format!("{:.1}", 40.0 * ratio)) fill="#B81D2C" fill-opacity="0.75" {}
                    }
                }
                span.number { (point.share) }
            }
        }
    }
}

fn table(table: &Table) -> Markup {
    html! {
        table.(table.name) {
            thead { tr { @for head in &table.heads { th scope="col" { (head) } } } }
            tbody { @for one in &table.rows { (row(one)) } }
        }
    }
}

fn row(row: &Row) -> Markup {
    let id = row.event.map(|seq| format!("e{seq}"));
    html! {
        tr id=[id] class=[row.corrected.as_ref().map(|_| "struck")] {
            @for (place, text) in row.cells.iter().enumerate() {
                td {
                    @if let (Some(letter), WHAT) = (row.letter, place) { span.letter { (letter) } " " }
                    span.text { (lines(text)) }
                    @if let (Some(by), WHAT) = (&row.corrected, place) { br; (by) }
                }
            }
        }
    }
}

/// The column that says what happened, in the tables that have letters.
const WHAT: usize = 4;

fn lines(text: &str) -> Markup {
    html! { @for (place, line) in text.lines().enumerate() { @if place > 0 { br; } (line) } }
}

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let sextet = (word >> (18 - 6 * place)) & 63;
            let letter = if place <= chunk.len() { char::from(ALPHABET[sextet as usize]) } else { '=' };
            _ = text.write_char(letter);
        }
    }
    text
}

#[cfg(test)]
mod tests;
