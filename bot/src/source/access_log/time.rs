//! The time stamps that access logs carry, turned into milliseconds since 1970.

use crate::source::request::Millis;

/// Length of nginx's and Apache's local time, `17/Dec/2025:09:03:01 +0000`.
pub const LOCAL_LENGTH: usize = 26;

/// Below this an epoch number counts seconds, from here on milliseconds (1e11 s is the year 5138).
const FIRST_EPOCH_MILLIS: f64 = 1e11;
/// From here on an epoch number is neither seconds nor milliseconds.
const END_OF_EPOCH_MILLIS: f64 = 1e14;

/// The last local time read: most lines of a busy log repeat it, and then no calendar is needed.
#[derive(Clone, Debug, Default)]
pub struct LastSecond {
    text: [u8; LOCAL_LENGTH],
    at: Millis,
}

impl LastSecond {
    /// [`local`], remembering the last answer.
    #[inline]
    pub fn local(&mut self, text: &[u8; LOCAL_LENGTH]) -> Option<Millis> {
        if self.text == *text {
            return Some(self.at);
        }
        let at = local(text)?;
        *self = Self { text: *text, at };
        Some(at)
    }
}

/// Reads `17/Dec/2025:09:03:01 +0000`, in any zone.
#[must_use]
pub fn local(text: &[u8; LOCAL_LENGTH]) -> Option<Millis> {
    let [
        d1,
        d2,
        b'/',
        m1,
        m2,
        m3,
        b'/',
        year @ ..,
        b':',
        h1,
        h2,
        b':',
        i1,
        i2,
        b':',
        s1,
        s2,
        b' ',
        sign,
        z1,
        z2,
        z3,
        z4,
    ] = text
    else {
        return None;
    };
    let month = month([*m1, *m2, *m3])?;
    let days = days(number(year)?, month, number(&[*d1, *d2])?)?;
    let seconds = clock(&[*h1, *h2], &[*i1, *i2], &[*s1, *s2])?;
    let offset = offset(*sign, &[*z1, *z2], &[*z3, *z4])?;
    Some((days * 86_400 + seconds - offset) * 1000)
}

/// Reads RFC 3339 and its common relatives: `2025-12-17T09:03:01.123+01:00`, a space for the `T`, `Z`, `+0100`, `+01`.
///
/// A time without a zone is not read: it could be anyone's.
#[must_use]
pub fn iso(text: &[u8]) -> Option<Millis> {
    let (date_and_time, rest) = text.split_at_checked(19)?;
    let [year @ .., b'-', m1, m2, b'-', d1, d2, b'T' | b't' | b' ', h1, h2, b':', i1, i2, b':', s1, s2] =
        date_and_time
    else {
        return None;
    };
    let days = days(number(year)?, number(&[*m1, *m2])?, number(&[*d1, *d2])?)?;
    let seconds = clock(&[*h1, *h2], &[*i1, *i2], &[*s1, *s2])?;
    let (millis, rest) = fraction(rest)?;
    Some((days * 86_400 + seconds - iso_offset(rest)?) * 1000 + millis)
}

/// Reads seconds (`1765962181`, `1765962181.123`) or milliseconds (`1765962181123`) since 1970.
#[must_use]
pub fn epoch(text: &[u8]) -> Option<Millis> {
    let number = decimal(text)?;
    match number {
        n if n < FIRST_EPOCH_MILLIS => Some((n * 1000.0).round() as Millis),
        n if n < END_OF_EPOCH_MILLIS => Some(n.round() as Millis),
        _ => None,
    }
}

/// Reads a duration in seconds (`0.004`) as whole milliseconds.
#[must_use]
pub fn duration_ms(text: &[u8]) -> Option<u32> {
    let millis = (decimal(text)? * 1000.0).round();
    (millis <= f64::from(u32::MAX)).then_some(millis as u32)
}

/// A plain, unsigned decimal number: digits, at most one point between them.
fn decimal(text: &[u8]) -> Option<f64> {
    let plain = text.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
    let framed = text.first()?.is_ascii_digit() && text.last()?.is_ascii_digit();
    if !(plain && framed) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn fraction(text: &[u8]) -> Option<(Millis, &[u8])> {
    let Some(text) = text.strip_prefix(b".").or_else(|| text.strip_prefix(b",")) else {
        return Some((0, text));
    };
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(length);
    let digit = |at: usize| digits.get(at).map_or(0, |byte| Millis::from(byte - b'0'));
    (length > 0).then(|| (digit(0) * 100 + digit(1) * 10 + digit(2), rest))
}

fn iso_offset(text: &[u8]) -> Option<i64> {
    match text {
        [b'Z' | b'z'] => Some(0),
        [sign, h1, h2] => offset(*sign, &[*h1, *h2], b"00"),
        [sign, h1, h2, m1, m2] | [sign, h1, h2, b':', m1, m2] => offset(*sign, &[*h1, *h2], &[*m1, *m2]),
        _ => None,
    }
}

/// Seconds east of Greenwich.
fn offset(sign: u8, hours: &[u8], minutes: &[u8]) -> Option<i64> {
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let seconds = hours * 3600 + minutes * 60;
    match sign {
        b'+' if hours < 24 && minutes < 60 => Some(seconds),
        b'-' if hours < 24 && minutes < 60 => Some(-seconds),
        _ => None,
    }
}

/// Seconds since midnight; a leap second counts as the first second of the next minute.
fn clock(hour: &[u8], minute: &[u8], second: &[u8]) -> Option<i64> {
    let (hour, minute, second) = (number(hour)?, number(minute)?, number(second)?);
    (hour < 24 && minute < 60 && second <= 60).then_some(hour * 3600 + minute * 60 + second)
}

/// Days since 1970-01-01 (Howard Hinnant's `days_from_civil`).
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=days_in(year, month)?).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

