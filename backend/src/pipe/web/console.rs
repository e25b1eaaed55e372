//! The Workbench, opened on the address that was asked for: any path's own WebSocket.
//!
//! The Workbench is a module of the chat's page and stays what it is there; `console.html` loads it and plays the part
//! of the page. The address is the browser's own, so that nothing of the request gets into the document. What it loads lies
//! below [`PLACE`], where nothing but a GET without an upgrade ever comes.
//!
//! Deliberately absent: the chat, its engine, and everything of it that the Workbench shows elsewhere.

use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::plain;
use crate::http::assets::Assets;

/// Below which path the files of the page are.
const PLACE: &str = "/_readyroom/";

/// The document. What stands in braces is put in.
const DOCUMENT: &str = include_str!("console.html");

/// What is said where the page is not in the program.
const NO_PAGE: &str = "The developer console is part of the page, and this program was built without its page.\n\
    Build both with: cargo xtask dist\n\
    开发者控制台是页面的一部分，而此程序构建时未包含页面。请一起构建：cargo xtask dist\n";

/// Its files, each by how its name begins and ends; between is what it is a digest of.
const FILES: [(&str, &str, &str); 4] = [
    ("{style}", "style-", ".css"),
    ("{sheet}", "workbench-", ".css"),
    ("{loader}", "readyroom-workbench-", ".js"),
    ("{module}", "readyroom-workbench-", "_bg.wasm"),
];

/// The files of the page.
static ASSETS: LazyLock<Assets> = LazyLock::new(Assets::default);

/// The document with the names of its files, and the policy for it; nothing, where the page is not in the program.
static CONSOLE: LazyLock<Option<(String, HeaderValue)>> = LazyLock::new(|| {
    let names: Vec<_> = Assets::names().collect();
    let html = document(&names.iter().map(AsRef::as_ref).collect::<Vec<_>>())?;
    let policy = policy(&html);
    Some((html, policy))
});

/// Answers with the console, or with a file of it.
pub(super) fn answer(request: &Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let allow = [(header::ALLOW, HeaderValue::from_static("GET, HEAD"))];
        return (allow, plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are understood here\n"))
            .into_response();
    }
    if let Some(file) = request.uri().path().strip_prefix(PLACE)
        && is_file(file)
        && let Some(mut response) = ASSETS.file(file, request.headers())
    {
        protect(response.headers_mut());
        return response;
    }
    let Some((html, policy)) = &*CONSOLE else {
        return plain(StatusCode::SERVICE_UNAVAILABLE, NO_PAGE);
    };
    let mut response = Response::new(Body::from(html.as_str()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy.clone());
    protect(headers);
    response
}

fn protect(headers: &mut HeaderMap) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}

/// Whether it is one of the files that the console needs: nothing else of the page is to be had here.
fn is_file(name: &str) -> bool {
    FILES.iter().any(|(_, begin, end)| name.starts_with(begin) && name.ends_with(end))
}

/// The document with the names of its files; nothing, where one is missing.
fn document(names: &[&str]) -> Option<String> {
    let mut html = DOCUMENT.to_owned();
    for (place, begin, end) in FILES {
        let name = names.iter().find(|name| name.starts_with(begin) && name.ends_with(end))?;
        html = html.replace(place, &format!("{PLACE}{name}"));
    }
    Some(html)
}

/// Its one script is allowed by its hash.
fn policy(html: &str) -> HeaderValue {
    let script = html.split_once("<script type=\"module\">").and_then(|(_, rest)| rest.split_once("</script>"));
    let hash = STANDARD.encode(Sha256::digest(script.map_or("", |(script, _)| script)));
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'sha256-{hash}'; style-src 'self'; \
         img-src 'self' data:; connect-src 'self' ws: wss:; form-action 'none'; base-uri 'none'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'"
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 6] = [
        "style-1.css",
        "workbench-2.css",
        "readyroom-workbench-3.js",
        "readyroom-workbench-4_bg.wasm",
        "readyroom-page-5.js",
        "readyroom-workbench-3.js.br",
    ];

    #[test]
    fn the_document_names_its_files_and_nothing_is_left_open() {
        let html = document(&NAMES).unwrap();
        for name in NAMES.iter().take(4) {
            assert!(html.contains(&format!("\"{PLACE}{name}\"")), "{html}");
        }
        assert!(FILES.iter().all(|(place, _, _)| !html.contains(place)));
        assert!(policy(&html).to_str().unwrap().contains("sha256-"));
        assert_eq!(document(&NAMES[1..]), None);
    }

    #[test]
    fn nothing_else_of_the_page_is_served() {
        assert!(is_file(NAMES[2]) && is_file(NAMES[3]));
        assert!(!is_file("index.html") && !is_file(NAMES[4]) && !is_file(NAMES[5]) && !is_file("sw.js"));
    }
}
