//! Moments, durations, counts and shares as people read them.

use chrono::{NaiveDate, Offset, SecondsFormat, TimeDelta};
use lifeboat_storage::event::{Share, Time};

use super::Say;
use crate::console::view::Moment;

/// A moment for machines and for people; the date stands in front where it is not `today`.
#[must_use]
pub fn moment(say: Say, at: Time, today: NaiveDate) -> Moment {
    Moment { utc: utc(at), text: printed(say, at, today) }
}

/// RFC 3339 in UTC with milliseconds.
#[must_use]
pub fn utc(at: Time) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// `10:15:41`, with the date in front where it is not `today`.
#[must_use]
pub fn printed(say: Say, at: Time, today: NaiveDate) -> String {
    if date_of(say, at) == today { clock(say, at) } else { format!("{} {}", date(say, at), clock(say, at)) }
}

/// `10:15:41`.
#[must_use]
pub fn clock(say: Say, at: Time) -> String {
    at.with_timezone(&say.zone()).format("%H:%M:%S").to_string()
}

/// `10:15`.
#[must_use]
pub fn clock_minutes(say: Say, at: Time) -> String {
    at.with_timezone(&say.zone()).format("%H:%M").to_string()
}

/// `2026-01-04`.
#[must_use]
pub fn date(say: Say, at: Time) -> String {
    date_of(say, at).format("%Y-%m-%d").to_string()
}

/// The date of a moment in the configured zone.
#[must_use]
pub fn date_of(say: Say, at: Time) -> NaiveDate {
    at.with_timezone(&say.zone()).date_naive()
}

/// The zone's distance from UTC at that moment: `UTC+8`, `UTC-3:30`, `UTC`.
#[must_use]
pub fn zone_label(say: Say, at: Time) -> String {
    let minutes = zone_offset_min(say, at);
    let sign = if minutes < 0 { '-' } else { '+' };
    match (minutes.abs() / 60, minutes.abs() % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, rest) => format!("UTC{sign}{hours}:{rest:02}"),
    }
}

/// A time as printed, with its distance from UTC where that is another one than `known`'s: `02:00:00 (UTC+1)`.
#[must_use]
pub fn zoned(say: Say, printed: String, at: Time, known: Time) -> String {
    let zone = zone_label(say, at);
    if zone == zone_label(say, known) {
        return printed;
    }
    say.text("time-of-zone", &[("time", printed.into()), ("zone", zone.into())])
}

/// Minutes to add to UTC at that moment.
#[must_use]
pub fn zone_offset_min(say: Say, at: Time) -> i32 {
    at.with_timezone(&say.zone()).offset().fix().local_minus_utc() / 60
}

/// `0.3 s`, `41 s`, `2 min 39 s`, `1 h 6 min`, `3 d 4 h`; what was corrected to run backwards has a minus.
#[must_use]
pub fn duration(say: Say, length: TimeDelta) -> String {
    let text = positive(say, length.abs());
    if length < TimeDelta::zero() && length.num_milliseconds() <= -100 { format!("−{text}") } else { text }
}

fn positive(say: Say, length: TimeDelta) -> String {
    let (days, hours) = (length.num_days(), length.num_hours() % 24);
    let (minutes, seconds) = (length.num_minutes() % 60, length.num_seconds() % 60);
    let tenths = length.num_milliseconds() / 100;
    match (days, hours, minutes) {
        (0, 0, 0) if tenths < 10 && tenths > 0 => one(say, "time-seconds", &format!("0.{tenths}")),
        (0, 0, 0) => one(say, "time-seconds", &seconds.to_string()),
        (0, 0, _) if seconds == 0 => one(say, "time-minutes-only", &minutes.to_string()),
        (0, 0, _) => two(say, ("time-minutes", minutes), ("time-seconds", seconds)),
        (0, _, _) => two(say, ("time-hours", hours), ("time-minutes", minutes)),
        _ => two(say, ("time-days", days), ("time-hours", hours)),
    }
}

fn one(say: Say, unit: &str, number: &str) -> String {
    say.text(unit, &[("n", number.into())])
}

fn two(say: Say, (large, n): (&str, i64), (small, m): (&str, i64)) -> String {
    let first = one(say, large, &n.to_string());
    if m == 0 { first } else { format!("{first} {}", one(say, small, &m.to_string())) }
}

/// `41 s` for a length told in whole seconds.
#[must_use]
pub fn seconds(say: Say, seconds: u32) -> String {
    duration(say, TimeDelta::seconds(i64::from(seconds)))
}

/// `41 %`, `2.3 %`, `0.03 %`, `< 0.01 %`; never 100 % unless all failed, never 0 % unless none did.
#[must_use]
pub fn share(say: Say, share: Share) -> String {
    say.text("time-share", &[("n", percent(share).into())])
}

