//! A chat outside that can edit: channels of incidents, cards kept true at a bearable pace, an hour without it.

use chrono::TimeDelta;
use lifeboat::engine::input::{Delivered, Edited, Input, Link};
use lifeboat_storage::event::{ChatKind, Event, Instead, Kind, Place, PostKind, Status, Time};
use lifeboat_storage::id::{ChannelName, IncidentId, Seq};
use lifeboat_tests::world::World;

const INC: IncidentId = IncidentId(1);
const CARD: PostKind = PostKind::Card { incident: INC };
const ROOM: &str = "inc-0001-the-front-page-is-empty";

fn declared() -> World {
    let mut world = World::with_discord();
    world.types("lin", "/incident declare the front page is empty");
    world
}

/// Moments of the edits of the card in a channel.
fn edits(world: &World, channel: &str) -> Vec<Time> {
    let cards: Vec<Seq> = world
        .discord
        .said
        .iter()
        .filter(|said| said.channel == channel && said.post == CARD)
        .map(|said| said.queued)
        .collect();
    world.discord.edits.iter().filter(|(queued, _)| cards.contains(queued)).map(|(_, at)| *at).collect()
}

fn least_gap(edits: &[Time]) -> TimeDelta {
    edits.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap_or(TimeDelta::MAX)
}

#[test]
fn an_incident_gets_a_card_among_the_alerts_and_a_channel_with_its_status() {
    let world = declared();
    assert_eq!(world.discord.in_channel("alerts"), [&CARD]);
    assert_eq!(world.discord.in_channel(ROOM), [&PostKind::Room { incident: INC }, &CARD]);
    let chat = world.state().chats.of(ChatKind::Discord).unwrap();
    assert_eq!(chat.channels.len(), 2);
    assert_eq!(chat.cards.len(), 2);
    assert!(world.state().outbox.waiting.is_empty());
}

#[test]
fn what_people_do_in_the_console_is_told_in_the_channel_and_brings_the_cards_up_to_date() {
    let mut world = declared();
    world.pass(TimeDelta::seconds(20));
    let before = world.discord.said.len();
    world.types("mei", "/incident ack");
    let told = &world.discord.said[before..];
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].channel, ROOM);
    world.pass(TimeDelta::seconds(15));
    let newest = world.state().incidents[&INC].told;
    let cards = &world.state().chats.of(ChatKind::Discord).unwrap().cards;
    assert!(cards.values().all(|card| card.shown >= newest), "{cards:?}");
    world.restart();
    let edits = world.discord.edits.len();
    world.pass(TimeDelta::minutes(2));
    assert_eq!(world.discord.edits.len(), edits, "what is up to date is not edited again after a restart");
}

#[test]
fn a_card_is_edited_at_most_every_five_seconds_and_a_status_every_fifteen() {
    let mut world = declared();
    for n in 0..600 {
        world.types("lin", &format!("/incident note step {n}"));
        world.pass(TimeDelta::milliseconds(200));
    }
    let (card, status) = (edits(&world, "alerts"), edits(&world, ROOM));
    assert!((20..=26).contains(&card.len()), "{} edits of the card", card.len());
    assert!(least_gap(&card) >= TimeDelta::seconds(5));
    assert!((7..=9).contains(&status.len()), "{} edits of the status", status.len());
    assert!(least_gap(&status) >= TimeDelta::seconds(15));
}

#[test]
fn the_status_of_an_incident_that_goes_on_is_never_older_than_five_minutes() {
    let mut world = declared();
    world.pass(TimeDelta::minutes(30));
    let status = edits(&world, ROOM);
    let longest = status.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    assert!(longest < TimeDelta::minutes(5), "{longest}");
    world.types("lin", "/incident mitigate");
    world.pass(TimeDelta::minutes(1));
    let before = edits(&world, ROOM).len();
    world.pass(TimeDelta::minutes(30));
    assert_eq!(edits(&world, ROOM).len(), before, "nobody waits for news of what is mitigated");
}

