//! Commands: names, nesting, and the eight thousand characters. developers/interactions/application-commands,
//! checked 2026-08-06.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::refusal::Problem;
use super::super::spec::Spec;

/// Characters of name, description and value over a command; of each, the longest language counts.
const SUM: usize = 8_000;
const SUB_COMMAND: u64 = 1;
const GROUP: u64 = 2;
/// A command that is typed. User commands are 2, message commands 3.
const CHAT_INPUT: u64 = 1;
/// How many of each kind a server may have.
const MOST: [(u64, usize); 3] = [(1, 100), (2, 15), (3, 15)];
/// Characters of a choice's value: the schema's 6,000 are for what is typed.
const CHOICE: usize = 100;

pub(super) fn check(body: &Value) -> Vec<Problem> {
    let commands: Vec<&Value> = body.as_array().into_iter().flatten().collect();
    let mut problems = Vec::new();
    for (index, command) in commands.iter().enumerate() {
        let at = [index.to_string()];
        problems.extend(one(command).into_iter().map(|problem| problem.under(&at)));
    }
    for (kind, most) in MOST {
        let names: Vec<&Value> =
            commands.iter().filter(|one| kind_of(one) == kind).map(|one| &one["name"]).collect();
        if names.len() > most {
            problems.push(Problem::new(
                &[],
                "APPLICATION_COMMANDS_MAX",
                format!("{} of type {kind}", names.len()),
            ));
        }
        if names.iter().map(ToString::to_string).collect::<BTreeSet<_>>().len() < names.len() {
            let told = "Application command names must be unique";
            problems.push(Problem::new(&[], "APPLICATION_COMMANDS_DUPLICATE_NAME", told));
        }
    }
    problems
}

fn kind_of(command: &Value) -> u64 {
    command["type"].as_u64().unwrap_or(CHAT_INPUT)
}

fn one(command: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    if kind_of(command) != CHAT_INPUT {
        if command["description"].as_str().is_some_and(|text| !text.is_empty())
            || !command["options"].is_null()
        {
            let told = "A command of this kind has neither description nor options";
            problems.push(Problem::new(&["description"], "APPLICATION_COMMANDS_DESCRIPTION", told));
        }
        return problems;
    }
    walk(command, 0, &mut Vec::new(), &mut problems);
    let sum = length(command);
    if sum > SUM {
        let told = format!("The combined length is {sum}, at most 8000 are allowed");
        problems.push(Problem::new(&[], "APPLICATION_COMMAND_TOO_LARGE", told));
    }
    problems
}

/// A command or an option, and everything below it.
fn walk(one: &Value, depth: usize, path: &mut Vec<String>, problems: &mut Vec<Problem>) {
    let options: Vec<&Value> = one["options"].as_array().into_iter().flatten().collect();
    let own =
        names(one).into_iter().chain(described(one)).chain(together(&options)).chain(languages(&options));
    problems.extend(own.chain(nested(one, depth)).chain(choices(one)).map(|problem| problem.under(path)));
    for (index, option) in options.iter().enumerate() {
        path.extend(["options".to_owned(), index.to_string()]);
        walk(option, depth + 1, path, problems);
        path.truncate(path.len() - 2);
    }
}

/// `^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$`, lower case where there is one.
fn is_name(name: &str) -> bool {
    let marks = |sign: char| matches!(sign, '\u{900}'..='\u{97F}' | '\u{E00}'..='\u{E7F}');
    let fits = |sign: char| {
        matches!(sign, '-' | '_' | '\'') || sign.is_alphabetic() || sign.is_numeric() || marks(sign)
    };
    (1..=32).contains(&name.chars().count()) && name.chars().all(fits) && name.to_lowercase() == name
}

/// The name and its translations; all must be names, in languages that exist.
fn names(one: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    let name = one["name"].as_str().unwrap_or_default();
    if !is_name(name) {
        problems.push(Problem::new(&["name"], "STRING_TYPE_REGEX", format!("{name:?} is no command name")));
    }
    for (field, names) in [("name_localizations", true), ("description_localizations", false)] {
        for (language, text) in one[field].as_object().into_iter().flatten() {
            if !known(language) {
                problems.push(Problem::new(&[field, language], "BASE_TYPE_CHOICES", "No such language"));
            }
            if names && !text.as_str().is_some_and(is_name) {
                problems.push(Problem::new(&[field, language], "STRING_TYPE_REGEX", "No command name"));
            }
        }
    }
    problems
}

fn known(language: &str) -> bool {
    let all = &Spec::get().document["components"]["schemas"]["AvailableLocalesEnum"]["oneOf"];
    all.as_array().is_some_and(|all| all.iter().any(|one| one["const"] == language))
}

