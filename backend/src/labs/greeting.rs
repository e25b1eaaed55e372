//! `subprotocols` and `handshake`: say something about how the connection began, and then send back what comes.

use super::Lab;
use super::out::Out;

/// Subprotocols that are known at `subprotocols`. Of those that a client offers, the first that is here is agreed on: it
/// is the client's order that counts.
pub const SUBPROTOCOLS: [&str; 4] = ["echo.v1", "json", "chat.v1", "text"];

/// Says this first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Greeting(pub String);

impl Lab for Greeting {
    fn begin(&mut self, out: &mut Out) {
        out.text(&std::mem::take(&mut self.0));
    }
}
