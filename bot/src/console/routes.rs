//! Which request gets which answer. `view.rs` has the table.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router, middleware};
use lifeboat_commands::people::Permission;
use lifeboat_storage::id::{ChannelName, IncidentId, Seq};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::auth::{LoginError, Visitor};
use super::export::Wanted;
use super::problem::No;
use super::stream::{self, Hub};
use super::view::{CommandReply, CommandRequest, Me};
use super::{Console, answers, assets, auth, chart, completion, export, guard};
use crate::desk::Room;
use crate::engine::effect::Answer;
use crate::engine::input::{Input, Speaker};
use crate::say::{Lang, Say, catalogue, reply, word};

/// Longest body of a request, in bytes.
const LONGEST_BODY: usize = 64 * 1024;
/// Messages of a page where the request does not say how many.
const MESSAGES: usize = 50;
/// The engine answers in less, or something is wrong with it.
const HEALTHY: Duration = Duration::from_secs(2);

type Asked = Query<BTreeMap<String, String>>;
type App = State<Arc<Console>>;
type Body = Result<Bytes, BytesRejection>;

/// All routes.
pub(super) fn router(console: Arc<Console>, hub: Hub) -> Router {
    Router::new()
        .route("/login", get(login))
        .route("/healthz", get(healthz))
        .route("/export/{name}", get(exported))
        .route("/api/i18n/{lang}", get(texts))
        .route("/api/start", get(start))
        .route("/api/messages", get(messages))
        .route("/api/incidents/{number}", get(incident))
        .route("/api/chart", get(charted))
        .route("/api/complete", get(complete))
        .route("/api/stream", get(follow))
        .route("/api/command", post(command))
        .route("/api/say", post(said))
        .route("/api/pin", post(pin))
        .fallback(page)
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(Extension(hub))
        .layer(middleware::from_fn_with_state(Arc::clone(&console), guard::guard))
        .with_state(console)
}

async fn page(uri: Uri, method: Method, Extension(say): Extension<Say>, headers: HeaderMap) -> Response {
    let readable = matches!(method, Method::GET | Method::HEAD);
    let file = if readable { assets::serve(uri.path(), &headers) } else { None };
    file.unwrap_or_else(|| No::worded(say, StatusCode::NOT_FOUND, "console-not-found", &[]).into_response())
}

/// Spends a token. A look at the link without following it (`HEAD`) spends nothing.
///
/// There is no form to paste a token into: sent by `GET` it would stand in the address as it does in the link, and
/// one sent by `POST` would be a second way in to guard.
async fn login(
    State(console): App,
    Extension(say): Extension<Say>,
    Query(asked): Asked,
    request: Request,
) -> Response {
    if *request.method() == Method::HEAD {
        return StatusCode::NO_CONTENT.into_response();
    }
    let token = asked.get("token").cloned().unwrap_or_default();
    let (from, now) = (guard::sender(&console, &request), console.machine_clock.now().wall);
    let auth = Arc::clone(&console.auth);
    let cookie = tokio::task::spawn_blocking(move || auth.login(&token, from, now)).await;
    match cookie {
        Ok(Ok(cookie)) => match HeaderValue::from_str(&cookie) {
            Ok(cookie) => ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response(),
            Err(_) => No::stopping(say).plain(),
        },
        Ok(Err(LoginError::Denied(denied))) => No::denied(say, &denied).plain(),
        Ok(Err(LoginError::Session(error))) => {
            tracing::error!(%error, "a session could not be stored");
            let why = say.outside(&error.to_string(), crate::say::limits::LINE);
            No::worded(say, StatusCode::INTERNAL_SERVER_ERROR, "console-not-stored", &[("why", why.into())])
                .plain()
        }
        Err(_) => No::stopping(say).plain(),
    }
}

