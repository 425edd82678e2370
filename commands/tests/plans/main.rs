//! Plans: who may ask for what, what comes of it, and what never does.

mod approving;
mod budgets;
mod capacity;
mod caught;
mod completing;
mod diagnosing;
mod fleets;
mod floors;
mod guards;
mod mutants;
mod planned;
mod planners;
mod preflight;
mod rails;
mod repeats;
mod resuming;
mod targets;
mod tried;
mod wandering;
mod world;
