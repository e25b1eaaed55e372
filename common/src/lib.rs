//! What both ends of Readyroom agree on.
//!
//! In reading order: [`id`] names things, [`text`] holds words that have passed their checks, [`limits`] holds every
//! bound, [`model`] holds what a room's log is made of, [`client`] and [`server`] hold the two directions of the
//! socket, [`letters`] says where words end, [`api`] holds the JSON of the HTTP side, [`labs`] and [`relay`] that of the Workbench, [`codec`] is the only
//! place where frames become text, [`close`] explains close codes, and [`sync`] is the state machine that every client
//! runs.
//!
//! Deliberately absent: I/O, clocks, randomness of its own, SQL, the DOM. All of it compiles for a browser and for a
//! simulator alike.

pub mod api;
pub mod client;
pub mod close;
pub mod codec;
pub mod id;
pub mod labs;
pub mod letters;
pub mod limits;
pub mod markdown;
pub mod model;
pub mod relay;
pub mod server;
pub mod sync;
pub mod text;

/// The subprotocol that both ends name in `Sec-WebSocket-Protocol`. A client that names none is taken to speak it.
pub const SUBPROTOCOL: &str = "readyroom.v1";
