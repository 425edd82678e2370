//! Stories played on the real engine in a simulated world: no tokio, no waiting, no network.

mod again;
mod alerts;
mod chat;
mod delivery;
mod determinism;
mod fate;
mod incident_words;
mod merged;
mod mild;
mod recording;
mod restart;
mod services;
