//! What a person wrote and who they are, as lists of plain values: for the database, and for the person's other tabs.
//!
//! By hand, for a derived reader of these few types alone would be a fiftieth of what every visitor downloads. What does
//! not read as it was written, another version of the page wrote, and is left alone. Deliberately absent: rooms and
//! events, which are kept as the frames that brought them.

use common::codec;
use common::id::{Cid, Epoch, RoomId, Seq, Timestamp, UserId};
use common::model::{Level, Person, RoomRole};
use common::server::ServerMsg;
use common::sync::keep::{KeptDraft, KeptWishes, Me, Shared};
use common::sync::outbox::{Pending, RoomChange, Stage, What};
use common::text::{Body, Emoji, RoomName, Topic};
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};

/// A list that is read from its beginning.
struct Reader<'a> {
    list: &'a Array,
    at: u32,
}

impl<'a> Reader<'a> {
    fn new(record: &'a JsValue) -> Option<Self> {
        record.dyn_ref::<Array>().map(|list| Self { list, at: 0 })
    }

    fn next(&mut self) -> JsValue {
        let value = self.list.get(self.at);
        self.at += 1;
        value
    }

    fn text(&mut self) -> Option<String> {
        self.next().as_string()
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "written from such a number below")]
    fn number(&mut self) -> Option<u64> {
        self.next().as_f64().map(|n| n as u64)
    }
}

/// A number as JavaScript has them.
#[expect(clippy::cast_precision_loss, reason = "ids, seqs and milliseconds stay below 2^53")]
pub(crate) fn number(n: u64) -> JsValue {
    JsValue::from_f64(n as f64)
}

fn list<const N: usize>(values: [JsValue; N]) -> JsValue {
    values.into_iter().collect::<Array>().into()
}

pub(super) fn of_me(me: &Me) -> JsValue {
    let Me { epoch, person, user_seq } = me;
    list([epoch.0.as_str().into(), number(person.id.0), person.name.as_str().into(), number(*user_seq)])
}

pub(super) fn me(record: &JsValue) -> Option<Me> {
    let mut from = Reader::new(record)?;
    let epoch = Epoch(from.text()?);
    let person = Person { id: UserId(from.number()?), name: from.text()? };
    Some(Me { epoch, person, user_seq: from.number()? })
}

pub(super) fn of_draft(draft: &KeptDraft) -> JsValue {
    list([number(draft.room.0), draft.text.as_str().into(), draft.unsent.into()])
}

pub(super) fn draft(record: &JsValue) -> Option<KeptDraft> {
    let mut from = Reader::new(record)?;
    Some(KeptDraft { room: RoomId(from.number()?), text: from.text()?, unsent: from.next().is_truthy() })
}

pub(super) fn of_wishes(wishes: &KeptWishes) -> JsValue {
    let KeptWishes { room, read_n, back, muted, notify } = *wishes;
    let level = |level| match level {
        Level::All => 0,
        Level::Mentions => 1,
        Level::Nothing => 2,
    };
    let maybe = |n: Option<u64>| n.map_or(JsValue::NULL, number);
    list([number(room.0), maybe(read_n), back.into(), maybe(muted.map(u64::from)), maybe(notify.map(level))])
}

pub(super) fn wishes(record: &JsValue) -> Option<KeptWishes> {
    let mut from = Reader::new(record)?;
    let room = RoomId(from.number()?);
    let (read_n, back, muted) = (from.number(), from.next().is_truthy(), from.number().map(|muted| muted != 0));
    let notify = from.number().map(|level| match level {
        0 => Level::All,
        1 => Level::Mentions,
        _ => Level::Nothing,
    });
    Some(KeptWishes { room, read_n, back, muted, notify })
}

/// A command, or the id of one that is done.
pub(crate) fn of_shared(shared: &Shared) -> JsValue {
    match shared {
        Shared::Put(pending) => of_pending(pending),
        Shared::Drop(cid) => list([cid.to_string().into()]),
    }
}

