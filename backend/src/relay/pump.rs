//! An open relay: messages and orders of the page to the other server, its frames and messages to the page.
//!
//! Neither side is read while what it says cannot be passed on, so that a slow reader slows the other's writer.
//! Deliberately absent: the way there, and the page's own wire.

use std::io;
use std::time::Duration;

use common::labs::Side;
use common::relay::{BYTES, End, MOST_MESSAGE, Order, Party, Told, Wish};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::time::{Instant, sleep_until, timeout};
use wire::deflate::{Deflater, Inflater};
use wire::encode::{self, Header};
use wire::{Decoder, Input, Message, Opcode, Role, Violation, is_sendable};

use super::Caller;
use super::frames::Frames;
use super::outside::{Opened, Stream};
use super::page::{Heard, Page, Queue, ROOM};

const RULES: wire::Rules = wire::Rules { role: Role::Client, max_message: MOST_MESSAGE, max_fragments: 100_000 };

/// How long a relay lasts.
const LASTS: Duration = Duration::from_secs(60 * 60);
/// How long an answer to our Close is waited for: as long as Chrome does, roughly.
const ANSWER: Duration = Duration::from_secs(10);
/// How often it is looked whether both sides still take what is written: who takes nothing twice has stalled.
const LOOK: Duration = Duration::from_secs(15);
/// How long the last words may take.
const LAST: Duration = Duration::from_secs(2);
/// How well messages are compressed: zlib's default.
const LEVEL: u32 = 6;
/// Bytes of a control frame's payload, and of a reason beside its code (RFC 6455, section 5.5).
const MOST_CONTROL: usize = 125;
const MOST_REASON: usize = 123;

/// The connection outside, and what is agreed on.
pub(super) struct Outside {
    read: ReadHalf<Box<dyn Stream>>,
    write: WriteHalf<Box<dyn Stream>>,
    room: Vec<u8>,
    out: Queue,
    decoder: Decoder,
    theirs: Frames,
    ours: Frames,
    inflater: Option<Inflater>,
    deflater: Option<Deflater>,
    /// Whether each message is compressed by itself.
    forgets: bool,
    answers: bool,
    /// Until when an answer to our Close is waited for.
    closing: Option<Instant>,
}

/// Carries messages until one side is through, and tells the page how it ended. What is left is to say the last words.
pub(super) async fn run<S>(page: &mut Page<S>, opened: Opened, wish: &Wish, caller: &mut Caller) -> Outside
where
    S: AsyncRead + AsyncWrite,
{
    let mut outside = Outside::new(opened, wish);
    if let Some(told) = carry(page, &mut outside, caller).await {
        page.tell(&told);
    }
    outside
}

/// Carries messages. Returns what the page is told, unless the page itself has gone.
async fn carry<S>(page: &mut Page<S>, outside: &mut Outside, caller: &mut Caller) -> Option<Told>
where
    S: AsyncRead + AsyncWrite,
{
    let until = Instant::now() + LASTS;
    let mut look = tokio::time::interval(LOOK);
    let tasks = caller.tasks.clone();
    // What came behind the answer to the handshake.
    let first = outside.room.len();
    let mut ended = outside.take(Ok(first), page);
    outside.room.resize(ROOM, 0);
    while ended.is_none() {
        while let Some(heard) = page.next() {
            let obeyed = match heard {
                Heard::Gone => {
                    outside.close(Some(1001), "", page);
                    return None;
                }
                Heard::Text(text) => read_order(&text).and_then(|order| outside.obey(order, page)),
                Heard::Bytes(bytes) => outside.send_bytes(&bytes, page),
            };
            if let Err(why) = obeyed {
                return Some(outside.give_up(End::BadOrder, &why, page));
            }
        }
        let unanswered = outside.closing.unwrap_or(until);
        ended = tokio::select! {
            read = page.read.read(&mut page.room), if !outside.out.is_high() => {
                page.take(&read);
                None
            }
            read = outside.read.read(&mut outside.room), if !page.out.is_high() => outside.take(read, page),
            drained = page.out.drain(&mut page.write) => {
                drained.is_err().then(|| outside.give_up(End::Stalled, "the page is gone", page))
            }
            drained = outside.out.drain(&mut outside.write) => {
                if drained.is_err() {
                    // What they have said before is still to be read, and tells more than this.
                    outside.out.kill();
                }
                None
            }
            _ = look.tick() => (page.out.is_stuck() || outside.out.is_stuck())
                .then(|| outside.give_up(End::Stalled, "nothing was taken any more for a while", page)),
            () = sleep_until(unanswered), if outside.closing.is_some() => {
                let why = format!("no Close came back in {} s", ANSWER.as_secs());
                Some(outside.give_up(End::Unanswered, &why, page))
            }
            () = sleep_until(until) => Some(outside.give_up(End::Hour, "a relay lasts an hour at most", page)),
            () = caller.signed_out() => Some(outside.give_up(End::SignedOut, "your session has ended", page)),
            () = tasks.stopping() => Some(outside.give_up(End::Stopping, "this server is being stopped", page)),
        };
    }
    ended
}

