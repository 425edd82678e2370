//! Questions the record raises, worded. None guesses a cause, none names a person.

use lifeboat_storage::event::Time;
use lifeboat_storage::postmortem::questions::Question;

use super::{Block, Ink, Section};
use crate::say::{time, word};

impl Ink<'_> {
    pub(super) fn questions(&self) -> Option<Section> {
        let questions: Vec<String> =
            self.doc.questions.iter().map(|question| self.question(question)).collect();
        let hint = self.word("postmortem-questions-hint");
        (!questions.is_empty()).then(|| {
            let blocks = vec![Block::Questions { questions, hint }];
            self.section("questions", "postmortem-questions", blocks)
        })
    }

    fn question(&self, question: &Question) -> String {
        match question {
            Question::SlowDetection { from, to } => self.spanned("postmortem-q-slow-detection", *from, *to),
            Question::SlowAcknowledgement { from, to } => self.spanned("postmortem-q-slow-ack", *from, *to),
            Question::Silence { from, to } => self.spanned("postmortem-q-silence", *from, *to),
            Question::NeverAcknowledged => self.word("postmortem-q-never-acknowledged"),
            Question::NobodyHeld { role } => {
                let role = word::role(self.scene.say, *role);
                self.text("postmortem-q-nobody-held", &[("role", role.into())])
            }
            Question::NoUpdate => self.word("postmortem-q-no-update"),
            Question::NeverIdentified => self.word("postmortem-q-never-identified"),
            Question::NeverMitigated => self.word("postmortem-q-never-mitigated"),
            Question::NothingCounted => self.word("postmortem-q-nothing-counted"),
            Question::NothingToPrevent => self.word("postmortem-q-nothing-to-prevent"),
            _ => self.question_with_values(question),
        }
    }

    fn question_with_values(&self, question: &Question) -> String {
        let say = self.scene.say;
        let at = |at: &Time| ("at", self.at(*at).into());
        match question {
            Question::MitigatedWithoutEvidence { at: when } => {
                self.text("postmortem-q-mitigated-without-evidence", &[at(when)])
            }
            Question::WentBack { at: when, from, to } => self.text(
                "postmortem-q-went-back",
                &[at(when), ("from", word::status(say, *from).into()), ("to", word::status(say, *to).into())],
            ),
            Question::CameBack { at: when } => self.text("postmortem-q-came-back", &[at(when)]),
            Question::OutOfOrder { first, second } => {
                let (first, second) = (word::milestone(say, *first), word::milestone(say, *second));
                self.text("postmortem-q-out-of-order", &[("first", first.into()), ("second", second.into())])
            }
            Question::Blind { source, at: when } => {
                self.text("postmortem-q-blind", &[at(when), ("source", self.name(source.as_str()).into())])
            }
            Question::Undelivered { first, count } => self.text(
                "postmortem-q-undelivered",
                &[("n", (*count).into()), ("first", first.to_string().into())],
            ),
            Question::Refused { first, count } => self
                .text("postmortem-q-refused", &[("n", (*count).into()), ("first", first.to_string().into())]),
            Question::NoOwner { task } => {
                self.text("postmortem-q-no-owner", &[("task", task.to_string().into())])
            }
            _ => String::new(),
        }
    }

    fn spanned(&self, key: &str, from: Time, to: Time) -> String {
        let length = time::duration(self.scene.say, to - from);
        self.text(
            key,
            &[("from", self.at(from).into()), ("to", self.at(to).into()), ("length", length.into())],
        )
    }
}
