//! Messages as lines for a program, and its lines as messages. `docs/bots.md` shows each.
//!
//! Pure. Deliberately absent: rooms by their names, which the desk knows.

#[cfg(test)]
mod tests;

use common::id::{RoomId, Seq, Timestamp};
use common::limits;
use common::model::Person;
use common::text::Body;
use serde::Serialize;
use serde_json::Value;

/// Bytes in a line of a program; a message of the most characters fits, whatever JSON makes of them.
const MOST: usize = limits::FRAME_BYTES;

/// How lines look.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A JSON object a line; a program may answer with plain texts all the same.
    #[default]
    Json,
    /// The bare text, both ways.
    Plain,
}

/// A message, as a program is told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told<'a> {
    /// The room's name; empty for a conversation.
    pub room: &'a str,
    /// The room.
    pub room_id: RoomId,
    /// The message's place in the room's log, which names it.
    pub seq: Seq,
    /// When it was said, in milliseconds since 1970.
    pub at: Timestamp,
    /// Who said it.
    pub by: &'a Person,
    /// The text.
    pub text: &'a str,
    /// The message that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Seq>,
    /// The message that its thread began with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread: Option<Seq>,
    /// Whether it mentions the bot by its name.
    pub mentioned: bool,
    /// Whether it was said in a conversation with the bot.
    pub direct: bool,
}

impl Told<'_> {
    /// The line, with its end.
    #[must_use]
    pub fn line(&self, style: Style) -> String {
        let mut line = match style {
            Style::Json => serde_json::to_string(self).unwrap_or_default(),
            Style::Plain => self.text.replace('\n', " "),
        };
        line.push('\n');
        line
    }
}

/// Something that a program wants said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saying {
    /// The text.
    pub text: Body,
    /// Where, by name or id; where the last message came from, if it says nothing.
    pub room: Option<String>,
    /// The message that it answers.
    pub reply_to: Option<Seq>,
}

/// What a program wants said with a line; nothing, where that is blank.
///
/// # Errors
/// In words: the field, and the limit.
pub fn saying(style: Style, line: &str) -> Result<Option<Saying>, String> {
    let plain = |text: &str| {
        if text.trim().is_empty() {
            return Ok(None);
        }
        let text = Body::new(text).map_err(|error| error.to_string())?;
        Ok(Some(Saying { text, room: None, reply_to: None }))
    };
    if style == Style::Plain || !line.trim_start().starts_with(['{', '"']) {
        return plain(line);
    }
    match serde_json::from_str(line) {
        Ok(Value::String(text)) => plain(&text),
        Ok(Value::Object(fields)) => match fields.get("text") {
            Some(Value::String(text)) => {
                let said = plain(text)?;
                let room = room(&fields)?;
                let reply_to = reply_to(&fields)?;
                Ok(said.map(|said| Saying { room, reply_to, ..said }))
            }
            Some(_) => Err("text: is not a text".to_owned()),
            None => plain(line),
        },
        Ok(_) | Err(_) => plain(line),
    }
}

type Fields = serde_json::Map<String, Value>;

/// The id names a conversation too, so it goes before the name.
fn room(fields: &Fields) -> Result<Option<String>, String> {
    for name in ["room_id", "room"] {
        match fields.get(name) {
            Some(Value::String(room)) if !room.is_empty() => return Ok(Some(room.clone())),
            Some(Value::String(_) | Value::Null) | None => {}
            Some(_) => return Err(format!("{name}: is not a text")),
        }
    }
    Ok(None)
}

fn reply_to(fields: &Fields) -> Result<Option<Seq>, String> {
    match fields.get("reply_to") {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_u64() {
            Some(seq) if seq > 0 => Ok(Some(Seq(seq))),
            Some(_) | None => Err("reply_to: is not the number of a message".to_owned()),
        },
    }
}

/// Finds the lines in what a program writes. What is no UTF-8 in them becomes U+FFFD.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Splitter {
    line: Vec<u8>,
    /// Bytes of the present line that were too many to be kept.
    beyond: usize,
}

impl Splitter {
    /// Takes what was written; calls `found` with each line that ends in it, or with the bytes of one that is too long.
    pub fn take(&mut self, mut bytes: &[u8], mut found: impl FnMut(Result<&str, usize>)) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let (head, tail) = bytes.split_at(end);
            self.keep(head);
            self.end(&mut found);
            bytes = tail.get(1..).unwrap_or_default();
        }
        self.keep(bytes);
    }

    /// The end: what has no line break behind it is a line as well.
    pub fn end(&mut self, mut found: impl FnMut(Result<&str, usize>)) {
        let Self { line, beyond } = std::mem::take(self);
        if beyond > 0 {
            found(Err(line.len() + beyond));
        } else if !line.is_empty() {
            found(Ok(String::from_utf8_lossy(&line).trim_end_matches('\r')));
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.beyond > 0 || self.line.len() + bytes.len() > MOST {
            self.beyond += bytes.len();
        } else {
            self.line.extend_from_slice(bytes);
        }
    }
}

/// Says that a line of so many bytes is too long.
#[must_use]
pub fn too_long(bytes: usize) -> String {
    format!("has {bytes} bytes, {MOST} are allowed")
}
