//! Links that are lost, and go on or not: rows 3 to 9, 11 and 12.

use std::time::Instant;

use lifeboat::chat::discord::gateway::Fatal;
use lifeboat_tests::fake::discord::{Connection, Door, Script};

use super::*;

/// The newest connection that has a session, after that many.
async fn next_session(discord: &Discord, after: u64) -> Connection {
    let newer = |one: &Connection| one.number > after && one.session.is_some() && one.ended.is_none();
    discord
        .until("a new connection with a session", |discord| discord.connections().into_iter().find(newer))
        .await
}

/// Plays `script` to a link that lives, and yields the connection before and the one after, with how long it took.
async fn after(script: Script) -> (Connection, Connection, Duration, Vec<Heard>) {
    let (discord, _dir, file) = discord().await;
    let mut link = Link::start(&discord, &file);
    let before = discord.connected().await;
    link.until("the server", |heard| heard.len() >= 3).await;
    let began = Instant::now();
    discord.plays(&script);
    let meanwhile = asks(&discord);
    let new = next_session(&discord, before.number).await;
    let took = began.elapsed();
    if new.resume.is_some() {
        link.until("the command in between", |heard| interactions(heard) == [meanwhile.clone()]).await;
    } else {
        link.until("the new session", |heard| begun(heard) == 2).await;
    }
    let heard = link.stop().await;
    discord.finish().await;
    (before, new, took, heard)
}

/// How many sessions were begun.
fn begun(heard: &[Heard]) -> usize {
    heard.iter().filter(|heard| **heard == Heard::Condition(Condition::Connected)).count()
}

#[tokio::test]
async fn a_lost_link_is_resumed_by_its_own_address_within_two_seconds_and_nothing_is_missed() {
    let scripts = [
        Script::NoAck,
        Script::Reconnect,
        Script::InvalidSession(true),
        Script::Closes(4000),
        Script::Closes(4001),
        Script::Closes(4002),
        Script::Closes(4005),
        Script::Closes(4008),
        Script::Closes(1001),
        Script::HangsUp,
        Script::Resets,
        Script::ClosesWithoutCode,
    ];
    for script in scripts {
        let (before, new, took, _) = after(script.clone()).await;
        assert_eq!((new.identify, new.door), (None, Door::Resume), "{script:?}");
        assert_eq!(new.session, before.session, "{script:?}");
        assert!(took < Duration::from_secs(2), "{script:?}: {took:?}");
    }
}

#[tokio::test]
async fn a_session_that_is_over_is_followed_by_a_new_one() {
    for script in
        [Script::InvalidSession(false), Script::Closes(4003), Script::Closes(4007), Script::Closes(4009)]
    {
        let (before, new, _, heard) = after(script.clone()).await;
        assert_eq!((new.resume, new.door), (None, Door::First), "{script:?}");
        assert_ne!(new.session, before.session);
        assert_eq!(begun(&heard), 2, "{script:?}");
    }
}

#[tokio::test]
async fn a_link_that_only_a_person_can_mend_ends_and_says_so() {
    for code in [4004, 4010, 4011, 4012, 4013, 4014] {
        let (discord, _dir, file) = discord().await;
        let mut link = Link::start(&discord, &file);
        discord.connected().await;
        discord.plays(&Script::Closes(code));
        while link.tasks.join_next().await.is_some() {}
        let fatal = if code == 4004 { Fatal::Token } else { Fatal::Closed(code) };
        assert_eq!(link.conditions().last(), Some(&Condition::Fatal(fatal)), "{code}");
        assert_eq!(discord.connections().len(), 1);
        discord.finish().await;
    }
}

#[tokio::test]
async fn a_heartbeat_is_sent_when_discord_asks_for_one() {
    let (discord, _dir, file) = discord().await;
    let link = Link::start(&discord, &file);
    discord.connected().await;
    for asked in 1..=10 {
        discord.plays(&Script::AsksForHeartbeat);
        let beats =
            |discord: &Discord| Some(()).filter(|()| discord.connections()[0].heartbeats.len() >= asked);
        discord.until("a heartbeat", beats).await;
    }
    link.kill().await;
    discord.finish().await;
}

#[tokio::test]
async fn where_the_resume_address_is_dead_the_session_goes_on_at_the_first_one() {
    let (before, new, _, _) = after(Script::RefusesResumeAddress).await;
    assert_eq!((new.identify, new.door, new.session), (None, Door::First, before.session));
}

#[tokio::test]
async fn what_is_said_again_after_a_resume_is_heard_once() {
    let (discord, _dir, file) = discord().await;
    let mut link = Link::start(&discord, &file);
    let first = discord.connected().await;
    let asked: Vec<String> = (0..4).map(|_| asks(&discord)).collect();
    link.until("four commands", |heard| interactions(heard) == asked).await;
    discord.plays(&Script::Repeats);
    next_session(&discord, first.number).await;
    let last = asks(&discord);
    link.until("the last command", |heard| interactions(heard).contains(&last)).await;
    assert_eq!(link.interactions(), [asked, vec![last]].concat());
    link.kill().await;
    discord.finish().await;
}
