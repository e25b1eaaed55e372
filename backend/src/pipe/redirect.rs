//! A port whose every request is sent to the main one, with its path.

use axum::Router;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::env;
use super::route;
use super::settings::Headers;

/// Answers every request with the same address on another port.
pub(super) fn router(tls: bool, port: u16, headers: Headers) -> Router {
    Router::new().fallback(move |request: Request| {
        let (request, _unread) = request.into_parts();
        let mut response = match location(&request, tls, port) {
            Some(location) => {
                (StatusCode::MOVED_PERMANENTLY, HeaderMap::from_iter([(header::LOCATION, location)])).into_response()
            }
            None => (StatusCode::BAD_REQUEST, "400 Bad Request: the host is missing\n").into_response(),
        };
        route::dress(&headers, &mut response);
        std::future::ready::<Response>(response)
    })
}

/// The host that was asked, and its path, on the main port.
fn location(request: &Parts, tls: bool, port: u16) -> Option<HeaderValue> {
    let authority: Authority = env::host(request).parse().ok()?;
    let scheme = if tls { "https" } else { "http" };
    let path = request.uri.path_and_query().map_or("/", |path| path.as_str());
    HeaderValue::try_from(format!("{scheme}://{}:{port}{path}", authority.host())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_kept_and_the_port_is_ours() {
        for (host, uri, tls, expected) in [
            ("example.com", "/", false, Some("http://example.com:8080/")),
            ("example.com:81", "/a/b?c=d", true, Some("https://example.com:8080/a/b?c=d")),
            ("[::1]:81", "/", false, Some("http://[::1]:8080/")),
            ("[::1]", "/", false, Some("http://[::1]:8080/")),
            ("", "/", false, None),
            ("a b", "/", false, None),
        ] {
            let request = Request::builder().uri(uri).header("host", host).body(()).unwrap();
            let found = location(&request.into_parts().0, tls, 8080);
            assert_eq!(found.as_ref().and_then(|found| found.to_str().ok()), expected, "{host} {uri}");
        }
    }
}
