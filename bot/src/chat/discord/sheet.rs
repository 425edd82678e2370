//! What a message in Discord shows, before Discord's markup and limits: who says it knows neither. Texts are what the
//! console's cards and messages say; here they only get their places. Pure.

use lifeboat_storage::event::Time;

/// A piece of a line. What is text is untrusted and never becomes markup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Plain words.
    Text(String),
    /// Words that stand out.
    Strong(String),
    /// A name or command, as it is typed.
    Code(String),
    /// A moment, shown in the reader's own zone and language.
    Moment(Time, Told),
    /// A role there, by id; it is woken only by [`Sheet::wakes`].
    Role(u64),
    /// A person there, by id; called only by [`Sheet::calls`].
    Person(u64),
    /// A channel there, by id.
    Channel(u64),
    /// A link that Lifeboat made itself, never one from outside.
    Link(String),
}

/// How a moment is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// `5 minutes ago`.
    Ago,
    /// `10:15:41`.
    Clock,
}

/// A line.
pub type Line = Vec<Piece>;

/// A line of plain words.
#[must_use]
pub fn plain(text: impl Into<String>) -> Line {
    vec![Piece::Text(text.into())]
}

/// How a button looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// The one to press; at most one a message.
    Primary,
    /// All others.
    Plain,
    /// What cannot be undone.
    Danger,
}

/// A button: pressing it gives its command, nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    /// What is written on it.
    pub label: String,
    /// How it looks.
    pub look: Look,
    /// What it does.
    pub act: Act,
}

/// What a button does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Gives this command line; one that ends in a blank asks for what is missing first.
    Command(String),
    /// Opens a page.
    Link(String),
}

/// A fact with a heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its heading.
    pub name: String,
    /// Its lines.
    pub lines: Vec<Line>,
}

/// Everything below the first line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Panel {
    /// State, not tool.
    pub title: String,
    /// Where the title leads, where there is a page for it.
    pub url: Option<String>,
    /// `sev1`..`sev4`, `quiet`, `blind`, `ended`, `void`, `unsure`, `running`.
    pub tone: &'static str,
    /// Lines under the title.
    pub lines: Vec<Line>,
    /// Facts with headings.
    pub fields: Vec<Field>,
    /// Grey small print; no markup is read there.
    pub footer: String,
    /// As of when.
    pub at: Option<Time>,
}

/// A message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// The line that a lock screen shows: how bad, what, where come first.
    pub line: Line,
    /// More plain lines under it.
    pub more: Vec<Line>,
    /// Roles that are to be woken by it.
    pub wakes: Vec<u64>,
    /// People that it concerns, by account: their phones are to sound.
    pub calls: Vec<u64>,
    /// Nobody's phone is to sound.
    pub silent: bool,
    /// What stands below.
    pub panel: Option<Panel>,
    /// Buttons, in order.
    pub buttons: Vec<Button>,
}

impl Sheet {
    /// A link of our own, where plain words hold it, becomes one that can be followed; all else stays text.
    #[must_use]
    pub fn with_link(self, link: &str) -> Self {
        self.with(link, &[Piece::Link(link.to_owned())])
    }

    /// Where plain words hold these, they become those pieces; all else stays text.
    #[must_use]
    pub fn with(self, words: &str, pieces: &[Piece]) -> Self {
        let put = |line: Line| line.into_iter().flat_map(|piece| put(piece, words, pieces)).collect();
        Self { line: put(self.line), more: self.more.into_iter().map(put).collect(), ..self }
    }
}

fn put(piece: Piece, words: &str, pieces: &[Piece]) -> Line {
    match &piece {
        Piece::Text(text) => match text.split_once(words) {
            Some((before, after)) => {
                let (before, after) = (Piece::Text(before.to_owned()), Piece::Text(after.to_owned()));
                [&[before], pieces, &[after]].concat()
            }
            None => vec![piece],
        },
        _ => vec![piece],
    }
}
