//! Matches of a glob whose file is renamed while no new one has the name: nothing lost, nothing told twice.

use super::*;

/// Globs, and a name that a rotation gives `a.log`: one that the glob finds, and one that it does not.
const ROTATIONS: [(&str, &str); 4] =
    [("*.log", "a-20261130.log"), ("a.log*", "a.log.1"), ("*", "a.log.1"), ("*.log", "a.log.1")];

impl World {
    /// Reads, lets so much time pass, and reads again.
    fn read_for(&mut self, time: Duration) -> Told {
        let mut told = self.read();
        self.now += time;
        told.events.extend(self.read().events);
        told
    }

    /// Whether this process has the file open.
    fn is_open(&self, name: &str) -> bool {
        let path = self.path(name);
        let open = fs::read_dir("/proc/self/fd").unwrap().flatten();
        open.filter_map(|entry| fs::read_link(entry.path()).ok()).any(|open| open == path)
    }
}

/// A world whose `a.log` was read up to line 10, and the positions behind that.
fn begun(glob: &str) -> (World, Vec<Position>) {
    let mut world = World::new(&[glob]);
    world.append("a.log", &numbered(0..10));
    let positions = world.start(Vec::new()).positions();
    (world, positions)
}

#[test]
fn a_log_whose_name_is_missing_for_long_after_its_rotation_is_not_read_again() {
    for (glob, rotated) in ROTATIONS {
        let (mut world, _) = begun(glob);
        world.append("a.log", &numbered(10..20));
        world.rename("a.log", rotated);
        let told = world.read_for(3 * follow::MISSING_AFTER);
        assert_eq!(told.text(), numbered(10..20), "{glob} {rotated}");
        world.append("a.log", &numbered(20..30));
        assert_eq!(world.read_for(3 * follow::MISSING_AFTER).text(), numbered(20..30), "{glob} {rotated}");
    }
}

#[test]
fn a_renamed_log_is_read_as_long_as_the_server_writes_there() {
    for (glob, rotated) in ROTATIONS {
        let (mut world, _) = begun(glob);
        world.rename("a.log", rotated);
        for number in 10..20 {
            world.read_for(follow::HELD_FOR / 2);
            world.append(rotated, &numbered(number..number + 1));
            assert_eq!(world.read().text(), numbered(number..number + 1), "{glob} {rotated}");
        }
        world.append("a.log", &numbered(20..30));
        assert_eq!(world.read().text(), numbered(20..30), "{glob} {rotated}");
    }
}

#[test]
fn a_renamed_log_that_nobody_writes_is_let_go_and_its_lines_are_not_told_again() {
    for (glob, rotated) in ROTATIONS {
        let mut world = World::new(&[glob]);
        world.append("a-20261101.log", &numbered(100..110));
        world.age("a-20261101.log", 1_000_000_000);
        world.append("a.log", &numbered(0..10));
        world.start(Vec::new());
        world.rename("a.log", rotated);
        assert_eq!(world.read_for(follow::HELD_FOR / 2).text(), "", "{glob} {rotated}");
        assert!(world.is_open(rotated), "{glob} {rotated}");
        let told = world.read_for(follow::HELD_FOR);
        assert_eq!(told.text(), "", "{glob} {rotated}");
        assert!(!world.is_open(rotated), "{glob} {rotated}");
        world.append("a.log", &numbered(10..20));
        assert_eq!(world.read_for(follow::HELD_FOR).text(), numbered(10..20), "{glob} {rotated}");
    }
}

#[test]
fn a_log_that_was_let_go_is_read_on_when_it_grows_again() {
    for name in ["a-20261130.log", "other.log", "a.log"] {
        let (mut world, _) = begun("*.log");
        world.rename("a.log", "a-20261130.log");
        world.read_for(2 * follow::HELD_FOR);
        world.rename("a-20261130.log", name);
        assert_eq!(world.read().text(), "", "{name}");
        world.append(name, &numbered(10..20));
        assert_eq!(world.read().text(), numbered(10..20), "{name}");
    }
}

