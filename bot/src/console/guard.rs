//! What every request must carry, and what every answer carries.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::Console;
use super::auth::{Denied, Visitor};
use super::problem::No;
use super::server::Peer;
use crate::say::Say;

/// An answer takes longer than this only when something is wrong.
const PATIENCE: Duration = Duration::from_secs(14);

/// What the page may load: its own files, and nothing else.
pub(super) const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// On every answer.
const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, PAGE_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Lets a request through when it is meant for us, and may write when it writes.
pub(super) async fn guard(State(console): State<Arc<Console>>, mut request: Request, next: Next) -> Response {
    let say = spoken(&console, request.uri(), request.headers());
    let answer = match admit(&console, &request) {
        Ok(visitor) => {
            request.extensions_mut().insert(visitor);
            request.extensions_mut().insert(say);
            match tokio::time::timeout(PATIENCE, next.run(request)).await {
                Ok(answer) => answer,
                Err(_) => {
                    No::worded(say, StatusCode::GATEWAY_TIMEOUT, "console-too-slow", &[]).into_response()
                }
            }
        }
        Err(denied) if request.uri().path().starts_with("/api/") => No::denied(say, &denied).into_response(),
        Err(denied) => No::denied(say, &denied).plain(),
    };
    headed(answer)
}

fn admit(console: &Console, request: &Request) -> Result<Visitor, Denied> {
    let headers = request.headers();
    console.auth.check_host(headers)?;
    let from = sender(console, request);
    let visitor = console.auth.visitor(headers, from, console.machine_clock.now().wall)?;
    console.auth.check_write(&visitor, request.method(), headers)?;
    Ok(visitor)
}

/// Where a request comes from.
pub(super) fn sender(console: &Console, request: &Request) -> IpAddr {
    let peer =
        request.extensions().get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    console.auth.address_of(request.headers(), peer)
}

/// The voice: by `lang=`, else by the browser's first language that is one of ours, else the service's.
fn spoken(console: &Console, uri: &Uri, headers: &HeaderMap) -> Say {
    let asked = uri.query().and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("lang=")));
    let accepted =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let tags = accepted.split(',').filter_map(|tag| tag.split(';').next());
    let known = asked.into_iter().chain(tags).find_map(|tag| tag.parse().ok());
    Say::new(known.unwrap_or(console.lang), console.zone)
}

/// Adds what is not there yet: a file has its own rule for caching, an exported page its own policy.
fn headed(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
