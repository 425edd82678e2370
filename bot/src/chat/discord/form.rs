//! The form that asks for what a button's command lacks. Pure.

use lifeboat_commands::parse::Values;
use lifeboat_commands::table::{OptionSpec, Spec, ValueKind};
use serenity::builder::{CreateActionRow, CreateInputText, CreateModal};
use serenity::model::application::InputTextStyle;

use super::render::{custom_id, fit};
use crate::say::{Say, command};

/// Longest title and label (docs: components/reference, 2026-08-06).
const LABEL: usize = 45;
/// Most fields.
const FIELDS: usize = 5;
/// Longest text of a field.
const TEXT: u16 = 4_000;

/// A form that carries the button's line and asks for the rest: what must be given first, then what may be said.
pub fn modal(say: Say, spec: &Spec, given: &Values, line: &str) -> CreateModal {
    let mut asked: Vec<&OptionSpec> = spec.options.iter().filter(|option| is_asked(option, given)).collect();
    asked.sort_by_key(|option| !option.required);
    let rows =
        asked.into_iter().take(FIELDS).map(|option| CreateActionRow::InputText(field(say, spec, option)));
    let id = custom_id(line).unwrap_or_default();
    CreateModal::new(id, fit(&command::about(say, spec), LABEL)).components(rows.collect())
}

/// Whether anything is left to ask for.
pub fn asks(spec: &Spec, given: &Values) -> bool {
    spec.options.iter().any(|option| is_asked(option, given))
}

/// What must be there and is not, and what people say in words; an override is never suggested.
fn is_asked(option: &OptionSpec, given: &Values) -> bool {
    let words = option.kind == ValueKind::Text && option.name != "override";
    !given.contains_key(option.name) && (option.required || words)
}

fn field(say: Say, spec: &Spec, option: &OptionSpec) -> CreateInputText {
    let style =
        if option.kind == ValueKind::Text { InputTextStyle::Paragraph } else { InputTextStyle::Short };
    let label = fit(&command::about_option(say, spec, option), LABEL);
    CreateInputText::new(style, label, option.name).required(option.required).max_length(TEXT)
}

#[cfg(test)]
mod tests {
    use lifeboat_commands::parse;
    use serde_json::Value;

    use super::super::render::value;
    use super::*;
    use crate::say::Lang;

    fn fields(line: &str, lang: Lang) -> Vec<(String, String, bool)> {
        let (spec, given) = parse::given(line).unwrap();
        let modal = value(&modal(Say::new(lang, chrono_tz::UTC), spec, &given, line));
        assert_eq!(modal["custom_id"], format!("v1:{line}"));
        assert!((1..=45).contains(&modal["title"].as_str().unwrap().chars().count()));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let rows = modal["components"].as_array().unwrap().iter().map(|row| &row["components"][0]);
        rows.map(|one| (text(&one["custom_id"]), text(&one["label"]), one["required"] == true)).collect()
    }

    #[test]
    fn an_update_asks_for_conditions_actions_and_needs() {
        for lang in Lang::ALL {
            let shown = fields("incident update incident:INC-0042 conditions: ", lang);
            let names: Vec<(&str, bool)> =
                shown.iter().map(|(name, _, required)| (name.as_str(), *required)).collect();
            assert_eq!(names, [("conditions", true), ("actions", false), ("needs", false)]);
            assert!(shown.iter().all(|(_, label, _)| (1..=45).contains(&label.chars().count())), "{shown:?}");
        }
    }

    #[test]
    fn every_command_that_can_be_a_button_fits_a_form() {
        for spec in lifeboat_commands::table::COMMANDS {
            let line = format!("{} {} ", spec.noun, spec.verb);
            let shown = fields(&line, Lang::ZhCn);
            assert!(shown.len() <= 5);
            let required = spec.options.iter().filter(|option| option.required).count();
            assert_eq!(shown.iter().filter(|(.., required)| *required).count(), required, "{line}");
        }
    }
}
