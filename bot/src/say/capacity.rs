//! Schedules in words: when they run, how a run stands, what is left of the way to get machines.

use chrono::TimeDelta;
use lifeboat_commands::capacity::ladder::{self, Outlook, Rung, SharedFate};
use lifeboat_commands::capacity::{self, Judged};
use lifeboat_commands::facts::{Facts, Stock};
use lifeboat_commands::fleet::{Fleet, Schedule, Starts};
use lifeboat_storage::event::{AlertKind, Event, Kind, Time};
use lifeboat_storage::id::{PoolName, ScheduleName};
use lifeboat_storage::incident::Incident;
use lifeboat_storage::plan::FailedBy;

use super::{Say, Scene, limits, plan, time, word};

/// Most rungs that are told.
const RUNGS: usize = 12;
/// Most fallbacks on a card.
const FALLBACKS: usize = 3;

/// The schedules, their next run, how today's stands, the ladder and the shared-fate warning.
#[must_use]
pub fn show(scene: &Scene<'_>) -> String {
    let told = |fleet: &Fleet, facts: &Facts, schedule: &Schedule| {
        let mut lines = vec![headline(scene, schedule)];
        if let Some(judged) =
            capacity::judge(schedule, facts, fleet, scene.state, scene.now, scene.say.zone())
        {
            lines.push(verdict(scene, &judged));
            lines.extend(ways_out(scene, fleet, facts, schedule));
        }
        let rungs = ladder::rungs(schedule, facts, fleet, scene.state, scene.now);
        lines.extend(warning(scene.say, &rungs));
        lines.extend(ladder_lines(scene.say, &rungs));
        lines
    };
    all(scene, None, told)
}

/// Whether the next run could be met now, by the stock of each rung.
#[must_use]
pub fn outlook(scene: &Scene<'_>, only: Option<&ScheduleName>) -> String {
    let told = |fleet: &Fleet, facts: &Facts, schedule: &Schedule| {
        let rungs = ladder::rungs(schedule, facts, fleet, scene.state, scene.now);
        let outlook = ladder::outlook(&rungs, schedule.count);
        let mut lines = vec![headline(scene, schedule)];
        lines.push(scene.say.word(&format!("capacity-outlook-{}", outlook.key())));
        if !matches!(outlook, Outlook::There | Outlook::ByItsOwn) {
            lines.extend(ways_out(scene, fleet, facts, schedule));
        }
        lines.extend(warning(scene.say, &rungs));
        lines.extend(ladder_lines(scene.say, &rungs));
        lines
    };
    all(scene, only, told)
}

fn all(
    scene: &Scene<'_>,
    only: Option<&ScheduleName>,
    told: impl Fn(&Fleet, &Facts, &Schedule) -> Vec<String>,
) -> String {
    let Some((fleet, facts)) = scene.fleet.filter(|(fleet, _)| !fleet.schedules.is_empty()) else {
        return scene.say.word("capacity-none");
    };
    let meant = fleet.schedules.iter().filter(|one| only.is_none_or(|only| one.name == *only));
    meant.flat_map(|schedule| told(fleet, facts, schedule)).collect::<Vec<_>>().join("\n")
}

fn headline(scene: &Scene<'_>, schedule: &Schedule) -> String {
    let say = scene.say;
    let next = capacity::next_run(schedule, scene.now, say.zone());
    let skipped = next.is_some_and(|run| scene.state.skipped_runs.contains(&(schedule.name.clone(), run)));
    let key = match (schedule.starts, skipped) {
        (_, true) => "capacity-schedule-skipped",
        (Starts::Lifeboat, false) => "capacity-schedule-own",
        (Starts::Elsewhere, false) => "capacity-schedule-elsewhere",
    };
    let args = [
        ("schedule", say.name(schedule.name.as_str()).into()),
        ("n", schedule.count.into()),
        ("pool", say.name(schedule.pool.as_str()).into()),
        ("next", next.map_or_else(|| "–".to_owned(), |at| scene.at(at)).into()),
    ];
    say.text(key, &args)
}

/// How a run stands, with its mark.
pub(super) fn verdict(scene: &Scene<'_>, judged: &Judged) -> String {
    let stands = Stands {
        wanted: judged.wanted,
        ready: judged.ready,
        needed: judged.needed,
        ready_by: judged.ready_by,
        why: judged.refused.values().next(),
        at: scene.now,
    };
    let mark = if judged.is_short() { "✕" } else { "✓" };
    format!("{mark} {}", sentence(scene, &stands))
}

