//! permessage-deflate (RFC 7692): what two ends agree on, and the compression itself.
//!
//! A server calls [`negotiate()`]; a client sends [`Offer::header`] and judges the answer with [`Offer::accept`]. What
//! they agreed on is [`Params`], from which each end makes a [`Deflater`] for what it sends and an [`Inflater`] for
//! what it reads.
//!
//! Windows have 9 to 15 bits. RFC 7692 knows 8 as well, which zlib cannot write in raw streams: an offer that wants a
//! server to write such a window is declined, a client fails an answer that wants it to, and reading one is no trouble.
//!
//! Where a peer ends its stream inside a message (a block with BFINAL) the next stream may refer to that message, and not
//! to those before it. RFC 7692 would let it; no compressor that ends streams remembers what came before.

mod deflater;
mod inflater;
mod list;
mod negotiate;
#[cfg(test)]
mod tests;

pub use deflater::Deflater;
pub use inflater::Inflater;
pub use negotiate::{Mismatch, Offer, Preference, negotiate};

/// The extension's name in `Sec-WebSocket-Extensions`.
pub const NAME: &str = "permessage-deflate";

/// What both ends have agreed on (RFC 7692, section 7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Params {
    /// The server forgets its context after each message, so that one compressed message serves all.
    pub server_no_context_takeover: bool,
    /// The client forgets its context after each message, so that one [`Inflater`] serves all.
    pub client_no_context_takeover: bool,
    /// The base-2 logarithm of the server's window: 9 to 15.
    pub server_max_window_bits: u8,
    /// The base-2 logarithm of the client's window: 8 to 15.
    pub client_max_window_bits: u8,
}

impl Default for Params {
    /// What no parameter at all means.
    fn default() -> Self {
        Self {
            server_no_context_takeover: false,
            client_no_context_takeover: false,
            server_max_window_bits: WIDEST,
            client_max_window_bits: WIDEST,
        }
    }
}

/// The narrowest window that can be written, as a logarithm.
const NARROWEST: u8 = 9;
/// The widest window, as a logarithm.
const WIDEST: u8 = 15;

/// What every compressed message ends with, and is cut off (RFC 7692, section 7.2.1): an empty block.
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];
