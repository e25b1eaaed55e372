//! tungstenite as a second opinion: what either writes the other reads, and streams that were spoiled are judged the
//! same by both.
//!
//! Known differences, all of them rules that we keep and tungstenite does not:
//! - It takes lengths that are not in their shortest form.
//! - Of a Close with a code that may not be sent, and of 1014, which it does not know, it makes one with code 1002.
//! - It judges a frame when all of it has arrived, we as soon as a byte is wrong. So where we have found something
//!   wrong, the stream is completed for it with zeros.

#![allow(clippy::unwrap_used, reason = "helpers of tests panic like tests")]

mod support;

use std::io::{self, Read, Write};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::RngSeed;
use support::plan::{self, Planned};
use support::{Heard, Said, hear, role, rules};
use tungstenite::protocol::frame::Frame;
use tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tungstenite::protocol::{CloseFrame, Role as TheirRole, WebSocketConfig};
use tungstenite::{Error, Message, WebSocket};
use wire::Role;

/// Enough for the longest frame that may be declared.
const COMPLETION: usize = 70_020;

/// The two directions of a connection, as buffers.
#[derive(Debug, Default)]
struct Pipe {
    read: io::Cursor<Vec<u8>>,
    written: Vec<u8>,
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.read.read(buffer)
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.written.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn socket(role: Role, bytes: Vec<u8>) -> WebSocket<Pipe> {
    let most = Some(rules(role).max_message);
    let config = WebSocketConfig::default().max_frame_size(most).max_message_size(most).read_buffer_size(4_096);
    let role = match role {
        Role::Server => TheirRole::Server,
        Role::Client => TheirRole::Client,
    };
    WebSocket::from_raw_socket(Pipe { read: io::Cursor::new(bytes), written: Vec::new() }, role, Some(config))
}

/// What tungstenite makes of a stream, and whether it found it broken.
fn they_hear(role: Role, bytes: Vec<u8>) -> (Vec<Said>, bool) {
    let mut socket = socket(role, bytes);
    let mut said = Vec::new();
    loop {
        match socket.read() {
            Ok(message) => {
                said.push(from_theirs(message));
                // What comes behind it we swallow, and tungstenite still looks at.
                if matches!(said.last(), Some(Said::Close(_))) {
                    return (said, false);
                }
            }
            Err(Error::ConnectionClosed | Error::AlreadyClosed) => return (said, false),
            Err(Error::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake)) => {
                return (said, false);
            }
            Err(Error::Protocol(_) | Error::Capacity(_) | Error::Utf8(_)) => return (said, true),
            Err(other) => panic!("{other}"),
        }
    }
}

fn from_theirs(message: Message) -> Said {
    match message {
        Message::Text(text) => Said::Text(text.as_str().to_owned()),
        Message::Binary(bytes) => Said::Binary(bytes.to_vec()),
        Message::Ping(bytes) => Said::Ping(bytes.to_vec()),
        Message::Pong(bytes) => Said::Pong(bytes.to_vec()),
        Message::Close(frame) => Said::Close(frame.map(|frame| (frame.code.into(), frame.reason.as_str().to_owned()))),
        Message::Frame(frame) => panic!("a frame is not read: {frame}"),
    }
}

/// Writes a message with tungstenite, in the same fragments.
fn they_write(socket: &mut WebSocket<Pipe>, planned: &Planned, said: &mut Vec<Said>) {
    let (payload, data) = match &planned.said {
        Said::Text(text) => (text.as_bytes().to_vec(), Data::Text),
        Said::Binary(bytes) => (bytes.clone(), Data::Binary),
        Said::Ping(_) | Said::Pong(_) | Said::Close(_) => return they_control(socket, &planned.said, said),
    };
    let fragments = plan::cut(&payload, &planned.cuts);
    let last = fragments.len() - 1;
    for (i, fragment) in fragments.into_iter().enumerate() {
        let data = if i == 0 { data } else { Data::Continue };
        let frame = Frame::message(fragment.to_vec(), OpCode::Data(data), i == last);
        socket.send(Message::Frame(frame)).unwrap();
        if i < last
            && let Some(control) = planned.between.get(i)
        {
            they_control(socket, control, said);
        }
    }
    said.push(planned.said.clone());
}