#[test]
fn a_busy_status_that_is_nearly_an_hour_old_is_posted_afresh_and_the_old_one_becomes_a_pointer() {
    let mut world = declared();
    for n in 0..70 {
        world.types("lin", &format!("/incident note minute {n}"));
        world.pass(TimeDelta::minutes(1));
    }
    let fresh = world.discord.in_channel(ROOM).into_iter().filter(|post| **post == CARD).count();
    assert_eq!(fresh, 2);
    let cards = &world.state().chats.of(ChatKind::Discord).unwrap().cards;
    let in_room: Vec<_> = cards.values().filter(|card| card.channel.as_str() == ROOM).collect();
    assert_eq!(in_room.len(), 1, "the old one was edited a last time and is let go: {in_room:?}");
    assert!(
        least_gap(&edits(&world, "alerts")[40..]) >= TimeDelta::seconds(60),
        "an old card is edited seldom"
    );
}

#[test]
fn a_status_that_is_too_old_to_edit_is_posted_afresh() {
    let mut world = declared();
    world.types("lin", "/incident note one");
    world.pass(TimeDelta::minutes(1));
    world.discord.next_edit = Some(Edited::TooOld);
    // Only the status is edited without news, to say "as of now".
    world.pass(TimeDelta::minutes(5));
    let sent = world.discord.in_channel(ROOM).into_iter().filter(|post| **post == CARD).count();
    assert_eq!((sent, world.discord.in_channel("alerts").len()), (2, 1));
}

#[test]
fn a_card_that_is_too_old_to_edit_stays_and_is_left_alone_for_ten_minutes() {
    let mut world = declared();
    world.pass(TimeDelta::minutes(1));
    world.discord.next_edit = Some(Edited::TooOld);
    world.types("lin", "/incident note one");
    world.pass(TimeDelta::minutes(20));
    world.types("lin", "/incident note two");
    world.pass(TimeDelta::minutes(1));
    let sent = world.discord.in_channel(ROOM).into_iter().filter(|post| **post == CARD).count();
    let sent_alerts = world.discord.in_channel("alerts").len();
    assert_eq!((sent, sent_alerts), (1, 1), "the card among the alerts was told; it is no status and stays");
    let card = edits(&world, "alerts");
    assert!(card.len() > 1 && least_gap(&card) >= TimeDelta::minutes(10), "{card:?}");
}

#[test]
fn when_the_incident_ends_its_channel_is_put_away_and_fetched_back_when_it_goes_on() {
    let mut world = declared();
    for line in ["/incident mitigate", "/incident resolve", "/incident close"] {
        world.types("mei", line);
    }
    let farewell = PostKind::Farewell { incident: INC };
    assert_eq!(world.discord.in_channel(ROOM).last(), Some(&&farewell));
    world.types_in("mei", Some(ROOM), "/incident reopen");
    assert_eq!(world.discord.in_channel(ROOM).last(), Some(&&PostKind::Room { incident: INC }));
}

#[test]
fn that_a_person_closed_it_is_told_in_discord_and_needs_no_second_message_in_the_console() {
    let mut world = declared();
    for line in ["/incident mitigate", "/incident resolve", "/incident close"] {
        world.types("mei", line);
    }
    let events = world.events();
    let closes = |kind: &Kind| matches!(kind, Kind::StatusChanged { to: Status::Closed, .. });
    let closed = events.iter().find(|event| closes(&event.kind)).expect("it was closed").seq;
    let notice = PostKind::Notice { about: closed };
    let told = events.iter().filter_map(|event| match &event.kind {
        Kind::PostQueued { chat, channel, post } if *post == notice => Some((*chat, channel.to_string())),
        _ => None,
    });
    assert_eq!(told.collect::<Vec<_>>(), [(ChatKind::Discord, ROOM.to_owned())]);
}

#[test]
fn a_severity_that_a_person_raised_is_told_in_discord_in_both_channels_and_in_the_console_once_in_each() {
    let mut world = declared();
    world.types_in("mei", Some(ROOM), "/incident severity SEV1");
    let raised = |event: &&Event| matches!(event.kind, Kind::SeverityChanged { .. });
    let notice = PostKind::Notice { about: world.events().iter().find(raised).unwrap().seq };
    for channel in ["alerts", ROOM] {
        assert!(world.discord.in_channel(channel).contains(&&notice), "{channel}");
    }
    let in_console = world.events().into_iter().filter_map(|event| match event.kind {
        Kind::PostQueued { chat: ChatKind::Console, channel, post } if post == notice => Some(channel),
        _ => None,
    });
    assert_eq!(
        in_console.collect::<Vec<_>>(),
        [ChannelName::new("alerts")],
        "her own words stand in the other"
    );
}

