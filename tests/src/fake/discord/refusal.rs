//! The ways Discord says no. Numbers: developers/topics/opcodes-and-status-codes, checked 2026-08-06.

use std::time::Duration;

use serde_json::{Value, json};

/// A request that was not done.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: u32,
    pub(crate) message: String,
    /// Which fields are wrong; `Null` where it is not about fields.
    pub(crate) errors: Value,
    /// When to come again, for a 429.
    pub(crate) retry_after: Option<Duration>,
    /// What to note down as a fault of the bot, beside refusing.
    pub(crate) violation: Option<String>,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: u32, message: &str) -> Self {
        Self {
            status,
            code,
            message: message.to_owned(),
            errors: Value::Null,
            retry_after: None,
            violation: None,
        }
    }

    /// A refusal that no bot of ours should ever cause.
    pub(crate) fn blamed(mut self, why: impl Into<String>) -> Self {
        self.violation = Some(why.into());
        self
    }

    /// 400 with the fields that are wrong.
    pub(crate) fn form(problems: &[Problem]) -> Self {
        let mut errors = json!({});
        for problem in problems {
            problem.enter(&mut errors);
        }
        Self { errors, ..Self::new(400, 50_035, "Invalid Form Body") }
    }

    pub(crate) fn body(&self) -> Value {
        let mut body = json!({ "message": self.message, "code": self.code });
        if !self.errors.is_null() {
            body["errors"] = self.errors.clone();
        }
        if let Some(after) = self.retry_after {
            body["retry_after"] = json!(after.as_secs_f64());
            body["global"] = json!(false);
        }
        body
    }
}

/// One field that is wrong.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Problem {
    /// Where, from the top of the body.
    pub(crate) path: Vec<String>,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Problem {
    pub(crate) fn new(path: &[&str], code: &'static str, message: impl Into<String>) -> Self {
        Self { path: path.iter().map(ToString::to_string).collect(), code, message: message.into() }
    }

    /// The same, found below these steps.
    pub(crate) fn under(mut self, steps: &[String]) -> Self {
        self.path.splice(0..0, steps.iter().cloned());
        self
    }

    fn enter(&self, errors: &mut Value) {
        let mut place = errors;
        for step in &self.path {
            place = &mut place[step.as_str()];
        }
        let note = json!({ "code": self.code, "message": self.message });
        match place["_errors"].as_array_mut() {
            Some(notes) => notes.push(note),
            None => place["_errors"] = json!([note]),
        }
    }

    /// For people: where and what.
    pub(crate) fn told(&self) -> String {
        format!("{}: {} ({})", self.path.join("."), self.message, self.code)
    }
}

macro_rules! known {
    ($($name:ident: $status:literal, $code:literal, $message:literal;)*) => {
        impl Refusal {
            $(pub(crate) fn $name() -> Self { Self::new($status, $code, $message) })*
        }
    };
}

known! {
    not_found: 404, 0, "404: Not Found";
    wrong_method: 405, 0, "405: Method Not Allowed";
    unauthorized: 401, 0, "401: Unauthorized";
    unknown_application: 404, 10_002, "Unknown Application";
    unknown_channel: 404, 10_003, "Unknown Channel";
    unknown_guild: 404, 10_004, "Unknown Guild";
    unknown_member: 404, 10_007, "Unknown Member";
    unknown_message: 404, 10_008, "Unknown Message";
    unknown_overwrite: 404, 10_009, "Unknown Overwrite";
    unknown_emoji: 400, 10_014, "Unknown Emoji";
    unknown_webhook: 404, 10_015, "Unknown Webhook";
    unknown_interaction: 404, 10_062, "Unknown interaction";
    too_many_pins: 400, 30_003, "Maximum number of pins reached for the channel (250)";
    too_many_webhooks: 400, 30_007, "Maximum number of webhooks reached (15)";
    too_many_reactions: 400, 30_010, "Maximum number of reactions reached (20)";
    too_many_channels: 400, 30_013, "Maximum number of guild channels reached (500)";
    too_many_attachments: 400, 30_015, "Maximum number of attachments in a message reached (10)";
    too_many_commands_today: 400, 30_034, "Max number of daily application command creates has been reached (200)";
    old_message: 429, 30_046, "Maximum number of edits to messages older than 1 hour reached. Try again later";
    too_large: 413, 40_005, "Request entity too large";
    already_acknowledged: 400, 40_060, "Interaction has already been acknowledged";
    missing_access: 403, 50_001, "Missing Access";
    not_its_author: 403, 50_005, "Cannot edit a message authored by another user";
    empty_message: 400, 50_006, "Cannot send an empty message";
    missing_permissions: 403, 50_013, "Missing Permissions";
    not_in_this_type: 400, 50_024, "Cannot execute action on this channel type";
    dead_token: 401, 50_027, "Invalid Webhook Token";
    archived: 400, 50_083, "Thread is archived";
    no_json: 400, 50_109, "The request body contains invalid JSON.";
    no_history: 400, 160_002, "You cannot reply without permission to read message history";
    has_a_thread: 400, 160_004, "A thread has already been created for this message";
    too_many_threads: 400, 160_006, "Maximum number of active threads reached";
}
