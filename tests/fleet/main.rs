//! The simulated fleet: it keeps the contract of the ports, and its outages go as they should.

mod bad_resolver_push;
mod cold_registry;
mod contract;
mod cordoned_entry;
mod diagnosis;
mod dns_storm;
mod files;
mod first_workday;
mod greedy_job;
mod harm;
mod heavy_neighbours;
mod jammed_balancer;
mod new_year_cutover;
mod silent_agents;
mod sold_out;
mod stories;
mod zombie_nodes;