#[test]
fn a_deleted_channel_is_made_anew_with_its_status() {
    let mut world = declared();
    world.discord.next = Some(Delivered::Gone);
    world.types("lin", "/incident note who deleted it?");
    let place = Place::Channel { channel: ChannelName::new(ROOM) };
    let lost = Kind::PlaceLost { chat: ChatKind::Discord, place };
    assert!(world.events().iter().any(|event| event.kind == lost));
    world.pass(TimeDelta::minutes(1));
    let statuses = world.discord.in_channel(ROOM).into_iter().filter(|post| **post == CARD).count();
    assert_eq!(statuses, 2);
    assert!(world.state().outbox.waiting.is_empty());
}

/// Our channels that were found to be gone, in order.
fn lost(world: &World) -> Vec<String> {
    let lost = |event: Event| match event.kind {
        Kind::PlaceLost { place: Place::Channel { channel }, .. } => Some(channel.to_string()),
        _ => None,
    };
    world.events().into_iter().filter_map(lost).collect()
}

/// Discord says that the channel of this id was deleted.
fn deleted(id: &str) -> Input {
    Input::Lost { chat: ChatKind::Discord, id: id.to_owned() }
}

fn id_of(world: &World, channel: &str) -> String {
    let chat = world.state().chats.of(ChatKind::Discord).expect("Discord is configured");
    chat.channels[&ChannelName::new(channel)].id.clone()
}

#[test]
fn a_channel_that_discord_says_was_deleted_is_made_anew_once_whoever_else_notices_it() {
    let mut world = declared();
    let id = id_of(&world, ROOM);
    world.give(deleted("of somebody else"));
    assert_eq!(lost(&world), [""; 0]);
    world.give(deleted(&id));
    world.give(deleted(&id));
    world.discord.next = Some(Delivered::Gone);
    world.types("lin", "/incident note who deleted it?");
    world.pass(TimeDelta::minutes(1));
    assert_eq!(lost(&world), [ROOM]);
    let statuses = world.discord.in_channel(ROOM).into_iter().filter(|post| **post == CARD).count();
    assert_eq!(statuses, 2, "the first, and one anew");
    assert_eq!(world.discord.in_channel("alerts"), [&CARD]);
    assert!(world.state().outbox.waiting.is_empty());
}

#[test]
fn the_channel_of_an_incident_that_ended_may_be_deleted_and_nothing_is_made_anew() {
    let mut world = declared();
    for line in ["/incident mitigate", "/incident resolve", "/incident close"] {
        world.types("mei", line);
    }
    world.pass(TimeDelta::minutes(1));
    let (id, said) = (id_of(&world, ROOM), world.discord.said.len());
    world.give(deleted(&id));
    world.pass(TimeDelta::minutes(1));
    assert_eq!((lost(&world), world.discord.said.len()), (Vec::new(), said));
}

#[test]
fn with_the_common_channel_the_threads_in_it_are_gone() {
    let mut world = declared();
    let place = Place::Channel { channel: ChannelName::new(ROOM) };
    let (id, instead) = ("a thread".to_owned(), Some(Instead::Mild));
    world.give(Input::Found { chat: ChatKind::Discord, place, id, instead });
    let common = id_of(&world, "alerts");
    world.give(deleted(&common));
    world.pass(TimeDelta::minutes(1));
    assert_eq!(lost(&world), ["alerts", ROOM]);
    assert_eq!(world.discord.in_channel("alerts"), [&CARD, &CARD]);
}

