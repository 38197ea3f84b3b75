//! The web application, embedded.
//!
//! Release builds carry the files of `web/dist` in the program; other builds read them from there, so that a web build shows
//! at once. A hub built without them runs all the same and says so on a page. Files below `/assets` have a hash in their
//! name and are kept by browsers for ever; any address that is no file is the application's own and gets `index.html`.

use crate::error::Problem;
use crate::server::no_such_address;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct WebFiles;

const INDEX: &str = "index.html";
const MISSING: &str = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Floorwire Hub</title></head>\
    <body><h1>The web pages are not part of this build</h1>\
    <p>The hub itself works. To see its pages, run <code>npm ci</code> and <code>npm run build</code> in <code>web/</code>, \
    then build and start the hub again.</p>\
    <p>The programming interface is described at <a href=\"/api/v1/openapi.json\">/api/v1/openapi.json</a>.</p></body></html>\n";

/// Answers everything that no route does.
pub async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            "method not allowed",
        )
        .detail("pages can only be read")
        .into_response();
    }
    let path = uri.path().trim_start_matches('/');
    if !path.is_empty()
        && let Some(file) = WebFiles::get(path)
    {
        return answer(path, file, &headers);
    }
    if path.starts_with("assets/") {
        return no_such_address().await.into_response();
    }
    match WebFiles::get(INDEX) {
        Some(file) => answer(INDEX, file, &headers),
        None => {
            let html = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
            (StatusCode::SERVICE_UNAVAILABLE, html, MISSING).into_response()
        }
    }
}

fn answer(path: &str, file: EmbeddedFile, request: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", hex::encode(&file.metadata.sha256_hash()[..16]));
    let kept = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let unchanged = request
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let kind = mime_guess::from_path(path).first_or_octet_stream();
        let kind = if kind.type_() == mime_guess::mime::TEXT {
            format!("{kind}; charset=utf-8")
        } else {
            kind.to_string()
        };
        ([(header::CONTENT_TYPE, kind)], file.data).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}
