//! By which names the console is reached: anything else in `Host` is another site that points its name at us.

use std::net::SocketAddr;

/// The names and ports under which the console may be addressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// `scheme://host[:port]`, lower case, the default port left out.
    origins: Vec<String>,
}

impl Places {
    /// The address listened on (the names of loopback where that, or everything, is listened on), and the configured `public_url`
    /// (`scheme://host[:port]`, no path).
    #[must_use]
    pub fn new(listen: SocketAddr, tls: bool, public_url: Option<&str>) -> Self {
        let scheme = if tls { "https" } else { "http" };
        let port = listen.port();
        let everywhere = listen.ip().is_unspecified();
        let mut hosts = if everywhere { Vec::new() } else { vec![listen.to_string()] };
        if everywhere || listen.ip().is_loopback() {
            hosts.extend(["localhost", "127.0.0.1", "[::1]"].map(|host| format!("{host}:{port}")));
        }
        let listened = hosts.iter().map(|host| tidy(&format!("{scheme}://{host}")));
        let mut origins: Vec<String> = Vec::new();
        for origin in listened.chain(public_url.map(tidy)) {
            if !origins.contains(&origin) {
                origins.push(origin);
            }
        }
        Self { origins }
    }

    /// Whether a request addressed to this `Host` is meant for us.
    #[must_use]
    pub fn has_host(&self, host: &str) -> bool {
        self.origins_of(host).next().is_some()
    }

    /// Whether a page of this `Origin` is the one this `Host` serves.
    #[must_use]
    pub fn is_same(&self, origin: &str, host: &str) -> bool {
        let origin = tidy(origin);
        self.origins_of(host).any(|known| *known == origin)
    }

    /// All, for the answer that says what would be right.
    #[must_use]
    pub fn shown(&self) -> String {
        self.origins.join(", ")
    }

    /// Where to send people first.
    #[must_use]
    pub fn first(&self) -> &str {
        self.origins.first().map_or("", String::as_str)
    }

    fn origins_of(&self, host: &str) -> impl Iterator<Item = &String> {
        let forms = ["http", "https"].map(|scheme| tidy(&format!("{scheme}://{host}")));
        self.origins.iter().filter(move |known| forms.contains(known))
    }
}

/// Lower case, without a slash at the end and without the default port.
fn tidy(origin: &str) -> String {
    let origin = origin.trim_end_matches('/').to_ascii_lowercase();
    let default = if origin.starts_with("https:") { ":443" } else { ":80" };
    origin.strip_suffix(default).map_or(origin.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(listen: &str, tls: bool, public: Option<&str>) -> Places {
        Places::new(listen.parse().unwrap(), tls, public)
    }

    #[test]
    fn only_our_own_names_and_port_are_taken_as_host() {
        let here = places("127.0.0.1:7171", false, None);
        for host in ["127.0.0.1:7171", "localhost:7171", "LOCALHOST:7171", "[::1]:7171"] {
            assert!(here.has_host(host), "{host}");
        }
        let wrong = [
            "",
            "evil.example",
            "evil.example:7171",
            "127.0.0.1",
            "localhost:7172",
            "localhost.evil.example:7171",
        ];
        for host in wrong {
            assert!(!here.has_host(host), "{host}");
        }
        let public = places("0.0.0.0:443", true, Some("https://Boat.example/"));
        assert!(public.has_host("boat.example") && public.has_host("boat.example:443"));
        assert!(public.has_host("localhost") && !public.has_host("0.0.0.0"));
        assert!(!public.has_host("10.0.0.7") && !public.has_host("boat.example:80"));
    }

    #[test]
    fn each_address_is_named_once() {
        let here = places("127.0.0.1:7171", false, Some("http://localhost:7171/"));
        assert_eq!(here.shown(), "http://127.0.0.1:7171, http://localhost:7171, http://[::1]:7171");
    }

    #[test]
    fn an_origin_is_the_same_only_with_scheme_host_and_port_of_this_host() {
        let here = places("127.0.0.1:7171", false, Some("https://boat.example"));
        assert!(here.is_same("http://localhost:7171", "localhost:7171"));
        assert!(here.is_same("https://boat.example", "boat.example"));
        for (origin, host) in [
            ("https://localhost:7171", "localhost:7171"),
            ("http://boat.example", "boat.example"),
            ("https://boat.example", "localhost:7171"),
            ("http://localhost:3000", "localhost:7171"),
            ("null", "localhost:7171"),
            ("", "localhost:7171"),
        ] {
            assert!(!here.is_same(origin, host), "{origin} {host}");
        }
    }
}
