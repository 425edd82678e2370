//! One call to Discord's REST interface and its typed outcome. Who calls need not know buckets, retries or bans:
//! a call waits its turn, is repeated where that is safe, and gives up at its deadline.

mod answer;
mod budget;
mod executor;
mod guard;
mod limiter;
mod wire;

use std::time::Duration;

use lifeboat_commands::ports::Pending;
use serde_json::Value;
use thiserror::Error;

use super::route::Route;
pub use executor::{Executor, Pace, Setup};
pub use wire::WireError;

/// How long a call may take altogether, where the caller does not say: waiting its turn and repeats included.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// How long an acknowledgement may take. Discord gives three seconds from the click, the way here included.
pub const CALLBACK_PATIENCE: Duration = Duration::from_secs(2);
/// Characters of a reason in the audit log (docs: resources/audit-log, 2026-08-06).
pub const AUDIT_REASON: usize = 512;

/// Where calls go. The executor talks to Discord; tests may answer themselves.
pub trait Rest: Send + Sync {
    /// Makes the call.
    ///
    /// # Effects
    /// Those of the route. [`RestError::may_have_happened`] says whether a failed one may have had them.
    fn call(&self, request: Request) -> Pending<'static, Result<Reply, RestError>>;

    /// Permissions, roles or channels changed: what was refused for a missing permission may be asked again.
    fn permissions_changed(&self);
}

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Which route.
    pub route: Route,
    /// What is sent.
    pub body: Body,
    /// Why, for the guild's audit log; cut to [`AUDIT_REASON`] characters.
    pub audit_reason: Option<String>,
    /// After which time to give up rather than wait on.
    pub deadline: Duration,
}

/// What is sent with a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Nothing.
    None,
    /// One JSON value.
    Json(Value),
    /// JSON with files; `attachments[n].id` of the JSON is the place in `files`.
    Files {
        /// The message.
        json: Value,
        /// At most ten, 25 MiB together.
        files: Vec<File>,
    },
}

/// A file to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name, with ending.
    pub name: String,
    /// For example `text/markdown`.
    pub content_type: &'static str,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl Request {
    /// A call without a body, with the route's usual patience.
    #[must_use]
    pub fn new(route: Route) -> Self {
        let deadline = if route.is_callback() { CALLBACK_PATIENCE } else { PATIENCE };
        Self { route, body: Body::None, audit_reason: None, deadline }
    }

    /// With this body.
    #[must_use]
    pub fn json(self, body: Value) -> Self {
        Self { body: Body::Json(body), ..self }
    }

    /// With this body and these files.
    #[must_use]
    pub fn files(self, json: Value, files: Vec<File>) -> Self {
        Self { body: Body::Files { json, files }, ..self }
    }

    /// With this reason in the audit log.
    #[must_use]
    pub fn because(self, reason: impl Into<String>) -> Self {
        Self { audit_reason: Some(reason.into()), ..self }
    }

    /// Gives up after this time.
    #[must_use]
    pub fn within(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    /// Whether sending it twice does no more than sending it once: everything but a POST, and a POST that carries
    /// a nonce which Discord was told to enforce.
    #[must_use]
    pub fn repeatable(&self) -> bool {
        let json = match &self.body {
            Body::Json(json) | Body::Files { json, .. } => json,
            Body::None => &Value::Null,
        };
        let guarded = json["enforce_nonce"] == true && !json["nonce"].is_null();
        *self.route.method() != reqwest::Method::POST || guarded
    }
}

/// An answer that means yes.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// 200, 201 or 204.
    pub status: u16,
    /// The body; null where there is none.
    pub body: Value,
}

/// Whose limit was met (docs: topics/rate-limits, 2026-08-06).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// This bot's, on this route.
    User,
    /// This bot's, over all routes.
    Global,
    /// Of the channel or guild itself, whoever calls.
    Shared,
    /// Not said, or not met yet: our own count says that it would be.
    Unsaid,
}

