//! Requests as browsers and others send them, over a real connection.

mod world;

use serde_json::{Value, json};

use super::control::{self, Asked, Socket};
use world::World;

#[tokio::test(flavor = "multi_thread")]
async fn the_link_shows_the_page_once_and_then_names_who_reads() {
    let world = World::new().await;
    let reader = world.get("/api/start").await.json();
    assert_eq!((&reader["me"]["person"], &reader["me"]["may"]), (&json!(null), &json!("read only")));
    let cookie = world.cookie().await;
    let me = world.send("GET /api/start?lang=en", &[("Cookie", &cookie)], "").await.json();
    assert_eq!(me["me"]["person"], json!("Ana"));
    let link = world.console.auth.link("ana").unwrap();
    let path = link.split_once(&world.at.to_string()).unwrap().1;
    assert_eq!(world.send(&format!("HEAD {path}"), &[], "").await.status, 204, "looking spends nothing");
    assert_eq!(world.get(path).await.status, 303);
    let again = world.get(path).await;
    assert_eq!(again.status, 403);
    assert!(!again.body.contains(path.split_once('=').unwrap().1), "{again:?}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_policy_and_state_is_not_kept() {
    let world = World::new().await;
    for (path, status, cache) in [
        ("/", 200, "no-cache"),
        ("/app.js", 200, "no-cache"),
        ("/api/start", 200, "no-store"),
        ("/api/incidents/7", 404, "no-store"),
        ("/nothing", 404, "no-store"),
        ("/healthz", 200, "no-store"),
    ] {
        let got = world.get(path).await;
        assert_eq!(got.status, status, "{path}");
        for header in [
            "content-security-policy: default-src 'none'; script-src 'self'",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            &format!("cache-control: {cache}"),
        ] {
            assert!(got.head.contains(header), "{path} lacks {header}: {}", got.head);
        }
        assert!(!got.head.contains("access-control"), "{path}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_name_for_our_address_gets_nothing() {
    let world = World::new().await;
    for host in ["evil.example", "127.0.0.1", "localhost"] {
        let got = world.send("GET /api/start", &[("Host", host)], "").await;
        assert_eq!(got.status, 421, "{host}");
        assert!(got.json()["text"].as_str().unwrap().contains(&world.at.to_string()), "{got:?}");
    }
    let local = format!("localhost:{}", world.at.port());
    assert_eq!(world.send("GET /api/start", &[("Host", &local)], "").await.status, 200);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_site_sends_with_our_cookie_changes_nothing() {
    let world = World::new().await;
    let cookie = world.cookie().await;
    let origin = format!("http://{}", world.at);
    let body = json!({"line": "/alert test"}).to_string();
    let json_type = ("Content-Type", "application/json");
    let all = [("Cookie", cookie.as_str()), ("Origin", origin.as_str()), ("X-Lifeboat", "1"), json_type];
    let before = world.get("/api/start").await.json()["seq"].clone();
    for (missing, status) in [("Cookie", 403), ("Origin", 403), ("X-Lifeboat", 403), ("Content-Type", 415)] {
        let headers: Vec<_> = all.into_iter().filter(|(name, _)| *name != missing).collect();
        let got = world.send("POST /api/command", &headers, &body).await;
        assert_eq!(got.status, status, "without {missing}");
        assert!(!got.json()["text"].as_str().unwrap().is_empty(), "{got:?}");
    }
    let foreign =
        [("Cookie", cookie.as_str()), ("Origin", "http://evil.example"), ("X-Lifeboat", "1"), json_type];
    assert_eq!(world.send("POST /api/command", &foreign, &body).await.status, 403);
    assert_eq!(world.get("/api/start").await.json()["seq"], before);
    let got = world.send("POST /api/command", &all, &body).await;
    assert!(got.json()["seq"].as_u64() > before.as_u64(), "{got:?}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bearer_works_without_a_cookie_and_gets_none() {
    let world = World::new().await;
    let token = super::auth::TokenStore::new(world.folder.path()).add("ana-cli").unwrap();
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
    let got = world.send("POST /api/command", &headers, &json!({"line": "/alert test"}).to_string()).await;
    assert_eq!((got.status, got.json()["outcome"].clone()), (200, json!("done")));
    assert!(!got.head.contains("set-cookie"), "{got:?}");
    let wrong = world.send("GET /api/start", &[("Authorization", "Bearer nonsense")], "").await;
    assert_eq!(wrong.status, 401);
    assert!(!wrong.body.contains("nonsense"), "{wrong:?}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn huge_and_broken_bodies_are_refused_with_a_reason() {
    let world = World::new().await;
    let cookie = world.cookie().await;
    let huge = json!({"channel": "alerts", "text": "x".repeat(70_000)});
    assert_eq!(world.post(&cookie, "/api/say", &huge).await.status, 413);
    let broken = world.post(&cookie, "/api/say", &json!({"channel": 7})).await;
    assert_eq!(broken.status, 400);
    assert!(broken.json()["text"].as_str().unwrap().contains("Nothing was changed"));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_markup_stays_text_and_an_unknown_language_falls_back() {
    let world = World::new().await;
    let cookie = world.cookie().await;
    let hostile = "</script><img src=x onerror=alert(1)>";
    let seq = world.say(&cookie, hostile).await;
    let got = world.get("/api/messages?channel=alerts&lang=tlh").await;
    assert!(got.head.contains("content-type: application/json"), "{}", got.head);
    let messages = got.json()["messages"].clone();
    let said = messages.as_array().unwrap().iter().find(|one| one["seq"] == json!(seq)).unwrap();
    assert_eq!((&said["text"], &said["author"]), (&json!(hostile), &json!("Ana")));
    let english = world.get("/api/incidents/7?lang=tlh").await.json();
    let chinese = world.get("/api/incidents/7?lang=zh-CN").await.json();
    assert_eq!(english["text"], json!("There is no incident 7."));
    assert_ne!(chinese, english);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_declared_read_completed_and_exported() {
    let world = World::new().await;
    let cookie = world.cookie().await;
    let done = world.command(&cookie, "/incident declare \"no images\" severity:SEV2").await;
    assert_eq!(done["outcome"], json!("done"), "{done}");
    assert!(done["open"].as_str().unwrap().starts_with("inc-0001-"), "{done}");
    let page = world.get("/api/incidents/1?lang=en").await.json();
    assert_eq!(page["incident"]["title"], json!("no images"));
    let lettered = |entry: &&Value| entry["letter"] == json!("A");
    let first = page["timeline"].as_array().unwrap().iter().find(lettered);
    assert_eq!(first.unwrap()["text"].as_str().unwrap().split(' ').next(), Some("Detected"), "{page}");
    let chart = world.get("/api/chart?incident=1").await.json();
    assert_eq!((&chart["counts"], &chart["marks"][0]["letter"]), (&json!([null]), &json!("A")));
    let refused = world.command(&cookie, "/incident ack INC-0099").await;
    assert_eq!(refused["outcome"], json!("refused"));
    let found = world.get("/api/complete?line=/incident%20a").await.json();
    let ack = found["options"].as_array().unwrap().iter().find(|one| one["label"] == json!("/incident ack"));
    assert_eq!(ack.unwrap()["refused"], json!(true), "a reader may not: {found}");
    let before = world.get("/api/start").await.json()["seq"].clone();
    let anonymous = world.get("/export/INC-0001.html?lang=zh-CN").await;
    assert!(anonymous.head.contains("content-type: text/html") && anonymous.body.contains("no images"));
    assert!(
        anonymous.head.contains("content-security-policy: default-src 'none'; style-src 'unsafe-inline'")
    );
    assert_eq!(world.get("/api/start").await.json()["seq"], before, "a reader writes nothing");
    let mut stream = world.stream(&format!("since={before}"), "").await;
    world.send("GET /export/INC-0001.md", &[("Cookie", &cookie)], "").await;
    let entry = stream.next_of("entry").await;
    assert_eq!(entry.data["incident"], json!(1), "{entry:?}");
    assert_eq!(world.get("/export/INC-0002.md").await.status, 404);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_not_at_its_end_is_not_refused_before_it_is_sent() {
    let world = World::new().await;
    let cookie = world.cookie().await;
    world.command(&cookie, "/incident declare \"no images\" severity:SEV2").await;
    for (line, hint) in [
        ("/incident update incident:INC-0001 conditions: ", "Next, conditions: what is."),
        ("/incident update incident:INC-0001 actions:restarting ", "Next, conditions: what is."),
        ("/incident note ", "Next, text: what happened, as you would tell it."),
        (
            "/incident severity to:SEV1 incident:",
            "Next, incident: INC-0042; without it, that of the channel.",
        ),
    ] {
        let path = format!("/api/complete?lang=en&line={}", line.replace(' ', "%20"));
        let found = world.send(&format!("GET {path}"), &[("Cookie", &cookie)], "").await.json();
        assert_eq!((&found["preview"], &found["refused"]), (&json!(hint), &json!(false)), "{line}");
        let sent = world.command(&cookie, line).await;
        assert_eq!(sent["outcome"], json!("refused"), "{sent}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_message_arrives_exactly_once_across_lost_links_and_a_restart() {
    let mut world = World::new().await;
    let mut said = Vec::new();
    let (mut heard, mut last) = (Vec::new(), 0);
    for round in 0..4 {
        let cookie = world.cookie().await;
        let mut stream = world.stream(&format!("lang=en&since={last}"), "").await;
        stream.next_of("state").await;
        said.push(world.say(&cookie, &format!("live {round}")).await);
        while heard.last() != said.last() {
            let message = stream.next_of("message").await;
            heard.push(message.data["seq"].as_u64().unwrap());
            last = message.id.unwrap_or(last);
        }
        drop(stream);
        said.push(world.say(&cookie, &format!("missed {round}")).await);
        if round == 1 {
            world = World::within(world.stop().await).await;
        }
    }
    let mut stream = world.stream("lang=zh-CN", &format!("Last-Event-ID: {last}\r\n")).await;
    while heard.last() != said.last() {
        heard.push(stream.next_of("message").await.data["seq"].as_u64().unwrap());
    }
    assert_eq!(heard, said);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_too_far_behind_or_ahead_of_the_record_loads_anew() {
    let world = World::new().await;
    // With an answer everything before it is durable: the record stands still.
    let cookie = world.cookie().await;
    world.command(&cookie, "/incident declare \"no images\"").await;
    let reset = world.stream("since=999999", "").await.next_of("reset").await;
    assert_eq!(reset.id, world.get("/api/start").await.json()["seq"].as_u64());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_incident_is_pushed_with_its_channel_card_and_timeline() {
    let world = World::new().await;
    let cookie = world.cookie().await;
    let mut stream = world.stream("lang=en", "").await;
    stream.next_of("state").await;
    world.command(&cookie, "/incident declare \"no images\"").await;
    let incident = stream.next_of("incident").await;
    assert_eq!((incident.id, &incident.data["id"]), (None, &json!("INC-0001")));
    assert_eq!(stream.next_of("channel").await.data["incident"], json!(1));
    let mut card = stream.next_of("message").await;
    while card.data["kind"] != json!("card") {
        card = stream.next_of("message").await;
    }
    assert_eq!(card.data["card"]["incident"], json!("INC-0001"));
    loop {
        let entry = stream.next_of("entry").await;
        if entry.data["entry"]["letter"] == json!("A") {
            break;
        }
    }
    world.command(&cookie, "/incident ack").await;
    world.command(&cookie, "/incident mitigate").await;
    let mut named = Vec::new();
    while named.len() < 3 {
        let letters = stream.next_of("letters").await;
        assert_eq!((letters.id, &letters.data["incident"]), (None, &json!(1)));
        let given = letters.data["letters"].as_array().unwrap();
        named = given.iter().map(|one| one["letter"].as_str().unwrap().to_owned()).collect();
    }
    assert_eq!(named, ["A", "B", "C"], "declared, taken, mitigated");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_is_answered_over_the_socket_as_the_user_who_asks() {
    let world = World::new().await;
    let socket = Socket::bind(world.folder.path()).unwrap();
    let stop = tokio_util::sync::CancellationToken::new();
    let tasks = tokio_util::task::TaskTracker::new();
    tasks.spawn(control::serve(socket, world.console.clone(), stop.clone()));
    let ask = |asked: Asked| {
        let folder = world.folder.path().to_owned();
        tokio::task::spawn_blocking(move || control::ask(&folder, &asked).unwrap().unwrap())
    };
    let line = |text: &str| Asked { line: Some(text.to_owned()), lang: "en".to_owned(), ..Asked::default() };
    let listed = ask(line("/incident list")).await.unwrap();
    assert_eq!((listed.exit, listed.reply.outcome.as_str()), (0, "shown"));
    assert_eq!(ask(line("/incident dance")).await.unwrap().exit, 2);
    // Whoever runs this test is not configured: a reader.
    assert_eq!(ask(line("/alert test")).await.unwrap().exit, 3);
    let export = Asked { export: Some("INC-0001.md".to_owned()), ..Asked::default() };
    assert_eq!(ask(export).await.unwrap().exit, 3, "there is no such incident");
    stop.cancel();
    tasks.close();
    tasks.wait().await;
    assert_eq!(control::ask(world.folder.path(), &line("/incident list")).unwrap(), None);
    world.stop().await;
}
