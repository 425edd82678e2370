//! What can be wrong with a configuration, as data.

use std::net::SocketAddr;
use std::path::PathBuf;

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file it is about.
    pub file: PathBuf,
    /// Where in the file, or none when it is about the file itself.
    pub place: Option<Place>,
    /// What is wrong.
    pub trouble: Trouble,
}

/// Everything that is wrong with a configuration, in the order of the file; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

/// A place in a text, as editors count: from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

/// A key with its section, `service.logs`, or just `lang` at the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(pub String);

/// What a value should have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// `"text"`.
    Text,
    /// `5`.
    Number,
    /// `true` or `false`.
    Switch,
    /// `["text", "text"]`.
    Texts,
    /// `[section]`.
    Section,
    /// `[[section]]`, once for each.
    Sections,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No file was named and none is where it is looked for.
    NoFile {
        /// Where it was looked for.
        looked: Vec<PathBuf>,
    },
    /// A file cannot be read.
    Unreadable {
        /// The file: the configuration itself or one it names.
        path: PathBuf,
        /// What the system said.
        system: String,
    },
    /// Group or others may write a file that must be trusted.
    WritableByOthers {
        /// The file: the configuration itself or one it names.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A file that must be trusted belongs to somebody who is neither root nor us.
    OwnedByAnother {
        /// The file: the configuration itself or one it names.
        path: PathBuf,
        /// Its owner.
        uid: u32,
    },
    /// It is no TOML.
    Syntax {
        /// What the TOML parser said, in English.
        message: String,
    },
    /// Nobody reads this key.
    UnknownKey {
        /// What was written.
        key: Key,
        /// What may stand there.
        known: Vec<&'static str>,
    },
    /// A secret stands in the file itself.
    InlineSecret {
        /// What was written.
        key: Key,
        /// What to write instead.
        instead: Vec<&'static str>,
    },
    /// A value of another kind was expected.
    WrongKind {
        /// Its key.
        key: Key,
        /// What was expected.
        want: Want,
        /// What TOML calls what was found.
        found: &'static str,
    },
    /// A key that must be there is not.
    Missing {
        /// Which.
        key: Key,
    },
    /// Nothing stands in the value.
    Empty {
        /// Its key.
        key: Key,
    },
    /// The value is too long, or has characters that cannot be shown.
    Unprintable {
        /// Its key.
        key: Key,
        /// At most so many characters.
        most: usize,
    },
    /// Text that is no time of day.
    NotATime {
        /// Its key.
        key: Key,
        /// As written.
        value: String,
    },
    /// A number outside its range.
    OutOfRange {
        /// Its key.
        key: Key,
        /// As written.
        value: String,
        /// Smallest allowed.
        least: i64,
        /// Largest allowed.
        most: i64,
    },
    /// A value that is not one of the known.
    UnknownValue {
        /// Its key.
        key: Key,
        /// As written.
        value: String,
        /// All known values.
        known: Vec<String>,
    },
    /// No time zone of that name.
    UnknownZone {
        /// Its key.
        key: Key,
        /// As written.
        value: String,
        /// The few that look most like it; all are too many to list.
        nearest: Vec<String>,
    },
    /// The same again.
    Twice {
        /// Its key.
        key: Key,
        /// As written.
        value: String,
        /// Where it stands for the first time.
        first: Place,
    },
    /// No IP address, or no port where one is needed.
    NotAnAddress {
        /// Its key.
        key: Key,
        /// As written.
        value: String,
        /// One that would do.
        such_as: &'static str,
    },
    /// No `http` or `https` URL of the form needed.
    NotAUrl {
        /// Its key.
        key: Key,
        /// As written; empty where it is a secret.
        value: String,
        /// One that would do.
        such_as: &'static str,
    },
    /// No pattern of file names.
    NotAGlob {
        /// Its key.
        key: Key,
        /// As written.
        value: String,
    },
    /// Two keys that exclude each other.
    Both {
        /// One.
        one: Key,
        /// The other.
        other: Key,
    },
    /// One key without the other it needs.
    Alone {
        /// What is there.
        key: Key,
        /// What is not.
        needs: Key,
    },
    /// One of two keys is needed, neither is there.
    Neither {
        /// One.
        one: Key,
        /// The other.
        other: Key,
    },
    /// The console would be reached over the network without TLS.
    TlsNeeded {
        /// Where it would listen.
        listen: SocketAddr,
    },
    /// Plain HTTP to a host that is not this machine.
    HttpsNeeded {
        /// Its key.
        key: Key,
        /// The host.
        host: String,
    },
    /// No id of something in Discord.
    NotAnId {
        /// Its key.
        key: Key,
        /// As written.
        value: String,
    },
    /// A chat would be reached over the network without TLS.
    PlainChat {
        /// Its key.
        key: Key,
        /// The host.
        host: String,
    },
    /// A variable that holds a secret is not set, or empty.
    NotInEnvironment {
        /// Its key.
        key: Key,
        /// The variable.
        variable: String,
    },
    /// A file that holds a secret is empty.
    EmptySecret {
        /// Its key.
        key: Key,
        /// The file.
        path: PathBuf,
    },
    /// A probe could still be waiting when the next is due.
    TimeoutTooLong {
        /// As configured.
        timeout_ms: u64,
        /// As configured.
        every_s: u64,
    },
    /// Neither a log nor a probe tells of a service.
    Unwatched {
        /// Its name.
        service: String,
    },
}
