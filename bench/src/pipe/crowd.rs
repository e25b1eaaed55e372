//! Connections to a pipe in one thread with one epoll, each following a [`Script`].

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddrV4};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use nix::sys::socket::{setsockopt, sockopt};
use wire::encode::{self, Header};
use wire::handshake::Request;
use wire::{Decoder, Input, Message, Opcode, Role, Rules};

use crate::load::place::{self, Share};
use crate::load::socket;

/// Longer than any message that the programs here are given.
const RULES: Rules = Rules { role: Role::Client, max_message: 64 << 20, max_fragments: 1 << 16 };

/// The sample key of RFC 6455: servers do not look at it.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// How long nothing may happen before a run is given up.
const STALLED: Duration = Duration::from_secs(15);

/// How often a script is asked what is due.
const TICK: Duration = Duration::from_millis(5);

/// Bytes that wait to be written, beyond which a script is not asked for more.
pub(crate) const FULL: usize = 256 * 1_024;

/// What connections do.
pub(crate) trait Script {
    /// How many connections there should be now. Those that are missing are begun.
    fn wanted(&mut self) -> usize;

    /// A connection is open.
    fn opened(&mut self, who: usize, out: &mut Out);

    /// Something was received.
    fn heard(&mut self, who: usize, message: &Message<'_>, out: &mut Out) -> anyhow::Result<()>;

    /// There is room for more to be written.
    fn more(&mut self, _who: usize, _out: &mut Out) {}

    /// A connection is gone, by whomever.
    fn ended(&mut self, who: usize);

    /// What time demands, for any of the open connections.
    fn due(&mut self, _crowd: &mut Crowd) {}

    /// Whether all is done.
    fn is_done(&self) -> bool;
}

/// What waits to be written on a connection.
#[derive(Debug, Default)]
pub(crate) struct Out {
    bytes: Vec<u8>,
    taken: usize,
    is_closed: bool,
}

impl Out {
    /// Adds a frame.
    pub(crate) fn frame(&mut self, opcode: Opcode, payload: &[u8]) {
        encode::frame(&mut self.bytes, Header::new(opcode).masked([0x37, 0xfa, 0x21, 0x3d]), payload);
    }

    /// Adds bytes that are frames already, or a part of one.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Adds a Close with 1000, once.
    pub(crate) fn close(&mut self) {
        if !std::mem::replace(&mut self.is_closed, true) {
            self.frame(Opcode::Close, &1000_u16.to_be_bytes());
        }
    }

    /// How much waits.
    pub(crate) const fn len(&self) -> usize {
        self.bytes.len() - self.taken
    }
}

/// How a connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// By RST.
    Reset,
    /// By FIN; what comes is still read.
    Fin,
    /// By a Close; what comes is still read.
    Close,
    /// In the middle of a frame.
    MidFrame,
}

#[derive(Debug)]
struct Conn {
    stream: TcpStream,
    /// The answer to the handshake, until it is whole.
    head: Option<Vec<u8>>,
    decoder: Decoder,
    out: Out,
    /// Nothing more is said.
    is_mute: bool,
}

/// What a run took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Took {
    /// From the first connection's begin to the end.
    pub(crate) time: Duration,
    /// The generator's share of its processor, 0 to 1.
    pub(crate) busy: f64,
}

/// The connections.
#[derive(Debug)]
pub(crate) struct Crowd {
    to: SocketAddrV4,
    poll: Poll,
    conns: Vec<Option<Conn>>,
    open: usize,
    buffer: Vec<u8>,
    /// Whether there was anything since it was last asked.
    is_moving: bool,
}

impl Crowd {
    /// Nobody is connected yet.
    ///
    /// # Errors
    /// When the system has nothing to wait with.
    pub(crate) fn new(to: SocketAddrV4) -> anyhow::Result<Self> {
        let buffer = vec![0; 256 * 1_024];
        Ok(Self { to, poll: Poll::new()?, conns: Vec::new(), open: 0, buffer, is_moving: false })
    }

    /// Follows a script to its end.
    ///
    /// # Errors
    /// When a handshake is refused, a frame is wrong, or nothing happens for too long.
    pub(crate) fn run(&mut self, script: &mut dyn Script) -> anyhow::Result<Took> {
        let (began, share) = (Instant::now(), place::own_share()?);
        let mut moved = began;
        let mut events = Events::with_capacity(1_024);
        while !script.is_done() {
            while self.open < script.wanted() {
                self.begin()?;
            }
            script.due(self);
            self.poll.poll(&mut events, Some(TICK))?;
            for event in &events {
                self.turn(event.token().0, script)?;
            }
            if std::mem::take(&mut self.is_moving) {
                moved = Instant::now();
            }
            ensure!(moved.elapsed() < STALLED, "nothing happens for {} s", STALLED.as_secs());
        }
        let time = began.elapsed();
        let Share { ran, .. } = place::own_share()?.since(share);
        Ok(Took { time, busy: ran as f64 / time.as_nanos() as f64 })
    }