pub(crate) fn shared(record: &JsValue) -> Option<Shared> {
    let mut from = Reader::new(record)?;
    let cid = Cid(from.text()?.parse().ok()?);
    if from.list.length() == 1 {
        return Some(Shared::Drop(cid));
    }
    let at = Timestamp(from.number()?);
    let refusal = from.text().and_then(|text| codec::decode_server(&text).ok());
    let stage = if let Some(ServerMsg::Error(refusal)) = refusal { Stage::Failed(refusal) } else { Stage::Waiting };
    let (kind, room, target) = (from.text()?, RoomId(from.number()?), Seq(from.number()?));
    let (on, text) = (from.next().is_truthy(), from.text()?);
    let what = match kind.as_str() {
        "say" => {
            What::Say { room, body: Body::kept(text), reply_to: Some(target).filter(|target| *target > Seq::ZERO) }
        }
        "edit" => What::Edit { room, target, body: Body::kept(text) },
        "delete" => What::Delete { room, target },
        "react" => What::React { room, target, emoji: Emoji::kept(text), on },
        "pin" => What::Pin { room, target, on },
        "create" => What::Create { name: RoomName::kept(text), private: on },
        "direct" => What::Direct { people: text.split(' ').filter_map(|id| id.parse().ok()).collect() },
        "rename" => What::Room { room, change: RoomChange::Rename(RoomName::kept(text)) },
        "topic" => What::Room { room, change: RoomChange::Topic(Topic::kept(text)) },
        "archive" => What::Room { room, change: RoomChange::Archive(on) },
        "announce" => What::Room { room, change: RoomChange::Announce(on) },
        "invite" => What::Room { room, change: RoomChange::Invite(text.parse().ok()?) },
        "remove" => What::Room { room, change: RoomChange::Remove(text.parse().ok()?) },
        "appoint" => {
            let role = if on { RoomRole::Moderator } else { RoomRole::Member };
            What::Room { room, change: RoomChange::Appoint(text.parse().ok()?, role) }
        }
        "join" => What::Join { room },
        "leave" => What::Leave { room },
        _ => return None,
    };
    let retries = u32::try_from(from.number().unwrap_or_default()).unwrap_or_default();
    let after = from.text().and_then(|text| text.parse().ok()).map(Cid);
    Some(Shared::Put(Box::new(Pending { cid, what, after, at, stage, retries, trouble: None })))
}

/// How far it has come is not kept, for it goes out again in any case; only that a person has to decide about it.
fn of_pending(pending: &Pending) -> JsValue {
    let (people, user);
    let (kind, on, text) = match &pending.what {
        What::Say { body, .. } => ("say", false, body.as_str()),
        What::Edit { body, .. } => ("edit", false, body.as_str()),
        What::Delete { .. } => ("delete", false, ""),
        What::React { emoji, on, .. } => ("react", *on, emoji.as_str()),
        What::Pin { on, .. } => ("pin", *on, ""),
        What::Create { name, private } => ("create", *private, name.as_str()),
        What::Direct { people: with } => {
            people = with.iter().map(UserId::to_string).collect::<Vec<_>>().join(" ");
            ("direct", false, people.as_str())
        }
        What::Room { change: RoomChange::Rename(name), .. } => ("rename", false, name.as_str()),
        What::Room { change: RoomChange::Topic(topic), .. } => ("topic", false, topic.as_str()),
        What::Room { change: RoomChange::Archive(on), .. } => ("archive", *on, ""),
        What::Room { change: RoomChange::Announce(on), .. } => ("announce", *on, ""),
        What::Room { change, .. } => {
            let (kind, on, whom) = match change {
                RoomChange::Remove(whom) => ("remove", false, whom),
                RoomChange::Appoint(whom, role) => ("appoint", *role == RoomRole::Moderator, whom),
                RoomChange::Invite(whom) => ("invite", false, whom),
                RoomChange::Rename(_) | RoomChange::Topic(_) | RoomChange::Archive(_) | RoomChange::Announce(_) => {
                    return JsValue::NULL;
                }
            };
            user = whom.to_string();
            (kind, on, user.as_str())
        }
        What::Join { .. } => ("join", false, ""),
        What::Leave { .. } => ("leave", false, ""),
    };
    let target = if let What::Say { reply_to, .. } = &pending.what { *reply_to } else { pending.target() };
    let refusal = match &pending.stage {
        Stage::Failed(refusal) => codec::encode_server(&ServerMsg::Error(refusal.clone())).into(),
        Stage::Waiting | Stage::Sent { .. } | Stage::Acked { .. } => JsValue::NULL,
    };
    list([
        pending.cid.to_string().into(),
        number(pending.at.0),
        refusal,
        kind.into(),
        number(pending.room().map_or(0, |room| room.0)),
        number(target.unwrap_or_default().0),
        on.into(),
        text.into(),
        number(pending.retries.into()),
        pending.after.map_or(JsValue::NULL, |cid| cid.to_string().into()),
    ])
}
