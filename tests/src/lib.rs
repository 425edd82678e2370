//! The world, scenarios and doubles that our tests share.

pub mod browser;
pub mod contract;
pub mod fake;
pub mod faults;
pub mod fleet;
pub mod hook;
pub mod load;
pub mod nginx;
pub mod process;
pub mod tier;
pub mod traffic;
pub mod upstream;
pub mod watcher;
pub mod world;
