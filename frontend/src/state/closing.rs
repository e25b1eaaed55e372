//! What `close(code, reason)` takes: the browser's own rules, checked before it has to throw.
//!
//! WHATWG WebSockets, "close(code, reason)": 1000 or 3000 to 4999, and at most 123 bytes of UTF-8.

use common::close::CloseCode;

/// Bytes of UTF-8 that a reason may have: a control frame carries 125, two of which are the code.
pub(crate) const REASON_BYTES: usize = 123;

/// Why `close()` would throw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CloseFault {
    /// `InvalidAccessError`
    Code,
    /// `SyntaxError`
    Reason {
        /// Bytes of UTF-8 found.
        bytes: usize,
    },
}

/// Reads the two fields.
pub(crate) fn read(code: &str, reason: &str) -> Result<(CloseCode, String), CloseFault> {
    let code = code.trim().parse().ok().filter(|code| matches!(code, 1000 | 3000..=4999));
    let code = code.ok_or(CloseFault::Code)?;
    if reason.len() > REASON_BYTES {
        return Err(CloseFault::Reason { bytes: reason.len() });
    }
    Ok((code, reason.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_1000_or_3000_to_4999() {
        for code in ["1000", "3000", " 4999 ", "4001"] {
            assert!(read(code, "").is_ok(), "{code}");
        }
        for code in ["", "1001", "1006", "2999", "5000", "99999", "-1", "1e3", "abc"] {
            assert_eq!(read(code, ""), Err(CloseFault::Code), "{code}");
        }
    }

    #[test]
    fn a_reason_is_counted_in_bytes_of_utf8() {
        assert!(read("1000", &"x".repeat(123)).is_ok());
        assert!(read("1000", &"é".repeat(61)).is_ok());
        assert_eq!(read("1000", &"é".repeat(62)), Err(CloseFault::Reason { bytes: 124 }));
        assert_eq!(read("1000", &"再".repeat(42)), Err(CloseFault::Reason { bytes: 126 }));
    }
}
