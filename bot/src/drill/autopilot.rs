//! Plays a script: which of its lines are due now. Pure.

use chrono::NaiveDateTime;

use super::script::{Line, Script, Sight, When};

/// A script and how far it was played.
#[derive(Clone, Debug, Default)]
pub struct Autopilot {
    waiting: Vec<Line>,
    day: Option<NaiveDateTime>,
}

impl Autopilot {
    /// The whole script, not begun.
    #[must_use]
    pub fn new(script: Script) -> Self {
        Self { waiting: script.lines, day: None }
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

    /// The next line that is due at this local time, taken out of what waits. Call again until none is.
    pub fn next(&mut self, now: NaiveDateTime, mut sees: impl FnMut(&Sight) -> bool) -> Option<Line> {
        let began = *self.day.get_or_insert(now);
        // A `when` line is armed once nothing above it waits for a sight or a time ahead.
        let mut armed = true;
        let due = self.waiting.iter().position(|line| match &line.when {
            When::At(time) => {
                let due = began.date().and_time(*time) <= now;
                armed &= due;
                due
            }
            When::Sees(sight) => std::mem::replace(&mut armed, false) && sees(sight),
        })?;
        Some(self.waiting.remove(due))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lifeboat_storage::event::AlertKind;

    fn at(clock: &str) -> NaiveDateTime {
        format!("2020-01-02T{clock}:00").parse().unwrap()
    }

    fn played(pilot: &mut Autopilot, clock: &str, there: &[AlertKind]) -> Vec<String> {
        let sees = |sight: &Sight| matches!(sight, Sight::Alert(kind) if there.contains(kind));
        std::iter::from_fn(|| pilot.next(at(clock), sees)).map(|line| line.typed).collect()
    }

    #[test]
    fn lines_play_in_order_and_a_time_passes_what_still_waits() {
        let script = "10:00 a: one\nwhen failed_start a: two\nwhen bad_gateway a: three\n11:00 a: four\nwhen bad_gateway a: five";
        let mut pilot = Autopilot::new(script.parse().unwrap());
        assert_eq!(
            played(&mut pilot, "09:59", &[AlertKind::FailedStart]),
            [""; 0],
            "the first line's time is ahead"
        );
        assert_eq!(played(&mut pilot, "10:00", &[AlertKind::BadGateway]), ["one"], "three waits behind two");
        assert_eq!(played(&mut pilot, "11:00", &[]), ["four"]);
        assert_eq!(played(&mut pilot, "11:01", &[AlertKind::FailedStart]), ["two"]);
        assert_eq!(played(&mut pilot, "11:02", &[AlertKind::BadGateway]), ["three", "five"]);
        assert!(pilot.is_done());
    }
}