fn days_in(year: i64, month: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(if leap { 29 } else { 28 }),
        _ => None,
    }
}

fn month(name: [u8; 3]) -> Option<i64> {
    const NAMES: &[u8; 36] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    NAMES.chunks_exact(3).position(|known| known == name).map(|at| at as i64 + 1)
}

/// Up to four digits, and nothing but digits.
fn number(digits: &[u8]) -> Option<i64> {
    let known = (1..=4).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    known.then(|| digits.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeZone, Utc};
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check_local(text: &str, expected: Option<&str>) {
        let found = text.as_bytes().try_into().ok().and_then(local);
        assert_eq!(found.map(rfc3339), expected.map(str::to_owned), "{text}");
    }

    #[track_caller]
    fn check_iso(text: &str, expected: Option<&str>) {
        assert_eq!(iso(text.as_bytes()).map(rfc3339), expected.map(str::to_owned), "{text}");
    }

    fn rfc3339(at: Millis) -> String {
        Utc.timestamp_millis_opt(at).unwrap().to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
    }

    #[test]
    fn local_times_are_read_in_any_zone_and_impossible_ones_are_refused() {
        check_local("17/Dec/2025:09:03:01 +0000", Some("2025-12-17T09:03:01Z"));
        check_local("17/Dec/2025:09:03:01 +0330", Some("2025-12-17T05:33:01Z"));
        check_local("31/Dec/2025:20:00:00 -0800", Some("2026-01-01T04:00:00Z"));
        check_local("29/Feb/2024:00:00:00 +0000", Some("2024-02-29T00:00:00Z"));
        check_local("29/Feb/2025:00:00:00 +0000", None);
        check_local("31/Apr/2025:00:00:00 +0000", None);
        check_local("00/Apr/2025:00:00:00 +0000", None);
        check_local("30/Jun/2015:23:59:60 +0000", Some("2015-07-01T00:00:00Z"));
        check_local("17/Dec/2025:24:03:01 +0000", None);
        check_local("17/dec/2025:09:03:01 +0000", None);
        check_local("17/Dec/2025:09:03:01 *0000", None);
        check_local("17/Dec/2025 09:03:01 +0000", None);
        check_local("1a/Dec/2025:09:03:01 +0000", None);
    }

    #[test]
    fn iso_times_need_a_zone_and_keep_their_milliseconds() {
        check_iso("2025-12-17T09:03:01Z", Some("2025-12-17T09:03:01Z"));
        check_iso("2025-12-17 09:03:01.123456+01:00", Some("2025-12-17T08:03:01.123Z"));
        check_iso("2025-12-17T09:03:01,5-0330", Some("2025-12-17T12:33:01.500Z"));
        check_iso("2025-12-17T09:03:01+08", Some("2025-12-17T01:03:01Z"));
        check_iso("2025-12-17T09:03:01", None);
        check_iso("2025-12-17T09:03:01.Z", None);
        check_iso("2025-13-17T09:03:01Z", None);
        check_iso("2025-12-17T09:03:01Zoo", None);
    }

    #[test]
    fn epoch_numbers_are_seconds_or_milliseconds_by_their_size() {
        assert_eq!(epoch(b"1765962181"), Some(1_765_962_181_000));
        assert_eq!(epoch(b"1765962181.123"), Some(1_765_962_181_123));
        assert_eq!(epoch(b"1765962181123"), Some(1_765_962_181_123));
        assert_eq!(epoch(b"1765962181123456"), None);
        for odd in ["", "-1", "1e9", "1.2.3", ".5", "5.", "NaN", "inf", "+1"] {
            assert_eq!(epoch(odd.as_bytes()), None, "{odd}");
        }
    }

    #[test]
    fn durations_are_rounded_to_milliseconds() {
        assert_eq!(duration_ms(b"0.004"), Some(4));
        assert_eq!(duration_ms(b"60"), Some(60_000));
        assert_eq!(duration_ms(b"-"), None);
        assert_eq!(duration_ms(b"99999999"), None);
    }

    proptest! {
        #[test]
        fn every_second_of_four_centuries_reads_as_chrono_writes_it(
            seconds in -6_000_000_000_i64..6_000_000_000, zone in -1439_i32..1439, millis in 0_i64..1000,
        ) {
            let zone = chrono::FixedOffset::east_opt(zone * 60).unwrap();
            let at = DateTime::from_timestamp_millis(seconds * 1000 + millis).unwrap().with_timezone(&zone);
            let written = at.format("%d/%b/%Y:%H:%M:%S %z").to_string();
            prop_assert_eq!(local(written.as_bytes().try_into().unwrap()), Some(seconds * 1000));
            prop_assert_eq!(iso(at.to_rfc3339().as_bytes()), Some(seconds * 1000 + millis));
        }

        #[test]
        fn the_remembered_second_never_differs_from_a_fresh_reading(picks in prop::collection::vec(0_usize..5, 1..40)) {
            let texts = [
                b"17/Dec/2025:09:03:01 +0000", b"17/Dec/2025:09:03:02 +0000", b"17/Dec/2025:09:03:01 +0100",
                b"17/Dex/2025:09:03:01 +0000", b"16/Dec/2025:23:59:59 -0800",
            ];
            let mut last = LastSecond::default();
            for pick in picks {
                prop_assert_eq!(last.local(texts[pick]), local(texts[pick]));
            }
        }
    }
}
