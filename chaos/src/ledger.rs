//! What was written, answered and seen, noted while it happens.
//!
//! Pure. What contradicts itself is noted as broken at once; the rest is for [`crate::judge`], which has the history.

use std::collections::BTreeMap;

use common::id::{Cid, RoomId, Seq, UserId};
use common::model::Event;
use common::server::ErrorCode;

use crate::rule::{Broken, Rule};

/// Contradictions of one rule that are kept in words; the first ones tell the story, and the rest is counted.
const KEPT: usize = 20;

/// Something that somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The author.
    pub by: UserId,
    /// Where.
    pub room: RoomId,
    /// The message of theirs that it is the new text of; `None` for a message.
    pub target: Option<Seq>,
    /// Which of everything the author wrote, counted from 1.
    pub nth: u64,
    /// The text.
    pub body: String,
}

/// Everything that was noted in one run.
#[derive(Debug, Default)]
pub struct Ledger {
    said: BTreeMap<Cid, Said>,
    acked: BTreeMap<Cid, (RoomId, Seq)>,
    refused: BTreeMap<Cid, ErrorCode>,
    postponed: BTreeMap<String, u64>,
    seen: BTreeMap<(RoomId, Seq), Event>,
    broken: Vec<Broken>,
    unkept: u64,
}

impl Ledger {
    /// Somebody wrote something. To be noted before it is sent.
    pub fn said(&mut self, cid: Cid, said: Said) {
        self.said.insert(cid, said);
    }

    /// The server says that it has carried a command out.
    pub fn acked(&mut self, cid: Cid, room: RoomId, seq: Seq) {
        match self.acked.get(&cid) {
            Some(first) if *first != (room, seq) => {
                let (was_in, was) = *first;
                self.breaks(Rule::Moved, format!("{cid} was acknowledged as {was_in}{was}, then as {room}{seq}"));
            }
            Some(_) => {}
            None => drop(self.acked.insert(cid, (room, seq))),
        }
    }

    /// The server refused a command for good.
    pub fn refused(&mut self, cid: Cid, code: ErrorCode) {
        self.refused.insert(cid, code);
    }

    /// The server refused a command for now.
    pub fn postponed(&mut self, code: ErrorCode) {
        *self.postponed.entry(format!("{code:?}")).or_default() += 1;
    }

    /// A client was sent an event.
    pub fn seen(&mut self, who: &str, event: &Event) {
        match self.seen.get(&(event.room, event.seq)) {
            Some(first) if first != event => {
                let what = format!("{who} was sent {}, which was {} before", brief(event), brief(first));
                self.breaks(Rule::Retracted, what);
            }
            Some(_) => {}
            None => drop(self.seen.insert((event.room, event.seq), event.clone())),
        }
    }

    /// A rule was seen to be broken.
    pub fn breaks(&mut self, rule: Rule, what: String) {
        if self.broken.iter().filter(|broken| broken.rule == rule).count() < KEPT {
            self.broken.push(Broken { rule, what });
        } else {
            self.unkept += 1;
        }
    }

    /// What was written.
    #[must_use]
    pub const fn all_said(&self) -> &BTreeMap<Cid, Said> {
        &self.said
    }

    /// What was acknowledged, with its place.
    #[must_use]
    pub const fn all_acked(&self) -> &BTreeMap<Cid, (RoomId, Seq)> {
        &self.acked
    }

    /// What was refused for good.
    #[must_use]
    pub const fn all_refused(&self) -> &BTreeMap<Cid, ErrorCode> {
        &self.refused
    }

    /// How often something was refused for now, by code.
    #[must_use]
    pub const fn all_postponed(&self) -> &BTreeMap<String, u64> {
        &self.postponed
    }

    /// Whatever any client was sent, as it was the first time.
    #[must_use]
    pub const fn all_seen(&self) -> &BTreeMap<(RoomId, Seq), Event> {
        &self.seen
    }

    /// What contradicted itself on the way, at most the first [`KEPT`] of each rule.
    #[must_use]
    pub fn broken(&self) -> &[Broken] {
        &self.broken
    }

    /// How many more contradictions there were.
    #[must_use]
    pub const fn unkept(&self) -> u64 {
        self.unkept
    }
}

/// An event in a few words: its place, its command, how it begins.
#[must_use]
pub fn brief(event: &Event) -> String {
    let cid = event.cid.map_or_else(|| "no cid".to_owned(), |cid| cid.to_string());
    let kind: String = format!("{:?}", event.kind).chars().take(60).collect();
    format!("{}{} {cid} by {} {kind}", event.room, event.seq, event.by)
}
