//! The WebSocket of a connection: moves messages between a client and a [`super::far::Far`].