#[test]
fn the_rotations_of_a_deleted_log_are_no_new_logs_and_its_successor_is() {
    let mut world = World::new(&["*.log"]);
    world.append("a-20261101.log", &numbered(100..110));
    world.age("a-20261101.log", 1_000_000_000);
    world.append("a.log", &numbered(0..10));
    world.start(Vec::new());
    fs::copy(world.path("a.log"), world.path("a-20261130.log")).unwrap();
    fs::remove_file(world.path("a.log")).unwrap();
    let told = world.read_for(2 * follow::MISSING_AFTER);
    assert_eq!((told.text().as_str(), told.blind()), ("", Vec::new()));
    world.append("a-20261202.log", &numbered(10..20));
    assert_eq!(world.read().text(), numbered(10..20));
}

#[test]
fn a_log_renamed_during_a_restart_goes_on_where_it_stopped_before_its_successor_is_there() {
    for (glob, rotated) in ROTATIONS {
        let (mut world, positions) = begun(glob);
        world.append("a.log", &numbered(10..20));
        world.rename("a.log", rotated);
        let told = world.start(positions);
        assert_eq!((told.text(), told.history()), (numbered(10..20), vec![false]), "{glob} {rotated}");
        assert_eq!(told.positions()[0].path, world.path("a.log"), "{glob} {rotated}");
        world.append("a.log", &numbered(20..30));
        let told = world.read_for(follow::HELD_FOR);
        assert_eq!((told.text(), told.history()), (numbered(20..30), vec![false]), "{glob} {rotated}");
    }
}

#[test]
fn beside_a_log_renamed_during_a_restart_a_new_one_is_read_from_its_first_line() {
    let (mut world, positions) = begun("*.log");
    world.rename("a.log", "a-20261130.log");
    world.append("b.log", &numbered(10..20));
    let told = world.start(positions);
    assert_eq!((told.text(), told.history(), told.blind()), (numbered(10..20), vec![false], Vec::new()));
}

#[test]
fn a_saved_match_that_is_gone_without_a_rotation_is_nothing_to_tell_and_its_position_stays_good() {
    let (mut world, positions) = begun("*.log");
    world.append("a.log", &numbered(10..20));
    world.append("b.log", "");
    world.rename("a.log", "unmounted");
    let told = world.start(positions);
    assert_eq!((told.text().as_str(), told.blind(), told.caught_up().len()), ("", Vec::new(), 1));
    world.rename("unmounted", "a.log");
    assert_eq!(world.read().text(), numbered(10..20));
}

#[test]
fn a_log_that_another_pattern_names_is_followed_though_its_name_is_like_that_of_a_rotation() {
    let mut world = World::new(&["app.log", "app.log.worker-*"]);
    world.append("app.log", &numbered(0..10));
    world.start(Vec::new());
    world.append("app.log.worker-1", &numbered(10..20));
    assert_eq!(world.read().text(), numbered(10..20));
}

#[test]
fn logs_named_by_their_day_after_a_renamed_one_are_not_repeated_by_a_restart() {
    let (mut world, mut positions) = begun("*.log");
    world.rename("a.log", "a-20261130.log");
    world.age("a-20261130.log", 1_000_000_000);
    world.read_for(2 * follow::HELD_FOR);
    world.append("a-20261201.log", &numbered(10..20));
    let told = world.read();
    assert_eq!(told.text(), numbered(10..20));
    positions.extend(told.positions());
    world.append("a-20261201.log", &numbered(20..30));
    assert_eq!(world.start(positions).text(), numbered(20..30));
}

#[test]
fn a_restart_at_any_event_while_the_live_file_is_missing_loses_no_line_and_repeats_none() {
    for (glob, rotated) in ROTATIONS {
        let (mut world, positions) = begun(glob);
        world.append("a.log", &numbered(10..4000));
        world.rename("a.log", rotated);
        let mut told = world.start(positions.clone());
        world.append(rotated, &numbered(4000..8000));
        told.events.extend(world.read_for(2 * follow::MISSING_AFTER).events);
        assert_eq!(told.text(), numbered(10..8000), "{glob} {rotated}");
        for stop in 0..=told.events.len() {
            let before = Told { events: told.events[..stop].to_vec() };
            let known = Some(before.positions()).filter(|known| !known.is_empty());
            let mut after = world.start(known.unwrap_or_else(|| positions.clone()));
            world.append("a.log", &numbered(8000..8010));
            after.events.extend(world.read().events);
            fs::remove_file(world.path("a.log")).unwrap();
            let both = before.text() + &after.text();
            assert!(both == numbered(10..8010), "{glob} {rotated} stopped after {stop}");
            assert_eq!(after.history().iter().filter(|history| **history).count(), 0);
        }
    }
}
