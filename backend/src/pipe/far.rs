//! What a WebSocket of a pipe speaks with: the program's side of a connection.
//!
//! The connection ([`super::conn`]) drives it: it polls, and nothing here runs by itself. Backpressure goes both ways: a
//! message is given only when what was given before is taken, and the far side is asked to say something only when what
//! it said before is written.

use std::task::{Context, Poll};

use tokio::time::Instant;

use super::out::Out;

/// A message of the client.
#[derive(Debug, Clone, Copy)]
pub(super) enum Heard<'a> {
    /// A text.
    Text(&'a str),
    /// Bytes.
    Binary(&'a [u8]),
}

/// What a look at the far side has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Saying {
    /// Something was said, which may be nothing yet for the client.
    Said,
    /// Nothing more will be said: the Close for it, code and reason.
    Ended(u16, String),
}

/// The far side of a connection.
pub(super) trait Far: Send {
    /// Looks after what must not wait for the client, however slow it is. Wakes when there is more of it.
    fn tend(&mut self, _cx: &mut Context<'_>) {}

    /// Whether the next message may be given.
    fn poll_taken(&mut self, cx: &mut Context<'_>) -> Poll<()>;

    /// Takes a message of the client. Called only after [`Far::poll_taken`] was ready; several may be given then, until
    /// [`Far::is_full`].
    fn hear(&mut self, message: Heard<'_>);

    /// Whether no further message should be given before [`Far::poll_taken`] is ready again.
    fn is_full(&self) -> bool;

    /// The client says nothing more. Who waits for the end of its input gets it once all is taken; what is said after that
    /// is still wanted.
    fn end_input(&mut self);

    /// The client goes: it has said its Close (`graceful`), or only ended its stream. Returns whether what is still said is
    /// wanted, until [`Saying::Ended`], which is then to come soon; otherwise the connection ends now.
    fn part(&mut self, _graceful: bool) -> bool {
        false
    }

    /// Adds what was said to `out`, some tens of kilobytes at once. Not called again after [`Saying::Ended`].
    fn poll_say(&mut self, cx: &mut Context<'_>, out: &mut Out) -> Poll<Saying>;

    /// When time demands something: a signal.
    fn due(&self) -> Option<Instant>;

    /// Does what time demands.
    fn on_time(&mut self, now: Instant);

    /// The connection is gone. What still runs is ended out of sight.
    fn leave(self: Box<Self>);
}
