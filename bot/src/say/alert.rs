//! What an alert tells, the evidence it rests on, and what that evidence points at: never a guessed cause.

use std::collections::BTreeMap;

use lifeboat_storage::event::{AlertEvidence, AlertKind, Counted, ProbeFailure, Share, Usual};
use lifeboat_storage::id::{AlertKey, ServiceName};
use lifeboat_storage::incident::Alert;
use lifeboat_storage::state::State;

use super::{Arg, Say, limits, time};
use crate::console::view::Chip;

/// What an alert is about, as far as its key is known to the fold.
#[derive(Clone, Copy, Debug)]
pub enum About<'a> {
    /// This kind of failure of this service.
    Known(AlertKind, &'a ServiceName),
    /// Nothing but its key.
    Key(&'a AlertKey),
}

/// Looks up what an alert is about.
#[must_use]
pub fn about<'a>(state: &'a State, key: &'a AlertKey) -> About<'a> {
    state.alerts.get(key).map_or(About::Key(key), |alert| About::Known(alert.what, &alert.service))
}

/// The status code an alert counts, where it counts one.
#[must_use]
pub const fn code(kind: AlertKind) -> Option<&'static str> {
    match kind {
        AlertKind::BadGateway => Some("502"),
        AlertKind::ServerError => Some("500"),
        AlertKind::Unavailable => Some("503"),
        AlertKind::GatewayTimeout => Some("504"),
        AlertKind::Absent
        | AlertKind::ProbeDown
        | AlertKind::FailedStart
        | AlertKind::CapacityShort
        | AlertKind::Test => None,
    }
}

/// A title that does not change with the numbers: `502 on blog-web`.
#[must_use]
pub fn title(say: Say, about: About<'_>) -> String {
    let (kind, service) = match about {
        About::Known(kind, service) => (kind, say.name(service.as_str())),
        About::Key(key) => {
            return say.text("alert-title-unknown", &[("alert", say.name(key.as_str()).into())]);
        }
    };
    let args = [("code", code(kind).unwrap_or_default().into()), ("service", service.into())];
    match kind {
        AlertKind::Absent => say.text("alert-title-absent", &args),
        AlertKind::ProbeDown => say.text("alert-title-probe", &args),
        AlertKind::FailedStart => say.text("alert-title-failed-start", &args),
        AlertKind::CapacityShort => say.text("alert-title-capacity", &args),
        AlertKind::Test => say.text("alert-title-test", &args),
        _ => say.text("alert-title-http", &args),
    }
}

/// The title as a state: `502 on blog-web: 41 % of requests`.
#[must_use]
pub fn state_title(say: Say, kind: AlertKind, service: &ServiceName, evidence: &AlertEvidence) -> String {
    let name = say.name(service.as_str());
    match (code(kind), &evidence.probe) {
        (Some(code), _) => say.text(
            "alert-state-http",
            &[
                ("code", code.into()),
                ("service", name.into()),
                ("share", time::share(say, evidence.now).into()),
            ],
        ),
        (None, Some(failure)) => {
            say.text("alert-state-probe", &[("service", name.into()), ("why", why(say, failure).into())])
        }
        (None, None) => {
            let key = match kind {
                AlertKind::FailedStart => "alert-state-failed-start",
                AlertKind::CapacityShort => "alert-state-capacity",
                _ => return title(say, About::Known(kind, service)),
            };
            let mut args = numbers(say, kind, evidence);
            args.push(("service", name.into()));
            say.text(key, &args)
        }
    }
}

/// The title as a state where the share counts several codes: `blog-web: 41 % of requests fail`.
#[must_use]
pub fn state_of_all(say: Say, service: &ServiceName, share: Share) -> String {
    let name = say.name(service.as_str());
    say.text("alert-state-fails", &[("service", name.into()), ("share", time::share(say, share).into())])
}

/// One line with the numbers: `502 on blog-web: 18 % of requests failed, 223 of 1,240 in 41 s`.
#[must_use]
pub fn told(say: Say, kind: AlertKind, service: &ServiceName, evidence: &AlertEvidence) -> String {
    let mut args = numbers(say, kind, evidence);
    args.push(("service", say.name(service.as_str()).into()));
    let key = match kind {
        AlertKind::Absent if evidence.before.total == 0 => "alert-told-absent-only",
        AlertKind::Absent => "alert-told-absent",
        AlertKind::ProbeDown if evidence.probe.is_none() => "alert-told-probe-unknown",
        AlertKind::ProbeDown => "alert-told-probe",
        AlertKind::Test => "alert-told-test",
        AlertKind::FailedStart => "alert-told-failed-start",
        AlertKind::CapacityShort => "alert-told-capacity",
        _ => "alert-told-http",
    };
    say.text(key, &args)
}

/// The evidence with the newest share in place of the one that decided.
#[must_use]
pub fn newest(alert: &Alert, evidence: &AlertEvidence) -> AlertEvidence {
    AlertEvidence { now: alert.now, window_s: alert.now_s, ..evidence.clone() }
}

