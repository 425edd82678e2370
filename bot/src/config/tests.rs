//! What is read from a text, and what is found wrong with it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lifeboat_commands::fleet::Starts;
use lifeboat_commands::people::{DiscordRole, Permission, Person};
use lifeboat_storage::event::Severity;
use lifeboat_storage::id::{PersonName, ServiceName};
use reqwest::Url;

use super::*;
use crate::chat::discord::address::{GatewayAddress, RestAddress};

mod fleet;

const HOOK: &str = "https://chat.example/hook/T0K3N";

/// A machine with these variables and secret files and no others.
#[derive(Default)]
struct Fake {
    variables: BTreeMap<&'static str, &'static str>,
    files: BTreeMap<&'static str, &'static str>,
}

impl Surroundings for Fake {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).map(|value| (*value).to_owned())
    }

    fn secret(&self, path: &Path) -> Result<String, Trouble> {
        let found = path.to_str().and_then(|path| self.files.get(path));
        let missing = || Trouble::Unreadable { path: path.to_owned(), system: "no such file".to_owned() };
        found.map(|text| (*text).to_owned()).ok_or_else(missing)
    }
}

fn machine() -> Fake {
    let files = [
        ("/etc/lb/hook", "https://chat.example/hook/T0K3N\n"),
        ("/etc/lb/http", "http://chat.example/T0K3N"),
        ("/etc/lb/token", " T0K3N\n"),
        ("/etc/lb/blank", " \n"),
    ];
    Fake { variables: [("HOOK", HOOK), ("NO_URL", "T0K3N")].into(), files: files.into() }
}

fn read_text(text: &str) -> Result<Config, Problems> {
    read(Path::new("/etc/lb/f.toml"), text, &machine())
}

fn valid(text: &str) -> Config {
    read_text(text).unwrap_or_else(|problems| panic!("{}", problems.render(Lang::En)))
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let found = match read_text(text) {
        Ok(config) => panic!("{text:?} was read as {config:?}"),
        Err(problems) => problems.render(Lang::En),
    };
    let expected: Vec<_> = expected.iter().map(|line| format!("/etc/lb/f.toml:{line}")).collect();
    assert_eq!(found.lines().collect::<Vec<_>>(), expected, "{text}");
}

#[test]
fn an_empty_file_means_the_defaults() {
    assert_eq!(valid(""), Config::with_defaults(Path::new("/etc/lb")));
}

#[test]
fn every_option_reaches_its_field() {
    let config = valid(
        r#"
data_dir = "/var/lib/lb"
lang = "zh-CN"
zone = "Asia/Shanghai"
[console]
listen = "0.0.0.0:443"
tls_cert = "tls.crt"
tls_key = "/k/tls.key"
public_url = "https://lb.example:8443"
[[service]]
name = "blog"
logs = ["logs/*.log", "/var/log/a.log"]
format = "ingress-nginx"
[[probe]]
service = "blog"
url = "https://blog.example/health?x=1"
host = "blog.example"
address = "[::1]:8080"
expect_status = 204
expect_text = "好"
every_s = 10
timeout_ms = 10_000
[alerts]
open_incident_at = "SEV3"
[[person]]
name = "Ana"
console = "ana"
os = "a.lopez"
roles = ["commander", "responder", "commander"]
[webhook]
url_file = "hook"
"#,
    );
    let expected = Config {
        data_dir: "/var/lib/lb".into(),
        lang: Lang::ZhCn,
        zone: chrono_tz::Asia::Shanghai,
        console: Console {
            listen: SocketAddr::from(([0, 0, 0, 0], 443)),
            transport: Transport::Tls { cert: "/etc/lb/tls.crt".into(), key: "/k/tls.key".into() },
            public_url: Some(Url::parse("https://lb.example:8443").unwrap()),
        },
        services: vec![Service {
            name: ServiceName::new("blog"),
            logs: vec!["/etc/lb/logs/*.log".to_owned(), "/var/log/a.log".to_owned()],
            format: Some(LogFormat::IngressNginx),
        }],
        probes: vec![Probe {
            service: ServiceName::new("blog"),
            url: Url::parse("https://blog.example/health?x=1").unwrap(),
            host: Some("blog.example".to_owned()),
            address: Some(ProbeAddress { ip: IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]), port: Some(8080) }),
            expect_status: 204,
            expect_text: Some("好".to_owned()),
            every: Duration::from_secs(10),
            timeout: Duration::from_secs(10),
        }],
        alerts: Alerts { open_incident_at: Severity::Sev3 },
        people: People::from(vec![Person {
            name: PersonName::new("Ana"),
            console: Some("ana".to_owned()),
            os: Some("a.lopez".to_owned()),
            discord: None,
            permissions: vec![
                Permission::Responder,
                Permission::Operator,
                Permission::Approver,
                Permission::Commander,
            ],
        }]),
        webhook: Some(Webhook { url: SecretUrl::new(Url::parse(HOOK).unwrap()), lang: Lang::ZhCn }),
        fleet: Fleet::default(),
        discord: None,
    };
    assert_eq!(config, expected);
}

