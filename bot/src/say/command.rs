//! What each command, option and value is for; completion as the page is given it.

use lifeboat_commands::complete::{self, About};
use lifeboat_commands::people::Permission;
use lifeboat_commands::table::{OptionSpec, Spec, ValueKind};

use super::{Say, Scene, catalogue, incident, plan, word};
use crate::console::view::{Choice, Completion, Part};

/// One plain line about a command.
#[must_use]
pub fn about(say: Say, spec: &Spec) -> String {
    say.word(&format!("command-{}", spec.key()))
}

/// One plain line about an option; a text for this very command wins over the common one.
#[must_use]
pub fn about_option(say: Say, spec: &Spec, option: &OptionSpec) -> String {
    let own = format!("option-{}-{}", spec.key(), option.name);
    if catalogue::has(say.lang(), &own) {
        say.word(&own)
    } else {
        say.word(&format!("option-{}", option.name))
    }
}

/// One plain line about a value of an option; empty where the value says it all.
#[must_use]
pub fn about_value(say: Say, kind: ValueKind, value: &str) -> String {
    let family = match kind {
        ValueKind::Severity => "severity",
        ValueKind::Status => "status",
        ValueKind::Role => "role",
        ValueKind::TaskKind => "task",
        ValueKind::Format => "format",
        ValueKind::Lang => "lang",
        ValueKind::All => "list",
        ValueKind::RebootMode | ValueKind::SwapMode => "mode",
        ValueKind::Canary => "canary",
        _ => return String::new(),
    };
    let key = format!("value-{family}-{}", value.to_ascii_lowercase());
    if catalogue::has(say.lang(), &key) { say.word(&key) } else { String::new() }
}

/// What a command asks of a person; empty where everybody may.
#[must_use]
pub fn need(say: Say, spec: &Spec) -> String {
    match spec.needs {
        Permission::Reader => String::new(),
        needs => say.text("command-need", &[("needs", word::permission(say, needs).into())]),
    }
}

/// What is still to be typed: the option, and one plain line about it.
#[must_use]
pub fn next_option(say: Say, spec: &Spec, option: &OptionSpec) -> String {
    let about = about_option(say, spec, option);
    say.text("completion-next", &[("option", option.name.into()), ("about", about.into())])
}

/// The signature with the option being typed: `/incident severity`, `to`, `[incident]`.
#[must_use]
pub fn signature(spec: &Spec, current: Option<&str>) -> Vec<Part> {
    let option = |option: &OptionSpec| Part {
        text: if option.required { option.name.to_owned() } else { format!("[{}]", option.name) },
        current: current == Some(option.name),
    };
    let mut parts = vec![Part { text: spec.words(), current: false }];
    parts.extend(spec.options.iter().map(option));
    parts
}

/// A completion as the page is given it; the preview is added by whoever can ask the engine.
#[must_use]
pub fn completion(scene: &Scene<'_>, found: &complete::Completion) -> Completion {
    Completion {
        signature: found.spec.map(|spec| signature(spec, found.current)).unwrap_or_default(),
        options: found.choices.iter().map(|one| choice(scene, one)).collect(),
        preview: String::new(),
        refused: false,
    }
}

fn choice(scene: &Scene<'_>, choice: &complete::Choice) -> Choice {
    let say = scene.say;
    let (about, need) = match &choice.about {
        About::Command(spec) => (about(say, spec), need(say, spec)),
        About::Option(spec, option) => (about_option(say, spec, option), String::new()),
        About::Value(option) => (about_value(say, option.kind, &choice.label), String::new()),
        About::Incident(id) => {
            let known = scene.state.incidents.get(id);
            (known.map(|known| incident::sentence(scene, known)).unwrap_or_default(), String::new())
        }
        About::Plan(id) => {
            let run = scene.state.plans.get(id);
            (run.map(|run| plan::line(scene, run)).unwrap_or_default(), String::new())
        }
        About::Name => (String::new(), String::new()),
    };
    Choice { line: choice.line.clone(), label: say.name(&choice.label), about, need, refused: false }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use lifeboat_commands::parse::known;
    use lifeboat_commands::table::COMMANDS;

    use super::super::Lang;
    use super::*;

    #[test]
    fn every_command_option_and_value_of_the_table_has_a_text_and_no_text_is_left_over() {
        let mut used = BTreeSet::from(["command-need".to_owned()]);
        for spec in COMMANDS {
            used.insert(format!("command-{}", spec.key()));
            for option in spec.options {
                let own = format!("option-{}-{}", spec.key(), option.name);
                let common = format!("option-{}", option.name);
                used.insert(if catalogue::has(Lang::En, &own) { own } else { common });
            }
        }
        for lang in Lang::ALL {
            let mut texts: BTreeSet<String> = catalogue::family(lang, "command-").into_keys().collect();
            texts.extend(catalogue::family(lang, "option-").into_keys());
            assert_eq!(texts, used, "{lang}");
        }
    }

    #[test]
    fn every_value_of_a_short_list_of_words_is_explained() {
        let kinds = [
            ValueKind::Severity,
            ValueKind::Status,
            ValueKind::Role,
            ValueKind::TaskKind,
            ValueKind::Format,
            ValueKind::Lang,
            ValueKind::All,
            ValueKind::RebootMode,
            ValueKind::SwapMode,
            ValueKind::Canary,
        ];
        for lang in Lang::ALL {
            let say = Say::new(lang, chrono_tz::UTC);
            let mut told = 0;
            for (kind, value) in
                kinds.iter().flat_map(|kind| known(*kind).iter().map(move |value| (*kind, value)))
            {
                assert_ne!(about_value(say, kind, value), "", "{kind:?} {value} in {lang}");
                told += 1;
            }
            assert_eq!(catalogue::family(lang, "value-").len(), told, "{lang}");
        }
    }

    #[test]
    fn a_signature_marks_the_option_being_typed() {
        let spec = lifeboat_commands::table::find("incident", "severity").unwrap();
        let parts: Vec<(String, bool)> =
            signature(spec, Some("to")).into_iter().map(|part| (part.text, part.current)).collect();
        let expected = [("/incident severity", false), ("to", true), ("[incident]", false)];
        assert_eq!(parts, expected.map(|(text, current)| (text.to_owned(), current)));
    }
}
