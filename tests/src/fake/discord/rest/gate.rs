//! Before and after the work: who asks, how often, and what goes wrong on the way.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::answer::{Answer, Content, Delivery};
use super::super::call::{self, Call, header};
use super::super::fault::{Fault, Outage};
use super::super::garnish::garnish;
use super::super::limit::{Gate, Standing};
use super::super::received::Received;
use super::super::refusal::Refusal;
use super::super::schema;
use super::super::snowflake::Snowflake;
use super::super::spec::{Operation, PREFIX, Route, Spec};
use super::super::world::World;
use super::{Incoming, work};

/// Answers a request, or decides how it is not answered, and notes both down.
pub(crate) fn answer(world: &mut World, request: &Incoming) -> Answer {
    let mut note = Received {
        at: world.now(),
        method: request.method.clone(),
        path: request.path.strip_prefix(PREFIX).unwrap_or(&request.path).to_owned(),
        query: request.query.clone(),
        operation: String::new(),
        body: serde_json::from_slice(&request.body).unwrap_or(Value::Null),
        reason: header(&request.headers, "x-audit-log-reason").map(|reason| call::decoded(&reason)),
        status: 0,
        code: 0,
    };
    let answer = if_up(world, request, &mut note);
    (note.status, note.code) = (answer.status, answer.code());
    count_invalid(world, &answer);
    world.received.push(note);
    let date = world.time.wall(world.now()).format("%a, %d %b %Y %H:%M:%S GMT");
    answer.with("date", date)
}

fn if_up(world: &mut World, request: &Incoming, note: &mut Received) -> Answer {
    match world.faults.outage {
        Some(Outage::Unavailable) => return Answer::page(503),
        Some(Outage::Refused) => return Answer::lost(Delivery::Reset),
        Some(Outage::Silent) => return Answer::lost(Delivery::Never),
        None => {}
    }
    let (now, window) = (world.now(), world.settings.clock.invalid_window);
    if world.buckets.invalid.count(now, window) > world.settings.limits.invalid {
        return Answer::page(429);
    }
    if let Some(file) = file(world, &request.path) {
        return file;
    }
    match found(world, request, note) {
        Ok((operation, call)) => limited(world, request, operation, call),
        Err(refusal) => refused(world, request, &refusal),
    }
}

/// An attachment, as the content server gives it to anybody.
fn file(world: &World, path: &str) -> Option<Answer> {
    let mut steps = path.strip_prefix("/attachments/")?.split('/').skip(1);
    let id: Snowflake = steps.next()?.parse().ok()?;
    let mut files = world.messages.values().flat_map(|message| &message.attachments);
    let found = files.find(|file| file.id == id);
    Some(match found {
        Some(file) => Answer::of(200, Content::File(file.content_type.clone(), file.bytes.clone())),
        None => Answer::page(404),
    })
}

/// The operation, if the path, the address and the token are right.
fn found(
    world: &World,
    request: &Incoming,
    note: &mut Received,
) -> Result<(&'static Operation, Call), Refusal> {
    let path = request.path.strip_prefix(PREFIX);
    let path = path.ok_or_else(|| Refusal::not_found().blamed(format!("a path without {PREFIX}")))?;
    let (operation, slots) = match Spec::get().route(&request.method, path) {
        Route::Found(operation, slots) => (operation, slots),
        Route::OtherMethod => return Err(Refusal::wrong_method().blamed("a method this path does not have")),
        Route::Unknown => return Err(Refusal::not_found().blamed("a path Discord does not have")),
    };
    note.operation.clone_from(&operation.id);
    if !honest(&header(&request.headers, "user-agent").unwrap_or_default()) {
        return Err(
            Refusal::new(403, 0, "403: Forbidden").blamed("no `DiscordBot (url, version)` as User-Agent")
        );
    }
    match header(&request.headers, "authorization") {
        None if operation.anonymous => {}
        Some(shown) if shown == format!("Bot {}", world.bot.token) => {}
        _ => return Err(Refusal::unauthorized()),
    }
    Ok((
        operation,
        Call {
            operation,
            slots,
            query: call::query(&request.query),
            body: Value::Null,
            files: Vec::new(),
            reason: note.reason.clone(),
        },
    ))
}

/// `DiscordBot (url, version)`, with anything behind it.
fn honest(agent: &str) -> bool {
    let inside = agent.strip_prefix("DiscordBot (").and_then(|rest| rest.split_once(')'));
    inside.and_then(|(inside, _)| inside.split_once(',')).is_some_and(|(url, version)| {
        (url.starts_with("https://") || url.starts_with("http://")) && !version.trim().is_empty()
    })
}

fn limited(world: &mut World, request: &Incoming, operation: &'static Operation, call: Call) -> Answer {
    let (id, top, now) = (operation.id.as_str(), call.top(), world.now());
    // What has its token in the path counts like a webhook, outside the fifty a second.
    let exempt = operation.anonymous;
    if let Some(early) = world.buckets.impatience(id, &top, exempt, world.settings.grace, now) {
        world.blame(format!(
            "{} {}: {early:?} before it was told to come again",
            request.method, request.path
        ));
    }
    let standing = match world.buckets.enter(id, &top, exempt, now) {
        Gate::Open(standing) => standing,
        Gate::Wait(standing) => {
            let wait = standing.resets_after;
            return headed(world, too_many(wait, "user", None), &standing);
        }
        Gate::WaitAll(wait) => return too_many(wait, "global", None).with("x-ratelimit-global", "true"),
    };
    let fault = world.faults.take(id);
    if let Some(fault) = fault.as_ref().filter(|fault| !fault.is_after()) {
        return before(world, fault, id, &top, &standing);
    }
    let answer = match work(world, call, request) {
        Ok(answer) => proven(world, operation, answer),
        Err(refusal) => {
            again(world, request, id, &top, &refusal);
            refused(world, request, &refusal)
        }
    };
    after(garnished(world, headed(world, answer, &standing)), fault)
}