/// Whether the newest share of failed requests is so small that the alert is about to be over; `before` is the share
/// before it began. The test for the way back sets the same bound (`docs/detectors.md`).
#[must_use]
pub fn ebbs(alert: &Alert, before: Share) -> bool {
    let good = (2.0 * before.ratio()).clamp(0.01, 0.05);
    alert.firing && alert.what.is_of_requests() && alert.now.total > 0 && alert.now.ratio() < good
}

/// What users feel: `223 of 1,240 requests failed in 41 s; before: 0.02 %`.
#[must_use]
pub fn impact(say: Say, kind: AlertKind, evidence: &AlertEvidence) -> String {
    let key = match kind {
        AlertKind::Absent if evidence.before.total == 0 => "alert-impact-absent-only",
        AlertKind::Absent => "alert-impact-absent",
        AlertKind::ProbeDown if evidence.probe.is_none() => "alert-impact-probe-unknown",
        AlertKind::ProbeDown => "alert-impact-probe",
        AlertKind::Test => "alert-impact-test",
        AlertKind::FailedStart => "alert-impact-failed-start",
        AlertKind::CapacityShort => "alert-impact-capacity",
        _ if evidence.now.bad == 0 && evidence.now.total > 0 => "alert-impact-http-none",
        _ if evidence.before.total == 0 => "alert-impact-http-only",
        _ => "alert-impact-http",
    };
    say.text(key, &numbers(say, kind, evidence))
}

/// What users felt from start to end: `5,312 of 98,000 requests failed in all, at worst 45 % in one minute; now 0 %`.
#[must_use]
pub fn impact_over(say: Say, kind: AlertKind, whole: Share, peak: Share, now: Share) -> String {
    match kind {
        AlertKind::Absent => say.word("alert-impact-over-absent"),
        AlertKind::ProbeDown => say.word("alert-impact-over-probe"),
        AlertKind::Test => say.word("alert-impact-test"),
        AlertKind::FailedStart => say.word("alert-impact-over-failed-start"),
        AlertKind::CapacityShort => say.word("alert-impact-over-capacity"),
        _ => say.text(
            if is_short(whole, peak) { "alert-impact-over-short" } else { "alert-impact-over" },
            &[
                ("bad", whole.bad.into()),
                ("total", whole.total.into()),
                ("peak", time::share(say, peak).into()),
                ("now", time::share(say, now).into()),
            ],
        ),
    }
}

/// Whether it failed for less than a minute: a minute of it holds good requests too and is no worst, or there is none.
#[must_use]
pub fn is_short(whole: Share, peak: Share) -> bool {
    whole == peak || whole.ratio() > peak.ratio()
}

/// The values the sentences about an alert take. `total` is what came before where nothing comes now.
fn numbers<'a>(say: Say, kind: AlertKind, evidence: &AlertEvidence) -> Vec<Arg<'a>> {
    let total = if kind == AlertKind::Absent { evidence.before.total } else { evidence.now.total };
    vec![
        ("code", code(kind).unwrap_or_default().into()),
        ("share", time::share(say, evidence.now).into()),
        ("before", time::share(say, evidence.before).into()),
        ("bad", evidence.now.bad.into()),
        ("ready", evidence.now.total.saturating_sub(evidence.now.bad).into()),
        ("total", total.into()),
        ("window", time::seconds(say, evidence.window_s).into()),
        ("span", time::seconds(say, evidence.before_s).into()),
        ("why", evidence.probe.as_ref().map(|failure| why(say, failure)).unwrap_or_default().into()),
    ]
}

/// How a probe failed, worded.
#[must_use]
pub fn why(say: Say, failure: &ProbeFailure) -> String {
    match failure {
        ProbeFailure::Refused => say.word("alert-why-refused"),
        ProbeFailure::TimedOut { after_ms } => {
            let limit = chrono::TimeDelta::milliseconds(i64::try_from(*after_ms).unwrap_or(i64::MAX / 1000));
            say.text("alert-why-timed-out", &[("limit", time::duration(say, limit).into())])
        }
        ProbeFailure::WrongStatus { status, expected } => say.text(
            "alert-why-wrong-status",
            &[("status", status.to_string().into()), ("expected", expected.to_string().into())],
        ),
        ProbeFailure::TextMissing => say.word("alert-why-text-missing"),
        ProbeFailure::Tls => say.word("alert-why-tls"),
        ProbeFailure::Name => say.word("alert-why-name"),
        ProbeFailure::Broken => say.word("alert-why-broken"),
    }
}

/// How many names of a list are kept in the evidence.
const KEPT: usize = 5;

/// So many good requests must have been looked at before they say what is usual.
const GOOD_ENOUGH: u64 = 8;