/// How a run stands, as it is told.
struct Stands<'a> {
    wanted: u32,
    ready: u32,
    needed: u32,
    ready_by: Time,
    why: Option<&'a FailedBy>,
    at: Time,
}

/// `0 of 4 came: sold out (c6 zone-h). 9 must be Ready by 10:00, 1 h 30 min left`.
fn sentence(scene: &Scene<'_>, stands: &Stands<'_>) -> String {
    let say = scene.say;
    let left = stands.ready_by - stands.at;
    let needed = if stands.needed == 0 { stands.wanted } else { stands.needed };
    let args = [
        ("ready", stands.ready.into()),
        ("wanted", stands.wanted.into()),
        ("needed", needed.into()),
        ("by", scene.at(stands.ready_by).into()),
        ("left", time::duration(say, left.max(TimeDelta::zero())).into()),
        ("why", stands.why.map(|by| plan::failed_by(say, by)).unwrap_or_default().into()),
    ];
    let came = match stands.why {
        _ if stands.ready >= stands.wanted => return say.text("capacity-good", &args),
        Some(_) => say.text("capacity-came-why", &args),
        None => say.text("capacity-came", &args),
    };
    let due = if left > TimeDelta::zero() { "capacity-due" } else { "capacity-late" };
    format!("{came} {}", say.text(due, &args))
}

fn ways_out(scene: &Scene<'_>, fleet: &Fleet, facts: &Facts, schedule: &Schedule) -> Vec<String> {
    let lines = ladder::ways_out(schedule, facts, fleet, scene.state, scene.now);
    lines.iter().map(|line| scene.say.text("fleet-action", &[("line", line.as_str().into())])).collect()
}

fn warning(say: Say, rungs: &[Rung]) -> Option<String> {
    Some(match ladder::shared_fate(rungs)? {
        SharedFate::All => say.word("capacity-fate-all"),
        SharedFate::Members => say.word("capacity-fate-members"),
    })
}

fn ladder_lines(say: Say, rungs: &[Rung]) -> Vec<String> {
    rungs.iter().take(RUNGS).map(|rung| rung_line(say, rung)).collect()
}

fn rung_line(say: Say, rung: &Rung) -> String {
    let stock = match (&rung.given_up, rung.stock) {
        (Some(by), _) => say.text("capacity-given-up", &[("why", plan::failed_by(say, by).into())]),
        (None, Stock::Available) => say.word("capacity-stock-yes"),
        (None, Stock::SoldOut) => say.word("capacity-stock-no"),
        (None, Stock::Unknown) => say.word("capacity-stock-unknown"),
    };
    let args = [
        ("kind", kind(say, rung).into()),
        ("zone", say.name(rung.zone.as_str()).into()),
        ("stock", stock.into()),
        ("price", price(say, rung).into()),
        ("own", rung.own.into()),
        ("up", rung.up.into()),
    ];
    say.text(if rung.own > 0 { "capacity-rung-own" } else { "capacity-rung" }, &args)
}

fn kind(say: Say, rung: &Rung) -> String {
    let machine = say.name(rung.machine.as_str());
    if rung.spot { say.text("capacity-spot", &[("machine", machine.into())]) } else { machine }
}

fn price(say: Say, rung: &Rung) -> String {
    let Some(money) = &rung.price else { return say.word("capacity-price-unknown") };
    let currency = say.name(&money.currency);
    say.text(
        "capacity-price",
        &[("amount", plan::amount(money.micros).into()), ("currency", currency.into())],
    )
}

