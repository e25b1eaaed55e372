//! What comes from the client: read, decoded, and given to the far side.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead as _, ReadBuf};
use tokio::time::Instant;
use wire::deflate::Inflater;
use wire::{Input, Message};

use super::super::far::Heard;
use super::super::scratch;
use super::{Conn, Stage, Turn};

thread_local! {
    static INFLATER: RefCell<Option<Inflater>> = const { RefCell::new(None) };
}

impl Conn {
    /// Reads, and gives on what came.
    pub(super) fn read(&mut self, cx: &mut Context<'_>) -> io::Result<Turn> {
        let listens = self.wants_bytes(cx);
        if let Some(pings) = &mut self.pings {
            pings.listens = listens;
        }
        if !listens {
            return Ok(Turn::Still);
        }
        if !self.unread.is_empty() {
            let mut unread = std::mem::take(&mut self.unread);
            self.take(&mut unread);
            scratch::give(unread);
            return Ok(Turn::Moved);
        }
        scratch::with(|buffer| {
            let mut buffer = ReadBuf::new(buffer);
            match Pin::new(&mut self.stream).poll_read(cx, &mut buffer) {
                Poll::Pending => return Ok(Turn::Still),
                Poll::Ready(Ok(())) => {}
                // TLS that was ended without a word.
                Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {}
                Poll::Ready(Err(error)) => return Err(error),
            }
            self.came(buffer.filled_mut());
            Ok(Turn::Moved)
        })
    }

    /// Whether what comes is to be read.
    fn wants_bytes(&mut self, cx: &mut Context<'_>) -> bool {
        if self.ended {
            return false;
        }
        let Some(far) = self.far.as_mut().filter(|_| self.stage == Stage::Open) else { return true };
        if far.poll_taken(cx).is_pending() {
            self.blocked.get_or_insert_with(Instant::now);
            return false;
        }
        self.blocked = None;
        self.out.has_room()
    }

    /// Bytes came; none are the end.
    fn came(&mut self, bytes: &mut [u8]) {
        if let Some(pings) = &mut self.pings {
            pings.seen = Instant::now();
        }
        if bytes.is_empty() {
            self.ended = true;
            if self.stage == Stage::Open {
                self.part(false);
            }
        } else if !matches!(self.stage, Stage::Lingering { .. }) {
            self.take(bytes);
        }
    }

    /// Decodes what came, as long as it is taken. What is behind that is kept.
    fn take(&mut self, bytes: &mut [u8]) {
        let mut input = Input::new(bytes);
        if self.inflates {
            INFLATER.with_borrow_mut(|kept| {
                let inflater = kept.get_or_insert_with(|| Inflater::new(15, false));
                self.decode(&mut input, Some(inflater));
            });
        } else {
            self.decode(&mut input, None);
        }
        if self.stage == Stage::Open && !input.rest().is_empty() {
            if self.unread.capacity() == 0 {
                self.unread = scratch::take();
            }
            self.unread.extend_from_slice(input.rest());
        }
    }

    fn decode(&mut self, input: &mut Input<'_>, mut inflater: Option<&mut Inflater>) {
        while !matches!(self.stage, Stage::Lingering { .. }) && self.is_taken() {
            match self.decoder.next(&self.rules, input, inflater.as_deref_mut()) {
                Ok(None) => return,
                Ok(Some(Message::Text(text))) => {
                    let Some(far) = self.far.as_mut().filter(|_| self.stage == Stage::Open) else { continue };
                    if self.settings.eof.as_deref() == Some(text) {
                        far.end_input();
                        continue;
                    }
                    self.heard.0 += 1;
                    self.heard.1 += text.len() as u64;
                    far.hear(Heard::Text(text));
                }
                Ok(Some(Message::Binary(bytes))) => {
                    let Some(far) = self.far.as_mut().filter(|_| self.stage == Stage::Open) else { continue };
                    self.heard.0 += 1;
                    self.heard.1 += bytes.len() as u64;
                    far.hear(Heard::Binary(bytes));
                }
                Ok(Some(Message::Ping(payload))) => {
                    if matches!(self.stage, Stage::Open | Stage::Parting) {
                        self.out.pong(payload);
                    }
                }
                Ok(Some(Message::Pong(_))) => {}
                Ok(Some(Message::Close(closing))) => {
                    let code = closing.map(|closing| closing.code);
                    self.said_goodbye(code);
                }
                Err(violation) => {
                    self.close(violation.code, violation.what);
                    self.stage = Stage::Lingering { finished: false };
                }
            }
        }
    }

    /// Whether the next message is taken, and there is room for an answer.
    fn is_taken(&self) -> bool {
        self.stage != Stage::Open || (self.out.has_room() && !self.far.as_ref().is_some_and(|far| far.is_full()))
    }

    /// The client's Close came.
    fn said_goodbye(&mut self, code: Option<u16>) {
        self.theirs = Some(code);
        match self.stage {
            Stage::Open => self.part(true),
            Stage::Closing => self.linger(),
            Stage::Parting | Stage::Lingering { .. } => {}
        }
    }
}
