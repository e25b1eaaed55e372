//! The page's end of a relay: a server's side of a WebSocket, with what waits to be written.
//!
//! Deliberately absent: what is written in the messages.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use common::relay::{BYTES, MOST_MESSAGE, Told};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::time::timeout;
use wire::encode::{self, Header};
use wire::{Decoder, Input, Message, Opcode, Role};

/// A text of 16 MiB takes up to six times that in JSON, where it is made of control characters; who sends such is told
/// that it is too long.
const RULES: wire::Rules = wire::Rules { role: Role::Server, max_message: 2 * MOST_MESSAGE, max_fragments: 100_000 };

/// How long the last words may take.
const LAST: Duration = Duration::from_secs(2);

/// Bytes that are read at once.
pub(super) const ROOM: usize = 16 * 1024;

/// Bytes that wait to be written, beyond which no more are fetched.
pub(super) const HIGH: usize = 64 * 1024;

/// What waits to be written. Its bound is [`HIGH`] and one message: the other side is not read meanwhile.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    pub(crate) bytes: Vec<u8>,
    at: usize,
    dirty: bool,
    /// Whether something was written since somebody looked, and whether anybody has looked since then.
    moved: bool,
    looked: bool,
    /// Whether nothing can be written any more.
    pub(crate) dead: bool,
}

impl Queue {
    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    pub(crate) fn is_high(&self) -> bool {
        self.rest().len() >= HIGH
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest().is_empty() && !self.dirty
    }

    /// Writes some of it; waits for ever where there is nothing to write. May be given up at any time.
    pub(crate) async fn drain<W: AsyncWrite + Unpin>(&mut self, write: &mut W) -> io::Result<()> {
        if self.dead || self.is_empty() {
            return std::future::pending().await;
        }
        if self.rest().is_empty() {
            write.flush().await?;
            self.dirty = false;
            return Ok(());
        }
        let n = write.write(self.rest()).await?;
        if n == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.at += n;
        (self.dirty, self.moved, self.looked) = (true, true, false);
        if self.rest().is_empty() {
            self.bytes.clear();
            self.bytes.shrink_to(HIGH);
            self.at = 0;
        } else if self.at >= HIGH && self.at >= self.rest().len() {
            self.bytes.drain(..self.at);
            self.at = 0;
        }
        Ok(())
    }

    /// Whether nothing of what waits was written since this was asked last.
    pub(crate) fn is_stuck(&mut self) -> bool {
        !std::mem::replace(&mut self.moved, false) && !self.is_empty() && std::mem::replace(&mut self.looked, true)
    }

    /// Nothing can be written any more.
    pub(crate) fn kill(&mut self) {
        *self = Self { dead: true, ..Self::default() };
    }

    /// Writes all of it.
    pub(crate) async fn empty<W: AsyncWrite + Unpin>(&mut self, write: &mut W) -> io::Result<()> {
        while !self.dead && !self.is_empty() {
            self.drain(write).await?;
        }
        Ok(())
    }
}

/// Something that the page has said.
#[derive(Debug)]
pub(super) enum Heard {
    Text(String),
    Bytes(Vec<u8>),
    /// It goes, or has broken a rule, or the connection is gone.
    Gone,
}

/// The page's socket.
#[derive(Debug)]
pub(super) struct Page<S> {
    pub(super) read: ReadHalf<S>,
    pub(super) write: WriteHalf<S>,
    pub(super) room: Vec<u8>,
    pub(super) out: Queue,
    decoder: Decoder,
    heard: VecDeque<Heard>,
    /// Whether our Close is said.
    closed: bool,
}

impl<S: AsyncRead + AsyncWrite> Page<S> {
    pub(super) fn new(stream: S) -> Self {
        let (read, write) = tokio::io::split(stream);
        Self {
            read,
            write,
            room: vec![0; ROOM],
            out: Queue::default(),
            decoder: Decoder::default(),
            heard: VecDeque::new(),
            closed: false,
        }
    }

    /// Tells the page something, once it can be written.
    pub(super) fn tell(&mut self, told: &Told) {
        if !self.closed
            && let Ok(json) = serde_json::to_string(told)
        {
            encode::text(&mut self.out.bytes, &json);
        }
    }

    /// Gives the page the bytes of a message, once they can be written.
    pub(super) fn tell_bytes(&mut self, bytes: &[u8]) {
        encode::header(&mut self.out.bytes, Header::new(Opcode::Binary), bytes.len() + 1);
        self.out.bytes.push(BYTES);
        self.out.bytes.extend_from_slice(bytes);
    }

    /// Takes what has been read into `room`: this many bytes, none at the end.
    pub(super) fn take(&mut self, read: &io::Result<usize>) {
        let Self { room, out, decoder, heard, closed, .. } = self;
        let bytes = match read {
            Ok(n @ 1..) => room.get_mut(..*n).unwrap_or_default(),
            Ok(_) | Err(_) => {
                heard.push_back(Heard::Gone);
                return;
            }
        };
        let mut input = Input::new(bytes);
        let (code, reason) = loop {
            match decoder.next(&RULES, &mut input, None) {
                Ok(Some(Message::Text(text))) => heard.push_back(Heard::Text(text.to_owned())),
                Ok(Some(Message::Binary(bytes))) => heard.push_back(Heard::Bytes(bytes.to_vec())),
                Ok(Some(Message::Ping(payload))) => encode::pong(&mut out.bytes, payload),
                Ok(Some(Message::Pong(_))) => {}
                Ok(Some(Message::Close(closing))) => break (closing.map(|closing| closing.code), ""),
                Err(violation) => break (Some(violation.code), violation.what),
                Ok(None) => return,
            }
        };
        if !std::mem::replace(closed, true) {
            encode::close(&mut out.bytes, code, reason);
        }
        heard.push_back(Heard::Gone);
    }

    /// What the page has said next, of what has been taken.
    pub(super) fn next(&mut self) -> Option<Heard> {
        self.heard.pop_front()
    }

    /// The first text; none from a page that goes or begins otherwise. Nothing is lost when it is given up.
    pub(super) async fn first(&mut self) -> Option<String> {
        loop {
            match self.next() {
                Some(Heard::Text(text)) => return Some(text),
                Some(Heard::Bytes(_) | Heard::Gone) => return None,
                None => {}
            }
            let read = self.read.read(&mut self.room).await;
            self.take(&read);
        }
    }

    /// Writes what is to be written, until the page goes. What it says meanwhile, if it is little, waits; a page that asks
    /// to close before there is a connection goes.
    pub(super) async fn gone(&mut self) {
        loop {
            if self.heard.iter().any(|heard| matches!(heard, Heard::Gone)) {
                return;
            }
            tokio::select! {
                read = self.read.read(&mut self.room), if self.heard.len() < 16 => self.take(&read),
                drained = self.out.drain(&mut self.write) => if drained.is_err() {
                    return;
                },
            }
        }
    }

    /// Says the last words: what waits, and Close. Then waits a moment for the page's own Close.
    pub(super) async fn finish(mut self) {
        if !self.closed {
            encode::close(&mut self.out.bytes, Some(1000), "");
        }
        let last = async {
            self.out.empty(&mut self.write).await?;
            self.write.shutdown().await?;
            // What is unread when a socket is dropped makes RST, which may overtake the last words.
            while self.read.read(&mut self.room).await? > 0 {}
            io::Result::Ok(())
        };
        drop(timeout(LAST, last).await);
    }
}