#[test]
fn all_problems_are_reported_together_in_the_order_of_the_file() {
    check(
        "zone = 'Asia/Shangai'\nlagn = 'en'\n[[service]]\nnam = 'x'\n[[probe]]\nservice = 'y'\nurl = 'ftp://x'\n",
        &[
            "1:8: `zone` is \"Asia/Shangai\", which is no IANA time zone. Nearest: `Asia/Shanghai`, `Asia/Dhaka`, \
             `Asia/Khandyga`, `Asia/Saigon`, `Asia/Yangon`.",
            "2:1: unknown key `lagn`. Known here: `lang`, `data_dir`, `zone`, `console`, `service`, `probe`, \
             `alerts`, `cloud`, `cluster`, `pool`, `traffic`, `schedule`, `limits`, `person`, `webhook`, \
             `discord_role`, `discord`.",
            "3:1: `service.name` is missing.",
            "4:1: unknown key `service.nam`. Known here: `name`, `format`, `logs`.",
            "6:11: `probe.service` names \"y\", but there is none.",
            "7:7: `probe.url` is \"ftp://x\", which is no URL such as `https://blog.example.org/health`.",
        ],
    );
}

#[test]
fn broken_toml_is_reported_with_every_place_the_parser_found() {
    let Err(Problems(problems)) = read_text("lang = \nzone = = 'x'\n") else { panic!("it was read") };
    let lines: Vec<_> = problems.iter().filter_map(|problem| problem.place).map(|place| place.line).collect();
    assert_eq!((lines.first(), lines.last()), (Some(&1), Some(&2)), "{problems:?}");
    assert!(problems.iter().all(|problem| matches!(problem.trouble, Trouble::Syntax { .. })), "{problems:?}");
}

#[test]
fn a_place_counts_characters_not_bytes() {
    check(
        "lang = 'en' # 语言\nzone = '上海'; 'x'\n".replace("; 'x'", "").as_str(),
        &["2:8: `zone` is \"上海\", which is no IANA time zone. Nearest: `GB`, `NZ`, `CET`, `EET`, `EST`."],
    );
    check(
        "person = [{name = '安娜', rolse = []}]",
        &["1:25: unknown key `person.rolse`. Known here: `name`, `console`, `os`, `discord`, `roles`."],
    );
}

#[test]
fn a_value_of_the_wrong_kind_says_what_is_wanted() {
    check("lang = 7", &["1:8: `lang` must be text in quotes, not a whole number."]);
    check("console = 'x'", &["1:11: `console` must be a section, `[name]`, once, not text."]);
    check(
        "[service]\nname = 'x'",
        &["1:1: `service` must be sections, `[[name]]`, one for each, not a section."],
    );
    check(
        "[[service]]\nname = 'x'\nlogs = 'y'",
        &[
            "1:1: nothing tells of service \"x\". Give it `logs`, or a `[[probe]]`.",
            "3:8: `service.logs` must be a list of texts, `[\"one\", \"two\"]`, not text.",
        ],
    );
    check(
        "[console]\nlisten = '127.0.0.1:1'\nbehind_tls_proxy = 'no'",
        &["3:20: `console.behind_tls_proxy` must be `true` or `false`, not text."],
    );
}

