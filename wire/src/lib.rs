//! The WebSocket wire without I/O: RFC 6455 for both ends, and RFC 7692 (permessage-deflate).
//!
//! Bytes go in, messages come out; messages go in, bytes come out. Sockets, timers, queues and what messages mean are
//! the caller's, so that a shard, a test and a simulation drive the same code.
//!
//! - [`Decoder`] turns what has arrived into [`Message`]s. A complete frame is unmasked where it lies and handed out as
//!   a slice of the input: nothing is copied and nothing allocated. Only a frame that is cut, or a message in
//!   fragments, is collected, in a buffer that grows with the bytes that arrive and is given back with the message.
//! - [`encode`] appends frames to a buffer, as many as one likes.
//! - [`deflate`] negotiates the extension, compresses and inflates.
//! - [`handshake`] is what a client asks, and how it judges the answer.
//!
//! ```
//! use wire::{Decoder, Input, Message, Role, Rules, Violation, encode};
//!
//! /// What a server that repeats everything answers to what has arrived.
//! fn echo(decoder: &mut Decoder, arrived: &mut [u8], answer: &mut Vec<u8>) -> Result<(), Violation> {
//!     let rules = Rules { role: Role::Server, max_message: 64 * 1024, max_fragments: 1_000 };
//!     let mut input = Input::new(arrived);
//!     while let Some(message) = decoder.next(&rules, &mut input, None)? {
//!         match message {
//!             Message::Text(text) => encode::text(answer, text),
//!             Message::Binary(bytes) => encode::binary(answer, bytes),
//!             Message::Ping(payload) => encode::pong(answer, payload),
//!             Message::Pong(_) => {}
//!             Message::Close(closing) => encode::close(answer, closing.map(|closing| closing.code), ""),
//!         }
//!     }
//!     Ok(())
//! }
//!
//! // Half a frame, and the other half.
//! let (mut decoder, mut answer) = (Decoder::default(), Vec::new());
//! echo(&mut decoder, &mut [0x81, 0x85, 0x37, 0xfa, 0x21], &mut answer)?;
//! assert!(answer.is_empty() && !decoder.is_idle());
//! echo(&mut decoder, &mut [0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58], &mut answer)?;
//! assert_eq!(answer, b"\x81\x05Hello");
//! # Ok::<(), Violation>(())
//! ```
//!
//! # The rules
//!
//! A peer that breaks a rule is told by one [`Violation`]: the close code to send, and which rule it was. Rules are
//! judged by the first byte that can break them, so it makes no difference how the bytes were cut on their way.
//!
//! | rule | code |
//! |---|---|
//! | reserved bits and opcodes; masks (a client's frames are masked, a server's are not) | 1002 |
//! | control frames: whole, and at most 125 bytes, judged before the payload arrives | 1002 |
//! | fragments: a continuation continues something, no other message begins in between | 1002 |
//! | lengths in their shortest form, below 2⁶³ | 1002 |
//! | Close: no payload, or a code that may be sent and a reason | 1002 |
//! | RSV1 only where compression is agreed, on the first frame of a text or binary message | 1002 |
//! | texts and reasons in UTF-8, judged as the bytes arrive; compressed data that can be inflated | 1007 |
//! | at most [`Rules::max_fragments`] frames in a message, empty ones included | 1008 |
//! | at most [`Rules::max_message`] bytes in a message, judged by the declared length, and again while inflating | 1009 |
//!
//! After a Close, and after a violation, nothing is decoded any more: what follows is swallowed. A compressed message is
//! inflated, and its text judged, when all of it has arrived.
//!
//! # Deliberately absent
//!
//! Answers: that a ping is followed by a pong and a Close by a Close is for the caller, who knows what else is queued.
//! Other extensions, other versions of the protocol, and a streaming interface for parts of messages.

mod close;
mod decode;
pub mod encode;
mod frame;
mod input;
mod mask;
mod message;
mod text;
mod violation;

pub mod deflate;
pub mod handshake;

pub use close::is_sendable;
pub use decode::Decoder;
pub use frame::Opcode;
pub use input::Input;
pub use message::{Closing, Message};
pub use violation::Violation;

/// Which end of the connection we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Reads masked frames (RFC 6455, section 5.1).
    Server,
    /// Reads frames without a mask.
    Client,
}

/// What is asked of a peer. Given with every call, so that a connection stores none of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Which end we are.
    pub role: Role,
    /// Bytes in a message, after inflating. A frame that declares more is refused before its payload arrives.
    pub max_message: usize,
    /// Frames in one message; those without payload count.
    pub max_fragments: u32,
}
