//! The scenarios that are built in.

/// Name and text; the first is the default.
pub(super) const ALL: &[(&str, &str)] =
    &[("sold-out-morning", include_str!("../scenarios/sold-out-morning.toml"))];
