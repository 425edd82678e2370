//! What the documents promise: a runbook for each alert, commands that exist, links that lead somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::iter;
use std::path::{Path, PathBuf};

use lifeboat_commands::table::{self, COMMANDS};
use lifeboat_storage::event::AlertKind;

/// What Lifeboat tells of itself; each has a runbook too.
const OF_ITSELF: [&str; 3] = ["source_blind", "not_recorded", "delivery_parked"];
const SECTIONS: [&str; 3] = ["## First three looks", "## Usual causes", "## 中文"];

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(file: &str) -> String {
    let path = top().join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every kind, one after the other: a new one does not compile until it has its place here.
fn after(kind: AlertKind) -> Option<AlertKind> {
    match kind {
        AlertKind::BadGateway => Some(AlertKind::ServerError),
        AlertKind::ServerError => Some(AlertKind::Unavailable),
        AlertKind::Unavailable => Some(AlertKind::GatewayTimeout),
        AlertKind::GatewayTimeout => Some(AlertKind::Absent),
        AlertKind::Absent => Some(AlertKind::ProbeDown),
        AlertKind::ProbeDown => Some(AlertKind::FailedStart),
        AlertKind::FailedStart => Some(AlertKind::CapacityShort),
        AlertKind::CapacityShort => Some(AlertKind::Test),
        AlertKind::Test => None,
    }
}

/// As it is stored, and as its runbook is called.
fn key(kind: AlertKind) -> String {
    serde_json::to_value(kind).expect("a kind is a word").as_str().expect("a kind is a word").to_owned()
}

/// `/noun verb` wherever a document says it, in table or text.
fn commands_in(text: &str) -> BTreeSet<(String, String)> {
    let nouns: BTreeSet<&str> = COMMANDS.iter().map(|spec| spec.noun).collect();
    let mut found = BTreeSet::new();
    for noun in nouns {
        for (at, slashed) in text.match_indices(&format!("/{noun} ")) {
            let rest = &text[at + slashed.len()..];
            let verb: String = rest.chars().take_while(char::is_ascii_lowercase).collect();
            if !verb.is_empty() {
                found.insert((noun.to_owned(), verb));
            }
        }
    }
    found
}

/// Targets of `[text](target)` that are files of ours.
fn links_in(text: &str) -> Vec<&str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.filter(|target| !target.contains("://") && !target.starts_with('#')).collect()
}

fn runbooks() -> Vec<String> {
    let own = OF_ITSELF.map(str::to_owned);
    iter::successors(Some(AlertKind::BadGateway), |kind| after(*kind)).map(key).chain(own).collect()
}

#[test]
fn every_alert_has_a_runbook_in_both_languages_that_the_readme_names() {
    let readme = read("README.md");
    for name in runbooks() {
        let runbook = read(&format!("docs/runbooks/{name}.md"));
        for section in SECTIONS {
            assert!(runbook.contains(section), "{name}.md has no {section:?}");
        }
        assert!(readme.contains(&format!("docs/runbooks/{name}.md")), "the README does not name {name}.md");
    }
}

#[test]
fn no_runbook_is_left_of_an_alert_that_is_gone() {
    let known: BTreeSet<String> = runbooks().into_iter().map(|name| format!("{name}.md")).collect();
    let there = fs::read_dir(top().join("docs/runbooks")).unwrap();
    let there: BTreeSet<String> =
        there.map(|file| file.unwrap().file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(there, known);
}

#[test]
fn the_readme_lists_every_command_and_no_other() {
    let first_cell = |line: &str| line.strip_prefix("| `/")?.split('`').next().map(str::to_owned);
    let listed: Vec<String> = read("README.md").lines().filter_map(first_cell).collect();
    let known: Vec<String> = COMMANDS.iter().map(|spec| format!("{} {}", spec.noun, spec.verb)).collect();
    assert_eq!(listed, known);
}

#[test]
fn every_command_a_document_speaks_of_exists() {
    let runbooks = runbooks().into_iter().map(|name| format!("docs/runbooks/{name}.md"));
    let others = ["README.md", "README.zh-CN.md", "ARCHITECTURE.md", "CHANGELOG.md"].map(str::to_owned);
    for file in others.into_iter().chain(runbooks) {
        for (noun, verb) in commands_in(&read(&file)) {
            assert!(table::find(&noun, &verb).is_some(), "{file} speaks of /{noun} {verb}");
        }
    }
}

#[test]
fn links_between_documents_lead_somewhere() {
    for file in ["README.md", "README.zh-CN.md", "docs/runbooks/test.md"] {
        let folder = top().join(file).parent().unwrap().to_path_buf();
        for target in links_in(&read(file)) {
            assert!(folder.join(target).exists(), "{file} links to {target}");
        }
    }
}
