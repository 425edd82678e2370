//! `[[cloud]]`, `[[cluster]]`, `[[pool]]`, `[[traffic]]`, `[[schedule]]` and `[limits]`: the machines behind the
//! services. Plans are bound to these names.

use chrono::NaiveTime;
use lifeboat_commands::fleet::{Cluster, Fleet, Limits, Pool, PoolRung, Schedule, Starts, TrafficEntry};
use lifeboat_storage::id::{
    CloudName, ClusterName, InstanceId, MachineType, PoolName, ScheduleName, ServiceName, TrafficName,
    ZoneName,
};

use super::{NAME, Seen};
use crate::config::Service;
use crate::config::problem::Trouble;
use crate::config::reader::{Found, Reader, Section};

const DAYS: [(&str, usize); 7] =
    [("mon", 0), ("tue", 1), ("wed", 2), ("thu", 3), ("fri", 4), ("sat", 5), ("sun", 6)];
const STARTS: [(&str, Starts); 2] = [("lifeboat", Starts::Lifeboat), ("elsewhere", Starts::Elsewhere)];
/// What a cluster or a cloud can be reached by. Nothing yet: names are bound, facts come with the adapters.
const ADAPTERS: [(&str, ()); 1] = [("none", ())];
/// Most workers of a cluster, a pool or a schedule.
const WORKERS: i64 = 10_000;

/// What sections name each other by.
struct Names<'r> {
    clouds: Vec<&'r str>,
    clusters: Vec<&'r str>,
    pools: Vec<&'r str>,
    /// With the service each sends to.
    traffic: Vec<(&'r str, &'r str)>,
    services: Vec<&'r str>,
}

/// The whole fleet. A section may name another that is written below it.
pub(super) fn fleet<'r>(top: &Section<'r, '_>, reader: &'r Reader<'_>, services: &'r [Service]) -> Fleet {
    let kinds = ["cloud", "cluster", "pool", "traffic", "schedule"];
    let [clouds, clusters, pools, traffic, schedules] = kinds.map(|kind| top.sections(kind));
    let names = Names {
        clouds: named(&clouds),
        clusters: named(&clusters),
        pools: named(&pools),
        traffic: traffic.iter().filter_map(|one| Some((one.peek("name")?, one.peek("service")?))).collect(),
        services: services.iter().map(|service| service.name.as_str()).collect(),
    };
    let limits = top.section("limits").map(limits).unwrap_or_default();
    let clusters = each(reader, clusters, |section, name| cluster(section, name, &names));
    Fleet {
        pools: each(reader, pools, |section, name| pool(section, name, &names)),
        clouds: each(reader, clouds, cloud),
        traffic: each(reader, traffic, |section, name| entry(section, name, &names, &clusters)),
        schedules: each(reader, schedules, |section, name| schedule(section, name, &names)),
        clusters,
        limits,
    }
}

fn named<'r>(sections: &[Section<'r, '_>]) -> Vec<&'r str> {
    sections.iter().filter_map(|section| section.peek("name")).collect()
}

