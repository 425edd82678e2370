//! Text from outside: made visible, cut in the middle, isolated for direction. Lengths count characters, not bytes.

/// A name inside a sentence: service, person, upstream, path.
pub const NAME: usize = 60;
/// A title, a reason, a line of an update.
pub const LINE: usize = 200;
/// An access-log line on an evidence chip.
pub const SAMPLE: usize = 512;
/// A message that leaves for a chat outside; Discord takes 2,000 characters.
pub const OUTGOING: usize = 1_900;
/// A chat message or a note.
pub const MESSAGE: usize = 4000;

/// A title.
pub const TITLE: usize = 80;
/// A hash, so that its ends can be compared by eye.
pub const HASH: usize = 64;

const ELLIPSIS: char = '…';
const FIRST_STRONG_ISOLATE: char = '\u{2068}';
const POP_ISOLATE: char = '\u{2069}';

/// Cuts a text that is longer than `max` characters in the middle, where a name tells least.
#[must_use]
pub fn middle_cut(text: &str, max: usize) -> String {
    let count = text.chars().count();
    if count <= max {
        return text.to_owned();
    }
    let kept = max.saturating_sub(1);
    let tail = kept / 2;
    let head = kept - tail;
    let mut cut: String = text.chars().take(head).collect();
    cut.push(ELLIPSIS);
    cut.extend(text.chars().skip(count - tail));
    cut
}

/// One line in which every control character and invisible direction mark can be seen.
#[must_use]
pub fn visible_line(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |line, c| push_visible(line, c, false))
}

/// The same for a text that keeps its line breaks and tabs; `\r\n` becomes `\n`.
#[must_use]
pub fn visible_lines(text: &str) -> String {
    let unix = text.replace("\r\n", "\n");
    unix.chars().fold(String::with_capacity(unix.len()), |lines, c| push_visible(lines, c, true))
}

fn push_visible(mut text: String, c: char, lines: bool) -> String {
    match c {
        '\n' | '\t' if lines => text.push(c),
        '\u{0}'..='\u{1F}' => text.extend(char::from_u32(0x2400 + u32::from(c))),
        '\u{7F}' => text.push('\u{2421}'),
        _ if c.is_control() || deceives(c) => text.push_str(&format!("[U+{:04X}]", u32::from(c))),
        _ => text.push(c),
    }
    text
}

/// Characters that cannot be seen and change what is seen: direction marks, separators, blanks of no width, tags.
/// The joiners U+200C and U+200D stay, since scripts and emoji are written with them.
fn deceives(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// Takes the life out of mentions, links and masked links for chats that read markup: a blank of no width stands
/// after the sign that would begin one. What is seen stays the same.
#[must_use]
pub fn inert(text: &str) -> String {
    let signs = [("@", "@\u{200B}"), ("<", "<\u{200B}"), ("](", "]\u{200B}("), ("://", ":\u{200B}//")];
    signs.iter().fold(text.to_owned(), |text, (sign, dead)| text.replace(sign, dead))
}

/// Wraps a text with right-to-left letters so that it cannot reorder what stands around it.
#[must_use]
pub fn isolated(text: String) -> String {
    if text.chars().any(reads_right_to_left) {
        format!("{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}")
    } else {
        text
    }
}

/// The blocks of right-to-left scripts in Unicode 16.
fn reads_right_to_left(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}'
        | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_in_the_middle_by_characters() {
        assert_eq!(middle_cut("blog-web", 8), "blog-web");
        assert_eq!(middle_cut("blog-web-7c9f-x2", 9), "blog…f-x2");
        assert_eq!(middle_cut("博客前端服务第一组", 5), "博客…一组");
        assert_eq!(middle_cut("abc", 1), "…");
        assert_eq!(middle_cut("abc", 0), "…");
        assert_eq!(middle_cut(&"长".repeat(10_000), 60).chars().count(), 60);
    }

    #[test]
    fn what_cannot_be_seen_is_made_visible() {
        assert_eq!(visible_line("a\nb\0\u{7f}\u{85}"), "a␊b␀␡[U+0085]");
        assert_eq!(visible_line("gpj.\u{202E}exe\u{2066}\u{200B}"), "gpj.[U+202E]exe[U+2066][U+200B]");
        assert_eq!(visible_lines("one\r\ntwo\tthree\r"), "one\ntwo\tthree␍");
        assert_eq!(visible_line("👩\u{200D}🚒 事故 @everyone <b>"), "👩\u{200D}🚒 事故 @everyone <b>");
    }

    #[test]
    fn only_text_that_could_turn_its_neighbours_around_is_isolated() {
        assert_eq!(isolated("blog-web 事故".to_owned()), "blog-web 事故");
        assert_eq!(isolated("שלום".to_owned()), "\u{2068}שלום\u{2069}");
        assert_eq!(isolated("x مرحبا 1".to_owned()), "\u{2068}x مرحبا 1\u{2069}");
    }
}