fn percent(share: Share) -> String {
    if share.bad == 0 || share.total == 0 {
        return "0".to_owned();
    }
    let (bad, total) = (u128::from(share.bad.min(share.total)), u128::from(share.total));
    let rounded = |unit: u128| (bad * unit * 2 + total) / (total * 2);
    let all = bad == total;
    match rounded(10_000) {
        0 => "< 0.01".to_owned(),
        hundredths @ 1..100 => trimmed(hundredths, 2),
        100..1000 => trimmed(rounded(1_000), 1),
        _ if all => "100".to_owned(),
        _ if rounded(100) == 100 => "> 99".to_owned(),
        _ => rounded(100).to_string(),
    }
}

/// A number told in tenths or hundredths, without needless zeros at its end.
fn trimmed(scaled: u128, digits: usize) -> String {
    let unit = 10_u128.pow(u32::try_from(digits).unwrap_or(0));
    let text = format!("{}.{:0digits$}", scaled / unit, scaled % unit);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::super::Lang;
    use super::*;

    const EN: Say = Say::new(Lang::En, chrono_tz::Asia::Shanghai);
    const ZH: Say = Say::new(Lang::ZhCn, chrono_tz::Asia::Shanghai);

    fn at(text: &str) -> Time {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    #[test]
    fn a_duration_is_told_by_its_two_largest_units() {
        let rows = [
            (0, "0 s", "0 秒"),
            (40, "0 s", "0 秒"),
            (340, "0.3 s", "0.3 秒"),
            (999, "0.9 s", "0.9 秒"),
            (41_000, "41 s", "41 秒"),
            (59_999, "59 s", "59 秒"),
            (60_000, "1 min", "1 分钟"),
            (159_000, "2 min 39 s", "2 分 39 秒"),
            (3_960_000, "1 h 6 min", "1 小时 6 分"),
            (7_200_000, "2 h", "2 小时"),
            (273_600_000, "3 d 4 h", "3 天 4 小时"),
            (-41_000, "−41 s", "−41 秒"),
            (-40, "0 s", "0 秒"),
        ];
        for (ms, en, zh) in rows {
            let length = TimeDelta::milliseconds(ms);
            assert_eq!([duration(EN, length), duration(ZH, length)], [en, zh], "{ms}");
        }
    }

    #[test]
    fn a_share_is_told_with_sensible_digits() {
        let rows = [
            (0, 0, "0 %"),
            (0, 900, "0 %"),
            (1, 1_000_000, "< 0.01 %"),
            (3, 10_000, "0.03 %"),
            (5, 1_000, "0.5 %"),
            (1, 100, "1 %"),
            (23, 1_000, "2.3 %"),
            (9_949, 100_000, "9.9 %"),
            (9_996, 100_000, "10 %"),
            (223, 1_240, "18 %"),
            (41, 100, "41 %"),
            (999, 1_000, "> 99 %"),
            (7, 7, "100 %"),
            (8, 7, "100 %"),
            (u64::MAX, u64::MAX, "100 %"),
        ];
        for (bad, total, text) in rows {
            assert_eq!(share(EN, Share { bad, total }), text, "{bad} of {total}");
        }
        assert_eq!(share(ZH, Share { bad: 41, total: 100 }), "41%");
    }

    #[test]
    fn a_moment_carries_its_date_where_it_is_not_today() {
        let today = NaiveDate::from_ymd_opt(2026, 1, 5).unwrap();
        assert_eq!(printed(EN, at("2026-01-05T02:15:41.250Z"), today), "10:15:41");
        assert_eq!(printed(EN, at("2026-01-04T15:59:59Z"), today), "2026-01-04 23:59:59");
        assert_eq!(printed(EN, at("2026-01-04T16:00:00Z"), today), "00:00:00");
        assert_eq!(moment(EN, at("2026-01-05T02:15:41.25Z"), today).utc, "2026-01-05T02:15:41.250Z");
    }

    #[test]
    fn a_zone_is_told_by_its_distance_at_that_moment() {
        let label = |zone, moment| zone_label(Say::new(Lang::En, zone), at(moment));
        assert_eq!(label(chrono_tz::Asia::Shanghai, "2026-01-05T00:00:00Z"), "UTC+8");
        assert_eq!(label(chrono_tz::UTC, "2026-01-05T00:00:00Z"), "UTC");
        assert_eq!(label(chrono_tz::Asia::Kolkata, "2026-01-05T00:00:00Z"), "UTC+5:30");
        assert_eq!(label(chrono_tz::America::St_Johns, "2026-01-05T00:00:00Z"), "UTC-3:30");
        assert_eq!(label(chrono_tz::Europe::Berlin, "2026-07-05T00:00:00Z"), "UTC+2");
        let berlin = Say::new(Lang::En, chrono_tz::Europe::Berlin);
        let seen = |moment| zoned(berlin, clock(berlin, at(moment)), at(moment), at("2027-10-30T22:40:00Z"));
        assert_eq!(seen("2027-10-31T00:59:59Z"), "02:59:59");
        assert_eq!(seen("2027-10-31T01:00:00Z"), "02:00:00 (UTC+1)");
    }
}
