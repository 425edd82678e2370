//! What an answer says about limits and errors, read once. Pure.

use reqwest::header::HeaderMap;
use serde_json::Value;

use super::{Reply, RestError, Scope};
use crate::chat::discord::route::Access;

/// Missing access to a channel, missing permission.
const MISSING: [u32; 2] = [50_001, 50_013];
/// Characters that are kept of Discord's words.
const MESSAGE: usize = 300;

/// An answer as it came.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answer {
    /// The HTTP status.
    pub(super) status: u16,
    /// What the headers say.
    pub(super) told: Told,
    /// The body where it is JSON, null where it is empty.
    pub(super) body: Option<Value>,
}

/// What the headers of an answer say about limits. Absent ones are none, unreadable ones too.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Told {
    /// The bucket's name.
    pub(super) bucket: Option<String>,
    /// Calls a window.
    pub(super) limit: Option<u32>,
    /// Calls left in this window.
    pub(super) remaining: Option<u32>,
    /// When the window ends, from now.
    pub(super) reset_after_ms: Option<u64>,
    /// `Retry-After`.
    pub(super) retry_after_ms: Option<u64>,
    /// Whose limit a 429 is about.
    pub(super) scope: Option<Scope>,
}

impl Told {
    pub(super) fn read(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        let global = text("x-ratelimit-global").is_some_and(|word| word.eq_ignore_ascii_case("true"));
        let scope = match text("x-ratelimit-scope") {
            Some("user") => Some(Scope::User),
            Some("global") => Some(Scope::Global),
            Some("shared") => Some(Scope::Shared),
            _ => None,
        };
        Self {
            bucket: text("x-ratelimit-bucket").map(str::to_owned),
            limit: text("x-ratelimit-limit").and_then(|number| number.parse().ok()),
            remaining: text("x-ratelimit-remaining").and_then(|number| number.parse().ok()),
            reset_after_ms: text("x-ratelimit-reset-after").and_then(milliseconds),
            retry_after_ms: text("retry-after").and_then(milliseconds),
            scope: if global { Some(Scope::Global) } else { scope },
        }
    }
}

/// Seconds with a fraction, rounded up: a limit is never met early. A day at most.
fn milliseconds(seconds: &str) -> Option<u64> {
    seconds.parse::<f64>().ok().and_then(ms)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and a day")]
fn ms(seconds: f64) -> Option<u64> {
    (0.0..=86_400.0).contains(&seconds).then(|| (seconds * 1_000.0).ceil() as u64)
}

/// What a 429 asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slow {
    /// Discord names the wait.
    Discord {
        /// How long from now.
        after_ms: u64,
        /// Whose limit.
        scope: Scope,
        /// What it is about, where said.
        code: Option<u32>,
    },
    /// A page of what stands before Discord: this address as a whole is too busy.
    Edge {
        /// How long from now, where said.
        after_ms: Option<u64>,
    },
}

impl Answer {
    pub(super) fn new(status: u16, headers: &HeaderMap, body: &[u8]) -> Self {
        let body = if body.is_empty() { Some(Value::Null) } else { serde_json::from_slice(body).ok() };
        Self { status, told: Told::read(headers), body }
    }

    /// What it asks for, where it is a 429. The body's wait counts before the header's: it has a fraction.
    pub(super) fn slow(&self) -> Option<Slow> {
        if self.status != 429 {
            return None;
        }
        let wait = self.body.as_ref().and_then(|body| body["retry_after"].as_f64()).and_then(ms);
        let from_discord = wait.is_some() || self.told.scope.is_some() || self.told.bucket.is_some();
        let after_ms = wait.or(self.told.retry_after_ms).or(self.told.reset_after_ms);
        let (true, Some(after_ms)) = (from_discord, after_ms) else {
            return Some(Slow::Edge { after_ms: self.told.retry_after_ms });
        };
        let global = self.body.as_ref().is_some_and(|body| body["global"] == true);
        let scope = if global { Scope::Global } else { self.told.scope.unwrap_or(Scope::User) };
        Some(Slow::Discord { after_ms, scope, code: Some(self.code()).filter(|code| *code != 0) })
    }

    /// Discord's own code; 0 where there is none.
    pub(super) fn code(&self) -> u32 {
        let code = self.body.as_ref().and_then(|body| body["code"].as_u64());
        code.and_then(|code| u32::try_from(code).ok()).unwrap_or(0)
    }

    /// What the caller gets, limits aside.
    pub(super) fn outcome(self, access: Access) -> Result<Reply, RestError> {
        let (status, code) = (self.status, self.code());
        match (status, self.body) {
            (200..=299, Some(body)) => Ok(Reply { status, body }),
            (400..=499, body) => Err(refusal(status, code, access, &body.unwrap_or(Value::Null))),
            _ => Err(RestError::Ill { status }),
        }
    }
}

