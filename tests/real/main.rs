//! Tests against real servers: `tests/run real`.
#![expect(clippy::unwrap_used, reason = "every function here is a test or a part of one")]

mod bad_input;
mod browser;
mod downtime;
mod drill;
mod drill_killed;
mod drill_process;
mod full_disk;
use lifeboat_tests::hook;
mod kill_nine;
mod latency;
mod nginx;
mod rescue;
mod site;
mod story;
mod tls;
mod webhook;