fn described(one: &Value) -> Option<Problem> {
    let length = one["description"].as_str().map_or(0, |text| text.chars().count());
    (!(1..=100).contains(&length)).then(|| {
        Problem::new(&["description"], "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
    })
}

fn is_sub(option: &Value) -> bool {
    matches!(option["type"].as_u64(), Some(SUB_COMMAND | GROUP))
}

/// Sub-commands or options, not both; what must be given first; no name twice.
fn together(options: &[&Value]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut wrong = |code, told: &str| problems.push(Problem::new(&["options"], code, told));
    let subs = options.iter().filter(|option| is_sub(option)).count();
    if subs > 0 && subs < options.len() {
        wrong("APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-command and option cannot be mixed");
    }
    if !options.is_sorted_by_key(|option| option["required"] != true) {
        wrong(
            "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
            "Required options must be placed before non-required options",
        );
    }
    let names: BTreeSet<&str> = options.iter().filter_map(|option| option["name"].as_str()).collect();
    if names.len() < options.len() {
        wrong("APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option names must be unique");
    }
    problems
}

/// In each language the options' names differ, those without a translation by their own.
fn languages(options: &[&Value]) -> Vec<Problem> {
    let all =
        options.iter().flat_map(|option| option["name_localizations"].as_object().into_iter().flatten());
    let languages: BTreeSet<&String> = all.map(|(language, _)| language).collect();
    let mut problems = Vec::new();
    for language in languages {
        let name = |option: &&Value| {
            let own = option["name_localizations"][language.as_str()].as_str();
            own.or(option["name"].as_str()).map(str::to_owned)
        };
        if options.iter().map(name).collect::<BTreeSet<_>>().len() < options.len() {
            let told = format!("Option names must be unique in {language}");
            problems.push(Problem::new(
                &["options"],
                "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS",
                told,
            ));
        }
    }
    problems
}

/// Command, group, sub-command: no deeper, and no group in a group.
fn nested(one: &Value, depth: usize) -> Option<Problem> {
    let kind = one["type"].as_u64().filter(|_| depth > 0);
    let options = one["options"].as_array().into_iter().flatten();
    let allowed = |option: &Value| match kind {
        None => true,
        Some(GROUP) => option["type"].as_u64() == Some(SUB_COMMAND),
        Some(SUB_COMMAND) => !is_sub(option),
        Some(_) => false,
    };
    let empty = kind == Some(GROUP) && one["options"].as_array().is_none_or(Vec::is_empty);
    (empty || !options.into_iter().all(allowed))
        .then(|| Problem::new(&["options"], "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Wrong nesting"))
}

/// Fixed choices: no two with one name, none too long, and nothing is completed beside them.
fn choices(one: &Value) -> Vec<Problem> {
    let choices: Vec<&Value> = one["choices"].as_array().into_iter().flatten().collect();
    let mut problems = choice_values(&choices);
    if !choices.is_empty() && one["autocomplete"] == true {
        problems.push(Problem::new(
            &["autocomplete"],
            "APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE",
            "Choices cannot be completed",
        ));
    }
    let names: BTreeSet<&str> = choices.iter().filter_map(|one| one["name"].as_str()).collect();
    if names.len() < choices.len() {
        problems.push(Problem::new(
            &["choices"],
            "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS",
            "Choice names must be unique",
        ));
    }
    problems
}

/// Values of choices, fixed or completed.
pub(super) fn choice_values(choices: &[&Value]) -> Vec<Problem> {
    let long = choices.iter().enumerate().filter(|(_, choice)| {
        choice["value"].as_str().is_some_and(|value| !(1..=CHOICE).contains(&value.chars().count()))
    });
    long.map(|(index, _)| {
        let path = ["choices", &index.to_string(), "value"];
        Problem::new(&path, "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
    })
    .collect()
}

/// See [`SUM`].
fn length(one: &Value) -> usize {
    let longest = |field: &str| {
        let translated = one[format!("{field}_localizations")].as_object().into_iter().flatten();
        let texts = translated.map(|(_, text)| text).chain([&one[field]]);
        texts.filter_map(Value::as_str).map(|text| text.chars().count()).max().unwrap_or_default()
    };
    let value = one["value"].as_str().map_or(0, |value| value.chars().count());
    let below =
        ["options", "choices"].into_iter().flat_map(|part| one[part].as_array().into_iter().flatten());
    longest("name") + longest("description") + value + below.map(length).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_is_lower_case_letters_numbers_hyphens_and_underlines() {
        let names = ["incident", "事件", "a-b_c'd", "२", "Incident", "two words", "", "a.b", "é", "É"];
        let expected = [true, true, true, true, false, false, false, false, true, false];
        assert_eq!(names.map(is_name), expected);
    }

    #[test]
    fn of_each_text_the_longest_language_counts() {
        let command = json!({
            "name": "ab", "name_localizations": { "zh-CN": "一", "de": "abcd" }, "description": "12345",
            "options": [{ "name": "o", "description": "d", "choices": [{ "name": "n", "value": "vvv" }] }],
        });
        assert_eq!(length(&command), 4 + 5 + 1 + 1 + 1 + 3);
    }
}
