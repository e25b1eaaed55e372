//! Agreeing on permessage-deflate (RFC 7692, sections 5 and 7.1).

#[cfg(test)]
mod tests;

use std::fmt;

use super::list::{self, Extension};
use super::{NAME, NARROWEST, Params, WIDEST};

const SERVER_NO_CONTEXT_TAKEOVER: &str = "server_no_context_takeover";
const CLIENT_NO_CONTEXT_TAKEOVER: &str = "client_no_context_takeover";
const SERVER_MAX_WINDOW_BITS: &str = "server_max_window_bits";
const CLIENT_MAX_WINDOW_BITS: &str = "client_max_window_bits";

/// What a server wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preference {
    /// Forget our context after each message, also for clients that do not ask for it.
    pub server_no_context_takeover: bool,
    /// Have clients forget theirs. Each has to be able to (RFC 7692, section 7.1.1.2).
    pub client_no_context_takeover: bool,
    /// The widest window that we write, 9 to 15.
    pub server_max_window_bits: u8,
    /// The widest window that clients should write, 8 to 15. Those that do not say that they can bound it write 15.
    pub client_max_window_bits: u8,
}

/// What a client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// The server must forget its context after each message.
    pub server_no_context_takeover: bool,
    /// We forget ours, whatever the server says.
    pub client_no_context_takeover: bool,
    /// The widest window that the server may write, 8 to 15.
    pub server_max_window_bits: u8,
    /// The widest window that we write, 9 to 15, if the server may ask for less.
    pub client_max_window_bits: Option<u8>,
}

/// The server's answer is none to our offer, and the connection has to be failed (RFC 7692, section 7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mismatch;

/// The parameters of one extension, each of which stands there at most once and says what it may say.
#[derive(Debug, Default, PartialEq, Eq)]
struct Named {
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
    server_max_window_bits: Option<u8>,
    /// Without a value only in an offer.
    client_max_window_bits: Option<Option<u8>>,
}

/// Picks the first offer that we can meet out of the values of `Sec-WebSocket-Extensions`, and gives the value to
/// answer with. Other extensions are passed over, as are offers that name a parameter wrongly, twice, or that nobody
/// knows (RFC 7692, section 7.1), and headers that are no list of extensions.
pub fn negotiate<'a>(headers: impl Iterator<Item = &'a str>, preference: &Preference) -> Option<(Params, String)> {
    let offers = headers.filter_map(list::parse).flatten();
    offers.filter(|offer| offer.name == NAME).find_map(|offer| meet(&Named::read(&offer)?, preference))
}

/// Accepts an offer if a server can do what it asks for.
fn meet(offer: &Named, preference: &Preference) -> Option<(Params, String)> {
    let server_bits = preference.server_max_window_bits.clamp(NARROWEST, WIDEST);
    let server_bits = match offer.server_max_window_bits {
        Some(bits) if bits < NARROWEST => return None,
        Some(bits) => bits.min(server_bits),
        None => server_bits,
    };
    // Only who says that they can is told to write a narrower window.
    let client_bits = match offer.client_max_window_bits {
        Some(bits) => preference.client_max_window_bits.clamp(8, bits.unwrap_or(WIDEST)),
        None => WIDEST,
    };
    let params = Params {
        server_no_context_takeover: preference.server_no_context_takeover || offer.server_no_context_takeover,
        client_no_context_takeover: preference.client_no_context_takeover || offer.client_no_context_takeover,
        server_max_window_bits: server_bits,
        client_max_window_bits: client_bits,
    };
    let named = Named {
        server_no_context_takeover: params.server_no_context_takeover,
        client_no_context_takeover: params.client_no_context_takeover,
        // Who asks for it is answered, even where the answer says nothing new.
        server_max_window_bits: (offer.server_max_window_bits.is_some() || server_bits < WIDEST).then_some(server_bits),
        client_max_window_bits: (client_bits < WIDEST).then_some(Some(client_bits)),
    };
    Some((params, named.to_string()))
}

