//! What must hold whatever arrives. Each function takes bytes and panics when something does not hold.
//!
//! The fuzz targets are these functions, and so is a test of the crate, on the corpus and on chance.

use wire::deflate::{Deflater, Inflater, Offer, Preference, negotiate};
use wire::encode::{self, Header};
use wire::handshake::{Accepted, Request};
use wire::{Closing, Decoder, Input, Message, Opcode, Role, Rules, Violation};

const MOST: usize = 2_000;

/// A stream that a server reads. The first byte says how it is cut and whether compression is agreed.
pub fn decode_server(data: &[u8]) {
    decode(data, Role::Server);
}

/// A stream that a client reads.
pub fn decode_client(data: &[u8]) {
    decode(data, Role::Client);
}

/// Messages that are compressed and inflated, and the same bytes taken for compressed ones.
pub fn deflate(data: &[u8]) {
    let Some((how, rest)) = data.split_first_chunk::<2>() else { return };
    let [first, second] = *how;
    let (bits, level, takeover) = (9 + first % 7, u32::from(second % 10), first & 0x80 != 0);
    let mut deflater = Deflater::new(bits, level);
    let mut inflater = Inflater::new(bits, takeover);
    let mut payload = Vec::new();
    for message in rest.split(|byte| *byte == 0xff) {
        payload.clear();
        deflater.message(message, &mut payload);
        if !takeover {
            deflater.reset();
        }
        assert_eq!(inflater.message(&payload, message.len()), Ok(message));
    }
    if let Some(less) = inflated_len(&payload, bits).and_then(|len| len.checked_sub(1)) {
        let refused = Inflater::new(bits, takeover).message(&payload, less).map(<[u8]>::len);
        assert!(refused.is_err(), "a message beyond the limit was inflated");
    }
    let inflated = Inflater::new(bits, takeover).message(rest, MOST).map(<[u8]>::len);
    assert!(inflated.is_err() || inflated.is_ok_and(|len| len <= MOST), "the limit was passed");
}

/// Bytes in the message, if it does not refer to others.
fn inflated_len(payload: &[u8], bits: u8) -> Option<usize> {
    Inflater::new(bits, false).message(payload, MOST).map(<[u8]>::len).ok()
}

/// Headers, one in each line, taken for offers, for answers, and for a whole answer to a request.
pub fn negotiation(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for (server_bits, client_bits, forget) in [(15, 15, false), (9, 8, true), (12, 10, false)] {
        let preference = Preference {
            server_no_context_takeover: forget,
            client_no_context_takeover: forget,
            server_max_window_bits: server_bits,
            client_max_window_bits: client_bits,
        };
        let Some((params, answer)) = negotiate(text.lines(), &preference) else { continue };
        assert!((9..=server_bits).contains(&params.server_max_window_bits), "{params:?}");
        assert!((8..=15).contains(&params.client_max_window_bits), "{params:?}");
        // An answer taken for an offer asks for what was agreed on.
        let again = negotiate([answer.as_str()].into_iter(), &preference).map(|(again, _)| again);
        assert_eq!(again, Some(params), "{answer}");
        assert!(ask(Some(OFFER)).judge(&response(&answer)).is_ok(), "{answer}");
    }
    for offer in [None, Some(OFFER)] {
        if let Ok(Some(Accepted { size, .. })) = ask(offer).judge(data) {
            assert!(size <= data.len(), "more was read than there was");
        }
    }
    OFFER.accept(text.lines()).ok();
}

const OFFER: Offer = Offer {
    server_no_context_takeover: false,
    client_no_context_takeover: false,
    server_max_window_bits: 15,
    client_max_window_bits: Some(15),
};

fn ask(deflate: Option<Offer>) -> Request<'static> {
    Request { host: "a", target: "/", key: "dGhlIHNhbXBsZSBub25jZQ==", subprotocols: &["a"], deflate, headers: &[] }
}

fn response(extensions: &str) -> Vec<u8> {
    // Narrower windows than 9 bits are not ours to write, and the offer does not ask for them.
    let extensions = extensions.replace("client_max_window_bits=8", "client_max_window_bits=9");
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Extensions: {extensions}\r\n\r\n"
    )
    .into_bytes()
}

fn decode(data: &[u8], role: Role) {
    let Some((how, stream)) = data.split_first() else { return };
    let rules = Rules { role, max_message: MOST, max_fragments: 8 };
    let deflate = how & 0x80 != 0;
    let whole = hear(&rules, stream.len().max(1), stream, deflate);
    let pieces = hear(&rules, 1 + usize::from(how & 0x7f), stream, deflate);
    assert_eq!(whole, pieces, "it makes a difference how the stream is cut");
    // What was heard can be said, and is heard again.
    let mut again = Vec::new();
    whole.0.iter().for_each(|said| said.write(role, &mut again));
    assert_eq!(hear(&rules, 7, &again, false), (whole.0, None), "what was heard is written otherwise");
}

#[derive(Debug, PartialEq, Eq)]
enum Said {
    Plain(Opcode, Vec<u8>),
    Close(Option<(u16, String)>),
}

fn hear(rules: &Rules, size: usize, stream: &[u8], deflate: bool) -> (Vec<Said>, Option<Violation>) {
    let mut decoder = Decoder::default();
    let mut inflater = deflate.then(|| Inflater::new(15, true));
    let mut heard = Vec::new();
    for piece in stream.chunks(size) {
        let mut bytes = piece.to_vec();
        let mut input = Input::new(&mut bytes);
        loop {
            match decoder.next(rules, &mut input, inflater.as_mut()) {
                Ok(Some(message)) => heard.push(Said::from(message)),
                Ok(None) => break,
                Err(violation) => return (heard, Some(violation)),
            }
        }
        assert!(input.rest().is_empty(), "something was left");
    }
    (heard, None)
}

impl From<Message<'_>> for Said {
    fn from(message: Message<'_>) -> Self {
        match message {
            Message::Text(text) => Self::Plain(Opcode::Text, text.as_bytes().to_vec()),
            Message::Binary(bytes) => Self::Plain(Opcode::Binary, bytes.to_vec()),
            Message::Ping(bytes) => Self::Plain(Opcode::Ping, bytes.to_vec()),
            Message::Pong(bytes) => Self::Plain(Opcode::Pong, bytes.to_vec()),
            Message::Close(closing) => Self::Close(closing.map(|Closing { code, reason }| (code, reason.to_owned()))),
        }
    }
}

impl Said {
    fn write(&self, role: Role, out: &mut Vec<u8>) {
        let mut payload = Vec::new();
        let (opcode, payload) = match self {
            Self::Plain(opcode, bytes) => (*opcode, bytes),
            Self::Close(closing) => {
                if let Some((code, reason)) = closing {
                    encode::close_payload(&mut payload, Some(*code), reason);
                }
                (Opcode::Close, &payload)
            }
        };
        let header = Header::new(opcode);
        encode::frame(out, if role == Role::Server { header.masked([1, 2, 3, 4]) } else { header }, payload);
    }
}
