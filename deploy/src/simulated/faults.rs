//! Faults of the ports themselves: what a flaky network does to calls that change something.

/// What goes wrong with the next call that changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// None: the call goes as it should. Keeps a place in the queue.
    Nothing,
    /// The effect happens, the answer is lost: [`lifeboat_commands::ports::Outcome::Unknown`].
    LostAnswer,
    /// The call is lost, so nothing happens; who called hears the same as above.
    LostCall,
    /// Too many calls: nothing happens.
    Throttled,
    /// Somebody else is at it: nothing happens.
    Busy,
    /// The network delivers the call twice; the answer is that of the second.
    Duplicated,
}
