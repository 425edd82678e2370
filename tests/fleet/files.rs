//! A scenario file written by somebody else is read, or refused with what is wrong in it.

use lifeboat_deploy::simulated::{Scenario, ScenarioError};

const GOOD: &str = include_str!("../fixtures/fleet/contract.toml");

/// Reads the good file with one thing changed.
#[track_caller]
fn changed(from: &str, to: &str) -> ScenarioError {
    assert!(GOOD.contains(from), "the fixture has no {from:?}");
    Scenario::parse(&GOOD.replacen(from, to, 1)).expect_err("it must be refused")
}

#[track_caller]
fn refused(from: &str, to: &str, said: &str) {
    let error = changed(from, to).to_string();
    assert!(error.contains(said), "{error:?} does not say {said:?}");
}

#[test]
fn the_fixture_itself_is_read() {
    assert_eq!(Scenario::parse(GOOD).map(|scene| scene.name), Ok("contract".to_owned()));
}

#[test]
fn what_is_not_toml_or_has_unknown_keys_is_refused_with_the_line() {
    for (from, to, said) in [
        ("name = \"contract\"", "name = ", "line 2"),
        ("pods = 6", "pods = 6\npodz = 7", "podz"),
        ("[title]", "[titel]", "titel"),
        ("kind = \"swarm\"", "kind = \"nomad\"", "nomad"),
        ("pods = 6", "pods = -6", "-6"),
        ("ends_at = \"08:00\"", "ends_at = \"25:61\"", "ends_at"),
        ("zone = \"Asia/Shanghai\"", "zone = \"Asia/Atlantis\"", "zone"),
        ("zh-CN = \"一切正常\"", "", "zh-CN"),
    ] {
        refused(from, to, said);
    }
}

#[test]
fn names_that_nothing_carries_are_told() {
    for (from, to, said) in [
        ("{ main = 90", "{ mian = 90", "cluster \"mian\""),
        (
            "name = \"worker-1\", machine = \"plenty\"",
            "name = \"worker-1\", machine = \"scarce\"",
            "scarce zone-a",
        ),
        ("[title]", "[[elsewhere]]\nat = \"04:00\"\nstop = [\"worker-99\"]\n[title]", "node \"worker-99\""),
        (
            "[title]",
            "[[pool]]\nname = \"p\"\ncluster = \"main\"\nmembers = [\"swarm-1\"]\nmax = 3\n[title]",
            "node \"swarm-1\"",
        ),
        (
            "[title]",
            "[[schedule]]\nname = \"s\"\npool = \"none\"\ncount = 1\ndays = [true,true,true,true,true,true,true]\nstart = \"04:00\"\nready_by = \"05:00\"\n[title]",
            "pool \"none\"",
        ),
        ("[title]", "[[cause]]\nkind = \"resolver-rot\"\ncluster = \"mine\"\n[title]", "cluster \"mine\""),
    ] {
        refused(from, to, said);
    }
}

#[test]
fn names_that_two_things_carry_are_told() {
    for (from, to, said) in [
        ("name = \"other\"", "name = \"main\"", "cluster"),
        ("name = \"swarm-1\"", "name = \"worker-1\"", "worker-1"),
        (
            "machine = \"gone\"\nzone = \"zone-a\"\nspot = true",
            "machine = \"plenty\"\nzone = \"zone-a\"",
            "plenty",
        ),
    ] {
        refused(from, to, said);
    }
}

#[test]
fn weights_that_do_not_add_up_are_told() {
    assert_eq!(changed("main = 90", "main = 80"), ScenarioError::Weights(90));
    refused("[title]", "[[elsewhere]]\nat = \"04:00\"\nweights = { main = 50 }\n[title]", "50");
}

#[test]
fn a_name_that_cannot_be_typed_as_a_word_is_told() {
    for name in ["../../x y", "", "Contract", "con--tract", "-contract", "con_tract"] {
        refused("name = \"contract\"", &format!("name = {name:?}"), "a to z");
    }
}

#[test]
fn numbers_that_make_no_sense_are_told() {
    for (from, to, said) in [
        ("mean_per_s = 20.0", "mean_per_s = -20.0", "traffic.mean_per_s"),
        ("mean_per_s = 20.0", "mean_per_s = nan", "traffic.mean_per_s"),
        ("mean_per_s = 20.0", "mean_per_s = 1e12", "traffic.mean_per_s"),
        ("[[0.0, 1.0]]", "[]", "traffic.wave"),
        ("[[0.0, 1.0]]", "[[9.0, 1.0], [3.0, 1.0]]", "traffic.wave"),
        ("[[0.0, 1.0]]", "[[0.0, -1.0]]", "traffic.wave"),
        ("pod_per_s = 20.0", "pod_per_s = 0.0", "cluster.pod_per_s"),
        ("pods = 6", "pods = 4000000", "cluster.pods"),
        ("price = 1.0", "price = -1.0", "offering.price"),
        (
            "[title]",
            "[[cause]]\nkind = \"egress-fails\"\ncluster = \"main\"\nabove_per_s = 5.0\nshare = 1.5\n[title]",
            "cause.share",
        ),
    ] {
        refused(from, to, said);
    }
}

#[test]
fn times_outside_of_play_are_told() {
    for (from, to, said) in [
        ("ends_at = \"08:00\"", "ends_at = \"02:30\"", "ends_at"),
        ("trouble_at = \"08:00\"", "trouble_at = \"08:30\"", "trouble_at"),
        ("[title]", "[[elsewhere]]\nat = \"12:00\"\nstop = []\n[title]", "elsewhere.at"),
        (
            "[title]",
            "[[cause]]\nkind = \"registry-down\"\ncluster = \"main\"\nat = \"06:00\"\nuntil = \"05:00\"\n[title]",
            "cause.until",
        ),
    ] {
        refused(from, to, said);
    }
}