fn they_control(socket: &mut WebSocket<Pipe>, control: &Said, said: &mut Vec<Said>) {
    let message = match control {
        Said::Ping(payload) => Message::Ping(payload.clone().into()),
        Said::Pong(payload) => Message::Pong(payload.clone().into()),
        Said::Close(closing) => Message::Close(
            closing.clone().map(|(code, reason)| CloseFrame { code: CloseCode::from(code), reason: reason.into() }),
        ),
        Said::Text(_) | Said::Binary(_) => panic!("{control:?} is no control frame"),
    };
    socket
        .send(message)
        .or_else(|error| if matches!(error, Error::ConnectionClosed) { Ok(()) } else { Err(error) })
        .unwrap();
    said.push(control.clone());
}

/// The Close that tungstenite makes of one whose code it does not accept.
fn refused_close() -> Said {
    Said::Close(Some((1002, "Protocol violation".into())))
}

/// What tungstenite has to say of a stream of which we say this.
fn agrees(ours: &Heard, (said, broken): &(Vec<Said>, bool)) -> bool {
    match ours.violation {
        None => *said == as_they_say(&ours.said) && !broken,
        Some(violation) if violation.what.contains("shortest form") => said.starts_with(&ours.said),
        Some(violation) if violation.what.contains("close code") => {
            let refused = [&ours.said[..], &[refused_close()]].concat();
            *said == refused || (*said == ours.said && *broken)
        }
        Some(_) => *said == ours.said && *broken,
    }
}

fn as_they_say(said: &[Said]) -> Vec<Said> {
    let unknown = |said: &Said| matches!(said, Said::Close(Some((1014, _))));
    said.iter().map(|said| if unknown(said) { refused_close() } else { said.clone() }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, rng_seed: RngSeed::Fixed(2), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_we_write_they_read(role in role(), all in plan::conversation()) {
        let (mut bytes, mut said) = (Vec::new(), Vec::new());
        for planned in &all {
            plan::write(planned, role == Role::Server, None, &mut bytes, &mut said);
        }
        prop_assert_eq!(they_hear(role, bytes), (as_they_say(&said), false));
    }

    #[test]
    fn what_they_write_we_read(role in role(), all in plan::conversation()) {
        let writer = if role == Role::Server { Role::Client } else { Role::Server };
        let mut socket = socket(writer, Vec::new());
        let mut said = Vec::new();
        for planned in &all {
            they_write(&mut socket, planned, &mut said);
        }
        let heard = hear(&rules(role), [socket.get_ref().written.as_slice()], None);
        prop_assert_eq!(heard, Heard { said, violation: None, idle: true });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, rng_seed: RngSeed::Fixed(3), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn spoiled_streams_are_judged_the_same(
        role in role(), all in plan::conversation(),
        flips in vec((any::<Index>(), any::<u8>()), 1..4), cut in proptest::option::of(any::<Index>()),
    ) {
        let (mut bytes, mut said) = (Vec::new(), Vec::new());
        for planned in &all {
            plan::write(planned, role == Role::Server, None, &mut bytes, &mut said);
        }
        prop_assume!(!bytes.is_empty());
        for (place, bits) in flips {
            let place = place.index(bytes.len());
            bytes[place] ^= bits;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let ours = hear(&rules(role), [bytes.as_slice()], None);
        if ours.violation.is_some() {
            bytes.extend([0; COMPLETION]);
        }
        let theirs = they_hear(role, bytes);
        prop_assert!(agrees(&ours, &theirs), "we: {ours:?}\nthey: {theirs:?}");
    }

    #[test]
    fn heads_are_judged_the_same(
        role in role(), heads in vec((any::<u8>(), any::<u8>(), any::<[u8; 4]>(), vec(any::<u8>(), 0..4)), 1..5),
    ) {
        // Frames that are short and mostly masked as they should be, with any first byte.
        let mut bytes = Vec::new();
        for (first, second, key, payload) in heads {
            let masked = (role == Role::Server) != (second == 0);
            bytes.extend([first & 0x8f | if second > 250 { first } else { 0 }, payload.len() as u8 | if masked { 0x80 } else { 0 }]);
            if masked {
                bytes.extend(key);
            }
            bytes.extend(payload);
        }
        let ours = hear(&rules(role), [bytes.as_slice()], None);
        if ours.violation.is_some() {
            bytes.extend([0; COMPLETION]);
        }
        let theirs = they_hear(role, bytes);
        prop_assert!(agrees(&ours, &theirs), "we: {ours:?}\nthey: {theirs:?}");
    }
}
