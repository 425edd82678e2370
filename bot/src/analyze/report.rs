//! What `analyze` found: the object of `--json`, and the sentences of the short report.

use std::collections::BTreeMap;
use std::io::{self, Write};

use chrono::{DateTime, SecondsFormat};
use chrono_tz::Tz;
use serde::{Serialize, Serializer};

use crate::say::{Arg, Lang, Say};
use crate::source::request::Millis;

/// A point in time, written as RFC 3339 in UTC, with milliseconds only where there are any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub Millis);

impl Moment {
    fn to_rfc3339(self) -> String {
        let digits = if self.0 % 1000 == 0 { SecondsFormat::Secs } else { SecondsFormat::Millis };
        DateTime::from_timestamp_millis(self.0).unwrap_or_default().to_rfc3339_opts(digits, true)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_rfc3339())
    }
}

/// Everything `analyze` found; serialised, it is the object that `--json` prints.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// All lines.
    pub lines: u64,
    /// Lines that are no request beyond doubt.
    pub malformed: u64,
    /// All other lines.
    pub requests: u64,
    /// Requests without a time that could be read.
    #[serde(skip)]
    pub untimed: u64,
    /// Bytes, uncompressed.
    pub bytes: u64,
    /// The earliest time stamp.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<Moment>,
    /// The latest time stamp.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<Moment>,
    /// Requests by status.
    pub status: BTreeMap<u16, u64>,
    /// Of all logs, by the time of detection; those of unknown time at the end.
    pub incidents: Vec<Incident>,
}

/// One incident found in the log.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Incident {
    /// The service it hit.
    pub service: String,
    /// `bad_gateway`, `server_error`, `unavailable`, `gateway_timeout` or `absent`.
    pub kind: &'static str,
    /// The first bad line of the run that led to detection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Moment>,
    /// The time of the deciding line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detected_at: Option<Moment>,
    /// The first second of the first five minutes back to normal; absent if that never came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mitigated_at: Option<Moment>,
    /// The largest share of failed requests, 0 to 1.
    pub peak_share: f64,
    /// Failed requests, from the first to the last of each of its runs.
    pub bad: u64,
    /// All requests of the same runs: those between a recovery and its return are not counted.
    pub total: u64,
    /// How often it came back after a recovery; told in words only.
    #[serde(skip)]
    pub returned: u32,
    /// The upstreams that failed, where the log names them.
    pub upstreams: Vec<String>,
}

/// Writes the short report for people.
///
/// # Errors
///
/// What the writer says.
pub fn write_report(report: &Report, lang: Lang, out: &mut dyn Write) -> io::Result<()> {
    let say = Say::new(lang, Tz::UTC).plain();
    writeln!(out, "{}", summary(report, say))?;
    if !report.status.is_empty() {
        writeln!(out, "{}", statuses(report, say))?;
    }
    writeln!(out, "{}", say.text("analyze-incidents", &[("n", report.incidents.len().into())]))?;
    for (number, incident) in (1..).zip(&report.incidents) {
        writeln!(out, "\n{number}. {}", headline(incident, say))?;
        writeln!(out, "   {}", course(incident, say))?;
        if incident.returned > 0 {
            writeln!(out, "   {}", returned(incident, say))?;
        }
        if !incident.upstreams.is_empty() {
            writeln!(out, "   {}", upstreams(incident, say))?;
        }
    }
    Ok(())
}

/// What people should know before they trust the times; none where every request has one.
#[must_use]
pub fn warning(report: &Report, lang: Lang) -> Option<String> {
    let args = [("n", report.untimed.into()), ("total", report.requests.into())];
    (report.untimed > 0).then(|| Say::new(lang, Tz::UTC).plain().text("analyze-untimed", &args))
}

fn summary(report: &Report, say: Say) -> String {
    let mut args: Vec<Arg<'_>> = vec![
        ("lines", report.lines.into()),
        ("size", size(report.bytes).into()),
        ("requests", report.requests.into()),
        ("malformed", report.malformed.into()),
    ];
    match (report.first, report.last) {
        (Some(first), Some(last)) => {
            args.extend([("first", clock(first).into()), ("last", clock(last).into())]);
            say.text("analyze-summary-span", &args)
        }
        _ => say.text("analyze-summary", &args),
    }
}

fn statuses(report: &Report, say: Say) -> String {
    let each = report.status.iter().map(|(status, count)| {
        let share = share(*count as f64 / report.requests as f64);
        let args = [("status", status.to_string().into()), ("n", (*count).into()), ("share", share.into())];
        say.text("analyze-status", &args)
    });
    say.text("analyze-statuses", &[("list", list(each, say).into())])
}

