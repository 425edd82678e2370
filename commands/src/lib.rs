//! What can be done and concluded.
