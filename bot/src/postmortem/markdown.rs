//! The postmortem as Markdown: readable as it is, and safe wherever it is pasted.
//!
//! Every text goes through [`safe`], ours included: nothing that came from outside becomes a link, an image, markup,
//! a mention or a border of a table. What Lifeboat writes itself needs only `#`, `**`, `|`, `>` and `<br>`.

use lifeboat_storage::event::Share;

use super::sheet::{Block, Point, Row, Section, Sheet, Table};
use crate::say::{Lang, Say};

/// So many bars fit on a line.
const WIDEST: usize = 72;

/// Bars of the line that stands for the chart.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

pub(super) fn written(sheet: &Sheet) -> String {
    let mut out = Page::default();
    if let Some(drill) = &sheet.drill {
        out.paragraph(&format!(
            "**{}**",
            safe(&voice(sheet.lang).text("postmortem-drill", &[("drill", drill.as_str().into())]))
        ));
    }
    let head = &sheet.head;
    let mut top = vec![head.severity.as_str(), &head.incident, &head.service, &head.status, &head.draft];
    let zone = format!("{}, {}", head.date, head.zone);
    top.push(&zone);
    top.retain(|part| !part.is_empty());
    out.paragraph(&format!("# {}", safe(&sheet.title)));
    out.paragraph(&top.into_iter().map(safe).collect::<Vec<_>>().join(" · "));
    out.paragraph(&format!("> {}", safe(&sheet.blameless)));
    for section in &sheet.sections {
        out.section(section, sheet.lang);
    }
    out.text
}

fn voice(lang: Lang) -> Say {
    Say::new(lang, chrono_tz::UTC)
}

