//! Which rows are in sight, and how much room the others take.
//!
//! The log is laid out from its end, so that it stays there while it grows: all distances are from the end of the last row.

use std::ops::Range;

/// Rows that are drawn beyond what can be seen, at either end.
const BEYOND: f64 = 8.0;

/// What is in sight, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sight {
    /// From the end of the last row to the lower edge.
    pub below: f64,
    /// From edge to edge.
    pub high: f64,
    /// How much of it is drawn: more than that, for windows grow.
    pub drawn: f64,
    /// Of one row.
    pub row: f64,
}

impl Default for Sight {
    /// Before anything is known: at the end. Enough is drawn for a large screen, and little is thought to be seen.
    fn default() -> Self {
        Self { below: 0.0, high: 270.0, drawn: 1_600.0, row: 27.0 }
    }
}

/// A row that has something below it: its place among the rows, and how high that is in pixels.
pub(super) type Open = Option<(usize, f64)>;

/// What is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Window {
    /// The places of the rows.
    pub rows: Range<usize>,
    /// Pixels above them.
    pub above: f64,
    /// Pixels below them.
    pub below: f64,
}

#[expect(clippy::cast_precision_loss, reason = "there are not that many rows")]
const fn number(count: usize) -> f64 {
    count as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "no distance is negative")]
const fn whole(rows: f64) -> usize {
    rows as usize
}

/// What is drawn of so many rows.
pub(super) fn window(sight: Sight, count: usize, open: Open) -> Window {
    let row = sight.row.max(1.0);
    // Rows after the open one, and how high they are.
    let (after, extra) = open.map_or((count, 0.0), |(at, high)| (count.saturating_sub(at + 1), high));
    // Rows within a distance; with those that begin in it. The open row counts with what is below it.
    let within = |distance: f64, begun: bool| {
        let (distance, partly) = (distance.max(0.0), if begun { 1.0 } else { 0.0 });
        let behind = distance - number(after) * row;
        let rows = if behind <= 0.0 {
            (distance / row + partly * 0.999).floor()
        } else {
            number(after) + ((behind - extra) / row + partly * 0.999).floor().max(partly)
        };
        whole(rows).min(count)
    };
    let below = within(sight.below - BEYOND * row, false);
    let above = within(sight.below + sight.drawn + BEYOND * row, true);
    let (from, to) = (count - above, count - below);
    let beyond = |rows: usize, has: bool| number(rows) * row + if has { extra } else { 0.0 };
    let at = open.map(|(at, _)| at);
    Window {
        above: beyond(from, at.is_some_and(|at| at < from)),
        below: beyond(below, at.is_some_and(|at| at >= to)),
        rows: from..to,
    }
}

/// Where to scroll so that a row can be seen: what then is below; none where it can be seen already.
pub(super) fn reach(sight: Sight, count: usize, at: usize, open: Open) -> Option<f64> {
    let under = number(count.saturating_sub(at + 1)) * sight.row;
    let extra = open.map_or(0.0, |(open, high)| if open >= at { high } else { 0.0 });
    // What is open below the row itself shall be seen with it.
    let lower = if open.is_some_and(|(open, _)| open == at) { under } else { under + extra };
    let upper = under + extra + sight.row;
    if lower < sight.below {
        Some(lower)
    } else if upper > sight.below + sight.high {
        Some(upper - sight.high)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGHT: Sight = Sight { below: 0.0, high: 270.0, drawn: 270.0, row: 27.0 };

    fn total(window: &Window, extra: f64) -> f64 {
        window.above + window.below + number(window.rows.len()) * SIGHT.row + extra
    }

    #[test]
    fn of_half_a_million_rows_few_are_drawn() {
        let window = window(SIGHT, 500_000, None);
        assert_eq!((window.rows.clone(), window.below), (499_982..500_000, 0.0));
        assert!((total(&window, 0.0) - 500_000.0 * 27.0).abs() < 0.1);
    }

    #[test]
    fn all_rows_are_somewhere_wherever_one_looks() {
        for below in [0.0, 26.0, 1_000.0, 13_229.0, 26_000.0, 90_000.0] {
            for open in [None, Some((0, 50.0)), Some((500, 200.0)), Some((999, 30.0))] {
                let window = window(Sight { below, ..SIGHT }, 1_000, open);
                let drawn = open.filter(|(at, _)| window.rows.contains(at)).map_or(0.0, |(_, high)| high);
                let all = 27_000.0 + open.map_or(0.0, |(_, high)| high);
                assert!((total(&window, drawn) - all).abs() < 0.1, "{below} {open:?} {window:?}");
                let lower = window.below;
                assert!(lower <= below || below > all, "{below} {open:?} {window:?}");
            }
        }
    }

    #[test]
    fn what_is_open_takes_the_place_of_rows() {
        let window = window(SIGHT, 1_000, Some((999, 540.0)));
        assert_eq!(window.rows, 999..1_000, "the last row and what is open below it are more than can be seen");
    }

    #[test]
    fn few_rows_are_all_drawn() {
        assert_eq!(window(SIGHT, 0, None).rows, 0..0);
        assert_eq!(window(SIGHT, 3, None), Window { rows: 0..3, above: 0.0, below: 0.0 });
    }

    #[test]
    fn a_row_out_of_sight_is_reached() {
        assert_eq!(reach(SIGHT, 100, 99, None), None);
        assert_eq!(reach(SIGHT, 100, 80, None), Some(270.0));
        assert_eq!(reach(Sight { below: 270.0, ..SIGHT }, 100, 95, None), Some(108.0));
        assert_eq!(reach(SIGHT, 100, 99, Some((99, 400.0))), Some(157.0));
    }
}
