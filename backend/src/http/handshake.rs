//! The WebSocket handshake, decided from the request alone: an upgrade in HTTP/1.1 (RFC 6455, section 4.2), an extended
//! CONNECT in HTTP/2 (RFC 8441, section 5), and compression in both (RFC 7692).
//!
//! Neighbours: `upgrade` carries the decision out; the guard has looked at Host and Origin before. Deliberately absent:
//! other extensions, none of which is known.

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Version, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::SUBPROTOCOL;
use hyper::ext::Protocol;
use wire::deflate::{self, Params, Preference};

/// What the chat wants of compression. A server that keeps a context for each client's messages pays for it with memory;
/// its own context it may keep. A message is compressed once for all its readers, with the widest window.
const CHAT: Preference = Preference {
    server_no_context_takeover: false,
    client_no_context_takeover: true,
    server_max_window_bits: WIDEST,
    client_max_window_bits: WIDEST,
};

/// What a pipe wants of compression: no context on either side, so that no connection holds one.
const PIPE: Preference = Preference { server_no_context_takeover: true, ..CHAT };

/// What the labs want of compression: whatever the client does.
const LAB: Preference = Preference { client_no_context_takeover: false, ..CHAT };

const WIDEST: u8 = 15;

/// How a handshake is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Accepted {
    /// HTTP/1.1: 101, and this is the value of `Sec-WebSocket-Accept`.
    Upgrade(String),
    /// HTTP/2: 200.
    Connect,
}

/// Why a handshake is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Another method: 405, and the one that is expected.
    WrongMethod(&'static str),
    /// Not a WebSocket request at all: 426 with `Upgrade: websocket`.
    UpgradeRequired,
    /// Another version of the protocol: 426 with `Sec-WebSocket-Version: 13`, or 400 where there is no upgrade.
    WrongVersion(Version),
    /// A tunnel for another protocol: 501 (RFC 9220, section 3).
    WrongProtocol,
    /// A header is missing or wrong: 400. It names the header.
    Bad(&'static str),
}

/// Checks a handshake.
pub(crate) fn check(request: &Parts) -> Result<Accepted, Refused> {
    match request.version {
        Version::HTTP_2 => connect(request),
        version => upgrade(&request.method, version, &request.headers).map(Accepted::Upgrade),
    }
}

fn connect(request: &Parts) -> Result<Accepted, Refused> {
    if request.method != Method::CONNECT {
        return Err(Refused::WrongMethod("CONNECT"));
    }
    let protocol = request.extensions.get::<Protocol>().map(Protocol::as_str);
    if !protocol.is_some_and(|protocol| protocol.eq_ignore_ascii_case("websocket")) {
        return Err(Refused::WrongProtocol);
    }
    version_13(Version::HTTP_2, &request.headers)?;
    Ok(Accepted::Connect)
}

fn upgrade(method: &Method, version: Version, headers: &HeaderMap) -> Result<String, Refused> {
    if method != Method::GET {
        return Err(Refused::WrongMethod("GET"));
    }
    if !has_token(headers, &header::UPGRADE, "websocket") {
        return Err(Refused::UpgradeRequired);
    }
    if version < Version::HTTP_11 {
        return Err(Refused::Bad("HTTP/1.1 is expected"));
    }
    if !has_token(headers, &header::CONNECTION, "upgrade") {
        return Err(Refused::Bad("connection: upgrade is expected"));
    }
    // What follows is the first frame to us, and might be a body to whatever stands before us.
    let declares = headers.get_all(header::CONTENT_LENGTH).iter().any(|length| length != "0");
    if declares || headers.contains_key(header::TRANSFER_ENCODING) {
        return Err(Refused::Bad("content-length: a handshake has no body"));
    }
    version_13(version, headers)?;
    let key = single(headers, &header::SEC_WEBSOCKET_KEY)
        .filter(|key| STANDARD.decode(key).is_ok_and(|bytes| bytes.len() == 16))
        .and_then(|key| std::str::from_utf8(key).ok())
        .ok_or(Refused::Bad("sec-websocket-key: one of 16 bytes in base64 is expected"))?;
    Ok(wire::handshake::accept_key(key))
}

fn version_13(version: Version, headers: &HeaderMap) -> Result<(), Refused> {
    match single(headers, &header::SEC_WEBSOCKET_VERSION) {
        Some(b"13") => Ok(()),
        Some(_) | None => Err(Refused::WrongVersion(version)),
    }
}

/// Agrees on compression for the chat, and gives the header that says so. Who wants a narrower window than the one that
/// is shared goes without.
pub(super) fn chat_deflate(headers: &HeaderMap) -> Option<(Params, HeaderValue)> {
    shared(headers, &CHAT)
}

/// Agrees on compression for a pipe, and gives the header that says so. The window is the widest as well.
pub(crate) fn pipe_deflate(headers: &HeaderMap) -> Option<(Params, HeaderValue)> {
    shared(headers, &PIPE)
}

fn shared(headers: &HeaderMap, preference: &Preference) -> Option<(Params, HeaderValue)> {
    // Offer by offer, so that one that is declined does not stand in the way of the next.
    offers(headers).find_map(|offer| agree([offer].into_iter(), preference).filter(|(params, _)| is_shared(params)))
}

/// Agrees on compression for a lab, and gives the header that says so.
pub(super) fn lab_deflate(headers: &HeaderMap) -> Option<(Params, HeaderValue)> {
    agree(extensions(headers), &LAB)
}

fn agree<'a>(offers: impl Iterator<Item = &'a str>, preference: &Preference) -> Option<(Params, HeaderValue)> {
    let (params, answer) = deflate::negotiate(offers, preference)?;
    Some((params, HeaderValue::try_from(answer).ok()?))
}