#[test]
fn a_console_off_loopback_needs_tls_or_a_proxy_that_speaks_it() {
    let off = "the console at 0.0.0.0:80 could be reached over the network without TLS. Give `tls_cert` and \
               `tls_key`, or `behind_tls_proxy = true`, or listen on 127.0.0.1.";
    check("[console]\nlisten = '0.0.0.0:80'", &[&format!("1:1: {off}")]);
    check("[console]\ntls_cert = 'a'", &["2:12: `console.tls_cert` needs `console.tls_key` too."]);
    check("[console]\ntls_key = 'a'", &["2:11: `console.tls_key` needs `console.tls_cert` too."]);
    check(
        "[console]\nbehind_tls_proxy = true",
        &["1:1: `console.behind_tls_proxy` needs `console.public_url` too."],
    );
    check(
        "[console]\ntls_cert = 'a'\ntls_key = 'b'\nbehind_tls_proxy = true\npublic_url = 'https://x'",
        &["2:12: `console.tls_cert` and `console.behind_tls_proxy` exclude each other."],
    );
    check(
        "[console]\npublic_url = 'http://lb.example'",
        &["2:14: `console.public_url` leads to lb.example by http; off this machine it must be https."],
    );
    for bad in ["https://x/path", "https://x/?q", "https://me:pw@x", "x"] {
        check(
            &format!("[console]\npublic_url = '{bad}'"),
            &[&format!(
                "2:14: `console.public_url` is \"{bad}\", which is no URL such as `https://lifeboat.example.org`."
            )],
        );
    }
    let behind = "[console]\nlisten = '[::]:80'\nbehind_tls_proxy = true\npublic_url = 'https://x'";
    assert_eq!(valid(behind).console.transport, Transport::BehindTlsProxy);
    for listen in ["127.0.0.1:0", "127.8.0.1:80", "[::1]:80"] {
        assert_eq!(valid(&format!("[console]\nlisten = '{listen}'")).console.transport, Transport::Plain);
    }
    check(
        "[console]\nlisten = 'localhost:80'",
        &["2:10: `console.listen` is \"localhost:80\", which is no IP address such as `127.0.0.1:7171`."],
    );
}

#[test]
fn a_webhook_names_where_its_secret_is_and_never_repeats_it() {
    for text in ["[webhook]\nurl_file = '/etc/lb/hook'", "[webhook]\nurl_env = 'HOOK'"] {
        assert_eq!(
            valid(text).webhook.map(|webhook| webhook.url.expose().to_string()),
            Some(HOOK.to_owned())
        );
    }
    check(
        "[webhook]\nurl = 'https://chat.example/hook/T0K3N'",
        &["2:1: `webhook.url` would be a secret in this file. Take it out and use `url_file` or `url_env`."],
    );
    check("[webhook]", &["1:1: one of `webhook.url_file` and `webhook.url_env` is needed."]);
    check(
        "[webhook]\nurl_file = 'hook'\nurl_env = 'HOOK'",
        &["3:11: `webhook.url_file` and `webhook.url_env` exclude each other."],
    );
    check(
        "[webhook]\nurl_env = 'NOT_SET'",
        &["2:11: `webhook.url_env` names the variable \"NOT_SET\", which is not set."],
    );
    check(
        "[webhook]\nurl_env = 'NO_URL'",
        &["2:11: what `webhook.url_env` leads to is no URL such as `https://chat.example.org/hooks/...`."],
    );
    check(
        "[webhook]\nurl_file = 'blank'",
        &[
            "2:12: `webhook.url_file` names /etc/lb/blank, which is empty. Put the secret there, or name another file.",
        ],
    );
    check(
        "[webhook]\nurl_file = 'http'",
        &["2:12: `webhook.url_file` leads to chat.example by http; off this machine it must be https."],
    );
    check("[webhook]\nurl_file = 'gone'", &["2:12: cannot read /etc/lb/gone: no such file."]);
}

