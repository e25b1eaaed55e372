//! Carrying out what sessions want, in order.

use common::codec;
use common::id::RoomId;
use common::server::ServerMsg;

use super::conn::{Later, Role};
use super::fanout::Added;
use super::{Ask, End, Link, Look, Shard};
use crate::bus::letter::{ConnId, FeedId, Here, Letter};
use crate::session::{Effect, Effects, Now};
use crate::store::Change;

/// Bytes that may wait for a connection before the next page of a log is read for it: a slow reader is served at its own
/// speed and costs no memory.
const READ_BEHIND: usize = 64 * 1024;

impl<L: Link> Shard<L> {
    pub(super) fn perform(&mut self, slot: u32, effects: &mut Effects, now: Now) {
        for effect in effects.drain(..) {
            let Some(conn) = self.conns.get_mut(slot as usize) else { return };
            let Role::Chat { session, sign_in, .. } = &conn.role else { return };
            let sign_in = *sign_in;
            let (id, user) = (ConnId { slot, generation: conn.generation }, session.me());
            match effect {
                Effect::Send(msg) => {
                    if let (ServerMsg::Event(_), Role::Chat { packing, .. }) = (&*msg, &mut conn.role) {
                        packing.forget();
                    }
                    self.append(slot, now, |out| wire::encode::text(out, &codec::encode_server(&msg)));
                }
                Effect::Forward(frame) => {
                    conn.backlog.push(now.ms, frame, 1);
                    self.list(slot);
                }
                Effect::Greet => {
                    conn.greets = true;
                    self.greeting += 1;
                    self.asks.push(Ask::Look(id, user, Look::Greeting(sign_in)));
                }
                Effect::Open { room, feed } => {
                    self.follow(slot, room, feed);
                    self.asks.push(Ask::Look(id, user, Look::Open(room, feed)));
                }
                Effect::Read(read) => self.read(slot, Later::Page(read)),
                Effect::ReadOwn { after } => self.read(slot, Later::Own(after)),
                Effect::Submit(command) => self.asks.push(Ask::Submit(id, Change::Command(command))),
                Effect::Create { cid, name, private } => {
                    self.asks.push(Ask::Submit(id, Change::Create { by: user, cid, name, private }));
                }
                Effect::Direct { cid, people } => {
                    self.asks.push(Ask::Submit(id, Change::Direct { by: user, cid, people }));
                }
                Effect::Note { room, change } => {
                    self.asks.push(Ask::Submit(id, Change::Own { user, room, change }));
                }
                Effect::Depart { room } => self.unfollow(slot, room),
                Effect::Typing { room } => self.post_home(room, Letter::Typing(room, user)),
                Effect::Close(code, reason) => self.end(slot, End::Close(code, reason.to_owned()), now),
            }
        }
    }

    /// Subscribes a connection to a room. From here on every event that a read of the log does not find will come.
    pub(super) fn follow(&mut self, slot: u32, room: RoomId, feed: FeedId) {
        let Some(conn) = self.conns.get_mut(slot as usize) else { return };
        let Role::Chat { session, name, packing, .. } = &mut conn.role else { return };
        // Whoever subscribes anew may have heard of events in another way, which will then not come.
        packing.forget();
        let (shard, session, user, name) = (self.id, conn.id, session.me(), name.clone());
        let following = self.rooms.entry(room).or_default();
        match following.add(slot, feed) {
            Added::New => {
                following.lost.push(slot);
                self.post_home(room, Letter::Here(Box::new(Here { room, shard, session, user, name })));
            }
            Added::Back => {
                following.lost.push(slot);
                self.post_home(room, Letter::Lost(room, shard));
            }
            Added::Again => {}
        }
    }

    /// Ends a connection's subscription to a room.
    pub(super) fn unfollow(&mut self, slot: u32, room: RoomId) {
        let Some(following) = self.rooms.get_mut(&room) else { return };
        if !following.remove(slot) {
            return;
        }
        if following.is_empty() {
            self.rooms.remove(&room);
        }
        let conn = self.conns.get(slot as usize);
        if let Some((id, user)) = conn.and_then(|conn| Some((conn.id, conn.session()?.me()))) {
            self.post_home(room, Letter::Gone(room, self.id, (user, id)));
        }
    }

    /// Reads from a log as soon as what was read before has been written.
    pub(super) fn read(&mut self, slot: u32, wanted: Later) {
        let Some(conn) = self.conns.get_mut(slot as usize) else { return };
        let id = ConnId { slot, generation: conn.generation };
        let Role::Chat { session, read, .. } = &mut conn.role else { return };
        if conn.backlog.bytes() > READ_BEHIND {
            *read = Some(Box::new(wanted));
            return;
        }
        let look = match wanted {
            Later::Page(read) => Look::Page(read),
            Later::Own(after) => Look::Own(after),
        };
        self.asks.push(Ask::Look(id, session.me(), look));
    }

    pub(super) fn post_home(&mut self, room: RoomId, letter: Letter) {
        self.asks.push(Ask::Post(crate::bus::home(room, self.shards), letter));
    }
}
