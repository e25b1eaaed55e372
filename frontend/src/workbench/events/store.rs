//! The entries, and what is known about them: how many there are of each kind, which are shown, where somebody looks.
//!
//! Writing one down takes no longer when there are many: nothing is looked through, nothing is drawn. A filter looks at new
//! ones a slice a frame.

use std::collections::VecDeque;
use std::rc::Rc;

use super::super::socket::{Event, Payload};
use super::filter::{ENTRY, Filter, SLICE};
use super::record::Recorded;
use super::replay::Shelf;
use super::window::{self, Sight};
use super::{Entry, KINDS, Kind, Opened, RECORDED, View, What, kind, payload_of};

/// The most entries that are held.
pub(super) const CAPACITY: usize = 500_000;

/// The most bytes of payload that are held. Files are not counted: they stay where they are.
pub(super) const PAYLOAD: u64 = 256 << 20;

/// How many blobs' first bytes are known at a time: more than there are rows.
const HEADS: usize = 512;

/// How many sent messages may wait for their echoes.
const WAITING: usize = 32;

/// How many connections' beginnings are known.
const MARKS: usize = 1_000;

/// The log.
#[derive(Debug, Default)]
pub struct Events {
    /// The entries, the oldest first.
    pub entries: VecDeque<Entry>,
    /// Which is chosen, by its id: the inspector takes it apart.
    pub chosen: Option<u32>,
    /// The next entry's id.
    pub(super) next: u32,
    /// How many have been drawn or could have been: the first id that has not.
    pub(super) drawn: u32,
    /// Until when so much comes that rows are drawn over one another: what they look like changes, not which they are.
    pub(super) flood: f64,
    /// How many were dropped to make room.
    pub(super) dropped: u32,
    /// Bytes of payload.
    bytes: u64,
    /// Of each kind.
    pub(super) counts: [u32; KINDS],
    pub(super) filter: Filter,
    /// What the filter lets through, in order.
    matched: VecDeque<u32>,
    /// What the filter has looked at: the first id that it has not.
    scanned: u32,
    /// The first id that is not shown, while somebody looks at older ones or has paused.
    pub(super) held: Option<u32>,
    pub(super) paused: bool,
    pub(super) sight: Sight,
    pub(super) view: View,
    /// Which times are shown: of day, since the previous, since open.
    pub(super) times: u8,
    pub(super) opened: Option<Opened>,
    /// Recordings, and what is done with them.
    pub(super) shelf: Shelf,
    /// Frames until the list stands at its top.
    pub(super) to_top: u8,
    heads: Vec<(u32, Option<Rc<[u8]>>)>,
    waiting: VecDeque<u32>,
    marks: Vec<Mark>,
}

/// When a connection was begun and opened.
#[derive(Debug)]
struct Mark {
    connection: u32,
    begun: f64,
    open: Option<f64>,
}

impl Events {
    /// An entry.
    #[must_use]
    pub fn entry(&self, id: u32) -> Option<&Entry> {
        self.entries.get(id.checked_sub(self.first())? as usize)
    }

    /// The first bytes of an entry's payload, where they are at hand: at most [`super::HEAD`].
    #[must_use]
    pub fn head(&self, id: u32) -> Option<Rc<[u8]>> {
        if let Payload::Buffer { head, .. } = payload_of(&self.entry(id)?.what)? {
            return Some(Rc::clone(head));
        }
        self.heads.iter().find(|(of, _)| *of == id)?.1.clone()
    }

    fn first(&self) -> u32 {
        self.entries.front().map_or(self.next, |entry| entry.id)
    }

    /// Writes something down. Returns its id.
    pub(super) fn write(&mut self, connection: u32, at: f64, what: What) -> u32 {
        let id = self.next;
        self.next += 1;
        self.bytes += weight(&what);
        self.count(&what, |count| *count += 1);
        self.mark(connection, at, &what);
        let echo = self.echo(connection, at, &what);
        if matches!(what, What::Sent(_)) {
            if self.waiting.len() == WAITING {
                self.waiting.pop_front();
            }
            self.waiting.push_back(id);
        }
        self.entries.push_back(Entry { id, connection, at, echo, what });
        while self.entries.len() > CAPACITY || self.bytes > PAYLOAD && self.entries.len() > 1 {
            self.drop_oldest();
        }
        id
    }

