//! Answers to requests that are no WebSockets, in this order: the status, the console, a CGI script, a file, 404.
//!
//! Deliberately absent: the headers that the command line adds, which [`super::route`] puts onto every answer.

mod cgi;
mod console;
mod place;
mod statics;
mod status;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::log::Level;
use super::route::Site;

/// What requests are logged as.
const HTTP: &str = "http";

/// Answers a request that is no WebSocket. The lines that `site` writes have to be those of the request.
pub(super) async fn answer(site: &Site, request: Request) -> Response {
    let access = |what: &str| site.log.line(Level::Access, HTTP, &what);
    let settings = &site.settings;
    if let Some(asked) = settings.status.as_deref().and_then(|at| status::asked(at, request.uri().path())) {
        access("STATUS");
        return status::answer(site, asked, &request);
    }
    if settings.devconsole {
        access("DEVCONSOLE");
        return console::answer(&request);
    }
    if let Some(folder) = &settings.cgidir
        && let Some(script) = place::find(folder, request.uri().path()).await.filter(place::Place::is_file)
    {
        return cgi::answer(site, script, request).await;
    }
    if let Some(folder) = &settings.staticdir {
        access("STATIC");
        return statics::answer(folder, request).await;
    }
    access("NOT FOUND");
    not_found()
}

/// There is nothing.
fn not_found() -> Response {
    plain(StatusCode::NOT_FOUND, "404 page not found\n")
}

/// A few words, which no browser takes for anything else.
pub(super) fn plain(status: StatusCode, text: &'static str) -> Response {
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (status, headers, text).into_response()
}

/// A text that is safe in HTML, between tags and in quoted attributes.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}
