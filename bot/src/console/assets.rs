//! The page, embedded in the binary: a table of files, each with its type and a tag that changes with its bytes.

use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::auth::secret::Hash;

macro_rules! table {
    ($($file:literal => $media:literal),* $(,)?) => {
        /// Every file of the folder `page/`: path below `/`, media type, bytes.
        const FILES: &[(&str, &str, &str)] = &[$((
            $file,
            $media,
            include_str!(concat!("page/", $file)),
        )),*];
    };
}

table! {
    "index.html" => "text/html; charset=utf-8",
    "app.css" => "text/css; charset=utf-8",
    "icon.svg" => "image/svg+xml",
    "app.js" => "text/javascript; charset=utf-8",
    "card.js" => "text/javascript; charset=utf-8",
    "chart.js" => "text/javascript; charset=utf-8",
    "chat.js" => "text/javascript; charset=utf-8",
    "dom.js" => "text/javascript; charset=utf-8",
    "drill.js" => "text/javascript; charset=utf-8",
    "facts.js" => "text/javascript; charset=utf-8",
    "fleet.js" => "text/javascript; charset=utf-8",
    "header.js" => "text/javascript; charset=utf-8",
    "held.js" => "text/javascript; charset=utf-8",
    "keys.js" => "text/javascript; charset=utf-8",
    "layout.js" => "text/javascript; charset=utf-8",
    "message.js" => "text/javascript; charset=utf-8",
    "net.js" => "text/javascript; charset=utf-8",
    "plan.js" => "text/javascript; charset=utf-8",
    "prompt.js" => "text/javascript; charset=utf-8",
    "rail.js" => "text/javascript; charset=utf-8",
    "scale.js" => "text/javascript; charset=utf-8",
    "store.js" => "text/javascript; charset=utf-8",
    "theme.js" => "text/javascript; charset=utf-8",
    "timeline.js" => "text/javascript; charset=utf-8",
    "words.js" => "text/javascript; charset=utf-8",
}

/// The tags, in the order of [`FILES`].
static TAGS: LazyLock<Vec<String>> = LazyLock::new(|| {
    FILES.iter().map(|(_, _, bytes)| format!("\"{}\"", &Hash::of(bytes).hex()[..16])).collect()
});

/// A file of the page by its path (`/` is the page itself); none where there is none.
/// A browser that has these bytes already is told so.
#[must_use]
pub fn serve(path: &str, headers: &HeaderMap) -> Option<Response> {
    let name = match path {
        "/" => "index.html",
        "/index.html" => return None,
        _ => path.strip_prefix('/')?,
    };
    let place = FILES.iter().position(|(file, ..)| *file == name)?;
    let (_, media, bytes) = FILES.get(place)?;
    let tag = TAGS.get(place)?;
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let known =
        known.is_some_and(|line| line.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    let mut response =
        if known { StatusCode::NOT_MODIFIED.into_response() } else { (*bytes).into_response() };
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(tag) {
        out.insert(header::ETAG, tag);
    }
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_in_the_table() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/console/page");
        let mut there: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        there.sort();
        let mut table: Vec<String> = FILES.iter().map(|(file, ..)| (*file).to_owned()).collect();
        table.sort();
        assert_eq!(table, there);
    }

    #[test]
    fn a_browser_that_has_the_file_is_not_sent_it_again() {
        let first = serve("/app.js", &HeaderMap::new()).unwrap();
        assert_eq!(first.status(), StatusCode::OK);
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, first.headers()[header::ETAG].clone());
        assert_eq!(serve("/app.js", &headers).unwrap().status(), StatusCode::NOT_MODIFIED);
        assert_eq!(serve("/app.css", &headers).unwrap().status(), StatusCode::OK);
    }

    #[test]
    fn what_is_not_in_the_table_is_not_served() {
        for path in ["", "/../Cargo.toml", "/page/app.js", "/app.js/", "/index.html"] {
            assert!(serve(path, &HeaderMap::new()).is_none(), "{path}");
        }
    }
}