fn headline(incident: &Incident, say: Say) -> String {
    let about = [("service", say.name(&incident.service).into()), ("kind", kind(incident.kind, say).into())];
    if incident.total == 0 {
        return say.text("analyze-silence", &about);
    }
    let counts: [Arg<'_>; 3] = [
        ("bad", incident.bad.into()),
        ("total", incident.total.into()),
        ("share", share(incident.peak_share).into()),
    ];
    say.text("analyze-incident", &[&about[..], &counts].concat())
}

fn course(incident: &Incident, say: Say) -> String {
    let told = |at: Option<Moment>| at.map_or_else(|| say.word("analyze-time-unknown"), clock);
    let began =
        [("started", told(incident.started_at).into()), ("detected", told(incident.detected_at).into())];
    match incident.mitigated_at {
        Some(at) => {
            let [started, detected] = began;
            say.text("analyze-course", &[started, detected, ("mitigated", clock(at).into())])
        }
        None => say.text("analyze-course-open", &began),
    }
}

/// The counts are of less than the time between its beginning and its end.
fn returned(incident: &Incident, say: Say) -> String {
    let key = if incident.total == 0 { "analyze-returned-silence" } else { "analyze-returned" };
    say.text(key, &[("n", incident.returned.into())])
}

fn upstreams(incident: &Incident, say: Say) -> String {
    let each = incident.upstreams.iter().map(|name| say.name(name));
    say.text("analyze-upstreams", &[("list", list(each, say).into())])
}

fn list(items: impl Iterator<Item = String>, say: Say) -> String {
    let join = |list: String, next: String| {
        say.text("analyze-list", &[("list", list.into()), ("next", next.into())])
    };
    items.reduce(join).unwrap_or_default()
}

fn kind(kind: &str, say: Say) -> String {
    match kind {
        "bad_gateway" => say.word("analyze-kind-bad-gateway"),
        "server_error" => say.word("analyze-kind-server-error"),
        "unavailable" => say.word("analyze-kind-unavailable"),
        "gateway_timeout" => say.word("analyze-kind-gateway-timeout"),
        "absent" => say.word("analyze-kind-absent"),
        other => other.to_owned(),
    }
}

fn clock(at: Moment) -> String {
    at.to_rfc3339().replace('T', " ").replace('Z', " UTC")
}

