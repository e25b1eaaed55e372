//! One message taken apart: the frame, the object, the handshake, the code.

pub mod accept;
pub mod code;
pub mod frame;

use super::Node;
use super::bench::{self, Bench};
use super::socket::{Event, Payload};
use crate::lean::dom::with_class;
use crate::lean::program::Tell;

/// What happens at the inspector.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// Show or hide it, where it is a drawer.
    Toggle,
}

/// What it needs done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {}

/// Where a message is taken apart.
#[derive(Debug, Default)]
pub struct Inspector {
    /// Whether it is open, where it is a drawer.
    pub open: bool,
}

/// Does what the inspector needs done.
pub struct Runner {
    _tell: Tell<bench::Msg>,
}

impl Runner {
    /// Nothing is under way.
    #[must_use]
    pub fn new(tell: Tell<bench::Msg>) -> Self {
        Self { _tell: tell }
    }

    /// Does one thing.
    pub fn run(&mut self, effect: Effect) {
        match effect {}
    }
}

impl std::fmt::Debug for Runner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner").finish_non_exhaustive()
    }
}

/// A connection is about to be begun: the address that is really opened, which for an endpoint of this server names a
/// tap.
pub fn tapped(_bench: &mut Bench, url: String) -> String {
    url
}

/// Takes what happened at the inspector.
pub fn update(bench: &mut Bench, msg: Msg) {
    match msg {
        Msg::Toggle => bench.inspector.open = !bench.inspector.open,
    }
}

/// The socket has said something, which has become this entry of the log.
pub fn heard(_bench: &mut Bench, _id: u32, _event: &Event) {}

/// A message was sent, which has become this entry of the log.
pub fn sent(_bench: &mut Bench, _id: u32, _payload: &Payload) {}

/// The inspector.
#[must_use]
pub fn view(_bench: &Bench) -> Node {
    with_class("aside", "panel").attr("id", "inspect").into()
}