/// Whether the engine answers and records; no more without a name.
async fn healthz(State(console): App) -> Response {
    let recording = console.desk.look(|room: &Room<'_>| room.engine.degraded().is_none());
    let (status, text) = match tokio::time::timeout(HEALTHY, recording).await {
        Ok(Ok(true)) => (StatusCode::OK, "ok\n"),
        Ok(Ok(false)) => (StatusCode::OK, "ok, not recording\n"),
        Ok(Err(_)) => (StatusCode::SERVICE_UNAVAILABLE, "stopping\n"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "no answer\n"),
    };
    (status, text).into_response()
}

async fn texts(Path(lang): Path<String>, Extension(say): Extension<Say>) -> Response {
    let lang: Lang = lang.parse().unwrap_or(say.lang());
    Json(catalogue::family(lang, "ui-")).into_response()
}

/// Asks the engine; an answer that is none becomes a problem.
async fn look<T: Send + 'static>(
    console: &Console,
    say: Say,
    question: impl FnOnce(&Room<'_>) -> T + Send + 'static,
) -> Result<T, No> {
    console.desk.look(question).await.map_err(|_| No::stopping(say))
}

async fn start(
    State(console): App,
    Extension(say): Extension<Say>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, No> {
    let reader = answers::Reader {
        me: me(&console, say, &visitor),
        lang: console.lang.to_string(),
        speed: console.clock.speed(),
    };
    let start = look(&console, say, move |room| answers::start(room, say, reader)).await?;
    Ok(Json(start).into_response())
}

fn me(console: &Console, say: Say, visitor: &Visitor) -> Me {
    let person = visitor.account.as_ref().and_then(|account| auth::person(&console.people, account));
    let Some(person) = person else {
        return Me { person: None, may: say.word("console-may-read"), plays: Vec::new() };
    };
    let all = [
        Permission::Reader,
        Permission::Responder,
        Permission::Operator,
        Permission::Approver,
        Permission::Commander,
        Permission::Admin,
    ];
    let may: Vec<String> =
        all.into_iter().filter(|one| person.may(*one)).map(|one| word::permission(say, one)).collect();
    let plays = console.parts(Some(&person.name));
    Me { person: Some(person.name.as_str().to_owned()), may: word::listed(say, &may), plays }
}

async fn messages(
    State(console): App,
    Extension(say): Extension<Say>,
    Query(asked): Asked,
) -> Result<Response, No> {
    let name = asked.get("channel").cloned().unwrap_or_default();
    let channel = ChannelName::new(name.clone());
    let before = Seq(number(say, &asked, "before")?.unwrap_or(u64::MAX));
    let limit =
        number(say, &asked, "limit")?.map_or(MESSAGES, |limit| usize::try_from(limit).unwrap_or(MESSAGES));
    let found =
        look(&console, say, move |room| answers::messages(room, say, &channel, before, limit)).await?;
    found
        .map(|found| Json(found).into_response())
        .ok_or_else(|| No::missing(say, "console-no-channel", "channel", &name))
}

/// A number of the query; none where it is not given.
fn number(say: Say, asked: &BTreeMap<String, String>, name: &str) -> Result<Option<u64>, No> {
    asked
        .get(name)
        .map(|text| text.parse().map_err(|_| No::unreadable(say, &format!("{name}={text}"))))
        .transpose()
}

async fn incident(
    State(console): App,
    Extension(say): Extension<Say>,
    Path(typed): Path<String>,
) -> Result<Response, No> {
    let missing = || No::missing(say, "console-no-incident", "incident", &typed);
    let id: IncidentId = typed.parse().map_err(|_| missing())?;
    let page = look(&console, say, move |room| answers::incident_page(room, say, id)).await?;
    page.map(|page| Json(page).into_response()).ok_or_else(missing)
}

async fn charted(
    State(console): App,
    Extension(say): Extension<Say>,
    Query(asked): Asked,
) -> Result<Response, No> {
    if let Some(typed) = asked.get("incident") {
        let missing = || No::missing(say, "console-no-incident", "incident", typed);
        let id: IncidentId = typed.parse().map_err(|_| missing())?;
        let chart = look(&console, say, move |room| {
            room.engine.durable().incidents.contains_key(&id).then(|| chart::of_incident(room, say, id))
        });
        let nothing_counted = || StatusCode::NO_CONTENT.into_response();
        let chart = chart.await?.ok_or_else(missing)?;
        return Ok(chart.map_or_else(nothing_counted, |chart| Json(chart).into_response()));
    }
    let service = asked.get("service").cloned().unwrap_or_default();
    let name = service.clone();
    let chart = look(&console, say, move |room| chart::of_service(room, say, &name)).await?;
    chart
        .map(|chart| Json(chart).into_response())
        .ok_or_else(|| No::missing(say, "console-no-service", "service", &service))
}

async fn complete(
    State(console): App,
    Extension(say): Extension<Say>,
    Extension(visitor): Extension<Visitor>,
    Query(asked): Asked,
) -> Result<Response, No> {
    let line = asked.get("line").cloned().unwrap_or_default();
    let channel =
        asked.get("channel").filter(|name| !name.is_empty()).map(|name| ChannelName::new(name.as_str()));
    let part = asked.get("as").map(String::as_str).unwrap_or_default();
    let (speaker, rest) = console.spoken(speaker(&console, &visitor), part, &line);
    let (address, rest) = (line[..line.len() - rest.len()].to_owned(), rest.to_owned());
    let mut found =
        look(&console, say, move |room| completion::complete(room, say, &rest, channel, speaker)).await?;
    // What is chosen keeps the name in front.
    found.options.iter_mut().for_each(|choice| choice.line.insert_str(0, &address));
    Ok(Json(found).into_response())
}

fn speaker(console: &Console, visitor: &Visitor) -> Speaker {
    let reader = || crate::desk::speaker(None, "", lifeboat_storage::event::Origin::Console);
    visitor.account.as_ref().map_or_else(reader, |account| console.speaker(account))
}

async fn follow(
    State(console): App,
    Extension(hub): Extension<Hub>,
    Extension(say): Extension<Say>,
    Query(asked): Asked,
    headers: HeaderMap,
) -> Result<Response, No> {
    let since = number(say, &asked, "since")?;
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse().ok());
    Ok(stream::open(&hub, console, say, since.max(last).map(Seq)))
}

/// The body of a writing request.
fn read<T: DeserializeOwned>(say: Say, body: Body) -> Result<T, No> {
    let bytes = body.map_err(|_| No::worded(say, StatusCode::PAYLOAD_TOO_LARGE, "console-too-large", &[]))?;
    serde_json::from_slice(&bytes).map_err(|error| No::unreadable(say, &error.to_string()))
}

fn spoken(console: &Console, say: Say, lang: &str) -> Say {
    if lang.is_empty() { say } else { console.say(lang) }
}

async fn command(
    State(console): App,
    Extension(say): Extension<Say>,
    Extension(visitor): Extension<Visitor>,
    body: Body,
) -> Result<Response, No> {
    let asked: CommandRequest = read(say, body)?;
    let say = spoken(&console, say, &asked.lang);
    let channel = (!asked.channel.is_empty()).then(|| ChannelName::new(asked.channel));
    let (speaker, line) = console.spoken(speaker(&console, &visitor), &asked.part, &asked.line);
    let answer = console.desk.command(line.to_owned(), channel, speaker).await;
    replied(&console, say, answer.map_err(|_| No::stopping(say))?).await
}

/// Plain words for a channel.
#[derive(Deserialize)]
struct Said {
    channel: String,
    text: String,
    #[serde(default)]
    lang: String,
    #[serde(default, rename = "as")]
    part: String,
}

async fn said(
    State(console): App,
    Extension(say): Extension<Say>,
    Extension(visitor): Extension<Visitor>,
    body: Body,
) -> Result<Response, No> {
    let asked: Said = read(say, body)?;
    let say = spoken(&console, say, &asked.lang);
    let (speaker, text) = console.spoken(speaker(&console, &visitor), &asked.part, &asked.text);
    let (channel, text) = (ChannelName::new(asked.channel), text.to_owned());
    // `@mei /plan approve` is a command, whoever it was taken for.
    let is_command = text.starts_with('/') && asked.text.trim_start().starts_with('@');
    let answer = if is_command {
        console.desk.command(text, Some(channel), speaker).await
    } else {
        console.desk.say(text, channel, speaker).await
    };
    replied(&console, say, answer.map_err(|_| No::stopping(say))?).await
}

/// A message for the timeline.
#[derive(Deserialize)]
struct Pin {
    channel: String,
    seq: u64,
    #[serde(default)]
    lang: String,
}

async fn pin(
    State(console): App,
    Extension(say): Extension<Say>,
    Extension(visitor): Extension<Visitor>,
    body: Body,
) -> Result<Response, No> {
    let asked: Pin = read(say, body)?;
    let say = spoken(&console, say, &asked.lang);
    let (line, channel) = (format!("/incident pin message:{}", asked.seq), ChannelName::new(asked.channel));
    let answer = console.desk.command(line, Some(channel), speaker(&console, &visitor)).await;
    replied(&console, say, answer.map_err(|_| No::stopping(say))?).await
}

/// Words an answer; what was not recorded was not done, and is no 200.
async fn replied(console: &Console, say: Say, answer: Answer) -> Result<Response, No> {
    let failed = answer.is_not_recorded();
    let reply = look(console, say, move |room| worded(room, say, &answer)).await?;
    if failed {
        Err(No::new(StatusCode::SERVICE_UNAVAILABLE, reply.text))
    } else {
        Ok(Json(reply).into_response())
    }
}

/// The private answer to a command.
pub(super) fn worded(room: &Room<'_>, say: Say, answer: &Answer) -> CommandReply {
    answers::scene(room, say, |scene| reply::answer(scene, answer))
}

async fn exported(
    State(console): App,
    Extension(say): Extension<Say>,
    Extension(visitor): Extension<Visitor>,
    Path(name): Path<String>,
    method: Method,
) -> Result<Response, No> {
    let missing = || No::worded(say, StatusCode::NOT_FOUND, "console-not-found", &[]);
    let wanted = Wanted::read(&name).ok_or_else(missing)?;
    let written = look(&console, say, move |room| export::export(room, wanted, say.lang()))
        .await?
        .ok_or_else(missing)?;
    if visitor.account.is_some() && method == Method::GET {
        let actor = speaker(&console, &visitor).actor;
        let (format, lang) = (wanted.format.key().to_owned(), say.lang().to_string());
        let told = Input::Exported { incident: wanted.incident, format, lang, actor };
        console.desk.tell(told).await.map_err(|_| No::stopping(say))?;
    }
    let mut response = written.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(wanted.format.media_type()));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(export::POLICY));
    if let Ok(value) = HeaderValue::from_str(&format!("inline; filename=\"{}\"", wanted.file_name())) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}
