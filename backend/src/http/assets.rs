//! The page: the files that the build put into the program, compressed ahead of time.
//!
//! Every path that is no file and looks like none is the page too, so that links into the chat work. Deliberately
//! absent: compressing anything while the server runs.

use std::sync::Mutex;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};

use super::Http;
use super::error::AppError;
use super::negotiate::{Coding, codings, has_it, is_hashed};

const INDEX: &str = "index.html";

const NO_PAGE: &str = "Readyroom runs, but this program was built without its page.\n\
    Build both with: cargo xtask run\n";

#[derive(RustEmbed)]
#[folder = "../target/page"]
#[allow_missing = true]
struct Embedded;

/// Where the files come from. In development they are read from the disk at every request.
type Find = fn(&str) -> Option<EmbeddedFile>;

/// The files and the policy that protects them.
#[derive(Debug)]
pub struct Assets {
    find: Find,
    /// The policy for the page of this hash: it changes with the page, and in development the page changes.
    csp: Mutex<Option<([u8; 32], HeaderValue)>>,
}

impl Default for Assets {
    fn default() -> Self {
        Self::new(Embedded::get)
    }
}

impl Assets {
    /// Files from elsewhere, for tests.
    #[must_use]
    pub fn new(find: Find) -> Self {
        Self { find, csp: Mutex::new(None) }
    }

    /// The Content-Security-Policy of every answer. The page's inline scripts are allowed by their hashes.
    #[must_use]
    pub fn csp(&self) -> HeaderValue {
        let index = (self.find)(INDEX);
        let hash = index.as_ref().map_or([0; 32], |index| index.metadata.sha256_hash());
        let Ok(mut cached) = self.csp.lock() else { return policy("") };
        match &*cached {
            Some((known, policy)) if *known == hash => policy.clone(),
            Some(_) | None => {
                let html = index.map(|index| String::from_utf8_lossy(&index.data).into_owned()).unwrap_or_default();
                let policy = policy(&html);
                *cached = Some((hash, policy.clone()));
                policy
            }
        }
    }

    fn answer(&self, method: &Method, path: &str, headers: &HeaderMap) -> Response {
        if !matches!(*method, Method::GET | Method::HEAD) {
            return AppError::WrongMethod.into_response();
        }
        let name = path.trim_start_matches('/');
        let is_file = name.rsplit('/').next().is_some_and(|last| last.contains('.'));
        let name = if is_file { name } else { INDEX };
        if name.ends_with(".br") || name.ends_with(".gz") {
            return AppError::NotFound("there is no such file").into_response();
        }
        match self.file(name, headers) {
            Some(response) => response,
            None if name == INDEX => (StatusCode::SERVICE_UNAVAILABLE, NO_PAGE).into_response(),
            None => AppError::NotFound("there is no such file").into_response(),
        }
    }

    /// Answers with a file, compressed as the request takes it; nothing, where there is none of this name.
    #[must_use]
    pub fn file(&self, name: &str, headers: &HeaderMap) -> Option<Response> {
        let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let (coding, file) = codings(text(header::ACCEPT_ENCODING))
            .into_iter()
            .chain([Coding::Identity])
            .find_map(|coding| Some((coding, (self.find)(&format!("{name}{}", coding.suffix()))?)))?;
        Some(respond(name, coding, file, text(header::IF_NONE_MATCH)))
    }

    /// The names of the files that the program has in it, compressed copies among them.
    pub fn names() -> impl Iterator<Item = std::borrow::Cow<'static, str>> {
        Embedded::iter()
    }
}

/// Serves a file, or the page for every address that is no file's.
pub(super) async fn serve(State(http): State<Http>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    http.assets.answer(&method, uri.path(), &headers)
}

fn respond(name: &str, coding: Coding, file: EmbeddedFile, if_none_match: Option<&str>) -> Response {
    let hash: String = file.metadata.sha256_hash().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let etag = format!("\"{hash}\"");
    let fresh = has_it(if_none_match, &etag);
    let mut headers = HeaderMap::new();
    let cache = if is_hashed(name) { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(etag) = HeaderValue::try_from(etag) {
        headers.insert(header::ETAG, etag);
    }
    if fresh {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(mime(name)));
    if let Some(coding) = coding.name() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    let bytes = match file.data {
        std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        std::borrow::Cow::Owned(bytes) => Bytes::from(bytes),
    };
    (headers, Body::from(bytes)).into_response()
}

fn mime(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn policy(html: &str) -> HeaderValue {
    let hashes: String =
        inline_scripts(html).map(|script| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(script)))).collect();
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{hashes}; style-src 'self'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self' ws: wss:; manifest-src 'self'; worker-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'"
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// What stands between `<script …>` and `</script>` in a page of our own making, where `…` has no `src`.
fn inline_scripts(html: &str) -> impl Iterator<Item = &str> {
    html.split("<script").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (script, _) = rest.split_once("</script")?;
        (!attributes.contains("src=") && !script.is_empty()).then_some(script)
    })
}

#[cfg(test)]
mod tests;
