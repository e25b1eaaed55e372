//! The document: what was measured, how, on what, and how it is done again.
//!
//! A cell is the median of the rounds and, behind it, the least and the most.

use serde_json::Value;

use super::Found;
use super::machine::Machine;
use super::plan::{Column, Group, Run};
use crate::subject::Subject;

const HEAD: &str = "\
# Benchmarks

<!-- Written by `cargo xtask bench`. What is changed by hand is lost with the next run. -->

One room, many members, and what one says all get. Every server runs alone in a process of its own and is loaded by the
same generator, on a schedule that does not wait for anybody: a message's latency counts from when it was *due*, and what
is late because the server stood still is late.

**The servers do not do the same work.** Readyroom's figures are those of its real chat: each message is JSON that is
parsed, its author's rights are checked, it gets the next number of its room's log, is committed to SQLite and synced to
the disk before anybody sees it, is acknowledged, and goes to every member as an event of about 370 bytes with who, when
and which. The others take a text of 200 bytes and send it to all who are connected: no rights, no order that is kept, no
disk, no answer. `bare send` is what the kernel alone costs: a loop that calls `send` once for each connection and turn,
with frames as long as Readyroom's.

Client and server are on one machine and talk over loopback: there is no network in these figures, and the generator's
receiving is about as dear as the server's sending. A round counts only where the generator needed less than 95 % of its
processor. The rounds go in turns, each server once in each round, so that a machine that gets slower hits all; a cell is
the median of the rounds, with the least and the most.
";

const FOOT: &str = "\
## Again

```
cargo xtask bench                             # everything; some hours
cargo xtask bench --priority                  # on a machine that has other work to do; needs root
cargo xtask bench --quick broadcast sweep     # some groups, three short rounds
cargo xtask bench --peers bun,ws memory       # some of the peers
```

A run of everything writes this file; what a part found is printed. The peers are installed into cargo's target folder
(npm and Python have to be there), and the server is built as `cargo xtask dist` does, but without the page. What is
counted and how: `bench/README.md`. NATS is not among the peers: its WebSocket carries a stream of protocol lines in
binary frames, not messages, so that the generator would measure its own parsing.
";

/// Words everything.
pub(super) fn write(groups: &[&Group], subjects: &[Subject], found: &Found, machine: &Machine) -> String {
    let mut out = String::from(HEAD);
    out.push_str(&format!(
        "\n| | |\n|---|---|\n| date, commit | {}, {} |\n| machine | {}, {} GB |\n| system | Linux {} |\n| rounds | {} |\n",
        machine.date, machine.commit, machine.processor, machine.memory_gb, machine.kernel, found.rounds
    ));
    for (subject, version) in &machine.versions {
        out.push_str(&format!("| {} | {version} |\n", subject.name()));
    }
    for (subject, why) in &found.absent {
        out.push_str(&format!("| {} | left out: {why} |\n", subject.name()));
    }
    out.push_str("\nThe server has one processor and the generator another one, unless a section says otherwise.");
    if found.priority {
        out.push_str(
            "\nBoth ran before everything else that the machine did: with real-time priority where the server had time to\n\
             spare, with the highest niceness where it was driven to its limit.",
        );
    }
    out.push('\n');
    for group in groups {
        out.push_str(&format!("\n## {}\n\n{}\n", group.title, wrapped(group.about)));
        if group.peers {
            group.runs.iter().for_each(|run| by_server(&mut out, group, run, subjects, found));
        } else {
            by_run(&mut out, group, found);
        }
    }
    out.push('\n');
    out.push_str(FOOT);
    out
}

/// A table with a row for each server.
fn by_server(out: &mut String, group: &Group, run: &Run, subjects: &[Subject], found: &Found) {
    out.push_str(&format!("\n### {}\n\n", run.label));
    head(out, "", group.columns);
    for subject in subjects.iter().filter(|subject| group.is_for(**subject)) {
        let name = subject.name();
        let name = if *subject == Subject::Readyroom { format!("**{name}**") } else { name.to_owned() };
        row(out, &name, group, run, *subject, found);
    }
}

/// A table with a row for each run.
fn by_run(out: &mut String, group: &Group, found: &Found) {
    out.push('\n');
    head(out, "", group.columns);
    for run in &group.runs {
        row(out, &run.label, group, run, Subject::Readyroom, found);
    }
}

fn head(out: &mut String, first: &str, columns: &[Column]) {
    let titles: Vec<_> = columns.iter().map(|column| column.title).collect();
    out.push_str(&format!(
        "| {first} | {} | rounds |\n|---|{}\n",
        titles.join(" | "),
        "---:|".repeat(columns.len() + 1)
    ));
}

fn row(out: &mut String, name: &str, group: &Group, run: &Run, subject: Subject, found: &Found) {
    let cell = |column: &Column| {
        let figures = found.figures(group, run, subject, column.key);
        spread(figures).map_or("–".to_owned(), |[median, least, most]| {
            let [median, least, most] =
                [median, least, most].map(|figure| number(figure / column.unit, column.decimals));
            if least == most { median } else { format!("{median} ({least}–{most})") }
        })
    };
    let cells: Vec<_> = group.columns.iter().map(cell).collect();
    let key = group.columns.first().map_or("", |column| column.key);
    let figures = found.figures(group, run, subject, key).len();
    let count = |key: &str, value: Value| {
        let rounds = found.of(group, run, subject);
        rounds.filter(|result| result.get(key) == Some(&value)).count()
    };
    let mut mark = String::new();
    for (count, what) in
        [(count("whole", false.into()), "not whole"), (count("limit", "generator".into()), "at the generator's limit")]
    {
        if count > 0 {
            mark.push_str(&format!(", {count} {what}"));
        }
    }
    out.push_str(&format!("| {name} | {} | {figures} of {}{mark} |\n", cells.join(" | "), found.rounds));
}

/// Median, least and most.
fn spread(mut figures: Vec<f64>) -> Option<[f64; 3]> {
    figures.sort_by(f64::total_cmp);
    let (least, most) = (*figures.first()?, *figures.last()?);
    let middle = figures.len() / 2;
    let upper = *figures.get(middle)?;
    let lower = if figures.len().is_multiple_of(2) { *figures.get(middle - 1)? } else { upper };
    Some([f64::midpoint(lower, upper), least, most])
}

/// A number with a comma between thousands.
fn number(number: f64, decimals: usize) -> String {
    let text = format!("{number:.decimals$}");
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), ""), |(whole, rest)| (whole, rest));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if rest.is_empty() { grouped } else { format!("{grouped}.{rest}") }
}

/// A paragraph in lines of at most 120 characters.
fn wrapped(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= 120 => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_median_least_and_most() {
        assert_eq!(spread(vec![3.0, 1.0, 2.0]), Some([2.0, 1.0, 3.0]));
        assert_eq!(spread(vec![4.0, 1.0]), Some([2.5, 1.0, 4.0]));
        assert_eq!(spread(Vec::new()), None);
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(
            [(0.5, 1), (999.0, 0), (1_000.0, 0), (1_234_567.891, 2)].map(|(n, d)| number(n, d)),
            ["0.5", "999", "1,000", "1,234,567.89"]
        );
    }

    #[test]
    fn lines_are_not_too_long() {
        let text = wrapped(&"word ".repeat(100));
        assert!(text.lines().all(|line| line.len() <= 120) && text.lines().count() == 5, "{text}");
    }
}
