//! The outbox: in order, newest state of a card, back-off, parking, at most one repeat.

use chrono::TimeDelta;
use lifeboat::engine::input::{Delivered, Input};
use lifeboat_storage::event::PostKind;
use lifeboat_tests::world::World;

fn declare(world: &mut World, title: &str) {
    world.types("lin", &format!("/incident declare {title}"));
}

#[test]
fn a_message_goes_out_once_and_its_receipt_is_kept() {
    let mut world = World::with_webhook();
    declare(&mut world, "the front page is empty");
    assert_eq!(world.sent.len(), 1);
    assert!(matches!(world.sent[0].1, PostKind::Card { .. }));
    assert!(world.state().outbox.waiting.is_empty());
    world.restart();
    world.pass(TimeDelta::minutes(2));
    assert_eq!(world.sent.len(), 1, "a restart sends nothing again");
}

#[test]
fn while_the_webhook_is_down_messages_wait_in_order_and_back_off() {
    let mut world = World::with_webhook();
    world.webhook = Some(Delivered::Later { after_ms: None, maybe_arrived: false });
    declare(&mut world, "one");
    declare(&mut world, "two");
    world.pass(TimeDelta::minutes(10));
    let tries = world.sent.len();
    assert!((8..=20).contains(&tries), "{tries} tries in ten minutes");
    assert!(world.sent.iter().all(|(queued, ..)| *queued == world.sent[0].0), "the first one stays first");
    world.webhook = Some(Delivered::Yes);
    world.pass(TimeDelta::minutes(2));
    assert!(world.state().outbox.waiting.is_empty());
    assert_eq!(world.sent.len(), tries + 2);
}

#[test]
fn a_wait_the_other_side_asks_for_is_kept() {
    let mut world = World::with_webhook();
    world.webhook = Some(Delivered::Later { after_ms: Some(30_000), maybe_arrived: true });
    declare(&mut world, "one");
    world.pass(TimeDelta::seconds(29));
    assert_eq!(world.sent.len(), 1);
    world.pass(TimeDelta::seconds(3));
    let marked: Vec<bool> = world.sent.iter().map(|(_, _, maybe_repeated)| *maybe_repeated).collect();
    assert_eq!(
        marked,
        [false, true],
        "the first may have arrived, so the second says that it may be a repeat"
    );
}

#[test]
fn a_refused_message_is_parked_in_sight_and_the_next_one_goes_on() {
    let mut world = World::with_webhook();
    world.webhook = Some(Delivered::Refused { status: 404 });
    declare(&mut world, "one");
    assert_eq!(world.state().outbox.parked.len(), 1);
    world.webhook = Some(Delivered::Yes);
    declare(&mut world, "two");
    assert_eq!(world.sent.len(), 2);
    assert!(world.state().outbox.waiting.is_empty());
}

#[test]
fn a_message_under_way_when_lifeboat_was_killed_may_come_twice_and_says_so() {
    let mut world = World::with_webhook();
    world.webhook = None;
    declare(&mut world, "one");
    assert_eq!(world.sent.len(), 1);
    world.webhook = Some(Delivered::Yes);
    world.restart();
    world.pass(TimeDelta::seconds(1));
    let marked: Vec<bool> = world.sent.iter().map(|(_, _, maybe_repeated)| *maybe_repeated).collect();
    assert_eq!(marked, [false, true]);
    assert!(world.state().outbox.waiting.is_empty());
}

#[test]
fn an_answer_to_a_message_nobody_waits_for_changes_nothing() {
    let mut world = World::with_webhook();
    declare(&mut world, "one");
    let before = world.events().len();
    let queued = world.sent[0].0;
    world.give(Input::Delivered { queued, outcome: Delivered::Yes });
    assert_eq!(world.events().len(), before);
}
