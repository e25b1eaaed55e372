//! Cuts lines into blocks.

use super::work::step;
use super::{Align, Block, DEPTH, Inline, Item, inline};

/// Digits of an ordered list's number (CommonMark 0.31, section 5.2).
const DIGITS: usize = 9;

/// Reads lines, within so many quotes and lists.
pub(super) fn parse(lines: &[&str], depth: usize, names: &[String]) -> Vec<Block> {
    let mut reader = Reader { lines, at: 0, depth, names };
    let mut blocks = Vec::new();
    while let Some(line) = reader.line() {
        if line.trim().is_empty() {
            reader.at += 1;
        } else {
            blocks.push(reader.block(line));
        }
    }
    blocks
}

struct Reader<'l, 'a> {
    lines: &'l [&'a str],
    at: usize,
    depth: usize,
    names: &'l [String],
}

impl<'a> Reader<'_, 'a> {
    fn line(&self) -> Option<&'a str> {
        self.lines.get(self.at).copied()
    }

    /// The block that begins with the line, which is not blank.
    fn block(&mut self, line: &'a str) -> Block {
        step(line.len() + 1);
        if let Some(fence) = Fence::of(line) {
            return self.code(&fence);
        }
        if let Some((level, words)) = heading(line) {
            self.at += 1;
            return Block::Heading(level, self.inline(words));
        }
        if is_rule(line) {
            self.at += 1;
            return Block::Rule;
        }
        if self.depth < DEPTH && quoted(line).is_some_and(has_words) {
            return self.quote();
        }
        if let Some(marker) = Marker::of(line).filter(|_| self.depth < DEPTH) {
            return self.list(&marker);
        }
        if let Some(columns) = self.table_here() {
            return self.table(columns);
        }
        self.paragraph()
    }

    fn inline(&self, text: &str) -> Vec<Inline> {
        inline::parse(text, self.names)
    }

    fn code(&mut self, fence: &Fence<'a>) -> Block {
        let mut lines = Vec::new();
        self.at += 1;
        while let Some(line) = self.line() {
            step(1);
            self.at += 1;
            if fence.is_closed_by(line) {
                break;
            }
            lines.push(without_indent(line, fence.indent));
        }
        Block::Code { lang: fence.lang.to_owned(), text: lines.join("\n") }
    }

    fn quote(&mut self) -> Block {
        let mut lines = Vec::new();
        while let Some(line) = self.line().and_then(quoted) {
            step(1);
            lines.push(line);
            self.at += 1;
        }
        Block::Quote(parse(&lines, self.depth + 1, self.names))
    }

    fn list(&mut self, first: &Marker<'a>) -> Block {
        let mut items = Vec::new();
        let mut next = Some(*first);
        while let Some(marker) = next {
            items.push(self.item(&marker));
            next =
                self.line().filter(|line| !is_rule(line)).and_then(Marker::of).filter(|next| next.sign == first.sign);
        }
        Block::List { start: first.number, items }
    }

    /// The lines of an item: the one with the marker, and those that are indented as its words are.
    fn item(&mut self, marker: &Marker<'a>) -> Item {
        let (done, words) = task(marker.words);
        let mut lines = vec![words];
        self.at += 1;
        let mut blank = 0;
        while let Some(line) = self.lines.get(self.at + blank).copied() {
            step(1);
            if line.trim().is_empty() {
                blank += 1;
            } else if indent(line) >= marker.offset {
                lines.extend(std::iter::repeat_n("", blank));
                lines.push(without_indent(line, marker.offset));
                self.at += blank + 1;
                blank = 0;
            } else {
                break;
            }
        }
        // Blank lines between two items belong to the list, those behind it to nobody.
        self.at += blank;
        Item { done, blocks: parse(&lines, self.depth + 1, self.names) }
    }

    /// The columns of the table that begins here: a row of titles, and a row of dashes that is as long.
    fn table_here(&self) -> Option<Vec<Align>> {
        let titles = self.line().filter(|line| line.contains('|'))?;
        let dashes = self.lines.get(self.at + 1)?;
        step(titles.len() + dashes.len());
        if !dashes.chars().all(|c| matches!(c, '|' | ':' | '-' | ' ' | '\t')) {
            return None;
        }
        let columns = cells(dashes).into_iter().map(|cell| align(&cell)).collect::<Option<Vec<_>>>()?;
        (columns.len() == cells(titles).len()).then_some(columns)
    }

    fn table(&mut self, columns: Vec<Align>) -> Block {
        let mut rows = Vec::new();
        while let Some(line) =
            self.line().filter(|line| rows.is_empty() || !(line.trim().is_empty() || begins_block(line)))
        {
            step(line.len());
            let row = cells(line).iter().take(columns.len()).map(|cell| self.inline(cell)).collect::<Vec<_>>();
            // The second line is the row of dashes.
            self.at += if rows.is_empty() { 2 } else { 1 };
            rows.push(row);
        }
        Block::Table { columns, rows }
    }

    fn paragraph(&mut self) -> Block {
        let mut lines = Vec::new();
        while let Some(line) = self.line() {
            step(line.len() + 1);
            let ends = line.trim().is_empty() || (self.interrupts(line) || self.table_here().is_some());
            if !lines.is_empty() && ends {
                break;
            }
            lines.push(line);
            self.at += 1;
        }
        Block::Paragraph(self.inline(lines.join("\n").trim_end()))
    }

    /// Whether a line ends the paragraph above it.
    fn interrupts(&self, line: &str) -> bool {
        let is_deep = self.depth >= DEPTH;
        let leaf = Fence::of(line).is_some() || heading(line).is_some() || is_rule(line);
        leaf || (!is_deep && (quoted(line).is_some_and(has_words) || Marker::of(line).is_some_and(|m| m.interrupts())))
    }
}

