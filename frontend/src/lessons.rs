//! Lessons: each a page on which something real happens, on this server. A WebAssembly module of its own.
//!
//! The program `readyroom-lessons` holds them; the page loads it when somebody opens `/workbench/lessons`. Neighbours:
//! [`crate::lean`] is the loop and the drawing, [`crate::workbench::socket`] a browser's WebSocket, and
//! [`crate::workbench::inspector`] knows frames and handshakes.
//!
//! In reading order: `course` names the lessons in their order, `state` is everything that can happen and what it changes,
//! `wire` one connection of a lesson with what has happened to it, `effects` does what was decided, `views` the frame around
//! a lesson, `parts` what several lessons draw, `words` the words of all that. Then each lesson, with its words.
//!
//! A lesson opens its connections to the endpoints under `/labs`, by slots that all lessons share: who leaves a lesson closes
//! them. Deliberately absent: prose that something on the page does not show.

mod backpressure;
mod binary;
mod closing;
mod course;
mod effects;
mod frame;
mod handshake;
mod origin;
mod parts;
mod polling;
mod state;
mod states;
mod subprotocols;
mod views;
mod wire;
mod words;

use crate::lean::{dom, program};
use state::{Lessons, Msg};

/// A piece of a lesson.
type Node = dom::Node<Msg>;

/// An element of a lesson.
type Element = dom::Element<Msg>;

/// Mounts the lessons.
pub fn start(place: web_sys::Element) {
    program::start(place, Lessons::default(), effects::Runner::new);
}

/// Mounts the lessons with the endpoints of another server: what stands before `/labs`.
pub fn start_at(place: web_sys::Element, base: String) {
    program::start(place, Lessons { base, labs: Some(true), ..Lessons::default() }, effects::Runner::new);
}
