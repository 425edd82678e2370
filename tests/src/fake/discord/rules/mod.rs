//! What Discord's schemas leave out, and what our own house adds. The reference lists them in section 3.5.

mod command;
mod component;
mod embed;
mod message;
mod modal;

use serde_json::Value;

use super::call::Call;
use super::refusal::{Problem, Refusal};

/// Channels keep a reason for the audit log with each change.
const REASONED: [&str; 5] = [
    "create_guild_channel",
    "update_channel",
    "delete_channel",
    "set_channel_permission_overwrite",
    "delete_channel_permission_overwrite",
];
/// Characters of a reason.
const REASON: usize = 512;

/// Judges a request whose body is right by its schema.
pub(crate) fn check(call: &Call) -> Result<(), Refusal> {
    let mut problems = Vec::new();
    let below = |steps: &[&str], found: Vec<Problem>| {
        let steps: Vec<String> = steps.iter().map(ToString::to_string).collect();
        found.into_iter().map(|problem| problem.under(&steps)).collect::<Vec<_>>()
    };
    match call.operation.id.as_str() {
        "create_message" => problems.extend(message::check(&call.body, message::Door::Channel)),
        "update_message" => problems.extend(message::check(&call.body, message::Door::Channel)),
        "execute_webhook" | "update_webhook_message" | "update_original_webhook_message" => {
            problems.extend(message::check(&call.body, message::Door::Webhook));
        }
        "create_thread" if call.body["message"].is_object() => {
            problems
                .extend(below(&["message"], message::check(&call.body["message"], message::Door::Channel)));
        }
        "create_interaction_response" => problems.extend(below(&["data"], callback(&call.body))),
        "bulk_set_guild_application_commands" => problems.extend(command::check(&call.body)),
        _ => {}
    }
    problems.extend(reason(call));
    if problems.is_empty() {
        return Ok(());
    }
    let told: Vec<String> = problems.iter().map(Problem::told).collect();
    Err(Refusal::form(&problems).blamed(told.join("; ")))
}

fn callback(body: &Value) -> Vec<Problem> {
    match body["type"].as_u64() {
        Some(4 | 7) => message::check(&body["data"], message::Door::Webhook),
        Some(5) => message::deferred(&body["data"]),
        Some(8) => command::choice_values(
            &body["data"]["choices"].as_array().into_iter().flatten().collect::<Vec<_>>(),
        ),
        Some(9) => modal::check(&body["data"]),
        _ => Vec::new(),
    }
}

fn reason(call: &Call) -> Option<Problem> {
    let length = call.reason.as_ref().map_or(0, |reason| reason.chars().count());
    let wanted = REASONED.contains(&call.operation.id.as_str());
    match length {
        0 if wanted => {
            Some(house("X-Audit-Log-Reason", "every change of a channel says why, for the audit log"))
        }
        _ if length > REASON => Some(Problem::new(
            &["X-Audit-Log-Reason"],
            "BASE_TYPE_MAX_LENGTH",
            "Must be 512 or fewer in length.",
        )),
        _ => None,
    }
}

/// A rule of ours, which Discord does not have.
fn house(place: &str, rule: &str) -> Problem {
    Problem::new(&[place], "HOUSE_RULE", rule)
}
