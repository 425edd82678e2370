//! The languages Lifeboat speaks.

use std::fmt;
use std::str::FromStr;

/// A language of the catalogue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lang {
    /// English, `en`.
    #[default]
    En,
    /// Simplified Chinese, `zh-CN`.
    ZhCn,
}

impl Lang {
    /// Every language, English first.
    pub const ALL: [Self; 2] = [Self::En, Self::ZhCn];

    /// Its tag as written in `lifeboat.toml` and in HTML.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::ZhCn => "zh-CN",
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// What was typed is no language of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("find language {0:?} (known: en, zh-CN)")]
pub struct UnknownLang(pub String);

impl FromStr for Lang {
    type Err = UnknownLang;

    /// Reads the tags of [`Lang::ALL`], whatever their case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|lang| lang.tag().eq_ignore_ascii_case(text));
        known.ok_or_else(|| UnknownLang(text.to_owned()))
    }
}
