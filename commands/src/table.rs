//! The list of commands: one line each. Keys, not texts; the catalogue words them.
//!
//! The same table drives parsing, completion, help and, in other chats, registration.

use crate::people::Permission;

/// What kind of value an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// Free text, to the end of the line.
    Text,
    /// `INC-0042`, `inc-42`, `42`.
    Incident,
    /// `SEV1` to `SEV4`.
    Severity,
    /// `investigating`, `identified`, `mitigated`, `resolved`, `closed`.
    Status,
    /// `commander`, `operations`, `communications`, `scribe`.
    Role,
    /// A configured person.
    Person,
    /// A watched service.
    Service,
    /// RFC 3339, `HH:MM`, `HH:MM:SS` or `-15m`.
    Moment,
    /// `90s`, `30m`, `2h`, `1d`, `1h30m`; at most a year.
    Duration,
    /// What an alert is about.
    Alert,
    /// Number of an event, as shown on the timeline.
    Event,
    /// Number of a task.
    Task,
    /// `mitigate`, `prevent`, `detect`, `other`.
    TaskKind,
    /// `md`, `html`, `json`.
    Format,
    /// `en`, `zh-CN`.
    Lang,
    /// `all`.
    All,
    /// A node, several with commas, `all`, `failing`, or `pool:web`.
    Node,
    /// A configured pool.
    Pool,
    /// A configured cluster.
    Cluster,
    /// A configured schedule.
    Schedule,
    /// `P-7`, `p-7`, `7`.
    Plan,
    /// The first digits of a plan's hash, at least 4.
    Hash,
    /// How many, 1 to 100.
    Count,
    /// `canary`, `rolling`, `emergency`.
    RebootMode,
    /// `stepwise`, `at-once`.
    SwapMode,
    /// `install`.
    Canary,
    /// A scenario of the drill.
    Scenario,
    /// Simulated seconds a real second, 1 to 600.
    Speed,
}

/// An option of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionSpec {
    /// Its name, typed as `name:value`.
    pub name: &'static str,
    /// What it takes.
    pub kind: ValueKind,
    /// Cannot be left out.
    pub required: bool,
}

/// A command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// First word: `incident`.
    pub noun: &'static str,
    /// Second word: `ack`.
    pub verb: &'static str,
    /// It only reads.
    pub reads: bool,
    /// What the person needs.
    pub needs: Permission,
    /// Options, in the order in which bare words fill them.
    pub options: &'static [OptionSpec],
}

impl Spec {
    /// `/incident ack`.
    #[must_use]
    pub fn words(&self) -> String {
        format!("/{} {}", self.noun, self.verb)
    }

    /// `incident-ack`: its key in the catalogue.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}-{}", self.noun, self.verb)
    }

    /// One of its options.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&'static OptionSpec> {
        self.options.iter().find(|option| option.name == name)
    }
}

const fn must(name: &'static str, kind: ValueKind) -> OptionSpec {
    OptionSpec { name, kind, required: true }
}

const fn may(name: &'static str, kind: ValueKind) -> OptionSpec {
    OptionSpec { name, kind, required: false }
}

const INCIDENT: OptionSpec = may("incident", ValueKind::Incident);
const REASON: OptionSpec = may("reason", ValueKind::Text);
const TARGET: OptionSpec = must("target", ValueKind::Node);
const OVERRIDE: OptionSpec = may("override", ValueKind::Text);

impl OptionSpec {
    /// It waives a guard-rail, with a reason.
    #[must_use]
    pub fn is_waiver(&self) -> bool {
        self.name == OVERRIDE.name
    }
}

const PLAN: OptionSpec = may("plan", ValueKind::Plan);
const AT: OptionSpec = may("at", ValueKind::Moment);

const fn read(noun: &'static str, verb: &'static str, options: &'static [OptionSpec]) -> Spec {
    Spec { noun, verb, reads: true, needs: Permission::Reader, options }
}

const fn write(
    noun: &'static str,
    verb: &'static str,
    needs: Permission,
    options: &'static [OptionSpec],
) -> Spec {
    Spec { noun, verb, reads: false, needs, options }
}

