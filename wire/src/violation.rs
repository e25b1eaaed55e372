//! What a peer can do wrong, with the close code that answers it.

use std::fmt;

/// A rule that the peer has broken. The connection has to be failed with `code` (RFC 6455, section 7.1.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Violation {
    /// The code of the Close to send: 1002, 1007, 1008 or 1009 (RFC 6455, section 7.4.1).
    pub code: u16,
    /// Which rule, in a few words that fit a Close's reason.
    pub what: &'static str,
}

impl Violation {
    pub(crate) const RESERVED_BITS: Self = Self::protocol("reserved bits");
    pub(crate) const RESERVED_OPCODE: Self = Self::protocol("reserved opcode");
    pub(crate) const CONTROL_FRAGMENTED: Self = Self::protocol("fragmented control frame");
    pub(crate) const CONTROL_TOO_LONG: Self = Self::protocol("control frame of more than 125 bytes");
    pub(crate) const CONTINUES_NOTHING: Self = Self::protocol("continuation of nothing");
    pub(crate) const INTERRUPTED: Self = Self::protocol("new message inside a fragmented one");
    pub(crate) const UNMASKED: Self = Self::protocol("frame without a mask");
    pub(crate) const MASKED: Self = Self::protocol("masked frame");
    pub(crate) const LONG_LENGTH: Self = Self::protocol("length not in its shortest form");
    pub(crate) const NEGATIVE_LENGTH: Self = Self::protocol("length with the highest bit set");
    pub(crate) const CLOSE_OF_ONE_BYTE: Self = Self::protocol("close payload of one byte");
    pub(crate) const CLOSE_CODE: Self = Self::protocol("close code that may not be sent");
    pub(crate) const UTF8: Self = Self { code: 1007, what: "not UTF-8" };
    pub(crate) const DEFLATE: Self = Self { code: 1007, what: "not compressed as agreed" };
    pub(crate) const FRAGMENTS: Self = Self { code: 1008, what: "too many fragments" };
    pub(crate) const TOO_BIG: Self = Self { code: 1009, what: "message too big" };

    const fn protocol(what: &'static str) -> Self {
        Self { code: 1002, what }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.what, self.code)
    }
}

impl std::error::Error for Violation {}