fn is_shared(params: &Params) -> bool {
    params.server_max_window_bits == WIDEST
}

fn extensions(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers.get_all(header::SEC_WEBSOCKET_EXTENSIONS).iter().filter_map(|value| value.to_str().ok())
}

/// The single offers. A comma within a quoted value breaks an offer that nobody could meet anyway: no parameter's value
/// has one.
fn offers(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    extensions(headers).flat_map(|value| value.split(','))
}

/// Agrees on a subprotocol. Who names none speaks ours and gets no header.
pub(super) fn subprotocol(headers: &HeaderMap) -> Result<Option<HeaderValue>, Refused> {
    let mut named = offered_subprotocols(headers).peekable();
    if named.peek().is_none() {
        return Ok(None);
    }
    if named.any(|name| name == SUBPROTOCOL) {
        Ok(Some(HeaderValue::from_static(SUBPROTOCOL)))
    } else {
        Err(Refused::Bad("sec-websocket-protocol: readyroom.v1 is expected"))
    }
}

/// The subprotocols that a client offers, in its order.
pub(crate) fn offered_subprotocols(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    tokens(headers, &header::SEC_WEBSOCKET_PROTOCOL)
}

fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a [u8]> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    values.next().is_none().then_some(first.as_bytes())
}

/// Whether a header that is a list names this, whatever its case.
pub(crate) fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    tokens(headers, name).any(|found| found.eq_ignore_ascii_case(token))
}