/// Every command there is, in the order in which help shows them.
pub const COMMANDS: &[Spec] = &[
    write(
        "incident",
        "declare",
        Permission::Responder,
        &[
            must("title", ValueKind::Text),
            may("severity", ValueKind::Severity),
            may("service", ValueKind::Service),
            AT,
            may("alert", ValueKind::Alert),
        ],
    ),
    read("incident", "list", &[may("all", ValueKind::All)]),
    read("incident", "show", &[INCIDENT]),
    write("incident", "ack", Permission::Responder, &[INCIDENT]),
    write("incident", "severity", Permission::Commander, &[must("to", ValueKind::Severity), INCIDENT]),
    write(
        "incident",
        "status",
        Permission::Commander,
        &[must("to", ValueKind::Status), INCIDENT, AT, REASON],
    ),
    write(
        "incident",
        "role",
        Permission::Responder,
        &[must("role", ValueKind::Role), may("person", ValueKind::Person), INCIDENT],
    ),
    write(
        "incident",
        "update",
        Permission::Responder,
        &[
            must("conditions", ValueKind::Text),
            may("actions", ValueKind::Text),
            may("needs", ValueKind::Text),
            INCIDENT,
        ],
    ),
    write("incident", "note", Permission::Responder, &[must("text", ValueKind::Text), AT, INCIDENT]),
    write(
        "incident",
        "task",
        Permission::Responder,
        &[
            may("text", ValueKind::Text),
            may("owner", ValueKind::Person),
            may("what", ValueKind::TaskKind),
            may("done", ValueKind::Task),
            INCIDENT,
        ],
    ),
    write("incident", "mitigate", Permission::Responder, &[INCIDENT, AT, REASON]),
    write("incident", "resolve", Permission::Responder, &[INCIDENT, AT, REASON]),
    write("incident", "close", Permission::Commander, &[INCIDENT, REASON]),
    write("incident", "cancel", Permission::Commander, &[INCIDENT, must("reason", ValueKind::Text)]),
    write("incident", "reopen", Permission::Commander, &[INCIDENT, REASON]),
    write("incident", "merge", Permission::Commander, &[must("into", ValueKind::Incident), INCIDENT]),
    write("incident", "pin", Permission::Responder, &[must("message", ValueKind::Event)]),
    write(
        "incident",
        "redact",
        Permission::Admin,
        &[must("event", ValueKind::Event), must("reason", ValueKind::Text)],
    ),
    read(
        "incident",
        "postmortem",
        &[INCIDENT, may("format", ValueKind::Format), may("lang", ValueKind::Lang)],
    ),
    read("alert", "list", &[]),
    write(
        "alert",
        "silence",
        Permission::Commander,
        &[must("alert", ValueKind::Alert), must("for", ValueKind::Duration), must("reason", ValueKind::Text)],
    ),
    write("alert", "unsilence", Permission::Commander, &[must("alert", ValueKind::Alert)]),
    write("alert", "test", Permission::Responder, &[]),
    read("node", "list", &[may("cluster", ValueKind::Cluster)]),
    write(
        "node",
        "add",
        Permission::Operator,
        &[must("count", ValueKind::Count), must("pool", ValueKind::Pool)],
    ),
    write("node", "cordon", Permission::Operator, &[TARGET]),
    write("node", "uncordon", Permission::Operator, &[TARGET]),
    write("node", "drain", Permission::Operator, &[TARGET]),
    write("node", "reboot", Permission::Operator, &[TARGET, must("mode", ValueKind::RebootMode), OVERRIDE]),
    write("node", "move", Permission::Operator, &[TARGET, must("to-cluster", ValueKind::Cluster), OVERRIDE]),
    write("node", "remove", Permission::Operator, &[TARGET, OVERRIDE]),
    read("cluster", "list", &[]),
    read("cluster", "status", &[may("cluster", ValueKind::Cluster)]),
    write("cluster", "check", Permission::Responder, &[may("cluster", ValueKind::Cluster)]),
    write("cluster", "diagnose", Permission::Responder, &[may("cluster", ValueKind::Cluster)]),
    write(
        "cluster",
        "swap",
        Permission::Operator,
        &[must("to", ValueKind::Cluster), may("mode", ValueKind::SwapMode), OVERRIDE],
    ),
    write(
        "cluster",
        "freeze",
        Permission::Operator,
        &[must("cluster", ValueKind::Cluster), must("reason", ValueKind::Text)],
    ),
    write("cluster", "unfreeze", Permission::Operator, &[must("cluster", ValueKind::Cluster)]),
    write(
        "cluster",
        "canary",
        Permission::Operator,
        &[must("action", ValueKind::Canary), may("cluster", ValueKind::Cluster)],
    ),
    read("capacity", "show", &[]),
    read("capacity", "check", &[may("schedule", ValueKind::Schedule)]),
    write("capacity", "run", Permission::Operator, &[must("schedule", ValueKind::Schedule)]),
    write(
        "capacity",
        "skip",
        Permission::Operator,
        &[must("schedule", ValueKind::Schedule), must("reason", ValueKind::Text)],
    ),
    read("plan", "show", &[PLAN]),
    write("plan", "approve", Permission::Operator, &[PLAN, may("hash", ValueKind::Hash)]),
    write("plan", "reject", Permission::Operator, &[PLAN, REASON]),
    write("plan", "pause", Permission::Operator, &[PLAN]),
    write("plan", "resume", Permission::Operator, &[PLAN]),
    write("plan", "cancel", Permission::Operator, &[PLAN]),
    write(
        "drill",
        "start",
        Permission::Responder,
        &[may("scenario", ValueKind::Scenario), may("speed", ValueKind::Speed)],
    ),
    write("drill", "stop", Permission::Responder, &[]),
    write("drill", "hint", Permission::Responder, &[]),
];

/// The command of these words.
#[must_use]
pub fn find(noun: &str, verb: &str) -> Option<&'static Spec> {
    COMMANDS.iter().find(|spec| spec.noun == noun && spec.verb == verb)
}
