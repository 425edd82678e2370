//! Every rule, refused and accepted.

use axum::http::HeaderValue;

use super::*;

const HOST: &str = "127.0.0.1:7171";
const ORIGIN: &str = "http://127.0.0.1:7171";
const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

struct Door {
    folder: tempfile::TempDir,
    auth: Auth,
}

fn now() -> Time {
    Time::from_timestamp(1_767_578_400, 0).unwrap()
}

fn auth(folder: &Path, tls: bool, behind_tls_proxy: bool) -> Auth {
    let listen = HOST.parse().unwrap();
    Auth::new(&AuthSetup { data_dir: folder, listen, tls, behind_tls_proxy, public_url: None })
}

fn door() -> Door {
    let folder = tempfile::tempdir().unwrap();
    let auth = auth(folder.path(), false, false);
    Door { folder, auth }
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap())).collect()
}

impl Door {
    fn token(&self) -> String {
        let link = self.auth.link("ana").unwrap();
        link.split_once("/login?token=").unwrap().1.to_owned()
    }

    /// `name=id` of a fresh session.
    fn cookie(&self) -> String {
        let cookie = self.auth.login(&self.token(), HERE, now()).unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    fn lasting(&self, name: &str) -> Token {
        TokenStore::new(self.folder.path()).add_at(name, now()).unwrap()
    }

    fn who(&self, pairs: &[(&'static str, &str)]) -> Result<Visitor, Denied> {
        self.auth.visitor(&headers(pairs), HERE, now())
    }

    #[track_caller]
    fn post(&self, pairs: &[(&'static str, &str)]) -> Result<(), Denied> {
        let headers = headers(pairs);
        let visitor = self.auth.visitor(&headers, HERE, now())?;
        self.auth.check_write(&visitor, &Method::POST, &headers)
    }
}

fn ana() -> Option<Account> {
    Some(Account::Os { user: "ana".to_owned() })
}

#[test]
fn a_one_time_link_signs_in_once_and_a_newer_one_ends_it() {
    let door = door();
    let old = door.token();
    let link = door.token();
    assert!(matches!(door.auth.login(&old, HERE, now()), Err(LoginError::Denied(Denied::WrongLink))));
    let cookie = door.auth.login(&link, HERE, now()).unwrap();
    assert!(cookie.ends_with("; HttpOnly; SameSite=Strict; Path=/; Max-Age=1209600"), "{cookie}");
    assert!(matches!(door.auth.login(&link, HERE, now()), Err(LoginError::Denied(Denied::WrongLink))));
}

#[test]
fn a_link_without_a_token_is_told_so_and_is_no_wrong_guess() {
    let door = door();
    for _ in 0..50 {
        assert!(matches!(door.auth.login("", HERE, now()), Err(LoginError::Denied(Denied::NoToken))));
    }
    door.auth.login(&door.token(), HERE, now()).unwrap();
    for lang in crate::say::Lang::ALL {
        let told = crate::say::Say::new(lang, chrono_tz::UTC).text("console-no-token", &[]);
        assert!(told.contains("/login?token=") && told.contains("lifeboat token add"), "{told}");
    }
}

#[test]
fn a_one_time_link_stays_good_when_its_session_could_not_be_stored() {
    let door = door();
    let link = door.token();
    let in_the_way = door.folder.path().join("sessions.json");
    std::fs::create_dir(&in_the_way).unwrap();
    assert!(matches!(door.auth.login(&link, HERE, now()), Err(LoginError::Session(_))));
    std::fs::remove_dir(&in_the_way).unwrap();
    door.auth.login(&link, HERE, now()).unwrap();
    assert!(matches!(door.auth.login(&link, HERE, now()), Err(LoginError::Denied(Denied::WrongLink))));
}

#[test]
fn a_link_names_an_address_and_its_token_is_not_the_session() {
    let door = door();
    let link = door.auth.link("ana").unwrap();
    assert!(link.starts_with("http://127.0.0.1:7171/login?token="));
    let token = link.split_once("token=").unwrap().1;
    let cookie = door.auth.login(token, HERE, now()).unwrap();
    assert!(!cookie.contains(token));
}

#[test]
fn a_cookie_set_by_somebody_else_is_not_taken_over_by_signing_in() {
    let door = door();
    let planted = format!("lifeboat-7171={}", "f".repeat(64));
    let own = door.cookie();
    assert_ne!(own, planted);
    assert_eq!(door.who(&[("cookie", &planted)]), Ok(Visitor { account: None, cookie: false }));
}

#[test]
fn over_tls_or_behind_a_proxy_that_speaks_it_the_cookie_is_secure() {
    for (tls, proxy) in [(true, false), (false, true)] {
        let folder = tempfile::tempdir().unwrap();
        let auth = auth(folder.path(), tls, proxy);
        let link = auth.link("ana").unwrap();
        let cookie = auth.login(link.split_once("token=").unwrap().1, HERE, now()).unwrap();
        assert!(cookie.starts_with("__Host-lifeboat-7171=") && cookie.ends_with("; Secure"), "{cookie}");
    }
}

#[test]
fn a_session_is_known_after_a_restart_among_other_cookies() {
    let door = door();
    let line = format!("a=b; {}; c", door.cookie());
    let again = auth(door.folder.path(), false, false);
    let visitor = again.visitor(&headers(&[("cookie", &line)]), HERE, now());
    assert_eq!(visitor, Ok(Visitor { account: ana(), cookie: true }));
}

#[test]
fn nobody_is_a_reader_and_what_writes_needs_a_name() {
    let door = door();
    assert_eq!(door.who(&[]), Ok(Visitor { account: None, cookie: false }));
    let posted = door.post(&[
        ("host", HOST),
        ("origin", ORIGIN),
        ("x-lifeboat", "1"),
        ("content-type", "application/json"),
    ]);
    assert_eq!(posted, Err(Denied::NotSignedIn));
}

#[test]
fn what_writes_with_a_cookie_needs_origin_header_and_json() {
    let door = door();
    let cookie = door.cookie();
    let full = [
        ("cookie", cookie.as_str()),
        ("host", HOST),
        ("origin", ORIGIN),
        ("x-lifeboat", "1"),
        ("content-type", "application/json; charset=utf-8"),
    ];
    assert_eq!(door.post(&full), Ok(()));
    let with = |name: &str, value: Option<&'static str>| {
        let mut pairs: Vec<_> = full.iter().copied().filter(|(known, _)| *known != name).collect();
        pairs.extend(value.map(|value| (full.iter().find(|(known, _)| *known == name).unwrap().0, value)));
        door.post(&pairs)
    };
    let wrong_origin = Err(Denied::WrongOrigin(door.auth.places.shown()));
    assert_eq!(with("origin", None), wrong_origin);
    assert_eq!(with("origin", Some("https://evil.example")), wrong_origin);
    assert_eq!(with("origin", Some("http://localhost:7171")), wrong_origin);
    assert_eq!(with("origin", Some("null")), wrong_origin);
    assert_eq!(with("x-lifeboat", None), Err(Denied::NoHeader));
    assert_eq!(with("x-lifeboat", Some("0")), Err(Denied::NoHeader));
    assert_eq!(with("content-type", None), Err(Denied::NotJson));
    assert_eq!(with("content-type", Some("text/plain")), Err(Denied::NotJson));
    assert_eq!(with("cookie", None), Err(Denied::NotSignedIn));
}

#[test]
fn a_bearer_needs_no_origin_but_json_and_beats_a_cookie() {
    let door = door();
    let bearer = format!("Bearer {}", door.lasting("ana-cli").reveal());
    let cookie = door.cookie();
    let json = ("content-type", "application/json");
    assert_eq!(door.post(&[("authorization", &bearer), ("host", HOST), json]), Ok(()));
    assert_eq!(door.post(&[("authorization", &bearer), ("host", HOST)]), Err(Denied::NotJson));
    let foreign =
        door.post(&[("authorization", &bearer), ("host", HOST), ("origin", "https://evil.example"), json]);
    assert_eq!(foreign, Err(Denied::WrongOrigin(door.auth.places.shown())));
    let visitor = door.who(&[("authorization", &bearer), ("cookie", &cookie)]).unwrap();
    assert_eq!((visitor.account.unwrap().name().to_owned(), visitor.cookie), ("ana-cli".to_owned(), false));
}

#[test]
fn a_wrong_bearer_is_refused_even_with_a_good_cookie() {
    let door = door();
    let cookie = door.cookie();
    for shown in ["Bearer nonsense", "Bearer ", "Basic YTpi", ""] {
        assert_eq!(
            door.who(&[("authorization", shown), ("cookie", &cookie)]),
            Err(Denied::WrongToken),
            "{shown}"
        );
    }
}

#[test]
fn a_one_time_token_is_no_bearer_token() {
    let door = door();
    let bearer = format!("Bearer {}", door.token());
    assert_eq!(door.who(&[("authorization", &bearer)]), Err(Denied::WrongToken));
}

#[test]
fn a_revoked_token_ends_its_sessions_and_a_new_one_of_the_same_name_does_not_revive_them() {
    let door = door();
    let token = door.lasting("ana-phone");
    let cookie = door.auth.login(token.reveal(), HERE, now()).unwrap();
    let cookie = cookie.split(';').next().unwrap();
    assert!(door.who(&[("cookie", cookie)]).unwrap().account.is_some());
    let mut store = TokenStore::new(door.folder.path());
    assert!(store.revoke("ana-phone").unwrap());
    assert_eq!(door.who(&[("cookie", cookie)]).unwrap().account, None);
    store.add("ana-phone").unwrap();
    assert_eq!(door.who(&[("cookie", cookie)]).unwrap().account, None);
}

#[test]
fn guessing_is_stopped_and_the_right_token_has_to_wait_too() {
    let door = door();
    let token = door.token();
    for guess in 0..10 {
        let denied = door.auth.login(&guess.to_string(), HERE, now());
        assert!(matches!(denied, Err(LoginError::Denied(Denied::WrongLink))), "{denied:?}");
    }
    assert!(matches!(door.auth.login(&token, HERE, now()), Err(LoginError::Denied(Denied::TooMany(_)))));
    let elsewhere = "192.0.2.7".parse().unwrap();
    assert!(door.auth.login(&token, elsewhere, now()).is_ok());
}

#[test]
fn a_host_that_is_not_ours_missing_or_given_twice_is_refused() {
    let door = door();
    assert_eq!(door.auth.check_host(&headers(&[("host", HOST)])), Ok(()));
    let wrong = Err(Denied::WrongHost(door.auth.places.shown()));
    assert_eq!(door.auth.check_host(&headers(&[("host", "evil.example")])), wrong);
    assert_eq!(door.auth.check_host(&HeaderMap::new()), wrong);
    let mut twice = headers(&[("host", HOST)]);
    twice.append("host", HeaderValue::from_static(HOST));
    assert_eq!(door.auth.check_host(&twice), wrong);
}

#[test]
fn what_a_proxy_says_of_an_address_counts_only_where_one_is_configured() {
    let door = door();
    let said = headers(&[("x-forwarded-for", "198.51.100.1, 192.0.2.7")]);
    assert_eq!(door.auth.address_of(&said, HERE), HERE);
    let proxied = auth(door.folder.path(), false, true);
    assert_eq!(proxied.address_of(&said, HERE), "192.0.2.7".parse::<IpAddr>().unwrap());
    assert_eq!(proxied.address_of(&headers(&[("x-forwarded-for", "unknown")]), HERE), HERE);
}
