//! What a peer has said.

/// A message or a control frame, borrowed from where its bytes lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message<'a> {
    /// A text, which is UTF-8.
    Text(&'a str),
    /// Bytes.
    Binary(&'a [u8]),
    /// To be answered by a pong with the same payload, at most 125 bytes (RFC 6455, section 5.5.2).
    Ping(&'a [u8]),
    /// The answer to a ping, or unsolicited.
    Pong(&'a [u8]),
    /// The last frame. To be answered by a Close, unless ours is sent already (RFC 6455, section 5.5.1).
    Close(Option<Closing<'a>>),
}

/// What a Close says, if it says anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing<'a> {
    /// A code for which [`crate::is_sendable`] holds.
    pub code: u16,
    /// At most 123 bytes of UTF-8.
    pub reason: &'a str,
}
