//! Seeds that failed once, with what was wrong then.
