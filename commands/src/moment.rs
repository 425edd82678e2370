//! Moments and spans the way tired people type them.

use chrono::{DateTime, Days, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use lifeboat_storage::event::Time;

/// Reads RFC 3339, `HH:MM` and `HH:MM:SS` in the zone (today, or yesterday when that lies ahead), or `-15m`;
/// none for anything else, and for a clock time that summer time skips.
#[must_use]
pub fn moment(text: &str, now: Time, zone: Tz) -> Option<Time> {
    if let Ok(exact) = DateTime::parse_from_rfc3339(text) {
        return Some(exact.with_timezone(&Utc));
    }
    if let Some(ago) = text.strip_prefix('-') {
        return now.checked_sub_signed(span(ago)?);
    }
    let clock =
        NaiveTime::parse_from_str(text, "%H:%M:%S").or_else(|_| NaiveTime::parse_from_str(text, "%H:%M"));
    let today = now.with_timezone(&zone).date_naive();
    let on = |day: chrono::NaiveDate| zone.from_local_datetime(&day.and_time(clock.ok()?)).earliest();
    let at = on(today)?.with_timezone(&Utc);
    if at <= now { Some(at) } else { Some(on(today.checked_sub_days(Days::new(1))?)?.with_timezone(&Utc)) }
}

/// Reads `90s`, `15m`, `2h`, `1d`, `1h30m`; at most a year, more than nothing.
#[must_use]
pub fn span(text: &str) -> Option<TimeDelta> {
    let mut total: i64 = 0;
    let mut number = String::new();
    for c in text.chars() {
        if c.is_ascii_digit() {
            number.push(c);
            continue;
        }
        let unit = match c {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return None,
        };
        total = total.checked_add(number.parse::<i64>().ok()?.checked_mul(unit)?)?;
        number.clear();
    }
    let whole = number.is_empty() && total > 0 && total <= 366 * 86_400;
    whole.then(|| TimeDelta::seconds(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
    }

    #[test]
    fn a_clock_time_is_today_or_yesterday_when_it_lies_ahead() {
        let now = at("2026-01-05T02:30:00Z");
        let zone = chrono_tz::Asia::Shanghai;
        for (typed, expected) in [
            ("10:15", Some(at("2026-01-05T02:15:00Z"))),
            ("10:30", Some(at("2026-01-05T02:30:00Z"))),
            ("10:31", Some(at("2026-01-04T02:31:00Z"))),
            ("23:59:59", Some(at("2026-01-04T15:59:59Z"))),
            ("-15m", Some(at("2026-01-05T02:15:00Z"))),
            ("-1h30m", Some(at("2026-01-05T01:00:00Z"))),
            ("2026-01-05T10:00:00+08:00", Some(at("2026-01-05T02:00:00Z"))),
            ("24:00", None),
            ("-15", None),
            ("-", None),
            ("-99999999999999999d", None),
            ("十点", None),
            ("", None),
        ] {
            assert_eq!(moment(typed, now, zone), expected, "{typed}");
        }
    }

    #[test]
    fn a_clock_time_skipped_by_summer_time_is_not_guessed() {
        let zone = chrono_tz::Europe::Berlin;
        assert_eq!(moment("02:30", at("2026-03-29T10:00:00Z"), zone), None);
    }
}
