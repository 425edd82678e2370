//! Lifeboats that are broken on purpose. A simulation that lets one of them pass checks nothing.

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mutant {
    /// The engine hears that an append is durable before it is.
    ActsBeforeTheDisk,
    /// Events are shown before they are durable.
    ShowsBeforeTheDisk,
    /// The receipt of one append in thirty is lost on its way to the engine.
    LosesReceipts,
    /// After a start the last reboot is ordered once more.
    RebootsAgainAfterAStart,
    /// Everybody is taken for somebody who may act and be a second person.
    LetsAnybodyApprove,
    /// What lets a node take pods again is taken for done without being done.
    ForgetsToUncordon,
    /// A reboot is taken for done without being ordered.
    SaysDoneWhatWasNotDone,
    /// What may be a repeat is not marked.
    HidesRepeats,
    /// A kill loses records that were acknowledged.
    LosesAcknowledgedRecords,
    /// A cluster that is gone from the facts is not missed: old facts are taken for new.
    SeesOldFactsAsNew,
}

impl Mutant {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::ActsBeforeTheDisk,
        Self::ShowsBeforeTheDisk,
        Self::LosesReceipts,
        Self::RebootsAgainAfterAStart,
        Self::LetsAnybodyApprove,
        Self::ForgetsToUncordon,
        Self::SaysDoneWhatWasNotDone,
        Self::HidesRepeats,
        Self::LosesAcknowledgedRecords,
        Self::SeesOldFactsAsNew,
    ];
}
