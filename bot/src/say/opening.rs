//! What `lifeboat drill` and `lifeboat run` print when they begin.

use std::path::Path;

use super::Say;

/// The first lines: what is played, where to look, where the record is kept.
#[must_use]
pub fn drill(say: Say, link: &str, data: &Path) -> String {
    let data = data.display().to_string();
    say.text("drill-opening", &[("link", link.to_owned().into()), ("data", data.into())])
}

/// The first lines of a real run: what is watched, where to look, whose link it is.
#[must_use]
pub fn running(say: Say, services: &[String], link: &str, user: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let services = if services.is_empty() { "–".to_owned() } else { services.join(", ") };
    say.text(
        "run-opening",
        &[
            ("version", version.into()),
            ("services", services.into()),
            ("link", link.to_owned().into()),
            ("user", user.to_owned().into()),
        ],
    )
}
