//! Clusters, pools, clouds, traffic entries, schedules and limits.

use chrono::NaiveTime;
use lifeboat_commands::fleet::{Cluster, Fleet, Limits, Pool, PoolRung, Schedule, Starts, TrafficEntry};
use lifeboat_storage::id::{
    CloudName, ClusterName, InstanceId, MachineType, PoolName, ScheduleName, ServiceName, TrafficName,
    ZoneName,
};

use super::{check, valid};

const SERVICE: &str = "[[service]]\nname = 'blog'\nlogs = ['/a']\n";

#[test]
fn a_fleet_is_read_whole_whatever_the_order() {
    let config = valid(&format!(
        "{SERVICE}
[[schedule]]
name = 'peak'
pool = 'workers'
count = 4
days = ['mon', 'fri']
start = '08:00'
ready_by = '10:00'
starts = 'lifeboat'
[[pool]]
name = 'workers'
cluster = 'main'
max = 14
members = ['i-6']
ladder = [{{ machine = 'c6', zone = 'h', spot = true }}]
[[cluster]]
name = 'main'
service = 'blog'
cloud = 'hz'
traffic = 'www'
orchestrator = 'none'
wanted = 9
[[traffic]]
name = 'www'
service = 'blog'
[[cloud]]
name = 'hz'
[limits]
at_once_percent = 25
budget_a_day = 12
"
    ));
    let clock = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    let expected = Fleet {
        clusters: vec![Cluster {
            name: ClusterName::new("main"),
            service: ServiceName::new("blog"),
            cloud: CloudName::new("hz"),
            traffic: Some(TrafficName::new("www")),
            wanted: 9,
        }],
        pools: vec![Pool {
            name: PoolName::new("workers"),
            cluster: ClusterName::new("main"),
            members: vec![InstanceId::new("i-6")],
            ladder: vec![PoolRung { machine: MachineType::new("c6"), zone: ZoneName::new("h"), spot: true }],
            max: 14,
        }],
        clouds: vec![CloudName::new("hz")],
        traffic: vec![TrafficEntry {
            name: TrafficName::new("www"),
            service: ServiceName::new("blog"),
            clusters: vec![ClusterName::new("main")],
        }],
        schedules: vec![Schedule {
            name: ScheduleName::new("peak"),
            pool: PoolName::new("workers"),
            count: 4,
            days: [true, false, false, false, true, false, false],
            start: clock(8),
            ready_by: clock(10),
            starts: Starts::Lifeboat,
        }],
        limits: Limits { at_once_percent: 25, budget_micros_a_day: 12_000_000, ..Limits::default() },
    };
    assert_eq!(config.fleet, expected);
}

#[test]
fn a_schedule_runs_every_day_and_is_started_elsewhere_unless_it_says_so() {
    let config = valid(&format!(
        "{SERVICE}[[cloud]]\nname = 'hz'\n[[cluster]]\nname = 'main'\nservice = 'blog'\ncloud = 'hz'\n\
         [[pool]]\nname = 'w'\ncluster = 'main'\nmax = 2\n\
         [[schedule]]\nname = 's'\npool = 'w'\nstart = '08:00'\nready_by = '09:30'"
    ));
    let schedule = &config.fleet.schedules[0];
    assert_eq!((schedule.days, schedule.count, schedule.starts), ([true; 7], 1, Starts::Elsewhere));
}

#[test]
fn names_that_lead_nowhere_or_stand_twice_are_refused_with_those_that_are_there() {
    check(
        &format!("{SERVICE}[[cluster]]\nname = 'a'\nservice = 'blgo'\ncloud = 'x'\ntraffic = 'www'"),
        &[
            "6:11: `cluster.service` is \"blgo\", which is not known. Known: `blog`.",
            "7:9: `cluster.cloud` names \"x\", but there is none.",
            "8:11: `cluster.traffic` names \"www\", but there is none.",
        ],
    );
    check(
        "[[cloud]]\nname = 'x'\n[[cloud]]\nname = 'x'\nkind = 'aliyun'",
        &[
            "4:8: `cloud.name` \"x\" is there already, at 2:8.",
            "5:8: `cloud.kind` is \"aliyun\", which is not known. Known: `none`.",
        ],
    );
    check(
        "[[pool]]\nname = 'w'\ncluster = 'main'\nladder = [{ machine = 'c6', zoen = 'h' }]",
        &[
            "1:1: `pool.max` is missing.",
            "3:11: `pool.cluster` names \"main\", but there is none.",
            "4:11: `ladder.zone` is missing.",
            "4:29: unknown key `ladder.zoen`. Known here: `machine`, `zone`, `spot`.",
        ],
    );
}

#[test]
fn times_days_and_limits_outside_of_what_there_is_are_refused() {
    check(
        "[[schedule]]\nname = 's'\npool = 'w'\ndays = ['mo']\nstart = '8 Uhr'\nready_by = '25:00'",
        &[
            "3:8: `schedule.pool` names \"w\", but there is none.",
            "4:9: `schedule.days` is \"mo\", which is not known. Known: `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`.",
            "5:9: `schedule.start` is \"8 Uhr\", which is no time of day such as `08:00`.",
            "6:12: `schedule.ready_by` is \"25:00\", which is no time of day such as `08:00`.",
        ],
    );
    check(
        "[limits]\nat_once_percent = 0\nbudget_a_day = -1",
        &[
            "2:19: `limits.at_once_percent` is 0, must be 1 to 100.",
            "3:16: `limits.budget_a_day` is -1, must be 0 to 1000000.",
        ],
    );
}
