//! Matches of a glob whose file is renamed while no new one has the name: nothing lost, nothing told twice.

use proptest::prelude::*;

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

/// What happens to one of two logs, or to their reader.
#[derive(Clone, Copy, Debug)]
enum Happening {
    Written { log: usize, lines: usize },
    Renamed { log: usize },
    Reopened { log: usize },
    Later { minutes: u64 },
    Restarted,
    Looked,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        4 => (0..2_usize, 1..2_000_usize).prop_map(|(log, lines)| Happening::Written { log, lines }),
        2 => (0..2_usize).prop_map(|log| Happening::Renamed { log }),
        1 => (0..2_usize).prop_map(|log| Happening::Reopened { log }),
        1 => (1..20_u64).prop_map(|minutes| Happening::Later { minutes }),
        1 => Just(Happening::Restarted),
        1 => Just(Happening::Looked),
    ]
}

/// A log as its server sees it.
#[derive(Debug)]
struct Server {
    live: &'static str,
    /// Where it writes.
    file: String,
    written: usize,
}

impl Server {
    fn write(&mut self, world: &World, lines: usize) {
        let line = |number| format!("{} {number} of a log that is long enough to be told\n", self.live);
        let text: String = (self.written..self.written + lines).map(line).collect();
        world.append(&self.file, &text);
        self.written += lines;
    }

    /// Whether each of its lines was told once, in their order.
    fn is_told_by(&self, text: &str) -> bool {
        let of = text.lines().filter(|line| line.starts_with(self.live));
        let number = |line: &str| line.split(' ').nth(1).and_then(|number| number.parse::<usize>().ok());
        of.map(number).eq((0..self.written).map(Some))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn whatever_happens_to_logs_of_a_glob_each_line_is_told_once_whether_their_names_are_there_or_not(
        happenings in prop::collection::vec(happening(), 1..30)
    ) {
        let mut world = World::new(&["*.log"]);
        let server = |live: &'static str| Server { live, file: live.to_owned(), written: 0 };
        let mut servers = ["a.log", "b.log"].map(server);
        servers.iter_mut().for_each(|server| server.write(&world, 1));
        let mut told = world.start(Vec::new());
        let mut known = BTreeMap::new();
        for (number, happening) in happenings.into_iter().enumerate() {
            match happening {
                Happening::Written { log, lines } => servers[log].write(&world, lines),
                Happening::Renamed { log } if servers[log].file == servers[log].live => {
                    told.events.extend(world.read().events);
                    let live = servers[log].live;
                    servers[log].file = live.replace('.', &format!("-{}.", 20_260_000 + number));
                    world.rename(live, &servers[log].file);
                }
                Happening::Reopened { log } if servers[log].file != servers[log].live => {
                    told.events.extend(world.read().events);
                    servers[log].file = servers[log].live.to_owned();
                    servers[log].write(&world, 1);
                    told.events.extend(world.read().events);
                }
                Happening::Renamed { .. } | Happening::Reopened { .. } => {}
                Happening::Later { minutes } => {
                    told.events.extend(world.read_for(Duration::from_secs(60 * minutes)).events);
                }
                Happening::Restarted => world.restart(&mut known, &told),
                Happening::Looked => drop(world.look(&mut told)),
            }
        }
        told.events.extend(world.read().events);
        for server in &servers {
            prop_assert!(server.is_told_by(&told.text()), "{server:?}");
        }
        prop_assert_eq!(told.blind(), Vec::new());
    }
}
