//! `kill -9` while people write and the site fails: nothing acknowledged is lost, nothing is there twice.
//!
//! Each kill falls uniformly between the first byte of a burst of notes and its last acknowledgement; one that comes
//! after the last acknowledgement is drawn again. What is counted is what the page shows, not what our store holds.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::time::Duration;

use lifeboat_storage::event::Kind;
use lifeboat_storage::id::Seq;
use lifeboat_storage::log::{EventLog, FileLog};
use lifeboat_tests::browser::{BrowserError, missing};
use lifeboat_tests::load::Steady;
use lifeboat_tests::nginx::{AccessLog, Nginx};
use lifeboat_tests::process::Lifeboat;
use lifeboat_tests::tier::{Tier, require, tell};
use lifeboat_tests::traffic::seeded::Seeded;
use lifeboat_tests::upstream::Upstream;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::site::{Api, Page, alone, service, until};

/// Who write at the same time, and how many notes each writes in a burst.
const CLIENTS: usize = 6;
const NOTES: usize = 10;

/// What became of the notes: by text, the number it was acknowledged with, if it was.
type Fates = BTreeMap<String, Option<u64>>;

/// The notes of one burst.
struct Burst {
    fates: Fates,
    /// From its first byte to its last answer, where no kill cut it.
    whole: Option<Duration>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_kill_nine_nothing_acknowledged_is_lost_and_nothing_is_there_twice() {
    if !require(Tier::Real, "nginx") {
        return;
    }
    let _alone = alone().await;
    let kills = if Tier::asked() >= Tier::Deep { 100 } else { 10 };

    let mut upstream = Upstream::start().await.unwrap();
    let nginx = Nginx::start(upstream.address(), AccessLog::Combined).unwrap();
    let mut lifeboat = Lifeboat::prepare(&service(&nginx.access_log())).unwrap();
    let api = Api::new(&lifeboat);
    lifeboat.restart().unwrap();
    upstream.kill().await;
    let load = Steady::start(nginx.address(), 20);
    let channel = api.incident().await;

    let mut bursts = vec![burst(&api, 0).await, burst(&api, 1).await];
    let mut dice = Seeded::new(502, 9);
    while bursts.iter().filter(|burst| burst.whole.is_none()).count() < kills {
        assert!(bursts.len() < 10 * kills, "nearly every kill came after the last acknowledgement");
        let span = bursts.iter().rev().find_map(|burst| burst.whole).unwrap();
        let delay = span.mul_f64(dice.unit());
        bursts.push(killed(&mut lifeboat, &api, bursts.len(), delay).await.unwrap());
    }

    load.stop().await;
    lifeboat.restart().unwrap();
    let shown = api.messages(&channel).await;
    let survived = check_notes(&bursts, &shown);
    check_once(&api, &shown).await;
    if missing().is_none() {
        check_page(&lifeboat, &shown).await.unwrap();
    }
    let status = lifeboat.stop().unwrap();
    assert!(status.success(), "{status}");
    let verified = lifeboat.say(&["verify"]).unwrap();
    assert!(verified.status.success(), "{verified:?}");
    report(&lifeboat, kills, &bursts, &survived);
}

/// A start, and a burst that is cut by a kill after this delay unless it is over before.
async fn killed(lifeboat: &mut Lifeboat, api: &Api, number: usize, delay: Duration) -> io::Result<Burst> {
    lifeboat.restart()?;
    until("an answer after the restart", async || api.get("/healthz").await).await;
    let end = Instant::now() + delay;
    let mut burst = Box::pin(burst(api, number));
    let ended = tokio::select! {
        ended = &mut burst => Some(ended),
        () = sleep_until(end) => None,
    };
    lifeboat.kill()?;
    match ended {
        Some(burst) => Ok(burst),
        None => Ok(Burst { whole: None, ..burst.await }),
    }
}

/// Several people write several notes each, one after the other.
async fn burst(api: &Api, number: usize) -> Burst {
    let begin = Instant::now();
    let mut people = JoinSet::new();
    for client in 0..CLIENTS {
        people.spawn(one_person(api.clone(), format!("note {number}-{client}")));
    }
    let fates = people.join_all().await.into_iter().flatten().collect();
    Burst { fates, whole: Some(begin.elapsed()) }
}

/// Writes until an answer fails to come.
async fn one_person(api: Api, name: String) -> Fates {
    let mut fates = Fates::new();
    for number in 0..NOTES {
        let text = format!("{name}-{number} 记录");
        let answer = api.command(&format!("/incident note incident:INC-0001 {text}")).await;
        let seq = answer.and_then(|(status, reply)| reply["seq"].as_u64().filter(|_| status.is_success()));
        fates.insert(text, seq);
        if seq.is_none() {
            break;
        }
    }
    fates
}

/// Every acknowledged note is there once, under its number; none is there twice. For each burst: how many are there
/// that nobody was told of.
fn check_notes(bursts: &[Burst], shown: &[Value]) -> Vec<usize> {
    let mut found: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for message in shown {
        let text = message["text"].as_str().unwrap();
        let note = text.find("note ").map(|at| &text[at..]).filter(|note| note.ends_with("记录"));
        if let Some(note) = note {
            found.entry(note).or_default().push(message["seq"].as_u64().unwrap());
        }
    }
    let survived = |burst: &Burst| {
        let mut unasked = 0;
        for (text, acknowledged) in &burst.fates {
            let there = found.get(text.as_str()).map_or(&[][..], Vec::as_slice);
            match acknowledged {
                Some(seq) => assert_eq!(there, [*seq], "{text} was acknowledged as {seq}"),
                None => assert!(there.len() <= 1, "{text} is there twice: {there:?}"),
            }
            unasked += usize::from(acknowledged.is_none() && there.len() == 1);
        }
        unasked
    };
    bursts.iter().map(survived).collect()
}

/// One incident, one card in each channel, and every number once.
async fn check_once(api: &Api, shown: &[Value]) {
    let start = api.start().await;
    assert_eq!(start["incidents"].as_array().unwrap().len(), 1, "{start}");
    let cards = |messages: &[Value]| messages.iter().filter(|one| one["kind"] == "card").count();
    assert_eq!((cards(shown), cards(&api.messages("alerts").await)), (1, 1), "cards");
    let numbers: BTreeSet<u64> = shown.iter().filter_map(|one| one["seq"].as_u64()).collect();
    assert_eq!(numbers.len(), shown.len(), "a number is there twice");
}

/// The same in Chromium, scrolled back to the beginning: as many messages, and one card.
async fn check_page(lifeboat: &Lifeboat, shown: &[Value]) -> Result<(), BrowserError> {
    let page = Page::open(lifeboat).await?;
    let (all, first) = (shown.len(), &shown[0]["seq"]);
    page.0.until("document.querySelectorAll('#log .message[data-seq]').length > 50").await?;
    let mut there = page.count("#log .message[data-seq]").await?;
    while page.count("#earlier:not([hidden]) button").await? == 1 {
        page.0.click("#earlier button").await?;
        page.0
            .until(&format!("document.querySelectorAll('#log .message[data-seq]').length > {there}"))
            .await?;
        there = page.count("#log .message[data-seq]").await?;
    }
    assert_eq!(page.count(&format!("#log .message[data-seq='{first}']")).await?, 1, "the first message");
    page.0.until(&format!("document.querySelectorAll('#log .message[data-seq]').length === {all}")).await?;
    assert_eq!(page.count("#log .card").await?, 1, "one card on the page");
    Ok(())
}

fn report(lifeboat: &Lifeboat, kills: usize, bursts: &[Burst], survived: &[usize]) {
    let log = FileLog::open_read_only(lifeboat.data().join("log")).unwrap();
    let events = log.read_from(Seq(1)).unwrap().map(Result::unwrap);
    let torn =
        events.filter(|event| matches!(event.kind, Kind::LifeboatStarted { torn_bytes: 1.., .. })).count();
    let in_flight = survived.iter().filter(|count| **count > 0).count();
    let acknowledged = bursts.iter().flat_map(|burst| burst.fates.values()).flatten().count();
    tell(&format!(
        "kill -9: {kills} within a burst, {} after one, {acknowledged} notes acknowledged, none lost; {in_flight} kills hit \
         an append in flight ({} notes are on disk that nobody was told of), {torn} left a torn record",
        bursts.len() - 2 - kills,
        survived.iter().sum::<usize>(),
    ));
    let deep = Tier::asked() >= Tier::Deep;
    assert!(
        !deep || 3 * in_flight.max(torn) >= kills,
        "less than a third of the kills hit an append in flight"
    );
}
