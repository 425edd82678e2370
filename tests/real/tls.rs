//! The console speaks TLS by itself: only to those who trust its certificate, and to nobody in the clear.

use std::fs;
use std::path::Path;
use std::time::Duration;

use lifeboat_tests::process::Lifeboat;
use lifeboat_tests::tier::{Tier, require};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use reqwest::{Certificate, Client, ClientBuilder, StatusCode};

const SECTIONS: &str = "tls_cert = \"tls.crt\"\ntls_key = \"tls.key\"\n";

/// Writes a certificate for loopback and its key into the folder.
fn certificate(folder: &Path) -> CertifiedKey<KeyPair> {
    let made = generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    fs::write(folder.join("tls.crt"), made.cert.pem()).unwrap();
    fs::write(folder.join("tls.key"), made.signing_key.serialize_pem()).unwrap();
    made
}

fn client() -> ClientBuilder {
    // Another test of this process may have installed it.
    let _present = rustls::crypto::ring::default_provider().install_default();
    let no_redirect = reqwest::redirect::Policy::none();
    Client::builder().no_proxy().redirect(no_redirect).timeout(Duration::from_secs(20))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_console_speaks_tls_and_only_to_those_who_trust_its_certificate() {
    if !require(Tier::Real, "") {
        return;
    }
    let mut lifeboat = Lifeboat::prepare(SECTIONS).unwrap();
    let made = certificate(lifeboat.folder());
    lifeboat.restart().unwrap();
    let trusted = Certificate::from_pem(made.cert.pem().as_bytes()).unwrap();
    let friend = client().tls_certs_only([trusted]).build().unwrap();
    let stranger = client().tls_certs_only([]).build().unwrap();

    let health = format!("https://{}/healthz", lifeboat.listen());
    let answer = friend.get(&health).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(lifeboat.link().starts_with("https://"), "{}", lifeboat.link());

    let login = friend.get(lifeboat.link()).send().await.unwrap();
    let cookie = login.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-") && cookie.contains("; Secure"), "{cookie}");

    let refused = stranger.get(&health).send().await.unwrap_err();
    assert!(refused.is_connect(), "{refused:?}");
    let in_the_clear = friend.get(health.replace("https", "http")).send().await;
    assert!(in_the_clear.is_err(), "{in_the_clear:?}");
    assert_eq!(friend.get(&health).send().await.unwrap().status(), StatusCode::OK, "it still serves");
}

#[test]
fn a_certificate_that_is_not_of_its_key_is_refused_at_the_start() {
    if !require(Tier::Real, "") {
        return;
    }
    let mut lifeboat = Lifeboat::prepare(SECTIONS).unwrap();
    certificate(lifeboat.folder());
    let other = KeyPair::generate().unwrap().serialize_pem();
    fs::write(lifeboat.folder().join("tls.key"), &other).unwrap();

    let refused = lifeboat.restart().unwrap_err().to_string();

    assert!(refused.contains("use the certificate with its key"), "{refused}");
    assert!(!refused.contains(other.lines().nth(1).unwrap()), "the key is told to nobody");
}
