//! One connection, as plain data: thousands of them are idle, so every byte counts.

use std::sync::Arc;

use super::backlog::Backlog;
use super::packing::Packing;
use crate::bus::letter::SessionId;
use crate::session::liveness::Liveness;
use crate::session::{Read, Session};
use crate::store::sessions::SignInId;

/// A connection.
#[derive(Debug)]
pub(super) struct Conn<L> {
    pub(super) link: L,
    pub(super) role: Role,
    pub(super) backlog: Backlog,
    pub(super) liveness: Liveness,
    pub(super) id: SessionId,
    pub(super) generation: u32,
    /// An answer is about to be sent: what else there is shall go out with it.
    pub(super) expects: bool,
    /// It is on the list of those to be written to.
    pub(super) is_listed: bool,
    /// It waits for its greeting.
    pub(super) greets: bool,
    /// Entries of the own log did not fit, and are to be read once they do.
    pub(super) owes_own: bool,
}

/// What a connection is there for.
#[derive(Debug)]
pub(super) enum Role {
    /// The chat.
    Chat {
        session: Session,
        /// Where the person is signed in; none in a simulation.
        sign_in: Option<SignInId>,
        /// By what name others know the person.
        name: Arc<str>,
        /// How it takes events.
        packing: Packing,
        /// A read that waits until what was read before has been written.
        read: Option<Box<Later>>,
    },
    /// Nothing any more but its end.
    Ending(Ending),
}

/// A read of a log that waits.
#[derive(Debug, Clone, Copy)]
pub(super) enum Later {
    Page(Read),
    Own(u64),
}

/// How far the end of a connection has come. After a Close we listen on for a moment: a socket that is dropped while
/// bytes of the other side are unread sends RST, and RST can destroy the Close frame on its way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ending {
    /// When it is dropped all the same.
    pub(super) until_ms: u64,
    /// Whether the other side is still to answer our Close; else what it sends is thrown away.
    pub(super) awaits_close: bool,
    /// Whether we have said that nothing more comes.
    pub(super) is_finished: bool,
    /// Bytes that were thrown away.
    pub(super) discarded: usize,
}

impl<L> Conn<L> {
    pub(super) fn session(&self) -> Option<&Session> {
        match &self.role {
            Role::Chat { session, .. } => Some(session),
            Role::Ending(_) => None,
        }
    }

    pub(super) fn session_mut(&mut self) -> Option<&mut Session> {
        match &mut self.role {
            Role::Chat { session, .. } => Some(session),
            Role::Ending(_) => None,
        }
    }
}
