//! The live reader against real files, with the clock in hand.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::time::SystemTime;

mod merged;
mod renamed;
mod truncated;

use super::*;

/// Longer than a rotation lingers, shorter than a missing file is worth a word.
const STEP: Duration = Duration::from_millis(300);

/// A directory with logs, and a reader of it.
struct World {
    directory: tempfile::TempDir,
    tailer: Option<Tailer>,
    now: Duration,
    patterns: Vec<String>,
}

/// What a reader told in one go.
#[derive(Debug, Default)]
struct Told {
    events: Vec<TailEvent>,
}

impl World {
    fn new(patterns: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let full = |name: &&str| directory.path().join(name).to_str().unwrap().to_owned();
        let patterns = patterns.iter().map(full).collect();
        Self { directory, tailer: None, now: Duration::ZERO, patterns }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn append(&self, name: &str, text: &str) {
        let mut file = OpenOptions::new().append(true).create(true).open(self.path(name)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    fn age(&self, name: &str, seconds: u64) {
        let file = File::options().append(true).open(self.path(name)).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000_000 - seconds)).unwrap();
    }

    /// Starts a reader (anew) at the given positions.
    fn start(&mut self, positions: Vec<Position>) -> Told {
        self.tailer = Some(Tailer::new(&self.patterns, positions).unwrap());
        self.read()
    }

    /// Makes a new reader of what is known, with the positions just told, as after a restart; it reads nothing yet.
    fn restart(&mut self, known: &mut BTreeMap<PathBuf, Position>, told: &Told) {
        known.extend(told.positions().into_iter().map(|position| (position.path.clone(), position)));
        self.tailer = Some(Tailer::new(&self.patterns, known.values().cloned().collect()).unwrap());
    }

    /// Lets time pass and reads until nothing new is told, twice over: long enough for any rotation.
    fn read(&mut self) -> Told {
        let mut told = Told::default();
        let mut quiet = 0;
        while quiet < 3 {
            let before = told.events.len();
            let idle = self.look(&mut told) != Progress::More;
            quiet = if told.events.len() == before && idle { quiet + 1 } else { 0 };
            self.now += STEP;
        }
        told
    }

    /// Looks once, at the present moment.
    fn look(&mut self, told: &mut Told) -> Progress {
        let mut emit = |event| {
            told.events.push(event);
            ControlFlow::Continue(())
        };
        let progress = self.tailer.as_mut().unwrap().poll(self.now, Discovery::Look, &mut emit);
        progress.continue_value().expect("the listener never leaves")
    }
}

impl Told {
    /// All lines, of all sources, in order.
    fn text(&self) -> String {
        let bytes = self.events.iter().flat_map(|event| match event {
            TailEvent::Lines { bytes, .. } => bytes.clone(),
            _ => Vec::new(),
        });
        String::from_utf8_lossy(&bytes.collect::<Vec<_>>()).into_owned()
    }

    fn history(&self) -> Vec<bool> {
        let flag = |event: &TailEvent| match event {
            TailEvent::Lines { history, .. } => Some(*history),
            _ => None,
        };
        self.events.iter().filter_map(flag).collect()
    }

    fn blind(&self) -> Vec<Blindness> {
        let why = |event: &TailEvent| match event {
            TailEvent::Blind { why, .. } => Some(*why),
            _ => None,
        };
        self.events.iter().filter_map(why).collect()
    }

    fn seen(&self) -> usize {
        self.events.iter().filter(|event| matches!(event, TailEvent::Seen { .. })).count()
    }

    /// How many events came before it was told that all is caught up, each time that was told.
    fn caught_up(&self) -> Vec<usize> {
        let events = self.events.iter().enumerate();
        events.filter(|(_, event)| **event == TailEvent::CaughtUp).map(|(place, _)| place).collect()
    }

