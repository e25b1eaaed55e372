//! The WebSocket handshake (RFC 6455, section 4.2), decided from the request alone.
//!
//! Neighbours: `upgrade` carries the decision out; the guard has looked at Host and Origin before. Deliberately absent:
//! extensions, none of which is offered.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Version, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::SUBPROTOCOL;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// Why a handshake is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// Not a GET: 405.
    WrongMethod,
    /// Not a WebSocket request at all: 426 with `Upgrade: websocket`.
    UpgradeRequired,
    /// Another version of the protocol: 426 with `Sec-WebSocket-Version: 13`.
    WrongVersion,
    /// A header is missing or wrong: 400. It names the header.
    Bad(&'static str),
}

/// Checks the upgrade and gives the value of `Sec-WebSocket-Accept`.
pub(super) fn check(method: &Method, version: Version, headers: &HeaderMap) -> Result<String, Refused> {
    if method != Method::GET {
        return Err(Refused::WrongMethod);
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
    match single(headers, &header::SEC_WEBSOCKET_VERSION) {
        Some(b"13") => {}
        Some(_) | None => return Err(Refused::WrongVersion),
    }
    let key = single(headers, &header::SEC_WEBSOCKET_KEY)
        .filter(|key| STANDARD.decode(key).is_ok_and(|bytes| bytes.len() == 16))
        .ok_or(Refused::Bad("sec-websocket-key: one of 16 bytes in base64 is expected"))?;
    Ok(derive_accept_key(key))
}

/// Agrees on a subprotocol. Who names none speaks ours and gets no header.
pub(super) fn subprotocol(headers: &HeaderMap) -> Result<Option<HeaderValue>, Refused> {
    let mut named = tokens(headers, &header::SEC_WEBSOCKET_PROTOCOL).peekable();
    if named.peek().is_none() {
        return Ok(None);
    }
    if named.any(|name| name == SUBPROTOCOL) {
        Ok(Some(HeaderValue::from_static(SUBPROTOCOL)))
    } else {
        Err(Refused::Bad("sec-websocket-protocol: readyroom.v1 is expected"))
    }
}

fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a [u8]> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    values.next().is_none().then_some(first.as_bytes())
}

fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    tokens(headers, name).any(|found| found.eq_ignore_ascii_case(token))
}

fn tokens<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [(&str, &str); 4] = [
        ("upgrade", "websocket"),
        ("connection", "keep-alive, Upgrade"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];

    /// The good request with one header's values replaced.
    fn with(name: &'static str, values: &[&str]) -> Result<String, Refused> {
        let mut headers = HeaderMap::new();
        for (known, value) in GOOD.into_iter().filter(|(known, _)| *known != name) {
            headers.append(known, value.parse().unwrap());
        }
        for value in values {
            headers.append(name, value.parse().unwrap());
        }
        check(&Method::GET, Version::HTTP_11, &headers)
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
        assert_eq!(check(&Method::POST, Version::HTTP_11, &HeaderMap::new()), Err(Refused::WrongMethod));
    }

    #[test]
    fn another_version_is_told_ours() {
        for values in [&["8"][..], &[], &["13", "13"], &["13, 8"], &["013"]] {
            assert_eq!(with("sec-websocket-version", values), Err(Refused::WrongVersion), "{values:?}");
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
}
