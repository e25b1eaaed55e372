//! What a shard can be told.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use common::codec;
use common::id::{Cid, RoomId, Seq, UserId};
use common::model::{Event, Person, Role, RoomInfo, UserEvent};
use common::server::ServerMsg;

use super::ShardId;
use crate::store::sessions::SignInId;
use crate::store::{CommandError, StoreError};

/// Names a connection within its shard. A number that was given back and given out again has another generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ConnId {
    /// Its place.
    pub slot: u32,
    /// Which connection in that place.
    pub generation: u32,
}

impl ConnId {
    /// The name of no connection: for what is asked by nobody who waits for an answer.
    pub const NOBODY: Self = Self { slot: u32::MAX, generation: 0 };
}

/// Names a connection for as long as the server runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

/// Names one subscription of a connection to a room, so that what was meant for an earlier one is told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct FeedId(pub u32);

/// A letter.
#[derive(Debug)]
pub enum Letter {
    /// An event is on disk. Every shard gets every event, in the order of the commits.
    Event(Arc<Published>),
    /// A person's own log has an entry. Every shard gets it.
    Own(UserId, Box<UserEvent>),
    /// Something that every connection of a person should know.
    Note(UserId, Note),
    /// Somebody is no longer signed in at a place: its connections end.
    Ended(UserId, SignInId),
    /// A command of a connection was carried out or not.
    Answer(ConnId, Box<Answered>),
    /// A change to the own log was carried out or not. An entry that is no news comes with it, for who asked.
    Noted(ConnId, RoomId, Result<Option<Box<UserEvent>>, CommandError>),
    /// What a connection wanted to know.
    Found(ConnId, Box<Found>),
    /// To the room's home: a connection follows the room.
    Here(Box<Here>),
    /// To the room's home: a connection no longer follows it.
    Gone(RoomId, ShardId, (UserId, SessionId)),
    /// To the room's home: somebody is writing.
    Typing(RoomId, UserId),
    /// To the room's home: some of a shard's connections do not know who is here.
    Lost(RoomId, ShardId),
    /// From the room's home: what is ephemeral.
    Hints(Arc<Hints>),
}

/// An event that is on disk, encoded once for all its readers.
#[derive(Debug)]
pub struct Published {
    /// The event.
    pub event: Event,
    /// Who became a member by it beside those that it names.
    pub entered: Vec<UserId>,
    frame: OnceLock<Bytes>,
}

/// Something that every connection of a person should know.
#[derive(Debug, Clone)]
pub enum Note {
    /// They are in this room now, by this event.
    Entered(RoomId, Seq),
    /// They are no longer in this room, by this event.
    Left(RoomId, Seq),
    /// Somebody they share a room with, or they themselves, changed their name.
    Renamed(Person),
    /// This is an entry of their own log, in the order of the log; or one from before that somebody asked for again.
    Own(UserEvent),
}

/// A command that was carried out or not.
#[derive(Debug)]
pub struct Answered {
    /// The command.
    pub cid: Cid,
    /// The room that it named.
    pub room: Option<RoomId>,
    /// What became of it: its event, and whether that is new.
    pub result: Result<(Arc<Published>, bool), CommandError>,
}

/// A read from a room's log: at most a page of the events after one and up to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    /// The room.
    pub room: RoomId,
    /// The subscription that it is for; none for a client that asked for exactly this.
    pub feed: Option<FeedId>,
    /// Events after this one.
    pub after: Seq,
    /// The last one wanted.
    pub to: Seq,
}

/// Who somebody is and where.
#[derive(Debug, Clone)]
pub struct Greeting {
    /// Who.
    pub me: Person,
    /// What they may do on the server.
    pub role: Role,
    /// The newest entry of their own log.
    pub user_seq: u64,
    /// The rooms that are subscribed to.
    pub rooms: Vec<RoomInfo>,
}

/// The answer to a look-up.
#[derive(Debug)]
pub enum Found {
    /// Who somebody is and where; `None` for somebody the store no longer knows.
    Greeting(Result<Option<Greeting>, StoreError>),
    /// How a room looks to somebody; `None` for who is no member.
    Opened(RoomId, FeedId, Result<Option<RoomInfo>, StoreError>),
    /// A page of a room's log; `None` for who is no member.
    Page(Read, Result<Option<Vec<Event>>, StoreError>),
    /// Entries of a person's own log.
    Own(Result<Vec<UserEvent>, StoreError>),
}

/// A connection that follows a room.
#[derive(Debug)]
pub struct Here {
    /// The room.
    pub room: RoomId,
    /// Where the connection is.
    pub shard: ShardId,
    /// Which one.
    pub session: SessionId,
    /// Whose.
    pub user: UserId,
    /// By what name.
    pub name: Arc<str>,
}

/// What is ephemeral about a room, encoded once for all its readers.
#[derive(Debug)]
pub struct Hints {
    /// The room.
    pub room: RoomId,
    /// Who is writing.
    pub typing: Option<Bytes>,
    /// Who has come and who has gone.
    pub change: Option<Bytes>,
    /// Who is here, for those who do not know.
    pub whole: Option<Bytes>,
}

impl Published {
    /// An event that nobody has been told of.
    #[must_use]
    pub fn new(event: Event) -> Self {
        Self { event, entered: Vec::new(), frame: OnceLock::new() }
    }

    /// The same, by which these people became members too.
    #[must_use]
    pub fn with(mut self, entered: Vec<UserId>) -> Self {
        self.entered = entered;
        self
    }

    /// The event's JSON.
    pub fn payload(&self) -> &[u8] {
        let frame = self.frame();
        // A server's frame has no mask: what is behind the shortest header of its length is the payload.
        let header = [2, 4, 10].into_iter().find(|len| wire::encode::header_len(frame.len() - len) == *len);
        frame.get(header.unwrap_or_default()..).unwrap_or_default()
    }

    /// The event as a whole WebSocket frame.
    pub fn frame(&self) -> &Bytes {
        self.frame.get_or_init(|| frame(&ServerMsg::Event(self.event.clone())))
    }
}

/// A message as a whole WebSocket frame.
#[must_use]
pub fn frame(msg: &ServerMsg) -> Bytes {
    let mut frame = Vec::new();
    wire::encode::text(&mut frame, &codec::encode_server(msg));
    frame.into()
}
