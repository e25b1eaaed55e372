//! `bufferedAmount` as a line: it rises with each `send()`, and falls as the browser hands bytes to the system.
//!
//! The scale is linear up to the peak, for what drains evenly then falls evenly. The line is of the last 10 seconds, or
//! of all that has not drained since.

use crate::lean::dom::{el, with_class};
use crate::lean::text;
use crate::workbench::Node;
use crate::workbench::connection::words::Words;

/// Milliseconds that are shown of what has drained.
const SPAN_MS: f64 = 10_000.0;

/// Milliseconds that the line is wide at least.
const LEAST_MS: f64 = 1_000.0;

/// How many points there are at most; when more come every other one goes.
const MOST: usize = 240;

/// From so many bytes on it is shown where there is little room too.
const LARGE: f64 = 65_536.0;

/// The size of the picture, in its own units.
const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 100.0;

/// Milliseconds since 1970, and bytes.
type Point = (f64, f64);

/// The line.
#[derive(Debug, Default)]
pub(in super::super) struct Buffered {
    points: Vec<Point>,
    /// Whether the socket is closed: nothing drains any more.
    ended: bool,
}

impl Buffered {
    /// So many bytes wait now.
    pub(in super::super) fn add(&mut self, now: f64, bytes: f64) {
        let was = self.points.last().map_or(0.0, |(_, bytes)| *bytes);
        if was <= 0.0 {
            if bytes <= 0.0 {
                return;
            }
            self.points.retain(|(at, _)| now - at < SPAN_MS);
            self.points.push((now, 0.0));
        }
        if self.points.len() >= MOST {
            let peak = self.peak();
            let mut odd = false;
            self.points.retain(|point| {
                odd = !odd;
                odd || *point == peak
            });
        }
        self.points.push((now, bytes));
    }

    /// The socket has closed, and so many bytes stay behind for ever.
    pub(in super::super) fn end(&mut self, now: f64, bytes: f64) {
        self.add(now, bytes);
        self.ended = true;
    }

    /// Whether bytes may still drain.
    pub(in super::super) const fn is_open(&self) -> bool {
        !self.ended
    }

    /// The highest point.
    pub(in super::super) fn peak(&self) -> Point {
        self.points.iter().copied().fold((0.0, 0.0), |peak, point| if point.1 > peak.1 { point } else { peak })
    }

    /// Whether it deserves room.
    pub(super) fn is_large(&self) -> bool {
        self.peak().1 >= LARGE
    }

    /// The corners of the line in the picture, from left to right, and its peak.
    fn corners(&self) -> (String, String) {
        let first = self.points.first().map_or(0.0, |(at, _)| *at);
        let last = self.points.last().map_or(0.0, |(at, _)| *at);
        let (wide, peak) = ((last - first).max(LEAST_MS), self.peak());
        let corner = |line: &mut String, (at, bytes): Point| {
            push(line, (at - first) / wide * WIDTH, ',');
            push(line, HEIGHT - bytes / peak.1.max(1.0) * HEIGHT, ' ');
        };
        let (mut line, mut top) = (String::new(), "M".to_owned());
        self.points.iter().for_each(|point| corner(&mut line, *point));
        corner(&mut top, peak);
        (line, top + "h.1")
    }

    pub(super) fn view(&self, words: &Words) -> Node {
        if self.points.is_empty() {
            return Node::Nothing;
        }
        let (line, top) = self.corners();
        // Down to the ground below its last corner.
        let end = line.rsplit(' ').find_map(|corner| corner.split_once(',')).map_or("0", |(x, _)| x);
        let area = "0,100 ".to_owned() + &line + end + ",100";
        let picture = el("svg")
            .attr("viewBox", "0 0 600 100")
            .attr("preserveAspectRatio", "none")
            .attr("aria-hidden", "true")
            .child(el("polygon").attr("class", "spark-area").attr("points", area))
            .child(el("polyline").attr("class", "spark").attr("points", line))
            .child(el("path").attr("class", "spark spark--peak").attr("d", top));
        let peak = words.peak.replace("{}", &text::size(self.peak().1));
        let shown = with_class("div", "stat stat--graph")
            .child(with_class("dt", "stat__label").text(peak))
            .child(el("dd").child(picture));
        shown.into()
    }
}

fn push(line: &mut String, number: f64, mark: char) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the picture")]
    line.push_str(&(number as u32).to_string());
    line.push(mark);
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: f64 = 1_048_576.0;

    #[test]
    fn a_drain_falls_from_its_peak_to_the_ground() {
        let mut line = Buffered::default();
        line.add(0.0, 0.0);
        assert!(line.points.is_empty(), "nothing waits, nothing is drawn");
        line.add(1_000.0, 64.0 * MIB);
        for n in 1..=4 {
            line.add(1_000.0 + f64::from(n) * 500.0, 64.0 * MIB - f64::from(n) * 16.0 * MIB);
        }
        assert_eq!(line.peak(), (1_000.0, 64.0 * MIB));
        assert!(line.is_large());
        let (corners, top) = line.corners();
        assert_eq!(corners, "0,100 0,0 150,25 300,50 450,75 600,100 ");
        assert_eq!(top, "M0,0 h.1");
        line.add(9_000.0, 0.0);
        assert_eq!(line.points.len(), 6, "it has drained");
    }

    #[test]
    fn a_later_drain_leaves_the_old_one_behind() {
        let mut line = Buffered::default();
        line.add(0.0, 64.0 * MIB);
        line.add(100.0, 0.0);
        line.add(5_000.0, 10.0);
        assert_eq!(line.points.len(), 5, "10 seconds are shown");
        line.add(5_010.0, 0.0);
        line.add(20_000.0, 10.0);
        assert_eq!(line.peak(), (20_000.0, 10.0));
    }

    #[test]
    fn a_long_drain_keeps_its_peak_and_stays_small() {
        let mut line = Buffered::default();
        for n in 0..10_000_u32 {
            line.add(f64::from(n) * 16.0, if n == 777 { 9.0 * MIB } else { MIB });
        }
        assert!(line.points.len() <= MOST);
        assert_eq!(line.peak(), (777.0 * 16.0, 9.0 * MIB));
        assert_eq!(line.points.first(), Some(&(0.0, 0.0)), "all of it is shown until it has drained");
    }
}
