//! The same inputs give the same record, byte for byte.

use chrono::TimeDelta;
use lifeboat_storage::log::EventLog as _;
use lifeboat_tests::world::World;

fn story() -> World {
    let mut world = World::quiet();
    world.traffic(TimeDelta::minutes(5), 20, 502, 0);
    world.traffic(TimeDelta::seconds(30), 20, 502, 40);
    world.types("lin", "/incident ack");
    world.types("lin", "/incident note 已回滚 at:-1m");
    world.traffic(TimeDelta::minutes(7), 20, 502, 0);
    world.types("lin", "/incident mitigate");
    world.types("mei", "/incident resolve");
    world.types("mei", "/incident close");
    world
}

#[test]
fn the_same_story_leaves_the_same_record() {
    let (one, two) = (story(), story());
    assert_eq!(one.log.head(), two.log.head(), "the hash chains end alike");
    let bytes = |world: &World| serde_json::to_vec(&world.events()).unwrap();
    assert_eq!(bytes(&one), bytes(&two));
}

#[test]
fn replaying_the_record_adds_up_to_what_was_lived_through() {
    let world = story();
    let mut replayed = lifeboat_storage::state::State::new();
    for event in world.events() {
        replayed.apply(&event);
    }
    assert_eq!(&replayed, world.state());
}

#[test]
fn an_event_applied_twice_changes_nothing() {
    let world = story();
    let mut state = world.state().clone();
    for event in world.events() {
        state.apply(&event);
    }
    assert_eq!(&state, world.state());
}
