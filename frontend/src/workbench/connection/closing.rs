//! What may be given to `close(code, reason)`: 1000 or 3000–4999, and at most 123 bytes of UTF-8, for a frame of
//! control carries 125 bytes (RFC 6455, section 5.5) and two of them are the code.

use super::words::Words;
use crate::lean::text;

/// Bytes of UTF-8 that a reason may have.
pub(super) const MOST_REASON: usize = 123;

/// Why the browser would throw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    /// Not a code that a page may send.
    Code,
    /// A reason has no place in a Close without a code.
    Alone,
    /// So many bytes too long.
    Long(usize),
}

/// The code to close with, none for a Close without one.
pub(super) fn checked(code: &str, reason: &str) -> Result<Option<u16>, Wrong> {
    let code = match code.trim() {
        "" => None,
        code => match code.parse() {
            Ok(code @ (1_000 | 3_000..=4_999)) => Some(code),
            _ => return Err(Wrong::Code),
        },
    };
    match reason.len() {
        MOST_REASON.. if reason.len() > MOST_REASON => Err(Wrong::Long(reason.len() - MOST_REASON)),
        1.. if code.is_none() => Err(Wrong::Alone),
        _ => Ok(code),
    }
}

impl Wrong {
    /// In words.
    #[expect(clippy::cast_precision_loss, reason = "nobody writes that much")]
    pub(super) fn said(self, words: &Words) -> String {
        match self {
            Self::Code => words.bad_code.to_owned(),
            Self::Alone => words.reason_alone.to_owned(),
            Self::Long(over) => words.long_reason.replace("{}", &text::fixed(over as f64, 0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_may_send_1000_and_3000_to_4999() {
        for code in ["1000", "3000", "4321", "4999", " 4000 "] {
            assert_eq!(checked(code, "done"), Ok(code.trim().parse().ok()));
        }
        for code in ["0", "999", "1001", "1005", "1006", "1011", "2999", "5000", "65536", "4000.5", "abc", "-1"] {
            assert_eq!(checked(code, ""), Err(Wrong::Code), "{code}");
        }
        assert_eq!(checked("", ""), Ok(None));
        assert_eq!(checked("", "done"), Err(Wrong::Alone));
    }

    #[test]
    fn a_reason_is_measured_in_bytes() {
        assert_eq!(checked("1000", &"é".repeat(61)), Ok(Some(1_000)));
        assert_eq!(checked("1000", &"é".repeat(62)), Err(Wrong::Long(1)));
        assert_eq!(checked("1000", &"a".repeat(123)), Ok(Some(1_000)));
        assert_eq!(checked("", &"关".repeat(42)), Err(Wrong::Long(3)));
    }
}
