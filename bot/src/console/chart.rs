//! The share of failed requests over time: live from the detectors, else from what was measured into the record.

use chrono::TimeDelta;
use lifeboat_storage::event::{Milestone, Share, Time};
use lifeboat_storage::id::{IncidentId, ServiceName};
use lifeboat_storage::incident::Incident;
use lifeboat_storage::postmortem;

use super::answers;
use super::view::{Chart, Mark};
use crate::desk::Room;
use crate::detect::Steps;
use crate::say::{self, Say, entry};

/// Steps of the chart of a service, in seconds.
const SERVICE_STEP_S: u32 = 300;
/// What is called now, in seconds: a few steps of the detectors, so that what is over is soon told to be.
const NOW_S: i64 = 30;
/// Of fewer requests no share is told, unless no more came in [`BACK_S`] seconds.
const NOW_REQUESTS: u64 = 10;
/// So far back requests are looked for, in seconds.
const BACK_S: i64 = 300;
/// How far back the detectors' ten-second steps reach.
const LIVE: TimeDelta = TimeDelta::hours(2);

/// Services with a chart, by name.
#[must_use]
pub fn services(room: &Room<'_>) -> Vec<String> {
    let live = room.engine.watching().watch().services().map(ServiceName::as_str);
    let known = room.engine.durable().services.iter().map(ServiceName::as_str);
    let all: std::collections::BTreeSet<&str> = live.chain(known).collect();
    all.into_iter().map(str::to_owned).collect()
}

/// Failed and all requests of all services now; none where nothing was counted.
#[must_use]
pub fn lately(room: &Room<'_>) -> Option<Share> {
    let watch = room.engine.watching().watch();
    let charts = watch.services().filter_map(|service| watch.shares(service.as_str()));
    let sum = charts.map(|chart| now_of(&chart.tens, room.now.wall)).fold(Share::default(), plus);
    (sum.total > 0).then_some(sum)
}

/// The newest requests of a service.
fn now_of(tens: &Steps, now: Time) -> Share {
    let mut sum = Share::default();
    for (at, share) in steps(tens).collect::<Vec<_>>().into_iter().rev() {
        let age = now.timestamp() - at;
        if age >= BACK_S || (age > NOW_S && sum.total >= NOW_REQUESTS) {
            break;
        }
        sum = plus(sum, share);
    }
    sum
}

/// The last 24 hours of a service.
#[must_use]
pub fn of_service(room: &Room<'_>, say: Say, service: &str) -> Option<Chart> {
    let live = room.engine.watching().watch().shares(service)?;
    Some(live_chart(room, say, service, &live.minutes, SERVICE_STEP_S, Vec::new()))
}

/// An incident: live while the detectors still know its beginning, else as it was measured.
#[must_use]
pub fn of_incident(room: &Room<'_>, say: Say, id: IncidentId) -> Option<Chart> {
    let known = room.engine.durable().incidents.get(&id)?;
    let marks = marks(room, say, known);
    let Some(service) = known.service.as_ref().map(ServiceName::as_str) else {
        return Some(empty(room, say, known, marks));
    };
    let began = known.at(Milestone::Started).or_else(|| known.at(Milestone::Declared))?;
    let live = room.engine.watching().watch().shares(service).filter(|live| !live.tens.counts.is_empty());
    match live {
        Some(live) if known.is_open() && room.now.wall - began < LIVE => {
            Some(live_chart(room, say, service, &live.tens, live.tens.step_s, marks))
        }
        _ => Some(measured(room, say, known, marks)),
    }
}

/// The newest steps of a service: of ten seconds while an incident of it is open, else as its own chart has them.
/// They cover at least `covers_s` seconds, so that nothing is missed between two of them.
#[must_use]
pub fn newest(room: &Room<'_>, say: Say, service: &str, covers_s: u32) -> Option<Chart> {
    let live = room.engine.watching().watch().shares(service)?;
    let busy = room
        .engine
        .durable()
        .open_incidents()
        .any(|incident| incident.service.as_ref().is_some_and(|name| name.as_str() == service));
    let mut chart = if busy {
        live_chart(room, say, service, &live.tens, live.tens.step_s, Vec::new())
    } else {
        live_chart(room, say, service, &live.minutes, SERVICE_STEP_S, Vec::new())
    };
    let steps = usize::try_from(covers_s.div_ceil(chart.step_s)).unwrap_or(0).max(3);
    let old = chart.counts.len().saturating_sub(steps);
    let from =
        Time::from_timestamp_millis(parse_ms(&chart.from) + i64::from(chart.step_s) * 1_000 * old as i64);
    chart.counts.drain(..old);
    chart.from = say::time::utc(from?);
    Some(chart)
}

fn parse_ms(text: &str) -> i64 {
    chrono::DateTime::parse_from_rfc3339(text).map_or(0, |at| at.timestamp_millis())
}

