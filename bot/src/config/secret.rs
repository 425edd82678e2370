//! Secrets that cannot be printed by accident.

use std::fmt;

use reqwest::Url;

/// A URL whose path is a password: only its host is ever shown.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(Url);

impl SecretUrl {
    /// Takes a URL as secret from here on.
    #[must_use]
    pub fn new(url: Url) -> Self {
        Self(url)
    }

    /// The whole URL, for the one who sends; never to be logged, stored or shown.
    #[must_use]
    pub fn expose(&self) -> &Url {
        &self.0
    }

    /// The host, which is no secret.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or("")
    }
}

impl fmt::Display for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.host())
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretUrl({})", self.host())
    }
}

/// A token or password: never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretString(String);

impl SecretString {
    /// Takes a text as secret from here on.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the one who sends; never to be logged, stored or shown.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretString(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_url_shows_its_host_and_nothing_else() {
        let secret = SecretUrl::new(Url::parse("https://bot:pw@chat.example/hook/T0K3N?k=T0K3N").unwrap());
        assert_eq!(format!("{secret} {secret:?}"), "chat.example SecretUrl(chat.example)");
    }

    #[test]
    fn a_secret_string_shows_nothing() {
        assert_eq!(format!("{:?}", SecretString::new("T0K3N")), "SecretString(…)");
    }
}
