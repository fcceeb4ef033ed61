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
#[folder = "$CARGO_MANIFEST_DIR/../../web/dist"]
#[allow_missing = true]
struct Files;

/// Answers every path that is not a route.
pub(crate) async fn file(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path();
    let name = path.trim_start_matches('/');
    if !matches!(method, Method::GET | Method::HEAD) || name == "v1" || name.starts_with("v1/") {
        let message = format!("there is no route {method} {path}");
        return ApiError::new(ErrorKind::UnknownRoute, message).into_response();
    }
    if let Some(file) = Files::get(name) {
        return send(name, file, &headers);
    }
    let is_page = !name.rsplit('/').next().unwrap_or_default().contains('.');
    if !is_page {
        return ApiError::new(ErrorKind::UnknownRoute, format!("there is no file {path}")).into_response();
    }
    match Files::get(INDEX) {
        Some(index) => send(INDEX, index, &headers),
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
