//! A story: what people do and what goes wrong, one [`Act`] after the other.
//!
//! A seed makes a story, and the same story always ends the same way. An act that makes no sense where it stands does
//! nothing, so that a story stays a story when acts are taken out of it.

use std::fmt;

/// Clients in the world: a person with a desk of two tabs and a phone, a second person, a third one.
pub const CLIENTS: usize = 5;

/// Rooms in the world.
pub const ROOMS: usize = 2;

/// One line of a story. Clients and rooms are indexes.
#[expect(missing_docs, reason = "the fields of a line say what they are")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Somebody writes a message.
    Say { client: usize, room: usize },
    /// Somebody edits, deletes, reacts to or pins a message that they see; which one, `pick` decides.
    Change { client: usize, room: usize, how: Change, pick: usize },
    /// Somebody has read everything that they see.
    Read { client: usize, room: usize },
    /// Somebody types, or empties the composer.
    Draft { client: usize, room: usize },
    /// Somebody mutes a room, or no longer.
    Mute { client: usize, room: usize },
    /// Somebody is seen typing.
    Typing { client: usize, room: usize },
    /// Somebody answers a message that they see; which one, `pick` decides.
    Answer { client: usize, room: usize, pick: usize },
    /// Somebody makes unread what they see.
    Unread { client: usize, room: usize, pick: usize },
    /// Somebody wants to be told of other messages.
    Notify { client: usize, room: usize },
    /// Somebody does something with the room that not all are in; with whom, `pick` decides.
    Private { client: usize, how: Private, pick: usize },
    /// Somebody begins a conversation, or speaks in one; with whom, `pick` decides.
    Direct { client: usize, pick: usize },
    /// The server takes frames that a client sent.
    Up { client: usize, frames: usize },
    /// The server looks something up that a session wants to know.
    Look { client: usize },
    /// The writer commits what has queued; or its disk is full.
    Commit { changes: usize, full: bool },
    /// Rooms publish and answer what has been committed.
    Publish { changes: usize },
    /// A connection takes what its queue holds; how much, its reader's speed decides.
    Drain { client: usize, items: usize },
    /// A client reads what has arrived.
    Down { client: usize, frames: usize },
    /// All of the above, once, for one client.
    Flow { client: usize },
    /// The next event to a client is lost.
    Lose { client: usize },
    /// The next event to a client comes twice.
    Double { client: usize },
    /// A client stops reading.
    Freeze { client: usize },
    /// It goes on.
    Thaw { client: usize },
    /// A connection breaks. Of what the client had sent, `arrive` frames still reach the server.
    Cut { client: usize, arrive: usize },
    /// The server is killed and comes back. What was not committed is gone.
    Crash,
    /// A backup is made.
    Backup,
    /// The database is replaced by the last backup.
    Restore,
    /// A client's program ends and begins anew with what it remembered.
    Reload { client: usize },
    /// What a client wants to remember is written.
    Flush { client: usize },
    /// A tab of the desk takes the sending over.
    Lead { client: usize },
    /// What the tabs of the desk tell each other arrives.
    Tell,
    /// A client forgets a room.
    Forget { client: usize, room: usize },
    /// A client claims to know the future of a room.
    Future { client: usize, room: usize },
    /// Time passes.
    Pass { ms: u64 },
}

/// How a message is changed.
#[expect(missing_docs, reason = "the names say what they are")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Edit,
    Delete,
    React,
    Unreact,
    Pin,
    Unpin,
}

/// What is done with the room that not all are in.
#[expect(missing_docs, reason = "the names say what they are")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Private {
    Say,
    Invite,
    Remove,
    Appoint,
    Leave,
    Join,
    Topic,
    Rename,
    Archive,
    Announce,
    Read,
    Typing,
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// A world to begin with, and what happens in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// Makes everything in the world that is random: ids, waits.
    pub seed: u64,
    /// Messages that are in every room before anybody comes.
    pub history: u64,
    /// Deliveries that fit into a connection's queue.
    pub queue: usize,
    /// What happens.
    pub acts: Vec<Act>,
}