/// Why a call did not succeed.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum RestError {
    /// Discord understood and said no; it will again.
    #[error("do it: Discord refuses it ({status}, code {code}: {message})")]
    Refused {
        /// The HTTP status, 4xx.
        status: u16,
        /// Discord's own code; 0 where it gave none.
        code: u32,
        /// Discord's words; text from outside.
        message: String,
        /// Which field is wrong and why, where Discord says so; else null.
        errors: Value,
    },
    /// A permission or access is missing (403). The route rests until [`Rest::permissions_changed`]; calls meanwhile
    /// get the same answer without being sent.
    #[error("do it: the bot may not ({code}: {message})")]
    Forbidden {
        /// Discord's own code: 50013 a permission, 50001 access to the channel at all.
        code: u32,
        /// Discord's words; text from outside.
        message: String,
    },
    /// A limit would have to be waited for longer than the call may take. Nothing happened.
    #[error("do it in time: a rate limit holds it for {} ms more", retry_after.as_millis())]
    RateLimited {
        /// When it may be tried again, from now.
        retry_after: Duration,
        /// Whose limit.
        scope: Scope,
        /// What the limit is about, where Discord says so (30046: edits of messages older than an hour).
        code: Option<u32>,
    },
    /// Too many calls wait already. Nothing happened.
    #[error("do it: too many calls to Discord wait already")]
    Crowded,
    /// No connection within the deadline. Nothing happened.
    #[error("reach Discord: {0}")]
    Unreachable(String),
    /// Sent, and no whole answer came. Whether it happened is not known.
    #[error("hear from Discord whether it was done: {0}")]
    Unclear(String),
    /// Discord answered 5xx, or with what is no answer of Discord's. Whether it happened is not known.
    #[error("get an answer from Discord: it is ill (status {status})")]
    Ill {
        /// The HTTP status.
        status: u16,
    },
    /// The bot's token is not, or no longer, valid (401). Nothing is sent any more until a restart.
    #[error("do it: Discord does not take the bot's token any more")]
    TokenRevoked,
    /// Everything is held back, for a ban of this address or to prevent one. Nothing happened.
    #[error("do it: calls to Discord are held back for {} s to end or prevent a ban", retry_after.as_secs())]
    Banned {
        /// When the next may be tried, from now.
        retry_after: Duration,
    },
}

impl RestError {
    /// Whether the call may have had its effect all the same.
    #[must_use]
    pub fn may_have_happened(&self) -> bool {
        matches!(self, Self::Unclear(_) | Self::Ill { .. })
    }

    /// Whether it was kept from being sent, as opposed to being answered or lost.
    fn never_left(&self) -> bool {
        !self.may_have_happened() && !matches!(self, Self::Refused { .. } | Self::Forbidden { .. })
    }

    /// Whether the same call may succeed later without anybody mending anything.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        !matches!(self, Self::Refused { .. } | Self::Forbidden { .. } | Self::TokenRevoked)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use serenity::model::id::{ChannelId, MessageId};

    use super::*;

    #[test]
    fn only_a_post_without_an_enforced_nonce_must_not_be_repeated() {
        let send = || Request::new(Route::create_message(ChannelId::new(1)));
        let rows = [
            ("a plain message", send().json(json!({"content": "a"})), false),
            ("a nonce nobody enforces", send().json(json!({"nonce": "n"})), false),
            ("enforced, but no nonce", send().json(json!({"enforce_nonce": true})), false),
            ("an enforced nonce", send().json(json!({"nonce": "n", "enforce_nonce": true})), true),
            ("with files", send().files(json!({"nonce": "n", "enforce_nonce": true}), Vec::new()), true),
            ("an edit", Request::new(Route::edit_message(ChannelId::new(1), MessageId::new(2))), true),
            ("a deletion", Request::new(Route::delete_channel(ChannelId::new(1))), true),
        ];
        for (what, request, expected) in rows {
            assert_eq!(request.repeatable(), expected, "{what}");
        }
    }
}
