//! The way from a room to its readers: bounded queues, one for each connection.
//!
//! [`outbox`] is one connection's queue; [`people`] finds the queues of a person's connections. Rooms and HTTP handlers
//! put things in, sessions take them out. Deliberately absent: waiting. Nobody who puts something in ever waits for a
//! reader.

pub mod outbox;
pub mod people;
