//! Socket after socket is cut at random moments: nothing is lost, nothing is heard twice.

use lifeboat_tests::fake::discord::Script;
use lifeboat_tests::tier::Tier;
use lifeboat_tests::traffic::seeded::Seeded;

use super::*;

#[tokio::test]
async fn over_random_cuts_every_command_is_heard_once_and_in_order() {
    let cuts = match Tier::asked() {
        Tier::Fast => 8,
        Tier::Real => 20,
        Tier::Deep => 200,
    };
    let (discord, _dir, file) = discord().await;
    let mut link = Link::start(&discord, &file);
    discord.connected().await;
    let mut chance = Seeded::new(7, 0);
    let mut asked = Vec::new();
    for _ in 0..cuts {
        for _ in 0..chance.below(4) {
            asked.push(asks(&discord));
            moment(&mut chance, 20).await;
        }
        discord.plays(match chance.below(5) {
            0 => &Script::HangsUp,
            1 => &Script::Resets,
            2 => &Script::ClosesWithoutCode,
            3 => &Script::Repeats,
            _ => &Script::Reconnect,
        });
        moment(&mut chance, 60).await;
    }
    asked.push(asks(&discord));
    link.until("the last command", |heard| interactions(heard).len() >= asked.len()).await;
    assert_eq!(link.interactions(), asked);
    let begun = discord.connections().iter().filter(|one| one.identify.is_some()).count();
    assert_eq!(begun, 1, "one session for all of it");
    link.kill().await;
    discord.finish().await;
}

/// The random moments are what is tested: nothing is waited for here.
async fn moment(chance: &mut Seeded, most_ms: u64) {
    tokio::time::sleep(Duration::from_millis(chance.below(most_ms))).await;
}