fn tokens<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    const GOOD: [(&str, &str); 4] = [
        ("upgrade", "websocket"),
        ("connection", "keep-alive, Upgrade"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];

    /// The good upgrade with one header's values replaced.
    fn with(name: &'static str, values: &[&str]) -> Result<String, Refused> {
        let mut headers = HeaderMap::new();
        for (known, value) in GOOD.into_iter().filter(|(known, _)| *known != name) {
            headers.append(known, value.parse().unwrap());
        }
        for value in values {
            headers.append(name, value.parse().unwrap());
        }
        upgrade(&Method::GET, Version::HTTP_11, &headers)
    }

    /// An extended CONNECT.
    fn tunnel(method: Method, protocol: Option<&'static str>, version: &str) -> Result<Accepted, Refused> {
        let request =
            Request::builder().version(Version::HTTP_2).method(method).header("sec-websocket-version", version);
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        if let Some(protocol) = protocol {
            parts.extensions.insert(Protocol::from_static(protocol));
        }
        check(&parts)
    }

    #[test]
    fn the_example_of_the_rfc_is_accepted() {
        assert_eq!(with("x", &[]).as_deref(), Ok("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
        assert!(with("upgrade", &["WebSocket"]).is_ok());
    }

    #[test]
    fn what_is_no_upgrade_is_told_to_be_one() {
        assert_eq!(with("upgrade", &[]), Err(Refused::UpgradeRequired));
        assert_eq!(with("upgrade", &["h2c"]), Err(Refused::UpgradeRequired));
        assert_eq!(upgrade(&Method::POST, Version::HTTP_11, &HeaderMap::new()), Err(Refused::WrongMethod("GET")));
    }

    #[test]
    fn http_2_opens_a_tunnel_and_needs_no_key() {
        assert_eq!(tunnel(Method::CONNECT, Some("websocket"), "13"), Ok(Accepted::Connect));
        assert_eq!(tunnel(Method::GET, None, "13"), Err(Refused::WrongMethod("CONNECT")));
        assert_eq!(tunnel(Method::CONNECT, None, "13"), Err(Refused::WrongProtocol));
        assert_eq!(tunnel(Method::CONNECT, Some("connect-udp"), "13"), Err(Refused::WrongProtocol));
        assert_eq!(tunnel(Method::CONNECT, Some("websocket"), "8"), Err(Refused::WrongVersion(Version::HTTP_2)),);
    }

    #[test]
    fn another_version_is_told_ours() {
        for values in [&["8"][..], &[], &["13", "13"], &["13, 8"], &["013"]] {
            assert_eq!(
                with("sec-websocket-version", values),
                Err(Refused::WrongVersion(Version::HTTP_11)),
                "{values:?}"
            );
        }
    }

    #[test]
    fn a_bad_key_is_bad() {
        let key = "dGhlIHNhbXBsZSBub25jZQ==";
        for values in [&[][..], &["short"], &["AAAA"], &[key, key], &["dGhlIHNhbXBsZSBub25jZQ"], &[""]] {
            assert!(matches!(with("sec-websocket-key", values), Err(Refused::Bad(_))), "{values:?}");
        }
    }

    #[test]
    fn a_handshake_has_no_body() {
        assert!(with("content-length", &["0"]).is_ok());
        for (name, value) in [("content-length", "42"), ("transfer-encoding", "chunked")] {
            assert!(matches!(with(name, &[value]), Err(Refused::Bad(_))), "{name}");
        }
    }

    #[test]
    fn the_connection_must_ask_for_the_upgrade() {
        for values in [&[][..], &["keep-alive"], &["notupgrade"]] {
            assert!(matches!(with("connection", values), Err(Refused::Bad(_))), "{values:?}");
        }
    }

    #[test]
    fn a_subprotocol_is_ours_or_unnamed() {
        let agree = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("sec-websocket-protocol", HeaderValue::from_static(value));
            }
            subprotocol(&headers).map(|agreed| agreed.is_some())
        };
        assert_eq!(agree(&[]), Ok(false));
        assert_eq!(agree(&["readyroom.v1"]), Ok(true));
        assert_eq!(agree(&["chat, readyroom.v1"]), Ok(true));
        assert_eq!(agree(&["chat", "readyroom.v1"]), Ok(true));
        assert!(agree(&["chat"]).is_err() && agree(&["readyroom.v2, READYROOM.V1"]).is_err());
    }

    /// What is agreed on for the chat and for a lab, where the client sends these headers.
    fn compression(values: &[&'static str]) -> [Option<String>; 2] {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::SEC_WEBSOCKET_EXTENSIONS, HeaderValue::from_static(value));
        }
        [chat_deflate(&headers), lab_deflate(&headers)]
            .map(|agreed| agreed.map(|(_, answer)| answer.to_str().unwrap().to_owned()))
    }

    #[test]
    fn the_chat_keeps_no_context_for_clients_and_one_window_for_all() {
        let plain = "permessage-deflate";
        let chat = "permessage-deflate; client_no_context_takeover";
        for (offers, chat, echo) in [
            (&[][..], None, None),
            (&["x-unknown"], None, None),
            // What browsers offer.
            (&["permessage-deflate; client_max_window_bits"], Some(chat), Some(plain)),
            (&["x-unknown; a=b", "permessage-deflate"], Some(chat), Some(plain)),
            (&["permessage-deflate; nonsense"], None, None),
            (
                &["permessage-deflate; server_max_window_bits=10"],
                None,
                Some("permessage-deflate; server_max_window_bits=10"),
            ),
            (
                &["permessage-deflate; server_max_window_bits=10, permessage-deflate"],
                Some(chat),
                Some("permessage-deflate; server_max_window_bits=10"),
            ),
        ] {
            let [found_chat, found_echo] = compression(offers);
            assert_eq!((found_chat.as_deref(), found_echo.as_deref()), (chat, echo), "{offers:?}");
        }
        let [forgetful, _] = compression(&["permessage-deflate; server_no_context_takeover"]);
        let forgetful = forgetful.unwrap();
        assert!(forgetful.contains("server_no_context_takeover") && forgetful.contains("client_no_context_takeover"));
    }
}
