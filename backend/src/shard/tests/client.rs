//! The other end of a connection: what takes the bytes, and what they say.

use std::cell::{Cell, RefCell};
use std::io::{self, IoSlice};
use std::rc::Rc;

use common::codec;
use common::id::UserId;
use common::server::ServerMsg;
use wire::deflate::Inflater;
use wire::{Decoder, Input, Message};

use super::super::Link;

/// A socket as the system has it: takes as many bytes as there is space for, and then would block.
#[derive(Debug, Clone)]
pub(super) struct Pipe(Rc<Inside>);

#[derive(Debug)]
struct Inside {
    space: Cell<usize>,
    broken: Cell<bool>,
    finished: Cell<bool>,
    /// Bytes that were not read, because the session did not want them.
    unread: Cell<bool>,
    writes: Cell<usize>,
    written: RefCell<Vec<u8>>,
}

impl Default for Pipe {
    fn default() -> Self {
        Self(Rc::new(Inside {
            space: Cell::new(usize::MAX),
            broken: Cell::default(),
            finished: Cell::default(),
            unread: Cell::default(),
            writes: Cell::default(),
            written: RefCell::default(),
        }))
    }
}

impl Pipe {
    /// From here on it takes so many bytes.
    pub(super) fn narrow(&self, space: usize) {
        self.0.space.set(space);
    }

    pub(super) fn widen(&self, bytes: usize) {
        self.0.space.set(self.0.space.get().saturating_add(bytes));
    }

    /// From here on every write fails.
    pub(super) fn breaks(&self) {
        self.0.broken.set(true);
    }

    pub(super) fn has_unread(&self, unread: bool) {
        self.0.unread.set(unread);
    }

    /// Whether it was said that nothing more comes.
    pub(super) fn is_finished(&self) -> bool {
        self.0.finished.get()
    }

    /// Whether the shard has let go of it.
    pub(super) fn is_dropped(&self) -> bool {
        Rc::strong_count(&self.0) == 1
    }

    /// How many bytes the client has not read.
    pub(super) fn waiting(&self) -> usize {
        self.0.written.borrow().len()
    }

    /// How many writes there were since this was last asked.
    pub(super) fn writes(&self) -> usize {
        self.0.writes.take()
    }
}

impl Link for Pipe {
    fn write(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let Inside { space, broken, finished, writes, written, .. } = &*self.0;
        assert!(!finished.get(), "nothing more was to come");
        assert!(slices.iter().any(|slice| !slice.is_empty()), "a write of nothing");
        if broken.get() {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        if space.get() == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let mut written = written.borrow_mut();
        let before = written.len();
        written.extend(slices.iter().flat_map(|slice| slice.iter()).take(space.get()));
        let took = written.len() - before;
        space.set(space.get() - took);
        writes.set(writes.get() + 1);
        Ok(took)
    }

    fn finish(&mut self) {
        self.0.finished.set(true);
    }

    fn has_unread(&self) -> bool {
        self.0.unread.get()
    }
}

/// A client: where its connection is, and what it has heard.
pub(super) struct Client {
    pub(super) shard: usize,
    pub(super) slot: u32,
    pub(super) user: UserId,
    pub(super) pipe: Pipe,
    decoder: Decoder,
    inflater: Option<Inflater>,
    /// Whether its connection has ended with a Close.
    closed: bool,
}

/// What a client was sent.
pub(super) enum Heard {
    Msg(Box<ServerMsg>),
    Binary(usize),
    Ping,
    Pong(String),
    Close(Option<(u16, String)>),
}

impl Heard {
    fn short(&self) -> String {
        match self {
            Self::Msg(msg) => short(msg),
            Self::Binary(bytes) => format!("binary:{bytes}"),
            Self::Ping => "ping".to_owned(),
            Self::Pong(payload) => format!("pong:{payload}"),
            Self::Close(None) => "close".to_owned(),
            Self::Close(Some((code, reason))) => format!("close:{code}:{reason}"),
        }
    }
}

impl Client {
    pub(super) fn new((shard, slot): (usize, u32), user: UserId, pipe: Pipe, inflates: bool) -> Self {
        let inflater = inflates.then(|| Inflater::new(15, true));
        Self { shard, slot, user, pipe, decoder: Decoder::default(), inflater, closed: false }
    }

    /// What has come since this was last asked.
    pub(super) fn receives(&mut self) -> Vec<Heard> {
        let mut bytes = self.pipe.0.written.take();
        let rules = wire::Rules { role: wire::Role::Client, max_message: 1 << 24, max_fragments: 1 };
        let mut input = Input::new(&mut bytes);
        let mut heard = Vec::new();
        loop {
            assert!(!self.closed || input.rest().is_empty(), "something comes behind the Close");
            let Some(message) = self.decoder.next(&rules, &mut input, self.inflater.as_mut()).unwrap() else { break };
            heard.push(match message {
                Message::Text(text) => Heard::Msg(Box::new(codec::decode_server(text).unwrap())),
                Message::Binary(bytes) => Heard::Binary(bytes.len()),
                Message::Ping(_) => Heard::Ping,
                Message::Pong(payload) => Heard::Pong(String::from_utf8(payload.to_vec()).unwrap()),
                Message::Close(closing) => {
                    self.closed = true;
                    Heard::Close(closing.map(|closing| (closing.code, closing.reason.to_owned())))
                }
            });
        }
        heard
    }

    /// What has come since this was last asked, one by one and in short: `#3` for event 3, `ack:3`, `close:1001:bye`.
    pub(super) fn takes(&mut self) -> Vec<String> {
        self.receives().iter().map(Heard::short).collect()
    }

    /// The same in one line.
    pub(super) fn hears(&mut self) -> String {
        self.takes().join(" ")
    }

    /// Whether everything that came could be decoded to its end.
    pub(super) fn is_whole(&self) -> bool {
        self.pipe.0.written.borrow().is_empty() && self.decoder.is_idle()
    }
}

fn short(msg: &ServerMsg) -> String {
    match msg {
        ServerMsg::Event(event) => format!("#{}", event.seq.0),
        ServerMsg::Reset { seq, .. } => format!("reset:{}", seq.0),
        ServerMsg::Lag { seq, .. } => format!("lag:{}", seq.0),
        ServerMsg::Error(refusal) => format!("error:{:?}", refusal.code),
        ServerMsg::Welcome { .. } => "welcome".to_owned(),
        ServerMsg::Ack { seq, .. } => format!("ack:{}", seq.0),
        ServerMsg::Room(_) => "room".to_owned(),
        ServerMsg::Left { .. } => "left".to_owned(),
        ServerMsg::Person(person) => format!("person:{}", person.name),
        ServerMsg::Pong { queued, .. } => format!("pong:{queued}"),
        ServerMsg::User(event) => format!("user:{}", event.seq),
        ServerMsg::Typing { people, .. } => {
            people.iter().fold("typing".to_owned(), |text, person| format!("{text}:{}", person.name))
        }
        ServerMsg::Presence { whole, here, .. } => format!("{}:{here}", if *whole { "all" } else { "here" }),
        ServerMsg::Unknown => "unknown".to_owned(),
    }
}

/// Events from one to another, as [`Client::hears`] has them.
pub(super) fn run(from: u64, to: u64) -> String {
    (from..=to).map(|seq| format!("#{seq}")).collect::<Vec<_>>().join(" ")
}
