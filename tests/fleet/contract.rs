//! The simulated fleet keeps the contract of the ports: the Kubernetes-like cluster and the Swarm-like one.

use chrono::TimeDelta;
use lifeboat_commands::ports::Pending;
use lifeboat_deploy::ports::Ports;
use lifeboat_deploy::simulated::{Fault, Scenario, Simulated};
use lifeboat_storage::id::{
    CloudName, ClusterName, InstanceId, MachineType, PoolName, TrafficName, ZoneName,
};
use lifeboat_storage::plan::LaunchSpec;
use lifeboat_tests::contract::{self, Harness};

const SCENE: &str = include_str!("../fixtures/fleet/contract.toml");

struct SimulatedHarness {
    fleet: Simulated,
    ports: Ports,
    /// Cluster, machine that can be started, machine that cannot.
    names: [&'static str; 3],
}

impl SimulatedHarness {
    fn new(names: [&'static str; 3]) -> Self {
        let fleet = Simulated::new(&Scenario::parse(SCENE).expect("the fixture is a scenario"), 11);
        fleet.advance(fleet.scenario().starts_at);
        let ports = fleet.ports();
        Self { fleet, ports, names }
    }

    fn kubernetes() -> Self {
        Self::new(["main", "i-worker-5", "i-worker-6"])
    }

    fn swarm() -> Self {
        Self::new(["other", "i-swarm-4", "i-swarm-5"])
    }
}

fn spec(machine: &str, spot: bool) -> LaunchSpec {
    LaunchSpec {
        machine: MachineType::new(machine),
        zone: ZoneName::new("zone-a"),
        spot,
        pool: PoolName::new("workers"),
        price: None,
    }
}

impl Harness for SimulatedHarness {
    fn ports(&self) -> &Ports {
        &self.ports
    }
    fn cluster(&self) -> ClusterName {
        ClusterName::new(self.names[0])
    }
    fn cloud(&self) -> CloudName {
        CloudName::new("cloud-1")
    }
    fn traffic(&self) -> TrafficName {
        TrafficName::new("www")
    }
    fn spec(&self) -> LaunchSpec {
        spec("plenty", false)
    }
    fn sold_out_spec(&self) -> LaunchSpec {
        spec("gone", true)
    }
    fn stopped(&self) -> InstanceId {
        InstanceId::new(self.names[1])
    }
    fn stopped_and_sold_out(&self) -> InstanceId {
        InstanceId::new(self.names[2])
    }
    fn pass(&self, seconds: u32) -> Pending<'_, ()> {
        Box::pin(async move {
            self.fleet.advance(self.fleet.now() + TimeDelta::seconds(i64::from(seconds)));
        })
    }
    fn lose_next_answer(&self) {
        self.fleet.faults([Fault::LostAnswer]);
    }
    fn swap_addresses(&self, one: &InstanceId, other: &InstanceId) {
        self.fleet.swap_addresses(one, other);
    }
}

/// One test a promise and kind of cluster, named as the promise is.
macro_rules! promises {
    ($module:ident: $($promise:ident),+ $(,)?) => {
        mod $module {
            use super::*;
            $(#[tokio::test]
            async fn $promise() {
                contract::$module::$promise(&SimulatedHarness::kubernetes()).await;
                contract::$module::$promise(&SimulatedHarness::swarm()).await;
            })+
        }
    };
}

promises!(orchestrator:
    observing_begins_with_a_snapshot_and_tells_changes_after,
    set_schedulable_tells_what_was_before_and_may_be_repeated,
    a_cordon_leaves_what_runs,
    a_drain_is_repeated_until_it_is_done,
    a_drain_never_goes_below_a_budget_and_names_it,
    forget_is_busy_while_pods_run_and_not_found_afterwards,
    a_machine_joins_once_and_cordoned,
    an_expired_ticket_lets_nobody_in,
    a_probe_of_an_unknown_node_says_nothing_about_it,
    a_lost_answer_is_unknown_and_the_effect_is_seen,
    drained_pods_come_back_elsewhere,
    the_canary_may_be_installed_again_and_shows_name_resolution_on_every_node,
);

promises!(cloud:
    launching_twice_with_one_key_makes_one_machine,
    a_launch_whose_answer_was_lost_is_found_by_its_key,
    what_is_sold_out_is_no_capacity_and_leaves_nothing,
    starting_answers_for_each_machine_by_itself,
    stopping_keeps_the_machine_and_may_be_repeated,
    a_reboot_keeps_the_machine_and_changes_the_boot_id,
    a_reimaged_machine_is_no_longer_its_node_and_can_join_again,
    a_command_runs_once_a_key,
);

promises!(traffic:
    setting_with_an_old_version_is_busy_and_changes_nothing,
    weights_that_make_no_sense_are_denied,
    health_names_every_cluster,
    a_shift_whose_answer_was_lost_is_seen_by_reading,
);

mod identity {
    use super::*;

    #[tokio::test]
    async fn nodes_that_swapped_addresses_are_told_apart_by_their_provider_id() {
        let harness = SimulatedHarness::kubernetes();
        contract::identity::nodes_that_swapped_addresses_are_told_apart_by_their_provider_id(&harness).await;
    }

    #[tokio::test]
    async fn an_address_alone_never_names_a_machine() {
        contract::identity::an_address_alone_never_names_a_machine(&SimulatedHarness::kubernetes()).await;
        contract::identity::an_address_alone_never_names_a_machine(&SimulatedHarness::swarm()).await;
    }
}
