//! From a [`Sheet`] to what Discord takes: its markup, and every limit it has. Whatever stands in a sheet, what comes
//! out is taken: too long a text is cut in the middle, since the cause of an error stands at its end.
//!
//! Limits are counted in UTF-16 units, the strictest of the ways to count characters (docs: resources/message and
//! components/reference, 2026-08-06).

use serde_json::{Value, json};
use serenity::builder::{
    CreateActionRow, CreateAllowedMentions, CreateButton, CreateEmbed, CreateEmbedFooter,
    CreateInteractionResponseMessage, CreateMessage, EditInteractionResponse, EditMessage,
};
use serenity::model::application::ButtonStyle;
use serenity::model::channel::{MessageFlags, Nonce};
use serenity::model::id::{RoleId, UserId};

use super::sheet::{Act, Button, Line, Look, Panel, Sheet};

mod text;

pub use text::{escaped, fit};
use text::{marked, units};

/// Content of a message.
pub const CONTENT: usize = 2_000;
/// Title of an embed.
const TITLE: usize = 256;
/// Description of an embed.
const DESCRIPTION: usize = 4_096;
/// Fields of an embed.
const FIELDS: usize = 25;
/// Heading of a field.
const FIELD_NAME: usize = 256;
/// Text of a field.
const FIELD_VALUE: usize = 1_024;
/// Footer of an embed.
const FOOTER: usize = 2_048;
/// All texts of all embeds of a message together; a little is left for what others count differently.
const EMBEDS: usize = 5_900;
/// Buttons of a row, and rows.
const ROW: usize = 5;
/// Label of a button; 80 are taken, 38 are seen.
const LABEL: usize = 38;
/// What a button carries.
pub const CUSTOM_ID: usize = 100;
/// What a link leads to.
const URL: usize = 512;
/// Roles that one message may wake.
const WAKES: usize = 100;
/// Version of what our buttons carry.
pub const VERSION: &str = "v1:";
/// The message makes no sound.
const SUPPRESS_NOTIFICATIONS: u64 = 4_096;

/// What Discord takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendered {
    content: String,
    embed: Option<CreateEmbed>,
    rows: Vec<CreateActionRow>,
    wakes: Vec<u64>,
    calls: Vec<u64>,
    silent: bool,
}

/// Renders a sheet.
#[must_use]
pub fn render(sheet: &Sheet) -> Rendered {
    let lines: Vec<String> =
        std::iter::once(&sheet.line).chain(&sheet.more).map(|line| marked(line)).collect();
    let mut content = fit(&lines.join("\n"), CONTENT);
    let embed = sheet.panel.as_ref().and_then(embed);
    if content.trim().is_empty() && embed.is_none() {
        content = "…".to_owned();
    }
    let mut wakes = sheet.wakes.clone();
    wakes.sort_unstable();
    wakes.dedup();
    wakes.truncate(WAKES);
    wakes.retain(|role| *role > 0 && content.contains(&format!("<@&{role}>")));
    let mut calls = sheet.calls.clone();
    calls.retain(|account| *account > 0 && content.contains(&format!("<@{account}>")));
    Rendered { content, embed, rows: rows(&sheet.buttons), wakes, calls, silent: sheet.silent }
}

impl Rendered {
    /// The body of a new message; `nonce` makes sending it again harmless for some minutes.
    #[must_use]
    pub fn create(&self, nonce: &str) -> Value {
        let mut message = CreateMessage::new()
            .content(&self.content)
            .embeds(self.embed.clone().into_iter().collect())
            .components(self.rows.clone())
            .allowed_mentions(mentions(&self.wakes, &self.calls))
            .nonce(Nonce::String(nonce.to_owned()))
            .enforce_nonce(true);
        if self.silent {
            message = message.flags(MessageFlags::from_bits_retain(SUPPRESS_NOTIFICATIONS));
        }
        value(&message)
    }

