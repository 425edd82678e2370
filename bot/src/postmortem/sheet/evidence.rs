//! Detection: which alerts told of it, and on what they rest.

use lifeboat_storage::event::{AlertEvidence, AlertKind, Counted};
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
        for (place, detection) in told.iter().take(TOLD).enumerate() {
            let before = told[..place].iter().rev().find(|before| before.alert == detection.alert);
            blocks.extend(self.detected(detection, before.map(|before| &before.evidence)));
        }
        if told.len() > TOLD {
            let more = told.len() - TOLD;
            blocks
                .push(Block::Remark { text: self.text("postmortem-detection-more", &[("n", more.into())]) });
        }
        self.section("detection", "postmortem-detection", blocks)
    }

    /// What an alert told; evidence that it told before is not told again.
    fn detected(&self, detection: &Detection, before: Option<&AlertEvidence>) -> Vec<Block> {
        let Some(event) = (self.scene.lookup)(detection.seq) else { return Vec::new() };
        let (say, evidence) = (self.scene.say, &detection.evidence);
        let told = self.text(
            "postmortem-detected",
            &[("at", self.at(detection.at).into()), ("told", entry::text(&self.scene, &event).into())],
        );
        let told = Block::Prose { text: told };
        if before.is_some_and(|before| same_places(before, evidence)) {
            return vec![told];
        }
        let mut rows = Vec::new();
        if let Some(since) = evidence.since {
            let of_requests = detection.what.is_none_or(AlertKind::is_of_requests);
            let key = if of_requests { "postmortem-evidence-since" } else { "postmortem-evidence-began" };
            rows.push((self.word(key), self.at(since)));
        }
        if evidence.before.total > 0 {
            rows.push((self.word("postmortem-evidence-before"), time::share(say, evidence.before)));
        }
        // What a fleet lacks or fails to start says nothing about where requests went.
        let of_fleet = matches!(detection.what, Some(AlertKind::FailedStart | AlertKind::CapacityShort));
        rows.extend(
            (!of_fleet).then(|| (self.word("postmortem-evidence-points"), alert::points_at(say, evidence))),
        );
        rows.extend(self.lists(evidence));
        let mut blocks = vec![told];
        blocks.extend((!rows.is_empty()).then_some(Block::Facts { rows }));
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

/// The same upstreams, paths and networks in the same order, whatever their counts.
fn same_places(a: &AlertEvidence, b: &AlertEvidence) -> bool {
    let names = |list: &[Counted]| list.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
    let lists = |evidence: &AlertEvidence| {
        [&evidence.upstreams, &evidence.paths, &evidence.clients].map(|list| names(list))
    };
    lists(a) == lists(b)
}
