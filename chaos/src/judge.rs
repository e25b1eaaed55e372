//! The judgement: what was written, answered and seen against the history that is left.
//!
//! Pure. Each rule is a function of its own and finds everything that breaks it; the tests doctor a history for each.

use std::collections::BTreeMap;
use std::sync::Arc;

use common::id::{Cid, RoomId, Seq, UserId};
use common::model::{Event, EventKind};

use crate::ledger::{Ledger, brief};
use crate::rule::{Broken, Rule};

/// A room's log, read back from the server in the end.
#[derive(Debug, Clone, Default)]
pub struct Log {
    /// The newest event by the server's word.
    pub head: Seq,
    /// All events, as they came.
    pub events: Vec<Event>,
}

/// Every room's log.
pub type History = BTreeMap<RoomId, Log>;

/// What a client holds in the end.
#[derive(Debug, Clone)]
pub struct Held {
    /// Whose it is.
    pub who: String,
    /// The events of each room it is in, oldest first.
    pub rooms: BTreeMap<RoomId, Vec<Arc<Event>>>,
}

/// Holds everything against everything. Everybody is to hold the `open` rooms.
#[must_use]
pub fn judge(ledger: &Ledger, history: &History, held: &[Held], open: &[RoomId]) -> Vec<Broken> {
    let mut broken = ledger.broken().to_vec();
    let places = places(history);
    gapped(history, &mut broken);
    doubled(&places, &mut broken);
    acknowledged(ledger, &places, &mut broken);
    invented(ledger, history, &mut broken);
    disordered(ledger, history, &mut broken);
    retracted(ledger, history, &mut broken);
    refused(ledger, &places, &mut broken);
    unstored(ledger, &places, &mut broken);
    disagreeing(history, held, open, &mut broken);
    broken
}

/// Where each command of each person came to stand.
type Places = BTreeMap<(UserId, Cid), Vec<(RoomId, Seq)>>;

fn places(history: &History) -> Places {
    let mut places = Places::new();
    for event in history.values().flat_map(|log| &log.events) {
        if let Some(cid) = event.cid {
            places.entry((event.by, cid)).or_default().push((event.room, event.seq));
        }
    }
    places
}

fn find(log: &Log, seq: Seq) -> Option<&Event> {
    // In a gapless log this is the place; in a gapped one the search tells.
    let index = usize::try_from(seq.prev().0).ok()?;
    log.events.get(index).filter(|event| event.seq == seq).or_else(|| log.events.iter().find(|event| event.seq == seq))
}

fn gapped(history: &History, broken: &mut Vec<Broken>) {
    for (room, log) in history {
        let mut expected = Seq(1);
        for event in &log.events {
            if event.seq != expected || event.room != *room {
                let what = format!("{room}: {expected} should follow, but there is {}", brief(event));
                broken.push(Broken::new(Rule::Gapped, what));
            }
            expected = event.seq.next();
        }
        if expected.prev() != log.head {
            let what = format!("{room}: the log ends with {}, its head is {}", expected.prev(), log.head);
            broken.push(Broken::new(Rule::Gapped, what));
        }
    }
}

fn doubled(places: &Places, broken: &mut Vec<Broken>) {
    for ((by, cid), at) in places.iter().filter(|(_, at)| at.len() > 1) {
        broken.push(Broken::new(Rule::Doubled, format!("{cid} of {by} stands at {}", spell(at))));
    }
}

fn acknowledged(ledger: &Ledger, places: &Places, broken: &mut Vec<Broken>) {
    for (cid, (room, seq)) in ledger.all_acked() {
        let Some(said) = ledger.all_said().get(cid) else { continue };
        match places.get(&(said.by, *cid)) {
            None => {
                let what = format!("{cid} of {} was acknowledged as {room}{seq} and is not there", said.by);
                broken.push(Broken::new(Rule::Lost, what));
            }
            Some(at) if !at.contains(&(*room, *seq)) => {
                let what = format!("{cid} was acknowledged as {room}{seq} and stands at {}", spell(at));
                broken.push(Broken::new(Rule::Moved, what));
            }
            Some(_) => {}
        }
    }
}

