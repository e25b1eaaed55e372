//! Two recordings held against each other.
//!
//! What was sent and what was heard are aligned each for itself, in order, by the longest common run of equal events: a
//! table for so many at a time, so that long recordings take no more memory than short ones. Between equal ones, what stands
//! on both sides counts as changed.

use super::super::relay;
use super::super::socket::{Event, Payload};
use super::What;
use super::record::Recorded;
use crate::i18n::Lang;

/// Events of either side that one table holds.
const TABLE: usize = 600;

/// What became of an event: its place in one recording, in the other, or in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Row {
    Same(usize, usize),
    Changed(usize, usize),
    OnlyA(usize),
    OnlyB(usize),
}

impl Row {
    /// Which of the four, from 0.
    pub(super) const fn sort(self) -> usize {
        match self {
            Self::Same(..) => 0,
            Self::Changed(..) => 1,
            Self::OnlyA(_) => 2,
            Self::OnlyB(_) => 3,
        }
    }

    /// Its place in the first recording, and in the second.
    pub(super) const fn places(self) -> (Option<usize>, Option<usize>) {
        match self {
            Self::Same(a, b) | Self::Changed(a, b) => (Some(a), Some(b)),
            Self::OnlyA(a) => (Some(a), None),
            Self::OnlyB(b) => (None, Some(b)),
        }
    }
}

/// Two recordings, and what became of their events.
#[derive(Debug)]
pub(super) struct Diff {
    pub names: [String; 2],
    pub sides: [Vec<Recorded>; 2],
    /// All of them, by their time.
    pub rows: Vec<Row>,
    /// How many there are of each [`Row::sort`].
    pub counts: [u32; 4],
}

impl Diff {
    /// Holds one against the other.
    pub(super) fn new(names: [String; 2], sides: [Vec<Recorded>; 2]) -> Self {
        let [a, b] = &sides;
        let mut rows = Vec::with_capacity(a.len().max(b.len()));
        let (sent, heard) = (aligned(a, b, true), aligned(a, b, false));
        let at = |row: Option<&Row>| {
            row.map_or(f64::INFINITY, |row| match row.places() {
                (Some(place), _) => a.get(place).map_or(0.0, |event| event.t),
                (None, place) => place.and_then(|place| b.get(place)).map_or(0.0, |event| event.t),
            })
        };
        let (mut sent, mut heard) = (sent.into_iter().peekable(), heard.into_iter().peekable());
        let mut counts = [0; 4];
        while let Some(row) =
            if at(sent.peek()) <= at(heard.peek()) { sent.next().or_else(|| heard.next()) } else { heard.next() }
        {
            if let Some(count) = counts.get_mut(row.sort()) {
                *count += 1;
            }
            rows.push(row);
        }
        Self { names, sides, rows, counts }
    }
}