    fn drop_oldest(&mut self) {
        let Some(gone) = self.entries.pop_front() else { return };
        self.bytes -= weight(&gone.what);
        self.count(&gone.what, |count| *count -= 1);
        self.dropped += 1;
        if self.matched.front() == Some(&gone.id) {
            self.matched.pop_front();
        }
    }

    fn count(&mut self, what: &What, by: fn(&mut u32)) {
        if let Some(count) = self.counts.get_mut(kind(what) as usize) {
            by(count);
        }
    }

    fn mark(&mut self, connection: u32, at: f64, what: &What) {
        match kind(what) {
            Kind::Begun => {
                if self.marks.len() == MARKS {
                    self.marks.remove(0);
                }
                self.marks.push(Mark { connection, begun: at, open: None });
            }
            Kind::Open => {
                if let Some(mark) = self.marks.iter_mut().rev().find(|mark| mark.connection == connection) {
                    mark.open = Some(at);
                }
            }
            Kind::Sent | Kind::Received | Kind::Error | Kind::Close | Kind::Control => {}
        }
    }

    /// When an entry's connection was begun, and when it was opened.
    pub(super) fn beginning(&self, connection: u32) -> Option<(f64, Option<f64>)> {
        self.marks.iter().rev().find(|mark| mark.connection == connection).map(|mark| (mark.begun, mark.open))
    }

    /// How long ago the same was sent, where it was and nothing else has echoed it.
    fn echo(&mut self, connection: u32, at: f64, what: &What) -> Option<f32> {
        let What::Heard(Event::Message(payload)) = what else { return None };
        let place = self.waiting.iter().position(|id| {
            self.entry(*id).is_some_and(|sent| {
                sent.connection == connection && payload_of(&sent.what).is_some_and(|sent| is_same(sent, payload))
            })
        })?;
        let sent = self.waiting.remove(place)?;
        #[expect(clippy::cast_possible_truncation, reason = "a short time")]
        self.entry(sent).map(|sent| (at - sent.at) as f32)
    }

    /// What happened here, as a recording has it.
    pub(super) fn live(&self) -> Vec<Recorded> {
        let live = || self.entries.iter().filter(|entry| entry.connection < RECORDED);
        let first = live().next().map_or(0.0, |entry| entry.at);
        let recorded =
            |entry: &Entry| Recorded { t: entry.at - first, connection: entry.connection, what: entry.what.clone() };
        live().map(recorded).collect()
    }

    /// Forgets everything. Ids go on.
    pub(super) fn clear(&mut self) {
        self.entries = VecDeque::new();
        self.matched = VecDeque::new();
        self.heads = Vec::new();
        self.waiting = VecDeque::new();
        (self.chosen, self.opened, self.held, self.paused) = (None, None, None, false);
        (self.bytes, self.counts, self.dropped, self.scanned) = (0, [0; KINDS], 0, self.next);
        self.sight.below = 0.0;
    }

    /// Whether the filter has not yet looked at everything.
    pub(super) const fn is_scanning(&self) -> bool {
        self.filter.is_on() && self.scanned < self.next
    }

    /// Begins to look through everything.
    pub(super) fn begin_scan(&mut self) {
        self.matched.clear();
        self.scanned = self.first();
    }

    /// Looks through the next slice.
    pub(super) fn scan(&mut self) {
        let mut left = SLICE;
        while self.is_scanning() && left > 0 {
            self.scanned = self.scanned.max(self.first());
            let Some(entry) = self.entry(self.scanned) else { return };
            left = left.saturating_sub(ENTRY + weight(&entry.what));
            let head = self.head_of(entry);
            if self.filter.admits(&entry.what, head) {
                let id = entry.id;
                self.matched.push_back(id);
            }
            self.scanned += 1;
        }
    }

