//! Files of a folder, with the manners of Go's file server, which websocketd has: `index.html` stands for its folder,
//! folders without one are listed, and each thing has one address.
//!
//! What a part of a file, or whether it has changed, is asked for, [`tower_http`] answers. Deliberately absent: writing,
//! and ranges of more than one part, for which the whole is sent.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::SystemTime;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use tokio::fs;
use tokio::io::AsyncReadExt;
use tower_http::services::ServeFile;

use super::place::{Place, find};
use super::{escape, not_found, plain};

const INDEX: &str = "index.html";

/// How many bytes of a file tell what it is, where its name does not.
const SNIFFED: u64 = 512;

/// What a name in an address may have as it is (RFC 3986, section 2.3).
const NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Answers with what the path names below the folder.
pub(super) async fn answer(folder: &Path, mut request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let allow = [(header::ALLOW, HeaderValue::from_static("GET, HEAD"))];
        return (allow, plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are understood here\n"))
            .into_response();
    }
    let path = request.uri().path().to_owned();
    if path.ends_with("/index.html") {
        return redirect(&request, "./");
    }
    let Some(place) = find(folder, &path).await else { return not_found() };
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    match (place.metadata.is_dir(), path.ends_with('/')) {
        (true, false) => redirect(&request, &format!("{}/", relative(last))),
        (true, true) => {
            let index = find(folder, &format!("{path}{INDEX}")).await.filter(Place::is_file);
            match index {
                Some(index) => file(&index, &mut request).await,
                None => list(&place, request.headers()).await,
            }
        }
        (false, true) if place.is_file() => redirect(&request, &format!("../{}", relative(last))),
        (false, false) if place.is_file() => file(&place, &mut request).await,
        // A pipe or a device, which could be waited for for ever.
        (false, _) => not_found(),
    }
}

/// A name that is percent-encoded already, so that no colon makes it another address.
fn relative(name: &str) -> String {
    if name.contains(':') { format!("./{name}") } else { name.to_owned() }
}

/// To another address for the same thing, seen from this one, with the same query.
fn redirect(request: &Request, to: &str) -> Response {
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    match HeaderValue::try_from(format!("{to}{query}")) {
        Ok(to) => (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, to)]).into_response(),
        Err(_) => not_found(),
    }
}

async fn file(place: &Place, request: &mut Request) -> Response {
    let Ok(kind) = HeaderValue::try_from(kind(&place.path).await) else { return not_found() };
    // What is said about another state of the file holds for no part of this one (RFC 9110, section 13.1.5).
    if request.headers().get(header::IF_RANGE).is_some_and(|state| !is_state(place, state)) {
        request.headers_mut().remove(header::RANGE);
    }
    let mut asked = Request::new(Body::empty());
    *asked.method_mut() = request.method().clone();
    *asked.headers_mut() = std::mem::take(request.headers_mut());
    let mut serve = ServeFile::new(&place.path).ignore_multi_range_requests(true);
    match serve.try_call(asked).await {
        Ok(response) => {
            let mut response = response.map(Body::new);
            if response.headers().contains_key(header::CONTENT_TYPE) {
                response.headers_mut().insert(header::CONTENT_TYPE, kind);
            }
            response
        }
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            plain(StatusCode::FORBIDDEN, "403 Forbidden\n")
        }
        Err(_) => not_found(),
    }
}

/// Whether an `If-Range` names the state that a file is in, by its time. Tags of what may be weak name none.
fn is_state(place: &Place, state: &HeaderValue) -> bool {
    let named = state.to_str().ok().and_then(|date| httpdate::parse_http_date(date).ok());
    named.is_some() && named == seconds(place)
}

/// When it was changed, as a header can tell it.
fn seconds(place: &Place) -> Option<SystemTime> {
    httpdate::parse_http_date(&httpdate::fmt_http_date(place.metadata.modified().ok()?)).ok()
}

/// The media type, by the name, else by whether it begins like a text.
async fn kind(path: &Path) -> String {
    let known = mime_guess::from_path(path).first_raw();
    match known {
        Some(kind) if kind.starts_with("text/") => format!("{kind}; charset=utf-8"),
        Some(kind) => kind.to_owned(),
        None if is_text(path).await => "text/plain; charset=utf-8".to_owned(),
        None => "application/octet-stream".to_owned(),
    }
}

async fn is_text(path: &Path) -> bool {
    let Ok(file) = fs::File::open(path).await else { return false };
    let mut begin = Vec::new();
    if file.take(SNIFFED).read_to_end(&mut begin).await.is_err() {
        return false;
    }
    let printed = begin.iter().all(|byte| *byte >= b' ' || matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b'\x1b'));
    // The last character may be cut.
    printed && std::str::from_utf8(&begin).map_or_else(|error| error.error_len().is_none(), |_| true)
}

/// A page with the names in a folder, those of folders with a slash.
async fn list(place: &Place, headers: &HeaderMap) -> Response {
    let modified = seconds(place);
    let known = headers.get(header::IF_MODIFIED_SINCE).and_then(|date| date.to_str().ok());
    let known = known.and_then(|date| httpdate::parse_http_date(date).ok());
    let mut told: Vec<(HeaderName, HeaderValue)> = Vec::new();
    if let Some(modified) = modified
        && let Ok(modified) = HeaderValue::try_from(httpdate::fmt_http_date(modified))
    {
        told.push((header::LAST_MODIFIED, modified));
    }
    let told = HeaderMap::from_iter(told);
    if modified.is_some() && known >= modified {
        return (StatusCode::NOT_MODIFIED, told).into_response();
    }
    let Ok(names) = names(&place.path).await else {
        return plain(StatusCode::FORBIDDEN, "403 Forbidden\n");
    };
    let mut page = String::from("<!doctype html>\n<meta name=\"viewport\" content=\"width=device-width\">\n<pre>\n");
    for (name, slash) in names {
        let href = percent_encode(&name, NAME);
        let shown = String::from_utf8_lossy(&name);
        page.push_str(&format!("<a href=\"{href}{slash}\">{}{slash}</a>\n", escape(&shown)));
    }
    page.push_str("</pre>\n");
    (told, axum::response::Html(page)).into_response()
}

/// The names in a folder, sorted, and what stands behind each.
async fn names(folder: &Path) -> std::io::Result<Vec<(Vec<u8>, &'static str)>> {
    let mut entries = fs::read_dir(folder).await?;
    let mut names = Vec::new();
    while let Some(entry) = entries.next_entry().await? {
        let is_folder = entry.file_type().await.is_ok_and(|kind| kind.is_dir());
        names.push((entry.file_name().as_bytes().to_vec(), if is_folder { "/" } else { "" }));
    }
    names.sort_unstable();
    Ok(names)
}
