//! Where a message begins and ends in a program's streams, and what stands around it. Pure.
//!
//! | framing | a message to the program | a message of the program |
//! |---|---|---|
//! | lines | its text, or its bytes, and `\n`; a message with line breaks is several lines to the program | a text for each line, without its `\n` or `\r\n` |
//! | json | a text as a JSON string, bytes as `{"binary":"…"}` in base64, on a line each | of a line that is a JSON string the text that it says, of `{"binary":"…"}` the bytes; any other line as it is |
//! | length | four bytes, big-endian, that say how many follow, and these | bytes, as many as the four before them say |
//! | binary | its bytes, with nothing around them | the bytes that were read at once |
//!
//! What follows the last line break is a line too when the output ends. Texts are UTF-8: what is not becomes U+FFFD, judged
//! a whole line at a time, so that a letter that two reads share is not harmed. A line has no bound, but memory has: what
//! is longer than [`LINE`] is handed on in pieces, each a message, and none cuts a letter or `\r\n` in two. A message
//! with its length in front has one: [`MESSAGE`].
//!
//! A program for the json framing is `jq -c --unbuffered .`, or anything that reads and writes a JSON value on each line;
//! since a line break inside a JSON string is `\n`, a text may have any number of them. Lines that are no JSON are not
//! lost, and an object is sent as it was written, to its last space.
//!
//! Deliberately absent: who reads and writes, and WebSockets.

use std::borrow::Cow;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use memchr::{memchr, memchr_iter, memrchr};

/// Bytes of a line that are held until its end is seen: as many as a client's message may have where nothing is said.
pub const LINE: usize = 1024 * 1024;

/// Bytes of the longest message that a program may announce with its length.
pub const MESSAGE: usize = 16 * 1024 * 1024;

/// How messages are told apart in a program's input and output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Framing {
    /// A line each; of the output `\n` or `\r\n` is taken off, to the input `\n` is added.
    #[default]
    Lines,
    /// A JSON value on a line each, so that a text may have line breaks.
    Json,
    /// Four bytes, big-endian, say how many follow.
    Length,
    /// Bytes as they come: what is read at once is a message.
    Binary,
}

impl FromStr for Framing {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "lines" => Ok(Self::Lines),
            "json" => Ok(Self::Json),
            "length" => Ok(Self::Length),
            "binary" => Ok(Self::Binary),
            _ => Err(format!("'{text}' is none of lines, json, length and binary")),
        }
    }
}

impl Framing {
    /// Appends a text to a program's input.
    pub fn put_text(self, text: &str, input: &mut Vec<u8>) {
        match self {
            Self::Json => {
                put_json(text, input);
                input.push(b'\n');
            }
            Self::Lines | Self::Length | Self::Binary => self.put_binary(text.as_bytes(), input),
        }
    }

    /// Appends bytes to a program's input. They are fewer than 2³², where they go with their length.
    pub fn put_binary(self, bytes: &[u8], input: &mut Vec<u8>) {
        input.reserve(bytes.len() + 4);
        match self {
            Self::Lines => {
                input.extend_from_slice(bytes);
                input.push(b'\n');
            }
            Self::Json => {
                input.extend_from_slice(b"{\"binary\":\"");
                input.extend_from_slice(STANDARD.encode(bytes).as_bytes());
                input.extend_from_slice(b"\"}\n");
            }
            Self::Length => {
                input.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
                input.extend_from_slice(bytes);
            }
            Self::Binary => input.extend_from_slice(bytes),
        }
    }
}

/// A line with the name of its stream: `{"stream":"stderr","data":"…"}`.
#[must_use]
pub fn tagged(stream: &str, line: &str) -> String {
    let line = serde_json::Value::from(line);
    format!("{{\"stream\":\"{stream}\",\"data\":{line}}}")
}

/// Appends a text as JSON.
fn put_json(text: &str, to: &mut Vec<u8>) {
    // Neither a text nor a list of bytes has anything that could fail.
    drop(serde_json::to_writer(to, text));
}