/// Who was refused for a limit without a header and comes again before its time is noticed.
fn again(world: &mut World, request: &Incoming, id: &str, top: &str, refusal: &Refusal) {
    let Some(wait) = refusal.retry_after else { return };
    let (now, grace) = (world.now(), world.settings.grace);
    if let Some(early) = world.buckets.hidden(&format!("{id} {}", refusal.code), top, wait, grace, now) {
        world.blame(format!(
            "{} {}: {early:?} before it was told to come again",
            request.method, request.path
        ));
    }
}

/// The double's own answers are held against the document too.
fn proven(world: &mut World, operation: &Operation, answer: Answer) -> Answer {
    if let (Content::Json(body), Some(schema)) =
        (&answer.body, operation.answers.get(&answer.status.to_string()))
    {
        for problem in schema::check(body, schema) {
            world.blame(format!("the double itself answers {} wrongly: {}", operation.id, problem.told()));
        }
    }
    answer
}

/// A fault in place of the work.
fn before(world: &mut World, fault: &Fault, id: &str, top: &str, standing: &Standing) -> Answer {
    let now = world.now();
    let mut told = |wait: Duration| world.buckets.tell(id, top, wait, now);
    match *fault {
        Fault::Limited(wait) => {
            told(wait);
            let empty = Standing { remaining: 0, resets: now + wait, resets_after: wait, ..standing.clone() };
            headed(world, too_many(wait, "user", None), &empty)
        }
        Fault::LimitedShared(wait) => {
            told(wait);
            headed(world, too_many(wait, "shared", None), standing)
        }
        Fault::LimitedWithCode(code, wait) => {
            told(wait);
            headed(world, too_many(wait, "user", Some(code)), standing)
        }
        Fault::LimitedWithFourLeft(wait) => {
            told(wait);
            headed(world, too_many(wait, "user", None), &Standing { remaining: 4, ..standing.clone() })
        }
        Fault::LimitedWithoutCode(wait) => {
            told(wait);
            let body = json!({ "message": "You are being rate limited.", "retry_after": wait.as_secs_f64(),
                "global": false });
            let answer = too_many(wait, "user", None);
            headed(world, Answer { body: Content::Json(body), ..answer }, standing)
        }
        Fault::LimitedGlobal(wait) => {
            world.buckets.tell_all(wait, now);
            too_many(wait, "global", None).with("x-ratelimit-global", "true")
        }
        Fault::Cloudflare => Answer::page(429),
        Fault::Page(status) => Answer::page(status),
        Fault::Broken => {
            Answer::of(500, Content::Json(json!({ "message": "500: Internal Server Error", "code": 0 })))
        }
        Fault::Refused(status, code, message) => {
            let body = garnish_of(world, Refusal::new(status, code, message).body());
            headed(world, Answer::of(status, Content::Json(body)), standing)
        }
        Fault::ResetBefore => Answer::lost(Delivery::Reset),
        Fault::Slow(_) | Fault::CutBody | Fault::ResetAfter => Answer::page(500),
    }
}

/// A fault on the way back.
fn after(answer: Answer, fault: Option<Fault>) -> Answer {
    let delivery = match fault {
        Some(Fault::Slow(wait)) => Delivery::Late(wait),
        Some(Fault::CutBody) => Delivery::Cut,
        Some(Fault::ResetAfter) => Delivery::Reset,
        _ => return answer,
    };
    Answer { delivery, ..answer }
}

fn too_many(wait: Duration, scope: &str, code: Option<u32>) -> Answer {
    let body = json!({
        "message": "You are being rate limited.", "retry_after": wait.as_secs_f64(), "global": scope == "global",
        "code": code.unwrap_or_default(),
    });
    Answer::of(429, Content::Json(body))
        .with("retry-after", wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
        .with("x-ratelimit-scope", scope)
}

fn refused(world: &mut World, request: &Incoming, refusal: &Refusal) -> Answer {
    if let Some(why) = &refusal.violation {
        world.blame(format!("{} {}: {why}", request.method, request.path));
    }
    let answer = Answer::of(refusal.status, Content::Json(refusal.body()));
    match refusal.retry_after {
        Some(wait) => answer
            .with("retry-after", wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
            .with("x-ratelimit-scope", "user"),
        None => answer,
    }
}

/// The headers every answer of Discord itself has.
fn headed(world: &World, answer: Answer, standing: &Standing) -> Answer {
    let resets = world.time.wall(standing.resets).timestamp_millis();
    answer
        .with("x-ratelimit-limit", standing.limit)
        .with("x-ratelimit-remaining", standing.remaining)
        .with("x-ratelimit-reset", format!("{}.{:03}", resets / 1000, resets % 1000))
        .with("x-ratelimit-reset-after", format!("{:.3}", standing.resets_after.as_secs_f64()))
        .with("x-ratelimit-bucket", &standing.bucket)
}

fn garnished(world: &mut World, mut answer: Answer) -> Answer {
    if let Content::Json(body) = answer.body {
        answer.body = Content::Json(garnish_of(world, body));
    }
    answer
}

fn garnish_of(world: &mut World, mut body: Value) -> Value {
    garnish(&mut body, &mut world.chance);
    body
}

/// 401, 403 and 429 count towards the ban, those for shared things excepted.
fn count_invalid(world: &mut World, answer: &Answer) {
    let shared = answer.headers.iter().any(|(name, value)| *name == "x-ratelimit-scope" && value == "shared");
    if matches!(answer.status, 401 | 403 | 429) && !shared {
        let now = world.now();
        world.buckets.invalid.note(now);
    }
}