fn refusal(status: u16, code: u32, access: Access, body: &Value) -> RestError {
    let message = || body["message"].as_str().unwrap_or("").chars().take(MESSAGE).collect();
    match (status, access) {
        (401, Access::Bot) => RestError::TokenRevoked,
        (403, _) if code == 0 || MISSING.contains(&code) => RestError::Forbidden { code, message: message() },
        _ => RestError::Refused { status, code, message: message(), errors: body["errors"].clone() },
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};
    use serde_json::json;

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    #[track_caller]
    fn slow(status: u16, pairs: &[(&'static str, &str)], body: &str, expected: Option<Slow>) {
        assert_eq!(
            Answer::new(status, &headers(pairs), body.as_bytes()).slow(),
            expected,
            "{pairs:?} {body}"
        );
    }

    #[test]
    fn headers_are_read_and_waits_are_rounded_up() {
        let told = Told::read(&headers(&[
            ("x-ratelimit-limit", "5"),
            ("x-ratelimit-remaining", "4"),
            ("x-ratelimit-reset-after", "0.2501"),
            ("x-ratelimit-bucket", "abc"),
        ]));
        let expected = Told {
            bucket: Some("abc".to_owned()),
            limit: Some(5),
            remaining: Some(4),
            reset_after_ms: Some(251),
            ..Told::default()
        };
        assert_eq!(told, expected);
        assert_eq!(
            Told::read(&headers(&[("x-ratelimit-reset-after", "NaN"), ("retry-after", "-1")])),
            Told::default()
        );
    }

    #[test]
    fn each_kind_of_429_is_told_apart() {
        let said = |after_ms, scope, code| Some(Slow::Discord { after_ms, scope, code });
        let user = [("x-ratelimit-scope", "user"), ("retry-after", "65"), ("x-ratelimit-bucket", "b")];
        slow(
            429,
            &user,
            r#"{"message":"…","retry_after":64.57,"global":false}"#,
            said(64_570, Scope::User, None),
        );
        let shared = [("x-ratelimit-scope", "shared"), ("retry-after", "2")];
        slow(429, &shared, r#"{"retry_after":1.5}"#, said(1_500, Scope::Shared, None));
        let global = [("x-ratelimit-global", "true"), ("retry-after", "1")];
        slow(429, &global, "{}", said(1_000, Scope::Global, None));
        slow(429, &[], r#"{"retry_after":0.5,"global":true}"#, said(500, Scope::Global, None));
        slow(429, &user, r#"{"retry_after":3,"code":30046}"#, said(3_000, Scope::User, Some(30046)));
        slow(429, &user, r#"{"retry_after":3,"code":0}"#, said(3_000, Scope::User, None));
        slow(429, &user, "cut in the mid", said(65_000, Scope::User, None));
        slow(429, &[], "<html>error 1015</html>", Some(Slow::Edge { after_ms: None }));
        let html = [("retry-after", "120"), ("content-type", "text/html")];
        slow(429, &html, "<html>error 1015</html>", Some(Slow::Edge { after_ms: Some(120_000) }));
        slow(200, &user, "{}", None);
    }

    #[track_caller]
    fn outcome(status: u16, body: &str, expected: Result<Reply, RestError>) {
        let answer = Answer::new(status, &HeaderMap::new(), body.as_bytes());
        assert_eq!(answer.outcome(Access::Bot), expected, "{status} {body}");
    }

    #[test]
    fn an_answer_is_a_reply_a_refusal_or_an_illness() {
        outcome(204, "", Ok(Reply { status: 204, body: Value::Null }));
        outcome(200, r#"{"id":"1"}"#, Ok(Reply { status: 200, body: json!({"id": "1"}) }));
        outcome(200, "<html>portal</html>", Err(RestError::Ill { status: 200 }));
        outcome(302, "", Err(RestError::Ill { status: 302 }));
        outcome(502, "<html>bad gateway</html>", Err(RestError::Ill { status: 502 }));
        let errors = json!({"name": {"_errors": [{"code": "BASE_TYPE_REQUIRED", "message": "…"}]}});
        let body = json!({"code": 50035, "message": "Invalid Form Body", "errors": errors}).to_string();
        let message = "Invalid Form Body".to_owned();
        outcome(400, &body, Err(RestError::Refused { status: 400, code: 50035, message, errors }));
        let bare = RestError::Refused { status: 413, code: 0, message: String::new(), errors: Value::Null };
        outcome(413, "<html>too large</html>", Err(bare));
    }

    #[test]
    fn a_401_is_about_the_bot_only_where_the_bot_s_token_was_sent() {
        let answer =
            || Answer::new(401, &HeaderMap::new(), br#"{"code":50027,"message":"Invalid Webhook Token"}"#);
        assert_eq!(answer().outcome(Access::Bot), Err(RestError::TokenRevoked));
        let message = "Invalid Webhook Token".to_owned();
        let refused = RestError::Refused { status: 401, code: 50027, message, errors: Value::Null };
        assert_eq!(answer().outcome(Access::Path), Err(refused));
    }

    #[test]
    fn a_403_is_a_missing_permission_or_a_refusal_of_its_own() {
        let forbidden = |code| RestError::Forbidden { code, message: String::new() };
        outcome(403, r#"{"code":50013}"#, Err(forbidden(50_013)));
        outcome(403, r#"{"code":50001}"#, Err(forbidden(50_001)));
        outcome(403, "<html>", Err(forbidden(0)));
        let own =
            RestError::Refused { status: 403, code: 50_005, message: String::new(), errors: Value::Null };
        outcome(403, r#"{"code":50005}"#, Err(own));
    }
}
