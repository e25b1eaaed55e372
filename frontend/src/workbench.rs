//! The Workbench: a console for any WebSocket, in a WebAssembly module of its own.
//!
//! The program `readyroom-workbench` holds it; the page loads it when somebody opens `/workbench`. The chat's socket goes
//! on meanwhile. It is drawn by [`crate::lean`].
//!
//! In reading order: [`mod@bench`] is everything it knows, and how a message changes it; [`socket`] is a browser's WebSocket
//! with its four events; [`effects`] does what was decided. The parts, each with its state, its messages, its view and
//! its words: [`connection`] opens and closes and shows the object, [`events`] is the log, [`sender`] writes messages,
//! [`inspector`] takes one apart, [`library`] is the sidebar with what is kept, [`relay`] goes through the server.
//!
//! ```text
//! browser events ─▶ Msg ─▶ Bench::update ─▶ Vec<Effect> ─▶ effects::Runner ─▶ WebSocket, timers, files, store
//!                    ▲            │
//!             views ─┘            └─▶ Bench ─▶ view ─▶ Node ─▶ document
//! ```
//!
//! Deliberately absent: the chat's engine and its protocol.

pub mod bench;
pub mod connection;
pub mod effects;
pub mod events;
pub mod inspector;
pub mod kept;
pub mod library;
pub mod relay;
pub mod sender;
pub mod socket;

use bench::{Bench, Msg};

use crate::lean::program;

/// A piece of the Workbench.
pub type Node = crate::lean::dom::Node<Msg>;

/// An element of the Workbench.
pub type Element = crate::lean::dom::Element<Msg>;

/// Mounts the Workbench, with what this browser has kept of it.
pub fn start(place: web_sys::Element) {
    let mut bench = Bench::default();
    bench.restore(&effects::kept);
    program::start(place, bench, effects::Runner::new);
}