    fn head_of<'a>(&'a self, entry: &'a Entry) -> &'a [u8] {
        match payload_of(&entry.what) {
            Some(Payload::Buffer { head, .. }) => head,
            Some(Payload::Blob { .. }) => {
                let known = self.heads.iter().find(|(of, _)| *of == entry.id);
                known.and_then(|(_, head)| head.as_deref()).unwrap_or_default()
            }
            Some(Payload::Text(_)) | None => &[],
        }
    }

    /// Notes that a blob's first bytes are asked for; false where they are known or asked for already.
    pub(super) fn ask_head(&mut self, id: u32) -> bool {
        let new = !self.heads.iter().any(|(of, _)| *of == id);
        if new {
            if self.heads.len() == HEADS {
                self.heads.remove(0);
            }
            self.heads.push((id, None));
        }
        new
    }

    /// A blob's first bytes are known.
    pub(super) fn know_head(&mut self, id: u32, bytes: Rc<[u8]>) {
        if let Some((_, head)) = self.heads.iter_mut().find(|(of, _)| *of == id) {
            *head = Some(bytes);
        }
    }

    /// How many rows there are.
    pub(super) fn shown(&self) -> usize {
        self.until(self.held.unwrap_or(self.next))
    }

    /// How many rows there will be when somebody goes on.
    pub(super) fn waiting_rows(&self) -> usize {
        self.until(self.next) - self.shown()
    }

    /// How many rows there are of entries before that one.
    fn until(&self, id: u32) -> usize {
        if self.filter.is_on() {
            self.matched.partition_point(|matched| *matched < id)
        } else {
            id.saturating_sub(self.first()) as usize
        }
    }

    /// The entry in a row.
    pub(super) fn nth(&self, row: usize) -> Option<u32> {
        if self.filter.is_on() { self.matched.get(row).copied() } else { Some(self.entries.get(row)?.id) }
    }

    /// The row of an entry.
    pub(super) fn place_of(&self, id: u32) -> Option<usize> {
        let row = self.until(id);
        (self.nth(row) == Some(id) && row < self.shown()).then_some(row)
    }

    /// The row with something below it.
    pub(super) fn open_row(&self) -> window::Open {
        let opened = self.opened.as_ref()?;
        Some((self.place_of(self.chosen?)?, opened.high()))
    }

    /// The rows that are drawn.
    pub(super) fn drawn_rows(&self) -> window::Window {
        window::window(self.sight, self.shown(), self.open_row())
    }

    /// The entries that are drawn.
    pub(super) fn in_sight(&self) -> impl Iterator<Item = u32> {
        self.drawn_rows().rows.filter_map(|row| self.nth(row))
    }

    /// Somebody has scrolled. Away from the end nothing new comes, so that what is read stays where it is.
    pub(super) fn scrolled(&mut self, sight: Sight) {
        self.sight = sight;
        if !self.paused {
            self.held = if sight.below < 4.0 { None } else { self.held.or(Some(self.drawn)) };
        }
    }
}

/// What an entry counts for: the bytes of its payload, where they are in memory.
fn weight(what: &What) -> u64 {
    match payload_of(what) {
        Some(Payload::Blob { name, .. }) if !name.is_empty() => 0,
        Some(payload) => payload.len(),
        None => 0,
    }
}

