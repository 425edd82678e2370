//! How long it takes from the first 502 that nginx writes to the card on the page.
//!
//! The first 502 is when the load generator has it in hand (nginx has written its line by then); the card is when a
//! MutationObserver in the page sees it. Both read the same clock of the same machine.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use lifeboat_tests::browser::{Browser, BrowserError, Window, missing};
use lifeboat_tests::load::Steady;
use lifeboat_tests::nginx::{AccessLog, Nginx};
use lifeboat_tests::process::Lifeboat;
use lifeboat_tests::tier::{Tier, require, skip, tell};
use lifeboat_tests::upstream::Upstream;

use crate::site::{Page, alone, service, until};

/// Requests a second; two upstreams take turns, and one of them dies.
const RATE: u32 = 20;
/// What a site that was watched before has in its log.
const HALF_AN_HOUR: i64 = 1_800;
/// Well answered ones before it fails.
const QUIET: usize = 40;
/// Generous, since the machine may have other work; the budget is in `docs/benchmarks.md`.
const ALLOWED_MS: i64 = 2_000;

/// Remembers when the first card came.
const OBSERVE: &str = "window.cardAt = 0;
    new MutationObserver(() => { if (!window.cardAt && document.querySelector('.card')) window.cardAt = Date.now(); })
        .observe(document.documentElement, {childList: true, subtree: true});";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_card_is_on_the_page_soon_after_the_first_502() {
    if !require(Tier::Real, "nginx") {
        return;
    }
    if let Some(why) = missing() {
        return skip(&why);
    }
    let _alone = alone().await;
    let cycles = if Tier::asked() >= Tier::Deep { 30 } else { 3 };
    let page = Page(Browser::open(Window::default()).await.unwrap());
    measure(&page, "half an hour of its log there", HALF_AN_HOUR, cycles).await;
    measure(&page, "seen for two seconds only", 0, cycles.div_ceil(3)).await;
}

async fn measure(page: &Page, past: &str, seconds: i64, cycles: usize) {
    let mut took = Vec::new();
    for cycle in 1..=cycles {
        let ms = one_outage(page, seconds).await.unwrap();
        tell(&format!("first 502 to card, {past}, {cycle} of {cycles}: {ms} ms"));
        took.push(ms);
    }
    took.sort_unstable();
    let (median, worst) = (took[took.len() / 2], took[took.len() - 1]);
    tell(&format!("first 502 to card, {past}: median {median} ms, least {} ms, most {worst} ms", took[0]));
    assert!(took[0] > 0, "a card before the first 502 is a clock gone wrong: {took:?}");
    assert!(median < ALLOWED_MS, "median {median} ms: {took:?}");
}

/// What the site answered in so many seconds before now: nothing failed.
fn write_past(log: &Path, seconds: i64) -> io::Result<()> {
    let now = lifeboat::clock::wall();
    let mut text = String::new();
    for ago in (1..=seconds).rev() {
        let time = (now - TimeDelta::seconds(ago)).format("%d/%b/%Y:%H:%M:%S %z");
        let line = format!("127.0.0.1 - - [{time}] \"GET / HTTP/1.1\" 200 3 \"-\" \"load\"\n");
        text.push_str(&line.repeat(RATE as usize));
    }
    OpenOptions::new().append(true).open(log)?.write_all(text.as_bytes())
}

/// One outage before the eyes of a page that was open already; milliseconds from its first 502 to the card.
async fn one_outage(page: &Page, past: i64) -> Result<i64, BrowserError> {
    let (stays, mut dies) = (Upstream::start().await?, Upstream::start().await?);
    let nginx = Nginx::start_over(&[stays.address(), dies.address()], AccessLog::Combined)?;
    write_past(&nginx.access_log(), past)?;
    let lifeboat = Lifeboat::start(&service(&nginx.access_log()))?;
    page.enter(&lifeboat).await?;
    let load = Steady::start(nginx.address(), RATE);
    until("quiet traffic", async || (load.count(200) >= QUIET).then_some(())).await;
    page.0
        .until("!document.querySelector('.card') && document.querySelector('#facts li[data-well=yes]')")
        .await?;
    page.0.eval(OBSERVE).await?;
    dies.kill().await;
    page.0.until("window.cardAt").await?;
    let card = page.0.eval("return window.cardAt").await?.as_i64().unwrap_or_default();
    let first = load.first(502).map_or(0, |at: DateTime<Utc>| at.timestamp_millis());
    load.stop().await;
    Ok(card - first)
}