/// Who takes a program's messages.
pub trait Sink {
    /// Takes a text.
    fn text(&mut self, text: &str);
    /// Takes bytes.
    fn binary(&mut self, bytes: &[u8]);
}

/// A program has announced a message that is longer than [`MESSAGE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a message of {0} bytes is longer than {MESSAGE}")]
pub struct TooLong(pub usize);

/// Finds the messages in a stream of a program. Between two messages it holds nothing on the heap.
#[derive(Debug)]
pub struct Splitter {
    framing: Framing,
    /// The stream's name, where each line is told with it.
    tag: Option<&'static str>,
    /// A message that has not come to its end.
    begun: Vec<u8>,
    /// A piece of the line was handed on already.
    cut: bool,
}

impl Splitter {
    /// Nothing was read yet.
    #[must_use]
    pub const fn new(framing: Framing) -> Self {
        Self { framing, tag: None, begun: Vec::new(), cut: false }
    }

    /// The same for lines that are told with the name of their stream, as [`tagged`] does.
    #[must_use]
    pub const fn tagged(framing: Framing, stream: &'static str) -> Self {
        Self { framing, tag: Some(stream), begun: Vec::new(), cut: false }
    }

    /// Takes what was read, and hands on the messages that are complete.
    ///
    /// # Errors
    /// [`TooLong`]; nothing more is to be read then.
    pub fn feed(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<(), TooLong> {
        match self.framing {
            Framing::Lines | Framing::Json => self.lines(bytes, sink),
            Framing::Length => return self.lengths(bytes, sink),
            Framing::Binary => sink.binary(bytes),
        }
        Ok(())
    }

    /// The stream has ended: hands on the last line, if no line break stands behind it. Of a message with its length a part
    /// is worth nothing; says whether one is lost so.
    pub fn end(&mut self, sink: &mut impl Sink) -> bool {
        let rest = std::mem::take(&mut self.begun);
        if self.framing == Framing::Length {
            return !rest.is_empty();
        }
        if !rest.is_empty() {
            self.line(&rest, sink);
        }
        false
    }

    fn lines(&mut self, bytes: &[u8], sink: &mut impl Sink) {
        let mut bytes = bytes;
        if !self.begun.is_empty() {
            let Some(end) = memchr(b'\n', bytes) else { return self.begin(bytes, sink) };
            let (rest, after) = bytes.split_at(end);
            let mut line = std::mem::take(&mut self.begun);
            line.extend_from_slice(rest);
            let cut = std::mem::take(&mut self.cut);
            let line = without_return(&line);
            // What was handed on in pieces may have nothing left but its end.
            if !cut || !line.is_empty() {
                self.line(line, sink);
            }
            bytes = after.get(1..).unwrap_or_default();
        }
        let whole = memrchr(b'\n', bytes).map_or(0, |last| last + 1);
        let (whole, rest) = bytes.split_at(whole);
        match simdutf8::basic::from_utf8(whole) {
            Ok(text) if self.is_plain() => plain(text, sink),
            Ok(_) | Err(_) => {
                let mut start = 0;
                for end in memchr_iter(b'\n', whole) {
                    self.line(without_return(whole.get(start..end).unwrap_or_default()), sink);
                    start = end + 1;
                }
            }
        }
        if !rest.is_empty() {
            self.begin(rest, sink);
        }
    }

    /// Whether a line is sent as it is.
    fn is_plain(&self) -> bool {
        self.framing == Framing::Lines && self.tag.is_none()
    }

    /// Holds the beginning of a line, as much as may be held.
    fn begin(&mut self, bytes: &[u8], sink: &mut impl Sink) {
        self.begun.extend_from_slice(bytes);
        while self.begun.len() > LINE {
            let at = seam(&self.begun, LINE);
            let rest = self.begun.split_off(at);
            let piece = std::mem::replace(&mut self.begun, rest);
            self.line(&piece, sink);
            self.cut = true;
        }
    }

    /// Hands on a line.
    fn line(&self, line: &[u8], sink: &mut impl Sink) {
        let text = String::from_utf8_lossy(line);
        if self.framing == Framing::Lines {
            return self.say(&text, sink);
        }
        match Value::read(&text) {
            Value::Text(said) => self.say(&said, sink),
            Value::Binary(bytes) => sink.binary(&bytes),
            Value::Other => self.say(&text, sink),
        }
    }

    fn say(&self, text: &str, sink: &mut impl Sink) {
        match self.tag {
            Some(stream) => sink.text(&tagged(stream, text)),
            None => sink.text(text),
        }
    }

    fn lengths(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<(), TooLong> {
        let mut rest = bytes;
        if !self.begun.is_empty() {
            // The length first, then what it says.
            while let Some(missing) = missing(&self.begun)?.filter(|_| !rest.is_empty()) {
                let (some, after) = rest.split_at(missing.min(rest.len()));
                self.begun.extend_from_slice(some);
                rest = after;
            }
            if missing(&self.begun)?.is_some() {
                return Ok(());
            }
            let message = std::mem::take(&mut self.begun);
            sink.binary(message.get(4..).unwrap_or_default());
        }
        while !rest.is_empty() {
            let announced = missing(rest)?;
            if announced.is_some() {
                self.begun.extend_from_slice(rest);
                break;
            }
            let end = 4 + length(rest).unwrap_or_default();
            let (message, after) = rest.split_at(end.min(rest.len()));
            sink.binary(message.get(4..).unwrap_or_default());
            rest = after;
        }
        Ok(())
    }
}

/// Hands on lines that need nothing but to be cut.
fn plain(text: &str, sink: &mut impl Sink) {
    let bytes = text.as_bytes();
    let mut start = 0;
    for end in memchr_iter(b'\n', bytes) {
        let cr = usize::from(end > start && bytes.get(end - 1) == Some(&b'\r'));
        sink.text(text.get(start..end - cr).unwrap_or_default());
        start = end + 1;
    }
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Where a long line may be cut, at `most` or a little before: not inside a letter, and not before what may be the second
/// half of `\r\n`.
fn seam(line: &[u8], most: usize) -> usize {
    let is_inside = |at: usize| line.get(at).is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000);
    let letter = (most.saturating_sub(3)..=most).rev().find(|at| !is_inside(*at)).unwrap_or(most);
    if letter > 1 && line.get(letter - 1) == Some(&b'\r') { letter - 1 } else { letter }
}

/// What the four bytes at the beginning say.
fn length(bytes: &[u8]) -> Option<usize> {
    let length = bytes.first_chunk().map(|length| u32::from_be_bytes(*length))?;
    Some(usize::try_from(length).unwrap_or(usize::MAX))
}

/// How many bytes of a message are missing, as far as can be told; nothing, when it is complete.
fn missing(bytes: &[u8]) -> Result<Option<usize>, TooLong> {
    let Some(length) = length(bytes) else { return Ok(Some(4 - bytes.len().min(4))) };
    if length > MESSAGE {
        return Err(TooLong(length));
    }
    Ok((length + 4).checked_sub(bytes.len()).filter(|missing| *missing > 0))
}

/// What a line says in the json framing.
enum Value<'a> {
    Text(Cow<'a, str>),
    Binary(Vec<u8>),
    /// As it is: another value, or no JSON.
    Other,
}

/// Bytes in JSON.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Encoded<'a> {
    #[serde(borrow)]
    binary: Cow<'a, str>,
}

impl<'a> Value<'a> {
    fn read(line: &'a str) -> Self {
        let value = line.trim_ascii();
        if value.starts_with('"') {
            return serde_json::from_str(value).map_or(Self::Other, |text: String| Self::Text(text.into()));
        }
        let inside = value.strip_prefix('{').map(str::trim_ascii_start);
        if inside.is_some_and(|inside| inside.starts_with("\"binary\""))
            && let Ok(Encoded { binary }) = serde_json::from_str(value)
            && let Ok(bytes) = STANDARD.decode(binary.as_bytes())
        {
            return Self::Binary(bytes);
        }
        Self::Other
    }
}

#[cfg(test)]
mod tests;
