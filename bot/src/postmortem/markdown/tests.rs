use super::super::tests::story::HOSTILE;
use super::*;

#[test]
fn text_from_outside_shows_as_itself_and_does_nothing() {
    let rows = [
        ("plain words, 41 % of 9", "plain words, 41 % of 9"),
        ("节点 wk-3 停止调度", "节点 wk-3 停止调度"),
        ("bad_gateway and _this_", "bad_gateway and \\_this\\_"),
        ("[x](http://a.b)", "\\[x\\](http:\u{200B}//a.b)"),
        ("<b>&amp;</b>", "\\<b\\>\\&amp;\\</b\\>"),
        ("a & b", "a & b"),
        ("@everyone", "@\u{200B}everyone"),
        ("see www.a.b", "see www\u{200B}.a.b"),
        ("a | b", "a \\| b"),
        ("# head", "\\# head"),
        ("no. #1", "no. #1"),
        ("1. list", "1\\. list"),
        ("10.0.0.4:8080", "10.0.0.4:8080"),
        ("2.", "2\\."),
        ("2001:db8::/48", "2001:db8::/48"),
        ("- x", "\\- x"),
        ("    code", "code"),
        ("`x` ~~y~~ **z**", "\\`x\\` \\~\\~y\\~\\~ \\*\\*z\\*\\*"),
        ("one\ntwo", "one two"),
    ];
    for (text, expected) in rows {
        assert_eq!(safe(text), expected, "{text:?}");
    }
}

#[test]
fn no_markup_survives_in_hostile_text() {
    let text = safe(HOSTILE);
    let unescaped = |what: char| {
        let chars: Vec<char> = text.chars().collect();
        (0..chars.len()).any(|place| chars[place] == what && (place == 0 || chars[place - 1] != '\\'))
    };
    for what in ['<', '>', '[', ']', '|', '`', '*', '~'] {
        assert!(!unescaped(what), "{what} in {text}");
    }
    for link in ["://", "www.", "@e", "@h", "@1"] {
        assert!(!text.contains(link), "{link} in {text}");
    }
}

#[test]
fn the_chart_in_a_line_shows_gaps_and_its_peak() {
    let share = |bad| Some(Share { bad, total: 100 });
    assert_eq!(line(&[share(0), share(50), None, share(100), share(1)]), "▁▄·█▁");
    assert_eq!(line(&[None, share(0)]), "·▁");
}
