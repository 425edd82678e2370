//! Answers that say no: one [`Problem`], worded, with the right status.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::auth::Denied;
use super::view::Problem;
use crate::say::{Arg, Say, limits};

/// An answer that is not 2xx.
#[derive(Debug)]
pub(super) struct No {
    status: StatusCode,
    text: String,
    retry_s: Option<u64>,
}

impl No {
    pub(super) fn new(status: StatusCode, text: String) -> Self {
        Self { status, text, retry_s: None }
    }

    pub(super) fn worded(say: Say, status: StatusCode, key: &str, args: &[Arg<'_>]) -> Self {
        Self::new(status, say.text(key, args))
    }

    /// The engine is gone.
    pub(super) fn stopping(say: Say) -> Self {
        Self::worded(say, StatusCode::SERVICE_UNAVAILABLE, "console-stopping", &[])
    }

    /// Nothing is known by that name.
    pub(super) fn missing(say: Say, key: &str, name: &'static str, value: &str) -> Self {
        Self::worded(say, StatusCode::NOT_FOUND, key, &[(name, say.name(value).into())])
    }

    /// It cannot be read; `why` is shown as text.
    pub(super) fn unreadable(say: Say, why: &str) -> Self {
        let why = say.outside(why, limits::LINE);
        Self::worded(say, StatusCode::BAD_REQUEST, "console-bad-request", &[("why", why.into())])
    }

    pub(super) fn denied(say: Say, denied: &Denied) -> Self {
        let plain = |status, key: &str| Self::worded(say, status, key, &[]);
        let places =
            |status, key: &str, places: &str| Self::worded(say, status, key, &[("places", places.into())]);
        match denied {
            Denied::WrongHost(here) => places(StatusCode::MISDIRECTED_REQUEST, "console-wrong-host", here),
            Denied::WrongToken => plain(StatusCode::UNAUTHORIZED, "console-wrong-token"),
            Denied::NoToken => plain(StatusCode::FORBIDDEN, "console-no-token"),
            Denied::WrongLink => plain(StatusCode::FORBIDDEN, "console-wrong-link"),
            Denied::NotSignedIn => plain(StatusCode::FORBIDDEN, "console-not-signed-in"),
            Denied::WrongOrigin(here) => places(StatusCode::FORBIDDEN, "console-wrong-origin", here),
            Denied::NoHeader => plain(StatusCode::FORBIDDEN, "console-no-header"),
            Denied::NotJson => plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, "console-not-json"),
            Denied::TooMany(wait) => {
                let seconds = wait.as_secs() + 1;
                let text = say.text("console-too-many", &[("seconds", seconds.into())]);
                Self { status: StatusCode::TOO_MANY_REQUESTS, text, retry_s: Some(seconds) }
            }
        }
    }

    /// For people who look at it in a browser, without the page.
    pub(super) fn plain(self) -> Response {
        let text = format!("{}\n", self.text);
        self.headed((StatusCode::OK, text).into_response())
    }

    fn headed(self, mut response: Response) -> Response {
        *response.status_mut() = self.status;
        if let Some(seconds) = self.retry_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl IntoResponse for No {
    fn into_response(self) -> Response {
        let body = Json(Problem { text: self.text.clone() }).into_response();
        self.headed(body)
    }
}
