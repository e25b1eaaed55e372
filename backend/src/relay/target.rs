//! A wish, checked: where to connect, and what to ask there.
//!
//! Deliberately absent: whether that is allowed, which is decided by the addresses that the name turns out to have.

#[cfg(test)]
mod tests;

use common::relay::{Cause, Failure, MOST_HEADER_BYTES, MOST_HEADERS, Stage, Wish};
use data_encoding::HEXLOWER_PERMISSIVE;
use url::{Host, Url};

use super::failed;

/// Ports that browsers connect to for nothing (the standard Fetch, "bad port"): a handshake must not be taken for mail.
const BAD_PORTS: [u16; 83] = [
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109,
    110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531,
    532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060,
    5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

/// Headers that belong to the handshake itself, or would make another request of it.
const OWN: [&str; 10] = [
    "sec-websocket-key",
    "sec-websocket-version",
    "sec-websocket-accept",
    "sec-websocket-extensions",
    "sec-websocket-protocol",
    "connection",
    "upgrade",
    "content-length",
    "transfer-encoding",
    "te",
];

/// Where to connect, and what to ask there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// Whether to speak TLS.
    pub(super) secure: bool,
    pub(super) host: Host<String>,
    pub(super) port: u16,
    /// The value of `Host`.
    pub(crate) authority: String,
    /// Path and query.
    pub(super) path: String,
    pub(super) protocols: Vec<String>,
    pub(super) headers: Vec<(String, String)>,
    /// The one certificate to accept.
    pub(super) fingerprint: Option<[u8; 32]>,
    pub(super) deflate: bool,
}

impl Target {
    /// Checks a wish.
    pub(crate) fn new(wish: Wish) -> Result<Self, Box<Failure>> {
        let url = address(&wish.url)?;
        let secure = matches!(url.scheme(), "wss" | "https");
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(bad_url("the address has no host", ""));
        };
        if BAD_PORTS.contains(&port) {
            let why = format!("port {port} is one of another protocol, and browsers connect to it for nothing either");
            return Err(failed(Stage::Policy, Cause::BadPort, &why, "let the server listen on another port"));
        }
        let authority = url.port().map_or_else(|| host.to_string(), |port| format!("{host}:{port}"));
        let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        check_protocols(&wish.protocols)?;
        let (hosts, headers): (Vec<_>, Vec<_>) =
            check_headers(wish.headers)?.into_iter().partition(|(name, _)| name.eq_ignore_ascii_case("host"));
        if hosts.len() > 1 {
            return Err(bad_header("Host is set twice"));
        }
        Ok(Self {
            secure,
            host: host.to_owned(),
            port,
            authority: hosts.into_iter().next().map_or(authority, |(_, host)| host),
            path,
            protocols: wish.protocols,
            headers,
            fingerprint: wish.fingerprint.as_deref().map(fingerprint).transpose()?,
            deflate: wish.deflate,
        })
    }
}

fn address(text: &str) -> Result<Url, Box<Failure>> {
    let url =
        Url::parse(text).map_err(|error| bad_url(&format!("url: {error}"), "an address is like wss://host/path"))?;
    if !matches!(url.scheme(), "ws" | "wss" | "http" | "https") {
        return Err(bad_url("url: the scheme is none of ws, wss, http and https", ""));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad_url("url: has a name or password", "set the header Authorization instead"));
    }
    if url.fragment().is_some() {
        return Err(bad_url("url: has a fragment", "take away what begins with #"));
    }
    Ok(url)
}

fn bad_url(why: &str, hint: &str) -> Box<Failure> {
    failed(Stage::Url, Cause::BadUrl, why, hint)
}

fn bad_header(why: &str) -> Box<Failure> {
    failed(Stage::Url, Cause::BadHeader, &format!("headers: {why}"), "")
}

/// Each is a token, and stands there once (RFC 6455, section 4.1).
fn check_protocols(names: &[String]) -> Result<(), Box<Failure>> {
    let bad = |why: &str| Err(failed(Stage::Url, Cause::BadProtocol, &format!("protocols: {why}"), ""));
    for (at, name) in names.iter().enumerate() {
        if !is_token(name) {
            return bad(&format!("{name:?} is no token of letters, digits and !#$%&'*+-.^_`|~"));
        }
        if names.iter().take(at).any(|before| before == name) {
            return bad(&format!("{name:?} stands there twice"));
        }
    }
    if names.iter().map(String::len).sum::<usize>() > MOST_HEADER_BYTES {
        return bad(&format!("more than {MOST_HEADER_BYTES} bytes"));
    }
    Ok(())
}

fn check_headers(headers: Vec<(String, String)>) -> Result<Vec<(String, String)>, Box<Failure>> {
    if headers.len() > MOST_HEADERS {
        return Err(bad_header(&format!("more than {MOST_HEADERS}")));
    }
    if headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > MOST_HEADER_BYTES {
        return Err(bad_header(&format!("more than {MOST_HEADER_BYTES} bytes")));
    }
    for (name, value) in &headers {
        if !is_token(name) {
            return Err(bad_header(&format!("{name:?} is no name of a header")));
        }
        if value.chars().any(char::is_control) {
            return Err(bad_header(&format!("the value of {name} has a control character")));
        }
        if OWN.iter().any(|own| name.eq_ignore_ascii_case(own)) {
            return Err(bad_header(&format!("{name} belongs to the handshake itself")));
        }
    }
    Ok(headers)
}

/// RFC 9110, section 5.6.2.
fn is_token(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_part)
}

/// A SHA-256 in hexadecimal, with or without colons or blanks.
fn fingerprint(text: &str) -> Result<[u8; 32], Box<Failure>> {
    let digits: String = text.chars().filter(|digit| !matches!(digit, ':' | ' ')).collect();
    let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| {
        let why = "fingerprint: is no SHA-256 of 64 hexadecimal digits";
        failed(Stage::Url, Cause::BadFingerprint, why, "a failed connection tells the certificate's own")
    })
}
