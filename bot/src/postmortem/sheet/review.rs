//! What a review is held over: factors, resolution, detection, actions, lessons, decisions, people.

use lifeboat_storage::event::Time;
use lifeboat_storage::id::Seq;
use lifeboat_storage::postmortem::{ActionItem, Reached};

use super::{Block, Ink, Row, Section, Table};
use crate::say::{entry, limits, word};

impl Ink<'_> {
    pub(super) fn review(&self) -> Vec<Section> {
        let blank = |id, title, ask| self.section(id, title, vec![self.blank(ask)]);
        vec![
            blank("factors", "postmortem-factors", "postmortem-ask-factors"),
            blank("trigger", "postmortem-trigger", "postmortem-ask-trigger"),
            self.resolution(),
            self.detection(),
            self.actions(),
            self.lessons(),
            self.decisions(),
            self.people(),
            self.milestones(),
        ]
    }

    fn resolution(&self) -> Section {
        let rows = self.told(&self.doc.resolution);
        let blocks = if rows.is_empty() {
            vec![Block::Prose { text: self.word("postmortem-resolution-none") }]
        } else {
            vec![self.told_table(rows)]
        };
        self.section("resolution", "postmortem-resolution", blocks)
    }

    fn decisions(&self) -> Section {
        let rows = self.told(&self.doc.decisions);
        let mut blocks = if rows.is_empty() {
            vec![Block::Prose { text: self.word("postmortem-decisions-none") }]
        } else {
            vec![self.told_table(rows)]
        };
        if !self.doc.updates.is_empty() {
            blocks.push(self.updates());
        }
        self.section("decisions", "postmortem-decisions", blocks)
    }

    /// References to events of the timeline: when, who, what, and where it stands.
    fn told(&self, seqs: &[Seq]) -> Vec<Row> {
        let events = seqs.iter().filter_map(|seq| (self.scene.lookup)(*seq));
        let row = |event: std::sync::Arc<lifeboat_storage::event::Event>| {
            Row::plain(vec![
                self.at(event.occurred_at),
                self.who(&event),
                entry::text(&self.scene, &event),
                self.reference(event.seq),
            ])
        };
        events.map(row).collect()
    }

    fn told_table(&self, rows: Vec<Row>) -> Block {
        let heads = self.heads(&[
            "postmortem-col-happened",
            "postmortem-col-who",
            "postmortem-col-what",
            "postmortem-col-entry",
        ]);
        Block::Table(Table { name: "told", heads, rows })
    }

    fn updates(&self) -> Block {
        let heads = self.heads(&[
            "postmortem-col-happened",
            "postmortem-col-conditions",
            "postmortem-col-actions",
            "postmortem-col-needs",
        ]);
        let lines = |text: &str| self.scene.say.outside_lines(text, limits::MESSAGE);
        let rows = self.doc.updates.iter().map(|update| {
            Row::plain(vec![
                self.at(update.at),
                lines(&update.conditions),
                lines(&update.actions),
                lines(&update.needs),
            ])
        });
        Block::Table(Table { name: "updates", heads, rows: rows.collect() })
    }

    pub(super) fn reference(&self, seq: Seq) -> String {
        self.text("postmortem-entry-number", &[("seq", seq.to_string().into())])
    }

    fn actions(&self) -> Section {
        let heads = self.heads(&[
            "postmortem-col-number",
            "postmortem-col-what",
            "postmortem-col-kind",
            "postmortem-col-owner",
            "postmortem-col-due",
            "postmortem-col-done",
        ]);
        let rows: Vec<Row> = self.doc.tasks.iter().map(|task| self.action(task)).collect();
        let blocks = if rows.is_empty() {
            vec![self.blank("postmortem-ask-actions")]
        } else {
            vec![Block::Table(Table { name: "actions", heads, rows })]
        };
        self.section("actions", "postmortem-actions", blocks)
    }

    fn action(&self, task: &ActionItem) -> Row {
        let day = |at: Option<Time>| at.map(|at| self.at(at)).unwrap_or_default();
        Row::plain(vec![
            task.number.to_string(),
            self.scene.say.outside(&task.text, limits::LINE),
            word::task_kind(self.scene.say, task.what),
            task.owner.as_ref().map(|owner| self.name(owner.as_str())).unwrap_or_default(),
            day(task.due),
            day(task.done_at),
        ])
    }

    fn lessons(&self) -> Section {
        let asks = [
            "postmortem-ask-surprised",
            "postmortem-ask-well",
            "postmortem-ask-wrong",
            "postmortem-ask-lucky",
        ];
        self.section("lessons", "postmortem-lessons", asks.map(|ask| self.blank(ask)).to_vec())
    }

    fn people(&self) -> Section {
        let held = self.doc.roles.iter().map(|held| {
            Row::plain(vec![
                word::role(self.scene.say, held.role),
                held.person
                    .as_ref()
                    .map_or_else(|| self.nobody(held.role), |person| self.name(person.as_str())),
                held.from.map(|from| self.at(from)).unwrap_or_default(),
                held.until.map(|until| self.at(until)).unwrap_or_default(),
            ])
        });
        let heads =
            ["postmortem-col-role", "postmortem-col-who", "postmortem-col-from", "postmortem-col-until"];
        let roles = Table { name: "roles", heads: self.heads(&heads), rows: held.collect() };
        let rows: Vec<Row> = self
            .doc
            .responders
            .iter()
            .map(|responder| {
                Row::plain(vec![
                    self.name(responder.person.as_str()),
                    responder.events.to_string(),
                    self.at(responder.first),
                    self.at(responder.last),
                ])
            })
            .collect();
        let mut blocks = vec![Block::Table(roles)];
        if !rows.is_empty() {
            let heads = [
                "postmortem-col-who",
                "postmortem-col-entries",
                "postmortem-col-first",
                "postmortem-col-last",
            ];
            blocks.push(Block::Table(Table { name: "responders", heads: self.heads(&heads), rows }));
        }
        self.section("people", "postmortem-people", blocks)
    }

    fn nobody(&self, role: lifeboat_storage::event::Role) -> String {
        match role {
            lifeboat_storage::event::Role::Scribe => self.word("postmortem-by-default"),
            _ => self.word("postmortem-nobody"),
        }
    }

    fn milestones(&self) -> Section {
        let heads = [
            "postmortem-col-milestone",
            "postmortem-col-happened",
            "postmortem-col-entry",
            "postmortem-col-earlier",
        ];
        let rows = self.doc.milestones.iter().map(|reached| {
            Row::plain(vec![
                word::milestone(self.scene.say, reached.milestone),
                self.at(reached.at),
                self.reference(reached.by),
                self.earlier(reached),
            ])
        });
        let table = Table { name: "milestones", heads: self.heads(&heads), rows: rows.collect() };
        self.section("milestones", "postmortem-milestones", vec![Block::Table(table)])
    }

    fn earlier(&self, reached: &Reached) -> String {
        let value = |(at, seq): &(Time, Seq)| {
            self.text(
                "postmortem-earlier",
                &[("at", self.at(*at).into()), ("entry", self.reference(*seq).into())],
            )
        };
        reached.before.iter().map(value).collect::<Vec<_>>().join("\n")
    }
}
