//! Plans on machines: what was asked for, who said yes, what was done on which node, and what is proven.

use lifeboat_storage::plan::run::{Run, Standing};

use super::{Block, Ink, Row, Section, Table};
use crate::say::plan;

impl Ink<'_> {
    /// A section where there was a plan.
    pub(super) fn plans(&self) -> Option<Section> {
        let blocks: Vec<Block> = self.doc.plans.iter().flat_map(|run| self.plan(run)).collect();
        (!blocks.is_empty()).then(|| self.section("plans", "postmortem-plans", blocks))
    }

    /// Its card in words: the heading, the facts, and a line for each node or matter.
    fn plan(&self, run: &Run) -> Vec<Block> {
        let card = plan::card(&self.scene, run);
        let heading = self.text(
            "postmortem-plan",
            &[
                ("plan", card.id.into()),
                ("what", card.title.into()),
                ("standing", plan::standing(self.scene.say, run.standing).into()),
            ],
        );
        let mut rows = vec![
            (self.word("postmortem-plan-who"), card.meta),
            (self.word("postmortem-plan-shown"), plan::shown(&self.scene, &run.plan)),
        ];
        // The rows of a card that waits hold the reason already.
        let waived = plan::overridden(self.scene.say, run).filter(|_| run.standing != Standing::Proposed);
        rows.extend(waived.map(|waived| (self.word("plan-row-override"), waived)));
        if !run.is_open() {
            rows.push((self.word("postmortem-plan-came-to"), card.lead));
        }
        rows.extend(card.rows.into_iter().map(|row| (row.label, row.text)));
        let mut blocks = vec![Block::Prose { text: heading }, Block::Facts { rows }];
        let lines = plan::each_node(&self.scene, run).into_iter();
        let rows: Vec<Row> = lines.map(|line| Row::plain(vec![line.name, line.word, line.text])).collect();
        if !rows.is_empty() {
            let heads = ["postmortem-col-node", "postmortem-col-stands", "postmortem-col-came-to"];
            blocks.push(Block::Table(Table { name: "plan", heads: self.heads(&heads), rows }));
        }
        blocks
    }
}