/// Whether a line is the beginning of a block, whatever is above it.
fn begins_block(line: &str) -> bool {
    Fence::of(line).is_some() || heading(line).is_some() || quoted(line).is_some() || is_rule(line)
}

/// A fence of code: at least three backticks or tildes.
struct Fence<'a> {
    sign: char,
    length: usize,
    indent: usize,
    lang: &'a str,
}

impl<'a> Fence<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let (indent, rest) = less_than_four(line)?;
        let sign = rest.chars().next().filter(|c| matches!(c, '`' | '~'))?;
        let info = rest.trim_start_matches(sign);
        let length = rest.len() - info.len();
        let closed = sign == '`' && info.contains('`');
        (length >= 3 && !closed).then(|| Self {
            sign,
            length,
            indent,
            lang: info.split_whitespace().next().unwrap_or_default(),
        })
    }

    fn is_closed_by(&self, line: &str) -> bool {
        less_than_four(line).is_some_and(|(_, rest)| {
            let after = rest.trim_start_matches(self.sign);
            rest.len() - after.len() >= self.length && after.trim().is_empty()
        })
    }
}

/// What makes a line an item of a list.
#[derive(Clone, Copy)]
struct Marker<'a> {
    /// The bullet, or what stands behind the number.
    sign: char,
    number: Option<u32>,
    /// Columns before the words.
    offset: usize,
    words: &'a str,
}

impl<'a> Marker<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let (indent, rest) = less_than_four(line)?;
        let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = rest.len() - after.len();
        let sign = after.chars().next()?;
        let number = match (digits, sign) {
            (0, '-' | '*' | '+') => None,
            (1..=DIGITS, '.' | ')') => Some(rest.get(..digits)?.parse().ok()?),
            _ => return None,
        };
        let words = after.get(1..).filter(|words| has_words(words) && words.starts_with([' ', '\t']))?;
        // More than four spaces would be code.
        let spaces = if self::indent(words) > 4 { 1 } else { self::indent(words) };
        Some(Self { sign, number, offset: indent + digits + 1 + spaces, words: words.trim_start() })
    }

    /// A number in the middle of a text is no list, unless it is the first.
    fn interrupts(&self) -> bool {
        self.number.is_none_or(|number| number == 1)
    }
}

fn has_words(text: &str) -> bool {
    !text.trim().is_empty()
}

