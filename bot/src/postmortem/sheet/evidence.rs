//! Detection: which alerts told of it, and on what they rest.

use lifeboat_storage::event::{AlertEvidence, Counted};
use lifeboat_storage::postmortem::Detection;

use super::{Block, Ink, Section};
use crate::say::{alert, entry, limits, time};

/// Alerts told in full; the evidence of all others is in the JSON.
const TOLD: usize = 4;

impl Ink<'_> {
    pub(super) fn detection(&self) -> Section {
        let told = &self.doc.detection;
        let mut blocks = Vec::new();
        if told.is_empty() {
            blocks.push(Block::Prose { text: self.word("postmortem-detection-none") });
        }
        blocks.extend(told.iter().take(TOLD).flat_map(|detection| self.detected(detection)));
        if told.len() > TOLD {
            let more = told.len() - TOLD;
            blocks
                .push(Block::Remark { text: self.text("postmortem-detection-more", &[("n", more.into())]) });
        }
        self.section("detection", "postmortem-detection", blocks)
    }

    fn detected(&self, detection: &Detection) -> Vec<Block> {
        let Some(event) = (self.scene.lookup)(detection.seq) else { return Vec::new() };
        let (say, evidence) = (self.scene.say, &detection.evidence);
        let told = self.text(
            "postmortem-detected",
            &[("at", self.at(detection.at).into()), ("told", entry::text(&self.scene, &event).into())],
        );
        let mut rows = Vec::new();
        if let Some(since) = evidence.since {
            rows.push((self.word("postmortem-evidence-since"), self.at(since)));
        }
        if evidence.before.total > 0 {
            rows.push((self.word("postmortem-evidence-before"), time::share(say, evidence.before)));
        }
        rows.push((self.word("postmortem-evidence-points"), alert::points_at(say, evidence)));
        rows.extend(self.lists(evidence));
        let mut blocks = vec![Block::Prose { text: told }, Block::Facts { rows }];
        if !evidence.samples.is_empty() {
            let lines = evidence.samples.iter().map(|line| say.outside(line, limits::SAMPLE)).collect();
            blocks.push(Block::Lines { label: self.word("postmortem-evidence-lines"), lines });
        }
        blocks
    }

    fn lists(&self, evidence: &AlertEvidence) -> Vec<(String, String)> {
        let rows = [
            ("postmortem-evidence-upstreams", &evidence.upstreams),
            ("postmortem-evidence-paths", &evidence.paths),
            ("postmortem-evidence-clients", &evidence.clients),
        ];
        let named = rows.into_iter().filter(|(_, list)| !list.is_empty());
        named.map(|(key, list)| (self.word(key), self.counted(list))).collect()
    }

    fn counted(&self, list: &[Counted]) -> String {
        let line = |one: &Counted| {
            let name = self.scene.say.outside(&one.name, limits::LINE);
            self.text("postmortem-evidence-count", &[("name", name.into()), ("n", one.count.into())])
        };
        list.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}