fn live_chart(room: &Room<'_>, say: Say, service: &str, raw: &Steps, step_s: u32, marks: Vec<Mark>) -> Chart {
    let step = i64::from(step_s);
    let first = (raw.from / 1_000).div_euclid(step) * step;
    let mut counts: Vec<Share> = Vec::new();
    for (at, share) in steps(raw) {
        let place = usize::try_from((at - first) / step).unwrap_or(0);
        counts.resize(counts.len().max(place + 1), Share::default());
        if let Some(sum) = counts.get_mut(place) {
            *sum = plus(*sum, share);
        }
    }
    let known = |share: Share| (share.total > 0).then_some([share.bad, share.total]);
    let tens = room.engine.watching().watch().shares(service).map(|chart| chart.tens);
    let now = tens.and_then(|tens| known(now_of(&tens, room.now.wall)));
    let usual = usual(&counts, room.engine.setup().limits.watched_shares[0]);
    let limits = &room.engine.setup().limits;
    Chart {
        service: say.name(service),
        from: Time::from_timestamp(first, 0).map(say::time::utc).unwrap_or_default(),
        step_s,
        counts: counts.into_iter().map(known).collect(),
        now,
        limit: limits.watched_shares[0],
        usual,
        marks,
        zone_offset_min: say::time::zone_offset_min(say, room.now.wall),
    }
}

/// The share of all steps that stayed under the limit.
fn usual(counts: &[Share], limit: f64) -> f64 {
    let quiet = counts.iter().filter(|share| share.ratio() < limit);
    quiet.fold(Share::default(), |sum, share| plus(sum, *share)).ratio()
}

/// From the events that measured it.
fn measured(room: &Room<'_>, say: Say, known: &Incident, marks: Vec<Mark>) -> Chart {
    let events = answers::events_of(room, known);
    let document = postmortem::assemble(known, events.iter().map(|event| &**event), room.engine.durable());
    let Some(chart) = document.chart else { return empty(room, say, known, marks) };
    let limits = &room.engine.setup().limits;
    let known: Vec<Share> = chart.points.iter().flatten().copied().collect();
    Chart {
        service: say.name(chart.service.as_str()),
        from: say::time::utc(chart.from),
        step_s: chart.step_s,
        counts: chart.points.iter().map(|point| point.map(|share| [share.bad, share.total])).collect(),
        now: None,
        limit: limits.watched_shares[0],
        usual: usual(&known, limits.watched_shares[0]),
        marks,
        zone_offset_min: say::time::zone_offset_min(say, chart.from),
    }
}

/// Nothing was counted: one step of which nothing is known.
fn empty(room: &Room<'_>, say: Say, known: &Incident, marks: Vec<Mark>) -> Chart {
    let limits = &room.engine.setup().limits;
    let service = known.service.as_ref().map(|name| say.name(name.as_str()));
    Chart {
        service: service.unwrap_or_default(),
        from: say::time::utc(known.at(Milestone::Declared).unwrap_or(room.now.wall)),
        step_s: 60,
        counts: vec![None],
        now: None,
        limit: limits.watched_shares[0],
        usual: limits.base_floor,
        marks,
        zone_offset_min: say::time::zone_offset_min(say, room.now.wall),
    }
}

fn marks(room: &Room<'_>, say: Say, known: &Incident) -> Vec<Mark> {
    let events = answers::events_of(room, known);
    let letters = answers::letters(room, known, &events);
    answers::scene(room, say, |scene| {
        let text = |seq| room.event(seq).map(|event| entry::text(scene, &event)).unwrap_or_default();
        let mark = |(letter, at, seq): &answers::Letter| Mark {
            letter: letter.to_string(),
            at: say::time::utc(*at),
            text: text(*seq),
            seq: seq.0,
        };
        letters.iter().map(mark).collect()
    })
}

fn plus(one: Share, other: Share) -> Share {
    Share { bad: one.bad + other.bad, total: one.total + other.total }
}

/// Each step with the second it begins.
fn steps(raw: &Steps) -> impl Iterator<Item = (i64, Share)> {
    let (from, step) = (raw.from / 1_000, i64::from(raw.step_s));
    (0_i64..).zip(&raw.counts).map(move |(place, share)| (from + place * step, *share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn now_is_the_newest_half_minute_or_as_much_more_as_ten_requests_take() {
        let share = |bad, total| Share { bad, total };
        let now = Time::from_timestamp(1_000, 0).unwrap_or_default();
        let ended = [vec![share(200, 200); 24], vec![share(0, 200); 3]].concat();
        for (name, counts, expected) in [
            ("an outage ended half a minute ago", ended, share(0, 600)),
            ("seldom", vec![share(1, 6), share(0, 2), share(0, 0), share(1, 1), share(0, 2)], share(2, 11)),
            ("long ago", [vec![share(9, 9)], vec![share(0, 0); 30]].concat(), share(0, 0)),
            ("nothing", vec![], share(0, 0)),
        ] {
            let from = (1_000 - 10 * counts.len() as i64) * 1_000;
            assert_eq!(now_of(&Steps { from, step_s: 10, counts }, now), expected, "{name}");
        }
    }
}
