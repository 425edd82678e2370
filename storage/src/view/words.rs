//! Words to search by, in texts that mix English and Chinese.

use std::collections::BTreeSet;

/// Lowercase words of letters and digits; of Chinese, Japanese and Korean, which put no spaces between words, each pair of
/// neighbouring characters (a lone one stands for itself).
#[must_use]
pub fn words(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for run in text.split(|c: char| !c.is_alphanumeric()) {
        let mut rest = run;
        while let Some(first) = rest.chars().next() {
            let alike = |c: &char| is_cjk(*c) == is_cjk(first);
            let end = rest.chars().take_while(alike).map(char::len_utf8).sum();
            let (part, after) = rest.split_at(end);
            if is_cjk(first) {
                pairs(part, &mut found);
            } else {
                found.insert(part.to_lowercase());
            }
            rest = after;
        }
    }
    found
}

fn pairs(part: &str, found: &mut BTreeSet<String>) {
    let letters: Vec<char> = part.chars().collect();
    let pairs = letters.windows(2.min(letters.len()));
    found.extend(pairs.map(|pair| pair.iter().collect::<String>()));
}

fn is_cjk(c: char) -> bool {
    matches!(u32::from(c), 0x3040..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff | 0x2_0000..=0x3_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_lowercase_and_chinese_comes_in_pairs() {
        for (text, expected) in [
            ("", &[][..]),
            ("DNS fails on worker-3", &["3", "dns", "fails", "on", "worker"]),
            ("域名解析失败", &["名解", "域名", "失败", "析失", "解析"]),
            ("重启worker后恢复 502", &["502", "worker", "后恢", "恢复", "重启"]),
            ("崩", &["崩"]),
        ] {
            let expected: BTreeSet<String> = expected.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(words(text), expected, "{text}");
        }
    }
}
