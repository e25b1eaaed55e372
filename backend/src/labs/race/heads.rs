//! How long heads are, as HTTP/1.1 writes them (RFC 9112), to the byte: a line, `name: value` lines, an empty line.
//!
//! What hyper would add to an answer is added here, so that it adds nothing: its rules are those of
//! `hyper::proto::h1::role`. Of a request, which hyper has read, one blank behind each colon is counted, as all browsers
//! write it. HTTP/2 packs heads (HPACK) in a way that cannot be seen from here; they are counted as HTTP/1.1 would write
//! them.

use std::time::SystemTime;

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Version, header};

/// The end of a line.
const LINE: usize = "\r\n".len();

/// What follows an answer's head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// Nothing can, as with 101 and 204.
    None,
    /// So many bytes.
    Known(usize),
    /// Pieces, each by itself (`Transfer-Encoding: chunked`).
    Chunks,
}

/// Bytes in a request's head.
#[must_use]
pub fn of_request(request: &Parts) -> u64 {
    let target = request.uri.path_and_query().map_or(1, |target| target.as_str().len());
    let line = request.method.as_str().len() + 1 + target + " HTTP/1.1".len() + LINE;
    let host = request.uri.authority().filter(|_| !request.headers.contains_key(header::HOST));
    let host = host.map_or(0, |host| field("host", host.as_str().as_bytes()));
    (line + host + fields(&request.headers)) as u64
}

/// Bytes in an answer's head.
#[must_use]
pub fn of_answer(status: StatusCode, headers: &HeaderMap) -> u64 {
    let reason = status.canonical_reason().unwrap_or("<none>").len();
    ("HTTP/1.1 200 ".len() + reason + LINE + fields(headers)) as u64
}

/// Bytes around so many in a chunk: their number in hexadecimal, and two ends of lines.
#[must_use]
pub fn around_chunk(bytes: usize) -> u64 {
    (format!("{bytes:X}").len() + 2 * LINE) as u64
}

/// Bytes of the chunk that ends a body.
pub const LAST_CHUNK: u64 = "0\r\n\r\n".len() as u64;

/// Writes into an answer's head what HTTP/1.1 says besides: the date, how the body ends, and that the connection does.
pub fn complete(request: &Parts, headers: &mut HeaderMap, body: Body) {
    headers.insert(header::DATE, date());
    match body {
        Body::None => {}
        Body::Known(bytes) => drop(headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes))),
        Body::Chunks => {
            headers.insert(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        }
    }
    if ends(&request.headers) {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
}

/// Takes out again what HTTP/2 must not have (RFC 9113, section 8.2.2).
pub fn fit(version: Version, headers: &mut HeaderMap) {
    if version == Version::HTTP_2 {
        headers.remove(header::TRANSFER_ENCODING);
        headers.remove(header::CONNECTION);
    }
}

fn date() -> HeaderValue {
    let date = httpdate::fmt_http_date(SystemTime::now());
    HeaderValue::try_from(date).unwrap_or_else(|_never| HeaderValue::from_static("Thu, 01 Jan 1970 00:00:00 GMT"))
}

/// Whether the client lets the connection end with this answer.
fn ends(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::CONNECTION).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|token| token.trim().eq_ignore_ascii_case("close"))
}

/// All lines of a head but the first.
fn fields(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| field(name.as_str(), value.as_bytes())).sum::<usize>() + LINE
}

fn field(name: &str, value: &[u8]) -> usize {
    name.len() + ": ".len() + value.len() + LINE
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[test]
    fn heads_are_as_long_as_they_are() {
        let text = "GET /labs/race/x/poll?after=7 HTTP/1.1\r\nhost: a:80\r\nx-a: 1\r\nx-a: 22\r\n\r\n";
        let request = Request::get("/labs/race/x/poll?after=7").header("host", "a:80").header("x-a", "1");
        let (request, ()) = request.header("x-a", "22").body(()).unwrap().into_parts();
        assert_eq!(of_request(&request), text.len() as u64);
        let (request, ()) = Request::get("http://a:80/labs/race/x/poll?after=7")
            .header("x-a", "1")
            .header("x-a", "22")
            .body(())
            .unwrap()
            .into_parts();
        assert_eq!(of_request(&request), text.len() as u64, "HTTP/2 names its host apart");

        let mut headers = HeaderMap::new();
        complete(&request, &mut headers, Body::Known(2));
        let text = "HTTP/1.1 404 Not Found\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\ncontent-length: 2\r\n\r\n";
        assert_eq!(of_answer(StatusCode::NOT_FOUND, &headers), text.len() as u64);
    }

    #[test]
    fn a_chunk_is_framed() {
        for (bytes, framed) in [(1, "1\r\n\r\n"), (15, "F\r\n\r\n"), (16, "10\r\n\r\n"), (4096, "1000\r\n\r\n")] {
            assert_eq!(around_chunk(bytes), framed.len() as u64);
        }
    }

    #[test]
    fn who_ends_the_connection_is_told_so() {
        for (value, closes) in [("close", true), ("keep-alive, Close", true), ("keep-alive", false), ("closed", false)]
        {
            let request = Request::get("/").header("connection", value).body(()).unwrap().into_parts().0;
            let mut headers = HeaderMap::new();
            complete(&request, &mut headers, Body::Chunks);
            assert_eq!(headers.contains_key(header::CONNECTION), closes, "{value}");
            assert_eq!(headers["transfer-encoding"], "chunked");
            fit(Version::HTTP_2, &mut headers);
            assert_eq!(headers.keys().collect::<Vec<_>>(), ["date"]);
        }
    }
}
