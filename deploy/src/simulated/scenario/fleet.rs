//! The configuration that goes with a scenario: what Lifeboat would have been told of this fleet.

use lifeboat_commands::fleet::{Cluster, Fleet, Limits, Pool, PoolRung, Schedule, Starts, TrafficEntry};
use lifeboat_storage::id::{CloudName, InstanceId, MachineType, PoolName, ScheduleName, ServiceName};
use lifeboat_storage::id::{ClusterName, TrafficName, ZoneName};

use super::ScenarioError;
use super::file::{File, PoolFile, ScheduleFile};

/// The machine behind a node that is there at the start.
pub(in crate::simulated) fn instance_of(node: &str) -> InstanceId {
    InstanceId::new(format!("i-{node}"))
}

pub(super) fn configured(file: &File) -> Result<Fleet, ScenarioError> {
    Ok(Fleet {
        clusters: clusters(file),
        pools: file.pools.iter().map(|pool| configured_pool(file, pool)).collect::<Result<_, _>>()?,
        clouds: vec![CloudName::new(&file.cloud)],
        traffic: vec![TrafficEntry {
            name: TrafficName::new(&file.traffic.name),
            service: ServiceName::new(&file.service),
            clusters: file.clusters.iter().map(|cluster| cluster.name.clone()).collect(),
        }],
        schedules: file.schedules.iter().map(|one| schedule(file, one)).collect::<Result<_, _>>()?,
        limits: Limits::default(),
    })
}

fn clusters(file: &File) -> Vec<Cluster> {
    let configured = |cluster: &super::ClusterFile| Cluster {
        name: cluster.name.clone(),
        service: ServiceName::new(&file.service),
        cloud: CloudName::new(&file.cloud),
        traffic: Some(TrafficName::new(&file.traffic.name)),
        wanted: cluster.wanted,
    };
    file.clusters.iter().map(configured).collect()
}

fn configured_pool(file: &File, pool: &PoolFile) -> Result<Pool, ScenarioError> {
    pool.ladder.iter().try_for_each(|rung| file.offering(&rung.machine, &rung.zone, rung.spot).map(drop))?;
    let rung = |rung: &super::file::RungFile| PoolRung {
        machine: MachineType::new(&rung.machine),
        zone: ZoneName::new(&rung.zone),
        spot: rung.spot,
    };
    Ok(Pool {
        name: PoolName::new(&pool.name),
        cluster: ClusterName::new(&pool.cluster),
        members: pool.members.iter().map(|name| instance_of(name)).collect(),
        ladder: pool.ladder.iter().map(rung).collect(),
        max: pool.max,
    })
}

fn schedule(file: &File, one: &ScheduleFile) -> Result<Schedule, ScenarioError> {
    let known = file.pools.iter().any(|pool| pool.name == one.pool);
    if !known {
        return Err(ScenarioError::Missing { what: "pool", name: one.pool.clone() });
    }
    Ok(Schedule {
        name: ScheduleName::new(&one.name),
        pool: PoolName::new(&one.pool),
        count: one.count,
        days: one.days,
        start: one.start,
        ready_by: one.ready_by,
        starts: if one.ours { Starts::Lifeboat } else { Starts::Elsewhere },
    })
}
