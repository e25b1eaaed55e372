//! A small page, served.

use std::borrow::Cow;

use rust_embed::Metadata;

use super::*;

const FILES: &[(&str, &str)] = &[
    ("index.html", "<script>start()</script><script src=\"/a.js\"></script>"),
    ("index.html.br", "br of index"),
    ("index.html.gz", "gz of index"),
    ("app-0123456789abcdef.wasm", "wasm"),
    ("app-0123456789abcdef.wasm.br", "br of wasm"),
    ("style.css", "css"),
    ("sw.js", "worker"),
];

fn find(name: &str) -> Option<EmbeddedFile> {
    let (_, text) = FILES.iter().find(|(known, _)| *known == name)?;
    let metadata = Metadata::__rust_embed_new(Sha256::digest(text).into(), None, None);
    Some(EmbeddedFile { data: Cow::Borrowed(text.as_bytes()), metadata })
}

fn get(path: &str, headers: &[(&'static str, &str)]) -> Response {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, value.parse().unwrap());
    }
    Assets::new(find).answer(&Method::GET, path, &map)
}

fn header(response: &Response, name: &str) -> String {
    response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

async fn body(response: Response) -> String {
    String::from_utf8(axum::body::to_bytes(response.into_body(), 10_000).await.unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn the_best_coding_that_there_is_is_served() {
    let response = get("/", &[("accept-encoding", "gzip, br")]);
    assert_eq!(header(&response, "content-encoding"), "br");
    assert_eq!(header(&response, "content-type"), "text/html; charset=utf-8");
    assert_eq!(header(&response, "vary"), "accept-encoding");
    assert_eq!(body(response).await, "br of index");
    assert_eq!(body(get("/", &[("accept-encoding", "gzip")])).await, "gz of index");
    // There is no gzip of it, so it comes as it is.
    let plain = get("/app-0123456789abcdef.wasm", &[("accept-encoding", "gzip")]);
    assert_eq!(header(&plain, "content-encoding"), "");
    assert_eq!(header(&plain, "content-type"), "application/wasm");
    assert_eq!(body(plain).await, "wasm");
}

#[test]
fn hashed_names_are_kept_for_ever_and_others_are_asked_for_again() {
    assert_eq!(header(&get("/app-0123456789abcdef.wasm", &[]), "cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(header(&get("/style.css", &[]), "cache-control"), "no-cache");
}

#[test]
fn the_service_worker_is_a_script_that_is_asked_for_again_and_may_be_one() {
    let response = get("/sw.js", &[]);
    assert_eq!(header(&response, "cache-control"), "no-cache");
    assert_eq!(header(&response, "content-type"), "text/javascript; charset=utf-8");
    assert!(Assets::new(find).csp().to_str().unwrap().contains("worker-src 'self'"));
}

#[test]
fn who_has_it_already_is_told_so() {
    let etag = header(&get("/style.css", &[]), "etag");
    assert_eq!(get("/style.css", &[("if-none-match", &etag)]).status(), StatusCode::NOT_MODIFIED);
    assert_eq!(get("/style.css", &[("if-none-match", "\"other\"")]).status(), StatusCode::OK);
    // The same page in another coding is another entity.
    assert_ne!(header(&get("/", &[]), "etag"), header(&get("/", &[("accept-encoding", "br")]), "etag"));
}

#[tokio::test]
async fn addresses_that_look_like_no_file_are_the_page() {
    assert!(body(get("/rooms/r7", &[])).await.contains("start()"));
    for path in ["/missing.js", "/rooms/x.png", "/index.html.br", "/../Cargo.toml"] {
        assert_eq!(get(path, &[]).status(), StatusCode::NOT_FOUND, "{path}");
    }
    let posted = Assets::new(find).answer(&Method::POST, "/", &HeaderMap::new());
    assert_eq!(posted.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn without_a_page_the_server_says_how_to_build_it() {
    let response = Assets::new(|_| None).answer(&Method::GET, "/", &HeaderMap::new());
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(body(response).await.contains("cargo xtask run"));
}

#[test]
fn inline_scripts_are_allowed_by_their_hash() {
    let policy = Assets::new(find).csp();
    let policy = policy.to_str().unwrap();
    let hash = STANDARD.encode(Sha256::digest("start()"));
    assert!(policy.contains(&format!("script-src 'self' 'wasm-unsafe-eval' 'sha256-{hash}';")), "{policy}");
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe-inline"));
}