    /// The body of an edit. An edit wakes nobody; who was mentioned stays mentioned, so that whoever looks later finds
    /// it among their mentions.
    #[must_use]
    pub fn edit(&self) -> Value {
        let message = EditMessage::new()
            .content(&self.content)
            .embeds(self.embed.clone().into_iter().collect())
            .components(self.rows.clone())
            .allowed_mentions(mentions(&self.wakes, &self.calls));
        value(&message)
    }

    /// A private first answer.
    pub fn private(&self) -> CreateInteractionResponseMessage {
        CreateInteractionResponseMessage::new()
            .content(&self.content)
            .embeds(self.embed.clone().into_iter().collect())
            .components(self.rows.clone())
            .allowed_mentions(mentions(&[], &[]))
            .ephemeral(true)
    }

    /// The body that replaces a first answer.
    #[must_use]
    pub fn answer(&self) -> Value {
        let answer = EditInteractionResponse::new()
            .content(&self.content)
            .embeds(self.embed.clone().into_iter().collect())
            .components(self.rows.clone())
            .allowed_mentions(mentions(&[], &[]));
        value(&answer)
    }

    /// The last resort where Discord takes the rest for wrong: its words alone.
    #[must_use]
    pub fn words_only(&self) -> Self {
        let embed = self.embed.as_ref().map(value).unwrap_or(Value::Null);
        let mut words = vec![self.content.clone()];
        words.extend(
            ["title", "description"].iter().filter_map(|key| embed[*key].as_str().map(str::to_owned)),
        );
        Self { content: fit(&words.join("\n"), CONTENT), embed: None, rows: Vec::new(), ..self.clone() }
    }

    /// What is seen: two that say the same need no edit. The moment as of which they say it does not count.
    #[must_use]
    pub fn seen(&self) -> Value {
        let mut seen = self.edit();
        if let Some(embed) = seen["embeds"].get_mut(0).and_then(Value::as_object_mut) {
            embed.remove("timestamp");
        }
        seen
    }
}

/// Serenity's builders are plain data: they always become JSON.
pub(super) fn value(builder: &impl serde::Serialize) -> Value {
    serde_json::to_value(builder).unwrap_or_else(|_| json!({}))
}

/// Without what says nothing: serenity names keys that do not belong to what is sent, as null, empty or false.
pub(super) fn lean(value: Value) -> Value {
    let says = |value: &Value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(list) => !list.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => true,
    };
    match value {
        Value::Array(list) => list.into_iter().map(lean).collect(),
        Value::Object(fields) => {
            let kept = fields.into_iter().map(|(key, value)| (key, lean(value)));
            kept.filter(|(_, value)| says(value)).collect()
        }
        other => other,
    }
}

/// Only these roles are woken and these people called; nobody else, whatever the text says.
fn mentions(wakes: &[u64], calls: &[u64]) -> CreateAllowedMentions {
    CreateAllowedMentions::new()
        .roles(wakes.iter().map(|role| RoleId::new(*role)))
        .users(calls.iter().map(|account| UserId::new(*account)))
}

fn embed(panel: &Panel) -> Option<CreateEmbed> {
    let mut left = EMBEDS;
    let mut take = |text: String, most: usize| {
        let text = fit(&text, most.min(left));
        left -= units(&text);
        text
    };
    let (title, footer) = (take(escaped(&panel.title), TITLE), take(panel.footer.clone(), FOOTER / 8));
    let fields: Vec<(String, String)> = panel
        .fields
        .iter()
        .take(FIELDS)
        .map(|field| (take(escaped(&field.name), FIELD_NAME), marked_lines(&field.lines)))
        .collect();
    // What stands first gets its share first; headings are counted already.
    let description = take(marked_lines(&panel.lines), DESCRIPTION);
    let fields: Vec<(String, String)> = fields
        .into_iter()
        .map(|(name, text)| (name, take(text, FIELD_VALUE)))
        .filter(|(name, text)| !name.trim().is_empty() && !text.trim().is_empty())
        .collect();
    let shown = [&title, &description, &footer].into_iter().any(|text| !text.trim().is_empty());
    if !shown && fields.is_empty() {
        return None;
    }
    let mut embed = CreateEmbed::new().colour(colour(panel.tone));
    if !description.trim().is_empty() {
        embed = embed.description(description);
    }
    if !title.trim().is_empty() {
        embed = embed.title(title);
    }
    if let Some(url) = panel.url.as_ref().filter(|url| is_link(url)) {
        embed = embed.url(url.as_str());
    }
    if !footer.trim().is_empty() {
        embed = embed.footer(CreateEmbedFooter::new(footer));
    }
    if let Some(at) =
        panel.at.and_then(|at| serenity::model::Timestamp::from_unix_timestamp(at.timestamp()).ok())
    {
        embed = embed.timestamp(at);
    }
    Some(embed.fields(fields.into_iter().map(|(name, text)| (name, text, false))))
}

