//! What `analyze` found: the object of `--json`, and the sentences of the short report.

use std::collections::BTreeMap;
use std::io::{self, Write};

use chrono::{DateTime, SecondsFormat};
use serde::{Serialize, Serializer};

use crate::say::Lang;

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
    /// In the order in which they were detected.
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
    pub detected_at: Moment,
    /// The first second of the first five minutes back to normal; absent if that never came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mitigated_at: Option<Moment>,
    /// The largest share of failed requests, 0 to 1.
    pub peak_share: f64,
    /// Failed requests.
    pub bad: u64,
    /// All requests meanwhile.
    pub total: u64,
    /// The upstreams that failed, where the log names them.
    pub upstreams: Vec<String>,
}

/// Writes the short report for people.
///
/// # Errors
///
/// What the writer says.
pub fn write_report(report: &Report, lang: Lang, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", summary(report, lang))?;
    if !report.status.is_empty() {
        writeln!(out, "{}", statuses(report, lang))?;
    }
    writeln!(out, "{}", how_many(report.incidents.len(), lang))?;
    for (number, incident) in (1..).zip(&report.incidents) {
        writeln!(out, "\n{number}. {}", headline(incident, lang))?;
        writeln!(out, "   {}", course(incident, lang))?;
        if !incident.upstreams.is_empty() {
            writeln!(out, "   {}", upstreams(incident, lang))?;
        }
    }
    Ok(())
}

fn summary(report: &Report, lang: Lang) -> String {
    let (lines, bytes) = (grouped(report.lines), size(report.bytes));
    let (requests, malformed) = (grouped(report.requests), grouped(report.malformed));
    let span = span(report.first, report.last, lang);
    match lang {
        Lang::En => {
            format!("{lines} lines, {bytes}{span}: {requests} requests, {malformed} malformed.")
        }
        Lang::ZhCn => format!("{lines} 行，{bytes}{span}：{requests} 个请求，{malformed} 行格式错误。"),
    }
}

fn span(first: Option<Moment>, last: Option<Moment>, lang: Lang) -> String {
    let (Some(first), Some(last)) = (first, last) else { return String::new() };
    match lang {
        Lang::En => format!(", from {} to {}", clock(first), clock(last)),
        Lang::ZhCn => format!("，{} 至 {}", clock(first), clock(last)),
    }
}

fn statuses(report: &Report, lang: Lang) -> String {
    let each = report.status.iter().map(|(status, count)| {
        let share = share(*count as f64 / report.requests as f64);
        match lang {
            Lang::En => format!("{status}: {} ({share})", grouped(*count)),
            Lang::ZhCn => format!("{status}：{}（{share}）", grouped(*count)),
        }
    });
    match lang {
        Lang::En => format!("Status {}", each.collect::<Vec<_>>().join(", ")),
        Lang::ZhCn => format!("状态码 {}", each.collect::<Vec<_>>().join("，")),
    }
}

fn how_many(incidents: usize, lang: Lang) -> String {
    match (lang, incidents) {
        (Lang::En, 0) => "No incident found.".to_owned(),
        (Lang::En, 1) => "1 incident found:".to_owned(),
        (Lang::En, count) => format!("{count} incidents found:"),
        (Lang::ZhCn, 0) => "未发现故障。".to_owned(),
        (Lang::ZhCn, count) => format!("发现 {count} 起故障："),
    }
}

fn headline(incident: &Incident, lang: Lang) -> String {
    let (service, kind) = (printable(&incident.service), kind(incident.kind, lang));
    let (bad, total) = (grouped(incident.bad), grouped(incident.total));
    let peak = share(incident.peak_share);
    match lang {
        Lang::En => format!("{kind} at {service}: {bad} of {total} requests failed, at worst {peak}."),
        Lang::ZhCn => format!("{service} {kind}：{total} 个请求中有 {bad} 个失败，最严重时 {peak}。"),
    }
}

