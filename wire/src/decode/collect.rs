//! What does not lie in the input as a whole: frames that were cut, and messages in fragments.
//!
//! Buffers grow by what has arrived, never by what was declared: a head alone costs its sender more than us.

use super::{Complete, Place, whole};
use crate::frame::{Expected, Head, MOST_HEAD, Opcode, Unfinished};
use crate::mask::Mask;
use crate::text::Text;
use crate::{Input, Violation};

/// What is collected on one connection. It is dropped when there is nothing left in it.
#[derive(Debug, Default)]
pub(super) struct Collecting {
    /// The beginning of a head, and how much of it there is.
    head: [u8; MOST_HEAD],
    head_len: usize,
    /// The frame whose payload is arriving.
    body: Option<Body>,
    /// The message that was begun.
    message: Option<Unended>,
    /// The payload of a control frame that was cut.
    control: Vec<u8>,
    /// What was handed out, and is forgotten with the next call.
    handed_out: HandedOut,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum HandedOut {
    #[default]
    Nothing,
    Control,
    Message,
}

/// A frame whose payload is arriving.
#[derive(Debug)]
struct Body {
    fin: bool,
    opcode: Opcode,
    mask: Mask,
    /// Bytes to come.
    left: usize,
}

/// A message whose end has not arrived.
#[derive(Debug)]
struct Unended {
    opcode: Opcode,
    compressed: bool,
    frames: u32,
    payload: Payload,
}

#[derive(Debug)]
enum Payload {
    Text(Text),
    /// What cannot be judged before it is complete, or not at all.
    Bytes(Vec<u8>),
}

/// A payload that is complete.
pub(super) enum Collected<'a> {
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// Reads up to the end of the next message, or of the input.
pub(super) fn advance(
    collecting: &mut Option<Box<Collecting>>,
    expected: &Expected<'_>,
    input: &mut Input<'_>,
) -> Result<Option<Complete>, Violation> {
    if let Some(some) = collecting {
        some.forget();
    }
    loop {
        if let Some(some) = collecting
            && some.body.is_some()
        {
            if !some.fill(input)? {
                return Ok(None);
            }
            if let Some(complete) = some.end_frame() {
                return Ok(Some(complete));
            }
        }
        let Some(head) = read_head(collecting, expected, input)? else {
            if collecting.as_ref().is_some_and(|some| some.is_empty()) {
                *collecting = None;
            }
            return Ok(None);
        };
        if let Some(complete) = whole(&head, input) {
            return Ok(Some(complete));
        }
        collecting.get_or_insert_default().begin(&head);
    }
}

/// Reads a head, of which a part may have arrived before. What is left of the input is kept if it is no whole head.
fn read_head(
    collecting: &mut Option<Box<Collecting>>,
    expected: &Expected<'_>,
    input: &mut Input<'_>,
) -> Result<Option<Head>, Violation> {
    if let Some(some) = collecting {
        let expected = Expected { unfinished: some.unfinished(), ..*expected };
        return some.continue_head(&expected, input);
    }
    match expected.read(input.rest())? {
        Some(head) => {
            input.skip(head.size);
            Ok(Some(head))
        }
        None if input.rest().is_empty() => Ok(None),
        None => collecting.get_or_insert_default().continue_head(expected, input),
    }
}

impl Collecting {
    /// Whether nothing is half read.
    pub(super) fn is_empty(&self) -> bool {
        let message = self.message.is_some() && self.handed_out != HandedOut::Message;
        self.head_len == 0 && self.body.is_none() && !message
    }

    /// Bytes that are kept ready for payload.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        let message = self.message.as_ref().map_or(0, |message| match &message.payload {
            Payload::Text(text) => text.capacity(),
            Payload::Bytes(bytes) => bytes.capacity(),
        });
        message + self.control.capacity()
    }

    /// What was completed last.
    pub(super) fn collected(&self) -> Result<Collected<'_>, Violation> {
        Ok(match (self.handed_out, &self.message) {
            (HandedOut::Message, Some(Unended { payload: Payload::Text(text), .. })) => Collected::Text(text.finish()?),
            (HandedOut::Message, Some(Unended { payload: Payload::Bytes(bytes), .. })) => Collected::Bytes(bytes),
            (HandedOut::Message | HandedOut::Control | HandedOut::Nothing, _) => Collected::Bytes(&self.control),
        })
    }

    /// Begins the frame behind this head.
    pub(super) fn begin(&mut self, head: &Head) {
        let Head { fin, compressed, opcode, mask, payload, .. } = *head;
        self.body = Some(Body { fin, opcode, mask, left: payload });
        match &mut self.message {
            _ if opcode.is_control() => {}
            Some(message) => message.frames += 1,
            none => {
                let payload = if opcode == Opcode::Text && !compressed {
                    Payload::Text(Text::default())
                } else {
                    Payload::Bytes(Vec::new())
                };
                *none = Some(Unended { opcode, compressed, frames: 1, payload });
            }
        }
    }

    /// Gives back what was handed out.
    fn forget(&mut self) {
        match std::mem::take(&mut self.handed_out) {
            HandedOut::Nothing => {}
            HandedOut::Control => self.control = Vec::new(),
            HandedOut::Message => self.message = None,
        }
    }

    fn unfinished(&self) -> Option<Unfinished> {
        self.message.as_ref().map(|message| Unfinished {
            len: message.payload.len(),
            frames: message.frames,
            compressed: message.compressed,
        })
    }

    fn continue_head(&mut self, expected: &Expected<'_>, input: &mut Input<'_>) -> Result<Option<Head>, Violation> {
        let had = self.head_len;
        let places = self.head.iter_mut().skip(had);
        let arrived = places.zip(input.rest()).map(|(place, byte)| *place = *byte).count();
        let head = self.head.get(..had + arrived).unwrap_or_default();
        let Some(head) = expected.read(head)? else {
            self.head_len += arrived;
            input.skip(arrived);
            return Ok(None);
        };
        self.head_len = 0;
        input.skip(head.size - had);
        Ok(Some(head))
    }

    /// Takes what there is of the payload. Whether that is all of it.
    fn fill(&mut self, input: &mut Input<'_>) -> Result<bool, Violation> {
        let Some(body) = &mut self.body else { return Ok(true) };
        let bytes = input.take(body.left, &mut body.mask);
        body.left -= bytes.len();
        match &mut self.message {
            Some(message) if !body.opcode.is_control() => message.payload.push(bytes)?,
            _ => self.control.extend_from_slice(bytes),
        }
        Ok(body.left == 0)
    }

    /// Ends the frame, and the message if it was the last.
    fn end_frame(&mut self) -> Option<Complete> {
        let body = self.body.take()?;
        let (handed_out, opcode, compressed) = match &self.message {
            Some(message) if !body.opcode.is_control() => (HandedOut::Message, message.opcode, message.compressed),
            _ => (HandedOut::Control, body.opcode, false),
        };
        body.fin.then(|| {
            self.handed_out = handed_out;
            Complete { opcode, compressed, place: Place::Collected }
        })
    }
}

impl Payload {
    fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), Violation> {
        match self {
            Self::Text(text) => text.push(bytes)?,
            Self::Bytes(all) => all.extend_from_slice(bytes),
        }
        Ok(())
    }
}