fn invented(ledger: &Ledger, history: &History, broken: &mut Vec<Broken>) {
    for event in history.values().flat_map(|log| &log.events) {
        let (EventKind::Message { body, .. } | EventKind::Edited { body, .. }) = &event.kind else { continue };
        let said = event.cid.and_then(|cid| ledger.all_said().get(&cid));
        let target = if let EventKind::Edited { target, .. } = event.kind { Some(target) } else { None };
        let genuine = said.is_some_and(|said| {
            (said.by, said.room, said.target) == (event.by, event.room, target) && said.body == *body
        });
        if !genuine {
            let was = said.map_or_else(|| "nobody wrote it".to_owned(), |said| format!("it was written as {said:?}"));
            broken.push(Broken::new(Rule::Invented, format!("{}: {was}", brief(event))));
        }
    }
}

fn disordered(ledger: &Ledger, history: &History, broken: &mut Vec<Broken>) {
    for log in history.values() {
        // The texts of one message have an order among themselves, and messages have one.
        let mut last: BTreeMap<(UserId, Option<Seq>), (u64, Seq)> = BTreeMap::new();
        for event in &log.events {
            let Some(said) = event.cid.and_then(|cid| ledger.all_said().get(&cid)) else { continue };
            let before = last.insert((said.by, said.target), (said.nth, event.seq));
            if let Some((nth, seq)) = before.filter(|(nth, _)| *nth > said.nth) {
                let what =
                    format!("{}, number {} of its author, stands after number {nth} at {seq}", brief(event), said.nth);
                broken.push(Broken::new(Rule::Disordered, what));
            }
        }
    }
}

fn retracted(ledger: &Ledger, history: &History, broken: &mut Vec<Broken>) {
    for ((room, seq), seen) in ledger.all_seen() {
        let is = history.get(room).and_then(|log| find(log, *seq));
        if is != Some(seen) {
            let is = is.map_or_else(|| "nothing".to_owned(), brief);
            broken.push(Broken::new(Rule::Retracted, format!("{} was sent out; in its place is {is}", brief(seen))));
        }
    }
}

fn refused(ledger: &Ledger, places: &Places, broken: &mut Vec<Broken>) {
    for (cid, code) in ledger.all_refused() {
        let said = ledger.all_said().get(cid);
        if let Some(at) = said.and_then(|said| places.get(&(said.by, *cid))) {
            let what = format!("{cid} was refused as {code:?} and stands at {}", spell(at));
            broken.push(Broken::new(Rule::RefusedAndStored, what));
        }
    }
}

/// Once everybody is caught up, what was written and not refused has been stored, acknowledged or not.
fn unstored(ledger: &Ledger, places: &Places, broken: &mut Vec<Broken>) {
    for (cid, said) in ledger.all_said() {
        let settled = ledger.all_refused().contains_key(cid) || ledger.all_acked().contains_key(cid);
        if !settled && !places.contains_key(&(said.by, *cid)) {
            let what = format!("{cid}, number {} of {}, was written and never stored or refused", said.nth, said.by);
            broken.push(Broken::new(Rule::Behind, what));
        }
    }
}

fn disagreeing(history: &History, held: &[Held], open: &[RoomId], broken: &mut Vec<Broken>) {
    for Held { who, rooms } in held {
        for (room, events) in rooms {
            let log = history.get(room).map(|log| log.events.as_slice()).unwrap_or_default();
            let tail = log.get(log.len().saturating_sub(events.len())..).unwrap_or_default();
            let differing = events.iter().zip(tail).find(|(one, other)| one.as_ref() != *other);
            if let Some((one, other)) = differing {
                let what = format!("{who} holds {} where the history has {}", brief(one), brief(other));
                broken.push(Broken::new(Rule::Disagreeing, what));
            } else if events.len() > log.len() {
                let what = format!("{who} holds {} events of {room}, the history has {}", events.len(), log.len());
                broken.push(Broken::new(Rule::Disagreeing, what));
            }
        }
        for room in open.iter().filter(|room| !rooms.contains_key(room)) {
            broken.push(Broken::new(Rule::Disagreeing, format!("{who} is not in {room}")));
        }
    }
}

fn spell(at: &[(RoomId, Seq)]) -> String {
    at.iter().map(|(room, seq)| format!("{room}{seq}")).collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests;