#[test]
fn people_have_names_roles_and_accounts_of_their_own() {
    check(
        "[[person]]\nname = 'Ana'\nos = 'a'\n[[person]]\nname = 'Ana'\n[[person]]\nname = 'Bo'\nos = 'a'",
        &[
            "5:8: `person.name` \"Ana\" is there already, at 2:8.",
            "8:6: `person.os` \"a\" is there already, at 3:6.",
        ],
    );
    check(
        "[[person]]\nname = 'Ana'\nroles = ['boss']\ntoken = 'T0K3N'\ndiscord = 'ana'",
        &[
            "3:10: `person.roles` is \"boss\", which is not known. Known: `responder`, `operator`, `approver`, `commander`, `admin`.",
            "4:1: `person.token` would be a secret in this file. Take it out and use `console`.",
            "5:11: `person.discord` is \"ana\", which is no id. In Discord, switch on Developer Mode and use Copy ID; it is a row of digits, in quotes here.",
        ],
    );
    check("[[person]]\nname = 'Ana'\nroles = []", &["1:1: `person.roles` is empty."]);
    let rows = [
        ("'responder'", [true, false, false, false, false]),
        ("'operator'", [true, true, false, false, false]),
        ("'approver'", [true, true, true, false, false]),
        ("'commander'", [true, true, true, true, false]),
        ("'admin'", [true; 5]),
    ];
    for (role, expected) in rows {
        let people = valid(&format!("[[person]]\nname = 'Ana'\nroles = [{role}]")).people;
        let needs = [
            Permission::Responder,
            Permission::Operator,
            Permission::Approver,
            Permission::Commander,
            Permission::Admin,
        ];
        assert_eq!(needs.map(|need| people.all[0].may(need)), expected, "{role}");
    }
    assert_eq!(valid("[[person]]\nname = 'Bo'").people.all[0].permissions, [Permission::Responder]);
}

#[test]
fn a_service_is_watched_and_named_once_and_each_log_belongs_to_one() {
    check(
        "[[service]]\nname = 'a'\nlogs = ['x', 'x', '***']\n[[service]]\nname = 'a'\nlogs = ['y']",
        &[
            "3:14: `service.logs` \"x\" is there already, at 3:9.",
            "3:19: `service.logs` has \"***\", which is no pattern.",
            "5:8: `service.name` \"a\" is there already, at 2:8.",
        ],
    );
    check(
        "[[service]]\nname = ' '\nlogs = ['']\nformat = 'json5'",
        &[
            "2:8: `service.name` is empty.",
            "3:9: `service.logs` is empty.",
            "4:10: `service.format` is \"json5\", which is not known. Known: `auto`, `combined`, `combined-with-host`, `ingress-nginx`, `json`.",
        ],
    );
    let long = "x".repeat(65);
    check(
        &format!("[[service]]\nname = '{long}'\nlogs = ['y']"),
        &["2:8: `service.name` must be one line of at most 64 characters."],
    );
    let probed = valid("[[service]]\nname = 'a'\n[[probe]]\nservice = 'a'\nurl = 'http://10.0.0.3/'");
    assert_eq!((probed.services[0].logs.len(), probed.probes.len()), (0, 1));
}

