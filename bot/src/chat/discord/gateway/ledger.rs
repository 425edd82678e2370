//! Which dispatches are under way, which were handled, and which came before. Pure.
//!
//! Within a session the gateway numbers its dispatches; the machine drops what it has heard already. Across
//! sessions, and after a kill, an interaction comes again under another number or in a replay; it is known by its id.

use std::collections::{BTreeSet, VecDeque};

/// Interactions that are remembered. People give a few a minute; Discord replays a few minutes.
const REMEMBERED: usize = 1_000;

/// What is known of dispatches.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// Counts sessions, so that a late word about a dispatch of an older one changes nothing in this.
    session: u64,
    /// Handed out, not handled yet.
    open: BTreeSet<u64>,
    /// Interactions handed out, not handled yet.
    open_ids: BTreeSet<String>,
    /// Interactions that were handled, oldest first.
    handled: VecDeque<String>,
}

/// Names a dispatch within the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    session: u64,
    seq: u64,
    interaction: Option<String>,
}

impl Ledger {
    pub(super) fn new(handled: Vec<String>) -> Self {
        Self { handled: handled.into(), ..Self::default() }
    }

    /// A new session: its numbers begin anew.
    pub(super) fn new_session(&mut self) {
        self.session += 1;
        self.open.clear();
    }

    /// Hands a dispatch out; none where this interaction was handed out before.
    pub(super) fn hand_out(&mut self, seq: u64, interaction: Option<&str>) -> Option<Entry> {
        if interaction
            .is_some_and(|id| self.open_ids.contains(id) || self.handled.iter().any(|old| old == id))
        {
            return None;
        }
        self.open.insert(seq);
        self.open_ids.extend(interaction.map(str::to_owned));
        Some(Entry { session: self.session, seq, interaction: interaction.map(str::to_owned) })
    }

    /// It was handled.
    pub(super) fn handled(&mut self, entry: Entry) {
        if entry.session == self.session {
            self.open.remove(&entry.seq);
        }
        if let Some(id) = entry.interaction {
            self.open_ids.remove(&id);
            self.handled.push_back(id);
        }
        if self.handled.len() > REMEMBERED {
            self.handled.pop_front();
        }
    }

    /// Up to where everything was handled, of what was heard up to `heard`.
    pub(super) fn handled_up_to(&self, heard: u64) -> u64 {
        self.open.first().map_or(heard, |first| heard.min(first.saturating_sub(1)))
    }

    /// The interactions to be remembered, oldest first.
    pub(super) fn remembered(&self) -> Vec<String> {
        self.handled.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restart_resumes_before_the_first_that_was_not_handled() {
        let mut ledger = Ledger::default();
        let entries: Vec<Entry> = (4..=6).filter_map(|seq| ledger.hand_out(seq, None)).collect();
        let [four, five, six] = entries.try_into().unwrap();
        assert_eq!(ledger.handled_up_to(6), 3);
        ledger.handled(five);
        assert_eq!(ledger.handled_up_to(6), 3);
        ledger.handled(four);
        assert_eq!(ledger.handled_up_to(6), 5);
        ledger.handled(six);
        assert_eq!(ledger.handled_up_to(9), 9, "what is not handed out needs no handling");
    }

    #[test]
    fn an_interaction_is_handed_out_once_whatever_its_number() {
        let mut ledger = Ledger::new(vec!["700".to_owned()]);
        assert_eq!(ledger.hand_out(1, Some("700")), None, "handled before the restart");
        let entry = ledger.hand_out(2, Some("701")).unwrap();
        ledger.new_session();
        assert_eq!(ledger.hand_out(1, Some("701")), None, "under way");
        ledger.handled(entry);
        assert_eq!(ledger.hand_out(3, Some("701")), None, "handled");
        assert_eq!(ledger.remembered(), ["700", "701"]);
    }

    #[test]
    fn a_late_word_about_an_older_session_does_not_count_in_this() {
        let mut ledger = Ledger::default();
        let old = ledger.hand_out(1, None).unwrap();
        ledger.new_session();
        let _new = ledger.hand_out(1, None).unwrap();
        ledger.handled(old);
        assert_eq!(ledger.handled_up_to(1), 0);
    }

    #[test]
    fn no_more_are_remembered_than_needed() {
        let mut ledger = Ledger::default();
        for number in 0..1_100_u64 {
            let entry = ledger.hand_out(number, Some(&number.to_string())).unwrap();
            ledger.handled(entry);
        }
        assert_eq!(ledger.remembered().len(), REMEMBERED);
        assert_eq!(ledger.remembered()[0], "100");
    }
}
