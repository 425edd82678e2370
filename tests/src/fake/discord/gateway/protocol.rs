//! What the gateway does with what a bot says. developers/events/gateway, checked 2026-08-06.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::world::World;
use super::hub::Frame;
use super::intent;
use super::session::Session;

/// Bytes of a payload of a bot.
const LONGEST: usize = 4_096;
/// In which time [`Numbers::concurrency`](super::super::settings::Numbers) counts.
const IDENTIFY_WINDOW: Duration = Duration::from_secs(5);
/// How many events somebody who resumes hears again in the script that repeats.
const REPEATED: u64 = 5;

/// Works on one payload that came on a connection.
pub(crate) fn heard(world: &mut World, number: u64, text: &str) {
    if world.hub.mood.silent {
        return;
    }
    let now = world.now();
    let numbers = world.settings.gateway;
    let Some(connected) = world.hub.connected(number) else { return };
    if connected.sent.take(now, numbers.sent, numbers.sent_window).is_err() {
        world.blame(format!("more than {} gateway events in {:?}", numbers.sent, numbers.sent_window));
        return close(world, number, 4008, "You are being rate limited.");
    }
    if text.len() > LONGEST {
        world.blame(format!("a gateway payload of {} bytes", text.len()));
        return close(world, number, 4002, "Payload is too large.");
    }
    let Ok(payload) = serde_json::from_str::<Value>(text) else {
        world.blame("a gateway payload that is no JSON");
        return close(world, number, 4002, "Error while decoding payload.");
    };
    match payload["op"].as_u64() {
        Some(1) => heartbeat(world, number, &payload["d"]),
        Some(2) => identify(world, number, payload["d"].clone()),
        Some(6) => resume(world, number, payload["d"].clone()),
        Some(3) if world.hub.session_of(number).is_some() => {}
        Some(3) => close(world, number, 4003, "Not authenticated."),
        other => {
            world.blame(format!("gateway opcode {other:?}, which no bot of ours sends"));
            close(world, number, 4001, "Unknown opcode.");
        }
    }
}

fn close(world: &mut World, number: u64, code: u16, reason: &'static str) {
    // 4003, 4007 and 4009 end the session; so do those that forbid to come back.
    let dead = matches!(code, 4003 | 4004 | 4007 | 4009..=4014);
    let now = world.now();
    world.hub.hang_up(number, Frame::Close(code, reason), dead, now);
}

fn heartbeat(world: &mut World, number: u64, seq: &Value) {
    let now = world.now();
    let newest = world.hub.session_of(number).map(|session| session.seq);
    if let Some(told) = seq.as_u64().filter(|told| newest.is_none_or(|newest| *told > newest)) {
        world.blame(format!("a heartbeat for event {told}, the newest is {newest:?}"));
    }
    let Some(connected) = world.hub.connected(number) else { return };
    connected.record.heartbeats.push(now);
    if !connected.deaf {
        world.hub.say(number, &json!({ "op": 11, "s": null, "t": null, "d": null }));
    }
}

fn identify(world: &mut World, number: u64, told: Value) {
    let now = world.now();
    if world.hub.session_of(number).is_some() {
        world.blame("a second IDENTIFY on one connection");
        return close(world, number, 4005, "Already authenticated.");
    }
    if let Some(connected) = world.hub.connected(number) {
        connected.record.identify = Some(told.clone());
    }
    if let Some((code, reason)) = unwelcome(world, &told) {
        return close(world, number, code, reason);
    }
    if world.hub.remaining == 0 {
        world.blame("an IDENTIFY with nothing left of the day's budget: Discord resets the token");
        return close(world, number, 4004, "Authentication failed.");
    }
    world.hub.remaining -= 1;
    if mute(world, number) {
        return;
    }
    if world.hub.identified.take(now, world.settings.gateway.concurrency as usize, IDENTIFY_WINDOW).is_err() {
        return world.hub.say(number, &json!({ "op": 9, "s": null, "t": null, "d": false }));
    }
    begin(world, number, told["intents"].as_u64().unwrap_or_default());
}

