//! Logs that are copied and truncated before all of them was read.

use super::*;

/// A log that needs more than one look, so that the reader falls behind it.
const LONG: usize = 40_000;

/// A world whose `a.log` was read up to line 10, and the positions behind that.
fn begun(pattern: &str) -> (World, Vec<Position>) {
    let mut world = World::new(&[pattern]);
    world.append("a.log", &numbered(0..10));
    let positions = world.start(Vec::new()).positions();
    (world, positions)
}

impl World {
    fn copy_and_truncate(&self, copy: &str, next: &str) {
        fs::copy(self.path("a.log"), self.path(copy)).unwrap();
        fs::write(self.path("a.log"), next).unwrap();
    }
}

#[test]
fn what_was_not_read_before_a_truncation_is_read_in_the_copy() {
    for pattern in ["a.log", "*"] {
        let (mut world, _) = begun(pattern);
        world.append("a.log", &numbered(10..LONG));
        world.copy_and_truncate("a.log.1", &numbered(LONG..LONG + 10));
        let told = world.read();
        assert!(told.text() == numbered(10..LONG + 10), "{pattern}");
        assert_eq!(told.blind(), [], "{pattern}");
        world.append("a.log", &numbered(LONG + 10..LONG + 20));
        assert_eq!(world.read().text(), numbered(LONG + 10..LONG + 20), "{pattern}");
    }
}

#[test]
fn a_restart_at_any_event_while_the_copy_is_read_loses_no_line_and_repeats_none() {
    let (mut world, positions) = begun("a.log");
    world.append("a.log", &numbered(10..4000));
    world.copy_and_truncate("a.log.1", &numbered(4000..6000));
    let told = world.read();
    assert!(told.text() == numbered(10..6000));
    for stop in 0..=told.events.len() {
        let before = Told { events: told.events[..stop].to_vec() };
        let known = Some(before.positions()).filter(|known| !known.is_empty());
        let after = world.start(known.unwrap_or_else(|| positions.clone()));
        assert!(before.text() + &after.text() == numbered(10..6000), "stopped after {stop}");
    }
}

#[test]
fn a_log_that_was_read_before_its_truncation_has_nothing_to_tell_of_its_copy() {
    let (mut world, _) = begun("a.log");
    world.copy_and_truncate("a.log.1", &numbered(10..20));
    let told = world.read();
    assert_eq!((told.text(), told.seen(), told.blind()), (numbered(10..20), 0, Vec::new()));
}

#[test]
fn lines_that_were_seen_to_be_there_and_truncated_without_a_copy_are_told_as_lost() {
    let (mut world, _) = begun("a.log");
    world.append("a.log", &numbered(10..LONG));
    let mut told = Told::default();
    world.look(&mut told);
    assert!(told.text().len() < numbered(10..LONG).len(), "the reader is behind");
    fs::write(world.path("a.log"), numbered(LONG..LONG + 10)).unwrap();
    let told = world.read();
    assert_eq!((told.blind(), told.seen()), (vec![Blindness::Lost], 1));
    assert_eq!(told.text(), numbered(LONG..LONG + 10));
}
