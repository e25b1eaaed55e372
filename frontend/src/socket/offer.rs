//! Which subprotocol the next handshake offers.
//!
//! Some proxies answer without `Sec-WebSocket-Protocol`, and browsers must fail a handshake whose offer went
//! unanswered (WHATWG WebSockets, "establish a WebSocket connection"). A page cannot tell this failure from any other,
//! so after each failed handshake it tries the other way.

use common::SUBPROTOCOL;

/// The offer of the next handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    names: bool,
}

impl Offer {
    /// Whether the first handshake names the protocol.
    #[must_use]
    pub const fn starting(names: bool) -> Self {
        Self { names }
    }

    /// What `new WebSocket` is given.
    #[must_use]
    pub const fn protocol(self) -> Option<&'static str> {
        if self.names { Some(SUBPROTOCOL) } else { None }
    }

    /// The handshake failed: closed before it was open.
    pub const fn failed(&mut self) {
        self.names = !self.names;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_handshakes_alternate_and_good_ones_stay() {
        let mut offer = Offer::starting(true);
        let mut offers = Vec::new();
        for _ in 0..4 {
            offers.push(offer.protocol().is_some());
            offer.failed();
        }
        assert_eq!(offers, [true, false, true, false]);
        assert_eq!(Offer::starting(false).protocol(), None);
    }
}
