//! The person's own matters: what they have read, what stands in their composers, what they have muted.
//!
//! All devices of a person agree on these through the person's own log at the server. What this device changed counts
//! here at once and is a *wish* until the server has confirmed it; the last one to reach the server holds everywhere.
//! Deliberately absent: the values of reads and mutes, which stand in the rooms.

use litemap::LiteMap;

use crate::id::{RoomId, Timestamp};
use crate::model::UserEventKind;

/// Milliseconds after which a change of this kind goes out: a second device should follow within a second, and a key
/// pressed is no reason for a frame.
const READ_AFTER_MS: u64 = 200;
const DRAFT_AFTER_MS: u64 = 600;

/// What a wish is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Matter {
    Read,
    Draft,
    Muted,
    Notify,
}

impl Matter {
    const fn after_ms(self) -> u64 {
        match self {
            Self::Read => READ_AFTER_MS,
            Self::Draft => DRAFT_AFTER_MS,
            Self::Muted | Self::Notify => 0,
        }
    }
}

/// A change that the server has not confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wish {
    due: Timestamp,
    sent: Option<Timestamp>,
    /// Whether what was read is to go back to where it stands here; else it only goes on.
    back: bool,
}

/// The person's own matters.
#[derive(Debug, Default, Clone)]
pub struct Own {
    seq: u64,
    drafts: LiteMap<RoomId, String>,
    wishes: LiteMap<(RoomId, Matter), Wish>,
    /// The newest entry of each room and matter.
    known: LiteMap<(RoomId, Matter), u64>,
    /// What other devices changed while a wish of this one stood.
    overruled: LiteMap<(RoomId, Matter), (u64, UserEventKind)>,
    /// The room in which `typing` was said last, and when.
    typed: Option<(RoomId, Timestamp)>,
}

impl Own {
    /// How much of the person's log is held.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// What stands in a room's composer; empty for nothing.
    #[must_use]
    pub fn draft(&self, room: RoomId) -> &str {
        self.drafts.get(&room).map_or("", String::as_str)
    }

    /// The rooms that have a draft.
    pub fn drafts(&self) -> impl Iterator<Item = (RoomId, &str)> {
        self.drafts.iter().map(|(room, text)| (*room, text.as_str()))
    }

