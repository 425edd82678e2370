//! The catalogue against itself and against the source that uses it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::*;

/// Keys put together from a table; each family has a test beside the function that puts them together.
const FAMILIES: [&str; 16] = [
    "ui-",
    "command-",
    "option-",
    "value-",
    "refusal-",
    "fleet-",
    "guard-",
    "drill-harm-",
    "capacity-outlook-",
    "plan-title-",
    "plan-what-",
    "plan-do-",
    "plan-ask-",
    "plan-yes-",
    "noun-",
    "doctor-",
];

fn variables(lang: Lang) -> BTreeMap<&'static str, Vec<String>> {
    entries(lang)
        .map(|entry| (entry.key, entry.variables().into_iter().map(str::to_owned).collect()))
        .collect()
}

#[test]
fn every_file_parses_and_gives_each_key_once() {
    for lang in Lang::ALL {
        let mut seen = BTreeSet::new();
        for (name, en, zh) in FILES {
            let source = if lang == Lang::En { en } else { zh };
            let parsed = FluentResource::try_new((*source).to_owned());
            assert!(parsed.is_ok(), "{name}.{lang}.ftl: {:?}", parsed.err().map(|(_, errors)| errors));
        }
        for entry in entries(lang) {
            assert!(seen.insert(entry.key), "{} is given twice in {lang}", entry.key);
            assert!(
                has(lang, entry.key),
                "{} is written in {lang} but does not parse as a message",
                entry.key
            );
        }
    }
}

#[test]
fn both_languages_have_the_same_keys_with_the_same_values() {
    assert_eq!(variables(Lang::En), variables(Lang::ZhCn));
}

#[test]
fn every_key_can_be_formatted_with_words_and_with_numbers() {
    for lang in Lang::ALL {
        for entry in entries(lang) {
            for value in [FluentValue::from("x"), FluentValue::from(1), FluentValue::from(12_345)] {
                let args: FluentArgs<'_> =
                    entry.variables().into_iter().map(|name| (name, value.clone())).collect();
                let pattern = of(lang).get_message(entry.key).and_then(|message| message.value());
                let pattern = pattern.unwrap_or_else(|| panic!("{} has no text in {lang}", entry.key));
                let mut errors = Vec::new();
                let text = of(lang).format_pattern(pattern, Some(&args), &mut errors);
                assert!(errors.is_empty(), "{} in {lang}: {errors:?}", entry.key);
                assert!(!text.trim().is_empty(), "{} is empty in {lang}", entry.key);
            }
        }
    }
}

#[test]
fn chinese_sentences_use_full_width_punctuation() {
    for entry in entries(Lang::ZhCn).filter(|entry| entry.body.chars().any(|c| ('一'..='龥').contains(&c)))
    {
        let chars: Vec<char> = entry.body.chars().collect();
        for pair in chars.windows(2) {
            let half =
                ('一'..='龥').contains(&pair[0]) && matches!(pair[1], ',' | ';' | '!' | '?' | ':' | '.');
            assert!(!half, "{}: half-width {:?} after {:?}", entry.key, pair[1], pair[0]);
        }
    }
}

#[test]
fn no_sentence_says_what_we_never_say() {
    for entry in entries(Lang::En) {
        let text = entry.body.to_lowercase();
        for never in ["oops", "please", "something went wrong", "successfully", "sorry"] {
            assert!(!text.contains(never), "{} says {never:?}", entry.key);
        }
    }
}

#[test]
fn every_key_is_used_and_every_key_that_is_used_exists() {
    let sources = source_texts();
    let literals: BTreeSet<&str> = sources.iter().flat_map(|(_, text)| kebab_literals(text)).collect();
    let keys: BTreeSet<&str> = entries(Lang::En).map(|entry| entry.key).collect();
    let in_family = |key: &&str| FAMILIES.iter().any(|family| key.starts_with(family));

    let unused: Vec<_> = keys.difference(&literals).filter(|key| !in_family(key)).collect();
    assert!(unused.is_empty(), "no source uses {unused:?}");

    let subjects: BTreeSet<&str> = keys.iter().filter_map(|key| key.split('-').next()).collect();
    for (path, text) in &sources {
        let speaks = path.ends_with(".rs") && (path.contains("/say/") || path.contains("/postmortem"));
        let looks_like_a_key = |literal: &&str| {
            let subject = literal.split('-').next().unwrap_or("");
            if speaks { subjects.contains(subject) } else { subject == "ui" }
        };
        let missing: Vec<_> =
            kebab_literals(text).filter(looks_like_a_key).filter(|key| !keys.contains(key)).collect();
        assert!(missing.is_empty(), "{path} uses keys the catalogue lacks: {missing:?}");
    }
}

#[test]
fn numbers_are_grouped_by_thousands() {
    for (number, text) in [("0", "0"), ("999", "999"), ("1000", "1,000"), ("10214", "10,214")] {
        assert_eq!(grouped(number), text);
    }
    assert_eq!(grouped("-1234567.25"), "-1,234,567.25");
}

/// The sources that may use a key, with their paths: ours without tests, and the page's.
fn source_texts() -> Vec<(String, String)> {
    let mut texts = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if is_source(&path) {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or("");
                texts.push((path.to_string_lossy().into_owned(), code.to_owned()));
            }
        }
    }
    texts
}

fn is_source(path: &Path) -> bool {
    let in_tests = path.components().any(|part| part.as_os_str() == "tests");
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
    [".rs", ".js", ".html"].iter().any(|ending| name.ends_with(ending)) && name != "tests.rs" && !in_tests
}

/// String literals that look like a key: lower-case words joined by hyphens.
fn kebab_literals(source: &str) -> impl Iterator<Item = &str> {
    let is_key = |text: &&str| {
        text.contains('-')
            && !text.starts_with('-')
            && !text.ends_with('-')
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    source.lines().flat_map(|line| line.split('"')).filter(is_key)
}
