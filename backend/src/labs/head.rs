//! Handshakes as they were read and written, to be shown to whoever made them.
//!
//! What would let a page become somebody is left out: it may read what it could not otherwise, for browsers keep cookies
//! from scripts. Names of headers are in lower case, as HTTP/2 wants them and hyper writes them.

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Response, StatusCode, Version, header};
use common::labs::{Handshake, Head};
use hyper::ext::Protocol;

/// What stands for a value that is not shown.
const HIDDEN: &str = "…";

/// Both heads of a handshake.
#[must_use]
pub fn handshake<B>(request: &Parts, response: &Response<B>) -> Handshake {
    Handshake { request: of_request(request), response: of_response(request.version, response) }
}

/// A request's head.
#[must_use]
pub fn of_request(request: &Parts) -> Head {
    let uri = &request.uri;
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let mut headers = Vec::new();
    if let Some(protocol) = request.extensions.get::<Protocol>() {
        headers.push((":protocol".to_owned(), protocol.as_str().to_owned()));
    }
    if request.version == Version::HTTP_2 {
        headers.extend(uri.scheme_str().map(|scheme| (":scheme".to_owned(), scheme.to_owned())));
        headers.extend(uri.authority().map(|host| (":authority".to_owned(), host.to_string())));
    }
    headers.extend(shown(&request.headers));
    Head { line: format!("{} {target} {}", request.method, name(request.version)), headers }
}

fn of_response<B>(version: Version, response: &Response<B>) -> Head {
    let status: StatusCode = response.status();
    let line = match (version, status.canonical_reason()) {
        (Version::HTTP_2, _) | (_, None) => format!("{} {}", name(version), status.as_u16()),
        (_, Some(reason)) => format!("{} {} {reason}", name(version), status.as_u16()),
    };
    Head { line, headers: shown(response.headers()).collect() }
}

fn name(version: Version) -> &'static str {
    match version {
        Version::HTTP_2 => "HTTP/2",
        Version::HTTP_10 => "HTTP/1.0",
        _ => "HTTP/1.1",
    }
}

fn shown(headers: &HeaderMap) -> impl Iterator<Item = (String, String)> {
    headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.as_str().to_owned(), show(name, &value))
    })
}

fn show(name: &HeaderName, value: &str) -> String {
    if *name == header::COOKIE {
        let names = value.split(';').map(|pair| pair.split('=').next().unwrap_or_default().trim());
        return names.map(|name| format!("{name}={HIDDEN}")).collect::<Vec<_>>().join("; ");
    }
    if *name == header::AUTHORIZATION || *name == header::PROXY_AUTHORIZATION || *name == header::SET_COOKIE {
        return HIDDEN.to_owned();
    }
    value.to_owned()
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[test]
    fn a_head_is_shown_without_what_is_secret() {
        let request = Request::get("/labs/handshake?x=1")
            .header("host", "localhost")
            .header("cookie", "session=abc; theme=dark")
            .header("authorization", "Bearer abc")
            .header("x-two", "1")
            .header("x-two", "2");
        let (request, ()) = request.body(()).unwrap().into_parts();
        let response = Response::builder().status(101).header("upgrade", "websocket").body(()).unwrap();
        let Handshake { request, response } = handshake(&request, &response);
        assert_eq!(request.line, "GET /labs/handshake?x=1 HTTP/1.1");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let expected = [
            pair("host", "localhost"),
            pair("cookie", "session=…; theme=…"),
            pair("authorization", "…"),
            pair("x-two", "1"),
            pair("x-two", "2"),
        ];
        assert_eq!(request.headers, expected);
        assert_eq!(response.line, "HTTP/1.1 101 Switching Protocols");
        assert_eq!(response.headers, [pair("upgrade", "websocket")]);
    }
}
