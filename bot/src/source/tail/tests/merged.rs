//! Several logs of one service: told in the order of time, and nothing lost, told twice or held back.

use proptest::prelude::*;

use super::*;
use crate::detect::{Found, Limits, Watch};
use crate::source::access_log::{LogFormat, Parser, lines, without_ending};
use crate::source::request::Request;

/// A line of the combined format, so many seconds after nine o'clock.
fn at(second: usize, name: &str, number: usize) -> String {
    let (hour, minute, second) = (9 + second / 3600, second / 60 % 60, second % 60);
    format!(
        "10.0.0.1 - - [17/Dec/2025:{hour:02}:{minute:02}:{second:02} +0000] \"GET /{name}/{number} HTTP/1.1\" 200 166\n"
    )
}

/// Lines of one log, `a_second` of them each second.
fn log(name: &str, count: usize, a_second: usize) -> String {
    (0..count).map(|number| at(number / a_second, name, number)).collect()
}

impl Told {
    /// What one log told.
    fn text_of(&self, name: &str) -> String {
        let of =
            |event: &&TailEvent| matches!(event, TailEvent::Lines { source, .. } if source.ends_with(name));
        Told { events: self.events.iter().filter(of).cloned().collect() }.text()
    }

    /// Whether the lines that tell a time come in the order of their times.
    fn is_in_order_of_time(&self) -> bool {
        let mut times = Vec::new();
        self.requests(|request| times.extend(request.at));
        assert!(times.len() > 2, "{} lines tell a time", times.len());
        times.is_sorted()
    }

