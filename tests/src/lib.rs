//! The world, scenarios and doubles that our tests share.

pub mod load;
pub mod nginx;
pub mod process;
pub mod tier;
pub mod traffic;
pub mod world;
pub mod upstream;
pub mod browser;