fn read_order(text: &str) -> Result<Order, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

impl Outside {
    fn new(opened: Opened, wish: &Wish) -> Self {
        let (read, write) = tokio::io::split(opened.stream);
        let params = opened.deflate;
        Self {
            read,
            write,
            room: opened.first,
            out: Queue::default(),
            decoder: Decoder::default(),
            theirs: Frames::new(Side::Server),
            ours: Frames::new(Side::Client),
            inflater: params.map(|with| Inflater::new(with.server_max_window_bits, !with.server_no_context_takeover)),
            deflater: params.map(|with| Deflater::new(with.client_max_window_bits, LEVEL)),
            forgets: params.is_some_and(|with| with.client_no_context_takeover),
            answers: !wish.no_pong,
            closing: None,
        }
    }

    /// Carries out what the page wants; says what is wrong with it where that cannot be.
    fn obey<S: AsyncRead + AsyncWrite>(&mut self, order: Order, page: &mut Page<S>) -> Result<(), String> {
        let short = |what: &str, text: &str, most| {
            if text.len() <= most { Ok(()) } else { Err(format!("{what}: is longer than {most} bytes")) }
        };
        match order {
            Order::Send(text) => {
                short("send", &text, MOST_MESSAGE)?;
                self.message(Opcode::Text, text.as_bytes(), page);
            }
            Order::Ping(payload) => {
                short("ping", &payload, MOST_CONTROL)?;
                self.frame(Header::new(Opcode::Ping), payload.as_bytes(), page);
            }
            Order::Pong(payload) => {
                short("pong", &payload, MOST_CONTROL)?;
                self.frame(Header::new(Opcode::Pong), payload.as_bytes(), page);
            }
            Order::Close { code, reason } => {
                short("close.reason", &reason, MOST_REASON)?;
                if !code.map_or(reason.is_empty(), is_sendable) {
                    return Err("close.code: is none that may be sent".to_owned());
                }
                self.close(code, &reason, page);
            }
            Order::AutoPong(answers) => self.answers = answers,
        }
        Ok(())
    }

    fn send_bytes<S: AsyncRead + AsyncWrite>(&mut self, bytes: &[u8], page: &mut Page<S>) -> Result<(), String> {
        match bytes.split_first() {
            Some((&BYTES, bytes)) if bytes.len() <= MOST_MESSAGE => self.message(Opcode::Binary, bytes, page),
            Some((&BYTES, _)) => return Err(format!("bytes: more than {MOST_MESSAGE}")),
            Some(_) | None => return Err(format!("bytes: the first one has to be {BYTES}")),
        }
        Ok(())
    }

    fn message<S: AsyncRead + AsyncWrite>(&mut self, opcode: Opcode, payload: &[u8], page: &mut Page<S>) {
        let header = Header::new(opcode);
        let Some(deflater) = &mut self.deflater else { return self.frame(header, payload, page) };
        // Nothing is compressed that is not sent: the other side would miss it in its context.
        if self.closing.is_some() {
            return;
        }
        let mut compressed = Vec::new();
        deflater.message(payload, &mut compressed);
        if self.forgets {
            deflater.reset();
        }
        self.frame(header.compressed(), &compressed, page);
    }

    /// Sends a frame, and tells of it. After our Close there are none.
    fn frame<S: AsyncRead + AsyncWrite>(&mut self, header: Header, payload: &[u8], page: &mut Page<S>) {
        if self.closing.is_some() || self.out.dead {
            return;
        }
        let mut key = [0; 4];
        crate::random::fill(&mut key);
        let start = self.out.bytes.len();
        encode::frame(&mut self.out.bytes, header.masked(key), payload);
        let written = self.out.bytes.get(start..).unwrap_or_default();
        for frame in self.ours.all(written) {
            page.tell(&frame);
        }
    }