/// Every section of a kind; each has a name of its own.
fn each<'r, 't, T>(
    reader: &'r Reader<'t>,
    sections: Vec<Section<'r, 't>>,
    read: impl Fn(&Section<'r, 't>, Option<&'r str>) -> Option<T>,
) -> Vec<T> {
    let mut seen = Seen::new(reader);
    let one = |section: Section<'r, 't>| {
        let name = section.label(section.needed_text("name"), NAME).filter(|found| seen.is_new(found));
        let read = read(&section, name.map(|found| found.value));
        section.done(&[]);
        read
    };
    sections.into_iter().filter_map(one).collect()
}

fn cloud(section: &Section<'_, '_>, name: Option<&str>) -> Option<CloudName> {
    adapter(section, "kind");
    name.map(CloudName::new)
}

fn cluster(section: &Section<'_, '_>, name: Option<&str>, names: &Names<'_>) -> Option<Cluster> {
    let service = one_of(section, "service", &names.services);
    let cloud = one_of(section, "cloud", &names.clouds);
    adapter(section, "orchestrator");
    let sends_to_it = names.traffic.iter().filter(|(_, of)| Some(*of) == service);
    let entries: Vec<&str> = sends_to_it.map(|(entry, _)| *entry).collect();
    let traffic = section.text("traffic").and_then(|found| known(section, found, &entries));
    let wanted = section.number("wanted", 1..=WORKERS, 1);
    Some(Cluster {
        name: ClusterName::new(name?),
        service: ServiceName::new(service?),
        cloud: CloudName::new(cloud?),
        traffic: traffic.map(TrafficName::new),
        wanted: narrow(wanted),
    })
}

/// Where it sends to is what the clusters say of it.
fn entry(
    section: &Section<'_, '_>,
    name: Option<&str>,
    names: &Names<'_>,
    clusters: &[Cluster],
) -> Option<TrafficEntry> {
    adapter(section, "kind");
    let service = one_of(section, "service", &names.services);
    let name = TrafficName::new(name?);
    let behind = clusters.iter().filter(|cluster| cluster.traffic.as_ref() == Some(&name));
    let clusters = behind.map(|cluster| cluster.name.clone()).collect();
    Some(TrafficEntry { name, service: ServiceName::new(service?), clusters })
}

fn pool(section: &Section<'_, '_>, name: Option<&str>, names: &Names<'_>) -> Option<Pool> {
    let cluster = one_of(section, "cluster", &names.clusters);
    let members = section.texts("members").into_iter().map(|found| InstanceId::new(found.value)).collect();
    let ladder: Vec<PoolRung> = section.sections("ladder").into_iter().filter_map(rung).collect();
    if !section.has("max") {
        section.report(Trouble::Missing { key: section.key("max") });
    }
    let max = section.number("max", 1..=WORKERS, 1);
    let (name, cluster) = (PoolName::new(name?), ClusterName::new(cluster?));
    Some(Pool { name, cluster, members, ladder, max: narrow(max) })
}

fn rung(section: Section<'_, '_>) -> Option<PoolRung> {
    let machine = section.label(section.needed_text("machine"), NAME);
    let zone = section.label(section.needed_text("zone"), NAME);
    let spot = section.switch("spot");
    section.done(&[]);
    Some(PoolRung { machine: MachineType::new(machine?.value), zone: ZoneName::new(zone?.value), spot })
}

fn schedule(section: &Section<'_, '_>, name: Option<&str>, names: &Names<'_>) -> Option<Schedule> {
    let pool = one_of(section, "pool", &names.pools);
    let count = section.number("count", 1..=WORKERS, 1);
    let mut days = [!section.has("days"); 7];
    for found in section.texts("days") {
        if let Some(day) = section.word(&found, &DAYS) {
            days[day] = true;
        }
    }
    let (start, ready_by) = (time(section, "start"), time(section, "ready_by"));
    let starts = section.text("starts").and_then(|found| section.word(&found, &STARTS));
    Some(Schedule {
        name: ScheduleName::new(name?),
        pool: PoolName::new(pool?),
        count: narrow(count),
        days,
        start: start?,
        ready_by: ready_by?,
        // Machines cost money: Lifeboat starts them only where that is written.
        starts: starts.unwrap_or(Starts::Elsewhere),
    })
}

fn limits(section: Section<'_, '_>) -> Limits {
    let default = Limits::default();
    let number = |key, range, default: u32| narrow(section.number(key, range, i64::from(default)));
    let limits = Limits {
        at_once_percent: number("at_once_percent", 1..=100, default.at_once_percent),
        emergency_batch: number("emergency_batch", 1..=100, default.emergency_batch),
        facts_age_s: number("facts_age_s", 10..=3_600, default.facts_age_s),
        approval_s: number("approval_s", 60..=86_400, default.approval_s),
        budget_micros_a_day: u64::from(number("budget_a_day", 0..=1_000_000, 0)) * 1_000_000,
        abort_permille: number("abort_permille", 1..=1_000, default.abort_permille),
        stable_s: number("stable_s", 10..=3_600, default.stable_s),
    };
    section.done(&[]);
    limits
}

fn adapter(section: &Section<'_, '_>, key: &'static str) {
    if let Some(found) = section.text(key) {
        section.word(&found, &ADAPTERS);
    }
}

/// A name that must be there and be one of these.
fn one_of<'r>(section: &Section<'r, '_>, key: &'static str, names: &[&str]) -> Option<&'r str> {
    section.needed_text(key).and_then(|found| known(section, found, names))
}

fn known<'r>(section: &Section<'r, '_>, found: Found<&'r str>, names: &[&str]) -> Option<&'r str> {
    if names.contains(&found.value) {
        return Some(found.value);
    }
    section.unknown(&found, names.iter().map(|name| (*name).to_owned()).collect());
    None
}

/// `08:00`, in the configured zone.
fn time(section: &Section<'_, '_>, key: &'static str) -> Option<NaiveTime> {
    let found = section.needed_text(key)?;
    let time = NaiveTime::parse_from_str(found.value, "%H:%M").ok();
    if time.is_none() {
        let (key, value) = (found.key.clone(), found.value.to_owned());
        section.trouble(&found, Trouble::NotATime { key, value });
    }
    time
}

/// Read within a range that fits.
fn narrow(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
