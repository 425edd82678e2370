//! A Discord that does not answer, answers oddly or too much: rows 10, 13 to 15 and 17.

use lifeboat_tests::fake::discord::Script;

use super::*;

#[tokio::test]
async fn whoever_takes_the_connection_and_says_nothing_is_left_after_a_while() {
    for script in [Script::NoUpgrade, Script::NoHello, Script::NoReady, Script::Refuses(503)] {
        let (discord, _dir, file) = discord().await;
        discord.plays(&script);
        let mut link = Link::start(&discord, &file);
        link.until("a session", |heard| conditions(heard).contains(&Condition::Connected)).await;
        assert!(
            matches!(link.conditions()[0], Condition::Lost { .. }),
            "{script:?}: {:?}",
            link.conditions()
        );
        link.kill().await;
        discord.finish().await;
    }
}

#[tokio::test]
async fn no_session_is_begun_when_three_are_left_and_people_are_told() {
    let (discord, _dir, file) = discord().await;
    discord.plays(&Script::IdentifiesLeft(3));
    let mut link = Link::start(&discord, &file);
    link.until("a word about it", |heard| !heard.is_empty()).await;
    let Condition::IdentifyBudgetSpent { remaining: Some(3), .. } = link.conditions()[0] else {
        panic!("{:?}", link.conditions())
    };
    assert_eq!(discord.connections(), []);
    link.stop().await;
    discord.finish().await;
}

#[tokio::test]
async fn what_nobody_knows_yet_does_not_disturb() {
    let (discord, _dir, file) = discord().await;
    let mut link = Link::start(&discord, &file);
    discord.connected().await;
    discord.plays(&Script::Unknown);
    let asked = asks(&discord);
    link.until("the command", |heard| interactions(heard) == [asked.clone()]).await;
    assert_eq!(discord.connections().len(), 1);
    link.kill().await;
    discord.finish().await;
}

#[tokio::test]
async fn two_thousand_events_at_once_are_all_heard_and_the_link_lives_on() {
    let (discord, _dir, file) = discord().await;
    let (gateway, mut arrivals, _) = gateway(&discord, &file);
    let mut tasks = JoinSet::new();
    tasks.spawn(gateway.run(CancellationToken::new()));
    discord.connected().await;
    discord.plays(&Script::Burst(2_000));
    // Nobody takes anything for four heartbeats.
    let beats = |discord: &Discord| Some(()).filter(|()| discord.connections()[0].heartbeats.len() >= 4);
    discord.until("heartbeats while nobody takes what comes", beats).await;
    let mut numbers = Vec::new();
    while numbers.len() < 2_000 {
        if let Some(Arrival::Dispatch(dispatch)) = arrivals.recv().await {
            if dispatch.name == "GUILD_INTEGRATIONS_UPDATE" {
                numbers.push(dispatch.data["number"].as_u64().unwrap());
            }
            dispatch.done();
        }
    }
    assert_eq!(numbers, (0..2_000).collect::<Vec<_>>());
    assert_eq!(discord.connections().len(), 1, "the link held");
    tasks.shutdown().await;
    discord.finish().await;
}

#[tokio::test]
async fn a_server_of_five_megabytes_and_packed_messages_are_heard_like_any_other() {
    for script in [Script::BigGuild(5_000_000), Script::Zlib] {
        let (discord, _dir, file) = discord().await;
        discord.plays(&script);
        let mut link = Link::start(&discord, &file);
        link.until("the server", |heard| heard.len() == 3).await;
        assert_eq!(discord.connections().len(), 1, "{script:?}");
        link.kill().await;
        discord.finish().await;
    }
}
