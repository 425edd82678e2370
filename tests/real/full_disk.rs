//! A data disk of its own that is full: alerts go on, nothing recorded is lost, and recording returns by itself.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::process::Command;

use lifeboat_tests::browser::{BrowserError, missing};
use lifeboat_tests::load::Steady;
use lifeboat_tests::nginx::{AccessLog, Nginx};
use lifeboat_tests::process::Lifeboat;
use lifeboat_tests::tier::{Tier, require, skip};
use lifeboat_tests::upstream::Upstream;
use reqwest::StatusCode;

use crate::hook::Hook;
use crate::site::{Api, Page, alone, people, service, until};

/// A small disk in memory, mounted over a folder; gone when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(folder: PathBuf, size: &str) -> Result<Self, String> {
        let options = format!("size={size},mode=700");
        let asked =
            Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&folder).output();
        match asked {
            Ok(done) if done.status.success() => Ok(Self(folder)),
            Ok(done) => Err(format!("no small disk: {}", String::from_utf8_lossy(&done.stderr).trim())),
            Err(error) => Err(format!("no small disk: {error}")),
        }
    }

    /// Writes until nothing more fits; again where room was made since.
    fn fill(&self) -> io::Result<()> {
        let mut file = fs::OpenOptions::new().create(true).append(true).open(self.0.join("filler"))?;
        for size in [64 * 1024, 512, 1] {
            loop {
                match file.write(&vec![0; size]) {
                    Ok(_) => {}
                    Err(error) if error.kind() == ErrorKind::StorageFull => break,
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    /// Nothing can be written any more; refused while somebody still writes.
    fn make_read_only(&self) {
        let done = Command::new("mount").args(["-o", "remount,ro"]).arg(&self.0).status().unwrap();
        assert!(done.success(), "remount read-only");
    }

    fn free(&self) -> io::Result<()> {
        fs::remove_file(self.0.join("filler"))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: whoever still has a file open there keeps it until it is gone too.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_without_reserve_alerts_go_out_marked_and_are_recorded_once_there_is_room() {
    if !require(Tier::Real, "nginx") {
        return;
    }
    if let Some(why) = missing() {
        return skip(&why);
    }
    let _alone = alone().await;
    let mut upstream = Upstream::start().await.unwrap();
    let nginx = Nginx::start(upstream.address(), AccessLog::Combined).unwrap();
    let mut hook = Hook::reserve().unwrap();
    hook.open([]).unwrap();
    let sections = format!("{}[webhook]\nurl_env = \"HOOK_OF_THE_TEST\"\n", service(&nginx.access_log()));
    let mut lifeboat = Lifeboat::prepare(&sections).unwrap();
    lifeboat.set("HOOK_OF_THE_TEST", &hook.url());
    // Less than a reserve takes.
    let disk = match SmallDisk::mount(lifeboat.data(), "6m") {
        Ok(disk) => disk,
        Err(why) => return skip(&why),
    };
    let api = Api::new(&lifeboat);
    lifeboat.restart().unwrap();
    full_story(&lifeboat, &api, &disk, &nginx, &mut upstream).await.unwrap();
    told_outside(&hook).await;

    assert!(lifeboat.stop().unwrap().success());
    let verified = lifeboat.say(&["verify"]).unwrap();
    assert!(verified.status.success(), "{verified:?}");
}

async fn full_story(
    lifeboat: &Lifeboat,
    api: &Api,
    disk: &SmallDisk,
    nginx: &Nginx,
    upstream: &mut Upstream,
) -> Result<(), BrowserError> {
    let page = Page::open(lifeboat).await?;
    let load = Steady::start(nginx.address(), 20);
    until("quiet traffic", async || (load.count(200) >= 40).then_some(())).await;
    let before = api.done("/incident declare before the disk was full severity:SEV4").await;
    disk.fill()?;
    // What fits into the last page of the file still fits, and views may give up room once they cannot be written.
    let refused = async || {
        disk.fill().unwrap();
        api.command("/incident note incident:INC-0001 filler")
            .await
            .filter(|(status, _)| !status.is_success())
    };
    let (status, reply) = until("a note that does not fit", refused).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(reply["text"].to_string().contains("Nothing was changed"), "{reply}");
    // Known before it is tried, too.
    let again = api.command("/incident note incident:INC-0001 filler").await.map(|(status, _)| status);
    assert_eq!(again, Some(StatusCode::SERVICE_UNAVAILABLE));
    page.shows("#strips .strip", "Nothing is recorded").await?;

    page.0.click("#rail [data-list=channels] button").await?;
    upstream.kill().await;
    page.shows("#log .message", "Not recorded").await?;
    page.shows("#log .message .pill", "not recorded").await?;
    assert_eq!(api.start().await["incidents"].as_array().map(Vec::len), Some(1), "nothing is recorded yet");

    disk.free()?;
    page.shows("#log .message", "Recording works again").await?;
    page.shows("#log .card", "502").await?;
    page.shows("#rail [data-list=open] button", "INC-0002").await?;
    page.0.until("!document.querySelector('#strips').innerText.includes('Nothing is recorded')").await?;
    load.stop().await;
    let first = api.json("/api/incidents/1?lang=en").await;
    assert!(first["timeline"].to_string().contains(&format!("\"seq\":{before},")), "{first}");
    let cards =
        api.messages("alerts").await.iter().filter(|one| one["card"]["incident"] == "INC-0002").count();
    assert_eq!(cards, 1);
    Ok(())
}

/// The webhook heard of the failure once without a record, and of the recorded incident afterwards.
async fn told_outside(hook: &Hook) {
    let recorded = async || hook.posts().iter().any(|post| post.text.contains("INC-0002")).then_some(());
    until("the recorded incident at the webhook", recorded).await;
    let posts = hook.posts();
    let without: Vec<_> = posts.iter().filter(|post| post.id.is_none()).collect();
    assert_eq!(without.len(), 1, "{posts:#?}");
    assert!(without[0].text.contains("Not recorded") && without[0].text.contains("502"), "{posts:#?}");
    let numbers: BTreeSet<u64> = posts.iter().filter_map(|post| post.id).collect();
    assert_eq!(numbers.len() + 1, posts.len(), "something came twice: {posts:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_the_reserve_keeps_recording_possible_and_says_so() {
    if !require(Tier::Real, "") {
        return;
    }
    let mut lifeboat = Lifeboat::prepare(&service(std::path::Path::new("access.log"))).unwrap();
    fs::write(lifeboat.folder().join("access.log"), "").unwrap();
    let disk = match SmallDisk::mount(lifeboat.data(), "24m") {
        Ok(disk) => disk,
        Err(why) => return skip(&why),
    };
    let api = Api::new(&lifeboat);
    lifeboat.restart().unwrap();
    api.done("/incident declare the disk fills up").await;
    disk.fill().unwrap();
    let mut notes = Vec::new();
    for number in 0..40 {
        notes.push(api.done(&format!("/incident note incident:INC-0001 note {number}")).await);
    }
    let told = async || {
        api.messages("alerts")
            .await
            .iter()
            .any(|one| one["text"].to_string().contains("reserve"))
            .then_some(())
    };
    until("a notice that the reserve is in use", told).await;
    let strip = async || api.start().await["state"]["notices"].to_string().contains("reserve").then_some(());
    until("a strip on the page", strip).await;

    lifeboat.kill().unwrap();
    disk.free().unwrap();
    lifeboat.restart().unwrap();
    let timeline = api.json("/api/incidents/1?lang=en").await["timeline"].to_string();
    for seq in notes {
        assert_eq!(timeline.matches(&format!("\"seq\":{seq},")).count(), 1, "event {seq}");
    }
    assert!(lifeboat.stop().unwrap().success());
    let verified = lifeboat.say(&["verify"]).unwrap();
    assert!(verified.status.success(), "{verified:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_read_only_disk_lifeboat_starts_shows_the_record_and_says_that_nothing_is_recorded() {
    if !require(Tier::Real, "") {
        return;
    }
    let mut lifeboat = Lifeboat::prepare(&people()).unwrap();
    let disk = match SmallDisk::mount(lifeboat.data(), "24m") {
        Ok(disk) => disk,
        Err(why) => return skip(&why),
    };
    let api = Api::new(&lifeboat);
    lifeboat.restart().unwrap();
    api.done("/incident declare kept on a disk that turns read-only").await;
    assert!(lifeboat.stop().unwrap().success());
    disk.make_read_only();

    let rows = [
        (&["incident", "list"][..], 0, "kept on a disk"),
        (&["verify"], 0, "sound"),
        (&["incident", "note", "x", "--incident", "INC-0001"], 4, "could not be recorded"),
    ];
    for (words, exit, told) in rows {
        let said = lifeboat.say(words).unwrap();
        let text =
            format!("{}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
        assert_eq!(said.status.code(), Some(exit), "{words:?}: {text}");
        assert!(text.contains(told), "{words:?}: {text}");
    }
    lifeboat.restart().unwrap();
    let start = api.start().await;
    assert!(start["incidents"].to_string().contains("kept on a disk"), "{start}");
    assert!(start["state"]["notices"].to_string().contains("Nothing is recorded"), "{start}");
    let (status, reply) = api.command("/incident note incident:INC-0001 x").await.unwrap();
    assert!(reply.to_string().contains("recorded"), "{status}: {reply}");
}
