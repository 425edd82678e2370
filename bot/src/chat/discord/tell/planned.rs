//! The card of a plan.

use super::*;

/// How long the bar of a plan is.
const BAR: u32 = 20;

impl Teller<'_> {
    /// A plan: what it will do and waits for, then how far it went.
    pub(super) fn plan(&self, run: &Run) -> Sheet {
        let (scene, say) = (self.scene, self.scene.say);
        let view = plan::card(scene, run);
        let mut line = vec![
            Piece::Text(format!("{} ", sign(view.flag.shape))),
            Piece::Strong(format!("{} · {} · {}", view.id, view.flag.word, view.title)),
        ];
        if let Some(person) = &run.asked_by {
            line.extend([Piece::Text(format!(" · {} ", say.word("chat-asked-by"))), self.person(person)]);
        }
        let until = view.until.as_ref().and_then(|until| DateTime::parse_from_rfc3339(&until.utc).ok());
        if let Some(until) = until {
            let word = Piece::Text(format!(" · {} ", say.word("chat-expires")));
            line.extend([word, Piece::Moment(until.to_utc(), Told::Ago)]);
        }
        let args = [("plan", view.id.clone().into()), ("hash", view.hash.clone().into())];
        Sheet {
            line,
            silent: !view.open || view.until.is_none(),
            panel: Some(Panel {
                title: view.lead.clone(),
                tone: view.flag.tone,
                lines: plan_lines(&view),
                footer: format!("{} · {}", say.text("chat-plan-footer", &args), view.meta),
                at: Some(scene.now),
                ..Panel::default()
            }),
            buttons: self.buttons(&plan::actions(say, run), None),
            ..Sheet::default()
        }
    }
}

/// How far it is, a line a node, then what a yes binds and what it left.
fn plan_lines(view: &PlanCard) -> Vec<Line> {
    let mut lines = Vec::new();
    lines.extend(view.bar.as_ref().map(|bar| {
        let full = usize::try_from(bar.done * BAR / bar.total.max(1)).unwrap_or(0);
        let drawn: String =
            (0..usize::try_from(BAR).unwrap_or(0)).map(|at| if at < full { '█' } else { '░' }).collect();
        vec![Piece::Code(drawn), Piece::Text(format!(" {} {}", bar.text, bar.left))]
    }));
    lines.extend(view.lines.iter().map(|one| {
        vec![
            Piece::Text(format!("{} ", sign(one.mark))),
            Piece::Strong(one.name.clone()),
            Piece::Text(format!(" {}", one.text)),
        ]
    }));
    lines.extend(view.blast.as_ref().map(|blast| {
        let told = format!(" {} → {} → {}", blast.now, blast.lowest, blast.after);
        vec![Piece::Strong(blast.label.clone()), Piece::Text(told)]
    }));
    lines.extend(facts(&view.rows));
    lines
}