fn marked_lines(lines: &[Line]) -> String {
    lines.iter().map(|line| marked(line)).collect::<Vec<_>>().join("\n")
}

/// By tone; a second hint only, the shape and the word say it too.
const fn colour(tone: &str) -> u32 {
    match tone.as_bytes() {
        b"sev1" => 0xD8_3C3E,
        b"sev2" => 0xF0_883E,
        b"sev3" | b"unsure" | b"blind" => 0xD2_9922,
        b"sev4" | b"running" => 0x38_8BFD,
        b"quiet" => 0x2E_A043,
        _ => 0x6E_7681,
    }
}

/// The sign before a state's word.
#[must_use]
pub fn sign(shape: &str) -> &'static str {
    match shape {
        "diamond" => "♦️",
        "triangle" => "⚠️",
        "square" => "🟨",
        "circle" => "🔵",
        "check" => "✅",
        "cross" => "❌",
        "question" => "❔",
        "wait" => "⚠️",
        "pause" => "⏸️",
        "skip" => "⏭️",
        "next" => "➖",
        _ => "⏳",
    }
}

fn rows(buttons: &[Button]) -> Vec<CreateActionRow> {
    let mut carried: Vec<String> = Vec::new();
    let mut shown: Vec<CreateButton> = Vec::new();
    for one in buttons {
        let (label, carries) = (fit(one.label.trim(), LABEL), carries(&one.act));
        let new = carries.as_ref().is_some_and(|carries| !carried.contains(carries));
        let (Some(carries), true, false) = (carries, new, label.is_empty()) else { continue };
        carried.push(carries.clone());
        shown.push(match one.act {
            Act::Link(_) => CreateButton::new_link(carries).label(label),
            Act::Command(_) => CreateButton::new(carries).style(style(one.look)).label(label),
        });
    }
    shown.truncate(ROW * ROW);
    shown.chunks(ROW).map(|row| CreateActionRow::Buttons(row.to_vec())).collect()
}

/// What a button carries, if Discord takes it.
fn carries(act: &Act) -> Option<String> {
    match act {
        Act::Command(line) => custom_id(line),
        Act::Link(url) => Some(url.clone()).filter(|url| is_link(url)),
    }
}

/// A command line as a button carries it; none where it is too long.
#[must_use]
pub fn custom_id(line: &str) -> Option<String> {
    let id = format!("{VERSION}{}", line.strip_prefix('/').unwrap_or(line));
    (units(&id) <= CUSTOM_ID && units(&id) > VERSION.len()).then_some(id)
}

/// Discord takes no address whose host has no dot in it (rogerrum/alertmanager-discord#19): `localhost`, `lifeboat`.
fn is_link(url: &str) -> bool {
    let scheme = url.starts_with("https://") || url.starts_with("http://");
    let host = reqwest::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let known = host.is_some_and(|host| host.starts_with('[') || host.trim_matches('.').contains('.'));
    scheme && units(url) <= URL && known
}

const fn style(look: Look) -> ButtonStyle {
    match look {
        Look::Primary => ButtonStyle::Primary,
        Look::Plain => ButtonStyle::Secondary,
        Look::Danger => ButtonStyle::Danger,
    }
}

#[cfg(test)]
mod tests;
