//! What was given, as it would be typed again: for refusals that say which line to send instead.

use super::Values;
use crate::table::Spec;

/// Longer values are left to whoever typed them, in characters.
const LONGEST: usize = 80;

/// ` incident:INC-0002 at:10:15`, in the order of the table, with a blank in front of each; nothing where nothing was
/// given.
pub(super) fn options(spec: &Spec, values: &Values) -> String {
    let given = spec.options.iter().filter_map(|option| Some((option.name, values.get(option.name)?)));
    let given = given.filter(|(_, value)| !value.trim().is_empty());
    given.map(|(name, value)| format!(" {}", option(name, value))).collect()
}

/// `reason:"a false alarm"`, `incident:INC-0002`.
pub(super) fn option(name: &str, value: &str) -> String {
    let value = value.trim();
    match value.chars().count() {
        LONGEST.. => format!("{name}:…"),
        _ if value.contains(char::is_whitespace) && !value.contains('"') => format!("{name}:\"{value}\""),
        _ => format!("{name}:{value}"),
    }
}