    /// Sends Close, unless it is sent.
    fn close<S: AsyncRead + AsyncWrite>(&mut self, code: Option<u16>, reason: &str, page: &mut Page<S>) {
        let mut payload = Vec::new();
        encode::close_payload(&mut payload, code, reason);
        self.frame(Header::new(Opcode::Close), &payload, page);
        self.closing.get_or_insert_with(|| Instant::now() + ANSWER);
    }

    /// Takes what has been read into `room`. Returns what ended the connection, if anything has.
    fn take<S: AsyncRead + AsyncWrite>(&mut self, read: io::Result<usize>, page: &mut Page<S>) -> Option<Told> {
        let n = match read {
            Ok(0) if self.room.is_empty() => return None,
            Ok(0) => return Some(lost(End::Eof, "the connection was ended without a Close frame (TCP FIN)")),
            Ok(n) => n,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Some(lost(
                    End::Eof,
                    "the connection was ended without a Close frame, and without TLS's own goodbye",
                ));
            }
            Err(error) => return Some(lost(End::Reset, &format!("the connection broke: {error}"))),
        };
        let mut room = std::mem::take(&mut self.room);
        let mut rest = room.get_mut(..n).unwrap_or_default();
        let mut ended = None;
        while !rest.is_empty() && ended.is_none() {
            // Up to the end of a frame at a time, so that a message follows the frame that ends it.
            let (taken, frame) = self.theirs.next(rest);
            if let Some(frame) = frame {
                page.tell(&frame);
            }
            let (now, later) = rest.split_at_mut_checked(taken).unwrap_or_default();
            ended = self.decode(now, page);
            rest = later;
        }
        self.room = room;
        ended
    }

    fn decode<S: AsyncRead + AsyncWrite>(&mut self, bytes: &mut [u8], page: &mut Page<S>) -> Option<Told> {
        let mut input = Input::new(bytes);
        loop {
            let message = match self.decoder.next(&RULES, &mut input, self.inflater.as_mut()) {
                Ok(Some(message)) => message,
                Ok(None) => return None,
                Err(violation) => return Some(self.violated(violation, page)),
            };
            match message {
                Message::Text(text) => page.tell(&Told::Message { text: text.to_owned() }),
                Message::Binary(bytes) => page.tell_bytes(bytes),
                Message::Ping(payload) if self.answers => {
                    let payload = payload.to_vec();
                    self.frame(Header::new(Opcode::Pong), &payload, page);
                }
                Message::Ping(_) | Message::Pong(_) => {}
                Message::Close(closing) => {
                    let said = closing.map(|closing| (closing.code, closing.reason.to_owned()));
                    return Some(self.closed(said, page));
                }
            }
        }
    }

    /// They have said Close; it is answered, if it is no answer.
    fn closed<S: AsyncRead + AsyncWrite>(&mut self, said: Option<(u16, String)>, page: &mut Page<S>) -> Told {
        let by = if self.closing.is_some() { Party::Client } else { Party::Server };
        self.close(said.as_ref().map(|(code, _)| *code), "", page);
        let (code, reason) = said.unwrap_or((1005, String::new()));
        let why = match by {
            Party::Client => "our Close was answered",
            Party::Server | Party::Relay => "the server said Close, and was answered",
        };
        Told::Closed { code, reason, was_clean: true, by, end: End::Close, why: why.to_owned() }
    }

    fn violated<S: AsyncRead + AsyncWrite>(&mut self, violation: Violation, page: &mut Page<S>) -> Told {
        self.close(Some(violation.code), violation.what, page);
        lost(
            End::Violation,
            &format!("the server broke the protocol, and was told Close {}: {}", violation.code, violation.what),
        )
    }

    /// The relay ends it by itself.
    fn give_up<S: AsyncRead + AsyncWrite>(&mut self, end: End, why: &str, page: &mut Page<S>) -> Told {
        self.close(Some(1001), "", page);
        let by = match end {
            End::Unanswered => Party::Server,
            End::BadOrder => Party::Client,
            End::Close
            | End::Eof
            | End::Reset
            | End::Violation
            | End::Stalled
            | End::Hour
            | End::SignedOut
            | End::Stopping => Party::Relay,
        };
        Told::Closed { code: 1006, reason: String::new(), was_clean: false, by, end, why: why.to_owned() }
    }

    /// Says the last words, and goes.
    pub(super) async fn finish(mut self) {
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

/// It has ended without our doing.
fn lost(end: End, why: &str) -> Told {
    let why = why.to_owned();
    Told::Closed { code: 1006, reason: String::new(), was_clean: false, by: Party::Server, end, why }
}
