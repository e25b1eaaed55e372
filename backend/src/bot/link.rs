//! One WebSocket to the server: frames as messages, and how it ended.
//!
//! Neighbours: [`super::client`] drives it, [`super::dial`] opens what carries it. Deliberately absent: compression, which a
//! bot's few words do not need, and what the messages mean.

use std::collections::VecDeque;
use std::io;

use common::client::ClientMsg;
use common::close::{self, CloseCode};
use common::codec;
use common::server::ServerMsg;
use common::sync::Closed;
use tokio::io::{AsyncReadExt, ReadHalf, WriteHalf};
use wire::encode::{self, Header};
use wire::{Decoder, Input, Message, Opcode, Role};

use super::dial::Opened;
use crate::relay::outside::Stream;
use crate::relay::page::Queue;

/// A welcome names up to a thousand rooms; nothing that a server says is longer.
const RULES: wire::Rules = wire::Rules { role: Role::Client, max_message: 4 * 1024 * 1024, max_fragments: 1_000 };

/// Bytes that are read at once.
const ROOM: usize = 16 * 1024;

/// What comes over a link.
#[derive(Debug)]
pub(super) enum Heard {
    /// A message.
    Msg(ServerMsg),
    /// A frame that is none of the protocol's.
    Garbled(String),
    /// The end; nothing comes after it.
    Closed(Closed),
}

/// An open WebSocket. Ended without a goodbye when it is dropped.
pub(super) struct Link {
    read: ReadHalf<Box<dyn Stream>>,
    write: WriteHalf<Box<dyn Stream>>,
    room: Vec<u8>,
    out: Queue,
    decoder: Decoder,
    heard: VecDeque<Heard>,
    /// How it ended, once that is known; what waits is still written.
    ending: Option<Closed>,
    /// Whether our Close is said.
    closed: bool,
}

impl Link {
    pub(super) fn new(opened: Opened) -> Self {
        let (read, write) = tokio::io::split(opened.stream);
        let mut link = Self {
            read,
            write,
            room: opened.first,
            out: Queue::default(),
            decoder: Decoder::default(),
            heard: VecDeque::new(),
            ending: None,
            closed: false,
        };
        let first = link.room.len();
        link.decode(first);
        link.room.resize(ROOM, 0);
        link
    }

    /// Says something, once it can be written. Nothing is said behind a Close.
    pub(super) fn tell(&mut self, msg: &ClientMsg) {
        self.frame(Opcode::Text, codec::encode_client(msg).as_bytes());
    }

    /// Says Close, unless that is said.
    pub(super) fn close(&mut self, code: Option<CloseCode>, reason: &str) {
        let mut payload = Vec::new();
        encode::close_payload(&mut payload, code, reason);
        self.frame(Opcode::Close, &payload);
        self.closed = true;
    }

    fn frame(&mut self, opcode: Opcode, payload: &[u8]) {
        if self.closed {
            return;
        }
        let mut key = [0; 4];
        crate::random::fill(&mut key);
        encode::frame(&mut self.out.bytes, Header::new(opcode).masked(key), payload);
    }

    /// Waits for what comes next, and writes what waits meanwhile. May be given up and called again.
    pub(super) async fn next(&mut self) -> Heard {
        loop {
            if let Some(heard) = self.heard.pop_front() {
                return heard;
            }
            if let Some(closed) = &self.ending {
                if self.out.dead || self.out.is_empty() {
                    return Heard::Closed(closed.clone());
                }
                if self.out.drain(&mut self.write).await.is_err() {
                    self.out.kill();
                }
                continue;
            }
            tokio::select! {
                read = self.read.read(&mut self.room) => self.take(&read),
                drained = self.out.drain(&mut self.write) => if drained.is_err() {
                    // What was said before is still to be read, and tells more than this.
                    self.out.kill();
                },
            }
        }
    }

    fn take(&mut self, read: &io::Result<usize>) {
        match read {
            Ok(0) | Err(_) => {
                self.out.kill();
                self.ending = Some(lost());
            }
            Ok(n) => self.decode(*n),
        }
    }

    fn decode(&mut self, n: usize) {
        let mut room = std::mem::take(&mut self.room);
        let mut input = Input::new(room.get_mut(..n).unwrap_or_default());
        while self.ending.is_none() {
            let message = match self.decoder.next(&RULES, &mut input, None) {
                Ok(Some(message)) => message,
                Ok(None) => break,
                Err(violation) => {
                    self.close(Some(violation.code), violation.what);
                    self.ending = Some(lost());
                    break;
                }
            };
            match message {
                Message::Text(text) => {
                    self.heard.push_back(codec::decode_server(text).map_or_else(Heard::Garbled, Heard::Msg));
                }
                Message::Ping(payload) => {
                    let payload = payload.to_vec();
                    self.frame(Opcode::Pong, &payload);
                }
                Message::Binary(_) | Message::Pong(_) => {}
                Message::Close(closing) => {
                    let said = closing.map(|closing| (closing.code, closing.reason.to_owned()));
                    let (code, reason) = said.unwrap_or((1005, String::new()));
                    self.close((code != 1005).then_some(code), "");
                    self.ending = Some(Closed { code, reason, was_clean: true });
                }
            }
        }
        self.room = room;
    }
}

/// What is known of a connection that ended without a Close.
pub(super) fn lost() -> Closed {
    Closed { code: close::ABNORMAL, reason: String::new(), was_clean: false }
}
