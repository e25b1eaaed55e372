//! What a script says before its body (RFC 3875, section 6): lines with headers, and an empty one.

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use bytes::BytesMut;

/// How many bytes it may take to say it: as many as a client may say.
const LONGEST: usize = 64 * 1024;

/// Headers that are the connection's, and not the script's to say (RFC 9110, section 7.6.1).
const OURS: [HeaderName; 4] = [header::CONNECTION, header::TRANSFER_ENCODING, header::UPGRADE, header::TRAILER];

/// What was said.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// The status: 200 where none is named, 302 where another address is.
    pub(super) status: StatusCode,
    /// The headers for the client.
    pub(super) headers: HeaderMap,
}

/// Why it cannot be passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    /// It ended before the empty line.
    #[error("the script ended before the empty line behind its headers")]
    Unended,
    /// It is too long.
    #[error("the script's headers are longer than {LONGEST} bytes")]
    TooLong,
    /// A line is none of a header.
    #[error("the script said a header line that is none: a name, a colon and a value are expected")]
    NoHeader,
    /// The status is none of an answer.
    #[error("the script's Status is none: a number from 200 to 599 is expected")]
    BadStatus,
    /// Nothing says what follows.
    #[error("the script said neither Content-Type nor Location nor Status")]
    NoType,
}

/// Gathers what a script says until its head is whole.
#[derive(Debug, Default)]
pub(super) struct Reader {
    gathered: BytesMut,
}

impl Reader {
    /// Takes some bytes; once the head is whole it is given, with what stands behind it.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<Option<(Head, Bytes)>, Fault> {
        // What was looked through before may have ended within the empty line.
        let looked = self.gathered.len().saturating_sub(2);
        self.gathered.extend_from_slice(bytes);
        let Some(end) = end(&self.gathered, looked) else {
            return if self.gathered.len() > LONGEST { Err(Fault::TooLong) } else { Ok(None) };
        };
        if end > LONGEST {
            return Err(Fault::TooLong);
        }
        let head = self.gathered.split_to(end);
        parse(&head).map(|head| Some((head, self.gathered.split().freeze())))
    }
}

/// Where the empty line ends. It may be the first.
fn end(bytes: &[u8], looked: usize) -> Option<usize> {
    let breaks = bytes.iter().enumerate().skip(looked).filter(|(_, byte)| **byte == b'\n');
    breaks.map(|(at, _)| at).find_map(|at| {
        let before = bytes.get(..at)?;
        let before = before.strip_suffix(b"\r").unwrap_or(before);
        (before.is_empty() || before.ends_with(b"\n")).then_some(at + 1)
    })
}

fn parse(head: &[u8]) -> Result<Head, Fault> {
    let mut headers = HeaderMap::new();
    let mut status = None;
    for line in head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()) {
        let colon = line.iter().position(|byte| *byte == b':').ok_or(Fault::NoHeader)?;
        let (name, value) = line.split_at_checked(colon).ok_or(Fault::NoHeader)?;
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        if name.eq_ignore_ascii_case(b"status") {
            status = Some(code(value).ok_or(Fault::BadStatus)?);
            continue;
        }
        let name = HeaderName::from_bytes(name).map_err(|_invalid| Fault::NoHeader)?;
        let value = HeaderValue::from_bytes(value).map_err(|_invalid| Fault::NoHeader)?;
        if !OURS.contains(&name) {
            headers.append(name, value);
        }
    }
    let elsewhere = headers.contains_key(header::LOCATION).then_some(StatusCode::FOUND);
    let typed = headers.contains_key(header::CONTENT_TYPE).then_some(StatusCode::OK);
    Ok(Head { status: status.or(elsewhere).or(typed).ok_or(Fault::NoType)?, headers })
}

/// `404 Not Found` and the like; the words are the client's business no more.
fn code(value: &[u8]) -> Option<StatusCode> {
    let number = value.get(..3)?;
    let is_end = value.get(3).is_none_or(|byte| *byte == b' ');
    let code = StatusCode::from_bytes(number).ok()?;
    (is_end && (200..600).contains(&code.as_u16())).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &'static str) -> Result<Option<(Head, Bytes)>, Fault> {
        Reader::default().read(text.as_bytes())
    }

    #[test]
    fn the_head_ends_with_an_empty_line_wherever_it_is_cut() {
        for text in
            ["Content-Type: text/plain\nX-A: 1\n\nbody\n\n", "Content-Type: text/plain\r\nX-A: 1\r\n\r\nbody\n\n"]
        {
            for cut in 0..text.len() {
                let mut reader = Reader::default();
                let (first, second) = text.split_at(cut);
                let read = match reader.read(first.as_bytes()).unwrap() {
                    Some((head, rest)) => (head, [&rest[..], second.as_bytes()].concat()),
                    None => {
                        let (head, rest) = reader.read(second.as_bytes()).unwrap().unwrap();
                        (head, rest.to_vec())
                    }
                };
                assert_eq!(read.0.status, StatusCode::OK);
                assert_eq!(read.0.headers["x-a"], "1");
                assert_eq!(read.1, b"body\n\n", "cut at {cut} of {text:?}");
            }
        }
    }

    #[test]
    fn a_status_and_another_address_are_understood() {
        let head = |text| read(text).unwrap().unwrap().0;
        assert_eq!(head("Status: 404 Not Found\nContent-Type: a/b\n\n").status, StatusCode::NOT_FOUND);
        assert_eq!(head("status: 204\n\n").status, StatusCode::NO_CONTENT);
        assert_eq!(head("Location: /there\n\n").status, StatusCode::FOUND);
        assert_eq!(head("Location: http://a/\nStatus: 307 There\n\n").status, StatusCode::TEMPORARY_REDIRECT);
        assert_eq!(head("Content-Type: a/b\nConnection: upgrade\n\n").headers.len(), 1);
        assert_eq!(head("Content-Type: a/b\nSet-Cookie: a=1\nSet-Cookie: b=2\n\n").headers.len(), 3);
    }

    #[test]
    fn what_is_no_head_is_refused() {
        assert_eq!(read("\nbody"), Err(Fault::NoType));
        assert_eq!(read("X-A: 1\n\n"), Err(Fault::NoType));
        assert_eq!(read("Content-Type: a/b\nno header\n\n"), Err(Fault::NoHeader));
        assert_eq!(read("Content-Type: a/b\nb ad: 1\n\n"), Err(Fault::NoHeader));
        for status in
            ["Status: 101 Switching\n\n", "Status: 20\n\n", "Status: 2000\n\n", "Status: ok\n\n", "Status: 999\n\n"]
        {
            assert_eq!(read(status), Err(Fault::BadStatus), "{status}");
        }
        assert_eq!(read("Content-Type: a/b\n"), Ok(None));
        assert_eq!(Reader::default().read(&[b'a'; LONGEST + 1]), Err(Fault::TooLong));
    }
}
