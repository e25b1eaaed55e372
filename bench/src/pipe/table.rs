//! The figures of both, and how they stand to each other.

use super::Sample;
use super::cuts::Left;
use super::server::Who;

/// The generator's share of its processor beyond which it may be what limits.
const BUSY: f64 = 0.8;

/// What ours has to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Bar {
    /// So many times theirs, or more.
    AtLeast(f64),
    /// So many times theirs, or less.
    AtMost(f64),
    /// This, or less, whatever theirs is.
    OursAtMost(f64),
}

/// A line of the table.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    name: String,
    bar: Bar,
    ours: Vec<f64>,
    theirs: Vec<f64>,
    busy: f64,
    faults: Vec<String>,
}

/// All of them, and what was left of connections that were cut.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
    left: Vec<(String, Who, Result<Left, String>)>,
}

impl Table {
    /// The line of this name, made if there is none.
    pub(crate) fn row(&mut self, name: String, bar: Bar) -> &mut Row {
        let at = self.rows.iter().position(|row| row.name == name).unwrap_or(self.rows.len());
        if at == self.rows.len() {
            self.rows.push(Row::new(name, bar));
        }
        // It is there, or was just added.
        #[allow(clippy::indexing_slicing, reason = "found or pushed above")]
        &mut self.rows[at]
    }

    /// Notes what was left.
    pub(crate) fn left(&mut self, name: &str, who: Who, left: anyhow::Result<Left>) {
        self.left.push((name.to_owned(), who, left.map_err(|error| format!("{error:#}"))));
    }

    /// The tables, in Markdown.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::new();
        if !self.rows.is_empty() {
            text.push_str("| what | websocketd | readyroom | ratio | bar | |\n|---|--:|--:|--:|--:|---|\n");
        }
        for row in &self.rows {
            row.write(&mut text);
        }
        if !self.left.is_empty() {
            text.push_str("\n| afterwards | | children | zombies | descriptors | after |\n|---|---|--:|--:|--:|--:|\n");
        }
        for (name, who, left) in &self.left {
            let cells = match left {
                Ok(Left { alive, zombies, descriptors, took }) => {
                    format!("{alive} | {zombies} | {descriptors} | {:.2} s", took.as_secs_f64())
                }
                Err(error) => format!("{error} | | |"),
            };
            text.push_str(&format!("| {name} | {} | {cells} |\n", who.name()));
        }
        for row in self.rows.iter().filter(|row| row.busy > BUSY) {
            text.push_str(&format!("\n{}: the generator had {:.0} % of its processor.\n", row.name, row.busy * 100.0));
        }
        for row in &self.rows {
            for fault in &row.faults {
                text.push_str(&format!("\n{}: {fault}\n", row.name));
            }
        }
        text
    }
}

impl Row {
    /// A line without figures.
    const fn new(name: String, bar: Bar) -> Self {
        Self { name, bar, ours: Vec::new(), theirs: Vec::new(), busy: 0.0, faults: Vec::new() }
    }

    /// Notes a figure, or why there is none.
    pub(crate) fn take(&mut self, who: Who, sample: anyhow::Result<Sample>) {
        match sample {
            Ok(Sample { figure, busy }) => {
                eprintln!("  {} {}: {figure:.1} (generator {:.0} %)", who.name(), self.name, busy * 100.0);
                self.busy = self.busy.max(busy);
                match who {
                    Who::Readyroom => self.ours.push(figure),
                    Who::Websocketd => self.theirs.push(figure),
                }
            }
            Err(error) => {
                eprintln!("  {} {}: {error:#}", who.name(), self.name);
                let fault = format!("{}: {error:#}", who.name());
                if !self.faults.contains(&fault) {
                    self.faults.push(fault);
                }
            }
        }
    }

    fn write(&self, text: &mut String) {
        let (ours, theirs) = (median(&self.ours), median(&self.theirs));
        let ratio = ours / theirs;
        let (bar, is_met) = match self.bar {
            Bar::AtLeast(bar) => (format!("≥ {bar} ×"), ratio >= bar),
            Bar::AtMost(bar) => (format!("≤ {bar} ×"), ratio <= bar),
            Bar::OursAtMost(bar) => (format!("≤ {bar}"), ours <= bar),
        };
        let verdict = if is_met { "✓" } else { "✗" };
        let shown = if ratio.is_finite() { format!("{ratio:.2}") } else { "–".to_owned() };
        let (theirs, ours) = (spread(&self.theirs), spread(&self.ours));
        text.push_str(&format!("| {} | {theirs} | {ours} | {shown} | {bar} | {verdict} |\n", self.name));
    }
}

/// The middle one, with the least and the most.
fn spread(figures: &[f64]) -> String {
    if figures.is_empty() {
        return "–".to_owned();
    }
    let least = figures.iter().copied().fold(f64::INFINITY, f64::min);
    let most = figures.iter().copied().fold(0.0, f64::max);
    format!("{} ({}–{})", shown(median(figures)), shown(least), shown(most))
}

fn shown(figure: f64) -> String {
    if figure < 100.0 { format!("{figure:.1}") } else { format!("{figure:.0}") }
}

fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    crate::share_of(&mut sorted, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_medians_their_ratio_and_a_verdict() {
        let mut row = Row::new("lines/s".to_owned(), Bar::AtLeast(2.0));
        for figure in [100.0, 300.0, 110.0] {
            row.take(Who::Websocketd, Ok(Sample { figure, busy: 0.1 }));
            row.take(Who::Readyroom, Ok(Sample { figure: figure * 2.5, busy: 0.1 }));
        }
        let mut text = String::new();
        row.write(&mut text);
        assert_eq!(text, "| lines/s | 110 (100–300) | 275 (250–750) | 2.50 | ≥ 2 × | ✓ |\n");
    }

    #[test]
    fn a_bar_that_is_not_met_says_so() {
        let mut row = Row::new("memory".to_owned(), Bar::OursAtMost(32.0));
        row.take(Who::Readyroom, Ok(Sample { figure: 33.0, busy: 0.1 }));
        row.take(Who::Websocketd, Err(anyhow::anyhow!("nothing happens for 15 s")));
        let mut text = String::new();
        row.write(&mut text);
        assert_eq!(text, "| memory | – | 33.0 (33.0–33.0) | – | ≤ 32 | ✗ |\n");
        assert_eq!(row.faults, ["websocketd: nothing happens for 15 s"]);
    }
}
