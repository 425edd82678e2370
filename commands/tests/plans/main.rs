//! Plans: who may ask for what, what comes of it, and what never does.

mod approving;
mod capacity;
mod completing;
mod diagnosing;
mod floors;
mod guards;
mod mutants;
mod planners;
mod preflight;
mod targets;
mod world;
