//! The dashboard's files, embedded in the binary.
//!
//! Files below `assets/` carry a hash in their name and are kept by browsers forever; everything else is
//! asked for again, with an `ETag`. A path that is no file is a page of the dashboard: its `index.html`.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::error::{ApiError, ErrorKind};

/// The page that draws all the others.
const INDEX: &str = "index.html";
/// Where the files with a hash in their name lie.
const HASHED: &str = "assets/";
/// What `/` says in a build without a dashboard.
const MISSING: &str = "The dashboard is not part of this build.\nRun `make build` (or `npm ci && npm run build` in web/, then cargo build again).\n";

/// What the dashboard's build left in `web/dist`.
#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Files;

/// Answers every path that is not a route.
pub(crate) async fn file(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    answer::<Files>(&method, &uri, &headers)
}

/// Answers with a file of `F`, with its index for a page, or says that there is nothing.
fn answer<F: RustEmbed>(method: &Method, uri: &Uri, headers: &HeaderMap) -> Response {
    let path = uri.path();
    let name = path.trim_start_matches('/');
    if !matches!(*method, Method::GET | Method::HEAD) || name == "v1" || name.starts_with("v1/") {
        let message = format!("there is no route {method} {path}");
        return ApiError::new(ErrorKind::UnknownRoute, message).into_response();
    }
    if let Some(file) = F::get(name) {
        return send(name, file, headers);
    }
    // Below a page stand names that people and applications chose: `/users/ada@example.com`.
    let is_below =
        name.contains('/') && !name.starts_with(HASHED) && !name.split('/').any(|part| part == "..");
    if name.contains('.') && !is_below {
        return ApiError::new(ErrorKind::UnknownRoute, format!("there is no file {path}")).into_response();
    }
    match F::get(INDEX) {
        Some(index) => send(INDEX, index, headers),
        None => (StatusCode::NOT_FOUND, MISSING).into_response(),
    }
}

/// Answers with a file, or with 304 when the browser has it already.
fn send(name: &str, file: EmbeddedFile, headers: &HeaderMap) -> Response {
    let tag = entity_tag(&file.metadata.sha256_hash());
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|tags| holds(tags, &tag));
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let body = match file.data {
            Cow::Borrowed(bytes) => Body::from(bytes),
            Cow::Owned(bytes) => Body::from(bytes),
        };
        Response::new(body)
    };
    let caching = if name.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let fields = [
        (header::CACHE_CONTROL, caching.to_owned()),
        (header::CONTENT_TYPE, content_type(file.metadata.mimetype())),
        (header::ETAG, tag),
    ];
    for (field, value) in fields {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(field, value);
        }
    }
    response
}

/// Returns the type with its charset: all our text is UTF-8.
fn content_type(mime: &str) -> String {
    if mime.starts_with("text/") { format!("{mime}; charset=utf-8") } else { mime.to_owned() }
}

/// Returns the strong entity tag of a file with this hash.
fn entity_tag(hash: &[u8; 32]) -> String {
    let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}

/// Returns whether an `If-None-Match` names `tag`.
fn holds(tags: &HeaderValue, tag: &str) -> bool {
    let Ok(tags) = tags.to_str() else { return false };
    tags.split(',')
        .map(|known| known.trim().trim_start_matches("W/"))
        .any(|known| known == tag || known == "*")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small dashboard.
    #[derive(RustEmbed)]
    #[folder = "src/dashboard/fixture"]
    struct Fixture;

    /// A build without one.
    #[derive(RustEmbed)]
    #[folder = "src/dashboard/nothing"]
    #[allow_missing = true]
    struct Nothing;

    fn get(path: &'static str, if_none_match: Option<&str>) -> Response {
        let mut headers = HeaderMap::new();
        if let Some(tag) = if_none_match {
            headers.insert(header::IF_NONE_MATCH, HeaderValue::from_str(tag).unwrap());
        }
        answer::<Fixture>(&Method::GET, &Uri::from_static(path), &headers)
    }

    fn field(response: &Response, name: header::HeaderName) -> &str {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[test]
    fn serves_files_with_their_type_and_pages_with_the_index() {
        let check = |path: &'static str, status: u16, content_type: &str, caching: &str| {
            let response = get(path, None);
            assert_eq!(response.status(), status, "{path}");
            assert_eq!(field(&response, header::CONTENT_TYPE), content_type, "{path}");
            assert_eq!(field(&response, header::CACHE_CONTROL), caching, "{path}");
        };
        let forever = "public, max-age=31536000, immutable";
        check("/", 200, "text/html; charset=utf-8", "no-cache");
        check("/requests/0199f0a1?tab=body", 200, "text/html; charset=utf-8", "no-cache");
        check("/users/ada%40example.com", 200, "text/html; charset=utf-8", "no-cache");
        check("/sessions/v1.2/x.js", 200, "text/html; charset=utf-8", "no-cache");
        check("/index.html", 200, "text/html; charset=utf-8", "no-cache");
        check("/icon.svg", 200, "image/svg+xml", "no-cache");
        check("/assets/app-0f1e2d.js", 200, "text/javascript; charset=utf-8", forever);
        check("/assets/app-0f1e2d.css", 200, "text/css; charset=utf-8", forever);
        check("/assets/app-old.js", 404, "application/json", "");
        check("/missing.txt", 404, "application/json", "");
        check("/../Cargo.toml", 404, "application/json", "");
        check("/v1/nothing", 404, "application/json", "");
        check("/v1", 404, "application/json", "");
    }

    #[test]
    fn sends_a_file_only_once_to_a_browser_that_keeps_it() {
        let first = get("/assets/app-0f1e2d.js", None);
        let tag = field(&first, header::ETAG).to_owned();
        assert_eq!(tag.len(), 34);
        let check = |tags: &str, status: u16| {
            let response = get("/assets/app-0f1e2d.js", Some(tags));
            assert_eq!(response.status(), status, "{tags}");
            assert_eq!(field(&response, header::ETAG), tag);
        };
        check(&tag, 304);
        check(&format!("\"other\", W/{tag}"), 304);
        check("*", 304);
        check("\"other\"", 200);
    }

    #[test]
    fn says_how_to_build_the_dashboard_when_there_is_none() {
        let response = answer::<Nothing>(&Method::GET, &Uri::from_static("/"), &HeaderMap::new());
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert_eq!(field(&response, header::CONTENT_TYPE), "text/plain; charset=utf-8");
        assert!(MISSING.contains("make build"));
    }

    #[test]
    fn answers_only_reads() {
        let response = answer::<Fixture>(&Method::POST, &Uri::from_static("/"), &HeaderMap::new());
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert_eq!(field(&response, header::CONTENT_TYPE), "application/json");
    }
}
