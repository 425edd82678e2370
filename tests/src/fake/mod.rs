//! Doubles of services outside, stricter than the services themselves.

pub mod discord;
