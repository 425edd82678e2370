//! The postmortem as JSON: the typed document as it was assembled, and its words.

use serde::Serialize;

use super::Source;
use super::sheet::Sheet;
use crate::say::time;

#[derive(Serialize)]
struct Document<'a> {
    /// Grows when a field changes its meaning.
    version: u32,
    written_at: String,
    zone: &'a str,
    postmortem: &'a lifeboat_storage::postmortem::Postmortem,
    words: &'a Sheet,
}

/// The first line of a drill's document says so.
pub(super) fn written(sheet: &Sheet, source: &Source<'_>) -> String {
    let document = Document {
        version: 1,
        written_at: time::utc(source.now),
        zone: source.zone.name(),
        postmortem: source.postmortem,
        words: sheet,
    };
    let json = serde_json::to_string_pretty(&document).expect("plain values with text keys always serialise");
    match &sheet.drill {
        Some(drill) => json.replacen('{', &format!("{{ \"drill\": \"{drill}\","), 1) + "\n",
        None => json + "\n",
    }
}
