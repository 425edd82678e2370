//! The scenarios that are built in.

/// Name and text; the first is the default.
pub(super) const ALL: &[(&str, &str)] = &[
    ("sold-out-morning", include_str!("../scenarios/sold-out-morning.toml")),
    ("dns-storm", include_str!("../scenarios/dns-storm.toml")),
    ("silent-agents", include_str!("../scenarios/silent-agents.toml")),
    ("heavy-neighbours", include_str!("../scenarios/heavy-neighbours.toml")),
    ("greedy-job", include_str!("../scenarios/greedy-job.toml")),
    ("cold-registry", include_str!("../scenarios/cold-registry.toml")),
    ("new-year-cutover", include_str!("../scenarios/new-year-cutover.toml")),
    ("zombie-nodes", include_str!("../scenarios/zombie-nodes.toml")),
    ("first-workday", include_str!("../scenarios/first-workday.toml")),
    ("cordoned-entry", include_str!("../scenarios/cordoned-entry.toml")),
    ("jammed-balancer", include_str!("../scenarios/jammed-balancer.toml")),
    ("bad-resolver-push", include_str!("../scenarios/bad-resolver-push.toml")),
];