/// A number for what an event says; equal events have equal ones, and different ones hardly ever.
fn print_of(what: &What) -> u64 {
    let mut print = 0xcbf2_9ce4_8422_2325_u64;
    let mut take = |bytes: &[u8]| {
        for byte in bytes {
            print = (print ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    match what {
        What::Begun { url, .. } => take(url.as_bytes()),
        What::Sent(payload) | What::Heard(Event::Message(payload)) => match payload {
            Payload::Text(text) => take(text.as_bytes()),
            // Bytes are told apart by their number and by those at hand: a blob is a blob.
            Payload::Buffer { len, head, .. } => {
                take(&len.to_be_bytes());
                take(head);
            }
            Payload::Blob { len, .. } => take(&len.to_be_bytes()),
        },
        What::Heard(Event::Open { protocol, .. }) => {
            take(b"open");
            take(protocol.as_bytes());
        }
        What::Heard(Event::Close { code, reason, .. }) => {
            take(&code.to_be_bytes());
            take(reason.as_bytes());
        }
        What::Heard(Event::Refused(name, _)) => take(name.as_bytes()),
        What::Heard(Event::Relay(seen)) => take(relay::describe(seen, Lang::En).as_bytes()),
        What::Noted(text) => take(text.as_bytes()),
        What::Heard(Event::Error) => take(b"error"),
    }
    print
}

/// The events of one direction, side by side.
fn aligned(a: &[Recorded], b: &[Recorded], sent: bool) -> Vec<Row> {
    let side = |events: &[Recorded]| -> Vec<(usize, u64)> {
        let places = events.iter().enumerate().filter(|(_, event)| matches!(event.what, What::Sent(_)) == sent);
        places.map(|(place, event)| (place, print_of(&event.what))).collect()
    };
    let (a, b) = (side(a), side(b));
    let (mut rows, mut i, mut j) = (Vec::with_capacity(a.len().max(b.len())), 0, 0);
    // Since the last equal pair: what only one side has.
    let (mut only_a, mut only_b) = (Vec::new(), Vec::new());
    while i < a.len() || j < b.len() {
        let (left, right) = (a.get(i..).unwrap_or_default(), b.get(j..).unwrap_or_default());
        for (has_a, has_b) in steps(left, right) {
            match (a.get(i).filter(|_| has_a), b.get(j).filter(|_| has_b)) {
                (Some(one), Some(other)) => {
                    settle(&mut rows, &mut only_a, &mut only_b);
                    rows.push(Row::Same(one.0, other.0));
                }
                (one, other) => {
                    only_a.extend(one.map(|one| one.0));
                    only_b.extend(other.map(|other| other.0));
                }
            }
            (i, j) = (i + usize::from(has_a), j + usize::from(has_b));
        }
    }
    settle(&mut rows, &mut only_a, &mut only_b);
    rows
}

/// Pairs what stands on both sides between two equal events.
fn settle(rows: &mut Vec<Row>, only_a: &mut Vec<usize>, only_b: &mut Vec<usize>) {
    let (mut left, mut right) = (only_a.drain(..), only_b.drain(..));
    loop {
        rows.push(match (left.next(), right.next()) {
            (Some(a), Some(b)) => Row::Changed(a, b),
            (Some(a), None) => Row::OnlyA(a),
            (None, Some(b)) => Row::OnlyB(b),
            (None, None) => return,
        });
    }
}

/// The next steps along the longest common run: both sides where they are equal, else one. At least one step, where there is
/// anything; of a whole table the first half, for its end is not the end of the recordings.
fn steps(a: &[(usize, u64)], b: &[(usize, u64)]) -> Vec<(bool, bool)> {
    let equal = a.iter().zip(b).take_while(|(one, other)| one.1 == other.1).count();
    if equal > 0 {
        return vec![(true, true); equal];
    }
    let all = a.len() <= TABLE && b.len() <= TABLE;
    let (a, b) = (a.get(..TABLE).unwrap_or(a), b.get(..TABLE).unwrap_or(b));
    let wide = b.len() + 1;
    let mut table = vec![0_u16; (a.len() + 1) * wide];
    let get = |table: &[u16], i: usize, j: usize| table.get(i * wide + j).copied().unwrap_or_default();
    for (i, one) in a.iter().enumerate().rev() {
        for (j, other) in b.iter().enumerate().rev() {
            let best = if one.1 == other.1 {
                get(&table, i + 1, j + 1) + 1
            } else {
                get(&table, i + 1, j).max(get(&table, i, j + 1))
            };
            if let Some(cell) = table.get_mut(i * wide + j) {
                *cell = best;
            }
        }
    }
    let (mut steps, mut i, mut j) = (Vec::new(), 0, 0);
    while all || i < TABLE / 2 && j < TABLE / 2 {
        let step = match (a.get(i), b.get(j)) {
            (Some(one), Some(other)) if one.1 == other.1 => (true, true),
            (Some(_), Some(_)) if get(&table, i + 1, j) < get(&table, i, j + 1) => (false, true),
            (Some(_), _) => (true, false),
            (None, Some(_)) => (false, true),
            (None, None) => break,
        };
        (i, j) = (i + usize::from(step.0), j + usize::from(step.1));
        steps.push(step);
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(says: &str, sent: bool) -> Vec<Recorded> {
        let what = |said: char| {
            let payload = Payload::Text(said.to_string().into());
            if sent { What::Sent(payload) } else { What::Heard(Event::Message(payload)) }
        };
        says.chars()
            .zip(0_u32..)
            .map(|(said, at)| Recorded { t: f64::from(at), connection: 1, what: what(said) })
            .collect()
    }

    fn of(a: &str, b: &str) -> Diff {
        Diff::new(["A".into(), "B".into()], [events(a, true), events(b, true)])
    }

    #[test]
    fn equal_recordings_are_the_same() {
        assert_eq!(of("abcd", "abcd").counts, [4, 0, 0, 0]);
        assert!(of("", "").rows.is_empty());
    }

    #[test]
    fn what_was_left_out_put_in_and_changed_is_told() {
        use Row::{Changed, OnlyA, OnlyB, Same};
        assert_eq!(of("abcd", "acd").rows, [Same(0, 0), OnlyA(1), Same(2, 1), Same(3, 2)]);
        assert_eq!(of("acd", "abcd").rows, [Same(0, 0), OnlyB(1), Same(1, 2), Same(2, 3)]);
        assert_eq!(of("axd", "ayd").rows, [Same(0, 0), Changed(1, 1), Same(2, 2)]);
        assert_eq!(of("ab", "").counts, [0, 0, 2, 0]);
    }

    #[test]
    fn directions_are_aligned_each_for_itself_and_shown_by_time() {
        let both = |sent: &str, heard: &str| {
            let mut all = events(sent, true);
            all.extend(events(heard, false).into_iter().map(|event| Recorded { t: event.t + 0.5, ..event }));
            all
        };
        let diff = Diff::new(["A".into(), "B".into()], [both("ab", "ab"), both("ab", "b")]);
        assert_eq!(diff.counts, [3, 0, 1, 0]);
        assert_eq!(diff.rows, [Row::Same(0, 0), Row::OnlyA(2), Row::Same(1, 1), Row::Same(3, 2)]);
    }

    #[test]
    fn long_recordings_are_aligned_in_parts() {
        let letters = |from: usize| (from..20_000).map(|at| char::from(b'a' + (at * 7 % 25) as u8)).collect::<String>();
        let diff = of(&letters(0), &letters(3));
        assert_eq!(diff.counts, [19_997, 0, 3, 0]);
        let other = "z".repeat(2_000);
        assert_eq!(of(&letters(18_000), &other).counts, [0, 2_000, 0, 0]);
    }
}