impl Story {
    /// The story of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let history = *pick(&mut rng, &[0, 3, 40, 130, 620]);
        let queue = *pick(&mut rng, &[2, 6, 512]);
        let length = rng.usize(20..260);
        let mood = Mood { restore: rng.u8(..10) == 0, full: rng.u8(..4) == 0, faults: rng.u8(..3) == 0 };
        let acts = (0..length).map(|_| act(&mut rng, mood)).collect();
        Self { seed, history, queue, acts }
    }
}

/// What may go wrong in a story beyond the ordinary: each alone is easier to read.
#[derive(Debug, Clone, Copy)]
struct Mood {
    restore: bool,
    full: bool,
    faults: bool,
}

fn pick<'a, T>(rng: &mut fastrand::Rng, of: &'a [T]) -> &'a T {
    let at = rng.usize(..of.len());
    of.get(at).unwrap_or_else(|| unreachable!("an index below the length"))
}

fn act(rng: &mut fastrand::Rng, mood: Mood) -> Act {
    let (client, room) = (rng.usize(..CLIENTS), rng.usize(..ROOMS));
    match rng.u32(..240) {
        0..30 => Act::Say { client, room },
        30..44 => Act::Change { client, room, how: change(rng), pick: rng.usize(..8) },
        44..49 => Act::Read { client, room },
        49..53 => Act::Draft { client, room },
        53..55 => Act::Mute { client, room },
        55..57 => Act::Typing { client, room },
        57..72 => Act::Up { client, frames: rng.usize(1..4) },
        72..80 => Act::Look { client },
        80..92 => Act::Commit { changes: rng.usize(1..6), full: mood.full && rng.u8(..4) == 0 },
        92..104 => Act::Publish { changes: rng.usize(1..4) },
        104..116 => Act::Drain { client, items: rng.usize(1..5) },
        116..128 => Act::Down { client, frames: rng.usize(1..6) },
        128..160 => Act::Flow { client },
        160..168 => Act::Cut { client, arrive: rng.usize(..3) },
        168..171 => Act::Crash,
        171..175 => Act::Reload { client },
        175..179 => Act::Flush { client },
        179..181 => Act::Lead { client },
        181..184 => Act::Tell,
        184..186 if mood.restore => *pick(rng, &[Act::Backup, Act::Restore]),
        186..192 if mood.faults => fault(rng, client, room),
        200..206 => Act::Answer { client, room, pick: rng.usize(..8) },
        206..210 => Act::Unread { client, room, pick: rng.usize(..8) },
        210..212 => Act::Notify { client, room },
        212..236 => Act::Private { client, how: private(rng), pick: rng.usize(..8) },
        236..240 => Act::Direct { client, pick: rng.usize(..8) },
        _ => {
            let most = if rng.bool() { 400 } else { 12_000 };
            Act::Pass { ms: rng.u64(1..most) }
        }
    }
}

fn change(rng: &mut fastrand::Rng) -> Change {
    *pick(
        rng,
        &[
            Change::Edit,
            Change::Edit,
            Change::Delete,
            Change::React,
            Change::React,
            Change::Unreact,
            Change::Pin,
            Change::Unpin,
        ],
    )
}

fn private(rng: &mut fastrand::Rng) -> Private {
    use Private::{Announce, Appoint, Archive, Invite, Join, Leave, Read, Remove, Rename, Say, Topic, Typing};
    *pick(
        rng,
        &[
            Say, Say, Say, Say, Say, Invite, Invite, Invite, Remove, Remove, Remove, Appoint, Leave, Join, Topic,
            Rename, Archive, Announce, Read, Typing,
        ],
    )
}

fn fault(rng: &mut fastrand::Rng, client: usize, room: usize) -> Act {
    *pick(
        rng,
        &[
            Act::Lose { client },
            Act::Double { client },
            Act::Freeze { client },
            Act::Thaw { client },
            Act::Forget { client, room },
            Act::Future { client, room },
        ],
    )
}
