//! Close codes: what each means here, and whether a client comes back.
//!
//! 1000 to 1015 are RFC 6455, section 7.4.1, and the IANA registry; 4000 to 4999 are ours (section 7.4.2). The page
//! puts each into words in the reader's language.

/// A close code of the protocol.
pub type CloseCode = u16;

/// The person left.
pub const NORMAL: CloseCode = 1000;
/// The server stops; the reason carries `retry_ms=…`.
pub const GOING_AWAY: CloseCode = 1001;
/// A frame broke RFC 6455.
pub const PROTOCOL: CloseCode = 1002;
/// A binary message, where only text is spoken.
pub const UNSUPPORTED: CloseCode = 1003;
/// What a browser reports when no Close frame came. Never sent.
pub const ABNORMAL: CloseCode = 1006;
/// A text that is not UTF-8.
pub const BAD_UTF8: CloseCode = 1007;
/// Signed out, banned, never allowed, or breaking the rules again and again.
pub const POLICY: CloseCode = 1008;
/// A message of more than [`crate::limits::FRAME_BYTES`].
pub const TOO_BIG: CloseCode = 1009;
/// A fault of the server.
pub const SERVER_FAULT: CloseCode = 1011;
/// The server restarts.
pub const RESTART: CloseCode = 1012;
/// The server has more connections than it can serve.
pub const OVERLOADED: CloseCode = 1013;
/// The client got no answer to a ping. Sent by clients.
pub const NO_PONG: CloseCode = 4000;
/// The session ended elsewhere.
pub const SESSION_ENDED: CloseCode = 4001;
/// Kicked from the server.
pub const KICKED: CloseCode = 4003;
/// Stopped reading for [`crate::limits::WRITE_STALL_MS`], or silent for [`crate::limits::SILENCE_MS`].
pub const STALLED: CloseCode = 4008;
/// Open in too many places.
pub const TOO_MANY_PLACES: CloseCode = 4009;
/// A newer version of the page is served.
pub const NEW_VERSION: CloseCode = 4010;

/// Whether a client connects again by itself after this code.
#[must_use]
pub const fn comes_back(code: CloseCode) -> bool {
    !matches!(code, NORMAL | POLICY | SESSION_ENDED | KICKED | TOO_MANY_PLACES | NEW_VERSION)
}

/// The reason of a [`GOING_AWAY`] close: clients spread their reconnects over `ms` milliseconds.
#[must_use]
pub fn retry_reason(ms: u64) -> String {
    format!("retry_ms={ms}")
}

/// What [`retry_reason`] wrote, at most a minute of it.
#[must_use]
pub fn retry_ms(reason: &str) -> Option<u64> {
    reason.strip_prefix("retry_ms=")?.parse().ok().map(|ms: u64| ms.min(60_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restart_brings_clients_back_and_a_kick_does_not() {
        assert!(comes_back(GOING_AWAY) && comes_back(ABNORMAL) && comes_back(STALLED) && comes_back(NO_PONG));
        assert!(!comes_back(NORMAL) && !comes_back(KICKED) && !comes_back(SESSION_ENDED));
    }

    #[test]
    fn the_retry_reason_is_read_back_and_bounded() {
        assert_eq!(retry_ms(&retry_reason(1_500)), Some(1_500));
        assert_eq!(retry_ms("retry_ms=99999999"), Some(60_000));
        assert_eq!(retry_ms("bye"), None);
    }
}
