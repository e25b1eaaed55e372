//! Lessons: each a page on which something real happens, on this server. A WebAssembly module of its own.
//!
//! The program `readyroom-lessons` holds them; the page loads it when somebody opens `/workbench/lessons`. Neighbours:
//! [`crate::lean`] is the loop and the drawing, [`crate::workbench::socket`] a browser's WebSocket, and
//! [`crate::workbench::inspector`] knows frames and handshakes.

mod effects;
mod state;

use crate::lean::program;

pub use effects::Effect;
pub use state::{Lessons, Msg};

/// Mounts the lessons.
pub fn start(place: web_sys::Element) {
    program::start(place, Lessons::default(), effects::Runner::new);
}