/// The columns of white space that a line begins with; a tab reaches to the next of every four.
fn indent(line: &str) -> usize {
    let mut columns = 0;
    for c in line.chars() {
        match c {
            ' ' => columns += 1,
            '\t' => columns += 4 - columns % 4,
            _ => break,
        }
    }
    columns
}

/// The line behind at most so many columns of white space.
fn without_indent(line: &str, columns: usize) -> &str {
    let mut rest = line;
    let mut taken = 0;
    while taken < columns {
        let Some(shorter) = rest.strip_prefix([' ', '\t']) else { break };
        taken += if rest.starts_with('\t') { 4 - taken % 4 } else { 1 };
        rest = shorter;
    }
    rest
}

/// The columns before a line's words, and the words; none where they are so far in that they would be code.
fn less_than_four(line: &str) -> Option<(usize, &str)> {
    let columns = indent(line);
    (columns < 4).then(|| (columns, line.trim_start_matches([' ', '\t'])))
}

/// The level and the words of a heading.
fn heading(line: &str) -> Option<(u8, &str)> {
    let (_, rest) = less_than_four(line)?;
    let words = rest.trim_start_matches('#');
    let level = u8::try_from(rest.len() - words.len()).ok().filter(|level| (1..=6).contains(level))?;
    let words = words.strip_prefix([' ', '\t'])?.trim();
    let shorter = words.trim_end_matches('#');
    let words = if shorter.ends_with([' ', '\t']) { shorter.trim_end() } else { words };
    (!words.trim_matches('#').is_empty()).then_some((level, words))
}

/// Three or more `-`, `*` or `_`, and nothing else.
fn is_rule(line: &str) -> bool {
    let Some((_, rest)) = less_than_four(line) else { return false };
    let Some(sign) = rest.chars().next().filter(|c| matches!(c, '-' | '*' | '_')) else { return false };
    rest.chars().all(|c| c == sign || c == ' ' || c == '\t') && rest.matches(sign).count() >= 3
}

/// What stands behind a `>`.
fn quoted(line: &str) -> Option<&str> {
    let rest = less_than_four(line)?.1.strip_prefix('>')?;
    Some(rest.strip_prefix(' ').unwrap_or(rest))
}

/// Whether an item is a task, and done, and what it says.
fn task(words: &str) -> (Option<bool>, &str) {
    let read = || {
        let (mark, rest) = words.strip_prefix('[')?.split_at_checked(1)?;
        let rest = rest.strip_prefix(']')?.strip_prefix([' ', '\t']).filter(|rest| has_words(rest))?;
        match mark {
            " " => Some((false, rest)),
            "x" | "X" => Some((true, rest)),
            _ => None,
        }
    };
    read().map_or((None, words), |(done, rest)| (Some(done), rest))
}

/// The cells of a row; a `|` behind a backslash is part of one.
fn cells(line: &str) -> Vec<String> {
    let row = line.trim();
    let row = row.strip_prefix('|').unwrap_or(row);
    let mut cells = vec![String::new()];
    let mut escaped = false;
    for c in row.chars() {
        let Some(cell) = cells.last_mut() else { break };
        match c {
            '|' if escaped => {
                cell.pop();
                cell.push('|');
            }
            '|' => cells.push(String::new()),
            _ => cell.push(c),
        }
        escaped = c == '\\' && !escaped;
    }
    if cells.len() > 1 && cells.last().is_some_and(|cell| cell.trim().is_empty()) && row.ends_with('|') {
        cells.pop();
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

/// How a cell of dashes aligns its column.
fn align(cell: &str) -> Option<Align> {
    let dashes = cell.trim_start_matches(':').trim_end_matches(':');
    let (left, right) = (cell.starts_with(':'), cell.ends_with(':'));
    let exact = cell.len() == dashes.len() + usize::from(left) + usize::from(right);
    (!dashes.is_empty() && dashes.bytes().all(|c| c == b'-') && exact).then_some(match (left, right) {
        (false, false) => Align::None,
        (true, false) => Align::Left,
        (true, true) => Align::Center,
        (false, true) => Align::Right,
    })
}
