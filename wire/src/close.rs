//! Close codes that may stand in a frame, and the payload that carries one.

use crate::{Closing, Violation};

/// Bytes of a reason: what a control frame has room for beside the code (RFC 6455, section 5.5).
pub(crate) const MOST_REASON: usize = 123;

/// Whether a Close may carry this code (RFC 6455, section 7.4, and the IANA registry: 1012 to 1014 were added there).
/// 1004, 1005, 1006 and 1015 are reserved for reports about what was never sent.
#[must_use]
pub const fn is_sendable(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

/// Reads the payload of a Close.
pub(crate) fn parse(payload: &[u8]) -> Result<Option<Closing<'_>>, Violation> {
    let Some((code, reason)) = payload.split_first_chunk() else {
        return if payload.is_empty() { Ok(None) } else { Err(Violation::CLOSE_OF_ONE_BYTE) };
    };
    let code = u16::from_be_bytes(*code);
    if !is_sendable(code) {
        return Err(Violation::CLOSE_CODE);
    }
    let reason = std::str::from_utf8(reason).map_err(|_where| Violation::UTF8)?;
    Ok(Some(Closing { code, reason }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_judged_by_the_registry() {
        let sendable = |code: u16| parse(&code.to_be_bytes()).is_ok();
        for code in (1000..=1003).chain(1007..=1014).chain([3000, 3999, 4000, 4999]) {
            assert!(sendable(code), "{code}");
        }
        for code in (0..=999).chain([1004, 1005, 1006]).chain(1015..=2999).chain(5000..=u16::MAX) {
            assert_eq!(parse(&code.to_be_bytes()), Err(Violation::CLOSE_CODE), "{code}");
        }
    }

    #[test]
    fn a_payload_is_nothing_or_a_code_and_a_reason() {
        assert_eq!(parse(b""), Ok(None));
        assert_eq!(parse(&[3]), Err(Violation::CLOSE_OF_ONE_BYTE));
        assert_eq!(parse(&[3, 232]), Ok(Some(Closing { code: 1000, reason: "" })));
        assert_eq!(parse(&[3, 232, 0xc3, 0xa9]), Ok(Some(Closing { code: 1000, reason: "é" })));
    }

    #[test]
    fn a_reason_is_utf8() {
        for reason in [&[0xff][..], &[0xc3], &[0xed, 0xa0, 0x80], &[0xc0, 0xaf]] {
            assert_eq!(parse(&[&[3, 232], reason].concat()), Err(Violation::UTF8), "{reason:x?}");
        }
    }
}
