//! Which files are one log, and which logs one service: rotations of a log have its name, with a count, a date or a
//! compression's ending behind it.

use std::path::{Component, Path, PathBuf};

use super::input::STANDARD_INPUT;
use crate::source::dated::{SEPARATORS, is_date};

/// Endings of what is compressed.
const PACKED: [&str; 3] = [".gz", ".zst", ".zstd"];
/// Endings that say that it is a log, not of what.
const WRITTEN: [&str; 4] = [".log", ".json", ".jsonl", ".txt"];
/// Where what has no name of its own is found: pipes, standard input.
const NAMELESS: [&str; 3] = ["/dev/fd", "/dev/stdin", "/proc"];

/// What is judged together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// The service of lines that name none.
    pub(super) service: String,
    /// Its logs, each with its rotations, in the order given.
    pub(super) logs: Vec<Vec<PathBuf>>,
}

/// Each log by itself, in the order of their first files. Where a service is given, all are logs of it; then what has no
/// name, a pipe say, is a log of its own.
pub(super) fn groups(files: &[PathBuf], service: Option<&str>) -> Vec<Group> {
    let mut logs: Vec<(Log, Vec<PathBuf>)> = Vec::new();
    for path in files {
        let log = Log::of(path);
        let is_one = |known: &Log| *known == log && (service.is_none() || log != Log::default());
        match logs.iter_mut().find(|(known, _)| is_one(known)) {
            Some((_, rotations)) => rotations.push(path.clone()),
            None => logs.push((log, vec![path.clone()])),
        }
    }
    if let Some(service) = service {
        let logs = logs.into_iter().map(|(_, rotations)| rotations).collect();
        return vec![Group { service: service.to_owned(), logs }];
    }
    let all: Vec<Log> = logs.iter().map(|(log, _)| log.clone()).collect();
    let alone = |(log, rotations): (Log, _)| Group { service: log.name_among(&all), logs: vec![rotations] };
    logs.into_iter().map(alone).collect()
}

/// What tells one log from another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Log {
    /// Where it lies, outermost first.
    folders: Vec<String>,
    /// Its name, without what a rotation adds; empty where it has none.
    stem: String,
}

impl Log {
    fn of(path: &Path) -> Self {
        if path.as_os_str() == STANDARD_INPUT || NAMELESS.iter().any(|folder| path.starts_with(folder)) {
            return Self::default();
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let parent = path.parent().unwrap_or(Path::new(""));
        Self { folders: parent.components().filter_map(folder).collect(), stem: stem(&name).to_owned() }
    }

    /// Its innermost folders.
    fn inner(&self, depth: usize) -> &[String] {
        &self.folders[self.folders.len().saturating_sub(depth)..]
    }

    /// Its name, with as many folders in front as tell it from the others.
    fn name_among(&self, all: &[Self]) -> String {
        let alike = |other: &Self, depth| other.stem == self.stem && other.inner(depth) == self.inner(depth);
        let alone = |depth: &usize| !all.iter().any(|other| other != self && alike(other, *depth));
        let depth = (0..self.folders.len()).find(alone).unwrap_or(self.folders.len());
        let stem = Some(&self.stem).filter(|stem| !stem.is_empty());
        let parts: Vec<&str> = self.inner(depth).iter().chain(stem).map(String::as_str).collect();
        if parts.is_empty() { "service".to_owned() } else { parts.join("/") }
    }
}

/// A folder as it is shown; the root is what stands in front of the first `/`.
fn folder(part: Component<'_>) -> Option<String> {
    match part {
        Component::CurDir => None,
        Component::RootDir => Some(String::new()),
        other => Some(other.as_os_str().to_string_lossy().into_owned()),
    }
}

/// `access` of `access.log`, `access.log.1`, `access.log-20260101.gz` and `access-2026-01-01.log`.
fn stem(name: &str) -> &str {
    let rotated = without_endings(name, &PACKED);
    let written = without_count(without_date(rotated));
    without_date(without_endings(written, &WRITTEN))
}

fn without_endings<'a>(name: &'a str, endings: &[&str]) -> &'a str {
    endings.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name)
}

/// Without `.1` or `.old`. The last number of an address, as in `10.0.0.1`, is no count.
fn without_count(name: &str) -> &str {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match name.rsplit_once('.') {
        Some((rest, "old")) => rest,
        Some((rest, count)) if is_number(count) && !rest.rsplit('.').next().is_some_and(is_number) => rest,
        _ => name,
    }
}

