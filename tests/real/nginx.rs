//! The site all real runs use: a real nginx, an upstream that dies.

use lifeboat_tests::load::{Load, answered};
use lifeboat_tests::nginx::{AccessLog, Nginx};
use lifeboat_tests::tier::{Tier, require};
use lifeboat_tests::upstream::Upstream;

#[tokio::test]
async fn a_dead_upstream_shows_as_502_in_the_access_log_and_a_revived_one_as_200() {
    if !require(Tier::Real, "nginx") {
        return;
    }
    let mut upstream = Upstream::start().await.unwrap();
    let nginx = Nginx::start(upstream.address(), AccessLog::Combined).unwrap();
    let load = Load::new(nginx.address(), 200, 20);

    let well = load.send().await;
    upstream.kill().await;
    let dead = load.send().await;
    upstream.revive().await.unwrap();
    let again = load.send().await;

    let found = [answered(&well, Some(200)), answered(&dead, Some(502)), answered(&again, Some(200))];
    assert_eq!(found, [20, 20, 20], "{well:?}\n{dead:?}\n{again:?}");
    assert_eq!(nginx.logged().unwrap(), [[200; 20], [502; 20], [200; 20]].concat());
}

#[tokio::test]
async fn a_log_with_upstreams_names_the_one_that_was_asked() {
    if !require(Tier::Real, "nginx") {
        return;
    }
    let upstream = Upstream::start().await.unwrap();
    let nginx = Nginx::start(upstream.address(), AccessLog::WithUpstream).unwrap();

    Load::new(nginx.address(), 100, 1).send().await;
    let line = std::fs::read_to_string(nginx.access_log()).unwrap();
    let asked = format!("\"-\" \"load\" {} ", upstream.address());
    assert!(line.contains(&asked), "{line}");
}

#[tokio::test]
async fn a_rotation_under_load_loses_no_line() {
    if !require(Tier::Real, "nginx") {
        return;
    }
    let upstream = Upstream::start().await.unwrap();
    let nginx = Nginx::start(upstream.address(), AccessLog::Combined).unwrap();

    let load = Load::new(nginx.address(), 200, 20);
    load.send().await;
    let rotated = nginx.rotate().unwrap();
    load.send().await;

    let lines = |path| std::fs::read_to_string(path).unwrap_or_default().lines().count();
    let (before, after) = (lines(rotated), lines(nginx.access_log()));
    assert_eq!(before + after, 40, "{before} in the rotated log");
    assert!(after > 0, "nginx never opened the new log");
}
