//! What goes into the engine and what comes out of it.
//!
//! Deliberately absent: what any of it does; that is `step`'s.

use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::client::ClientMsg;
use crate::close::CloseCode;
use crate::id::{Cid, RoomId, Seq, Timestamp};
use crate::model::{Event, Level};
use crate::server::{Refusal, ServerMsg};

use super::keep::{Keep, Restored, Shared};
use super::outbox::{Pending, What};

/// How a connection ended, as the browser's `CloseEvent` tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// The code; see [`crate::close`].
    pub code: CloseCode,
    /// The reason that the other side gave.
    pub reason: String,
    /// Whether both sides said goodbye.
    pub was_clean: bool,
}

/// Where the client stands with its connection. Finer than the socket's `readyState`, which only the socket knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// Never asked to connect.
    Idle,
    /// A socket is being opened.
    Connecting {
        /// Since when.
        since: Timestamp,
    },
    /// The socket is open and `hello` is out; `welcome` is awaited.
    Greeting {
        /// Since when.
        since: Timestamp,
    },
    /// Welcomed: what happens arrives, what is said goes out.
    Ready {
        /// Since when.
        since: Timestamp,
    },
    /// This side asked for the close and waits for the other's goodbye.
    Closing {
        /// When to stop waiting for it.
        until: Timestamp,
        /// What this side said.
        said: Closed,
    },
    /// The connection is gone; the next try comes by itself.
    Waiting {
        /// When the connection was lost.
        since: Timestamp,
        /// When the next try comes.
        until: Timestamp,
    },
    /// The connection is gone and stays so until a person asks.
    Stopped,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A person, or the start of the program, wants a connection now.
    Connect,
    /// A person wants the connection closed, with this code and reason. After 1000 it stays closed; after any other
    /// code the client comes back, as if the network had dropped it.
    Disconnect {
        /// 1000 or 3000 to 4999, as browsers allow.
        code: CloseCode,
        /// At most 123 bytes.
        reason: String,
    },
    /// A person wants no further tries.
    Stop,
    /// The socket is open.
    Opened,
    /// A message arrived.
    Received(ServerMsg),
    /// The socket is closed.
    Closed(Closed),
    /// [`Engine::deadline`](super::Engine::deadline) has passed.
    Tick,
    /// The device woke, came online, or the page was looked at: is the connection still there?
    Wake,
    /// Somebody looks at the round trip (`true`), or no longer does: pings come more often while they look.
    Watch(bool),
    /// A person did something.
    Do(Command),
    /// Part of what outlived the program was read: before the first connection, in any number of parts.
    Restored(Box<Restored>),
    /// This client sends from now on what the person's clients on this device have written; here is what they share.
    Lead(Vec<Pending>),
    /// Another client on this device sends from now on; what is written here waits for it.
    Follow,
    /// Another client on this device changed what they share.
    Shared(Shared),
    /// Somebody wants to see something go wrong.
    Fault(Fault),
}

/// Something to go wrong inside a client. What can go wrong on the way to it is in [`super::faults`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Forget everything of a room, and ask for it as if it had never been held.
    Forget(RoomId),
    /// Claim to hold what has not happened yet, so that the server answers with `reset`.
    Future(RoomId),
}

/// What a person can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Ask the server to carry something out.
    Ask(What),
    /// Send a refused command again.
    Retry(Cid),
    /// Give a refused command up.
    Discard(Cid),
    /// Load the page of events before the oldest one held.
    LoadOlder {
        /// Which room.
        room: RoomId,
    },
    /// Load the newest page of what a gap hides.
    FillGap {
        /// Which room.
        room: RoomId,
        /// The last event that is missing.
        upto: Seq,
    },
    /// Load the oldest page of what a gap hides.
    LoadNewer {
        /// Which room.
        room: RoomId,
        /// The last event before the gap.
        after: Seq,
    },
    /// Everything up to a room's message `n` has been read. It never goes back.
    Read {
        /// Which room.
        room: RoomId,
        /// The last message read, by its number among the messages.
        n: u64,
    },
    /// What stands in the composer.
    Draft {
        /// Which room.
        room: RoomId,
        /// The text; empty for none.
        text: String,
    },
    /// Mute a room or not.
    Mute {
        /// Which room.
        room: RoomId,
        /// Whether it is muted from now on.
        muted: bool,
    },
    /// Which messages of a room the person is told of.
    Notify {
        /// Which room.
        room: RoomId,
        /// Which messages.
        level: Level,
    },
    /// A room's message `n`, and what came after it, count as unread again.
    Unread {
        /// Which room.
        room: RoomId,
        /// The first unread message, by its number among the messages.
        n: u64,
    },
    /// Load the events around one, to look at it: some before and some after. What lies between them and the rest shows
    /// as a gap.
    LoadAround {
        /// Which room.
        room: RoomId,
        /// The event.
        seq: Seq,
    },
    /// The person is writing; may be called for every key.
    Typing {
        /// Which room.
        room: RoomId,
    },
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Open a new socket; events of an older one no longer count.
    Open,
    /// Write a message to the present socket.
    Send(ClientMsg),
    /// Close the present socket.
    Close {
        /// The code.
        code: CloseCode,
        /// The reason.
        reason: String,
    },
    /// Remember, beyond the end of the program. Where nothing can be remembered, nothing else breaks.
    Keep(Keep),
    /// Something that somebody may want to know; nothing need be done.
    Notice(Notice),
}

/// News for whoever drives the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A connection ended before it was welcomed: the reason may be that nobody is signed in.
    NotWelcomed,
    /// The server has this command on disk.
    Acked {
        /// The command.
        cid: Cid,
        /// The room; a command that made one learns its id here.
        room: RoomId,
        /// The event that it became.
        seq: Seq,
    },
    /// The server refused something.
    Refused(Refusal),
    /// An event is new here.
    Event(Arc<Event>),
    /// Events are missing; they have been asked for.
    GapFound {
        /// Which room.
        room: RoomId,
        /// What is missing.
        missing: RangeInclusive<Seq>,
    },
    /// What was missing is all there.
    GapFilled {
        /// Which room.
        room: RoomId,
    },
    /// An event came that is held already.
    Duplicate {
        /// Which room.
        room: RoomId,
        /// Which event.
        seq: Seq,
    },
    /// The server sends the newest page instead of everything that was missed.
    Reset {
        /// Which room.
        room: RoomId,
        /// Its newest event.
        seq: Seq,
    },
    /// This client read too slowly; it asks for the rest.
    Lagged {
        /// Which room.
        room: RoomId,
        /// An event that was not sent.
        seq: Seq,
    },
    /// The server has newer events than have arrived, though nothing broke; they have been asked for.
    Missed {
        /// Which room.
        room: RoomId,
        /// The newest of them.
        head: Seq,
    },
    /// This client is in the room now.
    Entered(RoomId),
    /// This client is no longer in the room.
    Left(RoomId),
}