#[test]
fn an_hour_without_discord_is_told_elsewhere_and_summed_up_once() {
    let mut world = World::with_both();
    world.pass(TimeDelta::minutes(1));
    world.discord.down = true;
    let (sent_before, said_before) = (world.sent.len(), world.discord.said.len());
    world.types("lin", "/incident declare the front page is empty");
    for n in 0..120 {
        world.types_in("lin", Some(ROOM), &format!("/incident note minute {n}"));
        world.pass(TimeDelta::seconds(30));
    }
    assert_eq!(world.discord.said.len(), said_before);
    assert!(world.discord.tried < 200, "{} tries in an hour", world.discord.tried);
    let lost = |event: &&lifeboat_storage::event::Event| matches!(event.kind, Kind::ChatLost { .. });
    let events = world.events();
    let told: Vec<_> = events.iter().filter(lost).collect();
    assert_eq!(told.len(), 1);
    let about = PostKind::Notice { about: told[0].seq };
    assert!(world.sent[sent_before..].iter().any(|(_, post, _)| *post == about), "the webhook was told");
    assert!(told[0].recorded_at - told[0].occurred_at < TimeDelta::seconds(1));
    world.discord.down = false;
    world.pass(TimeDelta::minutes(3));
    let back = &world.discord.said[said_before..];
    let notices: Vec<&PostKind> =
        back.iter().map(|said| &said.post).filter(|post| matches!(post, PostKind::Notice { .. })).collect();
    assert_eq!(notices, [&about], "one summary and nothing of the backlog");
    assert_eq!(back.len(), 4, "besides: the channel, and the two cards as they stand now: {back:?}");
    assert!(world.events().iter().any(|event| matches!(event.kind, Kind::ChatBack { .. })));
    assert!(world.state().outbox.waiting.is_empty());
    world.types_in("lin", Some(ROOM), "/incident note again");
    assert_eq!(world.discord.said.len(), said_before + 5, "from here on as before");
}

/// `unreached` and `reached` of a channel, in order.
fn reach_of(world: &World, channel: &str) -> Vec<(&'static str, Seq)> {
    let told = |event: &lifeboat_storage::event::Event| match &event.kind {
        Kind::ChannelUnreached { channel: of, .. } if of.as_str() == channel => {
            Some(("unreached", event.seq))
        }
        Kind::ChannelReached { channel: of, .. } if of.as_str() == channel => Some(("reached", event.seq)),
        _ => None,
    };
    world.events().iter().filter_map(told).collect()
}

#[test]
fn a_common_channel_that_takes_no_messages_is_told_elsewhere_though_others_do() {
    let mut world = World::with_both();
    world.pass(TimeDelta::minutes(1));
    world.discord.shut.insert("alerts".to_owned());
    world.types("lin", "/incident declare the front page is empty");
    for n in 0..10 {
        world.types_in("lin", Some(ROOM), &format!("/incident note minute {n}"));
        world.pass(TimeDelta::seconds(30));
    }
    let told = reach_of(&world, "alerts");
    let [("unreached", seq)] = told[..] else { panic!("{told:?}") };
    let about = PostKind::Notice { about: seq };
    assert_eq!(world.sent.iter().filter(|(_, post, _)| *post == about).count(), 1, "the webhook was told");
    assert!(world.discord.in_channel(ROOM).len() > 10, "the incident's channel goes on");
    assert!(world.discord.in_channel("alerts").is_empty());
    assert!(!world.state().chats.is_lost(ChatKind::Discord));

    world.types("mei", "/alert test");
    world.restart();
    world.pass(TimeDelta::minutes(3));
    assert_eq!(reach_of(&world, "alerts").len(), 1, "a restart neither forgets nor repeats it");
    world.discord.shut.clear();
    world.pass(TimeDelta::minutes(3));
    let said = world.discord.in_channel("alerts");
    assert_eq!(said, [&CARD, &about], "the card, one summary, and nothing of the backlog");
    assert_eq!(reach_of(&world, "alerts").last().map(|(what, _)| *what), Some("reached"));
    assert!(world.state().outbox.waiting.is_empty());
    world.types("mei", "/alert test");
    assert_eq!(world.discord.in_channel("alerts").len(), 3, "from here on as before");
}

#[test]
fn an_incident_channel_that_takes_no_messages_is_told_in_the_common_one_and_does_not_take_discord_for_lost() {
    let mut world = World::with_both();
    world.types("lin", "/incident declare the front page is empty");
    world.discord.shut.insert(ROOM.to_owned());
    let before = world.discord.in_channel(ROOM).len();
    for n in 0..20 {
        world.types_in("lin", Some(ROOM), &format!("/incident note minute {n}"));
        world.pass(TimeDelta::seconds(30));
    }
    let told = reach_of(&world, ROOM);
    let [("unreached", seq)] = told[..] else { panic!("{told:?}") };
    let about = PostKind::Notice { about: seq };
    assert!(world.discord.in_channel("alerts").contains(&&about));
    assert!(!world.state().chats.is_lost(ChatKind::Discord));
    world.discord.shut.clear();
    world.pass(TimeDelta::minutes(3));
    let said = &world.discord.in_channel(ROOM)[before..];
    assert_eq!(said, [&about], "one summary");
    assert_eq!(reach_of(&world, ROOM).len(), 2);
}

