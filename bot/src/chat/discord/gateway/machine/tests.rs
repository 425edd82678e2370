//! Each row of what Discord does to a link, and what must come of it: the machine is played, no socket is there.

mod closing;
mod ill;
mod resuming;

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::*;
use crate::chat::discord::gateway::Loss;
use crate::chat::discord::gateway::frame::op;

const FIRST: &str = "wss://first.example/";
const RESUME: &str = "wss://resume.example/";
const INTERVAL: u64 = 41_250;

/// A machine and the time it is there.
struct Played {
    machine: Machine,
    now_ms: u64,
    /// Everything it wanted done since the last look.
    done: Vec<Output>,
}

impl Played {
    /// Nothing is known from before.
    fn fresh() -> Self {
        Self::from(&Saved::default(), 1)
    }

    /// A session is known from before the restart; dispatch 7 was the last.
    fn saved() -> Self {
        let at = TimeDelta::days(-2);
        let session = Session { id: "old".to_owned(), seq: 7, resume_url: RESUME.to_owned() };
        Self::from(&Saved::new(Some(session), Some(FIRST.to_owned()), vec![wall(0) + at], Vec::new()), 1)
    }

    fn from(saved: &Saved, seed: u64) -> Self {
        Self::from_at(saved, seed, 0)
    }

    fn from_at(saved: &Saved, seed: u64, now_ms: u64) -> Self {
        let rules = Rules { pace: Pace::default(), address: None, forced: false, seed };
        let mut played = Self { machine: Machine::new(rules, saved), now_ms, done: Vec::new() };
        played.step(Input::Start);
        played
    }

    /// Live since two seconds, dispatch 1 was `READY`.
    fn live() -> Self {
        let mut played = Self::fresh();
        played.step(told(1_000));
        played.step(Input::Opened);
        played.hello();
        played.step(dispatch(1, "READY", ready()));
        played.wait(2_000);
        played.done.clear();
        played
    }

    fn step(&mut self, input: Input) {
        let now = Now { wall: wall(self.now_ms), mono_ms: self.now_ms };
        self.done.extend(self.machine.step(input, now));
    }

    fn hello(&mut self) {
        self.step(frame(op::HELLO, json!({ "heartbeat_interval": INTERVAL })));
    }

    /// Lets time pass, waking the machine whenever it wants to be woken. Heartbeats are answered.
    fn wait(&mut self, ms: u64) {
        self.pass(ms, true);
    }

    fn pass(&mut self, ms: u64, acks: bool) {
        let end_ms = self.now_ms + ms;
        while let Some(at_ms) = self.machine.wake_ms().filter(|at_ms| *at_ms <= end_ms) {
            self.now_ms = self.now_ms.max(at_ms);
            let before = self.done.len();
            self.step(Input::Tick);
            let beat = self.done[before..].iter().any(|output| matches!(output, Output::Beat(_)));
            if acks && beat {
                self.step(frame(op::HEARTBEAT_ACK, Value::Null));
            }
        }
        self.now_ms = end_ms;
    }

    /// The link ends like this; the next try is made as soon as it may be.
    fn fails(&mut self, how: Input) {
        self.step(how);
        self.now_ms = self.machine.wake_ms().unwrap();
        self.step(Input::Tick);
    }

    /// The connection that is being made is refused; the next try is made.
    fn refused(&mut self) {
        self.fails(Input::NotOpened("connection refused".to_owned()));
    }

    /// What was wanted since the last look; savings left out.
    fn looked(&mut self) -> Vec<Output> {
        let done = std::mem::take(&mut self.done);
        done.into_iter().filter(|output| *output != Output::Save).collect()
    }

    fn seq(&self) -> Option<u64> {
        self.machine.session().0.map(|session| session.seq)
    }
}

fn wall(ms: u64) -> Time {
    "2026-11-22T15:00:00Z".parse::<Time>().unwrap() + TimeDelta::milliseconds(i64::try_from(ms).unwrap())
}

fn frame(op: u64, d: Value) -> Input {
    Input::Frame(Frame { op, d, s: None, t: None })
}

fn dispatch(seq: u64, name: &str, d: Value) -> Input {
    Input::Frame(Frame { op: op::DISPATCH, d, s: Some(seq), t: Some(name.to_owned()) })
}

fn ready() -> Value {
    json!({ "v": 10, "session_id": "new", "resume_gateway_url": RESUME, "later": {} })
}

fn told(remaining: u64) -> Input {
    Input::Told(Told { url: FIRST.to_owned(), remaining: Some(remaining), reset_after_ms: 7_200_000 })
}

fn open(url: &str) -> Output {
    Output::Open(GatewayAddress::new(url, false).unwrap())
}

fn session(id: &str, seq: u64) -> Session {
    Session { id: id.to_owned(), seq, resume_url: RESUME.to_owned() }
}

fn lost(why: Loss) -> Output {
    Output::Say(Condition::Lost { why })
}

fn handed(seq: u64, name: &str, data: Value, replayed: bool) -> Output {
    Output::Dispatch { seq, name: name.to_owned(), data, replayed }
}

#[test]
fn a_first_start_asks_connects_and_begins_one_session() {
    let mut played = Played::fresh();
    assert_eq!(played.looked(), [Output::Ask]);
    played.step(told(1_000));
    assert_eq!(played.looked(), [open(FIRST)]);
    played.step(Input::Opened);
    assert_eq!(played.looked(), []);
    played.hello();
    assert_eq!(played.done, [Output::Save, Output::Identify], "counted before it is spent");
    assert_eq!(played.machine.session().2, [wall(0)]);
    played.done.clear();
    played.step(dispatch(1, "READY", ready()));
    played.step(dispatch(2, "GUILD_CREATE", json!({ "id": "600" })));
    let expected = [
        Output::NewSession,
        Output::Say(Condition::Connected),
        handed(1, "READY", ready(), false),
        handed(2, "GUILD_CREATE", json!({ "id": "600" }), false),
    ];
    assert_eq!(played.looked(), expected);
    assert_eq!(played.machine.session(), (Some(&session("new", 2)), Some(&FIRST.to_owned()), &[wall(0)][..]));
}

