//! Saying no: which command a refusal is about, and why in words.

use common::client::ClientMsg;
use common::id::{Cid, RoomId};
use common::server::{ErrorCode, Refusal, ServerMsg};

use super::{Effects, send};
use crate::store::{CommandError, StoreError};

/// Milliseconds after which a server that could not write may be asked again.
const STORAGE_RETRY_MS: u64 = 1_000;

/// Refuses something that named a command and a room, or did not.
pub(super) fn refuse((cid, room): (Option<Cid>, Option<RoomId>), refusal: Refusal, out: &mut Effects) {
    send(ServerMsg::Error(Refusal { cid, room, ..refusal }), out);
}

/// What a message names.
pub(super) fn names(msg: &ClientMsg) -> (Option<Cid>, Option<RoomId>) {
    match msg {
        ClientMsg::Send { cid, room, .. }
        | ClientMsg::Edit { cid, room, .. }
        | ClientMsg::Delete { cid, room, .. }
        | ClientMsg::React { cid, room, .. }
        | ClientMsg::Unreact { cid, room, .. }
        | ClientMsg::Pin { cid, room, .. }
        | ClientMsg::Unpin { cid, room, .. }
        | ClientMsg::Rename { cid, room, .. }
        | ClientMsg::Topic { cid, room, .. }
        | ClientMsg::Archive { cid, room, .. }
        | ClientMsg::Announce { cid, room, .. }
        | ClientMsg::Invite { cid, room, .. }
        | ClientMsg::Remove { cid, room, .. }
        | ClientMsg::Appoint { cid, room, .. }
        | ClientMsg::Join { cid, room }
        | ClientMsg::Leave { cid, room } => (Some(*cid), Some(*room)),
        ClientMsg::Create { cid, .. } | ClientMsg::Direct { cid, .. } => (Some(*cid), None),
        ClientMsg::Sync { room, .. }
        | ClientMsg::Read { room, .. }
        | ClientMsg::Draft { room, .. }
        | ClientMsg::Mute { room, .. }
        | ClientMsg::Notify { room, .. }
        | ClientMsg::Unread { room, .. }
        | ClientMsg::Typing { room } => (None, Some(*room)),
        ClientMsg::Hello { .. } | ClientMsg::Ping { .. } => (None, None),
    }
}

/// Why a command has changed nothing.
pub(super) fn refusal(error: CommandError) -> Refusal {
    match error {
        CommandError::Refused(ErrorCode::OutOfOrder) => {
            Refusal::new(ErrorCode::OutOfOrder, explain(ErrorCode::OutOfOrder)).retry(0)
        }
        CommandError::Refused(code) => Refusal::new(code, explain(code)),
        CommandError::Store(StoreError::Failed) => {
            Refusal::new(ErrorCode::Storage, explain(ErrorCode::Storage)).retry(STORAGE_RETRY_MS)
        }
        CommandError::Store(StoreError::Closed) => Refusal::new(ErrorCode::Stopping, explain(ErrorCode::Stopping)),
    }
}

/// Why a command was refused, in words: the field and the limit.
#[must_use]
pub fn explain(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::NoSuchRoom => "room: there is none of this id that you may see",
        ErrorCode::NotMember => "room: you are not a member",
        ErrorCode::NameTaken => "name: another room has it",
        ErrorCode::TooManyRooms => "you are in as many rooms as one can be",
        ErrorCode::NoSuchMessage => "target: there is no such message, or nothing of that kind on it",
        ErrorCode::NotAuthor => "target: only its author may do this",
        ErrorCode::Deleted => "target: the message has been deleted",
        ErrorCode::TooManyReactions => "target: the message has as many different emoji as one can have",
        ErrorCode::OutOfOrder => "after: that command is not stored; send both again, in order",
        ErrorCode::CidReused => "cid: it was used for another command",
        ErrorCode::Storage => "the server cannot write to its disk; nothing was stored",
        ErrorCode::Stopping => "the server stops; nothing was stored",
        ErrorCode::Forbidden => "you may not do this here",
        ErrorCode::Archived => "room: it is closed for new messages",
        ErrorCode::AnnouncementsOnly => "room: only its moderators write here",
        ErrorCode::DirectRoom => "room: a conversation of people cannot be changed like this",
        ErrorCode::NoSuchPerson => "user: there is none of this id that you may see",
        ErrorCode::PeopleCount => "people: are 1 to 9 others",
        ErrorCode::RateLimited => "you send faster than allowed",
        ErrorCode::Malformed
        | ErrorCode::UnknownOp
        | ErrorCode::HelloFirst
        | ErrorCode::BadText
        | ErrorCode::Unknown => "refused",
    }
}