#[test]
fn a_probe_stays_within_its_limits() {
    let probe = |rest: &str| {
        format!("service = [{{name = 'a'}}]\n[[probe]]\nservice = 'a'\nurl = 'http://a'\n{rest}")
    };
    check(
        &probe("every_s = 0\ntimeout_ms = 99\nexpect_status = 600"),
        &[
            "5:11: `probe.every_s` is 0, must be 1 to 3600.",
            "6:14: `probe.timeout_ms` is 99, must be 100 to 60000.",
            "7:17: `probe.expect_status` is 600, must be 100 to 599.",
        ],
    );
    check(
        &probe("every_s = 2\ntimeout_ms = 2001"),
        &["2:1: `timeout_ms` 2001 is longer than `every_s` 2: the next would be due before."],
    );
    check(
        &probe("address = 'a.example'"),
        &["5:11: `probe.address` is \"a.example\", which is no IP address such as `10.0.0.3:8080`."],
    );
    let timeouts =
        ["", "every_s = 1", "every_s = 60"].map(|rest| valid(&probe(rest)).probes[0].timeout.as_millis());
    assert_eq!(timeouts, [4000, 800, 4000]);
    let ports = ["10.0.0.3", "10.0.0.3:80", "::1", "[::1]:80"].map(|text| {
        let config = valid(&probe(&format!("address = '{text}'")));
        config.probes[0].address.and_then(|address| address.port)
    });
    assert_eq!(ports, [None, Some(80), None, Some(80)]);
}

/// The example with every commented option put in force.
fn example_with_everything() -> String {
    let in_force = |line: &str| match line.strip_prefix('#') {
        Some(option) if option.starts_with(|c: char| c.is_ascii_lowercase() || c == '[') => {
            format!("{option}\n")
        }
        _ => format!("{line}\n"),
    };
    EXAMPLE.lines().map(in_force).collect()
}

#[test]
fn the_example_is_valid_as_shipped_and_its_defaults_are_the_real_ones() {
    let shipped = valid(EXAMPLE);
    let expected = Config {
        services: vec![Service {
            name: ServiceName::new("blog-web"),
            logs: vec!["/var/log/nginx/access.log".to_owned()],
            format: None,
        }],
        ..Config::with_defaults(Path::new("/etc/lb"))
    };
    assert_eq!(shipped, expected);

    let all = example_with_everything();
    let excluding = ["tls_cert", "tls_key", "url_file", "token_file"];
    let kept = all.lines().filter(|line| !excluding.iter().any(|key| line.starts_with(key)));
    let text: String = kept.map(|line| format!("{line}\n")).collect();
    let mut around = machine();
    around.variables.insert("LIFEBOAT_WEBHOOK_URL", HOOK);
    around.variables.insert("LIFEBOAT_DISCORD_TOKEN", "T0K3N");
    let full = read(Path::new("/etc/lb/f.toml"), &text, &around)
        .unwrap_or_else(|p| panic!("{}", p.render(Lang::En)));
    let probe = "[[probe]]\nservice = 'blog-web'\nurl = 'http://x'";
    let bare = valid(&format!("{EXAMPLE}\n{probe}\n[[person]]\nname = 'Ana'"));
    assert_eq!(full.data_dir, bare.data_dir);
    assert_eq!((full.lang, full.zone, full.alerts), (bare.lang, bare.zone, bare.alerts));
    assert_eq!((full.console.listen, full.console.transport), (bare.console.listen, bare.console.transport));
    assert_eq!(
        (full.probes[0].every, full.probes[0].timeout),
        (bare.probes[0].every, bare.probes[0].timeout)
    );
    assert_eq!(full.probes[0].expect_status, bare.probes[0].expect_status);
    assert_eq!(full.people.all[0].permissions, bare.people.all[0].permissions);
    assert_eq!(full.people.roles[0].permissions, [Permission::Responder]);
    assert_eq!(full.fleet.limits, bare.fleet.limits);
    assert_eq!(full.fleet.schedules[0].starts, Starts::Elsewhere);
    let (full, bare) = (full.discord.unwrap(), discord(""));
    assert_eq!((full.pins, full.lang, full.api), (bare.pins, bare.lang, bare.api));
    assert_eq!(full.wake, Some((Severity::Sev2, 300_000_000_000_000_001)));
}