    /// Whether the server has confirmed everything that was changed here.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.wishes.is_empty()
    }

    pub(super) fn set_draft(&mut self, room: RoomId, text: String) {
        if text.is_empty() {
            self.drafts.remove(&room);
        } else {
            self.drafts.insert(room, text);
        }
    }

    /// The log is held up to here.
    pub(super) fn advance(&mut self, seq: u64) {
        self.seq = self.seq.max(seq);
    }

    /// Takes note of an entry. Returns whether it is newer than what was known of this room and matter: only those two
    /// have an order among themselves, for what was read from the log may pass what waits in a queue.
    pub(super) fn note(&mut self, room: RoomId, matter: Matter, seq: u64) -> bool {
        self.advance(seq);
        let known = self.known.entry((room, matter)).or_insert(0);
        let newer = seq > *known;
        *known = seq.max(*known);
        newer
    }

    /// Whether an entry is older than what is known of this room and matter.
    pub(super) fn is_stale(&self, room: RoomId, matter: Matter, seq: u64) -> bool {
        self.known.get(&(room, matter)).is_some_and(|known| seq < *known)
    }

    /// Another database: the log begins anew there.
    pub(super) fn restart(&mut self) {
        self.seq = 0;
        self.known.clear();
        // Which messages were read is of no use there.
        self.wishes.retain(|(_, matter), _| *matter != Matter::Read);
        for room in self.drafts.keys() {
            self.wishes.entry((*room, Matter::Draft)).or_insert(Wish { due: Timestamp(0), sent: None, back: false });
        }
    }

    pub(super) fn wish(&mut self, room: RoomId, matter: Matter, now: Timestamp) {
        let due = now.plus(matter.after_ms());
        let wish = self.wishes.entry((room, matter)).or_insert(Wish { due, sent: None, back: false });
        if wish.sent.take().is_some() {
            wish.due = due;
        }
        // What is wished now will reach the server behind it.
        self.overruled.remove(&(room, matter));
    }

    /// A room is to be read exactly as far as it stands here, also where that is less than the server has. What is read
    /// on before the server has confirmed it is part of the same wish.
    pub(super) fn wish_back(&mut self, room: RoomId, now: Timestamp) {
        self.wishes.insert((room, Matter::Read), Wish { due: now, sent: None, back: true });
        self.overruled.remove(&(room, Matter::Read));
    }

    /// Whether what was read of a room is to go back.
    pub(super) fn goes_back(&self, room: RoomId) -> bool {
        self.wishes.get(&(room, Matter::Read)).is_some_and(|wish| wish.back)
    }

    pub(super) fn is_wished(&self, room: RoomId, matter: Matter) -> bool {
        self.wishes.contains_key(&(room, matter))
    }

    pub(super) fn fulfil(&mut self, room: RoomId, matter: Matter) {
        self.wishes.remove(&(room, matter));
        self.overruled.remove(&(room, matter));
    }

    /// Another device's entry, which does not count while a wish of this one stands.
    pub(super) fn overrule(&mut self, room: RoomId, matter: Matter, seq: u64, kind: UserEventKind) {
        self.overruled.insert((room, matter), (seq, kind));
    }

    /// A wish was answered by the entry `seq`. Gives what was overruled meanwhile and is newer than that: the server had
    /// it after this device's, though the answer came behind it, and so it holds.
    pub(super) fn answered(&mut self, room: RoomId, matter: Matter, seq: u64) -> Option<UserEventKind> {
        let overruled = self.overruled.remove(&(room, matter));
        self.fulfil(room, matter);
        overruled.filter(|(newer, _)| *newer > seq).map(|(_, kind)| kind)
    }

    /// The server will not have it, whatever it was.
    pub(super) fn give_up(&mut self, room: RoomId) {
        self.wishes.retain(|(of, _), wish| *of != room || wish.sent.is_none());
    }

    pub(super) fn forget(&mut self, room: RoomId) {
        self.wishes.retain(|(of, _), _| *of != room);
        self.overruled.retain(|(of, _), _| *of != room);
        self.drafts.remove(&room);
    }

    /// The connection is gone: what was not confirmed goes out again on the next one.
    pub(super) fn rewind(&mut self) {
        self.wishes.iter_mut().for_each(|(_, wish)| wish.sent = None);
        self.overruled.clear();
        self.typed = None;
    }

    /// What is to be sent now; what was sent `patience_ms` ago and never confirmed is among it.
    pub(super) fn take_due(&mut self, now: Timestamp, patience_ms: u64) -> Vec<(RoomId, Matter)> {
        let mut due = Vec::new();
        for (name, wish) in &mut self.wishes {
            let at = wish.sent.map_or(wish.due, |sent| sent.plus(patience_ms));
            if at <= now {
                wish.sent = Some(now);
                due.push(*name);
            }
        }
        due
    }

    /// Whether a wish has not been sent yet. It counts as sent from now on.
    pub(super) fn take_unsent(&mut self, room: RoomId, matter: Matter, now: Timestamp) -> bool {
        let unsent = self.wishes.get_mut(&(room, matter)).filter(|wish| wish.sent.is_none());
        unsent.is_some_and(|wish| wish.sent.replace(now).is_none())
    }

    /// When the next wish is to be sent.
    pub(super) fn deadline(&self, patience_ms: u64) -> Option<Timestamp> {
        self.wishes.values().map(|wish| wish.sent.map_or(wish.due, |sent| sent.plus(patience_ms))).min()
    }

    /// Whether it is time to say again that the person writes.
    pub(super) fn may_say_typing(&mut self, room: RoomId, now: Timestamp, every_ms: u64) -> bool {
        let recent = self.typed.is_some_and(|(of, at)| of == room && now.since(at) < every_ms);
        if !recent {
            self.typed = Some((room, now));
        }
        !recent
    }

    /// What was being written has been said: the next key says so at once.
    pub(super) fn said(&mut self) {
        self.typed = None;
    }
}
