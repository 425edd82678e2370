//! The command table as Discord wants it: one command a noun with sub-commands, and "Add to timeline" on messages.
//! The words are the same in every language, as in the console and on the command line; descriptions are translated.
//! Registered for our guild alone, with one call, and only when the set has changed.

use std::sync::Arc;
use std::time::Duration;

use lifeboat_commands::parse;
use lifeboat_commands::table::{COMMANDS, OptionSpec, Spec, ValueKind};
use serde_json::Value;
use serenity::builder::{CreateCommand, CreateCommandOption};
use serenity::model::Permissions;
use serenity::model::application::{CommandOptionType, CommandType, InstallationContext, InteractionContext};
use serenity::model::id::ApplicationId;
use sha2::{Digest as _, Sha256};

use super::render::{lean, value};
use super::rest::{Request, RestError};
use super::route::Route;
use super::server::{Server, id_of};
use crate::say::{Lang, Say, command};

/// The message command, by its default name.
pub const TO_TIMELINE: &str = "Add to timeline";
/// Longest description Discord takes (docs: interactions/application-commands, 2026-08-06).
const DESCRIPTION: usize = 100;
/// Most choices of an option.
const CHOICES: usize = 25;
/// Longest text a command takes; the parser says how much a verb takes.
const TEXT: u16 = 4_000;
/// Between two tries to register.
const FIRST_WAIT: Duration = Duration::from_secs(2);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

const EN: Say = Say::new(Lang::En, chrono_tz::UTC).plain();
const ZH: Say = Say::new(Lang::ZhCn, chrono_tz::UTC).plain();

/// All commands, as one bulk overwrite takes them.
#[must_use]
pub fn commands() -> Value {
    let mut nouns: Vec<&str> = COMMANDS.iter().map(|spec| spec.noun).collect();
    nouns.dedup();
    let mut all: Vec<CreateCommand> = nouns.into_iter().map(noun).collect();
    all.push(
        everywhere(CreateCommand::new(TO_TIMELINE).kind(CommandType::Message))
            .name_localized("en-US", TO_TIMELINE)
            .name_localized("zh-CN", ZH.word("chat-to-timeline")),
    );
    lean(value(&all))
}

