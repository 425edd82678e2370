//! Dates in the names of logs.

/// What stands in front of a date, and inside it.
pub(crate) const SEPARATORS: [char; 3] = ['.', '-', '_'];

/// Of digits and separators: begins with a year of this century and goes on, or has eight digits and more at once, as
/// `2026-01-01-13`, `20260101` and `1767225600`.
pub(crate) fn is_date(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let first = text.bytes().take_while(u8::is_ascii_digit).count();
    let nothing_else = text.chars().all(|c| c.is_ascii_digit() || SEPARATORS.contains(&c));
    nothing_else && (first >= 8 || (first == 4 && digits >= 6 && text.starts_with("20")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_has_a_year_or_many_digits_at_once() {
        for (text, expected) in [
            ("20260101", true),
            ("2026-01-01", true),
            ("2026.01.01-13", true),
            ("1767225600", true),
            ("2026", false),
            ("1", false),
            ("10.0.0.1", false),
            ("2026-01-01-shop", false),
            ("", false),
        ] {
            assert_eq!(is_date(text), expected, "{text}");
        }
    }
}
