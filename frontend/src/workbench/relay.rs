//! The other way to an endpoint: through the server, which sees and may what a page does not.

use std::rc::Rc;

use wasm_bindgen::JsValue;

use super::bench::Bench;
use super::socket::{Event, Payload, Reading};

/// What happens at the settings of the relay.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {}

/// How the relay shall connect.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Wish {}

/// Something that only a connection through the relay can do.
#[derive(Debug, Clone, PartialEq)]
pub enum Order {}

/// Something that only the relay sees.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {}

/// How the relay is used.
#[derive(Debug, Default)]
pub struct Relay {}

/// How the next connection shall go through the relay; directly for none.
#[must_use]
pub const fn wish(_relay: &Relay) -> Option<Wish> {
    None
}

/// Takes what happened at the settings.
pub fn update(_bench: &mut Bench, msg: Msg) {
    match msg {}
}

/// The settings.
#[must_use]
pub const fn view(_bench: &Bench) -> super::Node {
    super::Node::Nothing
}

/// A connection through the relay.
#[derive(Debug)]
pub struct Relayed {}

impl Relayed {
    /// Begins one. What happens to it is told as for a browser's own socket.
    ///
    /// # Errors
    /// The exception of the constructor.
    pub fn open(_url: &str, _protocols: &[String], _wish: Wish, _tell: Rc<dyn Fn(Event)>) -> Result<Self, JsValue> {
        Err(JsValue::NULL)
    }

    /// What it says of itself.
    #[must_use]
    pub fn reading(&self) -> Reading {
        Reading::default()
    }

    /// Sends a message.
    ///
    /// # Errors
    /// While it is connecting.
    pub fn send(&self, _payload: &Payload) -> Result<(), JsValue> {
        Ok(())
    }

    /// Begins to close.
    ///
    /// # Errors
    /// A code that may not be sent, or a reason that is too long.
    pub fn close(&self, _code: Option<u16>, _reason: &str) -> Result<(), JsValue> {
        Ok(())
    }

    /// Something that only this way can do.
    pub fn order(&self, order: &Order) {
        match *order {}
    }
}
