//! What `lifeboat drill` prints.

use std::path::Path;

use super::Say;

/// The first lines: what is played, where to look, where the record is kept.
#[must_use]
pub fn opening(say: Say, link: &str, data: &Path) -> String {
    let data = data.display().to_string();
    say.text("drill-opening", &[("link", link.to_owned().into()), ("data", data.into())])
}
