//! From a TOML tree to a [`Config`], section by section.

mod address;
mod console;
mod discord;
mod fleet;
mod people;
mod secret;
mod watch;

use std::collections::BTreeMap;
use std::path::Path;

use lifeboat_storage::event::Severity;
use toml::de::DeTable;

use super::file::Surroundings;
use super::problem::{Problems, Trouble};
use super::reader::{Found, Reader, Section};
use super::{Alerts, Config};
use crate::say::lang::Lang;

/// Longest name of a service or a person, in characters.
const NAME: usize = 64;
/// Longest text a probe looks for, and longest host name, in characters.
const LINE: usize = 253;

const LANGS: [(&str, Lang); 2] = [("en", Lang::En), ("zh-CN", Lang::ZhCn)];
const SEVERITIES: [(&str, Severity); 4] =
    [("SEV1", Severity::Sev1), ("SEV2", Severity::Sev2), ("SEV3", Severity::Sev3), ("SEV4", Severity::Sev4)];
/// Reads and validates the text of a configuration. `file` names it in problems and its folder is where relative
/// paths start.
///
/// # Errors
///
/// Everything that is wrong with it, at once. Where the TOML itself is broken, that alone.
pub fn read(file: &Path, text: &str, around: &dyn Surroundings) -> Result<Config, Problems> {
    let reader = Reader::new(file, text);
    let (tree, broken) = DeTable::parse_recoverable(text);
    for error in &broken {
        let at = error.span().map_or(0, |span| span.start);
        reader.report(at, Trouble::Syntax { message: error.message().to_owned() });
    }
    let folder = file.parent().unwrap_or(Path::new(""));
    let config = broken.is_empty().then(|| whole(&reader, tree.get_ref(), folder, around));
    let problems = reader.into_problems();
    config.filter(|_| problems.is_empty()).ok_or(Problems(problems))
}

fn whole<'r>(
    reader: &'r Reader<'_>,
    tree: &'r DeTable<'r>,
    folder: &Path,
    around: &dyn Surroundings,
) -> Config {
    let top = Section::new(reader, "", tree, 0);
    let defaults = Config::with_defaults(folder);
    let lang = lang(&top, defaults.lang);
    let data_dir = top.text("data_dir").map(|found| folder.join(found.value));
    let zone = zone(&top);
    let console = top.section("console").map(|section| console::console(section, folder));
    let (services, probes) = watch::watch(&top, reader, folder);
    let alerts = top.section("alerts").map(alerts);
    let fleet = fleet::fleet(&top, reader, &services);
    let mut people = people::people(&top, reader);
    let webhook = top.section("webhook").and_then(|section| people::webhook(section, folder, lang, around));
    people.roles = discord::roles(&top, reader);
    if discord::is_missing(tree) {
        let (key, needs) = (top.key("discord_role"), top.key("discord"));
        top.report(Trouble::Alone { key, needs });
    }
    let discord = top.section("discord");
    let discord = discord.and_then(|section| discord::discord(section, folder, lang, around));
    top.done(&[]);
    Config {
        data_dir: data_dir.unwrap_or(defaults.data_dir),
        lang,
        zone: zone.unwrap_or(defaults.zone),
        console: console.unwrap_or(defaults.console),
        services,
        probes,
        alerts: alerts.unwrap_or(defaults.alerts),
        people,
        webhook,
        fleet,
        discord,
    }
}

fn lang(section: &Section<'_, '_>, default: Lang) -> Lang {
    section.text("lang").and_then(|found| section.word(&found, &LANGS)).unwrap_or(default)
}

fn zone(top: &Section<'_, '_>) -> Option<chrono_tz::Tz> {
    let found = top.text("zone")?;
    let zone = found.value.parse().ok();
    if zone.is_none() {
        let names = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
        let (key, value) = (found.key.clone(), found.value.to_owned());
        let nearest = nearest(found.value, names);
        top.trouble(&found, Trouble::UnknownZone { key, value, nearest });
    }
    zone
}

/// The few names that look most like what was typed.
fn nearest<'n>(typed: &str, names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let typed = typed.to_lowercase();
    let part = |name: &str| name.to_lowercase().contains(&typed) && typed.len() > 2;
    let cost = |name: &'n str| (!part(name), edits(&typed, &name.to_lowercase()), name);
    let mut ranked: Vec<_> = names.map(cost).collect();
    ranked.sort_unstable();
    ranked.into_iter().take(5).map(|(_, _, name)| name.to_owned()).collect()
}

/// How many characters to add, drop or change to come from one text to the other.
fn edits(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, b) in other.chars().enumerate() {
            let changed = corner + usize::from(a != b);
            corner = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(corner + 1);
        }
    }
    row[row.len() - 1]
}

fn alerts(section: Section<'_, '_>) -> Alerts {
    let default = Alerts::default().open_incident_at;
    let at = section.text("open_incident_at").and_then(|found| section.word(&found, &SEVERITIES));
    section.done(&[]);
    Alerts { open_incident_at: at.unwrap_or(default) }
}

/// Values that may stand only once, and where they stood first.
struct Seen<'r> {
    reader: &'r Reader<'r>,
    first: BTreeMap<&'r str, usize>,
}

impl<'r> Seen<'r> {
    fn new(reader: &'r Reader<'r>) -> Self {
        Self { reader, first: BTreeMap::new() }
    }

    /// Whether this value stands here for the first time; reported where it does not.
    fn is_new(&mut self, found: &Found<&'r str>) -> bool {
        let first = *self.first.entry(found.value).or_insert(found.at);
        if first == found.at {
            return true;
        }
        let (key, value) = (found.key.clone(), found.value.to_owned());
        let first = self.reader.place(first);
        self.reader.report(found.at, Trouble::Twice { key, value, first });
        false
    }
}