#[test]
fn the_first_heartbeat_comes_after_a_random_part_of_the_interval_and_then_one_each_interval() {
    let mut firsts = BTreeSet::new();
    for seed in 0..50 {
        let mut played = Played::from(&Saved::default(), seed);
        played.step(told(1_000));
        played.step(Input::Opened);
        played.hello();
        played.step(dispatch(1, "READY", ready()));
        let mut beats = Vec::new();
        while beats.len() < 3 {
            played.done.clear();
            played.now_ms = played.machine.wake_ms().unwrap();
            played.step(Input::Tick);
            if played.done.contains(&Output::Beat(Some(1))) {
                beats.push(played.now_ms);
                played.step(frame(op::HEARTBEAT_ACK, Value::Null));
            }
        }
        assert!(beats[0] <= INTERVAL, "{beats:?}");
        assert_eq!([beats[1] - beats[0], beats[2] - beats[1]], [INTERVAL; 2]);
        firsts.insert(beats[0] / 4_125);
    }
    assert!(firsts.len() >= 8, "spread over the whole interval: {firsts:?}");
}

#[test]
fn a_heartbeat_is_sent_when_discord_asks_for_one() {
    let mut played = Played::live();
    played.step(frame(op::HEARTBEAT, Value::Null));
    assert_eq!(played.looked(), [Output::Beat(Some(1))]);
}

#[test]
fn what_is_not_known_changes_nothing() {
    let mut played = Played::live();
    played.step(frame(43, json!({ "new": [1, 2] })));
    played.step(frame(op::HEARTBEAT_ACK, json!("unasked")));
    played.step(Input::Frame(Frame { op: op::DISPATCH, d: json!({}), s: None, t: None }));
    played.step(Input::Opened);
    played.step(told(1_000));
    played.hello();
    assert_eq!(played.looked(), []);
    played.step(dispatch(2, "SOMETHING_NEW", json!({ "a": { "b": [] } })));
    assert_eq!(played.looked(), [handed(2, "SOMETHING_NEW", json!({ "a": { "b": [] } }), false)]);
}

#[test]
fn too_few_sessions_left_means_none_is_begun_and_people_are_told() {
    let mut played = Played::fresh();
    played.done.clear();
    played.step(told(3));
    let retry_after = Duration::from_millis(7_200_000);
    let spent = Condition::IdentifyBudgetSpent { remaining: Some(3), retry_after };
    assert_eq!(played.looked(), [Output::Say(spent)]);
    played.wait(3_599_999);
    assert_eq!(played.looked(), []);
    played.wait(1);
    assert_eq!(played.looked(), [Output::Ask], "asked again after an hour");
    played.step(told(1_000));
    assert_eq!(played.looked(), [open(FIRST)]);
}

#[test]
fn a_session_can_be_resumed_when_none_may_be_begun() {
    let mut played = Played::saved();
    (0..3).for_each(|_| played.refused());
    played.machine.first = None;
    played.done.clear();
    played.refused();
    played.step(told(3));
    assert_eq!(played.looked(), [Output::Ask, open(FIRST)]);
}

#[test]
fn a_program_that_crashes_again_and_again_waits_longer_and_longer_before_it_begins_a_session() {
    let mut before = Vec::new();
    let mut begun_at = Vec::new();
    for second in 0..3_600 {
        let saved = Saved::new(None, None, before.clone(), Vec::new());
        let mut played = Played::from_at(&saved, 1, second * 1_000);
        if played.looked() == [Output::Ask] {
            before.push(wall(played.now_ms));
            begun_at.push(second);
        }
    }
    assert_eq!(begun_at[..8], [0, 5, 10, 15, 20, 25, 35, 55]);
    assert!(begun_at.len() < 20, "{begun_at:?}");
}

#[test]
fn the_wait_before_the_next_session_is_told_when_it_is_long() {
    let before: Vec<Time> = (0..8).map(|n| wall(n * 1_000)).collect();
    let mut played = Played::from_at(&Saved::new(None, None, before, Vec::new()), 1, 7_000);
    let retry_after = Duration::from_millis(40_000);
    let spent = Condition::IdentifyBudgetSpent { remaining: None, retry_after };
    assert_eq!(played.looked(), [Output::Say(spent)]);
}

#[test]
fn the_session_is_saved_at_most_once_a_second_and_soon() {
    let mut played = Played::live();
    for seq in 2..=501 {
        played.step(dispatch(seq, "MESSAGE_CREATE", json!({})));
        played.wait(10);
    }
    played.wait(1_000);
    let saves = played.done.iter().filter(|output| **output == Output::Save).count();
    assert!((5..=7).contains(&saves), "{saves} in six seconds");
    played.done.clear();
    played.wait(10_000);
    assert!(!played.done.contains(&Output::Save), "nothing new, nothing saved");
    played.done.clear();
    played.step(Input::Handled);
    assert_eq!(played.done, [Output::Save]);
}

#[test]
fn stopping_saves_and_closes_so_that_the_session_lives_on() {
    let mut played = Played::live();
    played.step(Input::Stop);
    assert_eq!(played.done, [Output::Save, Output::Close, Output::End]);
    played.done.clear();
    played.step(dispatch(2, "MESSAGE_CREATE", json!({})));
    assert_eq!((played.looked(), played.machine.wake_ms()), (vec![], None));
}
