//! Tests against real servers: `tests/run real`.

mod nginx;
