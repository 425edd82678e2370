//! The postmortem as a file.

use lifeboat_storage::id::IncidentId;
use lifeboat_storage::postmortem::assemble;

use super::answers;
use crate::desk::Room;
use crate::postmortem::{Format, Source, render};
use crate::say::Lang;

/// What an exported page may load: its own style, nothing else, and no script.
pub const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Which postmortem, and written how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Of which incident.
    pub incident: IncidentId,
    /// Written how.
    pub format: Format,
}

impl Wanted {
    /// Reads `INC-0042.html`.
    #[must_use]
    pub fn read(name: &str) -> Option<Self> {
        let (incident, format) = name.rsplit_once('.')?;
        Some(Self { incident: incident.parse().ok()?, format: format.parse().ok()? })
    }

    /// The name of the file.
    #[must_use]
    pub fn file_name(self) -> String {
        format!("{}.{}", self.incident, self.format)
    }
}

/// Writes it from what is durable; none where there is no such incident.
#[must_use]
pub fn export(room: &Room<'_>, wanted: Wanted, lang: Lang) -> Option<String> {
    let state = room.engine.durable();
    let known = state.incidents.get(&wanted.incident)?;
    let events = answers::events_of(room, known);
    let postmortem = assemble(known, events.iter().map(|event| &**event), state);
    let source =
        Source { postmortem: &postmortem, state, zone: room.engine.setup().zone, now: room.now.wall };
    Some(render(&source, wanted.format, lang))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_is_named_by_incident_and_format_and_nothing_else() {
        let wanted = Wanted { incident: IncidentId(42), format: Format::Html };
        assert_eq!(Wanted::read("INC-0042.html"), Some(wanted));
        assert_eq!(wanted.file_name(), "INC-0042.html");
        for name in ["", "INC-0042", "INC-0042.pdf", "../INC-0042.md", "INC-0042.md.exe", ".md"] {
            assert_eq!(Wanted::read(name), None, "{name}");
        }
    }
}