/// Why this IDENTIFY cannot be taken.
fn unwelcome(world: &mut World, told: &Value) -> Option<(u16, &'static str)> {
    if told["token"] != world.bot.token.as_str() {
        return Some((4004, "Authentication failed."));
    }
    if let Some(code) = world.hub.mood.rejects {
        return Some((code, "As the script says."));
    }
    if ["os", "browser", "device"].iter().any(|word| !told["properties"][word].is_string()) {
        world.blame(format!("an IDENTIFY without os, browser and device: {}", told["properties"]));
        return Some((4002, "Error while decoding payload."));
    }
    if !told["shard"].is_null() && told["shard"] != json!([0, 1]) {
        return Some((4010, "Invalid shard."));
    }
    let intents = told["intents"].as_u64();
    if let Some(exact) = world.settings.gateway.intents.filter(|exact| Some(*exact) != intents) {
        world.blame(format!("an IDENTIFY with intents {intents:?}, not {exact}"));
    }
    match intents {
        Some(bits) if bits & !intent::KNOWN != 0 => Some((4013, "Invalid intent(s).")),
        Some(bits) if bits & intent::PRIVILEGED & !world.settings.privileged_intents != 0 => {
            Some((4014, "Disallowed intent(s)."))
        }
        Some(_) => None,
        None => Some((4013, "Invalid intent(s).")),
    }
}

fn mute(world: &mut World, number: u64) -> bool {
    world.hub.connected(number).is_some_and(|connected| connected.mute)
}

fn begin(world: &mut World, number: u64, intents: u64) {
    let id = world.secret();
    world.hub.sessions.insert(id.clone(), Session::new(intents, number));
    if let Some(connected) = world.hub.connected(number) {
        connected.record.session = Some(id.clone());
    }
    let ready = world.ready(&id);
    world.hub.dispatch_to(&id, "READY", ready, &mut world.chance);
    if intents & intent::GUILDS != 0 && world.bot.in_guild {
        let guild = world.guild_create();
        world.hub.dispatch_to(&id, "GUILD_CREATE", guild, &mut world.chance);
    }
}

fn resume(world: &mut World, number: u64, told: Value) {
    if world.hub.session_of(number).is_some() {
        world.blame("a RESUME on a connection that has its session");
        return close(world, number, 4005, "Already authenticated.");
    }
    if let Some(connected) = world.hub.connected(number) {
        connected.record.resume = Some(told.clone());
    }
    if told["token"] != world.bot.token.as_str() {
        return close(world, number, 4004, "Authentication failed.");
    }
    if let Some(code) = world.hub.mood.rejects {
        return close(world, number, code, "As the script says.");
    }
    if mute(world, number) {
        return;
    }
    let (now, lasts) = (world.now(), world.settings.clock.session);
    let id = told["session_id"].as_str().unwrap_or_default().to_owned();
    let Some(session) = world.hub.sessions.get_mut(&id).filter(|session| session.can_resume(now, lasts))
    else {
        return world.hub.say(number, &json!({ "op": 9, "s": null, "t": null, "d": false }));
    };
    let Some(seq) = told["seq"].as_u64().filter(|seq| *seq <= session.seq) else {
        session.dead = true;
        return close(world, number, 4007, "Invalid seq.");
    };
    take_over(world, number, &id, seq);
}

/// Gives the session to this connection and tells it what it missed.
fn take_over(world: &mut World, number: u64, id: &str, seq: u64) {
    let now = world.now();
    let seq = if std::mem::take(&mut world.hub.mood.repeats) { seq.saturating_sub(REPEATED) } else { seq };
    let Some(session) = world.hub.sessions.get_mut(id) else { return };
    let missed = session.after(seq);
    let before = session.connection.filter(|before| *before != number);
    if let Some(before) = before {
        world.hub.hang_up(before, Frame::Drop, false, now);
    }
    if let Some(session) = world.hub.sessions.get_mut(id) {
        (session.connection, session.lost) = (Some(number), None);
    }
    if let Some(connected) = world.hub.connected(number) {
        connected.record.session = Some(id.to_owned());
    }
    for payload in missed {
        world.hub.say(number, &payload);
    }
    world.hub.dispatch_to(id, "RESUMED", json!({}), &mut world.chance);
}