#[test]
fn the_example_has_every_option_there_is() {
    // A key nobody knows makes each section tell the keys it knows.
    let sections = [
        "",
        "[console]",
        "[[service]]",
        "[[probe]]",
        "[alerts]",
        "[[person]]",
        "[webhook]",
        "[discord]",
        "[[discord_role]]",
        "[[cloud]]",
        "[[traffic]]",
        "[[cluster]]",
        "[[pool]]",
        "[[schedule]]",
        "[limits]",
    ];
    let text: String = sections.iter().map(|section| format!("{section}\nzzz = 1\n")).collect();
    let Err(Problems(problems)) = read_text(&text) else { panic!("an unknown key was read") };
    let example = example_with_everything();
    let mut known_keys = 0;
    for problem in problems {
        let Trouble::UnknownKey { key, known } = problem.trouble else { continue };
        for word in known {
            known_keys += 1;
            let written = [format!("\n{word} = "), format!("\n[{word}]"), format!("\n[[{word}]]")];
            assert!(
                written.iter().any(|line| example.contains(line)),
                "{word}, beside {}, is not in it",
                key.0
            );
        }
    }
    assert_eq!(known_keys, 90, "a key was added or taken away: is the example right?");
}

#[test]
fn every_problem_has_words_in_both_languages_on_one_line() {
    let key = || Key("a.b".to_owned());
    let (path, value) = (|| PathBuf::from("/x"), || "v\n\u{1b}[31m".to_owned());
    let place = Place { line: 1, column: 2 };
    let troubles = [
        Trouble::NoFile { looked: vec![path()] },
        Trouble::Unreadable { path: path(), system: "no".to_owned() },
        Trouble::WritableByOthers { path: path(), mode: 0o666 },
        Trouble::OwnedByAnother { path: path(), uid: 7 },
        Trouble::Syntax { message: "a\nb".to_owned() },
        Trouble::UnknownKey { key: Key("a.\u{7}b".to_owned()), known: vec!["c"] },
        Trouble::InlineSecret { key: key(), instead: vec!["c"] },
        Trouble::WrongKind { key: key(), want: Want::Text, found: "integer" },
        Trouble::Missing { key: key() },
        Trouble::Empty { key: key() },
        Trouble::Unprintable { key: key(), most: 64 },
        Trouble::OutOfRange { key: key(), value: "9".to_owned(), least: 1, most: 2 },
        Trouble::UnknownValue { key: key(), value: value(), known: Vec::new() },
        Trouble::UnknownValue { key: key(), value: value(), known: vec!["c".to_owned()] },
        Trouble::UnknownZone { key: key(), value: value(), nearest: vec!["UTC".to_owned()] },
        Trouble::Twice { key: key(), value: value(), first: place },
        Trouble::NotAnAddress { key: key(), value: value(), such_as: "::1" },
        Trouble::NotAUrl { key: key(), value: value(), such_as: "https://x" },
        Trouble::NotAUrl { key: key(), value: String::new(), such_as: "https://x" },
        Trouble::NotAGlob { key: key(), value: value() },
        Trouble::NotATime { key: key(), value: value() },
        Trouble::Both { one: key(), other: key() },
        Trouble::Alone { key: key(), needs: key() },
        Trouble::Neither { one: key(), other: key() },
        Trouble::TlsNeeded { listen: SocketAddr::from(([0, 0, 0, 0], 80)) },
        Trouble::HttpsNeeded { key: key(), host: "h".to_owned() },
        Trouble::NotAnId { key: key(), value: value() },
        Trouble::PlainChat { key: key(), host: "h".to_owned() },
        Trouble::NotInEnvironment { key: key(), variable: value() },
        Trouble::EmptySecret { key: key(), path: path() },
        Trouble::TimeoutTooLong { timeout_ms: 9, every_s: 1 },
        Trouble::Unwatched { service: value() },
    ];
    for trouble in troubles {
        let problem = Problem { file: "f".into(), place: Some(place), trouble };
        let [en, zh] = Lang::ALL.map(|lang| render(&problem, lang));
        assert!(en.starts_with("f:1:2: ") && en.ends_with('.') && en.is_ascii(), "{en}");
        assert!(zh.starts_with("f:1:2: ") && zh.ends_with('。') && zh != en, "{zh}");
        assert!(!(en + &zh).contains(char::is_control), "{problem:?}");
    }
}