impl Server {
    /// Registers the commands where they do not stand yet, as long as it takes. What only a person can mend is tried
    /// again when the server there is seen anew.
    pub(super) async fn register(self: Arc<Self>) {
        let mut stand = self.commands_stand.lock().await;
        let (all, mut wait) = (commands(), FIRST_WAIT);
        while !*stand {
            match self.see_to_commands(&all).await {
                Ok(()) => *stand = true,
                Err(error) => {
                    let again = error.may_pass();
                    tracing::warn!(%error, again, "the commands could not be registered with Discord");
                    if !again {
                        return;
                    }
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
            }
        }
    }

    /// They may be gone: they are looked at again.
    pub(super) async fn commands_may_be_gone(&self) {
        *self.commands_stand.lock().await = false;
    }

    /// The set noted as registered must be this one, and must be there: Discord drops it when the bot leaves.
    async fn see_to_commands(&self, all: &Value) -> Result<(), RestError> {
        let application = self.call(Request::new(Route::my_application())).await?;
        let application = id_of(&application).map(ApplicationId::new);
        let application =
            application.ok_or_else(|| RestError::Unclear("an answer without an id".to_owned()))?;
        let now = format!("{application} {} {}", self.config.guild, hash(all));
        let noted = std::fs::read_to_string(&self.registered).is_ok_and(|before| before.trim() == now);
        if noted && self.are_there(application, all).await? {
            return Ok(());
        }
        let route = Route::overwrite_commands(application, self.guild());
        self.call(Request::new(route).json(all.clone())).await?;
        if let Err(error) = std::fs::write(&self.registered, &now) {
            tracing::warn!(%error, "that the commands are registered cannot be kept; the next start registers them again");
        }
        Ok(())
    }

    async fn are_there(&self, application: ApplicationId, all: &Value) -> Result<bool, RestError> {
        let there = words(&self.call(Request::new(Route::commands(application, self.guild()))).await?);
        Ok(words(all).iter().all(|word| there.contains(word)))
    }
}

/// Of a set of commands their words: `/incident ack`, `Add to timeline`.
#[must_use]
pub fn words(commands: &Value) -> Vec<String> {
    let mut all = Vec::new();
    for command in commands.as_array().into_iter().flatten() {
        let name = command["name"].as_str().unwrap_or_default();
        let verbs = command["options"].as_array().into_iter().flatten().filter(|option| option["type"] == 1);
        let verbs: Vec<&str> = verbs.filter_map(|verb| verb["name"].as_str()).collect();
        if verbs.is_empty() {
            all.push(name.to_owned());
        }
        all.extend(verbs.into_iter().map(|verb| format!("/{name} {verb}")));
    }
    all
}

/// Tells one set of commands from another.
#[must_use]
pub fn hash(commands: &Value) -> String {
    let digest = Sha256::digest(commands.to_string().as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// In our guild alone. Whoever may write may see the commands; who may give one is decided by roles each time.
fn everywhere(command: CreateCommand) -> CreateCommand {
    command
        .contexts(vec![InteractionContext::Guild])
        .integration_types(vec![InstallationContext::Guild])
        .default_member_permissions(Permissions::SEND_MESSAGES)
}

fn noun(noun: &str) -> CreateCommand {
    let key = format!("noun-{noun}");
    let verbs = COMMANDS.iter().filter(|spec| spec.noun == noun).map(verb).collect();
    everywhere(CreateCommand::new(noun))
        .kind(CommandType::ChatInput)
        .description(cut(EN.word(&key)))
        .description_localized("en-US", cut(EN.word(&key)))
        .description_localized("zh-CN", cut(ZH.word(&key)))
        .set_options(verbs)
}

fn verb(spec: &'static Spec) -> CreateCommandOption {
    let about = |say| cut(command::about(say, spec));
    let mut options: Vec<&OptionSpec> = spec.options.iter().collect();
    // Discord wants what cannot be left out first.
    options.sort_by_key(|option| !option.required);
    let options: Vec<CreateCommandOption> =
        options.into_iter().map(|option| self::option(spec, option)).collect();
    CreateCommandOption::new(CommandOptionType::SubCommand, spec.verb, about(EN))
        .description_localized("en-US", about(EN))
        .description_localized("zh-CN", about(ZH))
        .set_sub_options(options)
}

fn option(spec: &Spec, option: &OptionSpec) -> CreateCommandOption {
    let about = |say| cut(command::about_option(say, spec, option));
    let shown = CreateCommandOption::new(kind(option.kind), option.name, about(EN))
        .description_localized("en-US", about(EN))
        .description_localized("zh-CN", about(ZH))
        .required(option.required);
    match option.kind {
        ValueKind::Count => shown.min_int_value(1).max_int_value(100),
        ValueKind::Task => shown.min_int_value(1),
        ValueKind::Text => shown.max_length(TEXT),
        _ if is_list(option.kind) => {
            let known = parse::known(option.kind).iter().take(CHOICES);
            known.fold(shown, |shown, word| shown.add_string_choice(*word, *word))
        }
        _ => shown.set_autocomplete(completes(option.kind)),
    }
}

const fn kind(kind: ValueKind) -> CommandOptionType {
    match kind {
        ValueKind::Count | ValueKind::Task => CommandOptionType::Integer,
        _ => CommandOptionType::String,
    }
}

/// Nothing but these words may be given.
const fn is_list(kind: ValueKind) -> bool {
    matches!(
        kind,
        ValueKind::Severity
            | ValueKind::Status
            | ValueKind::Role
            | ValueKind::TaskKind
            | ValueKind::Format
            | ValueKind::Lang
            | ValueKind::All
            | ValueKind::RebootMode
            | ValueKind::SwapMode
    )
}

/// Completed from memory while it is typed.
const fn completes(kind: ValueKind) -> bool {
    !matches!(kind, ValueKind::Text | ValueKind::Event | ValueKind::Count | ValueKind::Task)
}

fn cut(text: String) -> String {
    super::render::fit(&text, DESCRIPTION)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Longest of a text and its translations, as Discord counts the size of a command.
    fn longest(of: &Value, field: &str) -> usize {
        let own = of[field].as_str().map_or(0, |text| text.chars().count());
        let translated = of[format!("{field}_localizations")].as_object();
        let translated = translated.into_iter().flatten().filter_map(|(_, text)| text.as_str());
        translated.map(|text| text.chars().count()).chain([own]).max().unwrap_or(0)
    }

    /// Name, description and value over the command, its options and choices.
    fn size(of: &Value) -> usize {
        let own = longest(of, "name") + longest(of, "description");
        let options = of["options"].as_array().into_iter().flatten().map(size).sum::<usize>();
        let choices = of["choices"].as_array().into_iter().flatten();
        let choices = choices.map(|one| longest(one, "name") + one["value"].as_str().map_or(0, str::len));
        own + options + choices.sum::<usize>()
    }

    fn walk(of: &Value, look: &mut impl FnMut(&Value)) {
        look(of);
        for option in of["options"].as_array().into_iter().flatten() {
            walk(option, look);
        }
    }

    fn all() -> Vec<Value> {
        commands().as_array().cloned().unwrap_or_default()
    }

    #[test]
    fn every_command_of_the_table_is_there_once() {
        let mut found = BTreeSet::new();
        for command in all().iter().filter(|command| command["type"] == 1) {
            for verb in command["options"].as_array().unwrap() {
                assert!(found.insert(format!(
                    "/{} {}",
                    command["name"].as_str().unwrap(),
                    verb["name"].as_str().unwrap()
                )));
            }
        }
        assert_eq!(found, COMMANDS.iter().map(Spec::words).collect());
    }

    #[test]
    fn no_command_is_larger_than_discord_takes() {
        for command in all() {
            let size = size(&command);
            assert!(size <= 8_000, "/{} has {size} characters", command["name"]);
        }
    }

    #[test]
    fn names_descriptions_and_numbers_are_within_the_limits() {
        for command in all() {
            assert!(command["options"].as_array().is_none_or(|verbs| verbs.len() <= 25));
            if command["type"] == 3 {
                assert!(command.get("description").is_none_or(|text| text == ""));
                continue;
            }
            walk(&command, &mut |one| {
                let name = one["name"].as_str().unwrap();
                let fits = (1..=32).contains(&name.chars().count());
                assert!(fits && name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{name}");
                let length = longest(one, "description");
                assert!((1..=100).contains(&length), "{name}: {length}");
                let required: Vec<bool> = one["options"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|option| option["required"] == true)
                    .collect();
                assert!(
                    required.is_sorted_by_key(|required| !required),
                    "{name}: required options come first"
                );
                assert!(required.len() <= 25);
                assert!(one["choices"].as_array().is_none_or(|choices| choices.len() <= 25));
            });
        }
    }

    #[test]
    fn every_description_is_in_both_languages() {
        for command in all().iter().filter(|command| command["type"] == 1) {
            walk(command, &mut |one| {
                for locale in ["en-US", "zh-CN"] {
                    let text = one["description_localizations"][locale].as_str().unwrap_or_default();
                    assert!(!text.is_empty(), "{} in {locale}", one["name"]);
                }
            });
        }
    }

    #[test]
    fn commands_are_for_our_guild_alone() {
        for command in all() {
            assert_eq!(
                (&command["contexts"], &command["integration_types"]),
                (&serde_json::json!([0]), &serde_json::json!([0]))
            );
            assert_eq!(command["default_member_permissions"], "2048");
        }
    }

    #[test]
    fn another_set_has_another_hash() {
        let (one, mut other) = (commands(), commands());
        assert_eq!(hash(&one), hash(&other));
        other[0]["name"] = "incidents".into();
        assert_ne!(hash(&one), hash(&other));
    }
}
