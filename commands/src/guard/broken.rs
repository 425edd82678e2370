//! The rules, by what a plan breaks.

/// A rule that a plan breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Broken {
    /// A step touches a control plane or manager.
    ControlPlane,
    /// A step touches what is not named in the plan: another cluster, cloud or traffic entry.
    Elsewhere,
    /// The last serving node is taken in a careful mode.
    LastServing,
    /// More at once than the allowed share.
    TooManyAtOnce,
    /// In an emergency what still serves is not left for last, one at a time; what is in quarantine may follow.
    ServingNotLast,
    /// A node is not schedulable at the end although it was before, or a new one never is.
    LeftCordoned,
    /// The last step does not prove the effect of the verb.
    NoProof,
    /// A machine is not surely the one behind the node, or not among the targets that are shown.
    WrongMachine,
    /// Fewer people are asked than the plan takes.
    NoConsent,
    /// A machine is given back to boot it again.
    NotInPlace,
    /// A floor is missing.
    NoFloor,
    /// The floors do not hold at the lowest point it foresees.
    FloorTooHigh,
    /// It shows another capacity than its steps leave.
    WrongBlast,
    /// A batch boots without a canary that was looked at before.
    NoCanary,
}

impl Broken {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::ControlPlane,
        Self::Elsewhere,
        Self::LastServing,
        Self::TooManyAtOnce,
        Self::ServingNotLast,
        Self::LeftCordoned,
        Self::NoProof,
        Self::WrongMachine,
        Self::NoConsent,
        Self::NotInPlace,
        Self::NoFloor,
        Self::FloorTooHigh,
        Self::WrongBlast,
        Self::NoCanary,
    ];

    /// A key of the catalogue.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::ControlPlane => "control-plane",
            Self::Elsewhere => "elsewhere",
            Self::LastServing => "last-serving",
            Self::TooManyAtOnce => "too-many-at-once",
            Self::ServingNotLast => "serving-not-last",
            Self::LeftCordoned => "left-cordoned",
            Self::NoProof => "no-proof",
            Self::WrongMachine => "wrong-machine",
            Self::NoConsent => "no-consent",
            Self::NotInPlace => "not-in-place",
            Self::NoFloor => "no-floor",
            Self::FloorTooHigh => "floor-too-high",
            Self::WrongBlast => "wrong-blast",
            Self::NoCanary => "no-canary",
        }
    }
}
