//! Moments and spans the way tired people type them.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use lifeboat_storage::event::Time;

/// Reads RFC 3339, `HH:MM` and `HH:MM:SS` in the zone, or `-15m`; none for anything else, and for a clock time that
/// summer time skips.
///
/// A clock time that lies ahead today is yesterday's where that is the nearer of both, as it is just after midnight.
/// Else it is today's, and whoever asks refuses it as ahead: a slip must not become yesterday without a word.
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
    let on = |day: NaiveDate| Some(on_day(day, clock.ok()?, zone)?.with_timezone(&Utc));
    let (at, before) = (on(today)?, today.checked_sub_days(Days::new(1)).and_then(on));
    Some(before.filter(|before| at > now && now - *before < at - now).unwrap_or(at))
}

/// The same clock time a day before, where that has passed: what somebody may have meant by a moment that lies ahead.
#[must_use]
pub fn a_day_before(at: Time, now: Time, zone: Tz) -> Option<DateTime<Tz>> {
    let local = at.with_timezone(&zone);
    let day = local.date_naive().checked_sub_days(Days::new(1))?;
    on_day(day, local.time(), zone).filter(|before| *before <= now)
}

fn on_day(day: NaiveDate, clock: NaiveTime, zone: Tz) -> Option<DateTime<Tz>> {
    zone.from_local_datetime(&day.and_time(clock)).earliest()
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
    fn a_clock_time_is_today_or_yesterday_when_that_is_nearer() {
        let now = at("2026-01-05T02:30:00Z");
        let zone = chrono_tz::Asia::Shanghai;
        for (typed, expected) in [
            ("10:15", Some(at("2026-01-05T02:15:00Z"))),
            ("10:30", Some(at("2026-01-05T02:30:00Z"))),
            ("10:31", Some(at("2026-01-05T02:31:00Z"))),
            ("22:29", Some(at("2026-01-05T14:29:00Z"))),
            ("22:30", Some(at("2026-01-05T14:30:00Z"))),
            ("22:31", Some(at("2026-01-04T14:31:00Z"))),
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
    fn just_after_midnight_the_evening_was_yesterday() {
        let now = at("2026-01-05T16:20:00Z");
        assert_eq!(moment("23:50", now, chrono_tz::Asia::Shanghai), Some(at("2026-01-05T15:50:00Z")));
    }

    #[test]
    fn a_day_before_is_told_where_it_has_passed() {
        let (zone, now) = (chrono_tz::Asia::Shanghai, at("2026-01-05T12:02:00Z"));
        let before = |text| a_day_before(at(text), now, zone).map(|before| before.to_rfc3339());
        assert_eq!(before("2026-01-05T13:00:00Z").as_deref(), Some("2026-01-04T21:00:00+08:00"));
        assert_eq!(before("2026-01-07T13:00:00Z"), None);
    }

    #[test]
    fn a_clock_time_skipped_by_summer_time_is_not_guessed() {
        let zone = chrono_tz::Europe::Berlin;
        assert_eq!(moment("02:30", at("2026-03-29T10:00:00Z"), zone), None);
    }
}
