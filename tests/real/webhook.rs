//! A webhook that is dead, slow, broken: every message arrives, in order, with at most one repeat.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use lifeboat_tests::process::Lifeboat;
use lifeboat_tests::tier::{Tier, require};

use crate::hook::{Hook, Post, SECRET, Says};
use crate::site::{Api, service, until};

/// What is done in these tests, and a word of the message that tells it.
const DONE: [(&str, &str); 4] = [
    ("/incident declare images are gone severity:SEV3", "images are gone"),
    ("/incident severity SEV1 incident:INC-0001", "SEV1"),
    ("/incident mitigate incident:INC-0001", "itigated"),
    ("/incident resolve incident:INC-0001", "esolved"),
];

fn lifeboat(hook: &Hook) -> (Lifeboat, Api) {
    let sections = format!("{}[webhook]\nurl_env = \"HOOK_OF_THE_TEST\"\n", service(Path::new("access.log")));
    let mut lifeboat = Lifeboat::prepare(&sections).unwrap();
    fs::write(lifeboat.folder().join("access.log"), "").unwrap();
    lifeboat.set("HOOK_OF_THE_TEST", &hook.url());
    let api = Api::new(&lifeboat);
    lifeboat.restart().unwrap();
    (lifeboat, api)
}

#[test]
fn a_start_says_in_its_log_that_others_may_read_the_secret() {
    if !require(Tier::Real, "") {
        return;
    }
    let mut lifeboat = Lifeboat::prepare("[webhook]\nurl_file = \"webhook.url\"\n").unwrap();
    let file = lifeboat.folder().join("webhook.url");
    fs::write(&file, "http://127.0.0.1:9/hook").unwrap();
    for (mode, told) in [(0o600, 0), (0o644, 1)] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        lifeboat.restart().unwrap();
        let logged = lifeboat.logged().unwrap();
        let warned = logged.lines().filter(|line| line.contains("others may read the secret in"));
        assert_eq!(warned.count(), told, "mode {mode:o}: {logged}");
    }
}

/// Waits until the last of the story has come; all of it, in order.
async fn whole(hook: &Hook) -> Vec<Post> {
    let last = DONE[DONE.len() - 1].1;
    let came =
        async || Some(hook.posts()).filter(|posts| posts.last().is_some_and(|post| post.text.contains(last)));
    let posts = until("the last message at the webhook", came).await;
    assert!(posts.is_sorted_by_key(|post| post.id), "out of order: {posts:#?}");
    for (line, word) in DONE {
        assert!(posts.iter().any(|post| post.text.contains(word)), "{line} was not told: {posts:#?}");
    }
    posts
}

fn repeated(posts: &[Post]) -> usize {
    posts.len() - posts.iter().map(|post| post.id).collect::<BTreeSet<_>>().len()
}

/// The URL is a secret: neither the log nor the page says it.
async fn kept(lifeboat: &Lifeboat, api: &Api) {
    assert!(!lifeboat.logged().unwrap().contains(SECRET));
    assert!(!api.start().await.to_string().contains(SECRET));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_webhook_that_comes_back_gets_every_message_once_and_in_order() {
    if !require(Tier::Real, "") {
        return;
    }
    let mut hook = Hook::reserve().unwrap();
    let (lifeboat, api) = lifeboat(&hook);
    for (line, _) in DONE {
        api.done(line).await;
    }
    let refused = async || lifeboat.logged().unwrap().contains("webhook not reached").then_some(());
    until("a first try", refused).await;
    hook.open([]).unwrap();
    assert_eq!(repeated(&whole(&hook).await), 0);
    kept(&lifeboat, &api).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_that_fails_or_says_nothing_after_its_work_gets_that_message_once_more_before_any_other() {
    if !require(Tier::Real, "") {
        return;
    }
    for second in [Says::Status(500), Says::Status(429), Says::Nothing] {
        let mut hook = Hook::reserve().unwrap();
        hook.open([Says::Status(200), second]).unwrap();
        let (lifeboat, api) = lifeboat(&hook);
        // A card that waits may be replaced by a newer one; a notice may not.
        api.done(DONE[0].0).await;
        until("the card", async || hook.posts().first().cloned()).await;
        for (line, _) in &DONE[1..] {
            api.done(line).await;
        }
        let posts = whole(&hook).await;
        assert_eq!((repeated(&posts), posts[1].id), (1, posts[2].id), "{second:?}: {posts:#?}");
        let unclear = !matches!(second, Says::Status(429));
        assert_eq!(posts[2].text.contains("may be a repeat"), unclear, "{second:?}: {posts:#?}");
        kept(&lifeboat, &api).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_refused_for_good_is_not_sent_again_and_the_page_says_so_until_one_arrives() {
    if !require(Tier::Real, "") {
        return;
    }
    let mut hook = Hook::reserve().unwrap();
    hook.open([Says::Status(403)]).unwrap();
    let (_lifeboat, api) = lifeboat(&hook);
    let told = async || api.start().await["state"]["notices"].to_string().contains("403");
    api.done(DONE[0].0).await;
    until("a notice of the refusal", async || told().await.then_some(())).await;
    for (line, _) in &DONE[1..] {
        api.done(line).await;
    }
    assert_eq!(repeated(&whole(&hook).await), 0);
    until("no notice once it takes messages again", async || (!told().await).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_sending_it_sends_that_message_once_more_and_marks_it() {
    if !require(Tier::Real, "") {
        return;
    }
    let mut hook = Hook::reserve().unwrap();
    hook.open([Says::Nothing]).unwrap();
    let (mut lifeboat, api) = lifeboat(&hook);
    api.done(DONE[0].0).await;
    until("a message on its way", async || hook.posts().first().cloned()).await;
    lifeboat.kill().unwrap();
    lifeboat.restart().unwrap();
    for (line, _) in &DONE[1..] {
        api.done(line).await;
    }
    let posts = whole(&hook).await;
    assert_eq!((repeated(&posts), posts[0].id), (1, posts[1].id), "{posts:#?}");
    let marked: Vec<bool> = posts.iter().map(|post| post.text.contains("may be a repeat")).collect();
    assert_eq!(marked.iter().position(|marked| *marked), Some(1), "{posts:#?}");
    assert_eq!(marked.iter().filter(|marked| **marked).count(), 1, "{posts:#?}");
}