    fn begin(&mut self) -> anyhow::Result<()> {
        let who = self.conns.len();
        let mut stream = socket::begin(self.to, who)?;
        self.poll.registry().register(&mut stream, Token(who), Interest::READABLE | Interest::WRITABLE)?;
        let mut out = Out::default();
        let host = self.to.to_string();
        out.raw(request(&host).text().context("a request that cannot be said")?.as_bytes());
        let conn = Conn { stream, head: Some(Vec::new()), decoder: Decoder::default(), out, is_mute: false };
        self.conns.push(Some(conn));
        self.open += 1;
        Ok(())
    }

    /// Those who are open.
    pub(crate) fn open(&self) -> impl Iterator<Item = usize> {
        let is_open = |conn: &Conn| conn.head.is_none();
        self.conns.iter().enumerate().filter(move |(_, conn)| conn.as_ref().is_some_and(is_open)).map(|(who, _)| who)
    }

    /// Cuts a connection. Whether it is gone at once.
    pub(crate) fn cut(&mut self, who: usize, how: Cut) -> bool {
        let Some(conn) = self.conns.get_mut(who).and_then(Option::as_mut) else { return true };
        self.is_moving = true;
        conn.is_mute = true;
        match how {
            Cut::Reset => {
                let now = nix::libc::linger { l_onoff: 1, l_linger: 0 };
                setsockopt(&conn.stream.as_fd(), sockopt::Linger, &now).ok();
            }
            Cut::Fin => {
                conn.out = Out { is_closed: true, ..Out::default() };
                conn.stream.shutdown(Shutdown::Write).ok();
                return false;
            }
            Cut::Close => {
                conn.out.close();
                conn.flush().ok();
                return false;
            }
            Cut::MidFrame => {
                conn.out.raw(&[0x81, 0x80 | 120, 1, 2, 3, 4, b'h', b'a', b'l', b'f']);
                conn.flush().ok();
            }
        }
        self.drop(who);
        true
    }

    fn drop(&mut self, who: usize) {
        if let Some(mut conn) = self.conns.get_mut(who).and_then(Option::take) {
            self.poll.registry().deregister(&mut conn.stream).ok();
            self.open -= 1;
        }
    }

    /// Does what can be done for a connection now.
    fn turn(&mut self, who: usize, script: &mut dyn Script) -> anyhow::Result<()> {
        let Some(conn) = self.conns.get_mut(who).and_then(Option::as_mut) else { return Ok(()) };
        self.is_moving = true;
        let mut is_alive = true;
        loop {
            is_alive = is_alive && conn.flush().is_ok();
            let read = match conn.stream.read(&mut self.buffer) {
                Ok(read) => read,
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected) => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_gone) => 0,
            };
            if read == 0 {
                is_alive = false;
                break;
            }
            let received = self.buffer.get_mut(..read).context("more was read than there is room for")?;
            conn.take(received, self.to, who, script)?;
            conn.refill(who, script);
        }
        if is_alive && conn.head.is_none() {
            conn.refill(who, script);
            is_alive = conn.flush().is_ok();
        }
        if !is_alive {
            self.drop(who);
            script.ended(who);
        }
        Ok(())
    }
}

impl Conn {
    /// Reads what was received.
    fn take(
        &mut self,
        received: &mut [u8],
        to: SocketAddrV4,
        who: usize,
        script: &mut dyn Script,
    ) -> anyhow::Result<()> {
        let mut rest;
        let mut input = match &mut self.head {
            None => Input::new(received),
            Some(head) => {
                head.extend_from_slice(received);
                let judged =
                    request(&to.to_string()).judge(head).map_err(|refused| anyhow::anyhow!("refused: {refused:?}"))?;
                let Some(accepted) = judged else { return Ok(()) };
                rest = head.split_off(accepted.size);
                self.head = None;
                script.opened(who, &mut self.out);
                Input::new(&mut rest)
            }
        };
        while let Some(message) = self.decoder.next(&RULES, &mut input, None).context("a frame is wrong")? {
            if matches!(message, Message::Close(_)) {
                self.out.close();
            }
            script.heard(who, &message, &mut self.out)?;
        }
        Ok(())
    }

    /// Asks the script for more as long as the system takes it.
    fn refill(&mut self, who: usize, script: &mut dyn Script) {
        while !self.is_mute && self.head.is_none() && self.out.len() < FULL {
            let before = self.out.len();
            script.more(who, &mut self.out);
            let nothing = self.out.len() == before;
            if nothing || self.flush().is_err() || self.out.len() > 0 {
                return;
            }
        }
    }

    /// Writes what the system takes.
    fn flush(&mut self) -> std::io::Result<()> {
        while let Some(waiting) = self.out.bytes.get(self.out.taken..).filter(|waiting| !waiting.is_empty()) {
            match self.stream.write(waiting) {
                Ok(written) => self.out.taken += written,
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.out.bytes.clear();
        self.out.taken = 0;
        Ok(())
    }
}

fn request(host: &str) -> Request<'_> {
    Request { host, target: "/", key: KEY, subprotocols: &[], deflate: None, headers: &[] }
}