/// What nine of ten failures have in common: an upstream, or a path or a network that is not most good requests' too;
/// else how many upstreams fail.
#[must_use]
pub fn points_at(say: Say, evidence: &AlertEvidence) -> String {
    let paths = unusual(&evidence.paths, evidence.usual, |usual| usual.path);
    let clients = unusual(&evidence.clients, evidence.usual, |usual| usual.client);
    common(say, &evidence.upstreams, evidence, ["alert-points-upstream", "alert-points-upstream-most"])
        .or_else(|| common(say, paths, evidence, ["alert-points-path", "alert-points-path-most"]))
        .or_else(|| common(say, clients, evidence, ["alert-points-client", "alert-points-client-most"]))
        .or_else(|| upstreams(say, evidence.upstreams.len()))
        .unwrap_or_else(|| say.word("alert-points-nowhere"))
}

/// Nothing of a list whose first name says nothing of failing: more than half of the good requests have it too, or too
/// few of them are known. What an older Lifeboat wrote tells of none, and is said as it was.
fn unusual(list: &[Counted], usual: Option<Usual>, same: fn(Usual) -> u64) -> &[Counted] {
    let says = usual.is_none_or(|usual| usual.good >= GOOD_ENOUGH && same(usual) <= usual.good / 2);
    if says { list } else { &[] }
}

fn common(say: Say, list: &[Counted], evidence: &AlertEvidence, keys: [&str; 2]) -> Option<String> {
    let first = list.first()?;
    let whole = gathered(evidence);
    if u128::from(first.count) * 10 < u128::from(whole) * 9 || first.count < 2 {
        return None;
    }
    let key = if first.count == whole { keys[0] } else { keys[1] };
    let name = say.name(&first.name);
    Some(say.text(key, &[("name", name.into()), ("count", first.count.into()), ("whole", whole.into())]))
}

/// Of how many failures names were gathered: of a young run without its first ones, which are up to half of it. Where it
/// is less, the names speak for too few, and all that failed count. An older Lifeboat did not tell it: at least those named.
fn gathered(evidence: &AlertEvidence) -> u64 {
    let named = |list: &[Counted]| list.iter().map(|one| one.count).sum::<u64>();
    let lists = [&evidence.upstreams, &evidence.paths, &evidence.clients];
    let most = lists.into_iter().map(|list| named(list)).chain(evidence.gathered).max().unwrap_or(0);
    let enough = u128::from(most) * 2 >= u128::from(evidence.now.bad);
    if enough { most } else { evidence.now.bad }
}

/// What two alerts of one service tell of where it fails, counted together. How much fails is that of the first.
#[must_use]
pub fn together(one: AlertEvidence, other: AlertEvidence) -> AlertEvidence {
    let gathered = Some(gathered(&one) + gathered(&other));
    let both = |one: Vec<Counted>, other: Vec<Counted>| {
        let mut sums = BTreeMap::<String, u64>::new();
        one.into_iter()
            .chain(other)
            .for_each(|counted| *sums.entry(counted.name).or_default() += counted.count);
        let mut all: Vec<Counted> = sums.into_iter().map(|(name, count)| Counted { name, count }).collect();
        all.sort_by_key(|counted| std::cmp::Reverse(counted.count));
        all
    };
    AlertEvidence {
        gathered,
        upstreams: both(one.upstreams, other.upstreams),
        paths: both(one.paths, other.paths),
        clients: both(one.clients, other.clients),
        ..one
    }
}

/// The upstream all failures seen come from, where there is one.
#[must_use]
pub fn culprit(evidence: &AlertEvidence) -> Option<&Counted> {
    let only = evidence.upstreams.first().filter(|_| evidence.upstreams.len() == 1)?;
    (only.count >= 2 && only.count >= gathered(evidence)).then_some(only)
}

fn upstreams(say: Say, count: usize) -> Option<String> {
    match count {
        0 | 1 => None,
        KEPT.. => Some(say.text("alert-points-upstreams-many", &[("count", count.into())])),
        _ => Some(say.text("alert-points-upstreams", &[("count", count.into())])),
    }
}

/// The evidence as chips: masked lines, upstreams, paths, networks.
#[must_use]
pub fn chips(say: Say, evidence: &AlertEvidence) -> Vec<Chip> {
    let samples = evidence.samples.iter().map(|line| say.outside(line, limits::SAMPLE)).collect();
    [
        chip(say, "alert-chip-log", samples),
        chip(say, "alert-chip-upstreams", counted(say, &evidence.upstreams)),
        chip(say, "alert-chip-paths", counted(say, &evidence.paths)),
        chip(say, "alert-chip-clients", counted(say, &evidence.clients)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn chip(say: Say, label: &str, lines: Vec<String>) -> Option<Chip> {
    let label = say.text(label, &[("n", lines.len().into())]);
    (!lines.is_empty()).then_some(Chip { label, lines })
}

fn counted(say: Say, list: &[Counted]) -> Vec<String> {
    let line = |one: &Counted| {
        let name = say.outside(&one.name, limits::LINE);
        say.text("alert-chip-line", &[("name", name.into()), ("n", one.count.into())])
    };
    list.iter().map(line).collect()
}
