//! The languages Lifeboat speaks.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language of the catalogue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum Lang {
    /// English, `en`.
    #[default]
    En,
    /// 简体中文, `zh-CN`.
    ZhCn,
}

impl Lang {
    /// All languages, in the order they are offered.
    pub const ALL: [Self; 2] = [Self::En, Self::ZhCn];

    /// Its tag: `en`, `zh-CN`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
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

impl From<Lang> for &'static str {
    fn from(lang: Lang) -> Self {
        lang.tag()
    }
}

/// What was typed names no language of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read {0:?} as a language (en or zh-CN)")]
pub struct NotALanguage(pub String);

impl FromStr for Lang {
    type Err = NotALanguage;

    /// Reads `en`, `en-US`, `zh`, `zh_CN`, `zh-Hans`, in any case; Traditional Chinese is not one of ours.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let tag = text.trim().replace('_', "-").to_ascii_lowercase();
        let traditional = ["zh-tw", "zh-hk", "zh-mo", "zh-hant"].iter().any(|other| tag.starts_with(other));
        match tag.split('-').next() {
            Some("en") => Ok(Self::En),
            Some("zh") if !traditional => Ok(Self::ZhCn),
            _ => Err(NotALanguage(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Lang {
    type Error = NotALanguage;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_read_from_the_tags_browsers_and_people_write() {
        for text in ["en", "EN", "en-US", "en_GB", " en "] {
            assert_eq!(text.parse(), Ok(Lang::En), "{text}");
        }
        for text in ["zh", "zh-CN", "zh_cn", "zh-Hans", "zh-Hans-CN"] {
            assert_eq!(text.parse(), Ok(Lang::ZhCn), "{text}");
        }
        for text in ["", "de", "english", "zh-TW", "zh-Hant", "-"] {
            assert_eq!(text.parse::<Lang>(), Err(NotALanguage(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn a_language_is_stored_by_its_tag() {
        for lang in Lang::ALL {
            let json = serde_json::to_string(&lang).unwrap();
            assert_eq!(json, format!("\"{lang}\""));
            assert_eq!(serde_json::from_str::<Lang>(&json).unwrap(), lang);
        }
    }
}