/// Whether two messages may be the same one. Of blobs no more than their length is at hand.
fn is_same(sent: &Payload, received: &Payload) -> bool {
    match (sent, received) {
        (Payload::Text(sent), Payload::Text(received)) => sent == received,
        (Payload::Buffer { head: a, .. }, Payload::Buffer { head: b, .. }) => sent.len() == received.len() && a == b,
        (Payload::Text(_), _) | (_, Payload::Text(_)) => false,
        (_, _) => sent.len() == received.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen::JsValue;

    fn text(text: &str) -> Payload {
        Payload::Text(text.into())
    }

    fn says(said: &str) -> What {
        What::Heard(Event::Message(text(said)))
    }

    fn begun() -> What {
        What::Begun { url: "ws://a.example".into(), protocols: Vec::new() }
    }

    /// Looks for something until all has been looked through; says in how many slices.
    fn look_for(log: &mut Events, text: &str) -> u32 {
        log.filter.text = text.into();
        log.filter.compile();
        log.begin_scan();
        let mut slices = 0;
        while log.is_scanning() {
            log.scan();
            slices += 1;
        }
        slices
    }

    #[test]
    fn beyond_its_room_the_oldest_go_and_are_counted() {
        let mut log = Events::default();
        for number in 0..CAPACITY as u32 + 1_000 {
            log.write(1, f64::from(number), says("x"));
        }
        assert_eq!((log.entries.len(), log.dropped, log.shown()), (CAPACITY, 1_000, CAPACITY));
        assert_eq!(log.entry(999), None);
        assert_eq!(log.entry(1_000).map(|entry| entry.id), Some(1_000));
        assert_eq!(log.counts[Kind::Received as usize] as usize, CAPACITY);
        assert_eq!((log.nth(0), log.place_of(1_000)), (Some(1_000), Some(0)));
    }

    #[test]
    fn payloads_have_their_bound_but_files_stay_where_they_are() {
        let mut log = Events::default();
        let blob = |name: &str| Payload::Blob { len: 100 << 20, name: name.into(), data: JsValue::UNDEFINED };
        (0..9).for_each(|_| {
            log.write(1, 0.0, What::Sent(blob("photo.jpg")));
        });
        assert_eq!(log.dropped, 0);
        (0..3).for_each(|_| {
            log.write(1, 0.0, What::Sent(blob("")));
        });
        assert_eq!((log.dropped, log.entries.len()), (10, 2), "256 MiB hold two of 100");
    }

    #[test]
    fn a_filter_goes_through_everything_and_then_what_comes() {
        let mut log = Events::default();
        for number in 0..20_000_u32 {
            log.write(1, 0.0, says(if number.is_multiple_of(1_000) { "needle" } else { "hay" }));
        }
        let slices = look_for(&mut log, "NEEDLE");
        assert!(slices > 3, "in slices: {slices}");
        assert_eq!((log.shown(), log.nth(1), log.place_of(1_000)), (20, Some(1_000), Some(1)));
        log.write(1, 0.0, says("another needle"));
        assert!(log.is_scanning());
        log.scan();
        assert_eq!((log.shown(), log.place_of(20_000), log.place_of(5)), (21, Some(20), None));
        look_for(&mut log, "");
        assert_eq!(log.shown(), 20_001);
    }

    #[test]
    fn who_reads_older_ones_is_not_disturbed() {
        let mut log = Events::default();
        (0..100).for_each(|_| {
            log.write(1, 0.0, says("x"));
        });
        log.drawn = log.next;
        log.scrolled(Sight { below: 500.0, ..Sight::default() });
        (0..7).for_each(|_| {
            log.write(1, 0.0, says("y"));
        });
        assert_eq!((log.shown(), log.waiting_rows()), (100, 7));
        log.scrolled(Sight { below: 400.0, ..Sight::default() });
        assert_eq!(log.shown(), 100);
        log.scrolled(Sight::default());
        assert_eq!((log.shown(), log.waiting_rows()), (107, 0));
    }

    #[test]
    fn an_echo_is_told_once_and_in_order() {
        let mut log = Events::default();
        log.write(1, 0.0, begun());
        log.write(1, 10.0, What::Sent(text("a")));
        log.write(1, 20.0, What::Sent(text("a")));
        let echo = |log: &mut Events, at: f64, said: &str, connection: u32| {
            let id = log.write(connection, at, says(said));
            log.entry(id).unwrap().echo
        };
        assert_eq!(echo(&mut log, 25.0, "b", 1), None);
        assert_eq!(echo(&mut log, 25.0, "a", 2), None, "another connection's");
        assert_eq!(echo(&mut log, 25.0, "a", 1), Some(15.0));
        assert_eq!(echo(&mut log, 26.0, "a", 1), Some(6.0));
        assert_eq!(echo(&mut log, 27.0, "a", 1), None);
    }

    #[test]
    fn what_is_cleared_is_gone_and_numbers_go_on() {
        let mut log = Events::default();
        log.write(1, 0.0, says("a"));
        log.chosen = Some(0);
        log.clear();
        assert_eq!((log.shown(), log.chosen, log.counts), (0, None, [0; KINDS]));
        assert_eq!((log.write(1, 0.0, says("b")), log.shown()), (1, 1));
    }
}