#[test]
fn a_lost_discord_whose_common_channel_alone_stays_shut_is_back_and_that_channel_is_told() {
    let mut world = World::with_both();
    world.types("lin", "/incident declare the front page is empty");
    world.discord.down = true;
    world.discord.shut.insert("alerts".to_owned());
    for _ in 0..6 {
        world.types_in("lin", Some(ROOM), "/incident note anybody there?");
        world.types("mei", "/alert test");
        world.pass(TimeDelta::seconds(30));
    }
    assert!(world.state().chats.is_lost(ChatKind::Discord));
    world.discord.down = false;
    world.types("lin", "/incident declare the shop is empty");
    world.pass(TimeDelta::minutes(6));
    assert!(!world.state().chats.is_lost(ChatKind::Discord), "other channels work");
    assert_eq!(reach_of(&world, "alerts").len(), 1);
    world.discord.shut.clear();
    world.pass(TimeDelta::minutes(3));
    assert_eq!(reach_of(&world, "alerts").len(), 2);
    assert!(world.state().outbox.waiting.is_empty());
}

#[test]
fn a_message_refused_while_the_permission_was_given_is_tried_again_at_once() {
    let mut world = World::with_both();
    world.discord.silent = true;
    world.types("lin", "/incident declare the front page is empty");
    let Some(queued) = world.discord.unanswered.pop() else { panic!("nothing was sent") };
    world.discord.silent = false;
    world.give(Input::Link { chat: ChatKind::Discord, link: Link::Up });
    let outcome = Delivered::Later { after_ms: Some(60_000), maybe_arrived: false };
    world.give(Input::Delivered { queued, outcome });
    world.pass(TimeDelta::seconds(2));
    assert!(world.discord.said.iter().any(|said| said.queued == queued), "{:?}", world.discord.said);
}

#[test]
fn a_link_that_is_down_for_two_minutes_is_a_loss_even_when_nothing_is_to_be_said() {
    let mut world = World::with_both();
    world.give(Input::Link { chat: ChatKind::Discord, link: Link::Down });
    world.pass(TimeDelta::seconds(119));
    assert!(world.sent.is_empty());
    world.pass(TimeDelta::seconds(2));
    assert_eq!(world.sent.len(), 1);
    world.give(Input::Link { chat: ChatKind::Discord, link: Link::Up });
    world.pass(TimeDelta::seconds(1));
    assert!(!world.state().chats.is_lost(ChatKind::Discord));
}

#[test]
fn a_link_that_only_a_person_can_mend_is_told_elsewhere_at_once() {
    let mut world = World::with_both();
    world.give(Input::Link { chat: ChatKind::Discord, link: Link::Over });
    world.pass(TimeDelta::seconds(1));
    assert_eq!(world.sent.len(), 1);
    assert!(world.state().chats.is_lost(ChatKind::Discord));
    world.give(Input::Link { chat: ChatKind::Discord, link: Link::Up });
    world.pass(TimeDelta::seconds(1));
    assert!(!world.state().chats.is_lost(ChatKind::Discord));
}

#[test]
fn a_restart_while_discord_is_lost_neither_forgets_nor_repeats_it() {
    let mut world = World::with_both();
    world.discord.down = true;
    world.types("lin", "/incident declare the front page is empty");
    world.pass(TimeDelta::minutes(3));
    let told = world.sent.len();
    world.restart();
    world.pass(TimeDelta::minutes(5));
    assert_eq!(world.sent.len(), told);
    assert!(world.state().chats.is_lost(ChatKind::Discord));
    world.discord.down = false;
    world.pass(TimeDelta::minutes(3));
    assert!(!world.state().chats.is_lost(ChatKind::Discord));
    let oldest: Vec<bool> = world.discord.said.iter().map(|said| said.maybe_repeated).collect();
    assert!(
        oldest.iter().any(|repeated| *repeated),
        "what may have left before the kill is looked for first"
    );
}
