//! `lifeboat drill`: nothing configured, nothing around it, and the page shows an outage.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use lifeboat_tests::browser::{Browser, BrowserError, Window, missing};
use lifeboat_tests::process::Lifeboat;
use lifeboat_tests::tier::{Tier, require, skip};

use crate::site::Page;

/// A drill that is killed when dropped.
pub(crate) struct Drill {
    pub(crate) child: Child,
    pub(crate) link: String,
    /// What it goes on to print.
    pub(crate) stdout: BufReader<std::process::ChildStdout>,
}

impl Drill {
    /// Plays in the folder `played`, or goes on there; with these words more.
    pub(crate) fn start(lifeboat: &Lifeboat, stderr: Stdio, more: &[&str]) -> Self {
        let listen = lifeboat.listen().to_string();
        let words = [&["drill", "--listen", &listen, "--data", "played"], more].concat();
        let mut command = lifeboat.command(&words);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut drill_said = String::new();
        let mut link = None;
        while link.is_none() && stdout.read_line(&mut drill_said).unwrap() > 0 {
            // In Chinese nothing stands between a colon and what follows.
            let words = drill_said.split(|c: char| c.is_whitespace() || c == '：');
            link = words.into_iter().find(|word| word.contains("/login?token=")).map(str::to_owned);
        }
        let drill = Self { child, link: link.unwrap_or_default(), stdout };
        assert!(!drill.link.is_empty(), "no link: {drill_said}");
        drill
    }
}

impl Drop for Drill {
    fn drop(&mut self) {
        // It may be gone already; either way nothing is left behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drill_shows_its_banner_then_its_outage_and_can_be_worked_on() {
    if !require(Tier::Real, "") {
        return;
    }
    if let Some(why) = missing() {
        return skip(&why);
    }
    let page = Page(Browser::open(Window::default()).await.unwrap());
    let folder = Lifeboat::prepare("").unwrap();
    let drill = Drill::start(&folder, Stdio::null(), &[]);
    played(&page, &drill.link).await.unwrap();
}

/// The first sign is not the outage: the scheduled start is judged, and an incident opens more than two hours before.
async fn played(page: &Page, link: &str) -> Result<(), BrowserError> {
    page.0.goto(link).await?;
    page.shows("#drill", "Nothing here is real").await?;
    page.0.until("!document.querySelector('#line').readOnly").await?;
    page.shows("#log .card[data-incident='INC-0002']", "0 of 4").await?;
    page.say("/incident ack INC-0002").await?;
    page.shows("#log .card .meta", "taken by").await?;
    page.say("/incident note incident:INC-0002 a game day").await?;
    page.told("a game day").await?;
    assert_eq!(page.0.logs().await?, [], "the console of the browser is silent");
    Ok(())
}
