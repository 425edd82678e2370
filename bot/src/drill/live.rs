//! The world of a live drill: its clock moves on, its log grows, its autopilot types.

use std::sync::Arc;
use std::time::Duration;

use lifeboat_deploy::simulated::Scenario;
use lifeboat_storage::event::{Kind, Origin, Time};
use lifeboat_storage::id::{ChannelName, PersonName};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::autopilot::{Autopilot, Due};
use super::clock::DrillClock;
use super::journal::Journal;
use super::script::{Line, Script};
use super::summary::{Material, Summary};
use super::{eyes, stage};
use crate::desk::{self, Desk, Room, Stopping};
use crate::engine::effect::Answer;
use crate::engine::input::Input;

/// How often the world goes on, in real time.
const STEP: Duration = Duration::from_millis(100);
/// After a command the clock stays slow for so long, in steps: a minute of real time.
const ATTENTION: u32 = 600;

/// What is played.
pub struct Played {
    /// The scenario.
    pub scenario: Scenario,
    /// Its seed.
    pub seed: u64,
    /// Types for people.
    pub script: Script,
}

/// When a live drill ends.
pub struct Ends {
    /// Everything stops with the play; else the console stays open, and time stands still there.
    pub with_the_play: bool,
    /// Somebody ends the play.
    pub curtain: CancellationToken,
    /// Everything stops.
    pub stop: CancellationToken,
    /// Hears how it went as soon as the play is over.
    pub over: watch::Sender<Option<Summary>>,
}

/// A live drill around a running Lifeboat.
pub struct Live {
    scenario: Scenario,
    seed: u64,
    world: Arc<Journal>,
    clock: Arc<DrillClock>,
    pilot: Autopilot,
    desk: Desk,
    pace: (u32, u32),
    slow_for: u32,
    people_events: usize,
}

impl Live {
    /// A drill whose world stands at the clock's time; `pace` is how fast time passes in quiet hours, and while
    /// somebody is needed.
    #[must_use]
    pub fn new(
        played: Played,
        world: Arc<Journal>,
        clock: Arc<DrillClock>,
        desk: Desk,
        pace: (u32, u32),
    ) -> Self {
        let Played { scenario, seed, script } = played;
        let pilot = Autopilot::new(script);
        Self { scenario, seed, world, clock, pilot, desk, pace, slow_for: 0, people_events: 0 }
    }

    /// Plays until somebody ends it, or until the scenario is over; records how it went, and time stands still.
    ///
    /// # Errors
    /// When the log cannot be written, or Lifeboat stopped.
    pub async fn run(mut self, ends: Ends) -> anyhow::Result<Summary> {
        let mut step = tokio::time::interval(STEP);
        step.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        while self.clock.time() < self.scenario.ends_at {
            tokio::select! {
                () = ends.stop.cancelled() => break,
                () = ends.curtain.cancelled() => break,
                _ = step.tick() => {}
            }
            if self.go_on().await.is_err() {
                break;
            }
        }
        let summary = self.over().await?;
        self.clock.stop();
        ends.over.send_replace(Some(summary.clone()));
        if ends.with_the_play {
            ends.stop.cancel();
        }
        ends.stop.cancelled().await;
        Ok(summary)
    }

    async fn go_on(&mut self) -> anyhow::Result<()> {
        let to = self.clock.time().min(self.scenario.ends_at);
        for (cluster, seen) in self.world.advance(to)? {
            self.desk.tell(Input::Seen { cluster, seen }).await?;
        }
        self.type_what_is_due(to).await?;
        self.keep_pace().await?;
        Ok(())
    }

    async fn type_what_is_due(&mut self, at: Time) -> anyhow::Result<()> {
        if self.pilot.is_done() {
            return Ok(());
        }
        let local = at.with_timezone(&self.scenario.zone).naive_local();
        loop {
            let mut pilot = std::mem::take(&mut self.pilot);
            let look = move |room: &Room<'_>| {
                let due = pilot.next(local, |sight, since| eyes::sees(room.engine, room.now, sight, since));
                let state = room.engine.durable();
                (pilot, due, state.applied, stage::channel(state))
            };
            let (pilot, due, head, channel) = self.desk.look(look).await?;
            self.pilot = pilot;
            match due {
                None => return Ok(()),
                Some(Due::PassOver(line)) => tracing::info!(line = line.number, "passed over"),
                Some(Due::Type(line)) => {
                    let answer = self.types(&line, channel).await?;
                    self.pilot.typed(&line, head, matches!(answer, Answer::Refused(_)));
                }
            }
        }
    }

    async fn types(&self, line: &Line, channel: ChannelName) -> Result<Answer, Stopping> {
        let speaker = desk::speaker(Some(PersonName::new(&line.person)), &line.person, Origin::Console);
        if stage::is_command(&line.typed) {
            self.desk.command(line.typed.clone(), Some(channel), speaker).await
        } else {
            self.desk.say(line.typed.clone(), channel, speaker).await
        }
    }

    /// Slow while somebody is needed or at work, fast in quiet times.
    async fn keep_pace(&mut self) -> Result<(), Stopping> {
        if self.pace.0 == self.pace.1 {
            return Ok(());
        }
        let look = |room: &Room<'_>| {
            let state = room.engine.durable();
            let incidents = state.open_incidents().map(|one| one.events.len()).sum::<usize>();
            incidents + state.plans.values().filter(|run| run.is_open()).count() * 1_000
        };
        let events = self.desk.look(look).await?;
        if events > self.people_events {
            self.slow_for = ATTENTION;
        }
        self.people_events = events;
        self.slow_for = self.slow_for.saturating_sub(1);
        self.clock.set_speed(if self.slow_for > 0 { self.pace.1 } else { self.pace.0 });
        Ok(())
    }

    /// Records how it went.
    async fn over(&self) -> anyhow::Result<Summary> {
        let (scenario, seed, world) = (self.scenario.clone(), self.seed, self.world.world().clone());
        let look = move |room: &Room<'_>| {
            let (events, state) = (stage::record(room.log), room.engine.durable());
            Summary::of(&Material { scenario: &scenario, seed, events: &events, state, world: &world })
        };
        let summary = self.desk.look(look).await?;
        let kind =
            Kind::DrillEnded { mitigated: summary.is_mitigated(), wrong_moves: summary.wrong_moves.clone() };
        // A Lifeboat that stops at this very moment has its score all the same.
        let _ = self.desk.tell(Input::Drill(kind)).await;
        Ok(summary)
    }
}
