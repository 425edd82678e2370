//! The one catalogue of sentences: Fluent files by subject, embedded, the same keys in each language.
//!
//! `KEY = text with { $name }`; a new file is one line in [`FILES`].

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use super::{Arg, Lang};

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// The files by name, each in English and Simplified Chinese.
        const FILES: &[(&str, &str, &str)] = &[$((
            $name,
            include_str!(concat!("catalogue/", $name, ".en.ftl")),
            include_str!(concat!("catalogue/", $name, ".zh-CN.ftl")),
        )),*];
    };
}

files![
    "alert",
    "analyze",
    "capacity",
    "card",
    "chat",
    "cli",
    "command",
    "config",
    "console",
    "doctor",
    "drill",
    "event",
    "incident",
    "notice",
    "overview",
    "plan",
    "fleet",
    "postmortem",
    "refusal",
    "reply",
    "time",
    "ui",
    "word",
];

type Bundle = FluentBundle<FluentResource>;

static EN: LazyLock<Bundle> = LazyLock::new(|| bundle(Lang::En));
static ZH_CN: LazyLock<Bundle> = LazyLock::new(|| bundle(Lang::ZhCn));

fn of(lang: Lang) -> &'static Bundle {
    match lang {
        Lang::En => &EN,
        Lang::ZhCn => &ZH_CN,
    }
}

/// A file that does not parse, or a key given twice, leaves out that key only; tests refuse both.
fn bundle(lang: Lang) -> Bundle {
    let id: LanguageIdentifier = lang.tag().parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![id]);
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(|value, _| match value {
        FluentValue::Number(number) => Some(grouped(&number.as_string())),
        _ => None,
    }));
    for source in sources(lang) {
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(partial, _)| partial);
        _ = bundle.add_resource(resource);
    }
    bundle
}

fn sources(lang: Lang) -> impl Iterator<Item = &'static str> {
    FILES.iter().map(move |(_, en, zh)| match lang {
        Lang::En => *en,
        Lang::ZhCn => *zh,
    })
}

/// `10,214`; digits after a point are left alone.
fn grouped(number: &str) -> String {
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    let digits = whole.trim_start_matches('-').len();
    let mut text = String::with_capacity(number.len() + digits / 3);
    let sign = whole.len() - digits;
    text.push_str(&whole[..sign]);
    for (index, digit) in whole[sign..].chars().enumerate() {
        if index > 0 && (digits - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text.push_str(rest);
    text
}

/// The sentence of a key. Missing keys and values show as what they are called; debug builds refuse them.
pub(super) fn text(lang: Lang, key: &str, args: &[Arg<'_>]) -> String {
    let bundle = of(lang);
    let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
        debug_assert!(false, "the catalogue has no key {key}");
        return key.to_owned();
    };
    let args: FluentArgs<'_> = args.iter().map(|(name, value)| (*name, value.clone())).collect();
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned();
    debug_assert!(errors.is_empty(), "{key}: {errors:?}");
    text
}

/// Whether the catalogue has a key, for families of keys that are put together from a table.
#[must_use]
pub fn has(lang: Lang, key: &str) -> bool {
    of(lang).has_message(key)
}

/// All texts whose key begins with `prefix`, placeholders as `{name}`: what the page is given as `ui-`.
#[must_use]
pub fn family(lang: Lang, prefix: &str) -> BTreeMap<String, String> {
    entries(lang)
        .filter(|entry| entry.key.starts_with(prefix))
        .map(|entry| {
            let names: Vec<(&str, String)> =
                entry.variables().into_iter().map(|name| (name, format!("{{{name}}}"))).collect();
            let args: FluentArgs<'_> =
                names.iter().map(|(name, text)| (*name, FluentValue::from(text.as_str()))).collect();
            (entry.key.to_owned(), formatted(lang, entry.key, &args))
        })
        .collect()
}

fn formatted(lang: Lang, key: &str, args: &FluentArgs<'_>) -> String {
    let mut text = String::new();
    if let Some(pattern) = of(lang).get_message(key).and_then(|message| message.value()) {
        _ = write!(text, "{}", of(lang).format_pattern(pattern, Some(args), &mut Vec::new()));
    }
    text
}

/// One message of a file, as written.
struct Entry {
    key: &'static str,
    body: String,
}

impl Entry {
    /// The names after `$`, sorted, each once.
    fn variables(&self) -> Vec<&str> {
        let names = self.body.split('$').skip(1).map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            &rest[..end]
        });
        let mut names: Vec<&str> = names.collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// The messages of all files. Ours are simple: a key at the start of a line, its text there and on indented lines.
fn entries(lang: Lang) -> impl Iterator<Item = Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in sources(lang).flat_map(str::lines) {
        match line.split_once(" =") {
            Some((key, text)) if key.starts_with(|c: char| c.is_ascii_lowercase()) && !key.contains(' ') => {
                entries.push(Entry { key, body: text.to_owned() });
            }
            _ if line.starts_with(' ') => {
                if let Some(entry) = entries.last_mut() {
                    entry.body.push_str(line);
                }
            }
            _ => {}
        }
    }
    entries.into_iter()
}

#[cfg(test)]
mod tests;
