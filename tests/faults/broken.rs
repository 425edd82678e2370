//! A simulation that cannot fail checks nothing: Lifeboats that are broken on purpose, each of which must be noticed.

use lifeboat_tests::faults::mutant::Mutant;
use lifeboat_tests::faults::play::play;

/// So many seeds may pass before it is noticed.
const SEEDS: u64 = 40;

/// It is noticed within some seeds, by what a complaint says.
#[track_caller]
fn noticed(mutant: Mutant, by: &str) {
    for seed in 1..=SEEDS {
        let complaints = play(seed, Some(mutant)).complaints;
        if complaints.is_empty() {
            continue;
        }
        assert!(complaints.iter().any(|one| one.contains(by)), "{mutant:?} seed {seed}: {complaints:#?}");
        return;
    }
    panic!("{mutant:?} passed {SEEDS} seeds");
}

#[test]
fn a_call_before_its_record_is_durable_is_noticed() {
    noticed(Mutant::ActsBeforeTheDisk, "before it is durable");
}

#[test]
fn showing_before_the_record_is_durable_is_noticed() {
    noticed(Mutant::ShowsBeforeTheDisk, "is shown before it is durable");
}

#[test]
fn a_lost_receipt_is_noticed() {
    noticed(Mutant::LosesReceipts, "it does not come to rest");
}

#[test]
fn a_reboot_repeated_after_a_start_is_noticed() {
    noticed(Mutant::RebootsAgainAfterAStart, "leaves and no running plan has begun that step");
}

#[test]
fn a_yes_by_somebody_who_may_not_say_it_is_noticed() {
    noticed(Mutant::LetsAnybodyApprove, "was said yes to by");
}

#[test]
fn a_node_left_cordoned_unsaid_is_noticed() {
    noticed(Mutant::ForgetsToUncordon, "is left cordoned and nobody was told");
}

#[test]
fn a_reboot_told_done_that_was_not_is_noticed() {
    noticed(Mutant::SaysDoneWhatWasNotDone, "done although nothing was booted");
}

#[test]
fn a_repeated_message_that_is_not_marked_is_noticed() {
    noticed(Mutant::HidesRepeats, "came again unmarked");
}

#[test]
fn an_acknowledged_record_that_is_gone_is_noticed() {
    noticed(Mutant::LosesAcknowledgedRecords, "");
}

#[test]
fn a_floor_broken_on_facts_that_are_old_is_noticed() {
    noticed(Mutant::SeesOldFactsAsNew, "has been broken for two minutes");
}
