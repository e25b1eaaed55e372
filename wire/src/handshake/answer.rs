//! What a server answers, judged as RFC 6455, section 4.1, tells a client to.

#[cfg(test)]
mod tests;

use std::fmt;

use super::{Request, accept_key};
use crate::deflate::{Mismatch, Params};

/// Bytes of an answer's head beyond which no more is read: what common servers and proxies send at most.
const MOST_HEAD: usize = 16 * 1024;
/// Headers in an answer.
const MOST_HEADERS: usize = 64;

/// The connection is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Which of ours the server chose.
    pub subprotocol: Option<String>,
    /// How both ends compress.
    pub deflate: Option<Params>,
    /// Bytes of the answer. Frames begin behind them.
    pub size: usize,
}

/// Why the connection does not come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The server answered with a status other than 101.
    Status(u16),
    /// What came is no HTTP, or has too many headers or too long ones.
    NotHttp,
    /// A header is missing or not what it has to be. It names the header.
    Header(&'static str),
    /// The extensions are not what was offered.
    Extensions,
}

impl Request<'_> {
    /// Judges what the server has sent so far; `None` when more has to come.
    ///
    /// # Errors
    ///
    /// Why there will be no connection.
    pub fn judge(&self, bytes: &[u8]) -> Result<Option<Accepted>, Refused> {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        let size = match response.parse(bytes) {
            Ok(httparse::Status::Complete(size)) => size,
            Ok(httparse::Status::Partial) if bytes.len() < MOST_HEAD => return Ok(None),
            Ok(httparse::Status::Partial) | Err(_) => return Err(Refused::NotHttp),
        };
        match response.code {
            Some(101) => self.judge_headers(response.headers, size).map(Some),
            Some(code) => Err(Refused::Status(code)),
            None => Err(Refused::NotHttp),
        }
    }

    fn judge_headers(&self, headers: &[httparse::Header<'_>], size: usize) -> Result<Accepted, Refused> {
        let values = |name: &'static str| {
            let named = headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(name));
            named.map(|header| std::str::from_utf8(header.value).unwrap_or_default().trim_ascii())
        };
        let tokens = |name| values(name).flat_map(|value| value.split(',')).map(str::trim_ascii);
        let has_token = |name, token: &str| tokens(name).any(|found: &str| found.eq_ignore_ascii_case(token));
        if !has_token("upgrade", "websocket") {
            return Err(Refused::Header("upgrade"));
        }
        if !has_token("connection", "upgrade") {
            return Err(Refused::Header("connection"));
        }
        if !values("sec-websocket-accept").eq([accept_key(self.key)]) {
            return Err(Refused::Header("sec-websocket-accept"));
        }
        let mut chosen = values("sec-websocket-protocol");
        let subprotocol = chosen.next();
        if chosen.next().is_some() || subprotocol.is_some_and(|name| !self.subprotocols.contains(&name)) {
            return Err(Refused::Header("sec-websocket-protocol"));
        }
        let extensions = values("sec-websocket-extensions");
        let deflate = match &self.deflate {
            Some(offer) => offer.accept(extensions)?,
            None if extensions.filter(|value| !value.is_empty()).count() > 0 => return Err(Refused::Extensions),
            None => None,
        };
        Ok(Accepted { subprotocol: subprotocol.map(str::to_owned), deflate, size })
    }
}

impl From<Mismatch> for Refused {
    fn from(Mismatch: Mismatch) -> Self {
        Self::Extensions
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(code) => write!(f, "the server answered {code}"),
            Self::NotHttp => f.write_str("the answer is no HTTP"),
            Self::Header(name) => write!(f, "the answer's {name} is missing or wrong"),
            Self::Extensions => Mismatch.fmt(f),
        }
    }
}

impl std::error::Error for Refused {}
