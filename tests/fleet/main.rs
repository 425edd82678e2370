//! The simulated fleet: it keeps the contract of the ports, and its outages go as they should.

mod contract;
mod harm;
mod sold_out;
