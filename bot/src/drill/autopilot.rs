//! Plays a script: which of its lines are due now. Pure.

use chrono::{NaiveDateTime, NaiveTime, TimeDelta};
use lifeboat_storage::id::Seq;

use super::script::{Line, Script, Sight, When};

/// A script and how far it was played.
#[derive(Clone, Debug, Default)]
pub struct Autopilot {
    waiting: Vec<Line>,
    day: Option<NaiveDateTime>,
    /// The newest durable event before the last line was typed.
    before_last: Seq,
    /// The last line asked for a plan and got none.
    no_plan: bool,
}

/// What happens to a line that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// It is typed.
    Type(Line),
    /// It is passed over: the plan it waits for was refused.
    PassOver(Line),
}

impl Autopilot {
    /// The whole script, not begun.
    #[must_use]
    pub fn new(script: Script) -> Self {
        Self { waiting: script.lines, ..Self::default() }
    }

    /// Nothing is left to play.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Lines not played yet.
    #[must_use]
    pub fn waiting(&self) -> &[Line] {
        &self.waiting
    }

    /// The next line that is due at this local time, taken out of what waits. Call again until none is; after one
    /// that was typed, tell [`Autopilot::typed`] first. `sees` answers whether something is there now; for the
    /// states of a plan also whether it came through since that event.
    pub fn next(&mut self, now: NaiveDateTime, mut sees: impl FnMut(&Sight, Seq) -> bool) -> Option<Due> {
        let began = *self.day.get_or_insert(now);
        if let Some(Line { when: When::Sees(sight), .. }) = self.waiting.first() {
            if sees(sight, self.before_last) {
                return Some(Due::Type(self.waiting.remove(0)));
            }
            if self.no_plan && sight.needs_a_plan() {
                return Some(Due::PassOver(self.waiting.remove(0)));
            }
        }
        let is_due = |line: &Line| matches!(line.when, When::At(time) if on_the_day(began, time) <= now);
        let due = self.waiting.iter().position(is_due)?;
        Some(Due::Type(self.waiting.remove(due)))
    }

    /// A line was typed while `head` was the newest durable event, and was refused or not.
    pub fn typed(&mut self, line: &Line, head: Seq, refused: bool) {
        self.before_last = head;
        self.no_plan = refused && asks_for_a_plan(&line.typed);
    }
}

/// A time that lies more than an hour before the start is of the next day: some nights are long.
fn on_the_day(began: NaiveDateTime, time: NaiveTime) -> NaiveDateTime {
    let at = began.date().and_time(time);
    if at < began - TimeDelta::hours(1) { at + TimeDelta::days(1) } else { at }
}

fn asks_for_a_plan(typed: &str) -> bool {
    ["/node ", "/cluster swap", "/capacity run"].iter().any(|words| typed.starts_with(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lifeboat_storage::event::AlertKind;
    use lifeboat_storage::plan::run::Standing;

    fn at(clock: &str) -> NaiveDateTime {
        format!("2020-01-02T{clock}:00").parse().unwrap()
    }

    fn pilot(script: &str) -> Autopilot {
        Autopilot::new(script.parse().unwrap())
    }

    /// What is typed at a time at which all that is there is `there`; every command is answered so.
    fn played(pilot: &mut Autopilot, clock: &str, there: &[Sight], refused: bool) -> Vec<String> {
        let mut typed = Vec::new();
        while let Some(due) = pilot.next(at(clock), |sight, _| there.contains(sight)) {
            match due {
                Due::Type(line) => {
                    pilot.typed(&line, Seq(7), refused);
                    typed.push(line.typed);
                }
                Due::PassOver(line) => typed.push(format!("passed over {}", line.typed)),
            }
        }
        typed
    }

    #[test]
    fn lines_play_in_order_and_a_time_passes_what_still_waits() {
        let (failed_start, bad_gateway) =
            (Sight::Alert(AlertKind::FailedStart), Sight::Alert(AlertKind::BadGateway));
        let mut pilot = pilot(
            "10:00 a: one\nwhen failed_start a: two\nwhen bad_gateway a: three\n11:00 a: four\nwhen bad_gateway a: five",
        );
        let there = [failed_start];
        assert_eq!(played(&mut pilot, "09:59", &there, false), [""; 0], "the first line's time is ahead");
        let also = [bad_gateway];
        assert_eq!(played(&mut pilot, "10:00", &also, false), ["one"], "three waits behind two");
        assert_eq!(played(&mut pilot, "11:00", &[], false), ["four"]);
        assert_eq!(played(&mut pilot, "11:01", &there, false), ["two"]);
        assert_eq!(played(&mut pilot, "11:02", &also, false), ["three", "five"]);
        assert!(pilot.is_done());
    }

    #[test]
    fn several_lines_may_wait_for_what_was_there_before() {
        let mut pilot = pilot("when failed_start a: one\nwhen failed_start b: two");
        assert_eq!(
            played(&mut pilot, "10:00", &[Sight::Alert(AlertKind::FailedStart)], false),
            ["one", "two"]
        );
    }

    #[test]
    fn a_line_that_waits_for_a_refused_plan_is_passed_over_and_the_next_waits_on() {
        let script = "10:00 a: /node reboot failing mode:rolling\nwhen proposed a: /plan approve\n\
                      when proven a: /node add count:4 pool:workers";
        let mut refused = pilot(script);
        assert_eq!(
            played(&mut refused, "10:00", &[], true),
            ["/node reboot failing mode:rolling", "passed over /plan approve"]
        );
        let mut taken = pilot(script);
        assert_eq!(played(&mut taken, "10:00", &[], false), ["/node reboot failing mode:rolling"]);
        let proven = Sight::Plan { plan: None, standing: Standing::Proven };
        assert_eq!(played(&mut taken, "10:01", &[proven], false), [""; 0], "it waits behind the approval");
    }

    #[test]
    fn eyes_are_told_since_when_a_plan_may_have_come_through_its_state() {
        let mut pilot = pilot("10:00 a: /node uncordon worker-6\nwhen proposed a: /plan approve");
        assert_eq!(played(&mut pilot, "10:00", &[], false), ["/node uncordon worker-6"]);
        let mut since = None;
        pilot.next(at("10:01"), |_, head| {
            since = Some(head);
            false
        });
        assert_eq!(since, Some(Seq(7)));
    }
}