impl Offer {
    /// The value of `Sec-WebSocket-Extensions` to ask with.
    #[must_use]
    pub fn header(&self) -> String {
        let named = Named {
            server_no_context_takeover: self.server_no_context_takeover,
            client_no_context_takeover: self.client_no_context_takeover,
            server_max_window_bits: (self.server_max_window_bits < WIDEST).then_some(self.server_max_window_bits),
            client_max_window_bits: self.client_max_window_bits.map(|bits| (bits < WIDEST).then_some(bits)),
        };
        named.to_string()
    }

    /// Judges the values of `Sec-WebSocket-Extensions` in an answer; `None` when the server wants no compression.
    ///
    /// # Errors
    ///
    /// The answer is none to this offer.
    pub fn accept<'a>(&self, headers: impl Iterator<Item = &'a str>) -> Result<Option<Params>, Mismatch> {
        let mut accepted = None;
        for header in headers {
            for extension in list::parse(header).ok_or(Mismatch)? {
                if extension.name != NAME || accepted.is_some() {
                    return Err(Mismatch);
                }
                accepted = Some(Named::read(&extension).and_then(|named| self.judge(&named)).ok_or(Mismatch)?);
            }
        }
        Ok(accepted)
    }

    fn judge(&self, answer: &Named) -> Option<Params> {
        if self.server_no_context_takeover && !answer.server_no_context_takeover {
            return None;
        }
        let server_bits = answer.server_max_window_bits.unwrap_or(WIDEST);
        if server_bits > self.server_max_window_bits {
            return None;
        }
        let offered = self.client_max_window_bits.map(|bits| bits.clamp(NARROWEST, WIDEST));
        let client_bits = match (offered, answer.client_max_window_bits) {
            (offered, None) => offered.unwrap_or(WIDEST),
            (Some(offered), Some(Some(bits))) if (NARROWEST..=offered).contains(&bits) => bits,
            _ => return None,
        };
        Some(Params {
            server_no_context_takeover: answer.server_no_context_takeover,
            client_no_context_takeover: answer.client_no_context_takeover || self.client_no_context_takeover,
            server_max_window_bits: server_bits,
            client_max_window_bits: client_bits,
        })
    }
}

impl Named {
    fn read(extension: &Extension<'_>) -> Option<Self> {
        let mut named = Self::default();
        for param in &extension.params {
            let value = param.value.as_deref();
            match param.name {
                SERVER_NO_CONTEXT_TAKEOVER => raise(&mut named.server_no_context_takeover, value)?,
                CLIENT_NO_CONTEXT_TAKEOVER => raise(&mut named.client_no_context_takeover, value)?,
                SERVER_MAX_WINDOW_BITS => set(&mut named.server_max_window_bits, bits(value?)?)?,
                CLIENT_MAX_WINDOW_BITS => {
                    let value = match value {
                        Some(value) => Some(bits(value)?),
                        None => None,
                    };
                    set(&mut named.client_max_window_bits, value)?;
                }
                _ => return None,
            }
        }
        Some(named)
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAME)?;
        if self.server_no_context_takeover {
            write!(f, "; {SERVER_NO_CONTEXT_TAKEOVER}")?;
        }
        if self.client_no_context_takeover {
            write!(f, "; {CLIENT_NO_CONTEXT_TAKEOVER}")?;
        }
        if let Some(bits) = self.server_max_window_bits {
            write!(f, "; {SERVER_MAX_WINDOW_BITS}={bits}")?;
        }
        match self.client_max_window_bits {
            Some(Some(bits)) => write!(f, "; {CLIENT_MAX_WINDOW_BITS}={bits}"),
            Some(None) => write!(f, "; {CLIENT_MAX_WINDOW_BITS}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the extensions in the answer were not offered")
    }
}

impl std::error::Error for Mismatch {}

/// Takes note of a parameter that has no value and stands there once.
fn raise(flag: &mut bool, value: Option<&str>) -> Option<()> {
    (value.is_none() && !std::mem::replace(flag, true)).then_some(())
}

/// Takes note of a parameter that stands there once.
fn set<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

/// 8 to 15 in decimal, without leading zeros (RFC 7692, section 7.1.2).
fn bits(value: &str) -> Option<u8> {
    let bits = value.parse().ok().filter(|bits| (8..=WIDEST).contains(bits))?;
    (bits.to_string() == value).then_some(bits)
}
