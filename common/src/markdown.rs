//! What a message's text means: Markdown as people write it in chats, read into a small tree.
//!
//! A subset of CommonMark with tables, strikethrough, task lists and bare addresses, for both ends: the page draws the
//! tree, the server takes the plain text out of it. In reading order: `block` cuts lines into blocks, `inline` reads
//! what is in a line, `emphasis` pairs `*`, `_` and `~`, `link` says which addresses are links, [`mod@plain`] forgets it all,
//! [`highlight`] colours code.
//!
//! Where chat differs from documents: a single line break is one; a quote and a list end with their lines (no lazy
//! continuation); what is beside Han or kana may be emphasised as in other scripts; an empty heading, quote or list item is text. Deliberately absent:
//! HTML (a tag is text), entities, reference links, images, indented code, underlined headings.
//!
//! The work is linear in the length of the text, whatever it says, and the tree is at most [`DEPTH`] deep within each of
//! its two parts, blocks and lines: what lies deeper is text.

mod block;
mod emphasis;
pub mod highlight;
mod inline;
mod link;
pub mod plain;
#[cfg(test)]
mod tests;
mod work;

pub use plain::plain;

/// How deep quotes and lists are nested at most, and again how deep emphasis is.
pub const DEPTH: usize = 8;

/// What a text says before anything else to be an action: `/me waves`.
const ACTION: &str = "/me ";

/// A text that has been read.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Document {
    /// Whether it tells what its author does: `/me waves`.
    pub action: bool,
    /// Its blocks.
    pub blocks: Vec<Block>,
}

/// A block of lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// Words.
    Paragraph(Vec<Inline>),
    /// `# Words`, of the first to the sixth level.
    Heading(u8, Vec<Inline>),
    /// `> Words`
    Quote(Vec<Block>),
    /// A list.
    List {
        /// The first number of an ordered one.
        start: Option<u32>,
        /// At least one.
        items: Vec<Item>,
    },
    /// A block of code.
    Code {
        /// The first word behind the fence, which names the language; empty for none.
        lang: String,
        /// The code, without its last line break.
        text: String,
    },
    /// A table.
    Table {
        /// One for each column.
        columns: Vec<Align>,
        /// The first row has the titles; no row is longer than `columns`.
        rows: Vec<Vec<Vec<Inline>>>,
    },
    /// `---`
    Rule,
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Whether it is done, where it is a task: `- [x] words`.
    pub done: Option<bool>,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// How a column is aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// As the writing is.
    None,
    /// `:--`
    Left,
    /// `:-:`
    Center,
    /// `--:`
    Right,
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    /// Words.
    Text(String),
    /// `**words**`
    Strong(Vec<Inline>),
    /// `*words*`
    Emphasis(Vec<Inline>),
    /// `~~words~~`
    Strike(Vec<Inline>),
    /// `` `words` ``
    Code(String),
    /// An address, bare or as `[words](address)`.
    Link {
        /// Begins with `http://`, `https://` or `mailto:`, and holds neither white space nor control characters.
        href: String,
        /// What is shown; holds no further link.
        text: Vec<Inline>,
    },
    /// `@` and a name that is mentioned, as it was written.
    Mention(String),
    /// A line break.
    Break,
}

/// Reads a text. An `@` before one of the `names` (in lower case) is a mention; the longest name counts.
#[must_use]
pub fn parse(text: &str, names: &[String]) -> Document {
    let (action, text) = match text.strip_prefix(ACTION) {
        Some(text) if !text.trim().is_empty() => (true, text),
        Some(_) | None => (false, text),
    };
    let lines: Vec<&str> = text.split('\n').collect();
    Document { action, blocks: block::parse(&lines, 0, names) }
}
