//! What an endpoint does with a connection, without I/O.
//!
//! Deliberately absent: pings and Closes of the other side, which `conn` answers for all, unless a lab is made not to.

use std::sync::Arc;

use tokio::sync::Notify;
use tokio::time::Instant;
use wire::Message;

use super::out::Out;
use crate::session::throttle::Rate;

/// A lab. By itself it sends back what it hears, as it came.
pub trait Lab: Send {
    /// The connection is open.
    fn begin(&mut self, out: &mut Out) {
        let _ = out;
    }

    /// A text or bytes came.
    fn hear(&mut self, message: &Message<'_>, out: &mut Out) {
        out.message(message);
    }

    /// A pong came.
    fn pong(&mut self, payload: &[u8], out: &mut Out) {
        let _ = (payload, out);
    }

    /// When [`Lab::wake`] is wanted next.
    fn wakes_at(&self) -> Option<Instant> {
        None
    }

    /// It is that time, or [`Lab::bell`] has rung.
    fn wake(&mut self, now: Instant, out: &mut Out) {
        let _ = (now, out);
    }

    /// Nothing waits to be written any more: there is room for more at once.
    fn more(&mut self, out: &mut Out) {
        let _ = out;
    }

    /// Rings when others have something for this connection.
    fn bell(&self) -> Option<Arc<Notify>> {
        None
    }

    /// Bytes in a message that comes, where that is fewer than the labs' bound.
    fn most(&self) -> Option<usize> {
        None
    }

    /// How fast messages may come, where that is slower than the labs' bound.
    fn rate(&self) -> Option<Rate> {
        None
    }

    /// Bytes in a second that [`Lab::drink`] takes, where messages are not to be put together.
    fn drinks(&self) -> Option<u64> {
        None
    }

    /// Bytes of frames came. Says whether nothing more is to come; then the Close is said.
    fn drink(&mut self, bytes: &[u8], out: &mut Out) -> bool {
        let _ = (bytes, out);
        false
    }

    /// What is not done as it should be.
    fn manners(&self) -> Manners {
        Manners::Good
    }
}

/// How a lab treats the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manners {
    /// As RFC 6455 has it.
    Good,
    /// A Close is not answered.
    NeverCloses,
    /// Nothing is read at all.
    NeverReads,
}