/// `0.0734` as `7.3 %`.
fn share(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let step = (0..UNITS.len() - 1).find(|step| (bytes as f64) < 1000_f64.powi(*step as i32 + 1));
    let step = step.unwrap_or(UNITS.len() - 1);
    let digits = usize::from(step > 0);
    format!("{:.digits$} {}", bytes as f64 / 1000_f64.powi(step as i32), UNITS[step])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        Report {
            lines: 5_791,
            malformed: 1,
            requests: 5_790,
            untimed: 0,
            bytes: 1_269_603,
            first: Some(Moment(1_765_962_181_000)),
            last: Some(Moment(1_765_965_781_250)),
            status: BTreeMap::from([(200, 4_257), (502, 1_533)]),
            incidents: vec![Incident {
                service: "shop\u{1b}[2J".to_owned(),
                kind: "bad_gateway",
                started_at: Some(Moment(1_765_962_181_000)),
                detected_at: Some(Moment(1_765_962_190_000)),
                mitigated_at: None,
                peak_share: 0.9876,
                bad: 1_533,
                total: 5_000,
                returned: 0,
                upstreams: vec!["10.0.0.1:80".to_owned()],
            }],
        }
    }

    fn text(report: &Report, lang: Lang) -> String {
        let mut out = Vec::new();
        write_report(report, lang, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_report_reads_in_english() {
        insta::assert_snapshot!(text(&report(), Lang::En), @r##"
        5,791 lines, 1.3 MB, from 2025-12-17 09:03:01 UTC to 2025-12-17 10:03:01.250 UTC: 5,790 requests, 1 malformed.
        Status 200: 4,257 (73.5 %), 502: 1,533 (26.5 %)
        1 incident found:

        1. Bad gateway (502) at shop␛[2J: 1,533 of 5,000 requests failed, at worst 98.8 %.
           Began 2025-12-17 09:03:01 UTC, detected 2025-12-17 09:03:10 UTC, not over at the end of the log.
           Upstreams: 10.0.0.1:80
        "##);
    }

    #[test]
    fn the_report_reads_in_chinese() {
        insta::assert_snapshot!(text(&report(), Lang::ZhCn), @r##"
        5,791 行，1.3 MB，2025-12-17 09:03:01 UTC 至 2025-12-17 10:03:01.250 UTC：5,790 个请求，1 行格式错误。
        状态码 200：4,257（73.5 %），502：1,533（26.5 %）
        发现 1 起故障：

        1. shop␛[2J 网关错误（502）：5,000 个请求中有 1,533 个失败，最严重时 98.8 %。
           开始：2025-12-17 09:03:01 UTC；发现：2025-12-17 09:03:10 UTC；日志结束时仍未恢复。
           上游：10.0.0.1:80
        "##);
    }

    #[test]
    fn an_incident_that_came_back_is_told_with_what_its_counts_leave_out() {
        let told = |kind, total, times, lang| {
            let [incident] = report().incidents.try_into().unwrap();
            let incidents = vec![Incident { kind, total, returned: times, ..incident }];
            text(&Report { incidents, ..report() }, lang).lines().nth(6).unwrap_or_default().trim().to_owned()
        };
        let both = |kind, total, times| [Lang::En, Lang::ZhCn].map(|lang| told(kind, total, times, lang));
        let once = [
            "Recovered and came back once; requests in between are not counted.",
            "其间曾恢复，又复发 1 次；恢复期间的请求不计入。",
        ];
        assert_eq!(both("bad_gateway", 5_000, 1), once);
        let twice = [
            "Recovered and came back 2 times; requests in between are not counted.",
            "其间曾恢复，又复发 2 次；恢复期间的请求不计入。",
        ];
        assert_eq!(both("bad_gateway", 5_000, 2), twice);
        let silence = ["Requests came again and stopped again once.", "其间曾恢复，又中断 1 次。"];
        assert_eq!(both("absent", 0, 1), silence);
    }

    #[test]
    fn a_silence_is_told_without_a_share() {
        let [incident] = report().incidents.try_into().unwrap();
        let silence = Incident { kind: "absent", bad: 0, total: 0, peak_share: 0.0, ..incident };
        let told = |lang| headline(&silence, Say::new(lang, Tz::UTC).plain());
        assert!(told(Lang::En).starts_with("No requests at shop"), "{}", told(Lang::En));
        assert!(!told(Lang::En).contains('%') && !told(Lang::ZhCn).contains('%'));
    }

    #[test]
    fn an_empty_log_has_nothing_to_tell() {
        let empty = Report {
            lines: 0,
            malformed: 0,
            requests: 0,
            untimed: 0,
            bytes: 0,
            first: None,
            last: None,
            status: BTreeMap::new(),
            incidents: Vec::new(),
        };
        assert_eq!(text(&empty, Lang::En), "0 lines, 0 B: 0 requests, 0 malformed.\nNo incident found.\n");
        assert_eq!(
            serde_json::to_string(&empty).unwrap(),
            r#"{"lines":0,"malformed":0,"requests":0,"bytes":0,"status":{},"incidents":[]}"#
        );
    }

    #[test]
    fn the_json_object_leaves_out_what_is_not_known() {
        insta::assert_snapshot!(serde_json::to_string_pretty(&report()).unwrap(), @r##"
        {
          "lines": 5791,
          "malformed": 1,
          "requests": 5790,
          "bytes": 1269603,
          "first": "2025-12-17T09:03:01Z",
          "last": "2025-12-17T10:03:01.250Z",
          "status": {
            "200": 4257,
            "502": 1533
          },
          "incidents": [
            {
              "service": "shop\u001b[2J",
              "kind": "bad_gateway",
              "started_at": "2025-12-17T09:03:01Z",
              "detected_at": "2025-12-17T09:03:10Z",
              "peak_share": 0.9876,
              "bad": 1533,
              "total": 5000,
              "upstreams": [
                "10.0.0.1:80"
              ]
            }
          ]
        }
        "##);
    }

    #[test]
    fn a_time_that_is_not_known_is_left_out_and_said_to_be_unknown() {
        let [incident] = report().incidents.try_into().unwrap();
        let timeless = Incident { started_at: None, detected_at: None, ..incident };
        let json = serde_json::to_string(&timeless).unwrap();
        assert!(!json.contains("_at"), "{json}");
        let told = |lang| course(&timeless, Say::new(lang, Tz::UTC).plain());
        assert_eq!(
            told(Lang::En),
            "Began at an unknown time, detected at an unknown time, not over at the end of the log."
        );
        assert_eq!(told(Lang::ZhCn), "开始：未知；发现：未知；日志结束时仍未恢复。");
    }

    #[test]
    fn requests_without_a_time_are_warned_of_and_only_then() {
        assert_eq!(warning(&report(), Lang::En), None);
        let untimed = Report { untimed: 1_500, ..report() };
        let told = |lang| warning(&untimed, lang).unwrap_or_default();
        assert!(told(Lang::En).contains("1,500 of 5,790"), "{}", told(Lang::En));
        assert!(told(Lang::ZhCn).contains("时区"), "{}", told(Lang::ZhCn));
    }

    #[test]
    fn sizes_are_told_in_the_unit_that_fits() {
        for (bytes, expected) in [(0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (2_579_271_419, "2.6 GB")] {
            assert_eq!(size(bytes), expected);
        }
    }
}