    fn requests(&self, mut hear: impl FnMut(&Request<'_>)) {
        let mut parser = Parser::new(LogFormat::Combined);
        for line in lines(self.text().as_bytes()) {
            if let Some(request) = parser.parse(without_ending(line)) {
                hear(&request);
            }
        }
    }
}

/// A world in which all logs were read up to a first line, and the positions behind it.
fn begun(patterns: &[&str], names: &[&str]) -> (World, Vec<Position>) {
    let mut world = World::new(patterns);
    for name in names {
        world.append(
            name,
            &format!("the first line of {name}, long enough to be told from any other log's\n"),
        );
    }
    let positions = world.start(Vec::new()).positions();
    (world, positions)
}

#[test]
fn a_backlog_in_two_logs_is_told_in_the_order_of_time() {
    let (mut world, positions) = begun(&["*.log"], &["a.log", "b.log"]);
    let (a, b) = (log("a", 30_000, 50), log("b", 6_000, 10));
    assert!(a.len() > 2 * 16 * file::CHUNK, "more than two looks");
    world.append("a.log", &a);
    world.append("b.log", &b);
    let told = world.start(positions);
    assert!(told.is_in_order_of_time(), "as written");
    assert!(told.text_of("a.log") == a && told.text_of("b.log") == b, "each whole and in its order");
    let behind = told.events.iter().filter_map(|event| match event {
        TailEvent::Lines { source, behind_bytes, .. } if source.ends_with("a.log") => Some(*behind_bytes),
        _ => None,
    });
    let behind: Vec<_> = behind.collect();
    assert!(behind.is_sorted_by(|a, b| a > b) && behind.last() == Some(&0), "{behind:?}");
    let last = told.events.len() - 1;
    assert_eq!(told.caught_up(), [last], "told when the last line was");
}

#[test]
fn an_outage_in_two_logs_that_were_not_read_meanwhile_is_one_alert_with_its_true_end() {
    let (mut world, positions) = begun(&["*.log"], &["a.log", "b.log"]);
    for name in ["a.log", "b.log"] {
        let failing = |number: usize| (600 * 15..780 * 15).contains(&number) && number.is_multiple_of(2);
        let line = |number| {
            let line = at(number / 15, name, number);
            let line = line.replace("10.0.0.1", &format!("10.0.0.{}", number % 200));
            if failing(number) { line.replace(" 200 ", " 502 ") } else { line }
        };
        world.append(name, &(0..1_800 * 15).map(line).collect::<String>());
    }
    let told = world.start(positions);
    let (mut watch, mut findings, mut ends) = (Watch::new(Limits::default()), Vec::new(), Vec::new());
    told.requests(|request| watch.observe("shop", request, 0, &mut findings));
    watch.finish(&mut findings);
    for finding in &findings {
        match &finding.what {
            Found::Recovered { good_since, .. } => ends.push(good_since % 3_600_000 / 1000),
            Found::Returned { .. } => panic!("{finding:?}"),
            Found::Opened { .. } | Found::Grew { .. } | Found::Moved { .. } => {}
        }
    }
    let opened = findings.iter().filter(|finding| matches!(finding.what, Found::Opened { .. })).count();
    assert_eq!((opened, ends), (1, vec![780]), "from 9:10:00 to 9:13:00");
}

#[test]
fn a_restart_between_any_two_of_several_logs_loses_no_line_and_repeats_none() {
    let (mut world, positions) = begun(&["*.log"], &["a.log", "b.log"]);
    let (a, b) = (log("a", 900, 30), log("b", 300, 10));
    world.append("a.log", &a);
    world.append("b.log", &b);
    let told = world.start(positions.clone());
    assert!(told.events.len() > 30);
    for stop in 0..=told.events.len() {
        let before = Told { events: told.events[..stop].to_vec() };
        let reached = before.positions();
        let missing = |position: &&Position| !reached.iter().any(|known| known.path == position.path);
        let kept: Vec<_> = positions.iter().filter(missing).cloned().collect();
        let after = world.start([reached.clone(), kept].concat());
        for (name, whole) in [("a.log", &a), ("b.log", &b)] {
            let both = before.text_of(name) + &after.text_of(name);
            assert!(both == *whole, "{name} stopped after {stop}");
        }
    }
}

#[test]
fn logs_without_times_silent_and_missing_ones_hold_nothing_back() {
    let patterns = ["a.log", "b.log", "plain.log", "silent.log", "missing.log"];
    let (mut world, positions) = begun(&patterns, &patterns[..4]);
    let (a, b) = (log("a", 9_000, 50), log("b", 1_800, 10));
    world.append("a.log", &a);
    world.append("b.log", &b);
    world.append("plain.log", &numbered(0..30_000));
    world.tailer = Some(Tailer::new(&world.patterns, positions).unwrap());
    let mut told = Told::default();
    while world.look(&mut told) == Progress::More {}
    assert!(told.is_in_order_of_time());
    assert!(told.text_of("a.log") == a && told.text_of("b.log") == b);
    assert!(told.text_of("plain.log") == numbered(0..30_000));
    assert_eq!((told.blind(), told.caught_up().len()), (vec![Blindness::Missing], 1));
}

#[test]
fn a_log_rotated_meanwhile_is_told_in_the_order_of_time_over_to_its_new_file() {
    let (mut world, positions) = begun(&["*.log"], &["a.log", "b.log"]);
    let (a, b) = (log("a", 3_000, 10), log("b", 3_000, 10));
    let half = a.len() / 2 + a[a.len() / 2..].find('\n').unwrap() + 1;
    world.append("a.log", &a[..half]);
    world.rename("a.log", "a.log.1");
    world.append("a.log", &a[half..]);
    world.append("b.log", &b);
    let told = world.start(positions);
    assert!(told.is_in_order_of_time(), "b.log waits while a.log goes over to its new file");
    assert!(told.text_of("a.log") == a && told.text_of("b.log") == b);
}

#[test]
fn live_lines_of_several_logs_are_told_in_the_look_that_reads_them() {
    let (mut world, _) = begun(&["*.log"], &["a.log", "b.log", "json.log"]);
    let json = "{\"time\":\"2025-12-17T09:00:01Z\",\"status\":502}\n";
    let (a, b) = (at(0, "a", 0) + &at(2, "a", 1), at(1, "b", 0) + "no time\n" + &at(3, "b", 1));
    world.append("a.log", &a);
    world.append("b.log", &b);
    world.append("json.log", json);
    let mut told = Told::default();
    world.look(&mut told);
    let expected =
        [&at(0, "a", 0), &at(1, "b", 0), "no time\n", json, &at(2, "a", 1), &at(3, "b", 1)].concat();
    assert_eq!(told.text(), expected);
    world.append("a.log", &at(9, "a", 2));
    let mut told = Told::default();
    world.look(&mut told);
    assert_eq!(told.text(), at(9, "a", 2));
}

#[test]
fn a_line_longer_than_a_chunk_takes_its_turn_whole_and_its_position_stays_exact() {
    let (mut world, positions) = begun(&["*.log"], &["a.log", "b.log"]);
    let long = |name: &str, length| at(5, name, 0).trim_end().to_owned() + &"x".repeat(length) + "\n";
    let a = at(1, "a", 0) + &long("a", 3 * file::CHUNK) + &at(9, "a", 1);
    let b = at(2, "b", 0) + &long("b", 2 << 20) + &at(8, "b", 1);
    world.append("a.log", &a);
    world.append("b.log", &b);
    let told = world.start(positions);
    assert!(told.is_in_order_of_time() && told.text_of("a.log") == a);
    for position in told.positions() {
        assert_eq!(position.offset, fs::metadata(&position.path).unwrap().len());
    }
}

/// What happens to one of the logs between two looks.
#[derive(Clone, Copy, Debug)]
enum Happening {
    Written { log: usize, lines: usize, later: usize },
    Rotated { log: usize },
    Restarted,
    Looked,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        4 => (0..3_usize, 1..2_000_usize, 0..90_usize)
            .prop_map(|(log, lines, later)| Happening::Written { log, lines, later }),
        1 => (0..3_usize).prop_map(|log| Happening::Rotated { log }),
        1 => Just(Happening::Restarted),
        2 => Just(Happening::Looked),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_happens_to_several_logs_each_line_is_told_once_and_in_the_order_of_its_log(
        happenings in prop::collection::vec(happening(), 1..30)
    ) {
        let names = ["a.log", "b.log", "c.log"];
        let (mut world, positions) = begun(&names, &names);
        let mut told = Told::default();
        let mut known: BTreeMap<_, _> =
            positions.into_iter().map(|position| (position.path.clone(), position)).collect();
        let (mut written, mut second, mut rotations) = (vec![String::new(); 3], 0, 0);
        for happening in happenings {
            match happening {
                Happening::Written { log, lines, later } => {
                    let text: String = (0..lines).map(|n| at(second + n / 20, names[log], n)).collect();
                    second += later;
                    world.append(names[log], &text);
                    written[log] += &text;
                }
                Happening::Rotated { log } => {
                    // One rotation at a time: the new file is read before the next.
                    told.events.extend(world.read().events);
                    rotations += 1;
                    world.rename(names[log], &format!("old-{rotations}-{log}"));
                    let text = at(second, names[log], rotations);
                    world.append(names[log], &text);
                    written[log] += &text;
                    told.events.extend(world.read().events);
                }
                Happening::Restarted => world.restart(&mut known, &told),
                Happening::Looked => drop(world.look(&mut told)),
            }
        }
        told.events.extend(world.read().events);
        for (name, written) in names.iter().zip(&written) {
            prop_assert!(told.text_of(name) == *written, "{}", name);
        }
        prop_assert_eq!(told.blind(), Vec::new());
    }
}