/// What an event of a schedule tells; none for any other kind. The newest one that is short names the ways out.
#[must_use]
pub fn told(scene: &Scene<'_>, event: &Event) -> Option<String> {
    let say = scene.say;
    match event.kind.lasting() {
        Kind::CapacityJudged { schedule, wanted, ready, needed, ready_by, refused } => {
            let stands = Stands {
                wanted: *wanted,
                ready: *ready,
                needed: *needed,
                ready_by: *ready_by,
                why: refused.values().next(),
                at: event.occurred_at,
            };
            let sentence = sentence(scene, &stands);
            let name = say.name(schedule.as_str());
            let mut lines =
                vec![say.text("event-capacity", &[("schedule", name.into()), ("told", sentence.into())])];
            let newest = scene.state.capacity.get(schedule) == Some(&event.seq);
            if let Some((fleet, facts)) = scene.fleet.filter(|_| newest && ready < wanted) {
                let own = fleet.schedules.iter().find(|one| one.name == *schedule);
                lines.extend(own.into_iter().flat_map(|own| ways_out(scene, fleet, facts, own)));
            }
            Some(lines.join("\n"))
        }
        Kind::CapacitySkipped { schedule, run, reason } => Some(say.text(
            "event-capacity-skipped",
            &[
                ("schedule", say.name(schedule.as_str()).into()),
                ("run", scene.at(*run).into()),
                ("reason", say.outside(reason, limits::LINE).into()),
            ],
        )),
        _ => None,
    }
}

/// The schedules of an incident's service that are short now, with how they stand.
fn short<'a>(scene: &Scene<'a>, incident: &Incident) -> Vec<(&'a Fleet, &'a Facts, &'a Schedule, Judged)> {
    let fires = incident.alerts.iter().filter_map(|key| scene.state.alerts.get(key));
    let fires = fires.filter(|alert| alert.firing && alert.what == AlertKind::CapacityShort).count() > 0;
    let Some((fleet, facts)) = scene.fleet.filter(|_| fires) else { return Vec::new() };
    let of_service = |pool: &PoolName| {
        let cluster = fleet.pool(pool).and_then(|pool| fleet.cluster(&pool.cluster));
        cluster.map(|cluster| &cluster.service) == incident.service.as_ref()
    };
    let judged = |schedule: &'a Schedule| {
        let judged = capacity::judge(schedule, facts, fleet, scene.state, scene.now, scene.say.zone());
        Some((fleet, facts, schedule, judged.filter(Judged::is_short)?))
    };
    fleet.schedules.iter().filter(|schedule| of_service(&schedule.pool)).filter_map(judged).collect()
}

/// The verdict on a schedule that is short, for the incident's card.
#[must_use]
pub fn row(scene: &Scene<'_>, incident: &Incident) -> Option<String> {
    short(scene, incident).first().map(|(.., judged)| verdict(scene, judged))
}

/// What can be had instead where a schedule is short: the first rungs that are in stock, or that there is none.
#[must_use]
pub fn fallbacks(scene: &Scene<'_>, incident: &Incident) -> Option<String> {
    let say = scene.say;
    let short = short(scene, incident);
    let (fleet, facts, schedule, _) = short.first()?;
    let rungs = ladder::rungs(schedule, facts, fleet, scene.state, scene.now);
    let can = |rung: &&Rung| rung.given_up.is_none() && rung.stock == Stock::Available;
    let told = |rung: &Rung| {
        let args = [
            ("kind", kind(say, rung).into()),
            ("zone", say.name(rung.zone.as_str()).into()),
            ("price", price(say, rung).into()),
        ];
        say.text("capacity-fallback", &args)
    };
    let first: Vec<String> = rungs.iter().filter(can).take(FALLBACKS).map(told).collect();
    if first.is_empty() {
        let gone = ladder::outlook(&rungs, schedule.count) == Outlook::No;
        return gone.then(|| say.word("capacity-fallback-none"));
    }
    let cluster = fleet.pool(&schedule.pool).and_then(|pool| fleet.cluster(&pool.cluster))?;
    let read_at = facts.clouds.get(&cluster.cloud)?.offerings_as_of?;
    let at = say.text("fleet-seen", &[("at", scene.at(read_at).into())]);
    let told = word::sentences(say, &first);
    Some(say.text("fleet-dated", &[("told", told.into()), ("at", at.into())]))
}

#[cfg(test)]
mod tests {
    use super::super::{Lang, catalogue};
    use super::*;

    #[test]
    fn every_outlook_has_a_sentence() {
        for lang in Lang::ALL {
            let known = catalogue::family(lang, "capacity-outlook-");
            let all = Outlook::ALL.map(|outlook| format!("capacity-outlook-{}", outlook.key()));
            assert_eq!(known.into_keys().collect::<Vec<_>>(), {
                let mut all = all.to_vec();
                all.sort();
                all
            });
        }
    }
}