/// A label with the colon of its language.
fn label(text: &str, lang: Lang) -> String {
    voice(lang).text("postmortem-label", &[("label", safe(text).into())])
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn paragraph(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn section(&mut self, section: &Section, lang: Lang) {
        self.paragraph(&format!("## {}", safe(&section.title)));
        for block in &section.blocks {
            self.block(block, lang);
        }
    }

    fn block(&mut self, block: &Block, lang: Lang) {
        match block {
            Block::Prose { text } => self.paragraph(&lines(text)),
            Block::Remark { text } => self.paragraph(&format!("_{}_", lines(text))),
            Block::Facts { rows } => {
                let fact =
                    |(name, text): &(String, String)| format!("- **{}** {}", label(name, lang), lines(text));
                self.paragraph(&rows.iter().map(fact).collect::<Vec<_>>().join("\n"));
            }
            Block::Clocks { clocks } => {
                let clock = |clock: &super::sheet::Clock| {
                    let args = [("value", safe(&clock.value).into()), ("ends", safe(&clock.ends).into())];
                    let told = voice(lang).text("postmortem-clock", &args);
                    format!("- **{}** {told}", label(&clock.title, lang))
                };
                self.paragraph(&clocks.iter().map(clock).collect::<Vec<_>>().join("\n"));
            }
            Block::Chart { caption, drawn } => {
                if let Some(drawn) = drawn {
                    self.paragraph(&format!("`{}`", line(&drawn.points)));
                }
                self.paragraph(&safe(caption));
            }
            Block::Points { points } => self.points(points),
            Block::Table(table) => self.table(table),
            Block::Blank { ask, hint } => {
                self.paragraph(&format!("> **{}**\n>\n> _{}_", safe(ask), safe(hint)));
            }
            Block::Questions { questions, hint } => {
                let questions: Vec<String> =
                    questions.iter().map(|question| format!("- {}", safe(question))).collect();
                self.paragraph(&questions.join("\n"));
                self.paragraph(&format!("_{}_", safe(hint)));
            }
            Block::Lines { label: name, lines } => {
                self.paragraph(&label(name, lang));
                self.paragraph(
                    &lines.iter().map(|line| format!("- {}", safe(line))).collect::<Vec<_>>().join("\n"),
                );
            }
            Block::Passage { title, subject, paragraphs, lang: own } => {
                let title = if *own == lang { safe(title) } else { format!("{} ({own})", safe(title)) };
                self.paragraph(&format!("### {title}"));
                let subject = subject.iter().map(|text| format!("> **{}**", safe(text)));
                let quoted = paragraphs.iter().map(|text| format!("> {}", safe(text)));
                self.paragraph(&subject.chain(quoted).collect::<Vec<_>>().join("\n>\n"));
            }
        }
    }

    fn points(&mut self, points: &[Point]) {
        let point = |point: &Point| {
            let share =
                if point.share.is_empty() { String::new() } else { format!(" · {}", safe(&point.share)) };
            format!("- **{}** {} {}{share}", point.letter, safe(&point.at), lines(&point.text))
        };
        if !points.is_empty() {
            self.paragraph(&points.iter().map(point).collect::<Vec<_>>().join("\n"));
        }
    }

    fn table(&mut self, table: &Table) {
        let heads: Vec<String> = table.heads.iter().map(|head| safe(head)).collect();
        let mut text = format!("| {} |\n|{}", heads.join(" | "), " --- |".repeat(heads.len()));
        for row in &table.rows {
            text.push('\n');
            text.push_str(&cells(row));
        }
        self.paragraph(&text);
    }
}

fn cells(row: &Row) -> String {
    let cell = |(place, text): (usize, &String)| {
        let text = lines(text);
        let text = if row.corrected.is_some() && place > 0 && !text.is_empty() {
            format!("~~{text}~~")
        } else {
            text
        };
        match (place, row.letter, &row.corrected) {
            (WHAT, Some(letter), _) => format!("**{letter}** {text}"),
            (WHAT, None, Some(by)) => format!("{text}<br>{}", safe(by)),
            _ => text,
        }
    };
    let cells: Vec<String> = row.cells.iter().enumerate().map(cell).collect();
    format!("| {} |", cells.join(" | "))
}

/// The column that says what happened, in the tables that have letters.
const WHAT: usize = 4;

/// The chart as one line of text: `·` where nothing is known.
fn line(points: &[Option<Share>]) -> String {
    let points: Vec<Option<Share>> =
        points.chunks(points.len().div_ceil(WIDEST).max(1)).map(joined).collect();
    let peak = points.iter().flatten().map(|share| share.ratio()).fold(0.0, f64::max);
    let bar = |share: &Option<Share>| match share {
        None => '·',
        Some(share) if share.bad == 0 || peak <= 0.0 => '▁',
        Some(share) => {
            let height = share.ratio() / peak * 7.0;
            BARS.iter()
                .copied()
                .zip(0_u8..)
                .find(|(_, n)| f64::from(*n) >= height - 0.5)
                .map_or('█', |(bar, _)| bar)
        }
    };
    points.iter().map(bar).collect()
}

fn joined(points: &[Option<Share>]) -> Option<Share> {
    points
        .iter()
        .flatten()
        .copied()
        .reduce(|a, b| Share { bad: a.bad.saturating_add(b.bad), total: a.total.saturating_add(b.total) })
}

/// A text of several lines inside one block.
fn lines(text: &str) -> String {
    text.lines().map(safe).collect::<Vec<_>>().join("<br>")
}

/// Text as Markdown that shows exactly this text.
///
/// A blank of no width goes behind `@`, into `://` and behind `www`: GitHub and others make mentions and links of the
/// finished text, where no backslash helps any more.
fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut before: Option<char> = None;
    let mut numbered = true;
    let mut rest = text.trim().chars();
    while let Some(c) = rest.next() {
        let after = rest.clone().next();
        let list =
            numbered && before.is_some() && matches!(c, '.' | ')') && after.is_none_or(char::is_whitespace);
        if list || escapes(c, before, after) {
            out.push('\\');
        }
        out.push(if c.is_control() { ' ' } else { c });
        if breaks(&out, c, rest.as_str()) {
            out.push('\u{200B}');
        }
        before = Some(c);
        numbered &= c.is_ascii_digit();
    }
    out
}

fn escapes(c: char, before: Option<char>, after: Option<char>) -> bool {
    let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    match c {
        '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '~' | '$' => true,
        '_' => !(word(before) && word(after)),
        '&' => after.is_some_and(|c| c.is_ascii_alphanumeric() || c == '#'),
        '#' | '+' | '-' | '=' => before.is_none(),
        _ => false,
    }
}

fn breaks(so_far: &str, c: char, rest: &str) -> bool {
    match c {
        '@' => true,
        ':' => rest.starts_with("//"),
        'w' | 'W' => rest.starts_with('.') && so_far.to_ascii_lowercase().ends_with("www"),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