fn course(incident: &Incident, lang: Lang) -> String {
    let detected = clock(incident.detected_at);
    let started = incident.started_at.map(clock);
    let mitigated = incident.mitigated_at.map(clock);
    match lang {
        Lang::En => format!(
            "Began {}, detected {detected}, {}.",
            started.as_deref().unwrap_or("at an unknown time"),
            mitigated.map_or("not over at the end of the log".to_owned(), |at| format!("mitigated {at}")),
        ),
        Lang::ZhCn => format!(
            "开始：{}；发现：{detected}；{}。",
            started.as_deref().unwrap_or("未知"),
            mitigated.map_or("日志结束时仍未恢复".to_owned(), |at| format!("缓解：{at}")),
        ),
    }
}

fn upstreams(incident: &Incident, lang: Lang) -> String {
    let each: Vec<_> = incident.upstreams.iter().map(|name| printable(name)).collect();
    match lang {
        Lang::En => format!("Upstreams: {}", each.join(", ")),
        Lang::ZhCn => format!("上游：{}", each.join("，")),
    }
}

fn kind(kind: &str, lang: Lang) -> &str {
    match (lang, kind) {
        (Lang::En, "bad_gateway") => "Bad gateway (502)",
        (Lang::En, "server_error") => "Server errors",
        (Lang::En, "unavailable") => "Unavailable (503)",
        (Lang::En, "gateway_timeout") => "Gateway timeouts (504)",
        (Lang::En, "absent") => "No requests",
        (Lang::ZhCn, "bad_gateway") => "网关错误（502）",
        (Lang::ZhCn, "server_error") => "服务器错误",
        (Lang::ZhCn, "unavailable") => "服务不可用（503）",
        (Lang::ZhCn, "gateway_timeout") => "网关超时（504）",
        (Lang::ZhCn, "absent") => "没有请求",
        (_, other) => other,
    }
}

fn clock(at: Moment) -> String {
    at.to_rfc3339().replace('T', " ").replace('Z', " UTC")
}

/// `0.0734` as `7.3 %`.
fn share(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// Digits in groups of three.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let head = digits.len() % 3;
    let groups =
        std::iter::once(&digits[..head]).chain((head..digits.len()).step_by(3).map(|at| &digits[at..at + 3]));
    groups.filter(|group| !group.is_empty()).collect::<Vec<_>>().join(",")
}

fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let step = (0..UNITS.len() - 1).find(|step| (bytes as f64) < 1000_f64.powi(*step as i32 + 1));
    let step = step.unwrap_or(UNITS.len() - 1);
    let digits = usize::from(step > 0);
    format!("{:.digits$} {}", bytes as f64 / 1000_f64.powi(step as i32), UNITS[step])
}

/// Text from the log without anything a terminal would obey.
fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|letter| if letter.is_control() { letter.escape_default().collect() } else { vec![letter] })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        Report {
            lines: 5_791,
            malformed: 1,
            requests: 5_790,
            bytes: 1_269_603,
            first: Some(Moment(1_765_962_181_000)),
            last: Some(Moment(1_765_965_781_250)),
            status: BTreeMap::from([(200, 4_257), (502, 1_533)]),
            incidents: vec![Incident {
                service: "shop\u{1b}[2J".to_owned(),
                kind: "bad_gateway",
                started_at: Some(Moment(1_765_962_181_000)),
                detected_at: Moment(1_765_962_190_000),
                mitigated_at: None,
                peak_share: 0.9876,
                bad: 1_533,
                total: 5_000,
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

        1. Bad gateway (502) at shop\u{1b}[2J: 1,533 of 5,000 requests failed, at worst 98.8 %.
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

        1. shop\u{1b}[2J 网关错误（502）：5,000 个请求中有 1,533 个失败，最严重时 98.8 %。
           开始：2025-12-17 09:03:01 UTC；发现：2025-12-17 09:03:10 UTC；日志结束时仍未恢复。
           上游：10.0.0.1:80
        "##);
    }

    #[test]
    fn an_empty_log_has_nothing_to_tell() {
        let empty = Report {
            lines: 0,
            malformed: 0,
            requests: 0,
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
    fn numbers_and_sizes_are_grouped() {
        for (number, expected) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), expected);
        }
        for (bytes, expected) in [(0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (2_579_271_419, "2.6 GB")] {
            assert_eq!(size(bytes), expected);
        }
    }
}
