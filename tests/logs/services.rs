//! Several logs at once: each is a service of its own.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use lifeboat::analyze::{Incident, Options, Report, run};

use super::analyze;

/// Ten minutes of one request a second; every second one fails in the seconds given.
fn lines(host: &str, failing: &Range<u32>) -> Vec<String> {
    let line = |second: u32| {
        let status = if failing.contains(&second) && second.is_multiple_of(2) { 502 } else { 200 };
        format!(
            "{host}192.0.2.{} - - [17/Dec/2025:09:{:02}:{:02} +0000] \"GET / HTTP/1.1\" {status} 150 \"-\" \"curl\"\n",
            second % 50,
            second / 60,
            second % 60,
        )
    };
    (0..600).map(line).collect()
}

fn log(failing: Range<u32>) -> String {
    lines("", &failing).concat()
}

fn written(directory: &Path, name: &str, text: &str) -> PathBuf {
    let path = directory.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path
}

/// Without a service that is given.
fn unnamed(files: &[&PathBuf]) -> Report {
    let files = files.iter().map(|path| (*path).clone()).collect();
    run(&Options { files, json: true, ..Options::default() }, &mut std::io::sink()).unwrap()
}

fn services(report: &Report) -> Vec<&str> {
    report.incidents.iter().map(|incident| incident.service.as_str()).collect()
}

#[test]
fn two_logs_that_fail_at_once_are_two_incidents_each_with_its_own_counts() {
    let directory = tempfile::tempdir().unwrap();
    let shop = written(directory.path(), "shop.log", &log(330..400));
    let blog = written(directory.path(), "blog.log", &log(300..360));
    let both = unnamed(&[&shop, &blog]);
    assert_eq!(services(&both), ["blog", "shop"], "by the time of detection");
    let bad: Vec<u64> = both.incidents.iter().map(|incident| incident.bad).collect();
    assert_eq!(bad, [30, 35]);
    let alone: Vec<Incident> =
        [&blog, &shop].into_iter().flat_map(|path| unnamed(&[path]).incidents).collect();
    assert_eq!(both.incidents, alone, "neither log changes what is found in the other");
    assert_eq!((both.lines, both.status.get(&502)), (1200, Some(&65)), "the counts are over all");
}

#[test]
fn the_same_name_in_two_folders_is_two_services() {
    let directory = tempfile::tempdir().unwrap();
    let first = written(directory.path(), "s1/access.log", &log(300..360));
    let second = written(directory.path(), "s2/access.log", &log(330..390));
    assert_eq!(services(&unnamed(&[&first, &second])), ["s1/access", "s2/access"]);
    assert_eq!(services(&unnamed(&[&first])), ["access"], "alone it needs no folder");
}

#[test]
fn a_log_cut_into_rotations_beside_another_log_gives_the_same_report() {
    let directory = tempfile::tempdir().unwrap();
    let shop = written(directory.path(), "shop.log", &log(330..400));
    let whole = written(directory.path(), "whole/blog.log", &log(300..360));
    let parts = lines("", &(300..360));
    let newer = written(directory.path(), "cut/blog.log", &parts[310..].concat());
    let older = written(directory.path(), "cut/blog.log.1", &parts[..310].concat());
    assert_eq!(unnamed(&[&newer, &shop, &older]), unnamed(&[&shop, &whole]));
}

#[test]
fn a_service_that_is_given_takes_all_logs_and_one_named_by_the_lines_is_kept() {
    let directory = tempfile::tempdir().unwrap();
    let plain = written(directory.path(), "plain.log", &log(0..0));
    let hosts = lines("shop.example ", &(300..360)).concat();
    let hosts = written(directory.path(), "hosts.log", &hosts);
    assert_eq!(services(&unnamed(&[&plain, &hosts])), ["shop.example"]);
    let failing = written(directory.path(), "failing.log", &log(300..360));
    assert_eq!(services(&analyze(&[plain, failing]).unwrap()), ["site"]);
}

#[test]
fn logs_of_one_service_are_judged_in_the_order_of_their_times_as_one_log_of_all_lines() {
    let directory = tempfile::tempdir().unwrap();
    let (mut first, mut second) = (lines("", &(300..420)), lines("", &(300..420)));
    first[310].insert_str(0, "not a request\n");
    second.truncate(500);
    let (older, newer) = second.split_at(340);
    let files = [
        written(directory.path(), "one.log", &first.concat()),
        written(directory.path(), "two.log", &newer.concat()),
        written(directory.path(), "empty.log", ""),
        written(directory.path(), "two.log.1", &older.concat()),
    ];
    let of_both = (0..600).flat_map(|i| first.get(i).into_iter().chain(second.get(i)));
    let whole: String = of_both.map(String::as_str).collect();
    let whole = analyze(&[written(directory.path(), "whole.log", &whole)]).unwrap();
    assert_eq!(whole.incidents.len(), 1, "{whole:?}");
    assert_eq!((whole.lines, whole.malformed, whole.incidents[0].bad), (1101, 1, 120));
    assert_eq!(analyze(&files).unwrap(), whole);
    assert_eq!(analyze(&[&files[1..], &files[..1]].concat()).unwrap(), whole);
}

#[test]
fn a_line_far_ahead_in_one_log_of_a_service_holds_up_none_behind_it() {
    let directory = tempfile::tempdir().unwrap();
    let (first, mut second) = (lines("", &(300..420)), lines("", &(300..420)));
    let whole: String =
        first.iter().zip(&second).flat_map(|pair| [pair.0.as_str(), pair.1.as_str()]).collect();
    let whole = analyze(&[written(directory.path(), "whole.log", &whole)]).unwrap();
    second[60] = second[60].replace("17/Dec/2025", "17/Jan/2026");
    let files = [("one.log", first), ("two.log", second)]
        .map(|(name, lines)| written(directory.path(), name, &lines.concat()));
    // A clock that jumps may end a minute early: the worst one is not compared.
    let counts = |report: &Report| {
        let each = report.incidents.iter().map(|one| (one.started_at, one.mitigated_at, one.bad, one.total));
        (report.lines, each.collect::<Vec<_>>())
    };
    assert_eq!(counts(&analyze(&files).unwrap()), counts(&whole));
}
