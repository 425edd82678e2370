//! The world, scenarios and doubles that our tests share.

pub mod traffic;
