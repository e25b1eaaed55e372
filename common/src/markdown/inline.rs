//! Reads what is in the lines of a block: code, links, mentions and emphasis, in one pass, and then makes a tree of it.

use super::emphasis::{self, Run, Style};
use super::work::step;
use super::{DEPTH, Inline, link};
use crate::letters::ends;
use crate::limits;

/// Reads the lines of a block.
pub(super) fn parse(text: &str, names: &[String]) -> Vec<Inline> {
    let mut scan =
        Scan { text, names, at: 0, from: 0, nodes: Vec::new(), runs: Vec::new(), brackets: Vec::new(), unclosed: 0 };
    scan.run();
    emphasis::resolve(&mut scan.runs);
    tree(scan.nodes, &scan.runs)
}

/// A piece of the lines, in their order. What begins and ends is not nested yet.
enum Node<'a> {
    Text(&'a str),
    /// Of the runs, by its place.
    Run(usize),
    Code(String),
    Link(String),
    LinkEnd,
    Address(&'a str),
    Mention(&'a str),
    Break,
}

/// A `[` that may begin a link.
struct Bracket {
    node: usize,
    /// Runs before it.
    runs: usize,
    /// Where the words begin.
    from: usize,
}

struct Scan<'a> {
    text: &'a str,
    names: &'a [String],
    /// The next character.
    at: usize,
    /// Where the words that have not become a node begin.
    from: usize,
    nodes: Vec<Node<'a>>,
    runs: Vec<Run<'a>>,
    brackets: Vec<Bracket>,
    /// The lengths of backtick runs, a bit for each, of which it is known that none follows.
    unclosed: u64,
}

impl<'a> Scan<'a> {
    fn run(&mut self) {
        while let Some(c) = self.rest().chars().next() {
            step(1);
            let taken = match c {
                '\\' => self.escape(),
                '`' => self.code(),
                '*' | '_' | '~' => self.delimiter(c),
                '[' => self.bracket(),
                ']' => self.link(),
                '<' => self.angle(),
                'h' => self.address(),
                '@' => self.mention(),
                '\n' => self.line_break(),
                _ => None,
            };
            if taken.is_none() {
                self.at += c.len_utf8();
            }
        }
        self.flush();
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn before(&self) -> Option<char> {
        self.text.get(..self.at)?.chars().next_back()
    }

    fn flush(&mut self) {
        let words = self.text.get(self.from..self.at).unwrap_or_default();
        if !words.is_empty() {
            self.nodes.push(Node::Text(words));
        }
        self.from = self.at;
    }

    /// Takes so many bytes as a node.
    fn put(&mut self, length: usize, node: Node<'a>) -> Option<()> {
        self.flush();
        self.nodes.push(node);
        self.at += length;
        self.from = self.at;
        Some(())
    }

    fn escape(&mut self) -> Option<()> {
        let next = self.rest().chars().nth(1)?;
        if next == '\n' {
            return self.put(2, Node::Break);
        }
        if next.is_ascii_punctuation() {
            self.flush();
            self.from += 1;
            self.at += 2;
            return Some(());
        }
        None
    }

    fn code(&mut self) -> Option<()> {
        let rest = self.rest();
        let content = rest.trim_start_matches('`');
        let length = rest.len() - content.len();
        let bit = 1_u64.checked_shl(u32::try_from(length).ok()?);
        match bit.filter(|bit| self.unclosed & bit == 0) {
            Some(bit) => match closing(content, length) {
                Some(end) => {
                    let text = content.get(..end)?.replace('\n', " ");
                    self.put(length + end + length, Node::Code(unpadded(&text).to_owned()))
                }
                None => {
                    self.unclosed |= bit;
                    self.skip(length)
                }
            },
            None => self.skip(length),
        }
    }

    /// Takes so many bytes as words.
    const fn skip(&mut self, length: usize) -> Option<()> {
        self.at += length;
        Some(())
    }

    fn delimiter(&mut self, sign: char) -> Option<()> {
        let rest = self.rest();
        let after = rest.trim_start_matches(sign);
        let length = rest.len() - after.len();
        if sign == '~' && length != 2 {
            return self.skip(length);
        }
        let run = Run::new(rest.get(..length)?, self.before(), after.chars().next());
        let node = Node::Run(self.runs.len());
        self.runs.push(run);
        self.put(length, node)
    }

    fn bracket(&mut self) -> Option<()> {
        self.put(1, Node::Text("["))?;
        self.brackets.push(Bracket { node: self.nodes.len() - 1, runs: self.runs.len(), from: self.at });
        Some(())
    }

    /// A `]`: it ends a link where an address that may be followed stands behind it, and words before it. Words that
    /// are an address themselves have to be that one.
    fn link(&mut self) -> Option<()> {
        let bracket = self.brackets.pop()?;
        let (href, length) = link::target(self.rest().strip_prefix("](")?)?;
        let words = self.text.get(bracket.from..self.at)?;
        let lies = words.contains("://") && words.trim() != href;
        if lies || words.trim_matches(crate::text::is_invisible).is_empty() {
            return None;
        }
        emphasis::resolve(self.runs.get_mut(bracket.runs..)?);
        self.runs.iter_mut().skip(bracket.runs).for_each(Run::settle);
        *self.nodes.get_mut(bracket.node)? = Node::Link(href);
        // No link holds another.
        self.brackets.clear();
        self.put(2 + length, Node::LinkEnd)
    }

    fn angle(&mut self) -> Option<()> {
        let rest = self.rest().strip_prefix('<')?;
        let length = link::bare(rest, false)?;
        let (address, rest) = rest.split_at_checked(length)?;
        rest.starts_with('>').then_some(())?;
        self.put(length + 2, Node::Address(address))
    }

    fn address(&mut self) -> Option<()> {
        let within = self.before().is_some_and(|c| c.is_ascii_alphanumeric());
        let length = link::bare(self.rest(), !self.brackets.is_empty()).filter(|_| !within)?;
        self.put(length, Node::Address(self.rest().get(..length)?))
    }

    fn mention(&mut self) -> Option<()> {
        let rest = self.rest().strip_prefix('@')?;
        if !ends(self.before(), Some('a')) {
            return None;
        }
        let length = self.names.iter().take(limits::MENTIONS + 2).filter_map(|name| named(rest, name)).max()?;
        self.put(1 + length, Node::Mention(self.rest().get(..=length)?))
    }

    fn line_break(&mut self) -> Option<()> {
        let words = self.text.get(self.from..self.at)?.trim_end_matches(' ');
        if !words.is_empty() {
            self.nodes.push(Node::Text(words));
        }
        self.from = self.at;
        self.put(1, Node::Break)
    }
}

/// The length of the name that a text begins with, if it is this one and ends there. Capitals make no difference within
/// ASCII; beyond it a name is known as its owner or as lower case writes it, where the caller brings both.
fn named(text: &str, name: &str) -> Option<usize> {
    let mut wanted = name.chars();
    let mut next = wanted.next()?;
    let mut letters = text.char_indices().take(limits::USER_NAME_CHARS + 1).peekable();
    while let Some((at, letter)) = letters.next() {
        step(1);
        if !letter.eq_ignore_ascii_case(&next) {
            return None;
        }
        let Some(letter_after) = wanted.next() else {
            return ends(Some(letter), letters.peek().map(|(_, c)| *c)).then_some(at + letter.len_utf8());
        };
        next = letter_after;
    }
    None
}

/// Where the run of so many backticks begins that closes a code span.
fn closing(content: &str, length: usize) -> Option<usize> {
    let mut from = 0;
    loop {
        let rest = content.get(from..)?;
        let at = rest.find('`')?;
        let run = rest.get(at..)?;
        let ticks = run.len() - run.trim_start_matches('`').len();
        step(at + ticks);
        if ticks == length {
            return Some(from + at);
        }
        from += at + ticks;
    }
}

/// Without the one space on either side that keeps backticks apart.
fn unpadded(text: &str) -> &str {
    let inner = text.strip_prefix(' ').and_then(|text| text.strip_suffix(' '));
    inner.filter(|inner| !inner.trim_matches(' ').is_empty()).unwrap_or(text)
}

/// What a level of the tree is.
enum Around {
    Style(Style),
    Link(String),
}

/// The tree while it is being made.
struct Tree {
    done: Vec<(Around, Vec<Inline>)>,
    now: Vec<Inline>,
    /// Levels that were not opened, because there are too many.
    over: usize,
    linked: bool,
}

fn tree(nodes: Vec<Node<'_>>, runs: &[Run<'_>]) -> Vec<Inline> {
    let mut tree = Tree { done: Vec::new(), now: Vec::new(), over: 0, linked: false };
    for node in nodes {
        match node {
            Node::Text(text) => tree.text(text),
            Node::Run(at) => tree.run(runs.get(at)),
            Node::Code(text) => tree.now.push(Inline::Code(text)),
            Node::Link(href) => {
                tree.linked = true;
                tree.open(Around::Link(href), "");
            }
            Node::LinkEnd => {
                tree.linked = false;
                tree.close("");
            }
            Node::Address(address) if tree.linked => tree.text(address),
            Node::Address(address) => {
                let href = address.to_owned();
                tree.now.push(Inline::Link { text: vec![Inline::Text(href.clone())], href });
            }
            Node::Mention(text) => tree.now.push(Inline::Mention(text.to_owned())),
            Node::Break => tree.now.push(Inline::Break),
        }
    }
    tree.now
}

impl Tree {
    fn text(&mut self, text: &str) {
        match self.now.last_mut() {
            Some(Inline::Text(words)) => words.push_str(text),
            _ if text.is_empty() => {}
            _ => self.now.push(Inline::Text(text.to_owned())),
        }
    }

    fn run(&mut self, run: Option<&Run<'_>>) {
        let Some(run) = run else { return };
        let signs = |length: usize| run.text.get(..length).unwrap_or_default();
        for style in &run.closes {
            self.close(signs(style.width()));
        }
        self.text(signs(run.left));
        for style in run.opens.iter().rev() {
            self.open(Around::Style(*style), signs(style.width()));
        }
    }

    /// Begins a level, or where there are too many says what would have begun it.
    fn open(&mut self, around: Around, signs: &str) {
        if self.over > 0 || self.done.len() >= DEPTH {
            self.over += 1;
            return self.text(signs);
        }
        self.done.push((around, std::mem::take(&mut self.now)));
    }

    fn close(&mut self, signs: &str) {
        if self.over > 0 {
            self.over -= 1;
            return self.text(signs);
        }
        let Some((around, outer)) = self.done.pop() else { return };
        let inner = std::mem::replace(&mut self.now, outer);
        self.now.push(match around {
            Around::Style(Style::Strong) => Inline::Strong(inner),
            Around::Style(Style::Emphasis) => Inline::Emphasis(inner),
            Around::Style(Style::Strike) => Inline::Strike(inner),
            Around::Link(href) => Inline::Link { href, text: inner },
        });
    }
}
