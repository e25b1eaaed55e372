//! The sidebar: the endpoints of this server, what was opened and saved before, lessons, and the way back to the chat.

use super::Node;
use super::bench::Bench;
use super::socket::Event;
use crate::lean::dom::with_class;

/// What happens in the sidebar.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// Show or hide it, where it is a drawer.
    Toggle,
}

/// The sidebar.
#[derive(Debug, Default)]
pub struct Library {
    /// Whether it is open, where it is a drawer.
    pub open: bool,
}

/// Takes up what was kept.
pub fn restore(_bench: &mut Bench, _kept: &dyn Fn(&str) -> Option<String>) {}

/// What the server offers is known.
pub fn server_known(_bench: &mut Bench) {}

/// The Workbench has been opened.
pub fn opened(_bench: &mut Bench) {}

/// Takes what happened in the sidebar.
pub fn update(bench: &mut Bench, msg: Msg) {
    match msg {
        Msg::Toggle => bench.library.open = !bench.library.open,
    }
}

/// The socket has said something.
pub fn heard(_bench: &mut Bench, _event: &Event) {}

/// The sidebar.
#[must_use]
pub fn view(_bench: &Bench) -> Node {
    with_class("nav", "side").attr("id", "side").into()
}
