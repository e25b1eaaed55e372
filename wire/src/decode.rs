//! From bytes to messages.
//!
//! The way of most frames is short: the head is read where it lies, the payload unmasked where it lies, and a slice of
//! the input handed out. Everything else is collected in [`collect`].

mod collect;
#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::deflate::Inflater;
use crate::frame::{Expected, Head, Opcode};
use crate::{Input, Message, Rules, Violation, close};
use collect::{Collected, Collecting};

/// Reads what one peer sends. Idle, it is sixteen bytes and has nothing on the heap.
#[derive(Debug, Default)]
pub struct Decoder {
    collecting: Option<Box<Collecting>>,
    /// After a Close or a violation.
    ended: bool,
}

/// A message or a control frame that is complete.
struct Complete {
    opcode: Opcode,
    compressed: bool,
    place: Place,
}

enum Place {
    /// Unmasked in the input.
    Input(Range<usize>),
    Collected,
}

impl Decoder {
    /// The next message in the input; `None` when the input is used up (what is left of a frame is kept).
    ///
    /// Compression counts as agreed when there is an `inflater`. One that has no context takeover may be shared by any
    /// number of connections.
    ///
    /// # Errors
    ///
    /// The rule that the peer has broken. The connection has to be failed; nothing more is decoded.
    #[inline]
    pub fn next<'a>(
        &'a mut self,
        rules: &Rules,
        input: &'a mut Input<'_>,
        inflater: Option<&'a mut Inflater>,
    ) -> Result<Option<Message<'a>>, Violation> {
        if self.ended {
            self.collecting = None;
            input.skip_all();
            return Ok(None);
        }
        let Self { collecting, ended } = self;
        let message = match advance(collecting, rules, input, inflater.is_some()) {
            Ok(Some(complete)) => deliver(complete, collecting, input, rules, inflater).map(Some),
            Ok(None) => {
                if let Some(inflater) = inflater {
                    inflater.release();
                }
                Ok(None)
            }
            Err(violation) => Err(violation),
        };
        *ended = matches!(message, Ok(Some(Message::Close(_))) | Err(_));
        message
    }

    /// Whether nothing more has to come: no frame is half read, and no fragmented message unfinished.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.ended || self.collecting.as_ref().is_none_or(|collecting| collecting.is_empty())
    }
}

/// Reads up to the end of the next message, or of the input.
#[inline]
fn advance(
    collecting: &mut Option<Box<Collecting>>,
    rules: &Rules,
    input: &mut Input<'_>,
    deflate: bool,
) -> Result<Option<Complete>, Violation> {
    let expected = Expected { rules, deflate, unfinished: None };
    if collecting.is_none()
        && let Some(head) = expected.read(input.rest())?
    {
        input.skip(head.size);
        if let Some(complete) = whole(&head, input) {
            return Ok(Some(complete));
        }
        collecting.get_or_insert_default().begin(&head);
    }
    collect::advance(collecting, &expected, input)
}

/// The frame behind this head, if all of it is in the input and it is no fragment.
#[inline]
fn whole(head: &Head, input: &mut Input<'_>) -> Option<Complete> {
    let Head { fin, compressed, opcode, mut mask, payload, .. } = *head;
    let is_there = input.rest().len() >= payload;
    (is_there && fin && opcode != Opcode::Continuation).then(|| Complete {
        opcode,
        compressed,
        place: Place::Input(input.unmask(payload, &mut mask)),
    })
}

/// Makes a message of it.
#[inline]
fn deliver<'a>(
    complete: Complete,
    collecting: &'a Option<Box<Collecting>>,
    input: &'a Input<'_>,
    rules: &Rules,
    inflater: Option<&'a mut Inflater>,
) -> Result<Message<'a>, Violation> {
    let Complete { opcode, compressed, place } = complete;
    let bytes = match (place, collecting) {
        (Place::Input(range), _) => input.slice(range),
        (Place::Collected, Some(collecting)) => match collecting.collected()? {
            Collected::Text(text) => return Ok(Message::Text(text)),
            Collected::Bytes(bytes) => bytes,
        },
        (Place::Collected, None) => &[],
    };
    let bytes = match inflater {
        _ if !compressed => bytes,
        Some(inflater) => inflater.message(bytes, rules.max_message)?,
        // There was one when the frame began.
        None => return Err(Violation::RESERVED_BITS),
    };
    Ok(match opcode {
        Opcode::Text => Message::Text(simdutf8::basic::from_utf8(bytes).map_err(|_where| Violation::UTF8)?),
        Opcode::Binary | Opcode::Continuation => Message::Binary(bytes),
        Opcode::Ping => Message::Ping(bytes),
        Opcode::Pong => Message::Pong(bytes),
        Opcode::Close => Message::Close(close::parse(bytes)?),
    })
}
