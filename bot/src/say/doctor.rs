//! What `lifeboat doctor` found: a line each, and its cure on the next where something is wrong.

use super::{Arg, Say};
use crate::chat::discord::doctor::Check;

/// All checks.
#[must_use]
pub fn text(say: Say, checks: &[Check]) -> String {
    let lines = checks.iter().flat_map(|check| {
        let args: Vec<Arg<'_>> =
            check.told.iter().map(|(name, value)| (*name, say.outside(value, 600).into())).collect();
        let told = say.text(&format!("doctor-{}", check.key), &args);
        let sign = if check.well { "✓" } else { "✗" };
        let cure =
            (!check.well).then(|| format!("  → {}", say.text(&format!("doctor-{}-fix", check.key), &args)));
        std::iter::once(format!("{sign} {told}")).chain(cure)
    });
    lines.collect::<Vec<_>>().join("\n")
}
