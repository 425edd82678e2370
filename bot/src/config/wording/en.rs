//! The problems in English.

use super::super::problem::{Trouble, Want};
use super::{code, listed, shown, shown_plain};

fn want(want: Want) -> &'static str {
    match want {
        Want::Text => "text in quotes",
        Want::Number => "a whole number",
        Want::Switch => "`true` or `false`",
        Want::Texts => "a list of texts, `[\"one\", \"two\"]`",
        Want::Section => "a section, `[name]`, once",
        Want::Sections => "sections, `[[name]]`, one for each",
    }
}

/// A table of phrases, one for each trouble.
pub(super) fn words(trouble: &Trouble) -> String {
    match trouble {
        Trouble::NoFile { looked } => {
            let looked: Vec<_> = looked.iter().map(|path| path.display().to_string()).collect();
            let looked = listed(&looked, " nor ");
            format!(
                "no configuration: neither {looked} is there. Write the commented example with `lifeboat check \
                 --example > lifeboat.toml` and change it, or name a file with `--config FILE`. To try Lifeboat with \
                 nothing configured: `lifeboat drill`."
            )
        }
        Trouble::Unreadable { path, system } => format!("cannot read {}: {system}.", path.display()),
        Trouble::WritableByOthers { path, mode } => {
            let path = path.display();
            format!("others may write {path} (mode {mode:03o}). Take that from them: `chmod go-w {path}`.")
        }
        Trouble::OwnedByAnother { path, uid } => {
            let path = path.display();
            format!(
                "{path} belongs to user {uid}, neither root nor the user Lifeboat runs as. Change its owner."
            )
        }
        Trouble::Syntax { message } => format!("not TOML: {}.", shown_plain(message)),
        Trouble::UnknownKey { key, known } => {
            format!("unknown key {}. Known here: {}.", code(key), listed(known, ", "))
        }
        Trouble::InlineSecret { key, instead } => {
            let instead = listed(instead, " or ");
            format!("{} would be a secret in this file. Take it out and use {instead}.", code(key))
        }
        Trouble::WrongKind { key, want: wanted, found } => {
            format!("{} must be {}, not {}.", code(key), want(*wanted), kind(found))
        }
        Trouble::Missing { key } => format!("{} is missing.", code(key)),
        Trouble::Empty { key } => format!("{} is empty.", code(key)),
        Trouble::Unprintable { key, most } => {
            format!("{} must be one line of at most {most} characters.", code(key))
        }
        Trouble::OutOfRange { key, value, least, most } => {
            format!("{} is {value}, must be {least} to {most}.", code(key))
        }
        Trouble::UnknownValue { key, value, known } if known.is_empty() => {
            format!("{} names {}, but there is none.", code(key), shown(value))
        }
        Trouble::UnknownValue { key, value, known } => {
            format!("{} is {}, which is not known. Known: {}.", code(key), shown(value), listed(known, ", "))
        }
        Trouble::UnknownZone { key, value, nearest } => {
            let nearest = listed(nearest, ", ");
            format!("{} is {}, which is no IANA time zone. Nearest: {nearest}.", code(key), shown(value))
        }
        Trouble::Twice { key, value, first } => {
            let (line, column) = (first.line, first.column);
            format!("{} {} is there already, at {line}:{column}.", code(key), shown(value))
        }
        Trouble::NotAnAddress { key, value, such_as } => {
            format!("{} is {}, which is no IP address such as `{such_as}`.", code(key), shown(value))
        }
        Trouble::NotAUrl { key, value, such_as } if value.is_empty() => {
            format!("what {} leads to is no URL such as `{such_as}`.", code(key))
        }
        Trouble::NotAUrl { key, value, such_as } => {
            format!("{} is {}, which is no URL such as `{such_as}`.", code(key), shown(value))
        }
        Trouble::NotAGlob { key, value } => {
            format!("{} has {}, which is no pattern.", code(key), shown(value))
        }
        Trouble::Both { one, other } => format!("{} and {} exclude each other.", code(one), code(other)),
        Trouble::Alone { key, needs } => format!("{} needs {} too.", code(key), code(needs)),
        Trouble::Neither { one, other } => format!("one of {} and {} is needed.", code(one), code(other)),
        Trouble::TlsNeeded { listen } => format!(
            "the console at {listen} could be reached over the network without TLS. Give `tls_cert` and `tls_key`, \
             or `behind_tls_proxy = true`, or listen on 127.0.0.1."
        ),
        Trouble::HttpsNeeded { key, host } => {
            format!("{} leads to {host} by http; off this machine it must be https.", code(key))
        }
        Trouble::NotInEnvironment { key, variable } => {
            format!("{} names the variable {}, which is not set.", code(key), shown(variable))
        }
        Trouble::TimeoutTooLong { timeout_ms, every_s } => {
            format!(
                "`timeout_ms` {timeout_ms} is longer than `every_s` {every_s}: the next would be due before."
            )
        }
        Trouble::Unwatched { service } => {
            format!("nothing tells of service {}. Give it `logs`, or a `[[probe]]`.", shown(service))
        }
    }
}

fn kind(found: &str) -> &str {
    match found {
        "string" => "text",
        "integer" => "a whole number",
        "float" => "a number with a point",
        "boolean" => "`true` or `false`",
        "datetime" => "a date",
        "array" => "a list",
        _ => "a section",
    }
}
