//! What the catalogue says about messages that change, about people who are here, and about the wire's inner life.
//!
//! Neighbours: each language fills this in beside its other words. Where a message takes arguments, the comment beside
//! it names them.

use common::id::Seq;
use common::server::Refusal;

use super::Text;
use crate::state::outlook::Kind;

/// The messages.
pub(crate) struct Changes {
    // A message and its tools.
    pub tools: Text,
    pub react: Text,
    pub react_with: fn(&str) -> String, // emoji
    pub edit: Text,
    pub pin: Text,
    pub unpin: Text,
    pub edited: Text,
    pub edited_at: fn(&str) -> String, // clock
    pub pinned: Text,
    pub deleted: Text,
    pub deleting: Text,
    pub later: Text,
    pub again: Text,
    pub not_done: fn(Kind, &str) -> String, // what was refused, why
    pub discard: Text,
    pub editing: Text,
    pub cancel_edit: Text,
    pub delete_title: Text,
    pub delete_text: fn(&str) -> String, // room
    pub keep: Text,
    pub pins: Text,
    pub show: Text,

    // People.
    pub here: fn(u64) -> String,
    pub people: Text,
    pub comma: Text,
    pub and: Text,
    pub others: fn(usize) -> String,
    pub typing: [Text; 2], // one, several

    // What is held.
    pub held: Text,
    pub seq_and_head: Text,
    pub gaps: Text,
    pub all_to: fn(Seq) -> String,
    pub on_their_way: fn(Seq, u64) -> String, // held, how many
    pub last_known: fn(Seq) -> String,
    pub older_missing: fn(Seq, u64) -> String, // held, how many events in gaps
    pub more_rooms: fn(usize) -> String,
    pub mended: fn(u64, u64, u64) -> String, // gaps found, filled, duplicates
    pub leads: [Text; 2],                    // another tab, this one
    pub outbox: fn(usize) -> String,
    pub outbox_empty: Text,
    pub kind: fn(Kind) -> Text,
    pub stage: [Text; 4], // waiting, sent, stored, refused
    pub since: fn(&str) -> String,
    pub note: fn(crate::state::note::Note) -> String,

    // Faults and the trace.
    pub developer: Text,
    pub developer_text: Text,
    pub faults: [(Text, Text); 7], // drop, freeze, lose, double, delay, forget, reset: button, what will be seen
    pub no_delay: Text,
    pub held_back: fn(usize) -> String,
    pub copy_trace: Text,
    pub copied: Text,
    pub copy_refused: Text,
    pub trace_text: Text,
    pub with_texts: Text,
}

/// A refusal in words, and that it will be tried again.
pub(super) fn troubled(words: &super::Catalogue, why: &Refusal) -> String {
    let mut text = (words.refusal)(why);
    text.push_str(words.changes.again);
    text
}
