//! What a greeted client may ask for, and what is asked of the rooms and the store for it.
//!
//! Raw texts become checked ones here. Deliberately absent: rights, which the store settles.

use std::collections::BTreeMap;

use common::client::ClientMsg;
use common::id::{Cid, RoomId, Seq, Timestamp, UserId};
use common::server::{ErrorCode, Refusal, ServerMsg};
use common::sync::RoomChange;
use common::text::{Body, Draft, Emoji, RoomName, TextError, Topic};

use super::refusals::{names, refuse};
use super::{Effect, Effects, Now, Session, send};
use crate::store::events::{Act, Command};
use crate::store::own::Change;

/// A message whose texts have passed their checks.
enum Request {
    Act(RoomId, Cid, Act),
    Create(Cid, RoomName, bool),
    Direct(Cid, Vec<UserId>),
    Change(RoomId, Change),
    Typing(RoomId),
    Sync(RoomId, Seq, Option<Seq>),
    Ping(Timestamp),
    Hello,
}

impl Session {
    /// A message of a client that has been greeted.
    pub(super) fn on_request(&mut self, msg: ClientMsg, now: Now, queued: usize, out: &mut Effects) {
        let about = names(&msg);
        match check(msg) {
            Ok(Request::Act(room, cid, act)) => self.submit(room, cid, act, out),
            Ok(Request::Create(cid, name, private)) => {
                self.unanswered += 1;
                out.push(Effect::Create { cid, name, private });
            }
            Ok(Request::Direct(cid, people)) => {
                self.unanswered += 1;
                out.push(Effect::Direct { cid, people });
            }
            Ok(Request::Change(room, change)) => {
                self.unanswered += 1;
                out.push(Effect::Note { room, change });
            }
            Ok(Request::Typing(room)) => {
                if self.feed(room).is_some() {
                    out.push(Effect::Typing { room });
                }
            }
            Ok(Request::Sync(room, from, to)) => self.sync(room, from, to, out),
            Ok(Request::Ping(t)) => {
                let heads = self.heads();
                send(ServerMsg::Pong { t, now: now.clock, queued, heads }, out);
            }
            Ok(Request::Hello) => hello_first(about, out),
            Err(error) => refuse(about, error.into(), out),
        }
    }

    fn submit(&mut self, room: RoomId, cid: Cid, act: Act, out: &mut Effects) {
        self.unanswered += 1;
        out.push(Effect::Submit(Command { room, by: self.me, cid, act }));
    }

    /// For each live room the last event sent, where it is another one than when this was last asked.
    fn heads(&mut self) -> BTreeMap<RoomId, Seq> {
        self.feeds.iter_mut().filter_map(|(room, feed)| Some((*room, feed.news()?))).collect()
    }
}

fn check(msg: ClientMsg) -> Result<Request, TextError> {
    Ok(match msg {
        ClientMsg::Send { cid, room, body, after, reply_to } => {
            Request::Act(room, cid, Act::Say { body: Body::new(&body)?, after, reply_to })
        }
        ClientMsg::Edit { cid, room, target, body } => {
            Request::Act(room, cid, Act::Edit { target, body: Body::new(&body)? })
        }
        ClientMsg::Delete { cid, room, target } => Request::Act(room, cid, Act::Delete { target }),
        ClientMsg::React { cid, room, target, emoji } => {
            Request::Act(room, cid, Act::React { target, emoji: Emoji::new(&emoji)? })
        }
        ClientMsg::Unreact { cid, room, target, emoji } => {
            Request::Act(room, cid, Act::Unreact { target, emoji: Emoji::new(&emoji)? })
        }
        ClientMsg::Pin { cid, room, target } => Request::Act(room, cid, Act::Pin { target }),
        ClientMsg::Unpin { cid, room, target } => Request::Act(room, cid, Act::Unpin { target }),
        ClientMsg::Join { cid, room } => Request::Act(room, cid, Act::Join),
        ClientMsg::Leave { cid, room } => Request::Act(room, cid, Act::Leave),
        ClientMsg::Create { cid, name, private } => Request::Create(cid, RoomName::new(&name)?, private),
        ClientMsg::Direct { cid, people } => Request::Direct(cid, people),
        ClientMsg::Rename { cid, room, name } => change(room, cid, RoomChange::Rename(RoomName::new(&name)?)),
        ClientMsg::Topic { cid, room, topic } => change(room, cid, RoomChange::Topic(Topic::new(&topic)?)),
        ClientMsg::Archive { cid, room, archived } => change(room, cid, RoomChange::Archive(archived)),
        ClientMsg::Announce { cid, room, on } => change(room, cid, RoomChange::Announce(on)),
        ClientMsg::Invite { cid, room, user } => change(room, cid, RoomChange::Invite(user)),
        ClientMsg::Remove { cid, room, user } => change(room, cid, RoomChange::Remove(user)),
        ClientMsg::Appoint { cid, room, user, role } => change(room, cid, RoomChange::Appoint(user, role)),
        ClientMsg::Notify { room, level } => Request::Change(room, Change::Notify(level)),
        ClientMsg::Unread { room, n } => Request::Change(room, Change::Unread(n)),
        ClientMsg::Read { room, n } => Request::Change(room, Change::Read(n)),
        ClientMsg::Draft { room, text } => Request::Change(room, Change::Draft(Draft::new(&text)?)),
        ClientMsg::Mute { room, muted } => Request::Change(room, Change::Mute(muted)),
        ClientMsg::Typing { room } => Request::Typing(room),
        ClientMsg::Sync { room, from, to } => Request::Sync(room, from, to),
        ClientMsg::Ping { t } => Request::Ping(t),
        ClientMsg::Hello { .. } => Request::Hello,
    })
}

const fn change(room: RoomId, cid: Cid, change: RoomChange) -> Request {
    Request::Act(room, cid, Act::Room(change))
}

/// Refuses what came before the `hello`, and a second one.
pub(super) fn hello_first(about: (Option<Cid>, Option<RoomId>), out: &mut Effects) {
    let why = "the first message is hello, and only the first";
    refuse(about, Refusal::new(ErrorCode::HelloFirst, why), out);
}
