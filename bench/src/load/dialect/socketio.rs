//! Socket.IO's packets over a WebSocket, as little of them as a message needs.
//!
//! Engine.IO (protocol 4) goes below and names each packet by its first digit: `0` open, `2` ping, `3` pong, `4` message.
//! Socket.IO (protocol 5) goes inside a message: `0` connect, `2` event. So a client connects to
//! `/socket.io/?EIO=4&transport=websocket`, is sent `0{…}`, asks for the main namespace with `40` and gets `40{…}`; what
//! it says is `42["m","…"]`, and what it hears is the same.

use super::Heard;
use crate::load::body::{self, Bodies};

/// Where a connection that begins as a WebSocket asks for it.
pub(super) const PATH: &str = "/socket.io/?EIO=4&transport=websocket";

/// Asks for the main namespace.
pub(super) const CONNECT: &str = "40";

/// How an event that carries a message begins.
const EVENT: &str = "42[\"m\",\"";

/// The protocol.
#[derive(Debug)]
pub(crate) struct SocketIo {
    bodies: Bodies,
}

impl SocketIo {
    /// Speaks these texts.
    pub(crate) fn new(bodies: Bodies) -> Self {
        Self { bodies }
    }

    /// See [`super::Dialect::say`].
    pub(super) fn say(&self, out: &mut String, n: u64, due: u64) {
        out.push_str(EVENT);
        self.bodies.write(out, n, due);
        out.push_str("\"]");
    }
}

/// See [`super::Dialect::hear`].
#[inline]
pub(super) fn hear(text: &[u8]) -> Heard {
    if let Some(said) = text.strip_prefix(EVENT.as_bytes()) {
        return body::due(said).map_or(Heard::Fault, |due| Heard::Message { due, place: None });
    }
    match text {
        [b'0', ..] => Heard::Other,
        [b'2', ..] => Heard::Reply("3"),
        [b'4', b'0', ..] => Heard::Ready,
        _ => Heard::Fault,
    }
}

/// See [`super::Dialect::check`].
pub(super) fn check(text: &str) -> Result<(), String> {
    let Some(json) = text.strip_prefix("42") else { return Ok(()) };
    serde_json::from_str::<(String, String)>(json).map(|_event| ()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::body::Language;

    #[test]
    fn what_is_said_is_heard() {
        let dialect = SocketIo::new(Bodies::new(Language::English, 200));
        let mut text = String::new();
        dialect.say(&mut text, 3, 77);
        assert_eq!(hear(text.as_bytes()), Heard::Message { due: 77, place: None });
        assert_eq!(check(&text), Ok(()));
    }

    #[test]
    fn the_opening_is_followed() {
        let heard = [&b"0{\"sid\":\"x\"}"[..], b"40{\"sid\":\"y\"}", b"2"].map(hear);
        assert_eq!(heard, [Heard::Other, Heard::Ready, Heard::Reply("3")]);
    }
}