    /// The last position of each source.
    fn positions(&self) -> Vec<Position> {
        let mut last = BTreeMap::new();
        for event in &self.events {
            if let TailEvent::Lines { position_after: position, .. }
            | TailEvent::Seen { position: Some(position), .. } = event
            {
                last.insert(position.path.clone(), position.clone());
            }
        }
        last.into_values().collect()
    }
}

fn numbered(range: std::ops::Range<usize>) -> String {
    range
        .map(|number| format!("line {number} of a log that is long enough to be told from others\n"))
        .collect()
}

#[test]
fn the_first_start_hands_over_history_and_then_what_is_written() {
    let mut world = World::new(&["access.log"]);
    world.append("access.log", "old 1\nold 2\n");
    let told = world.start(Vec::new());
    assert_eq!((told.text().as_str(), told.history(), told.seen()), ("old 1\nold 2\n", vec![true], 1));
    world.append("access.log", "new\n");
    let told = world.read();
    assert_eq!((told.text().as_str(), told.history()), ("new\n", vec![false]));
}

#[test]
fn history_is_the_last_four_mebibytes_in_whole_lines() {
    let mut world = World::new(&["access.log"]);
    let log = numbered(0..100_000);
    assert!(log.len() > 5 << 20);
    world.append("access.log", &log);
    let told = world.start(Vec::new());
    let text = told.text();
    assert!(log.ends_with(&text) && text.starts_with("line "), "whole lines from the end");
    assert!(((4 << 20) - 100..=4 << 20).contains(&text.len()), "{}", text.len());
    assert!(told.history().iter().all(|history| *history));
    for event in &told.events {
        if let TailEvent::Lines { bytes, .. } = event {
            assert!(bytes.len() <= file::CHUNK && bytes.ends_with(b"\n"));
        }
    }
}

#[test]
fn a_line_written_in_two_halves_is_told_once_and_whole() {
    let mut world = World::new(&["access.log"]);
    world.append("access.log", "a\nha");
    assert_eq!(world.start(Vec::new()).text(), "a\n");
    world.append("access.log", "lf");
    assert_eq!(world.read().text(), "");
    world.append("access.log", "\nb\n");
    assert_eq!(world.read().text(), "half\nb\n");
}

#[test]
fn rotation_by_rename_finishes_the_old_file_before_the_new_one() {
    let mut world = World::new(&["access.log"]);
    world.append("access.log", "1\n");
    world.start(Vec::new());
    world.append("access.log", "2\n");
    world.rename("access.log", "access.log.1");
    world.append("access.log.1", "3\n");
    world.append("access.log", "5\n");
    world.append("access.log.1", "4\n");
    let told = world.read();
    assert_eq!((told.text().as_str(), told.blind()), ("2\n3\n4\n5\n", Vec::new()));
    world.append("access.log", "6\n");
    assert_eq!(world.read().text(), "6\n");
}

#[test]
fn the_old_file_is_read_on_until_the_new_one_has_a_line() {
    let mut world = World::new(&["access.log"]);
    world.append("access.log", "1\n");
    world.start(Vec::new());
    world.rename("access.log", "access.log.1");
    world.append("access.log", "");
    assert_eq!(world.read().text(), "");
    world.append("access.log.1", "2\nunfinished");
    assert_eq!(world.read().text(), "2\n");
    world.append("access.log", "3\n");
    assert_eq!(world.read().text(), "unfinished3\n");
}

#[test]
fn a_worker_that_reopens_late_still_gets_its_last_line_in_order() {
    let mut world = World::new(&["access.log"]);
    world.append("access.log", "1\n");
    world.start(Vec::new());
    world.rename("access.log", "access.log.1");
    world.append("access.log", "3\n");
    let mut told = Told::default();
    world.look(&mut told);
    assert_eq!(told.text(), "");
    world.append("access.log.1", "2\n");
    assert_eq!(world.read().text(), "2\n3\n");
}

#[test]
fn rotation_by_truncation_starts_the_file_over() {
    let mut world = World::new(&["access.log"]);
    world.append("access.log", "one\ntwo\n");
    world.start(Vec::new());
    fs::write(world.path("access.log"), "3\n").unwrap();
    assert_eq!(world.read().text(), "3\n");
    fs::write(world.path("access.log"), "grown past the old place at once\n").unwrap();
    assert_eq!(world.read().text(), "grown past the old place at once\n");
}

#[test]
fn a_file_that_appears_later_is_read_from_its_first_line() {
    let mut world = World::new(&["access.log"]);
    let told = world.start(Vec::new());
    assert_eq!((told.blind(), told.seen()), (vec![Blindness::Missing], 0));
    world.append("access.log", "first\n");
    let told = world.read();
    assert_eq!((told.text().as_str(), told.history(), told.seen()), ("first\n", vec![false], 1));
}

#[test]
fn a_vanished_file_is_told_after_five_seconds_and_its_return_too() {
    let mut world = World::new(&["access.log"]);
    world.append("access.log", "1\n");
    world.start(Vec::new());
    fs::remove_file(world.path("access.log")).unwrap();
    assert_eq!(world.read().blind(), Vec::new());
    world.now += follow::MISSING_AFTER;
    let told = world.read();
    assert_eq!((told.blind(), told.seen()), (vec![Blindness::Missing], 0));
    world.append("access.log", "2\n");
    let told = world.read();
    assert_eq!((told.text().as_str(), told.blind(), told.seen()), ("2\n", Vec::new(), 1));
}

#[test]
fn something_unreadable_in_the_place_of_a_log_is_told_once() {
    let mut world = World::new(&["access.log"]);
    fs::create_dir(world.path("access.log")).unwrap();
    assert_eq!(world.start(Vec::new()).blind(), [Blindness::NotAFile]);
    assert_eq!(world.read().blind(), []);
    fs::remove_dir(world.path("access.log")).unwrap();
    world.append("access.log", "1\n");
    let told = world.read();
    assert_eq!((told.text().as_str(), told.seen()), ("1\n", 1));
    world.rename("access.log", "elsewhere");
    fs::create_dir(world.path("access.log")).unwrap();
    assert_eq!(world.read().blind(), [Blindness::NotAFile]);
}

#[test]
fn a_restart_goes_on_where_reading_stopped() {
    let mut world = World::new(&["access.log"]);
    world.append("access.log", &numbered(0..10));
    let positions = world.start(Vec::new()).positions();
    world.append("access.log", &numbered(10..20));
    let told = world.start(positions);
    assert_eq!((told.text(), told.history()), (numbered(10..20), vec![false]));
}

#[test]
fn a_restart_in_the_middle_of_history_reads_on_from_there() {
    let mut world = World::new(&["access.log"]);
    let log = numbered(0..3000);
    world.append("access.log", &log);
    let told = world.start(Vec::new());
    let (first, rest) = told.events.split_at(2);
    let positions = Told { events: first.to_vec() }.positions();
    let expected = Told { events: rest.to_vec() }.text();
    assert!(!expected.is_empty());
    assert_eq!(world.start(positions).text(), expected);
}

#[test]
fn a_log_rotated_twice_during_a_restart_is_drained_in_order() {
    let mut world = World::new(&["access.log"]);
    world.append("access.log.1", "from long before\n");
    world.age("access.log.1", 500);
    world.append("access.log", &numbered(0..10));
    let positions = world.start(Vec::new()).positions();
    world.append("access.log", &numbered(10..20));
    world.rename("access.log.1", "access.log.3");
    world.rename("access.log", "access.log.2");
    world.age("access.log.2", 200);
    world.append("access.log.1", &numbered(20..30));
    world.age("access.log.1", 100);
    world.append("access.log", &numbered(30..40));
    let told = world.start(positions);
    assert_eq!((told.text(), told.blind()), (numbered(10..40), Vec::new()));
}

#[test]
fn a_log_renamed_with_its_date_before_the_ending_during_a_restart_is_read_to_its_end() {
    let mut world = World::new(&["access.log"]);
    world.append("access.log", &numbered(0..10));
    let positions = world.start(Vec::new()).positions();
    world.append("access.log", &numbered(10..20));
    world.rename("access.log", "access-20251219.log");
    world.append("access.log", &numbered(20..30));
    let told = world.start(positions);
    assert_eq!((told.text(), told.blind()), (numbered(10..30), Vec::new()));
}

#[test]
fn a_copied_and_truncated_log_is_drained_from_the_copy() {
    let mut world = World::new(&["access.log"]);
    world.append("access.log", &numbered(0..10));
    let positions = world.start(Vec::new()).positions();
    world.append("access.log", &numbered(10..20));
    fs::copy(world.path("access.log"), world.path("access.log.1")).unwrap();
    fs::write(world.path("access.log"), numbered(20..30)).unwrap();
    let told = world.start(positions);
    assert_eq!((told.text(), told.blind()), (numbered(10..30), Vec::new()));
}

#[test]
fn what_was_rotated_away_and_deleted_is_told_as_lost() {
    let mut world = World::new(&["access.log"]);
    world.append("access.log", &numbered(0..10));
    let positions = world.start(Vec::new()).positions();
    fs::write(world.path("other"), numbered(10..20)).unwrap();
    world.rename("other", "access.log");
    let told = world.start(positions);
    assert_eq!((told.blind(), told.seen()), (vec![Blindness::Lost], 1));
    assert_eq!(told.text(), numbered(10..20));
}

#[test]
fn a_saved_position_outlives_the_time_its_file_is_missing() {
    let mut world = World::new(&["access.log"]);
    world.append("access.log", &numbered(0..10));
    let positions = world.start(Vec::new()).positions();
    world.append("access.log", &numbered(10..20));
    world.rename("access.log", "unmounted");
    assert_eq!(world.start(positions).blind(), [Blindness::Missing]);
    world.rename("unmounted", "access.log");
    assert_eq!(world.read().text(), numbered(10..20));
}

#[test]
fn a_restart_at_any_event_loses_no_line_and_repeats_none() {
    let mut world = World::new(&["access.log"]);
    world.append("access.log", &numbered(0..4000));
    world.start(Vec::new());
    world.append("access.log", &numbered(4000..8000));
    world.rename("access.log", "access.log.1");
    world.append("access.log", &numbered(8000..9000));
    let told = world.read();
    assert_eq!(told.text(), numbered(4000..9000));
    for stop in 1..=told.events.len() {
        let (before, _) = told.events.split_at(stop);
        let before = Told { events: before.to_vec() };
        let after = world.start(before.positions());
        assert_eq!(before.text() + &after.text(), numbered(4000..9000), "stopped after {stop}");
    }
}

#[test]
fn a_line_of_a_megabyte_is_told_whole_and_a_longer_one_is_cut() {
    let mut world = World::new(&["access.log"]);
    world.start(Vec::new());
    let longest = crate::source::access_log::LONGEST_LINE;
    let long = "x".repeat(longest);
    world.append("access.log", &format!("a\n{long}\nb\n{long}{long}y\nc\n"));
    let told = world.read();
    assert_eq!(told.text(), format!("a\n{long}\nb\n{long}\nc\n"));
    let cut: Vec<_> = told
        .events
        .iter()
        .filter_map(|event| match event {
            TailEvent::Lines { bytes, cut: true, .. } => Some(bytes.len()),
            _ => None,
        })
        .collect();
    assert_eq!(cut, [longest + 1]);
    let end = told.positions()[0].offset;
    assert_eq!(end, fs::metadata(world.path("access.log")).unwrap().len());
}

#[test]
fn behind_bytes_count_down_to_nothing() {
    let mut world = World::new(&["access.log"]);
    world.append("access.log", &numbered(0..5000));
    let told = world.start(Vec::new());
    let behind: Vec<_> = told
        .events
        .iter()
        .filter_map(|event| match event {
            TailEvent::Lines { behind_bytes, .. } => Some(*behind_bytes),
            _ => None,
        })
        .collect();
    assert!(behind.len() > 2 && behind.is_sorted_by(|a, b| a > b), "{behind:?}");
    assert_eq!(behind.last(), Some(&0));
}

#[test]
fn a_line_that_is_only_begun_is_nothing_to_be_behind_with() {
    let mut world = World::new(&["access.log"]);
    world.start(Vec::new());
    world.append("access.log", "whole\nonly beg");
    let told = world.read();
    let behind = told.events.iter().find_map(|event| match event {
        TailEvent::Lines { behind_bytes, .. } => Some(*behind_bytes),
        _ => None,
    });
    assert_eq!((told.text().as_str(), behind), ("whole\n", Some(0)));
    world.append("access.log", "un\n");
    assert_eq!(world.read().text(), "only begun\n");
}

#[test]
fn after_a_start_it_is_told_once_that_all_is_read_that_stood_there() {
    let mut world = World::new(&["long.log", "rotated.log", "silent.log", "missing.log", "none-*.log"]);
    for name in ["long.log", "rotated.log", "silent.log"] {
        world.append(name, &numbered(0..10));
    }
    let told = world.start(Vec::new());
    assert_eq!(told.caught_up().len(), 1);
    let positions = told.positions();
    world.append("long.log", &numbered(10..40_000));
    world.append("rotated.log", &numbered(10..20));
    world.rename("rotated.log", "rotated.log.1");
    world.append("rotated.log", &numbered(20..30));
    let told = world.start(positions);
    let last = told.events.iter().rposition(|event| matches!(event, TailEvent::Lines { .. }));
    assert!(told.text().contains(&numbered(20..30)));
    assert!(last.is_some_and(|last| told.caught_up() == [last + 1]), "{last:?} {:?}", told.caught_up());
    world.append("silent.log", "more\n");
    assert!(world.read().caught_up().is_empty(), "once");
}

#[test]
fn with_nothing_to_read_all_is_caught_up_at_the_first_look() {
    for patterns in [&["silent.log"][..], &["missing.log"], &["none-*.log"], &["silent.log", "missing.log"]] {
        let mut world = World::new(patterns);
        world.append("silent.log", "1\n");
        let positions = world.start(Vec::new()).positions();
        world.tailer = Some(Tailer::new(&world.patterns, positions).unwrap());
        let mut told = Told::default();
        world.look(&mut told);
        assert_eq!(told.caught_up().len(), 1, "{patterns:?}: {told:?}");
    }
}

#[test]
fn a_glob_finds_files_now_and_later_but_no_rotations() {
    let mut world = World::new(&["*.log*"]);
    world.append("a.log", "a1\n");
    world.append("a.log.1", "older\n");
    world.append("a.log.2.gz", "not text");
    let told = world.start(Vec::new());
    assert_eq!((told.text().as_str(), told.history()), ("a1\n", vec![true]));
    world.append("b.log", "b1\n");
    let told = world.read();
    assert_eq!((told.text().as_str(), told.history()), ("b1\n", vec![false]));
    world.rename("a.log", "z-20251219.log");
    world.append("a.log", "a2\n");
    assert_eq!(world.read().text(), "a2\n");
    assert_eq!(world.read().text(), "");
}

#[test]
fn a_glob_without_a_match_is_told_and_so_is_its_first_match() {
    let mut world = World::new(&["*.log"]);
    assert_eq!(world.start(Vec::new()).blind(), [Blindness::NothingMatches]);
    world.append("a.log", "1\n");
    let told = world.read();
    assert_eq!((told.text().as_str(), told.seen()), ("1\n", 2));
}

#[test]
fn a_glob_that_matched_nothing_before_a_restart_is_told_to_match_after_it() {
    let mut world = World::new(&["*.log"]);
    assert_eq!(world.start(Vec::new()).blind(), [Blindness::NothingMatches]);
    world.append("a.log", "1\n");
    let told = world.start(Vec::new());
    let glob = world.path("*.log");
    let seen = |event: &TailEvent| matches!(event, TailEvent::Seen { source, .. } if **source == *glob);
    assert_eq!(told.events.iter().filter(|event| seen(event)).count(), 1, "{told:?}");
}

#[test]
fn a_match_of_a_glob_that_is_gone_is_nothing_to_tell_until_the_glob_matches_nothing() {
    let mut world = World::new(&["*.log"]);
    world.append("a.log", "1\n");
    world.append("b.log", "1\n");
    world.start(Vec::new());
    let mut gone = |name: &str| {
        fs::remove_file(world.path(name)).unwrap();
        let mut blind = world.read().blind();
        world.now += follow::MISSING_AFTER;
        blind.extend(world.read().blind());
        blind
    };
    assert_eq!(gone("a.log"), []);
    assert_eq!(gone("b.log"), [Blindness::NothingMatches]);
    world.append("a.log", "again\n");
    assert_eq!(world.read().text(), "again\n");
}

#[test]
fn many_files_are_read_in_turns() {
    let mut world = World::new(&["*.log"]);
    for number in 0..200 {
        world.append(&format!("{number:03}.log"), "start\n");
    }
    world.start(Vec::new());
    for number in 0..200 {
        world.append(&format!("{number:03}.log"), &format!("{number}\n"));
    }
    world.append("000.log", &numbered(0..40_000));
    let told = world.read();
    let sources: Vec<_> = told
        .events
        .iter()
        .filter_map(|event| match event {
            TailEvent::Lines { source, .. } => Some(source.file_name()?.to_owned()),
            _ => None,
        })
        .collect();
    assert_eq!(sources.iter().collect::<BTreeSet<_>>().len(), 200);
    assert!(sources.last().is_some_and(|last| last == "000.log"), "the long one has to wait for the others");
}

#[test]
fn a_pattern_that_is_no_glob_is_refused() {
    let refused = Tailer::new(&["/var/log/***".to_owned()], Vec::new());
    assert!(matches!(refused, Err(TailError::Pattern { pattern, .. }) if pattern == "/var/log/***"));
}

#[tokio::test]
async fn the_running_reader_tells_lines_as_they_are_written_and_stops_when_asked() {
    let world = World::new(&["access.log"]);
    world.append("access.log", "1\n");
    let (tail, mut events) = Tail::start(&world.patterns, Vec::new()).unwrap();
    let mut told = Told::default();
    while told.text() != "1\n" {
        told.events.push(events.recv().await.unwrap());
    }
    world.append("access.log", "2\n");
    while told.text() != "1\n2\n" {
        told.events.push(events.recv().await.unwrap());
    }
    drop(events);
    tail.stop();
}

#[tokio::test]
async fn a_full_channel_holds_the_reader_back_and_loses_nothing() {
    let world = World::new(&["access.log"]);
    let (tail, mut events) = Tail::start(&world.patterns, Vec::new()).unwrap();
    let log = numbered(0..200_000);
    world.append("access.log", &log);
    let mut told = Told::default();
    let mut length = 0;
    while length < log.len() {
        let event = events.recv().await.unwrap();
        if let TailEvent::Lines { bytes, .. } = &event {
            length += bytes.len();
        }
        told.events.push(event);
    }
    assert!(told.text() == log, "every line once and in order");
    drop(events);
    tail.stop();
}
