//! The commands on the fleet: nodes, clusters, capacity, plans, drills.

use super::word::{count, reboot_mode, speed, swap_mode};
use super::{LONGEST_TEXT, Reader};
use crate::command::{CapacityCommand, ClusterCommand, Command, DrillCommand, NodeCommand, PlanCommand};
use crate::refusal::Refusal;
use crate::table::Spec;

/// The commands on the fleet, by their words; none for any other.
pub(super) fn command(reader: &Reader, spec: &'static Spec) -> Result<Option<Command>, Refusal> {
    Ok(Some(match spec.noun {
        "node" => Command::Node(node(reader, spec)?),
        "cluster" => Command::Cluster(cluster(reader, spec)?),
        "capacity" => Command::Capacity(capacity(reader, spec)?),
        "plan" => Command::Plan(plan(reader, spec)?),
        "drill" => Command::Drill(drill(reader, spec)?),
        _ => return Ok(None),
    }))
}

fn node(reader: &Reader, spec: &'static Spec) -> Result<NodeCommand, Refusal> {
    let (target, over) = (reader.word("target"), reader.some_text("override")?);
    Ok(match spec.verb {
        "add" => NodeCommand::Add { count: reader.must(spec, "count", count)?, pool: reader.word("pool") },
        "cordon" => NodeCommand::Cordon { target },
        "uncordon" => NodeCommand::Uncordon { target },
        "drain" => NodeCommand::Drain { target },
        "reboot" => NodeCommand::Reboot { target, mode: reader.must(spec, "mode", reboot_mode)?, over },
        "move" => NodeCommand::Move { target, to: reader.word("to-cluster"), over },
        "remove" => NodeCommand::Remove { target, over },
        _ => NodeCommand::List { cluster: reader.values.get("cluster").cloned() },
    })
}

fn cluster(reader: &Reader, spec: &'static Spec) -> Result<ClusterCommand, Refusal> {
    let named = reader.values.get("cluster").cloned();
    let cluster = reader.word("cluster");
    Ok(match spec.verb {
        "status" => ClusterCommand::Status { cluster: named },
        "check" => ClusterCommand::Check { cluster: named },
        "diagnose" => ClusterCommand::Diagnose { cluster: named },
        "swap" => ClusterCommand::Swap {
            to: reader.word("to"),
            mode: reader.read(spec, "mode", swap_mode)?,
            over: reader.some_text("override")?,
        },
        "freeze" => ClusterCommand::Freeze { cluster, reason: reader.text("reason", LONGEST_TEXT)? },
        "unfreeze" => ClusterCommand::Unfreeze { cluster },
        "canary" => {
            reader.must(spec, "action", |word| (word == "install").then_some(()))?;
            ClusterCommand::Canary { cluster: named }
        }
        _ => ClusterCommand::List,
    })
}

fn capacity(reader: &Reader, spec: &'static Spec) -> Result<CapacityCommand, Refusal> {
    let schedule = reader.word("schedule");
    Ok(match spec.verb {
        "check" => CapacityCommand::Check { schedule: reader.values.get("schedule").cloned() },
        "run" => CapacityCommand::Run { schedule },
        "skip" => CapacityCommand::Skip { schedule, reason: reader.text("reason", LONGEST_TEXT)? },
        _ => CapacityCommand::Show,
    })
}

fn plan(reader: &Reader, spec: &'static Spec) -> Result<PlanCommand, Refusal> {
    let plan = reader.read(spec, "plan", |word| word.parse().ok())?;
    Ok(match spec.verb {
        "approve" => PlanCommand::Approve { plan, hash: reader.values.get("hash").cloned() },
        "reject" => PlanCommand::Reject { plan, reason: reader.text("reason", LONGEST_TEXT)? },
        "pause" => PlanCommand::Pause { plan },
        "resume" => PlanCommand::Resume { plan },
        "cancel" => PlanCommand::Cancel { plan },
        _ => PlanCommand::Show { plan },
    })
}

fn drill(reader: &Reader, spec: &'static Spec) -> Result<DrillCommand, Refusal> {
    Ok(match spec.verb {
        "start" => DrillCommand::Start {
            scenario: reader.values.get("scenario").cloned(),
            speed: reader.read(spec, "speed", speed)?,
        },
        "hint" => DrillCommand::Hint,
        _ => DrillCommand::Stop,
    })
}
