//! Ids in paths, known without the dear masking: paths that differ in them only are counted as one.

use std::borrow::Cow;

/// A path whose ids are placeholders already, where that is quick to see: segments of nothing but a number or hex digits.
/// Much quicker than [`mask::path`](super::mask::path), which makes the same of both.
pub(super) fn without_ids(path: &[u8]) -> Cow<'_, [u8]> {
    let (mut shown, mut copied, mut start) = (Vec::new(), 0, 0);
    for end in memchr::memchr_iter(b'/', path).chain([path.len()]) {
        if let Some(name) = id(&path[start..end]) {
            shown.reserve(2 * path.len());
            shown.extend_from_slice(&path[copied..start]);
            shown.extend_from_slice(name.as_bytes());
            copied = end;
        }
        start = end + 1;
    }
    if copied == 0 {
        return Cow::Borrowed(path);
    }
    shown.extend_from_slice(&path[copied..]);
    Cow::Owned(shown)
}

/// What is shown of a segment that is one id.
fn id(segment: &[u8]) -> Option<&'static str> {
    let is_hex = |b: &u8| b.is_ascii_hexdigit() || *b == b'-';
    if segment.len() < 5 || !segment.iter().all(is_hex) {
        return None;
    }
    let digits = segment.iter().filter(|b| b.is_ascii_digit()).count();
    match segment.len() {
        _ if digits == 0 => None,
        12.. => Some("{token}"),
        _ if segment.contains(&b'-') => None,
        long if digits == long => Some("{number}"),
        7.. => Some("{hex}"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::detect::mask::path;

    #[test]
    fn segments_that_are_an_id_are_seen_without_masking() {
        for (path, expected) in [
            ("/order/471108", "/order/{number}"),
            ("/order/4711", "/order/4711"),
            ("/a/123e4567-e89b-12d3-a456-426614174000/edit", "/a/{token}/edit"),
            ("/commit/9f86d08", "/commit/{hex}"),
            ("/commit/9f86d081884c", "/commit/{token}"),
            ("/123456789012/654321", "/{token}/{number}"),
            ("/2026-01-02/deadbeef/facade", "/2026-01-02/deadbeef/facade"),
            ("/v1-471108.json", "/v1-471108.json"),
            ("", ""),
        ] {
            assert_eq!(without_ids(path.as_bytes()), expected.as_bytes(), "{path}");
        }
    }

    proptest! {
        #[test]
        fn paths_without_ids_are_masked_like_those_with_them(
            segments in proptest::collection::vec("[0-9a-fA-F-]{0,16}|[0-9]{4,14}|[a-z0-9.=:%@#{}-]{0,9}", 0..6)
        ) {
            let with = segments.join("/");
            prop_assert_eq!(path(&without_ids(with.as_bytes())), path(with.as_bytes()));
        }
    }
}
