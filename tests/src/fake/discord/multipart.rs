//! `multipart/form-data` as Discord takes it: `payload_json` and `files[n]`. RFC 7578.

use serde_json::Value;

/// A file that came with a message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct File {
    /// The `n` of `files[n]`.
    pub(crate) number: u64,
    pub(crate) name: String,
    pub(crate) content_type: Option<String>,
    pub(crate) bytes: Vec<u8>,
}

/// What a form held.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Form {
    pub(crate) payload: Value,
    pub(crate) files: Vec<File>,
}

/// Reads a form.
///
/// # Errors
///
/// What is wrong with it, for the test's report.
pub(crate) fn read(content_type: &str, body: &[u8]) -> Result<Form, String> {
    let boundary = parameter(content_type, "boundary").ok_or("no boundary in the content type")?;
    let mut form = Form { payload: Value::Null, files: Vec::new() };
    for part in parts(body, &boundary)? {
        let (head, bytes) = split(part, b"\r\n\r\n").ok_or("a part without an empty line after its head")?;
        let head = String::from_utf8_lossy(head).into_owned();
        let disposition = field(&head, "content-disposition").ok_or("a part without a disposition")?;
        let name = parameter(&disposition, "name").ok_or("a part without a name")?;
        if name == "payload_json" {
            form.payload = serde_json::from_slice(bytes).map_err(|error| format!("payload_json: {error}"))?;
        } else {
            let number = name.strip_prefix("files[").and_then(|rest| rest.strip_suffix(']'));
            let number = number.and_then(|number| number.parse().ok());
            form.files.push(File {
                number: number.ok_or_else(|| format!("a part named {name}"))?,
                name: parameter(&disposition, "filename").ok_or("a file without a name")?,
                content_type: field(&head, "content-type"),
                bytes: bytes.to_vec(),
            });
        }
    }
    Ok(form)
}

fn parts<'a>(body: &'a [u8], boundary: &str) -> Result<Vec<&'a [u8]>, String> {
    let first = format!("--{boundary}\r\n");
    let between = format!("\r\n--{boundary}");
    let mut rest = body.strip_prefix(first.as_bytes()).ok_or("the body does not begin with its boundary")?;
    let mut parts = Vec::new();
    loop {
        let (part, after) = split(rest, between.as_bytes()).ok_or("a part without an end")?;
        parts.push(part);
        match after.strip_prefix(b"\r\n") {
            Some(more) => rest = more,
            None if after.starts_with(b"--") => return Ok(parts),
            None => return Err("neither another part nor the end after a boundary".to_owned()),
        }
    }
}

fn split<'a>(bytes: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let place = bytes.windows(at.len()).position(|window| window == at)?;
    Some((&bytes[..place], &bytes[place + at.len()..]))
}

fn field(head: &str, name: &str) -> Option<String> {
    let lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let mut found = lines.filter(|(key, _)| key.trim().eq_ignore_ascii_case(name));
    found.next().map(|(_, value)| value.trim().to_owned())
}

fn parameter(value: &str, name: &str) -> Option<String> {
    let pairs = value.split(';').skip(1).filter_map(|pair| pair.trim().split_once('='));
    let mut found = pairs.filter(|(key, _)| key.eq_ignore_ascii_case(name));
    found.next().map(|(_, value)| value.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TYPE: &str = "multipart/form-data; boundary=xyz";

    #[test]
    fn a_form_yields_its_payload_and_its_files_byte_for_byte() {
        let body = b"--xyz\r\nContent-Disposition: form-data; name=\"payload_json\"\r\nContent-Type: application/json\
            \r\n\r\n{\"content\":\"a\"}\r\n--xyz\r\nContent-Disposition: form-data; name=\"files[0]\"; \
            filename=\"p.md\"\r\nContent-Type: text/markdown\r\n\r\n# a\r\n\r\n-- b\r\n--xyz--\r\n";
        let file = File {
            number: 0,
            name: "p.md".to_owned(),
            content_type: Some("text/markdown".to_owned()),
            bytes: b"# a\r\n\r\n-- b".to_vec(),
        };
        assert_eq!(read(TYPE, body), Ok(Form { payload: json!({ "content": "a" }), files: vec![file] }));
    }

    #[test]
    fn what_is_no_form_is_told() {
        let told = |body: &[u8]| read(TYPE, body).expect_err("read it");
        assert_eq!(told(b"{}"), "the body does not begin with its boundary");
        assert_eq!(
            told(b"--xyz\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\na\r\n--xyz--"),
            "a part named file"
        );
        assert_eq!(
            told(b"--xyz\r\nContent-Disposition: form-data; name=\"files[0]\"\r\n\r\na"),
            "a part without an end"
        );
    }
}