/// Without `-20260101`, `.2026-01-01-13` or `-1767225600`; a name that is nothing but a date becomes empty.
fn without_date(name: &str) -> &str {
    let is_of_date = |c: char| c.is_ascii_digit() || SEPARATORS.contains(&c);
    let tail = name.trim_end_matches(is_of_date).len();
    let begins = |at: &usize| {
        let date = name[*at..].strip_prefix(SEPARATORS);
        date.or((*at == 0).then_some(name)).is_some_and(is_date)
    };
    (tail..name.len()).find(begins).map_or(name, |at| &name[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(files: &[&str], expected: &[(&str, &[&str])]) {
        let paths = |files: &[&str]| files.iter().map(PathBuf::from).collect::<Vec<_>>();
        let expected: Vec<_> = expected
            .iter()
            .map(|(service, files)| Group { service: (*service).to_owned(), logs: vec![paths(files)] })
            .collect();
        assert_eq!(groups(&paths(files), None), expected);
    }

    #[test]
    fn a_stem_is_the_name_without_what_a_rotation_adds() {
        for (name, expected) in [
            ("access.log", "access"),
            ("access.log.1", "access"),
            ("access.log.12.gz", "access"),
            ("access.log.old", "access"),
            ("access.log-20260101.gz", "access"),
            ("access.log-20260101-1767225600.zst", "access"),
            ("access.log-1767225600", "access"),
            ("access.log.20260101.3", "access"),
            ("access-2026-01-01.log.gz", "access"),
            ("localhost_access_log.2026-01-01.txt", "localhost_access_log"),
            ("shop.example.com.log", "shop.example.com"),
            ("web-1.log", "web-1"),
            ("web.1.log", "web.1"),
            ("s2.log.2", "s2"),
            ("access-10.0.0.1.log", "access-10.0.0.1"),
            ("10.10.10.10", "10.10.10.10"),
            ("2026-01-01.log", ""),
            ("日志.log.1", "日志"),
            ("", ""),
        ] {
            assert_eq!(stem(name), expected, "{name}");
        }
    }

    #[test]
    fn rotations_are_one_log_and_other_names_are_others() {
        check(
            &["blog.log", "shop.log", "blog.log.1", "./blog.log-20260101.gz"],
            &[("blog", &["blog.log", "blog.log.1", "./blog.log-20260101.gz"]), ("shop", &["shop.log"])],
        );
    }

    #[test]
    fn the_same_name_in_other_folders_is_another_log_named_with_as_much_of_the_path_as_needed() {
        let (first, second) = ("s1/access.log", "s2/access.log");
        check(&[first, second], &[("s1/access", &[first]), ("s2/access", &[second])]);
        let (first, second, third) = ("/a/x/access.log", "/b/x/access.log", "/b/x/error.log");
        check(
            &[first, second, third],
            &[("a/x/access", &[first]), ("b/x/access", &[second]), ("error", &[third])],
        );
        let (here, below) = ("access.log", "old/access.log.1");
        check(&[here, below], &[("access", &[here]), ("old/access", &[below])]);
        let (inner, outer) = ("b/access.log", "a/b/access.log");
        check(&[inner, outer], &[("b/access", &[inner]), ("a/b/access", &[outer])]);
    }

    #[test]
    fn what_has_no_name_of_its_own_is_one_log_called_service() {
        let (input, first, second) = ("-", "/dev/fd/63", "/proc/self/fd/62");
        check(&[input, first, second], &[("service", &[input, first, second])]);
        check(&["d/2026-01-01.log"], &[("service", &["d/2026-01-01.log"])]);
    }

    #[test]
    fn a_service_that_is_given_has_all_logs_each_with_its_rotations_and_each_pipe_by_itself() {
        let [one, two, one_before] = ["a/web.log", "b/web.log", "a/web.log.1"].map(PathBuf::from);
        let [input, pipe] = ["-", "/dev/fd/63"].map(PathBuf::from);
        let logs = vec![
            vec![one.clone(), one_before.clone()],
            vec![two.clone()],
            vec![input.clone()],
            vec![pipe.clone()],
        ];
        let expected = Group { service: "site".to_owned(), logs };
        assert_eq!(groups(&[one, two, one_before, input, pipe], Some("site")), [expected]);
    }
}