fn discord(rest: &str) -> Discord {
    valid(&format!("[discord]\ntoken_file = 'token'\nguild = '600'\n{rest}")).discord.unwrap()
}

#[test]
fn a_token_and_a_guild_are_all_that_discord_needs() {
    let expected = Discord {
        token: SecretString::new("T0K3N"),
        guild: 600,
        alerts_channel: None,
        open_category: None,
        closed_category: None,
        wake: None,
        thread_at: None,
        private_to: Vec::new(),
        lang: Lang::En,
        pins: false,
        allow_plain: false,
        api: RestAddress::new("https://discord.com/api/v10", false).unwrap(),
        gateway: None,
    };
    assert_eq!(discord(""), expected);
}

#[test]
fn every_option_of_discord_reaches_its_field() {
    let text = "lang = 'zh-CN'\npins = true\nalerts_channel = '1'\nopen_category = '2'\nclosed_category = '3'\n\
                wake_role = '4'\nwake_at = 'SEV1'\nthread_at = 'SEV3'\nprivate_to = ['5', '6']\n\
                api = 'http://127.0.0.1:9/api/v10'\ngateway = 'ws://chat.example'\nallow_plain = true\n\
                [[discord_role]]\nid = '7'\nname = 'on-call'\nroles = ['commander']\n[[person]]\nname = 'Ana'\ndiscord = '200'";
    let config = valid(&format!("[discord]\ntoken_file = 'token'\nguild = '600'\n{text}"));
    let expected = Discord {
        token: SecretString::new("T0K3N"),
        guild: 600,
        alerts_channel: Some(1),
        open_category: Some(2),
        closed_category: Some(3),
        wake: Some((Severity::Sev1, 4)),
        thread_at: Some(Severity::Sev3),
        private_to: vec![5, 6],
        lang: Lang::ZhCn,
        pins: true,
        allow_plain: true,
        api: RestAddress::new("http://127.0.0.1:9/api/v10", false).unwrap(),
        gateway: GatewayAddress::new("ws://chat.example", true).ok(),
    };
    assert_eq!(config.discord, Some(expected));
    assert_eq!(config.people.all[0].discord.as_deref(), Some("200"));
    use Permission::{Approver, Commander, Operator, Responder};
    let permissions = vec![Responder, Operator, Approver, Commander];
    assert_eq!(config.people.roles, [DiscordRole { id: 7, name: Some("on-call".to_owned()), permissions }]);
}

#[test]
fn what_is_wrong_with_discord_is_told_and_its_token_never() {
    check(
        "[discord]\ntoken = 'T0K3N'\nguild = 'blog'",
        &[
            "2:1: `discord.token` would be a secret in this file. Take it out and use `token_file` or `token_env`.",
            "3:9: `discord.guild` is \"blog\", which is no id. In Discord, switch on Developer Mode and use Copy ID; \
             it is a row of digits, in quotes here.",
        ],
    );
    check(
        "[discord]\ntoken_env = 'HOOK'\nguild = '600'\napi = 'http://chat.example'\ngateway = 'ws://chat.example'",
        &[
            "4:7: `discord.api` leads to chat.example without TLS. Off this machine it must be https or wss, unless \
             `allow_plain = true` takes the risk.",
            "5:11: `discord.gateway` leads to chat.example without TLS. Off this machine it must be https or wss, \
             unless `allow_plain = true` takes the risk.",
        ],
    );
    check("[[discord_role]]\nid = '7'", &["1:1: `discord_role` needs `discord` too."]);
    check(
        "[discord]\ntoken_file = 'token'\nguild = '600'\n[[discord_role]]\nid = '7'\n[[discord_role]]\nid = '7'",
        &["7:6: `discord_role.id` \"7\" is there already, at 5:6."],
    );
}
