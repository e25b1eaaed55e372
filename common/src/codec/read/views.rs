//! Messages as they stand, and what else HTTP tells of a room's history.

use super::{Bad, Fields};
use crate::api::messages::{EditList, EditView, MessageView, PinList, Place, ReactionView, Thread};
use crate::id::{Seq, Timestamp};
use crate::model::Everyone;

pub(in crate::codec) fn message_view(fields: &mut Fields) -> Result<MessageView, Bad> {
    Ok(MessageView {
        room: fields.id("room")?,
        seq: fields.seq("seq")?,
        n: fields.number("n")?,
        at: fields.at("at")?,
        by: fields.id("by")?,
        name: fields.text("name")?,
        bot: fields.flag("bot"),
        body: fields.text("body")?,
        edited_at: fields.number("edited_at").ok().map(Timestamp),
        deleted: fields.flag("deleted"),
        pinned: fields.flag("pinned"),
        mentions: fields.users("mentions")?,
        everyone: match fields.text("everyone").as_deref() {
            Ok("room") => Some(Everyone::Room),
            Ok("here") => Some(Everyone::Here),
            Ok(_) | Err(_) => None,
        },
        reply_to: fields.number("reply_to").ok().map(Seq),
        root: fields.number("root").ok().map(Seq),
        replies: fields.number("replies").unwrap_or_default(),
        reactions: fields
            .list("reactions", |fields| Ok(ReactionView { emoji: fields.text("emoji")?, by: fields.users("by")? }))?,
    })
}

pub(in crate::codec) fn thread(fields: &mut Fields) -> Result<Thread, Bad> {
    let root = message_view(&mut fields.inner("root")?)?;
    Ok(Thread { root, messages: fields.list("messages", message_view)? })
}

pub(in crate::codec) fn pins(fields: &mut Fields) -> Result<PinList, Bad> {
    Ok(PinList { messages: fields.list("messages", message_view)? })
}

pub(in crate::codec) fn edits(fields: &mut Fields) -> Result<EditList, Bad> {
    Ok(EditList {
        edits: fields.list("edits", |fields| Ok(EditView { at: fields.at("at")?, body: fields.text("body")? }))?,
    })
}

pub(in crate::codec) fn place(fields: &mut Fields) -> Result<Place, Bad> {
    Ok(Place { seq: fields.seq("seq")?, n: fields.number("n")? })
}
